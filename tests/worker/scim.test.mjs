/** The SCIM endpoint as a target, reached with a token: what RFC 7644 and Entra's requests need. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { query } from "../../scripts/lib/client.mjs";
import { useServer } from "./support/server.mjs";
import { tenant } from "./support/setup.mjs";

const context = useServer({ prepare });
const core = "urn:ietf:params:scim:schemas:core:2.0";
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const messages = "urn:ietf:params:scim:api:messages:2.0";
let scim;

async function prepare() {
  ({ scim } = await tenant(context));
}

let next = 0;
/** The body that Entra posts. */
const entraUser = (userName = `user${next++}@contoso.com`) => ({
  schemas: [`${core}:User`, enterprise],
  externalId: randomUUID(),
  userName,
  active: true,
  emails: [{ primary: true, type: "work", value: userName }],
  meta: { resourceType: "User" },
  name: { formatted: "Ada Lovelace", familyName: "Lovelace", givenName: "Ada" },
  roles: [],
});
const create = async (user = entraUser()) => (await scim.post("/Users", user)).expect(201).json;
const createGroup = async (displayName = `Group ${next++}`) => (await scim.post("/Groups", { schemas: [`${core}:Group`, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"], externalId: randomUUID(), displayName, meta: { resourceType: "Group" } })).expect(201).json;
const read = async ({ id }, endpoint = "Users") => (await scim.get(`/${endpoint}/${id}`)).expect(200).json;
const patch = (resource, Operations, endpoint = "Users") => scim.patch(`/${endpoint}/${resource.id}`, { schemas: [`${messages}:PatchOp`], Operations });
const patched = async (user, ...operations) => {
  const answer = await patch(user, operations);
  assert.ok([200, 204].includes(answer.status), `${answer.status} ${answer.text}`);
  return read(user);
};
const find = async (filter) => (await scim.get(`/Users${query({ filter })}`)).expect(200).json;

/** An error in the form of RFC 7644, section 3.12. */
function isError(answer, status, scimType) {
  assert.equal(answer.status, status, answer.text);
  assert.deepEqual([answer.json.schemas, answer.json.status, answer.json.scimType], [[`${messages}:Error`], String(status), scimType]);
  assert.ok(answer.json.detail, answer.text);
  assert.match(answer.headers.get("content-type"), /^application\/scim\+json/);
}

test("a filter for an id that nobody has gives an empty list", async () => {
  const answer = await scim.get(`/Users?filter=userName+eq+%22${randomUUID()}%22`);
  assert.equal(answer.status, 200);
  assert.deepEqual([answer.json.schemas, answer.json.totalResults, answer.json.Resources], [[`${messages}:ListResponse`], 0, []]);
});

test("create, find in any case, read, delete twice", async () => {
  const body = entraUser();
  const answer = (await scim.post("/Users", body)).expect(201);
  const user = answer.json;
  assert.equal(answer.headers.get("location"), user.meta.location);
  assert.equal(user.meta.resourceType, "User");
  for (const filter of [`userName eq "${body.userName.toUpperCase()}"`, `externalId eq "${body.externalId}"`, `emails[type eq "work"].value eq "${body.userName}"`]) {
    const found = await find(filter);
    assert.deepEqual(found.Resources.map(({ id }) => id), [user.id], filter);
  }
  const { emails, name, active } = await read(user);
  assert.deepEqual([emails[0].value, name.familyName, active], [body.userName, "Lovelace", true]);
  assert.equal((await scim.delete(`/Users/${user.id}`)).status, 204);
  isError(await scim.delete(`/Users/${user.id}`), 404);
  isError(await scim.get(`/Users/${user.id}`), 404);
});

test("the same userName twice is 409 uniqueness, in any case, also for somebody inactive", async () => {
  const user = await create();
  await patched(user, { op: "replace", path: "active", value: false });
  isError(await scim.post("/Users", entraUser(user.userName.toUpperCase())), 409, "uniqueness");
  assert.equal((await find(`userName eq "${user.userName}"`)).totalResults, 1);
});

test("Entra's nulls, strings for booleans and unlisted extensions are taken", async () => {
  const extension = "urn:ietf:params:scim:schemas:extension:peakon:2.0:User";
  const user = await create({ ...entraUser(), active: "True", title: null, addresses: null, phoneNumbers: null, [enterprise]: { manager: null }, [extension]: {} });
  assert.equal(user.active, true);
  assert.equal(user.title, undefined);
});

test('"False" as text really disables, and a disabled person is still found', async () => {
  const user = await create();
  assert.equal((await patched(user, { op: "Replace", path: "active", value: "False" })).active, false);
  assert.equal((await find(`userName eq "${user.userName}"`)).Resources[0].active, false);
  assert.equal((await find(`userName eq "${user.userName}" and active eq "False"`)).totalResults, 1);
  assert.equal((await patched(user, { op: "Replace", path: "active", value: "True" })).active, true);
});

test("a PATCH without a path, with dotted and prefixed keys", async () => {
  const user = await create();
  const value = { displayName: "Ada", "name.givenName": "Augusta", [`${enterprise}:employeeNumber`]: "7" };
  const after = await patched(user, { op: "replace", value });
  assert.deepEqual([after.displayName, after.name.givenName, after.name.familyName, after[enterprise].employeeNumber], ["Ada", "Augusta", "Lovelace", "7"]);
});

test("a typed element that is missing is made", async () => {
  const user = await create();
  const after = await patched(user, { op: "Add", path: 'phoneNumbers[type eq "mobile"].value', value: "+1 206 555 0100" }, { op: "Replace", path: 'emails[type eq "work"].value', value: "new@contoso.com" });
  assert.deepEqual(after.phoneNumbers.map(({ type, value }) => [type, value]), [["mobile", "+1 206 555 0100"]]);
  assert.equal(after.emails[0].value, "new@contoso.com");
});

test("a manager is taken in every form, and given as an object", async () => {
  const [boss, user] = [await create(), await create()];
  const path = `${enterprise}:manager`;
  const operations = [{ op: "Add", path, value: boss.id }, { op: "Replace", path, value: { value: boss.id } }, { op: "Add", path: "manager", value: [{ $ref: null, value: boss.id }] }, { op: "replace", value: { [path]: boss.id } }];
  for (const operation of operations) {
    assert.equal((await patched(user, operation))[enterprise].manager.value, boss.id, JSON.stringify(operation));
    assert.equal((await patched(user, { op: "Remove", path }))[enterprise]?.manager, undefined);
  }
});

test("members are added, and one of three is removed, in Entra's form and the RFC's", async () => {
  const users = [await create(), await create(), await create()];
  const group = await createGroup();
  const members = async () => ((await read(group, "Groups")).members ?? []).map(({ value }) => value).sort();
  const change = async (...operations) => assert.ok([200, 204].includes((await patch(group, operations, "Groups")).status));
  await change({ op: "Add", path: "members", value: users.map(({ id }) => ({ $ref: null, value: id })) });
  assert.deepEqual(await members(), users.map(({ id }) => id).sort());
  await change({ op: "Remove", path: "members", value: [{ $ref: null, value: users[0].id }] });
  assert.deepEqual(await members(), [users[1].id, users[2].id].sort());
  await change({ op: "remove", path: `members[value eq "${users[1].id}"]` });
  assert.deepEqual(await members(), [users[2].id]);
  assert.deepEqual((await read(users[2])).groups.map(({ value }) => value), [group.id]);
  (await scim.delete(`/Users/${users[2].id}`)).expect(204);
  assert.deepEqual(await members(), [], "a member who is gone");
});

test("a group is found by its name, without its members when they are excluded", async () => {
  const [user, group] = [await create(), await createGroup()];
  await patch(group, [{ op: "Add", path: "members", value: [{ value: user.id }] }], "Groups");
  const found = (await scim.get(`/Groups${query({ excludedAttributes: "members", filter: `displayName eq "${group.displayName}"` })}`)).expect(200).json.Resources;
  assert.deepEqual(found.map(({ id, members }) => [id, members]), [[group.id, undefined]]);
  assert.equal((await scim.get(`/Groups/${group.id}?excludedAttributes=members`)).json.members, undefined);
  assert.equal((await read(group, "Groups")).members.length, 1);
});

test("lists are paged; beyond the end there is an empty page with the right total", async () => {
  for (let count = 0; count < 5; count++) await create();
  const total = (await scim.get("/Users?count=0")).expect(200).json.totalResults;
  const ids = [];
  for (let start = 1; start <= total; start += 2) ids.push(...(await scim.get(`/Users?startIndex=${start}&count=2`)).json.Resources.map(({ id }) => id));
  assert.equal(new Set(ids).size, total);
  const beyond = (await scim.get(`/Users?startIndex=${total + 1}`)).expect(200).json;
  assert.deepEqual([beyond.totalResults, beyond.Resources], [total, []]);
});

test("a page may begin and end anywhere: numbers of any length are lowered, not cut", async () => {
  const total = (await scim.get("/Users?count=0")).expect(200).json.totalResults;
  const page = async (parameters) => {
    const { startIndex, Resources, totalResults } = (await scim.get(`/Users?${parameters}`)).expect(200).json;
    return [startIndex, Resources.length, totalResults];
  };
  const all = Math.min(total, 1_000);
  for (const count of ["4294967297", "4294967296", "9223372036854775807", "9".repeat(40)]) assert.deepEqual(await page(`count=${count}`), [1, all, total], count);
  for (const count of ["-1", `-${"9".repeat(40)}`]) assert.deepEqual(await page(`count=${count}`), [1, 0, total], count);
  // The last number that 32 bits have with a sign.
  const last = 2 ** 31 - 1;
  for (const start of ["4294967297", "4294967296", "2147483648", "9223372036854775807", "9".repeat(40)]) {
    for (const sort of ["", "&sortBy=userName", "&sortBy=title"]) assert.deepEqual(await page(`startIndex=${start}${sort}`), [last, 0, total], start + sort);
  }
  isError(await scim.get("/Users?count=many"), 400, "invalidValue");
});

test("HEAD answers what GET does, without the body", async () => {
  const user = await create();
  for (const [path, expected] of [[`/Users/${user.id}`, 200], [`/Users/${randomUUID()}`, 404], ["/Users?count=1", 200], ["/Users?count=many", 400], ["/ServiceProviderConfig", 200], ["/Nothing", 404]]) {
    const [get, head] = [await scim.get(path), await scim.send("HEAD", path)];
    assert.deepEqual([get.status, head.status, head.text], [expected, expected, ""], path);
    for (const header of ["content-type", "etag", "location"]) assert.equal(head.headers.get(header), get.headers.get(header), `${header} of ${path}`);
  }
  const unchanged = await scim.send("HEAD", `/Users/${user.id}?excludedAttributes=groups`, { headers: { "if-none-match": user.meta.version } });
  assert.equal(unchanged.status, 304);
  const refused = await scim.send("HEAD", "/Bulk");
  assert.deepEqual([refused.status, refused.headers.get("allow")], [405, "POST"]);
  assert.equal((await scim.post(`/Users/${user.id}`, {})).headers.get("allow"), "GET, HEAD, PUT, PATCH, DELETE");
  const anonymous = await context.anonymous.send("HEAD", `${scim.base}/Users/${user.id}`);
  assert.deepEqual([anonymous.status, anonymous.text], [401, ""]);
});

test("off-boarding with an extension that the directory does not have", async () => {
  const user = await create();
  const after = await patched(user, { op: "replace", value: { active: false, "urn:okta:custom:1.0:User": { x: "y" } } });
  assert.equal(after.active, false);
  isError(await patch(user, [{ op: "replace", value: { "urn:x:User:y": "z" } }]), 400, "invalidPath");
});

test("a write that does not fit the version is refused", async () => {
  const user = await create();
  await patched(user, { op: "replace", path: "displayName", value: "One" });
  const answer = await scim.put(`/Users/${user.id}`, { ...entraUser(user.userName), displayName: "Two" }, { headers: { "if-match": user.meta.version } });
  isError(answer, 412);
  assert.equal((await read(user)).displayName, "One");
});

test("mistakes are errors in SCIM's form, and change nothing", async () => {
  const user = await create();
  isError(await scim.get(`/Users${query({ filter: "userName eq" })}`), 400, "invalidFilter");
  isError(await scim.post("/Users", "{", { headers: { "content-type": "application/scim+json" } }), 400, "invalidSyntax");
  isError(await scim.post("/Users", { schemas: [`${core}:User`] }), 400, "invalidValue");
  isError(await scim.post("/Users", "<user/>", { headers: { "content-type": "application/xml" } }), 415);
  isError(await patch(user, [{ op: "replace", path: "name[", value: 1 }]), 400, "invalidPath");
  isError(await patch(user, [{ op: "replace", path: "displayName", value: "Half" }, { op: "replace", path: "id", value: "x" }]), 400, "mutability");
  assert.equal((await read(user)).displayName, undefined, "half of a PATCH was carried out");
});

test("the service describes itself", async () => {
  const config = (await scim.get("/ServiceProviderConfig")).expect(200).json;
  assert.deepEqual([config.patch.supported, config.filter.supported, config.bulk.supported], [true, true, true]);
  const types = (await scim.get("/ResourceTypes")).expect(200).json.Resources.map(({ name }) => name);
  assert.deepEqual(types.sort(), ["Group", "User"]);
  const schemas = (await scim.get("/Schemas")).expect(200).json.Resources.map(({ id }) => id);
  for (const id of [`${core}:User`, `${core}:Group`, enterprise]) assert.ok(schemas.includes(id), id);
});

test("Bulk carries out several operations, one referring to another", async () => {
  const Operations = [
    { method: "POST", path: "/Users", bulkId: "boss", data: entraUser() },
    { method: "POST", path: "/Users", bulkId: "report", data: { ...entraUser(), [enterprise]: { manager: { value: "bulkId:boss" } } } },
    { method: "POST", path: "/Users", bulkId: "bad", data: { schemas: [`${core}:User`] } },
  ];
  const answer = (await scim.post("/Bulk", { schemas: [`${messages}:BulkRequest`], Operations })).expect(200).json;
  assert.deepEqual(answer.Operations.map(({ status }) => String(status?.code ?? status)), ["201", "201", "400"]);
  const [boss, report] = await Promise.all(answer.Operations.slice(0, 2).map(async ({ location }) => (await scim.get(location)).expect(200).json));
  assert.equal(report[enterprise].manager.value, boss.id);
});

test("many requests at once: one name is taken once", async () => {
  const body = entraUser();
  const answers = await Promise.all(Array.from({ length: 8 }, () => scim.post("/Users", body)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(7).fill(409)]);
});
