/**
 * A SCIM target made for tests, from RFC 7643, RFC 7644 and the requests that Entra is documented to send;
 * nothing of Rollcall's own code is in it. It listens on a real port, keeps users in memory, writes down every
 * request, is strict about what it accepts, and can be told to fail.
 */
import { randomUUID } from "node:crypto";
import { after } from "node:test";
import { Listener } from "./listener.mjs";

const core = "urn:ietf:params:scim:schemas:core:2.0:User";
export const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const patchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const listResponse = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const bulkRequest = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const bulkResponse = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
const errorUrn = "urn:ietf:params:scim:api:messages:2.0:Error";

/** An answer that is an error. */
class ScimError extends Error {
  constructor(status, detail, scimType) {
    super(detail);
    this.answer = { status, body: { schemas: [errorUrn], status: String(status), detail, ...(scimType && { scimType }) } };
  }
}

const refuse = (status, detail, scimType) => {
  throw new ScimError(status, detail, scimType);
};

/** Splits `urn:…:User:department` or `name.givenName` into the names to go down. */
function steps(path) {
  const urn = /^(urn:.+:User)(?::(.+))?$/.exec(path);
  if (urn) return [urn[1], ...(urn[2]?.split(".") ?? [])];
  if (!/^[A-Za-z$][\w$-]*(\.[A-Za-z$][\w$-]*)?$/.test(path)) refuse(400, `${path} is not a path of this target`, "invalidPath");
  return path.split(".");
}

/** What a user must look like. */
function check(user, booleans) {
  if (typeof user.userName !== "string" || !user.userName) refuse(400, "userName is required", "invalidValue");
  if (user.active !== undefined && typeof user.active !== booleans) refuse(400, `active must be a ${booleans}`, "invalidValue");
  const manager = user[enterprise]?.manager;
  if (manager !== undefined && typeof manager?.value !== "string") refuse(400, "manager must be an object with a value", "invalidValue");
  for (const urn of Object.keys(user).filter((name) => name.startsWith("urn:"))) {
    if (!user.schemas.includes(urn)) refuse(400, `schemas does not list ${urn}`, "invalidSyntax");
  }
}

function apply(user, { op, path, value }) {
  if (!["add", "replace", "remove"].includes(op?.toLowerCase())) refuse(400, `${op} is no operation`, "invalidSyntax");
  if (!path) return Object.assign(user, value);
  const names = steps(path);
  const last = names.pop();
  let holder = user;
  for (const name of names) holder = holder[name] ??= {};
  if (op.toLowerCase() === "remove") delete holder[last];
  else holder[last] = value;
  if (names[0]?.startsWith("urn:") && !user.schemas.includes(names[0])) user.schemas.push(names[0]);
}

export class Target extends Listener {
  users = new Map();
  /** Every request, in order of arrival: `{method, path, filter, body, status, at, token}`. */
  requests = [];
  token = `target-${randomUUID()}`;
  /**
   * Decides about a request before it is served. Gives nothing, or `{status, headers, body}` to answer with, or
   * `{drop: "before"}` or `{drop: "after"}`: the connection breaks, without or with the request's effect, or
   * `{hang: true}`: no answer.
   * @type {(request: object) => object | undefined}
   */
  fault = () => undefined;
  /** Its dialect: the media type of bodies, the type of booleans, and the method of changes. */
  mediaType = "application/scim+json";
  booleans = "boolean";
  changes = "PATCH";
  /** Whether an `Authorization` header lets a request in. */
  accepts = (header) => header === `Bearer ${this.token}`;
  /** Decides about an operation of a Bulk request: gives nothing, or `{status, body}` to answer it with. */
  operationFault = () => undefined;
  /** What it offers as Bulk: `{maxOperations, maxPayloadSize}`; without it there is no such endpoint. */
  bulk = undefined;
  /** The `maxResults` that it tells; without it, or Bulk, there is no ServiceProviderConfig. */
  maxResults = undefined;
  /** Resources of a list at most, whatever is asked for. */
  page = Infinity;
  /** Whether it gives as many as it is asked for. */
  obeysCount = true;
  /** May give a promise that a request waits for before it is served. */
  wait = () => undefined;

  get url() {
    return `${this.origin}/scim/v2`;
  }

  /** Puts a user in as if somebody else had. */
  add(user) {
    const id = randomUUID();
    const now = new Date().toISOString();
    this.users.set(id, { schemas: [core], ...user, id, meta: { resourceType: "User", created: now, lastModified: now } });
    return id;
  }

  named(userName) {
    return [...this.users.values()].filter((user) => user.userName.toLowerCase() === userName.toLowerCase());
  }

  /** Requests that match: `target.count("POST")`, `target.count("GET", /filter=/)`. */
  count(method, pattern = /./) {
    return this.requests.filter((request) => request.method === method && pattern.test(request.path)).length;
  }

  get writes() {
    return this.requests.filter(({ method }) => method !== "GET");
  }

  forget() {
    this.requests = [];
  }

  async take(request, response, text) {
    const record = { method: request.method, path: request.url, body: text && JSON.parse(text), headers: request.headers, at: Date.now() };
    this.requests.push(record);
    await this.wait(record);
    const fault = this.fault(record);
    if (fault?.hang) return;
    if (fault?.drop === "before") return request.socket.destroy();
    const answer = fault?.status ? fault : this.#answer(record);
    record.status = fault?.drop ? 0 : answer.status;
    if (fault?.drop) return request.socket.destroy();
    const body = typeof answer.body === "object" ? JSON.stringify(answer.body) : (answer.body ?? "");
    response.writeHead(answer.status, { "content-type": "application/scim+json", ...answer.headers }).end(body);
  }

