/** Groups and their members: provisioned to a directory of this deployment, changed, and taken away again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { groupsOf, useGroups } from "./support/groups.mjs";
import { useServer } from "./support/server.mjs";
import { assign, findGroup, findUser, importPeople, people } from "./support/setup.mjs";

const count = 6;
/** Six in the group Everybody, one in no group. */
const rows = [...people(count), { ...people(count + 1)[count], manager: "", groups: "" }];
const context = useServer({ prepare: () => importPeople(context, rows) });

const { idOf, patch, members, group, groupsToTenant } = useGroups(context, rows);

const everybody = Array.from({ length: count }, (_, index) => `person${index}`);

test("groups follow the directory, and only differences are sent", async () => {
  const { directory, job } = await groupsToTenant();
  const sales = await group("Sales", 0, 1, 2);
  const assignment = (await assign(context, job.app, sales.id)).expect(201).json;
  const initial = await job.run();
  assert.deepEqual([initial.kind, initial.state, initial.counts.imported], ["initial", "succeeded", count + 1 + 2 + (await unassignedGroups())]);
  assert.deepEqual(await groupsOf(directory), { Everybody: everybody, Sales: ["person0", "person1", "person2"] });
  // What the target can do, and a probe; people are searched together and created together, and so are groups;
  // managers and members in one.
  assert.equal(initial.counts.requests, 2 + 2 + 2 + 1);

  const idle = await job.run();
  assert.deepEqual([idle.kind, idle.counts.requests], ["incremental", 1]);

  // Somebody who has no account yet: created, then added.
  await patch(`/Groups/${sales.id}`, { op: "add", path: "members", value: await members(count) });
  const added = await job.run();
  assert.deepEqual([added.counts.created, added.counts.requests], [1, 1 + 2 + 1]);
  assert.deepEqual((await groupsOf(directory)).Sales, ["person0", "person1", "person2", `person${count}`]);

  await patch(`/Groups/${sales.id}`, { op: "remove", path: `members[value eq "${await idOf(1)}"]` });
  const removed = await job.run();
  // The person is looked at, because an assignment could have gone with the membership.
  assert.deepEqual([removed.counts.updated, removed.counts.requests], [1, 1 + 1 + 1]);
  assert.deepEqual((await groupsOf(directory)).Sales, ["person0", "person2", `person${count}`]);
  const [entry] = await job.log(removed);
  assert.deepEqual([entry.provisioningAction, entry.sourceIdentity.id, entry.modifiedProperties.map(({ displayName }) => displayName)], ["update", sales.id, ["members"]]);

  await patch(`/Groups/${sales.id}`, { op: "replace", path: "displayName", value: "Sales EMEA" });
  const renamed = await job.run();
  assert.deepEqual([renamed.counts.updated, renamed.counts.requests], [1, 1 + 2]);
  assert.deepEqual(await groupsOf(directory), { Everybody: everybody, "Sales EMEA": ["person0", "person2", `person${count}`] });

  (await context.api.delete(`${job.app.path}/appRoleAssignedTo/${assignment.id}`)).expect(204);
  const unassigned = await job.run();
  assert.deepEqual([unassigned.counts.deleted, unassigned.counts.disabled, unassigned.counts.failed], [1, 1, 0]);
  // The group is deleted, its members are read together, and the one who is in no other group is disabled.
  assert.equal(unassigned.counts.requests, 1 + 1 + 1 + 1);
  assert.deepEqual(await groupsOf(directory), { Everybody: everybody });
  assert.equal((await job.run()).counts.requests, 1);
});

/** Groups of the directory that other tests left and that are not assigned here. */
async function unassignedGroups() {
  const { totalResults } = (await context.workforce.get("/Groups")).expect(200).json;
  return totalResults - 2;
}

test("a member who has no account waits, and is added when the account is there", async () => {
  const absent = await idOf(3);
  await patch(`/Users/${absent}`, { op: "replace", path: "active", value: false });
  const { directory, job } = await groupsToTenant();
  await job.run();
  assert.deepEqual((await groupsOf(directory)).Everybody, everybody.filter((name) => name !== "person3"));
  assert.equal((await job.run()).counts.requests, 1);
  await patch(`/Users/${absent}`, { op: "replace", path: "active", value: true });
  const cycle = await job.run();
  assert.deepEqual([cycle.counts.created, cycle.counts.requests], [1, 1 + 2 + 1]);
  assert.deepEqual((await groupsOf(directory)).Everybody, everybody);
});

test("a deleted person leaves the groups, and comes back with them; a deleted group goes", async () => {
  const { directory, job } = await groupsToTenant();
  const team = await group("Team", 4, 5);
  (await assign(context, job.app, team.id)).expect(201);
  await job.run();
  const gone = await idOf(5);
  (await context.workforce.delete(`/Users/${gone}`)).expect(204);
  assert.deepEqual([(await job.run()).counts.disabled, await groupsOf(directory)], [1, { Everybody: everybody.slice(0, -1), Team: ["person4"] }]);
  (await context.api.post(`/directories/${context.workforceId}/deletedItems/${gone}/restore`)).expect(200);
  await job.run();
  assert.deepEqual(await groupsOf(directory), { Everybody: everybody, Team: ["person4", "person5"] });
  (await context.workforce.delete(`/Groups/${team.id}`)).expect(204);
  assert.deepEqual([(await job.run()).counts.deleted, await groupsOf(directory)], [1, { Everybody: everybody }]);
});

test("an assigned group that is deleted takes its members' access with it", async () => {
  const { directory, job } = await groupsToTenant();
  const visitors = await group("Visitors", count);
  (await assign(context, job.app, visitors.id)).expect(201);
  await job.run();
  (await context.workforce.delete(`/Groups/${visitors.id}`)).expect(204);
  const cycle = await job.run();
  assert.deepEqual([cycle.counts.deleted, cycle.counts.disabled], [1, 1]);
  assert.deepEqual(await groupsOf(directory), { Everybody: everybody });
});

test("with SyncAll every group is provisioned, and a large one page by page", async () => {
  const domain = "many.example";
  const many = people(250, domain).map((row) => ({ ...row, manager: "", groups: "Everybody;Large" }));
  await importPeople(context, many);
  const { directory, job } = await groupsToTenant({ SyncAll: "True" });
  const cycle = await job.run();
  assert.deepEqual([cycle.state, cycle.counts.failed], ["succeeded", 0]);
  const groups = await groupsOf(directory);
  assert.equal(groups.Large.length, many.length);
  const names = (await context.workforce.get("/Groups")).expect(200).json.Resources.map(({ displayName }) => displayName);
  assert.deepEqual(Object.keys(groups).sort(), names.sort());
  const known = (await job.cycles()).map(({ id }) => id);
  (await context.api.post(`${job.path}/restart`, { criteria: { resetScope: "" } })).expect(204);
  const again = await job.next(known);
  assert.deepEqual([again.kind, again.counts.created, again.counts.updated], ["initial", 0, 0]);
  // Memberships that change while the job looks at everybody again are sent all the same.
  const large = await findGroup(context, "Large");
  await patch(`/Groups/${large.id}`, { op: "remove", path: `members[value eq "${(await findUser(context, `person9@${domain}`)).id}"]` });
  const then = (await job.cycles()).map(({ id }) => id);
  (await context.api.post(`${job.path}/restart`, { criteria: { resetScope: "Watermark" } })).expect(204);
  assert.equal((await job.next(then)).counts.updated, 1);
  assert.equal((await groupsOf(directory)).Large.length, many.length - 1);
});
