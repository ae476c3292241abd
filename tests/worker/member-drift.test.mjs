/** Members of groups in drift checks: who was added or removed by hand in the application, told and repaired. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkDrift } from "./support/drift.mjs";
import { groupsOf, useGroups } from "./support/groups.mjs";
import { useServer } from "./support/server.mjs";
import { changeSettings, importPeople, people } from "./support/setup.mjs";

const count = 6;
const rows = people(count);
const context = useServer({ prepare: () => importPeople(context, rows) });
const { idOf, patch, groupsToTenant } = useGroups(context, rows);
const everybody = rows.map((_, index) => `person${index}`);

const check = (job) => checkDrift(context, job);

/** Repairs and waits for the cycle. */
async function repair(job, found, body) {
  const known = (await job.cycles()).map(({ id }) => id);
  (await context.api.post(`${found.path}/repair`, body)).expect(204);
  return job.next(known);
}

test("members that came and went by hand are told, and repaired as far as that is wanted", async () => {
  const { directory, job } = await groupsToTenant();
  await job.run();
  assert.deepEqual((await check(job)).value, []);

  const find = async (endpoint, name, value) => (await directory.scim.get(`/${endpoint}?filter=${encodeURIComponent(`${name} eq "${value}"`)}`)).expect(200).json.Resources[0];
  const account = (index) => find("Users", "userName", rows[index].userPrincipalName);
  const group = await find("Groups", "displayName", "Everybody");
  const stranger = (await directory.scim.post("/Users", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "guest@elsewhere.com", displayName: "A Guest" })).expect(201).json;
  const change = (...Operations) => directory.scim.patch(`/Groups/${group.id}`, { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations });
  const removed = await Promise.all([1, 4].map(account));
  (await change({ op: "add", path: "members", value: [{ value: stranger.id }] }, ...removed.map(({ id }) => ({ op: "remove", path: `members[value eq "${id}"]` })))).expect(200);
  // A membership that waits for the next cycle is no drift.
  await patch(`/Groups/${(await findEverybody()).id}`, { op: "remove", path: `members[value eq "${await idOf(2)}"]` });

  const found = await check(job);
  assert.equal(found.state, "finished", JSON.stringify(found));
  const [item, ...others] = found.value;
  assert.deepEqual(others, []);
  assert.deepEqual([item.kind, item.objectType, item.sourceDisplayName, item.targetId, item.attributes], ["changed", "Group", "Everybody", group.id, []]);
  assert.deepEqual({ ...item.members, removed: { ...item.members.removed, names: item.members.removed.names.toSorted() } }, { added: { count: 1, names: ["A Guest"] }, removed: { count: 2, names: ["Person 1", "Person 4"] } });

  // What is missing comes back; the guest stays until that is asked for.
  const first = await repair(job, found);
  assert.deepEqual([first.counts.failed, first.counts.updated], [0, 1]);
  const wanted = everybody.filter((name) => name !== "person2");
  assert.deepEqual((await groupsOf(directory)).Everybody.toSorted(), ["guest", ...wanted]);
  const rest = await check(job);
  assert.deepEqual(rest.value.map(({ members }) => members), [{ added: { count: 1, names: ["A Guest"] }, removed: { count: 0, names: [] } }]);

  // So many that deletions would be held: not in one go.
  (await changeSettings(context, job, { QuarantineTooManyDeletesThreshold: "1" })).expect(204);
  assert.equal((await context.api.post(`${rest.path}/repair`, { removeAddedMembers: true })).status, 409);
  (await changeSettings(context, job, { QuarantineTooManyDeletesThreshold: "500" })).expect(204);
  assert.equal((await context.api.post(`${rest.path}/repair`, { removeAddedMembers: "yes" })).status, 400);
  const second = await repair(job, rest, { removeAddedMembers: true });
  assert.deepEqual([second.counts.failed, second.counts.updated], [0, 1]);
  assert.deepEqual((await groupsOf(directory)).Everybody, wanted);
  const [entry] = await job.log(second);
  assert.deepEqual([entry.sourceIdentity.identityType, entry.modifiedProperties.map(({ displayName }) => displayName)], ["Group", ["members"]]);
  assert.deepEqual((await check(job)).value, []);
  assert.equal((await job.run()).counts.requests, 1);
});

async function findEverybody() {
  return (await context.workforce.get(`/Groups?filter=${encodeURIComponent('displayName eq "Everybody"')}`)).json.Resources[0];
}
