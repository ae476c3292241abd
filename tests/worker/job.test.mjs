/** The life of a synchronization job: made, started, paused in mid-cycle, restarted, run again, removed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { useServer } from "./support/server.mjs";
import { addJob, application, assign, findGroup, findUser, importPeople, managedCount, people, provisioning, secretsOf, tenant } from "./support/setup.mjs";
import { useTarget } from "./support/target.mjs";

const count = 40;
const context = useServer({ prepare: () => importPeople(context, people(count)) });
const post = (job, action, body) => context.api.post(`${job.path}/${action}`, body);

/** A job that provisions everybody to a new directory of this deployment. */
async function toTenant() {
  const directory = await tenant(context);
  return { directory, job: await provisioning(context, { url: directory.scimUrl, token: directory.token }) };
}

const accounts = async ({ scim }) => (await scim.get("/Users?count=1000")).expect(200).json;
const versions = async (directory) => Object.fromEntries((await accounts(directory)).Resources.map(({ id, meta }) => [id, `${meta.version} ${meta.lastModified}`]));

test("a job needs credentials before it starts, and an application has one job", async () => {
  const job = await addJob(context, await application(context));
  assert.equal((await job.read()).status.code, "NotConfigured");
  for (const action of ["start", "restart"]) {
    const answer = await post(job, action, {});
    assert.deepEqual([answer.status, answer.json.error.code], [400, "Request_BadRequest"], action);
    assert.match(answer.json.error.message, /Tenant URL|credentials/);
  }
  const second = await context.api.post(`${job.app.path}/synchronization/jobs`, {});
  assert.deepEqual([second.status, second.json.error.code], [409, "Conflict"]);
  const list = await context.api.all(`${job.app.path}/synchronization/jobs`);
  assert.deepEqual(list.map(({ id }) => id), [job.id]);
  assert.equal((await context.api.get(`${job.app.path}/synchronization/jobs/other`)).status, 404);
});

test("start runs the initial cycle, and the next one is due in 40 minutes", async () => {
  const { directory, job } = await toTenant();
  assert.equal((await job.read()).status.code, "NotRun");
  const cycle = await job.run();
  assert.deepEqual([cycle.kind, cycle.state], ["initial", "succeeded"]);
  const { counts } = cycle;
  assert.deepEqual([counts.imported, counts.inScope, counts.created, counts.failed, counts.references], [count, count, count, 0, managedCount(count)]);
  assert.equal((await accounts(directory)).totalResults, count);
  const { status, schedule } = await job.read();
  assert.deepEqual([status.code, schedule.state, schedule.interval], ["Active", "Active", "PT40M"]);
  assert.deepEqual([status.progress, status.currentCycle ?? null], [[], null]);
  const minutes = (Date.parse(status.nextExecutionDateTime) - Date.now()) / 60_000;
  assert.ok(minutes > 38 && minutes <= 40.1, `${minutes} minutes`);
  assert.equal(status.lastSuccessfulExecution.activityIdentifier, cycle.id);
  assert.deepEqual(status.synchronizedEntryCountByType, [{ key: "User", value: count }]);
});

test("run now: an unchanged directory makes no write, a change makes one", async () => {
  const { directory, job } = await toTenant();
  await job.run();
  const before = await versions(directory);
  const idle = await job.run();
  assert.deepEqual([idle.kind, idle.counts.requests, (await job.log(idle)).length], ["incremental", 1, 0]);
  assert.deepEqual(await versions(directory), before);

  const user = await findUser(context, "person30@contoso.com");
  const Operations = [{ op: "replace", path: "name.familyName", value: `Changed${Date.now()}` }];
  (await context.workforce.patch(`/Users/${user.id}`, { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations })).expect(200);
  const busy = await job.run();
  assert.deepEqual([busy.counts.updated, busy.counts.requests], [1, 3]);
  const after = await versions(directory);
  assert.equal(Object.keys(after).filter((id) => after[id] !== before[id]).length, 1);
});

test("only the assigned are provisioned; Default Access alone is not enough for Peakon", async () => {
  const directory = await tenant(context);
  const app = await application(context);
  const [one, two] = [await findUser(context, "person1@contoso.com"), await findUser(context, "person2@contoso.com")];
  (await assign(context, app, one.id)).expect(201);
  (await assign(context, app, two.id, "00000000-0000-0000-0000-000000000000")).expect(201);
  const job = await addJob(context, app, { BaseAddress: directory.scimUrl, SecretToken: directory.token });
  await job.run();
  assert.deepEqual((await accounts(directory)).Resources.map(({ userName }) => userName), ["person1@contoso.com"]);
  await job.save({ BaseAddress: directory.scimUrl, SecretToken: "*", SyncAll: "True" });
  const cycle = await job.run();
  assert.deepEqual([cycle.kind, (await accounts(directory)).totalResults], ["initial", count]);
});

test("taking away the assignment of a group disables its members' accounts", async () => {
  const { directory, job } = await toTenant();
  await job.run();
  const [assignment] = await context.api.all(`${job.app.path}/appRoleAssignedTo`);
  (await context.api.delete(`${job.app.path}/appRoleAssignedTo/${assignment.id}`)).expect(204);
  const cycle = await job.run();
  assert.deepEqual([cycle.counts.disabled, cycle.counts.failed], [count, 0]);
  assert.ok((await accounts(directory)).Resources.every(({ active }) => active === false));
  (await assign(context, job.app, (await findGroup(context, "Everybody")).id)).expect(201);
  await job.run();
  const again = await accounts(directory);
  assert.deepEqual([again.totalResults, again.Resources.every(({ active }) => active)], [count, true]);
});

