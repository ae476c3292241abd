/** Directories and their custom attributes. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { scim } from "../../scripts/lib/client.mjs";
import { useServer } from "./support/server.mjs";
import { importPeople, people, tenant } from "./support/setup.mjs";

const context = useServer();
const peakon = "urn:ietf:params:scim:schemas:extension:peakon:2.0:User";

test("a new installation has one directory: the workforce", async () => {
  const [workforce, ...more] = await context.api.all("/directories");
  assert.deepEqual(more, []);
  assert.deepEqual([workforce.id, workforce.profile], [context.workforceId, "workforce"]);
  const one = (await context.api.get(`/directories/${workforce.id}`)).expect(200).json;
  assert.deepEqual([one.userCount, one.groupCount], [0, 0]);
  assert.equal(one.scimUrl, `${context.url}/scim/${workforce.id}/v2`);
});

test("create, read, rename, switch on, delete", async () => {
  const created = (await context.api.post("/directories", { displayName: "  Surveys ", profile: "application" })).expect(201).json;
  assert.deepEqual([created.displayName, created.profile, created.employeeProvisioningEnabled], ["Surveys", "application", false]);
  assert.ok(Math.abs(Date.parse(created.createdDateTime) - Date.now()) < 60_000);
  const path = `/directories/${created.id}`;

  const patched = (await context.api.patch(path, { displayName: "Engagement" })).expect(200).json;
  assert.deepEqual([patched.displayName, patched.employeeProvisioningEnabled], ["Engagement", false]);
  (await context.api.patch(path, { employeeProvisioningEnabled: true })).expect(200);
  const read = (await context.api.get(path)).expect(200).json;
  assert.deepEqual([read.displayName, read.employeeProvisioningEnabled, read.userCount], ["Engagement", true, 0]);
  assert.ok((await context.api.all("/directories")).some(({ id }) => id === created.id));

  (await context.api.delete(path)).expect(204);
  for (const method of ["GET", "DELETE"]) assert.equal((await context.api.send(method, path)).status, 404, method);
  assert.equal((await context.api.patch(path, { displayName: "Again" })).status, 404);
  assert.ok(!(await context.api.all("/directories")).some(({ id }) => id === created.id));
});

test("the people of a deleted directory are gone, and its token opens nothing", async () => {
  const directory = await tenant(context);
  (await directory.scim.post("/Users", { userName: "ada@contoso.com", schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"] })).expect(201);
  (await context.api.delete(directory.path)).expect(204);
  assert.equal((await directory.scim.get("/Users")).status, 401);
});

test("the workforce directory cannot be deleted, nor a second one made", async () => {
  const deletion = await context.api.delete(`/directories/${context.workforceId}`);
  assert.deepEqual([deletion.status, deletion.json.error.code], [409, "Conflict"]);
  (await context.api.get(`/directories/${context.workforceId}`)).expect(200);
  const second = await context.api.post("/directories", { displayName: "Another", profile: "workforce" });
  assert.equal(second.status, 400);
});

test("what is not a directory is refused with a reason", async () => {
  for (const body of [{}, { displayName: "", profile: "application" }, { displayName: "x".repeat(121), profile: "application" }, { displayName: "x", profile: "other" }, { profile: "application" }]) {
    const answer = await context.api.post("/directories", body);
    assert.deepEqual([answer.status, answer.json.error.code], [400, "Request_BadRequest"], JSON.stringify(body).slice(0, 60));
    assert.ok(answer.json.error.message.length > 10);
  }
  assert.equal((await context.api.get(`/directories/${randomUUID()}`)).status, 404);
});

test("counts follow the directory", async () => {
  await importPeople(context, people(5));
  const { json } = (await context.api.get(`/directories/${context.workforceId}`)).expect(200);
  assert.deepEqual([json.userCount, json.groupCount], [5, 1]);
});

test("a custom attribute is in the schema, takes values, and may have spaces in its name", async () => {
  const directory = await tenant(context);
  const attribute = (await context.api.post(`${directory.path}/attributes`, { name: " Business Unit ", type: "option" })).expect(201).json;
  assert.deepEqual([attribute.name, attribute.type], ["Business Unit", "option"]);
  const twice = await context.api.post(`${directory.path}/attributes`, { name: "business unit", type: "string" });
  assert.equal(twice.status, 409);

  const schema = (await directory.scim.get(`/Schemas/${peakon}`)).expect(200).json;
  assert.ok(schema.attributes.some(({ name }) => name === "Business Unit"), JSON.stringify(schema.attributes));
  const schemas = ["urn:ietf:params:scim:schemas:core:2.0:User", peakon];
  const user = (await directory.scim.post("/Users", { schemas, userName: "ada", [peakon]: { "Business Unit": "R&D" } })).expect(201).json;
  assert.equal(user[peakon]["Business Unit"], "R&D");
  const Operations = [{ op: "replace", path: `${peakon}:Business Unit`, value: "Corporate" }];
  (await directory.scim.patch(`/Users/${user.id}`, { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations })).expect(200);
  const read = (await directory.scim.get(`/Users/${user.id}`)).expect(200).json;
  assert.equal(read[peakon]["Business Unit"], "Corporate");

  const path = `${directory.path}/attributes/${attribute.id}`;
  (await context.api.get(path)).expect(200);
  (await context.api.delete(path)).expect(204);
  assert.equal((await context.api.delete(path)).status, 404);
  assert.ok(!(await context.api.all(`${directory.path}/attributes`)).some(({ id }) => id === attribute.id));
});

test("an attribute without a usable name or type is refused", async () => {
  const directory = await tenant(context);
  for (const body of [{ name: "", type: "string" }, { name: "x".repeat(300), type: "string" }, { name: "ok", type: "colour" }, { name: "a:b", type: "string" }, { name: "a[b]", type: "string" }]) {
    assert.equal((await context.api.post(`${directory.path}/attributes`, body)).status, 400, JSON.stringify(body).slice(0, 60));
  }
});

test("an attribute's type changes where no value is lost, its name never", async () => {
  const directory = await tenant(context);
  const attribute = (await context.api.post(`${directory.path}/attributes`, { name: "Office", type: "option" })).expect(201).json;
  const path = `${directory.path}/attributes/${attribute.id}`;
  assert.equal((await context.api.get(path)).expect(200).json.type, "option");
  assert.equal((await context.api.patch(path, { type: "string" })).expect(200).json.type, "string");
  assert.equal((await context.api.get(path)).expect(200).json.type, "string");
  for (const body of [{ type: "number" }, { type: "string", name: "Place" }, { type: "other" }, {}]) {
    assert.equal((await context.api.patch(path, body)).status, 400, JSON.stringify(body));
  }
  assert.deepEqual((await context.api.get(path)).json, { ...attribute, type: "string" });
  assert.equal((await context.api.patch(`${directory.path}/attributes/${randomUUID()}`, { type: "string" })).status, 404);
});

test("clients beyond the limit on requests get 429, and may come again when they are told", async () => {
  const directory = await tenant(context);
  const limited = (await context.api.patch(directory.path, { requestsPerSecond: 2 })).expect(200).json;
  assert.equal(limited.requestsPerSecond, 2);
  const answers = [];
  for (let sent = 0; sent < 8; sent++) answers.push(await directory.scim.get("/Users?count=0"));
  const refused = answers.filter(({ status }) => status === 429);
  assert.ok(refused.length >= 2 && answers[0].status === 200, answers.map(({ status }) => status).join());
  assert.equal(refused[0].headers.get("retry-after"), "1");
  assert.match(refused[0].headers.get("content-type"), /^application\/scim\+json/);
  assert.deepEqual([refused[0].json.schemas, refused[0].json.status], [["urn:ietf:params:scim:api:messages:2.0:Error"], "429"]);
  await sleep(1_000);
  (await directory.scim.get("/Users?count=0")).expect(200);
  // Somebody without a valid token learns nothing of the limit; the management API's own requests are not counted.
  assert.equal((await scim(directory.scimUrl, "no-token").get("/Users")).status, 401);
  for (let sent = 0; sent < 8; sent++) (await scim(directory.scimUrl, context.server.adminKey).get("/Users?count=0")).expect(200);
  assert.equal((await context.api.patch(directory.path, { requestsPerSecond: 10_001 })).status, 400);
  assert.equal((await context.api.patch(directory.path, { requestsPerSecond: 0 })).expect(200).json.requestsPerSecond, 0);
  for (let sent = 0; sent < 8; sent++) (await directory.scim.get("/Users?count=0")).expect(200);
});

test("the attributes that mappings can use are listed with type and description", async () => {
  await importPeople(context, people(1).map((person) => ({ ...person, extension_costCenter: "1000" })));
  const { value } = (await context.api.get(`/directories/${context.workforceId}/sourceAttributes`)).expect(200).json;
  const byName = new Map(value.map((attribute) => [attribute.name, attribute]));
  for (const name of ["userPrincipalName", "accountEnabled", "manager", "IsSoftDeleted", "employeeId", "extension_costCenter"]) {
    assert.ok(byName.get(name)?.description, name);
  }
  assert.equal(byName.get("accountEnabled").type, "Boolean");
  assert.equal(byName.get("manager").type, "Reference");
});