  #answer(request) {
    try {
      return this.#serve(request);
    } catch (error) {
      if (error instanceof ScimError) return error.answer;
      return { status: 500, body: { schemas: [errorUrn], status: "500", detail: error.stack } };
    }
  }

  #serve({ method, path, body, headers }) {
    if (!this.accepts(headers.authorization)) refuse(401, "The token is not the one of this target");
    if (body && !headers["content-type"]?.startsWith(this.mediaType)) refuse(415, `The body must be ${this.mediaType}`);
    const url = new URL(path, this.url);
    if (url.pathname === "/scim/v2/ServiceProviderConfig" && (this.bulk || this.maxResults)) return { status: 200, body: { patch: { supported: true }, bulk: { supported: Boolean(this.bulk), ...this.bulk }, filter: { supported: true, maxResults: this.maxResults ?? 200 } } };
    if (url.pathname === "/scim/v2/Bulk" && this.bulk && method === "POST") return this.#bulk(body, headers);
    const [, id] = /^\/scim\/v2\/Users(?:\/([^/]+))?$/.exec(url.pathname) ?? refuse(404, `There is no ${url.pathname} here`);
    if (!id && method === "GET") return this.#search(url.searchParams);
    if (!id && method === "POST") return this.#create(body);
    const user = this.users.get(decodeURIComponent(id ?? "")) ?? refuse(404, "There is no such user");
    if (method === "GET") return { status: 200, body: user };
    if (method === "PATCH" && method === this.changes) return this.#patch(user, body);
    if (method === "PUT" && method === this.changes) return this.#put(user, body);
    if (method === "DELETE") return this.users.delete(user.id) && { status: 204 };
    return refuse(405, `${method} is not supported`);
  }

  /** Operations one after the other, each answered as it would be alone, without the resources. */
  #bulk(body, headers) {
    if (!body.schemas?.includes(bulkRequest)) refuse(400, "This is not a BulkRequest", "invalidSyntax");
    if (body.Operations.length > this.bulk.maxOperations || JSON.stringify(body).length > this.bulk.maxPayloadSize) refuse(413, "Too much");
    const Operations = body.Operations.map((operation) => {
      const { method, path, bulkId, data } = operation;
      const answer = this.operationFault(operation) ?? this.#answer({ method, path: `/scim/v2${path}`, body: data, headers });
      const location = answer.headers?.location ?? (method === "POST" ? undefined : `${this.url}${path}`);
      return { method, bulkId, status: String(answer.status), location, ...(answer.status >= 400 && { response: answer.body }) };
    });
    return { status: 200, body: { schemas: [bulkResponse], Operations } };
  }

  #search(parameters) {
    const filter = parameters.get("filter");
    const conditions = filter?.split(" or ").map((condition) => {
      const [, name, value] = /^(userName|externalId|id) eq "((?:[^"\\]|\\.)*)"$/.exec(condition) ?? refuse(400, `${filter} is not supported`, "invalidFilter");
      return [name, JSON.parse(`"${value}"`).toLowerCase()];
    });
    const fits = (user) => !conditions || conditions.some(([name, wanted]) => user[name]?.toLowerCase() === wanted);
    const found = [...this.users.values()].filter(fits);
    const count = this.obeysCount && parameters.has("count") ? Number(parameters.get("count")) : Infinity;
    const Resources = found.slice(0, Math.min(count, this.page));
    return { status: 200, body: { schemas: [listResponse], totalResults: found.length, startIndex: 1, itemsPerPage: Resources.length, Resources } };
  }

  #create(body) {
    if (!body.schemas?.includes(core)) refuse(400, `schemas does not list ${core}`, "invalidSyntax");
    check(body, this.booleans);
    if (this.named(body.userName).length > 0) refuse(409, `There is a user ${body.userName}`, "uniqueness");
    const user = this.users.get(this.add(body));
    return { status: 201, headers: { location: `${this.url}/Users/${user.id}` }, body: user };
  }

  /** What the body does not say is gone. */
  #put(user, { meta, ...body }) {
    if (meta) refuse(400, "meta is read-only", "mutability");
    if (body.id !== user.id) refuse(400, "id is another one", "mutability");
    check(body, this.booleans);
    this.users.set(user.id, { ...body, meta: user.meta });
    return { status: 200, body: this.users.get(user.id) };
  }

  /** All operations or none. */
  #patch(user, body) {
    if (!body.schemas?.includes(patchOp) || !Array.isArray(body.Operations)) refuse(400, "This is not a PatchOp", "invalidSyntax");
    const changed = structuredClone(user);
    for (const operation of body.Operations) apply(changed, operation);
    check(changed, this.booleans);
    const manager = changed[enterprise]?.manager?.value;
    if (manager && !this.users.has(manager)) refuse(400, `There is no manager ${manager}`, "invalidValue");
    changed.meta.lastModified = new Date().toISOString();
    this.users.set(user.id, changed);
    return { status: 200, body: changed };
  }
}

/** A target that listens until the last test of the file is over. */
export async function useTarget() {
  const target = await new Target().listen();
  after(() => target.close());
  return target;
}