test("pause keeps the place in the cycle, start goes on from there", async () => {
  const target = await useTarget();
  const job = await provisioning(context, { url: target.url, token: target.token });
  let release;
  const held = new Promise((resolve) => (release = resolve));
  // The target answers nobody beyond the tenth creation until the pause is in force.
  target.wait = ({ method }) => (method === "POST" && target.count("POST") > 10 ? held : undefined);
  (await post(job, "start")).expect(204);
  await until("some creations", () => target.count("POST") > 10);
  (await post(job, "pause")).expect(204);
  release();
  const stopped = await until("the pause", async () => {
    const before = target.requests.length;
    const { status } = await job.read();
    return status.code === "Paused" && target.requests.length === before && status.currentCycle;
  }, { pause: 500 });
  assert.equal(stopped.kind, "initial");
  assert.ok(target.users.size < count, "the whole cycle went through in spite of the pause");
  const cycle = await job.run();
  assert.equal(cycle.id, stopped.id, "another cycle was begun");
  assert.deepEqual([target.users.size, target.count("POST"), cycle.counts.created], [count, count, count]);
});

test("restart looks at everybody again and writes nothing that is right already", async () => {
  const { directory, job } = await toTenant();
  await job.run();
  const before = await versions(directory);
  for (const [resetScope, linksStay] of [["", true], ["Watermark", true], ["Full", false], ["QuarantineState, Watermark, Escrows", true]]) {
    const known = (await job.cycles()).map(({ id }) => id);
    (await post(job, "restart", { criteria: { resetScope } })).expect(204);
    const cycle = await job.next(known);
    assert.deepEqual([cycle.kind, cycle.state, cycle.counts.unchanged, cycle.counts.created], ["initial", "succeeded", count, 0], resetScope);
    assert.equal(cycle.counts.requests, 2, `the probe, and one to read or find all: ${resetScope}, links ${linksStay ? "kept" : "dropped"}`);
  }
  assert.deepEqual(await versions(directory), before);
  const wrong = await post(job, "restart", { criteria: { resetScope: "Everything" } });
  assert.deepEqual([wrong.status, wrong.json.error.code], [400, "Request_BadRequest"]);
});

test("saving mappings makes the next cycle an initial one that brings everybody in line", async () => {
  const { directory, job } = await toTenant();
  await job.run();
  const schema = (await context.api.get(`${job.path}/schema`)).expect(200).json;
  const users = schema.synchronizationRules[0].objectMappings[0];
  users.attributeMappings.push({ targetAttributeName: "displayName", flowType: "Always", source: { expression: "[displayName]" } });
  const known = (await job.cycles()).map(({ id }) => id);
  (await context.api.put(`${job.path}/schema`, schema)).expect(204);
  const cycle = await job.next(known);
  assert.deepEqual([cycle.kind, cycle.counts.updated], ["initial", count]);
  assert.ok((await accounts(directory)).Resources.every(({ displayName }) => displayName.startsWith("Person ")));
});

test("a change of scope during a cycle begins another one at once", async () => {
  const target = await useTarget();
  const job = await provisioning(context, { url: target.url, token: target.token });
  let release;
  const held = new Promise((resolve) => (release = resolve));
  target.wait = ({ method }) => (method === "POST" ? held : undefined);
  (await post(job, "start")).expect(204);
  await until("a creation", () => target.count("POST") > 0);
  const saved = job.save({ BaseAddress: target.url, SecretToken: "*", SyncAll: "True" });
  setTimeout(release, 300);
  await saved;
  const cycles = await until("the cycle of the new scope", async () => {
    const all = await job.cycles();
    return all.length === 2 && all.every(({ state }) => state !== "running") && all;
  });
  assert.deepEqual([cycles[0].kind, cycles[0].state, target.users.size], ["initial", "succeeded", count]);
});

test("links are listed, found by either id, and removed only while the job is paused", async () => {
  const { directory, job } = await toTenant();
  await job.run();
  const links = await context.api.all(`${job.path}/objectConnections?$top=7`);
  assert.equal(links.length, count);
  const user = await findUser(context, "person1@contoso.com");
  const link = (await context.api.get(`${job.path}/objectConnections/${user.id}`)).expect(200).json;
  const account = (await accounts(directory)).Resources.find(({ userName }) => userName === "person1@contoso.com");
  assert.ok(JSON.stringify(link).includes(account.id), JSON.stringify(link));
  (await context.api.get(`${job.path}/objectConnections/${account.id}`)).expect(200);
  assert.equal((await context.api.delete(`${job.path}/objectConnections/${user.id}`)).status, 409);
  (await post(job, "pause")).expect(204);
  (await context.api.delete(`${job.path}/objectConnections/${user.id}`)).expect(204);
  assert.equal((await context.api.get(`${job.path}/objectConnections/${user.id}`)).status, 404);
  await job.run();
  assert.equal((await accounts(directory)).totalResults, count, "matched again, not created again");
});

test("a removed job leaves nothing behind, and a new one can be made", async () => {
  const { directory, job } = await toTenant();
  await job.run();
  (await context.api.delete(job.path)).expect(204);
  assert.equal((await context.api.get(job.path)).status, 404);
  assert.deepEqual((await context.api.get(job.secretsPath)).expect(200).json.value, []);
  const second = await addJob(context, job.app);
  assert.equal((await second.read()).status.code, "NotConfigured");
  (await context.api.put(second.secretsPath, secretsOf({ BaseAddress: directory.scimUrl, SecretToken: directory.token }))).expect(204);
  const cycle = await second.run();
  assert.deepEqual([cycle.kind, cycle.counts.unchanged, cycle.counts.created], ["initial", count, 0]);
});
