/** Targets of another dialect, which a job's setting `Quirks` names. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useServer } from "./support/server.mjs";
import { findGroup, findUser, importPeople, managedCount, people, provisioning, tenant } from "./support/setup.mjs";
import { Target, enterprise } from "./support/target.mjs";

const count = 6;
const rows = people(count);
const context = useServer({ prepare: () => importPeople(context, rows) });
const patchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const setQuirks = (job, value) => context.api.patch(job.path, { synchronizationJobSettings: [{ name: "Quirks", value }] });
const change = async (path, ...Operations) => (await context.workforce.patch(path, { schemas: [patchOp], Operations })).expect(200);

test("a target without PATCH, with booleans as texts and with application/json", async (t) => {
  const target = await new Target().listen();
  t.after(() => target.close());
  Object.assign(target, { mediaType: "application/json", booleans: "string", changes: "PUT" });
  const job = await provisioning(context, { url: target.url, token: target.token });
  assert.ok((await job.run()).counts.failed > 0, "the dialect makes no difference");
  (await setQuirks(job, "Put, StringBooleans,JsonContentType")).expect(204);
  const { synchronizationJobSettings } = await job.read();
  assert.equal(synchronizationJobSettings.find(({ name }) => name === "Quirks").value, "StringBooleans, Put, JsonContentType");
  (await context.api.post(`${job.path}/restart`, { criteria: { resetScope: "Full" } })).expect(204);
  await job.run();
  assert.equal(target.users.size, count);
  const boss = target.named(rows[0].userPrincipalName)[0].id;
  const managed = [...target.users.values()].filter((user) => user[enterprise].manager?.value === boss);
  assert.equal(managed.length, managedCount(count));
  const person = await findUser(context, rows[1].userPrincipalName);
  await change(`/Users/${person.id}`, { op: "replace", path: "name.familyName", value: "Changed" }, { op: "replace", path: "active", value: false });
  target.forget();
  assert.equal((await job.run()).counts.failed, 0);
  const [account] = target.named(rows[1].userPrincipalName);
  assert.deepEqual([account.name, account.active], [{ givenName: "Person", familyName: "Changed" }, "False"]);
  assert.equal(account[enterprise].department, rows[1].department, "what did not change stays");
  assert.deepEqual([target.count("PUT"), target.count("PATCH")], [1, 0]);
  await change(`/Users/${person.id}`, { op: "replace", path: "name.familyName", value: rows[1].surname }, { op: "replace", path: "active", value: true });
});

test("Entra's own dialect: capitalised operations, members removed by value; and replaces without a path", async () => {
  const directory = await tenant(context);
  const job = await provisioning(context, { url: directory.scimUrl, token: directory.token, name: "SCIM 2.0 application" });
  const schema = (await context.api.get(`${job.path}/schema`)).expect(200).json;
  for (const rule of schema.synchronizationRules) for (const mapping of rule.objectMappings) mapping.enabled = true;
  (await context.api.put(`${job.path}/schema`, schema)).expect(204);
  (await setQuirks(job, "CapitalizedOperations,MemberRemovalByValue,PathlessReplace,NoExcludedAttributes")).expect(204);
  assert.equal((await job.run()).counts.failed, 0);
  const accounts = async () => (await directory.scim.get("/Users?count=100")).expect(200).json.Resources;
  const members = async () => (await directory.scim.get("/Groups?count=100")).expect(200).json.Resources.find(({ displayName }) => displayName === "Everybody").members.map(({ value }) => value);
  assert.equal((await members()).length, count);
  const [person, group] = [await findUser(context, rows[2].userPrincipalName), await findGroup(context, "Everybody")];
  await change(`/Users/${person.id}`, { op: "replace", path: "name.familyName", value: "Changed" });
  const other = await findUser(context, rows[5].userPrincipalName);
  await change(`/Groups/${group.id}`, { op: "remove", path: `members[value eq "${other.id}"]` });
  assert.equal((await job.run()).counts.failed, 0);
  const after = await accounts();
  assert.equal(after.find(({ userName }) => userName === rows[2].userPrincipalName).name.familyName, "Changed");
  const gone = after.find(({ userName }) => userName === rows[5].userPrincipalName);
  assert.deepEqual([(await members()).length, (await members()).includes(gone.id)], [count - 1, false]);
});

test("a quirk that does not exist is refused, and none is what an empty text says", async (t) => {
  const target = await new Target().listen();
  t.after(() => target.close());
  const job = await provisioning(context, { url: target.url, token: target.token });
  const answer = await setQuirks(job, "Put, Other");
  assert.equal(answer.status, 400);
  assert.match(answer.json.error.message, /`Other` is no quirk; use StringBooleans/);
  (await setQuirks(job, "Put")).expect(204);
  (await setQuirks(job, "")).expect(204);
  assert.ok(!(await job.read()).synchronizationJobSettings.some(({ name }) => name === "Quirks"));
});
