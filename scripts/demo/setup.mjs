/**
 * Steps 2 to 7 of the demo: from the file to a job that can be started. Each checks what came of it and
 * gives a remark for its line.
 */
import { Problem, dim, say } from "../lib/log.mjs";
import { query, scim } from "../lib/client.mjs";
import { number } from "./cycle.mjs";
import { departmentGroup, isEnabled } from "./people.mjs";
import { peakon } from "./target.mjs";

/** An import of many people takes minutes. */
const importLimit = 10 * 60_000;

function requireEqual(what, found, wanted) {
  if (found !== wanted) throw new Problem(`${what}: ${found} instead of ${wanted}`);
}

/** Imports a CSV file into the workforce directory. */
export async function upload(api, workforce, csv) {
  const { json } = (await api.post(`/directories/${workforce.id}/import`, csv, { headers: { "content-type": "text/csv" }, timeout: importLimit })).expect(200);
  if (json.errors.length > 0) {
    const [first] = json.errors;
    throw new Problem(`The import found ${json.errors.length} errors, the first in line ${first.line}, column ${first.column}: ${first.message}`);
  }
  return json;
}

export async function importPeople(api, workforce, csv, people) {
  const result = await upload(api, workforce, csv);
  requireEqual("People created by the import", result.created, people.length);
  const directory = (await api.get(`/directories/${workforce.id}`)).expect(200).json;
  requireEqual("People in the workforce directory", directory.userCount, people.length);
  const disabled = people.filter((person) => !isEnabled(person)).length;
  return { remark: `${number(result.created)} people, ${number(disabled)} of them disabled; ${number(directory.groupCount)} groups` };
}

/** As Peakon's administrator: a tenant with employee provisioning, a token for it, and one attribute of its own. */
export async function createTenant(api) {
  const tenant = (await api.post("/directories", { displayName: "Contoso surveys", profile: "application", employeeProvisioningEnabled: true })).expect(201).json;
  const token = (await api.post(`/directories/${tenant.id}/tokens`, { label: "Provisioning" })).expect(201).json;
  (await api.post(`/directories/${tenant.id}/attributes`, { name: "Business Unit", type: "option" })).expect(201);
  const endpoint = scim(tenant.scimUrl, token.secret);
  requireEqual("Accounts in the new tenant", (await endpoint.get("/Users?count=1")).expect(200).json.totalResults, 0);
  return { id: tenant.id, url: tenant.scimUrl, secret: token.secret, scim: endpoint, remark: tenant.scimUrl };
}

export async function addApplication(api) {
  const found = (await api.get(`/applicationTemplates${query({ $search: '"peak"' })}`)).expect(200).json.value;
  const template = found.find(({ displayName }) => displayName === "Peakon");
  if (!template) throw new Problem(`The gallery has no Peakon among ${found.map(({ displayName }) => displayName).join(", ") || "nothing"}`);
  const { servicePrincipal } = (await api.post(`/applicationTemplates/${template.id}/instantiate`, { displayName: "Peakon" })).expect(201).json;
  const listed = await api.all("/servicePrincipals");
  if (!listed.some(({ id }) => id === servicePrincipal.id)) throw new Problem("Peakon is not among the enterprise applications");
  const role = servicePrincipal.appRoles.find(({ displayName }) => displayName === "User");
  if (!role) throw new Problem("Peakon has no role User to assign");
  return { id: servicePrincipal.id, role: role.id };
}

/** The groups of the workforce directory, name → id. */
export async function groupIds(workforce) {
  const { json } = (await workforce.scim.get("/Groups?count=1000&excludedAttributes=members")).expect(200);
  return new Map(json.Resources.map(({ id, displayName }) => [displayName, id]));
}

/** The id of a person in the workforce directory. */
export async function personId(workforce, userName) {
  const { Resources } = (await workforce.scim.get(`/Users${query({ filter: `userName eq "${userName}"`, attributes: "id" })}`)).expect(200).json;
  if (Resources.length !== 1) throw new Problem(`${Resources.length} people are called ${userName}`);
  return Resources[0].id;
}

/** One person first, as one does to see whether it works; then everybody through the groups of the departments. */
export async function assign(api, workforce, application, people) {
  const path = `/servicePrincipals/${application.id}/appRoleAssignedTo`;
  const add = (principalId) => api.post(path, { principalId, resourceId: application.id, appRoleId: application.role });
  const first = people.find(isEnabled);
  const { principalType } = (await add(await personId(workforce, first.userPrincipalName))).expect(201).json;
  requireEqual("Type of the first assignment", principalType, "User");
  const ids = await groupIds(workforce);
  const groups = new Set(people.map(departmentGroup));
  for (const name of groups) {
    if (!ids.has(name)) throw new Problem(`There is no group ${name}`);
    (await add(ids.get(name))).expect(201);
  }
  requireEqual("Assignments", (await api.all(path)).length, groups.size + 1);
  return { remark: `${first.displayName}, and ${groups.size} groups` };
}

/** A job for the application; a wrong token is refused with a message, the right one works, the set is saved. */
export async function connect(api, application, tenant) {
  const synchronization = `/servicePrincipals/${application.id}/synchronization`;
  const { id } = (await api.post(`${synchronization}/jobs`, {})).expect(201).json;
  const path = `${synchronization}/jobs/${id}`;
  const test = (token) =>
    api.post(`${path}/validateCredentials`, {
      credentials: [
        { key: "BaseAddress", value: tenant.url },
        { key: "SecretToken", value: token },
      ],
    });
  const refused = (await test(`${tenant.secret.slice(0, -4)}nope`)).expect(400).json.error;
  requireEqual("Code for a wrong token", refused.code, "InvalidCredentials");
  (await test(tenant.secret)).expect(204);
  const secrets = [
    { key: "BaseAddress", value: tenant.url },
    { key: "SecretToken", value: tenant.secret },
    { key: "SyncAll", value: "False" },
  ];
  (await api.put(`${synchronization}/secrets`, { value: secrets })).expect(204);
  const saved = (await api.get(`${synchronization}/secrets`)).expect(200);
  if (saved.text.includes(tenant.secret)) throw new Problem("The saved token can be read back");
  return { id, path, api, remark: `a wrong token says: ${refused.message}` };
}

const label = (mapping) => `${mapping.source?.expression ?? `"${mapping.defaultValue}"`} → ${mapping.targetAttributeName}${mapping.matchingPriority > 0 ? " (matching)" : ""}`;

/** Adds the tenant's own attribute to the mappings of people. */
export async function addMapping({ api, path }) {
  const schema = (await api.get(`${path}/schema`)).expect(200).json;
  const people = schema.synchronizationRules[0].objectMappings.find(({ sourceObjectName }) => sourceObjectName === "User");
  const mappings = people.attributeMappings;
  for (const mapping of mappings) say(dim(`      ${label(mapping)}`));
  const own = { targetAttributeName: `${peakon}:Business Unit`, flowType: "Always", source: { expression: "[extension_businessUnit]" } };
  people.attributeMappings = [...mappings, own];
  (await api.put(`${path}/schema`, schema)).expect(204);
  const after = (await api.get(`${path}/schema`)).expect(200).json;
  const saved = after.synchronizationRules[0].objectMappings.find(({ sourceObjectName }) => sourceObjectName === "User").attributeMappings;
  requireEqual("Mappings after saving", saved.length, mappings.length + 1);
  return { remark: `${mappings.length} of the template, and ${label(own)}` };
}
