/** Assignments that reach people in groups within groups, when the job is set to it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { groupsOf, useGroups } from "./support/groups.mjs";
import { useServer } from "./support/server.mjs";
import { assign, importPeople, people } from "./support/setup.mjs";

/** Three in the group Everybody, which is assigned; the others in no group yet. */
const rows = people(8).map((row, index) => ({ ...row, manager: "", groups: index < 3 ? "Everybody" : "" }));
const context = useServer({ prepare: () => importPeople(context, rows) });
const { idOf, patch, members, group, groupsToTenant } = useGroups(context, rows);

const set = (job, value) => context.api.patch(job.path, { synchronizationJobSettings: [{ name: "NestedGroups", value }] });
const put = (outer, inner) => patch(`/Groups/${outer.id}`, { op: "add", path: "members", value: [{ value: inner.id }] });
const takeOut = (outer, id) => patch(`/Groups/${outer.id}`, { op: "remove", path: `members[value eq "${id}"]` });

/** The names of those whose account is active. */
async function active({ scim }) {
  const users = (await scim.get("/Users?count=1000")).expect(200).json.Resources;
  return users.filter((user) => user.active).map(({ userName }) => userName.split("@")[0]).sort();
}
const names = (...indexes) => indexes.map((index) => `person${index}`);

test("people in groups within an assigned group come and go with every change in between", async () => {
  const { directory, job } = await groupsToTenant();
  const [outer, middle, inner, other] = [await group("Outer"), await group("Middle"), await group("Inner", 3, 4), await group("Other", 5, 6)];
  await put(outer, middle);
  await put(middle, inner);
  const assignment = (await assign(context, job.app, outer.id)).expect(201).json;
  await job.run();
  assert.deepEqual(await active(directory), names(0, 1, 2), "as Entra does");

  const shown = (await job.read()).synchronizationJobSettings;
  assert.deepEqual(shown.find(({ name }) => name === "NestedGroups"), { name: "NestedGroups", value: "false" });
  assert.equal((await set(job, "maybe")).status, 400);
  const known = (await job.cycles()).map(({ id }) => id);
  (await set(job, "true")).expect(204);
  const initial = await job.next(known);
  assert.deepEqual([initial.kind, initial.counts.created], ["initial", 2]);
  assert.deepEqual(await active(directory), names(0, 1, 2, 3, 4));

  // Two more, by a group that came in; nobody else is looked at: they are searched and created together.
  await put(middle, other);
  const added = await job.run();
  assert.deepEqual([added.kind, added.counts.created, added.counts.requests], ["incremental", 2, 1 + 1 + 1]);
  // One more, at the lowest place.
  await patch(`/Groups/${inner.id}`, { op: "add", path: "members", value: await members(7) });
  assert.deepEqual([(await job.run()).counts.created, await active(directory)], [1, names(0, 1, 2, 3, 4, 5, 6, 7)]);

  // A change that reaches no assignment concerns nobody.
  const far = await group("Far");
  await put(far, other);
  assert.equal((await job.run()).counts.requests, 1);

  await takeOut(middle, inner.id);
  const removed = await job.run();
  assert.deepEqual([removed.counts.disabled, removed.counts.failed], [3, 0]);
  assert.deepEqual(await active(directory), names(0, 1, 2, 5, 6));

  // The group in between goes, and comes back.
  (await context.workforce.delete(`/Groups/${middle.id}`)).expect(204);
  assert.deepEqual([(await job.run()).counts.disabled, await active(directory)], [2, names(0, 1, 2)]);
  (await context.api.post(`/directories/${context.workforceId}/deletedItems/${middle.id}/restore`)).expect(200);
  await job.run();
  assert.deepEqual(await active(directory), names(0, 1, 2, 5, 6));

  (await context.api.delete(`${job.app.path}/appRoleAssignedTo/${assignment.id}`)).expect(204);
  assert.equal((await job.run()).counts.disabled, 2);
  assert.deepEqual(await active(directory), names(0, 1, 2));
  assert.deepEqual(Object.keys(await groupsOf(directory)), ["Everybody"], "groups within are not provisioned themselves");
  assert.equal((await job.run()).counts.requests, 1);
});

test("somebody within is provisioned on demand", async () => {
  const { directory, job } = await groupsToTenant();
  const [around, within] = [await group("Around"), await group("Within", 4)];
  await put(around, within);
  (await assign(context, job.app, around.id)).expect(201);
  const ask = async () => {
    const body = { parameters: [{ ruleId: "r", subjects: [{ objectId: await idOf(4), objectTypeName: "User" }] }] };
    return JSON.parse((await context.api.post(`${job.path}/provisionOnDemand`, body)).expect(200).json.key).result;
  };
  assert.equal(await ask(), "Skipped");
  (await set(job, "true")).expect(204);
  assert.equal(await ask(), "Success");
  assert.deepEqual(await active(directory), names(4));
});
