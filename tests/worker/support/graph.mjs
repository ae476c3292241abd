/**
 * A Microsoft Graph made for tests, from Microsoft's documentation of the client credentials flow with secrets and
 * with certificates, delta queries for users and groups, app role assignments and throttling; nothing of Rollcall's own code is in it. It listens
 * on a real port, keeps a tenant in memory, writes down every request, and can be told to fail.
 */
import { constants, createHash, randomUUID, verify } from "node:crypto";
import { after } from "node:test";
import { Listener } from "./listener.mjs";

/** The role of whoever is assigned without one. */
const defaultAccess = "00000000-0000-0000-0000-000000000000";
const week = 7 * 24 * 60 * 60 * 1000;
/** Properties that Graph reports only when they are selected; `id` is always there. */
const relations = { users: "manager", groups: "members" };

class GraphError extends Error {
  constructor(status, code, message, headers = {}) {
    super(message);
    this.answer = { status, headers, body: { error: { code, message, innerError: { date: new Date().toISOString(), "request-id": randomUUID() } } } };
  }
}

const refuse = (...reason) => {
  throw new GraphError(...reason);
};

export class Graph extends Listener {
  tenantId = "contoso.onmicrosoft.com";
  clientId = randomUUID();
  clientSecret = `graph-${randomUUID()}`;
  /** Certificates of the application, as `X509Certificate`. */
  certificates = [];
  /** Application permissions with admin consent. */
  permissions = new Set(["User.Read.All", "GroupMember.Read.All", "Application.Read.All"]);
  /** `{life: "live" | "bin" | "gone", properties, changed, related: Map(id → {present, changed})}` */
  users = new Map();
  groups = new Map();
  /** Service principals: id → `{appRoles, assigned}`, where `assigned` are `appRoleAssignment`s. */
  applications = new Map();
  /** Every request, in order of arrival: `{method, path, form, token, status}`. */
  requests = [];
  pageSize = 100;
  /** Memberships that one entry tells at most. */
  membersAPiece = 1000;
  tokenLifetime = 3599;
  /**
   * Decides about a request before it is served: gives nothing, or `{status, headers, body}` to answer with, or
   * `{drop: true}`: the connection breaks.
   * @type {(request: object) => object | undefined}
   */
  fault = () => undefined;
  /** May give a promise that a request waits for before it is served. */
  wait = () => undefined;
  /** The clock of delta tokens, so that a test can let days pass. */
  now = () => Date.now();

  #change = 0;
  #places = new Map();
  #access = new Map();
  #assertions = new Set();

  /** What an inlet that reads this tenant is created with. */
  get settings() {
    return {
      kind: "microsoftGraph",
      displayName: "Contoso",
      tenantId: this.tenantId,
      clientId: this.clientId,
      clientSecret: this.clientSecret,
      cloud: "custom",
      loginOrigin: this.origin,
      graphOrigin: this.origin,
    };
  }

  // The tenant.

