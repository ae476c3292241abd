/**
 * Groups that go for good in a Microsoft Entra tenant: whoever was in the application by them loses the access in the
 * next incremental cycle, whatever the group was when the job looks.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { useGraph } from "./support/graph.mjs";
import { groupsOf } from "./support/groups.mjs";
import { useServer } from "./support/server.mjs";
import { addJob, application, assign, changeSettings, findGroup, tenant } from "./support/setup.mjs";

const context = useServer();
const inletsPath = () => `/directories/${context.workforceId}/inlets`;

/**
 * A tenant with so many people, mirrored by an inlet; `round()` is one of its rounds. `fill` makes groups of the
 * people's ids, and the names of those that are assigned are what it gives.
 */
async function mirrored(domain, count, fill, { settings = {}, groups = false } = {}) {
  const graph = await useGraph();
  const ids = Array.from({ length: count }, (_, index) => graph.addUser({ userPrincipalName: `p${index}@${domain}`, displayName: `P${index}`, employeeId: `${domain}-${index}` }));
  const assigned = fill(graph, ids);
  const { id } = (await context.api.post(inletsPath(), { ...graph.settings, displayName: domain })).expect(201).json;
  const status = async () => (await context.api.get(`${inletsPath()}/${id}`)).expect(200).json.status;
  const idle = (before) => until("the end of a round", async () => {
    const now = await status();
    return now.state === "idle" && now.lastRun && now.lastRun.startedDateTime !== before && now;
  });
  const round = async () => {
    const before = (await status()).lastRun.startedDateTime;
    (await context.api.post(`${inletsPath()}/${id}/run`)).expect(204);
    return idle(before);
  };
  await idle();

  const directory = await tenant(context, { displayName: domain });
  const app = await application(context, "SCIM 2.0 application", domain);
  for (const name of assigned) (await assign(context, app, (await findGroup(context, name)).id)).expect(201);
  const job = await addJob(context, app, { BaseAddress: directory.scimUrl, SecretToken: directory.token });
  if (groups) {
    const schema = (await context.api.get(`${job.path}/schema`)).expect(200).json;
    for (const rule of schema.synchronizationRules) for (const mapping of rule.objectMappings) mapping.enabled = true;
    (await context.api.put(`${job.path}/schema`, schema)).expect(204);
  }
  if (Object.keys(settings).length > 0) (await changeSettings(context, job, settings)).expect(204);
  assert.equal((await job.run()).kind, "initial");
  /** The names of those whose account is active. */
  const active = async () => {
    const users = (await directory.scim.get("/Users?count=1000")).expect(200).json.Resources ?? [];
    return users.filter((user) => user.active).map(({ userName }) => userName.split("@")[0]).sort();
  };
  assert.deepEqual(await active(), ids.map((_, index) => `p${index}`));
  return { graph, ids, round, directory, job, active };
}

/** Runs a cycle, which must take the access of so many, and the next one, which has nothing to do. */
async function loses(job, count) {
  const cycle = await job.run();
  assert.deepEqual([cycle.kind, cycle.counts.disabled, cycle.counts.deleted, cycle.counts.failed], ["incremental", count, 0, 0]);
  assert.equal((await job.run()).counts.requests, 1, "then there is nothing to do");
}

/** Three in a group alone, a fourth in another group as well. */
const twoGroups = (prefix) => (graph, [one, two, three, four]) => {
  graph.addGroup(`${prefix} gone`, [one, two, three, four], `${prefix}-gone`);
  graph.addGroup(`${prefix} rest`, [four], `${prefix}-rest`);
  return [`${prefix} gone`, `${prefix} rest`];
};

test("an assigned group that is deleted for good takes its members' access with it", async () => {
  const { graph, round, job, active } = await mirrored("hard.example", 4, twoGroups("hard"));
  graph.delete("hard-gone", { permanently: true });
  await round();
  await loses(job, 3);
  assert.deepEqual(await active(), ["p3"]);
});

