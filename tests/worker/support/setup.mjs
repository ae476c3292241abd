/**
 * What many tests need: people, a tenant to provision to, an application, and a job between them.
 */
import { query, scim, until } from "../../../scripts/lib/client.mjs";

/** A CSV file of people: `rows` are objects with the same members. */
export function csv(rows) {
  const names = Object.keys(rows[0]);
  const cell = (value = "") => (/[",\r\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : value);
  return [names, ...rows.map((row) => names.map((name) => row[name]))].map((cells) => `${cells.map(cell).join(",")}\n`).join("");
}

/**
 * `count` people as rows of a CSV file. The first manages everybody else of the first half and has no manager;
 * nobody manages or is managed in the second half.
 */
export function people(count, domain = "contoso.com") {
  return Array.from({ length: count }, (_, index) => ({
    userPrincipalName: `person${index}@${domain}`,
    displayName: `Person ${index}`,
    givenName: "Person",
    surname: `Number${index}`,
    department: index % 2 === 0 ? "Sales" : "Finance",
    employeeId: String(1_000 + index),
    manager: index > 0 && index < count / 2 ? `person0@${domain}` : "",
    accountEnabled: "true",
    groups: "Everybody",
  }));
}

/** How many of {@link people} have a manager. */
export const managedCount = (count) => Math.ceil(count / 2) - 1;

/** Posts a CSV file to a directory's import. */
export const upload = ({ api, workforceId }, file, parameters = "", type = "text/csv") =>
  api.post(`/directories/${workforceId}/import${parameters}`, file, { headers: { "content-type": type }, timeout: 120_000 });

/** Imports people, all of whom must go in, and gives the result. */
export async function importPeople(context, rows, parameters) {
  const { json } = (await upload(context, csv(rows), parameters)).expect(200);
  if (json.failed > 0 || json.errors.length > 0) throw new Error(`The import failed for ${json.failed} people: ${JSON.stringify(json.errors)}`);
  return json;
}

/** The one user or group that a filter finds. */
export async function findOne({ workforce }, endpoint, filter) {
  const { Resources, totalResults } = (await workforce.get(`/${endpoint}${query({ filter })}`)).expect(200).json;
  if (totalResults !== 1) throw new Error(`${filter} finds ${totalResults} ${endpoint}`);
  return Resources[0];
}

export const findUser = (context, userName) => findOne(context, "Users", `userName eq "${userName}"`);
export const findGroup = (context, displayName) => findOne(context, "Groups", `displayName eq "${displayName}"`);

const patchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/**
 * About imported `rows`, by their index: `idOf(index)`, and `member(index, op)`, which puts somebody into the group
 * Everybody (`add`) or takes them out.
 */
export function imported(context, rows) {
  const idOf = async (index) => (await findUser(context, rows[index].userPrincipalName)).id;
  const member = async (index, op) => {
    const { id } = await findGroup(context, "Everybody");
    const operation = op === "add" ? { op, path: "members", value: [{ value: await idOf(index) }] } : { op, path: `members[value eq "${await idOf(index)}"]` };
    return (await context.workforce.patch(`/Groups/${id}`, { schemas: [patchOp], Operations: [operation] })).expect(200);
  };
  return { idOf, member };
}

/** Changes settings of a job, given as `{name: value}`, and what else is in `rest`. */
export const changeSettings = ({ api }, job, values, rest = {}) =>
  api.patch(job.path, { ...rest, synchronizationJobSettings: Object.entries(values).map(([name, value]) => ({ name, value })) });

/** The settings of a job as `{name: value}`. */
export const settingsOf = async (job) => Object.fromEntries((await job.read()).synchronizationJobSettings.map(({ name, value }) => [name, value]));

/** A directory of an application that lets SCIM clients in, with a token. */
export async function tenant({ api }, { displayName = "Tenant", ...token } = {}) {
  const directory = (await api.post("/directories", { displayName, profile: "application", employeeProvisioningEnabled: true })).expect(201).json;
  const { id, secret } = (await api.post(`/directories/${directory.id}/tokens`, token)).expect(201).json;
  return { ...directory, path: `/directories/${directory.id}`, tokenId: id, token: secret, scim: scim(directory.scimUrl, secret) };
}

/** An application from the gallery; `role` is its role User. */
export async function application({ api }, name = "Peakon", displayName = name) {
  const found = (await api.get(`/applicationTemplates${query({ $search: `"${name}"` })}`)).expect(200).json.value;
  const template = found.find((each) => each.displayName === name);
  const { servicePrincipal } = (await api.post(`/applicationTemplates/${template.id}/instantiate`, { displayName })).expect(201).json;
  const role = servicePrincipal.appRoles.find((each) => each.displayName === "User").id;
  return { ...servicePrincipal, role, path: `/servicePrincipals/${servicePrincipal.id}` };
}

/** Assigns a user or group with the application's role. */
export const assign = ({ api }, app, principalId, appRoleId = app.role) => api.post(`${app.path}/appRoleAssignedTo`, { principalId, resourceId: app.id, appRoleId });

export const secretsOf = (entries) => ({ value: Object.entries(entries).map(([key, value]) => ({ key, value })) });

/** A synchronization job. */
export class Job {
  constructor(api, app, { id }) {
    this.api = api;
    this.app = app;
    this.id = id;
    this.path = `${app.path}/synchronization/jobs/${id}`;
    this.secretsPath = `${app.path}/synchronization/secrets`;
  }

  async read() {
    return (await this.api.get(this.path)).expect(200).json;
  }

  async save(secrets) {
    (await this.api.put(this.secretsPath, secretsOf(secrets))).expect(204);
  }

  /** Newest first. */
  async cycles() {
    return this.api.all(`${this.path}/cycles`);
  }

  /** Starts, and waits until a cycle has ended that had not before; gives it. */
  async run(options) {
    const before = (await this.cycles()).filter(({ state }) => state !== "running").map(({ id }) => id);
    (await this.api.post(`${this.path}/start`)).expect(204);
    return this.next(before, options);
  }

  /** Waits until a cycle that is not among `known` has ended; gives the first such. */
  async next(known, { limit = 60_000 } = {}) {
    const ended = async () => (await this.cycles()).findLast(({ id, state }) => !known.includes(id) && state !== "running");
    const describe = async () => JSON.stringify((await this.read()).status);
    return until("the end of the cycle", ended, { limit, describe });
  }

  /** The provisioning log of a cycle, newest first. */
  async log({ id }, ...conditions) {
    const filter = [`jobId eq '${this.id}'`, `cycleId eq '${id}'`, ...conditions].join(" and ");
    return this.api.all(`/auditLogs/provisioning${query({ $filter: filter, $top: 1000 })}`);
  }
}

/** Adds a job to an application; `secrets` are saved if given. */
export async function addJob({ api }, app, secrets) {
  const job = new Job(api, app, (await api.post(`${app.path}/synchronization/jobs`, {})).expect(201).json);
  if (secrets) await job.save(secrets);
  return job;
}

/** A job that provisions the group Everybody of {@link people} to a SCIM endpoint. */
export async function provisioning(context, { url, token, name = "Peakon" }) {
  const app = await application(context, name);
  const { id } = await findGroup(context, "Everybody");
  (await assign(context, app, id)).expect(201);
  return addJob(context, app, { BaseAddress: url, SecretToken: token });
}