  addUser(properties, { id = randomUUID(), manager } = {}) {
    this.users.set(id, { life: "live", properties: { accountEnabled: true, ...properties }, changed: ++this.#change, related: new Map() });
    if (manager) this.setManager(id, manager);
    return id;
  }

  addGroup(displayName, members = [], id = randomUUID()) {
    this.groups.set(id, { life: "live", properties: { displayName }, changed: ++this.#change, related: new Map() });
    for (const member of members) this.addMember(id, member);
    return id;
  }

  /** An enterprise application with roles: `[{id, value, displayName}]`. */
  addApplication(appRoles = [], id = randomUUID()) {
    this.applications.set(id, { appRoles: appRoles.map((role) => ({ isEnabled: true, allowedMemberTypes: ["User"], ...role })), assigned: [] });
    return id;
  }

  /** Assigns a person or group, or, with a type, anything else. */
  assign(application, principalId, appRoleId = defaultAccess, principalType = this.groups.has(principalId) ? "Group" : "User") {
    const assignment = { id: randomUUID(), createdDateTime: new Date().toISOString(), deletedDateTime: null, appRoleId, principalId, principalType, principalDisplayName: "", resourceId: application, resourceDisplayName: "" };
    this.applications.get(application).assigned.push(assignment);
  }

  unassign(application, principalId) {
    const found = this.applications.get(application);
    found.assigned = found.assigned.filter((assignment) => assignment.principalId !== principalId);
  }

  /** Sets properties; `null` clears one. */
  update(id, properties) {
    const object = this.#object(id);
    Object.assign(object.properties, properties);
    object.changed = ++this.#change;
  }

  setManager(id, manager) {
    const { related } = this.users.get(id);
    for (const [other, relation] of related) if (relation.present && other !== manager) related.set(other, { present: false, changed: ++this.#change });
    if (manager) related.set(manager, { present: true, changed: ++this.#change });
  }

  addMember(group, member) {
    this.groups.get(group).related.set(member, { present: true, changed: ++this.#change });
  }

  removeMember(group, member) {
    this.groups.get(group).related.set(member, { present: false, changed: ++this.#change });
  }

  /** Into the recycle bin, or, `permanently`, away for good. What referred to it does not any more. */
  delete(id, { permanently = false } = {}) {
    const object = this.#object(id);
    object.life = permanently ? "gone" : "bin";
    object.changed = ++this.#change;
    for (const { related } of [...this.users.values(), ...this.groups.values()]) {
      if (related.get(id)?.present) related.set(id, { present: false, changed: ++this.#change });
    }
  }

  restore(id) {
    const object = this.#object(id);
    object.life = "live";
    object.changed = ++this.#change;
  }

  /** No delta token that was given so far is known any more. */
  forgetDeltaTokens() {
    this.#places.clear();
  }

  /** No access token that was given so far is good any more. */
  expireAccessTokens() {
    this.#access.clear();
  }

  live(kind) {
    return [...this[kind]].filter(([, { life }]) => life === "live").map(([id, object]) => ({ id, ...object }));
  }

  /** Requests for a path: `graph.count(/users\/delta/)`. */
  count(pattern) {
    return this.requests.filter(({ path }) => pattern.test(path)).length;
  }

  forget() {
    this.requests = [];
  }

  #object(id) {
    return this.users.get(id) ?? this.groups.get(id);
  }

  // The protocol.

  async take(request, response, text) {
    const record = { method: request.method, path: request.url, body: text, headers: request.headers, at: Date.now() };
    this.requests.push(record);
    await this.wait(record);
    const fault = this.fault(record);
    if (fault?.drop) return request.socket.destroy();
    const answer = fault ?? this.#answer(record);
    record.status = answer.status;
    const body = typeof answer.body === "object" ? JSON.stringify(answer.body) : (answer.body ?? "");
    response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers }).end(body);
  }

  #answer(record) {
    try {
      return this.#serve(record);
    } catch (error) {
      if (error instanceof GraphError) return error.answer;
      return { status: 500, body: { error: { code: "generalException", message: error.stack } } };
    }
  }

  #serve(record) {
    const url = new URL(record.path, this.origin);
    if (url.pathname.endsWith("/oauth2/v2.0/token")) return this.#login(record, decodeURIComponent(url.pathname.split("/")[1]));
    if (record.method !== "GET") refuse(405, "Request_BadRequest", "Only GET is served here");
    const token = /^Bearer (.+)$/.exec(record.headers.authorization ?? "")?.[1];
    if (!((this.#access.get(token) ?? 0) > Date.now())) refuse(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.");
    const [, version, resource, ...rest] = url.pathname.split("/");
    if (version !== "v1.0") refuse(400, "BadRequest", `Invalid version: ${version}`);
    if (["users", "groups"].includes(resource) && rest.join("/") === "delta") return this.#delta(resource, url.searchParams);
    if (resource === "servicePrincipals" && rest.length === 1) return this.#servicePrincipal(rest[0]);
    if (resource === "servicePrincipals" && rest[1] === "appRoleAssignedTo") return this.#assignedTo(rest[0], url.searchParams);
    return refuse(400, "BadRequest", `Resource not found for the segment '${resource}'.`);
  }

  #login({ method, body, headers }, tenant) {
    const login = (status, error, description) => ({ status, body: { error, error_description: `${description}\r\nTrace ID: ${randomUUID()}`, error_codes: [] } });
    const form = new URLSearchParams(body);
    if (method !== "POST" || headers["content-type"] !== "application/x-www-form-urlencoded") return login(400, "invalid_request", "AADSTS900144: The request body must be form-encoded.");
    if (tenant !== this.tenantId) return login(400, "invalid_request", `AADSTS90002: Tenant '${tenant}' not found.`);
    if (form.get("grant_type") !== "client_credentials") return login(400, "unsupported_grant_type", "AADSTS70003: The grant type is not supported.");
    if (form.get("client_id") !== this.clientId) return login(400, "unauthorized_client", `AADSTS700016: Application with identifier '${form.get("client_id")}' was not found in the directory.`);
    const wrong = form.has("client_assertion") ? this.#distrust(form, `${this.origin}/${tenant}/oauth2/v2.0/token`) : form.get("client_secret") !== this.clientSecret && "AADSTS7000215: Invalid client secret provided.";
    if (wrong) return login(401, "invalid_client", wrong);
    if (form.get("scope") !== `${this.origin}/.default`) return login(400, "invalid_scope", `AADSTS70011: The scope ${form.get("scope")} is not valid.`);
    const token = `access-${randomUUID()}`;
    this.#access.set(token, Date.now() + this.tokenLifetime * 1000);
    return { status: 200, body: { token_type: "Bearer", expires_in: this.tokenLifetime, ext_expires_in: this.tokenLifetime, access_token: token } };
  }

  /** What is wrong with a client assertion (RFC 7523 section 3, and Microsoft's page about certificate credentials). */
  #distrust(form, audience) {
    if (form.get("client_assertion_type") !== "urn:ietf:params:oauth:client-assertion-type:jwt-bearer") return "AADSTS50027: The client assertion type is not supported.";
    if (form.has("client_secret")) return "AADSTS50027: Only one of client_secret and client_assertion may be given.";
    const parts = form.get("client_assertion").split(".");
    if (parts.length !== 3) return "AADSTS50027: JWT token is invalid or malformed.";
    const [header, claims] = parts.slice(0, 2).map((part) => JSON.parse(Buffer.from(part, "base64url")));
    if (header.alg !== "PS256" || header.typ !== "JWT") return "AADSTS50027: JWT token is invalid or malformed.";
    const thumbprint = ({ raw }) => createHash("sha256").update(raw).digest("base64url");
    const certificate = this.certificates.find((found) => thumbprint(found) === header["x5t#S256"]);
    if (!certificate) return `AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '${header["x5t#S256"]}']`;
    const key = { key: certificate.publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    if (!verify("sha256", Buffer.from(parts.slice(0, 2).join(".")), key, Buffer.from(parts[2], "base64url"))) return "AADSTS700027: Client assertion failed signature validation.";
    if (claims.iss !== this.clientId || claims.sub !== this.clientId) return "AADSTS700021: Client assertion application identifier doesn't match 'client_id' parameter.";
    if (claims.aud !== audience) return "AADSTS700023: Client assertion audience claim does not match Realm issuer.";
    const now = Date.now() / 1000;
    const expired = Date.parse(certificate.validTo) <= Date.now();
    if (expired || !(claims.nbf <= now && now < claims.exp && claims.exp - claims.nbf <= 600)) return "AADSTS700024: Client assertion is not within its valid time range.";
    if (!claims.jti || this.#assertions.has(claims.jti)) return "AADSTS50027: The assertion was used before.";
    this.#assertions.add(claims.jti);
    return undefined;
  }

  #permit(...names) {
    if (!names.some((name) => this.permissions.has(name))) refuse(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
  }

  #delta(kind, parameters) {
    if (kind === "users") this.#permit("User.Read.All", "Directory.Read.All");
    else this.#permit("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All");
    for (const name of ["$top", "$orderby", "$expand"]) if (parameters.has(name)) refuse(400, "Request_UnsupportedQuery", `${name} is not supported by delta queries`);
    const token = parameters.get("$skiptoken") ?? parameters.get("$deltatoken");
    if (token === "latest") return this.#page(kind, { select: this.#select(kind, parameters), until: this.#change, queue: [] });
    if (token === null) {
      const select = this.#select(kind, parameters);
      return this.#page(kind, { select, since: 0, until: this.#change, queue: this.#queue(kind, select, 0) });
    }
    const place = this.#places.get(token);
    if (!place || place.kind !== kind) refuse(410, "resyncRequired", "Resync required.", { location: `${this.origin}/v1.0/${kind}/delta?$deltatoken=` });
    if (this.now() - place.at > week) refuse(404, "syncStateNotFound", "The sync state is not found.");
    // A delta link begins a round; the queue of a next link is the rest of one.
    const { select } = place;
    if (place.queue) return this.#page(kind, place);
    return this.#page(kind, { select, since: place.until, until: this.#change, queue: this.#queue(kind, select, place.until) });
  }

  #select(kind, parameters) {
    const names = (parameters.get("$select") ?? "").split(",").filter(Boolean);
    if (names.length === 0) refuse(400, "Request_BadRequest", "This double wants $select");
    return new Set(names.filter((name) => name !== relations[kind]).concat(names.includes(relations[kind]) ? [relations[kind]] : []));
  }

  /** What is to be told: objects, and for each the relations that changed. */
  #queue(kind, select, since) {
    const queue = [];
    for (const [id, { life, changed, related }] of this[kind]) {
      const news = select.has(relations[kind]) ? [...related].filter(([, relation]) => relation.changed > since && (since > 0 || relation.present)).map(([other]) => other) : [];
      const told = changed > since && (since > 0 || life === "live");
      if (!told && news.length === 0) continue;
      for (let start = 0; start === 0 || start < news.length; start += this.membersAPiece) queue.push([id, news.slice(start, start + this.membersAPiece)]);
    }
    return queue;
  }

  #page(kind, { select, since, until, queue }) {
    const value = queue.slice(0, this.pageSize).map(([id, news]) => this.#entry(kind, id, news, select, since));
    const rest = queue.slice(this.pageSize);
    // Opaque, and no plain text: whoever takes the link apart and puts it together again loses the place.
    const token = `${randomUUID()}_~.+=/'`;
    this.#places.set(token, { kind, select, since, until, at: this.now(), ...(rest.length > 0 && { queue: rest }) });
    const link = (parameter) => `${this.origin}/v1.0/${kind}/delta?${parameter}=${encodeURIComponent(token)}`;
    const links = rest.length > 0 ? { "@odata.nextLink": link("$skiptoken") } : { "@odata.deltaLink": link("$deltatoken") };
    return { status: 200, body: { "@odata.context": `${this.origin}/v1.0/$metadata#${kind}`, ...links, value } };
  }

  #entry(kind, id, news, select, since) {
    const { life, properties, related } = this[kind].get(id);
    if (life !== "live") return { id, "@removed": { reason: life === "bin" ? "changed" : "deleted" } };
    const entry = { id };
    for (const [name, value] of Object.entries(properties)) if (select.has(name)) entry[name] = value;
    const listed = news
      .filter((other) => since > 0 || related.get(other).present)
      .map((other) => ({
        "@odata.type": this.groups.has(other) ? "#microsoft.graph.group" : "#microsoft.graph.user",
        id: other,
        ...(!related.get(other).present && { "@removed": { reason: "deleted" } }),
      }));
    if (listed.length > 0) entry[`${relations[kind]}@delta`] = listed;
    return entry;
  }

  #application(id) {
    this.#permit("Application.Read.All", "Directory.Read.All");
    return this.applications.get(id) ?? refuse(404, "Request_ResourceNotFound", `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`);
  }

  #servicePrincipal(id) {
    const { appRoles } = this.#application(id);
    return { status: 200, body: { "@odata.context": `${this.origin}/v1.0/$metadata#servicePrincipals(id,appRoles)/$entity`, id, appRoles } };
  }

  /** Pages of at most 999; an assignment goes with its person or group. */
  #assignedTo(id, parameters) {
    const { assigned } = this.#application(id);
    const live = assigned.filter(({ principalId, principalType }) => principalType === "ServicePrincipal" || this.#object(principalId)?.life === "live");
    const top = Number(parameters.get("$top") ?? 100);
    if (!(top >= 1 && top <= 999)) refuse(400, "Request_UnsupportedQuery", "Invalid page size specified.");
    const start = Number(parameters.get("$skiptoken") ?? 0);
    const end = start + Math.min(top, this.pageSize);
    const next = end < live.length && { "@odata.nextLink": `${this.origin}/v1.0/servicePrincipals/${id}/appRoleAssignedTo?$top=${top}&$skiptoken=${end}` };
    return { status: 200, body: { "@odata.context": `${this.origin}/v1.0/$metadata#appRoleAssignments`, ...next, value: live.slice(start, end) } };
  }
}

/** A Graph for one test file, closed after its last test. */
export async function useGraph() {
  const graph = await new Graph().listen();
  after(() => graph.close());
  return graph;
}