test("as does one that is deleted, and then for good, before the job looks", async () => {
  const { graph, round, job, active } = await mirrored("twice.example", 4, twoGroups("twice"));
  graph.delete("twice-gone");
  await round();
  graph.delete("twice-gone", { permanently: true });
  await round();
  await loses(job, 3);
  assert.deepEqual(await active(), ["p3"]);
});

test("and one that a pass over everything does not meet any more", async () => {
  const { graph, round, job, active } = await mirrored("pass.example", 4, twoGroups("pass"));
  graph.forgetDeltaTokens();
  graph.groups.delete("pass-gone");
  await round();
  await loses(job, 3);
  assert.deepEqual(await active(), ["p3"]);
});

test("with NestedGroups also the people in a group within, and in groups within that", async () => {
  const fill = (graph, [one, two, three, four]) => {
    const deep = graph.addGroup("nested deep", [three]);
    const within = graph.addGroup("nested within", [one, two, deep], "nested-within");
    graph.addGroup("nested around", [within, four]);
    return ["nested around"];
  };
  const { graph, round, job, active } = await mirrored("nested.example", 4, fill, { settings: { NestedGroups: "true" } });
  graph.delete("nested-within", { permanently: true });
  await round();
  await loses(job, 3);
  assert.deepEqual(await active(), ["p3"]);
});

test("while its deletion is held the group keeps its members in the target; when it is back, differences are sent", async () => {
  const settings = { QuarantineTooManyDeletesThreshold: "3" };
  const fill = (graph, ids) => {
    graph.addGroup("held", ids, "held");
    return ["held"];
  };
  const { graph, ids, round, directory, job, active } = await mirrored("held.example", 3, fill, { settings, groups: true });
  const everybody = ["p0", "p1", "p2"];
  assert.deepEqual(await groupsOf(directory), { held: everybody });
  const group = graph.groups.get("held");
  graph.forgetDeltaTokens();
  graph.groups.delete("held");
  await round();
  for (let cycles = 0; cycles < 2; cycles += 1) {
    const cycle = await job.run();
    assert.deepEqual([cycle.error?.code, cycle.counts.disabled, cycle.counts.deleted, cycle.counts.updated], ["TooManyDeletes", 0, 0, 0]);
    assert.deepEqual(await groupsOf(directory), { held: everybody });
  }

  // Back, without one of them, whose account is still held.
  const approve = async () => {
    const known = (await job.cycles()).map(({ id }) => id);
    (await context.api.post(`${job.path}/stagedDeletions/approve`, { all: true })).expect(200);
    return job.next(known);
  };
  graph.groups.set("held", group);
  graph.removeMember("held", ids[0]);
  graph.forgetDeltaTokens();
  await round();
  const back = await job.run();
  assert.deepEqual([back.error.code, back.counts.disabled, back.counts.deleted], ["TooManyDeletes", 0, 0]);
  assert.deepEqual([await active(), await groupsOf(directory)], [everybody, { held: ["p1", "p2"] }]);
  assert.equal((await approve()).counts.disabled, 1);
  assert.deepEqual(await active(), ["p1", "p2"]);

  // For good: held again, and gone once somebody allows it.
  graph.addUser({ userPrincipalName: "p3@held.example", displayName: "P3", employeeId: "held-3" }, { id: "p3" });
  graph.addMember("held", "p3");
  await round();
  await job.run();
  graph.delete("held", { permanently: true });
  await round();
  assert.equal((await job.run()).error.code, "TooManyDeletes");
  assert.deepEqual(await groupsOf(directory), { held: ["p1", "p2", "p3"] });
  const gone = await approve();
  assert.deepEqual([gone.counts.disabled, gone.counts.deleted, gone.counts.failed], [3, 1, 0]);
  assert.deepEqual([await active(), await groupsOf(directory)], [[], {}]);
});
