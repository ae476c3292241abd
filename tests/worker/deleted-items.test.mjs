/** The recycle bin of the workforce directory. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { useServer } from "./support/server.mjs";
import { findGroup, findUser, importPeople, people, tenant } from "./support/setup.mjs";

const context = useServer();
const user = "urn:ietf:params:scim:schemas:core:2.0:User";
const path = () => `/directories/${context.workforceId}/deletedItems`;
const list = () => context.api.all(path());

test("who is deleted can be brought back, with memberships and manager", async () => {
  await importPeople(context, people(6));
  const person = await findUser(context, "person1@contoso.com");
  const group = await findGroup(context, "Everybody");
  assert.deepEqual(await list(), []);
  (await context.workforce.delete(`/Users/${person.id}`)).expect(204);

  const [item, ...more] = await list();
  assert.deepEqual(more, []);
  assert.deepEqual([item.id, item.displayName, item.userName, item.kind], [person.id, "Person 1", "person1@contoso.com", "user"]);
  const days = (Date.parse(item.purgeDateTime) - Date.parse(item.deletedDateTime)) / 86_400_000;
  assert.equal(days, 30);
  assert.ok(Math.abs(Date.parse(item.deletedDateTime) - Date.now()) < 60_000);

  const restored = (await context.api.post(`${path()}/${person.id}/restore`)).expect(200).json;
  assert.deepEqual([restored.id, restored.kind], [person.id, "user"]);
  assert.deepEqual(await list(), []);
  const after = (await context.workforce.get(`/Users/${person.id}`)).expect(200).json;
  assert.deepEqual(after.groups, person.groups);
  assert.deepEqual(after["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"], person["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]);
  const members = (await context.workforce.get(`/Groups/${group.id}`)).expect(200).json.members;
  assert.ok(members.some(({ value }) => value === person.id));
  const audits = (await context.api.get("/auditLogs/directoryAudits")).expect(200).json.value;
  assert.ok(audits.some(({ activityDisplayName }) => activityDisplayName === "Restore"), JSON.stringify(audits[0]));
});

test("nobody comes back under a name that somebody else has by now", async () => {
  const person = await findUser(context, "person2@contoso.com");
  (await context.workforce.delete(`/Users/${person.id}`)).expect(204);
  const other = (await context.workforce.post("/Users", { schemas: [user], userName: "PERSON2@contoso.com" })).expect(201).json;
  const refused = await context.api.post(`${path()}/${person.id}/restore`);
  assert.deepEqual([refused.status, refused.json.error.code], [409, "Conflict"]);
  assert.match(refused.json.error.message, /person2@contoso\.com/);
  (await context.workforce.delete(`/Users/${other.id}`)).expect(204);
  (await context.api.post(`${path()}/${person.id}/restore`)).expect(200);
});

test("groups too; the last deleted first, page by page", async () => {
  const group = await findGroup(context, "Everybody");
  for (const index of [3, 4]) (await context.workforce.delete(`/Users/${(await findUser(context, `person${index}@contoso.com`)).id}`)).expect(204);
  (await context.workforce.delete(`/Groups/${group.id}`)).expect(204);
  const all = await list();
  assert.deepEqual(all.slice(0, 3).map(({ displayName, kind }) => [displayName, kind]), [["Everybody", "group"], ["Person 4", "user"], ["Person 3", "user"]]);
  assert.deepEqual(await context.api.all(`${path()}?$top=1`), all);
  assert.equal((await context.api.get(`${path()}?$skiptoken=x`)).status, 400);
  (await context.api.post(`${path()}/${group.id}/restore`)).expect(200);
  const back = (await context.workforce.get(`/Groups/${group.id}`)).expect(200).json;
  assert.equal(back.members.length, 4, "only the living are members");
});

test("what is not in the recycle bin cannot be restored", async () => {
  const person = await findUser(context, "person0@contoso.com");
  for (const id of [person.id, randomUUID()]) assert.equal((await context.api.post(`${path()}/${id}/restore`)).status, 404);
  assert.equal((await context.api.get(`${path()}/${person.id}/restore`)).status, 405);
  assert.equal((await context.anonymous.get(`/api/v1.0${path()}`)).status, 401);
  // An application's directory forgets at once.
  const directory = await tenant(context);
  const account = (await directory.scim.post("/Users", { schemas: [user], userName: "ada" })).expect(201).json;
  (await directory.scim.delete(`/Users/${account.id}`)).expect(204);
  assert.deepEqual(await context.api.all(`${directory.path}/deletedItems`), []);
  assert.equal((await context.api.post(`${directory.path}/deletedItems/${account.id}/restore`)).status, 404);
});
