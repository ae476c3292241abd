/** A group and some of its members, provisioned now, for real and as a preview. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { groupsOf, useGroups } from "./support/groups.mjs";
import { useServer } from "./support/server.mjs";
import { findGroup, importPeople, people } from "./support/setup.mjs";

/** Seven in the group Everybody, which is assigned; one in no group. */
const rows = [...people(7), { ...people(8)[7], manager: "", groups: "" }];
const context = useServer({ prepare: () => importPeople(context, rows) });
const { idOf, patch, members, groupsToTenant } = useGroups(context, rows);

const ask = async (job, parameters, ...indexes) => {
  const chosen = await Promise.all(indexes.map(async (index) => ({ objectId: await idOf(index), objectTypeName: "User" })));
  const subject = { objectId: (await findGroup(context, "Everybody")).id, objectTypeName: "Group", links: { members: chosen } };
  return context.api.post(`${job.path}/provisionOnDemand${parameters}`, { parameters: [{ ruleId: "rule", subjects: [subject] }] });
};
const read = (answer) => {
  const { key, value } = answer.expect(200).json;
  const event = JSON.parse(value);
  const told = event.provisioningSteps.filter(({ type }) => type === "referenceResolution").map(({ status, description }) => [status, description]);
  return { result: JSON.parse(key).result, event, told };
};
const names = (...indexes) => indexes.map((index) => `person${index}`);

test("a group and the chosen members are provisioned, and the cycle does the rest", async () => {
  const { directory, job } = await groupsToTenant();
  const preview = read(await ask(job, "?preview=true", 0, 1, 7));
  assert.equal(preview.result, "Success");
  assert.equal(preview.event.action.toLowerCase(), "create");
  assert.deepEqual(preview.told.map(([status]) => status), ["skipped", "skipped", "skipped"]);
  assert.match(preview.told.at(-1)[1], /is not a member of the group in the directory/);
  assert.deepEqual(await groupsOf(directory), {});
  assert.deepEqual(await context.api.all(`${job.path}/objectConnections`), []);

  const { result, event, told } = read(await ask(job, "", 0, 1, 7));
  assert.deepEqual([result, event.sourceIdentity.displayName], ["Success", "Everybody"]);
  assert.deepEqual(event.provisioningSteps.slice(0, 4).map(({ name, status }) => [name, status]), [
    ["TestConnection", "success"],
    ["EntryImport", "success"],
    ["EntrySynchronizationScoping", "success"],
    ["EntryMatching", "success"],
  ]);
  assert.ok(told.some(([status, text]) => status === "skipped" && /is not a member of the group in the directory/.test(text)), JSON.stringify(told));
  assert.deepEqual(await groupsOf(directory), { Everybody: names(0, 1) });

  const again = read(await ask(job, "", 0, 1));
  assert.deepEqual([again.result, again.told.map(([status]) => status)], ["Skipped", ["skipped", "skipped"]]);

  const cycle = await job.run();
  assert.equal(cycle.counts.failed, 0);
  assert.deepEqual(await groupsOf(directory), { Everybody: names(0, 1, 2, 3, 4, 5, 6) });
  // One probe, five people searched and created, their manager, and one PATCH with the five who were missing.
  const [{ modifiedProperties }] = await job.log(cycle, "provisioningAction eq 'update'", `sourceIdentity/id eq '${(await findGroup(context, "Everybody")).id}'`);
  assert.equal(modifiedProperties.length, 1);
});

test("members who came or left since the last cycle are given and taken away", async () => {
  const { directory, job } = await groupsToTenant();
  await job.run();
  const everybody = await findGroup(context, "Everybody");
  await patch(`/Groups/${everybody.id}`, { op: "remove", path: `members[value eq "${await idOf(2)}"]` }, { op: "add", path: "members", value: await members(7) });
  const { result } = read(await ask(job, "", 2, 7));
  assert.equal(result, "Success");
  assert.deepEqual(await groupsOf(directory), { Everybody: names(0, 1, 3, 4, 5, 6, 7) });
  await patch(`/Groups/${everybody.id}`, { op: "add", path: "members", value: await members(2) }, { op: "remove", path: `members[value eq "${await idOf(7)}"]` });
  await job.run();
  assert.deepEqual(await groupsOf(directory), { Everybody: names(0, 1, 2, 3, 4, 5, 6) });
});

test("what cannot be asked is refused", async () => {
  const { job } = await groupsToTenant();
  const refused = async (answer, part) => {
    assert.equal(answer.status, 400);
    assert.match(answer.json.error.message, part);
  };
  await refused(await ask(job, "", 0, 1, 2, 3, 4, 5), /up to 5 members; there are 6/);
  const { id } = await findGroup(context, "Everybody");
  const group = { objectId: id, objectTypeName: "Group" };
  const post = (subjects) => context.api.post(`${job.path}/provisionOnDemand`, { parameters: [{ ruleId: "r", subjects }] });
  await refused(await post([{ ...group, links: { members: [group] } }]), /`Group`/);
  await refused(await post([group, { objectId: await idOf(0), objectTypeName: "User" }]), /by itself/);
});
