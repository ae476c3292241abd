/** The dry run: what the next cycle would do, without a write to the target or the links; and that it does it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { useServer } from "./support/server.mjs";
import { addJob, application, assign, findGroup, findUser, importPeople, people, provisioning, tenant } from "./support/setup.mjs";
import { useTarget } from "./support/target.mjs";

const count = 12;
const rows = people(count);
const context = useServer({ prepare: () => importPeople(context, rows) });
const patchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

const idOf = async (index) => (await findUser(context, rows[index].userPrincipalName)).id;
const patch = async (path, ...Operations) => (await context.workforce.patch(path, { schemas: [patchOp], Operations })).expect(200);
const links = (job) => context.api.all(`${job.path}/objectConnections`);
const planned = async (job, { id }) => context.api.all(`${job.path}/plans/${id}?$top=5`);

/** Makes a plan and waits until it is done. */
async function plan(job) {
  const answer = await context.api.post(`${job.path}/plan`);
  assert.ok([201, 202].includes(answer.status), answer.text);
  assert.equal(answer.headers.get("location"), `${context.url}/api/v1.0${job.path}/plans/${answer.json.id}`);
  return until("the plan", async () => {
    const found = (await context.api.get(`${job.path}/plans/${answer.json.id}`)).expect(200).json;
    return found.state !== "running" && found;
  });
}

/** Action and changed attributes of each object, without references: a cycle sets those in a second step. */
const deeds = (list, idIn) =>
  list
    .map((entry) => [idIn(entry), entry.action ?? entry.provisioningAction, entry.modifiedProperties.map(({ displayName }) => displayName).filter((name) => !/manager$|^members$/.test(name))])
    .filter(([, , names]) => names.length > 0)
    .sort(([one], [other]) => (one < other ? -1 : 1));
const sameDeeds = async (job, cycle, items) => assert.deepEqual(deeds(items, ({ sourceId }) => sourceId), deeds(await job.log(cycle), ({ sourceIdentity }) => sourceIdentity.id));

test("before the first start: everybody would be created, and nothing is written", async () => {
  const directory = await tenant(context);
  const job = await provisioning(context, { url: directory.scimUrl, token: directory.token });
  const made = await plan(job);
  assert.deepEqual([made.kind, made.state, made.counts.created, made.counts.imported, made.deletionsHeld, made.error], ["initial", "finished", count, count, 0, null]);
  assert.equal(made.counts.requests, 2, "a probe and a search for all of them");
  const items = await planned(job, made);
  assert.deepEqual(items.map(({ action, status, objectType, held, targetId }) => [action, status, objectType, held, targetId]), Array(count).fill(["create", "success", "User", false, null]));
  const [{ requests, provisioningSteps, modifiedProperties }] = items.filter(({ sourceDisplayName }) => sourceDisplayName === rows[1].displayName);
  assert.deepEqual(requests.map(({ method, path, body }) => [method, path, body.userName]), [["POST", "/Users", rows[1].userPrincipalName]]);
  assert.ok(modifiedProperties.some(({ displayName, oldValue, newValue }) => displayName === "userName" && oldValue === null && newValue === rows[1].userPrincipalName));
  assert.ok(modifiedProperties.some(({ displayName }) => displayName.endsWith(":manager")), "the manager is told, too");
  assert.deepEqual(provisioningSteps.map(({ provisioningStepType }) => provisioningStepType), ["import", "scoping", "matching", "processing"]);
  assert.deepEqual([made.baseAddress, made.requestHeaders.Authorization], [directory.scimUrl, "Bearer *"]);
  assert.ok(!JSON.stringify([made, items]).includes(directory.token), "the token is in the plan");

  assert.equal((await directory.scim.get("/Users")).json.totalResults, 0);
  assert.deepEqual([await links(job), (await job.read()).status.code, (await job.cycles()).length], [[], "NotRun", 0]);
  assert.deepEqual((await context.api.all(`${job.path}/plans`)).map(({ id, state }) => [id, state]), [[made.id, "finished"]]);
  const kept = Date.parse(made.expirationDateTime) - Date.parse(made.createdDateTime);
  assert.ok(Math.abs(kept - 24 * 3_600_000) < 60_000, `${kept} ms`);

  const cycle = await job.run();
  await sameDeeds(job, cycle, items);
  const idle = await plan(job);
  assert.deepEqual([idle.kind, idle.counts.requests, await planned(job, idle)], ["incremental", 1, []]);
  (await context.api.delete(`${job.path}/plans/${made.id}`)).expect(204);
  assert.equal((await context.api.get(`${job.path}/plans/${made.id}`)).status, 404);
});

test("the cycle right after sends the very requests that the plan tells", async () => {
  const target = await useTarget();
  const job = await provisioning(context, { url: target.url, token: target.token });
  await job.run();
  const before = await links(job);
  await patch(`/Users/${await idOf(8)}`, { op: "replace", path: "name.familyName", value: `Changed${Date.now()}` });
  await patch(`/Users/${await idOf(9)}`, { op: "replace", path: "active", value: false });
  const everybody = await findGroup(context, "Everybody");
  await patch(`/Groups/${everybody.id}`, { op: "remove", path: `members[value eq "${await idOf(10)}"]` });
  const extra = { ...people(count + 1)[count], manager: "" };
  await importPeople(context, [extra]);
  target.users.get(target.named(rows[11].userPrincipalName)[0].id).name.givenName = "Drifted";
  target.forget();

  const made = await plan(job);
  assert.deepEqual([made.kind, made.counts.created, made.counts.updated, made.counts.disabled], ["incremental", 1, 1, 2]);
  assert.deepEqual([target.writes, await links(job)], [[], before]);
  const items = await planned(job, made);
  const changed = items.find(({ sourceDisplayName }) => sourceDisplayName === rows[8].displayName);
  assert.deepEqual(changed.modifiedProperties.map(({ displayName, oldValue }) => [displayName, oldValue]), [["name.familyName", rows[8].surname]]);
  // Planning twice changes nothing.
  assert.equal((await plan(job)).counts.updated, 1);
  target.forget();

  const cycle = await job.run();
  await sameDeeds(job, cycle, items);
  const line = ({ method, path, body }) => `${method} ${path.replace("/scim/v2", "")} ${JSON.stringify(body || undefined)}`;
  assert.deepEqual(items.flatMap(({ requests }) => requests).map(line).sort(), target.writes.map(line).sort());
  await patch(`/Users/${await idOf(9)}`, { op: "replace", path: "active", value: true });
  await patch(`/Groups/${everybody.id}`, { op: "add", path: "members", value: [{ value: await idOf(10) }] });
});

test("groups: members of a new group are told, and differences of a linked one", async () => {
  const directory = await tenant(context);
  const job = await provisioning(context, { url: directory.scimUrl, token: directory.token, name: "SCIM 2.0 application" });
  const schema = (await context.api.get(`${job.path}/schema`)).expect(200).json;
  for (const rule of schema.synchronizationRules) for (const mapping of rule.objectMappings) mapping.enabled = true;
  (await context.api.put(`${job.path}/schema`, schema)).expect(204);
  const everybody = await findGroup(context, "Everybody");
  const group = (items) => items.find(({ sourceId }) => sourceId === everybody.id);
  const first = group(await planned(job, await plan(job)));
  assert.deepEqual([first.action, first.objectType, first.requests[0].body.displayName], ["create", "Group", "Everybody"]);
  const { newValue } = first.modifiedProperties.find(({ displayName }) => displayName === "members");
  assert.ok(newValue.split(", ").includes(await idOf(0)));
  await job.run();
  const gone = await idOf(3);
  await patch(`/Groups/${everybody.id}`, { op: "remove", path: `members[value eq "${gone}"]` });
  const account = (await context.api.get(`${job.path}/objectConnections/${gone}`)).expect(200).json.targetAnchor;
  const second = group(await planned(job, await plan(job)));
  assert.deepEqual([second.action, second.requests.map(({ method, body }) => [method, body.Operations])], ["update", [["PATCH", [{ op: "remove", path: `members[value eq "${account}"]` }]]]]);
  const accounts = async () => (await directory.scim.get(`/Groups?filter=${encodeURIComponent('displayName eq "Everybody"')}`)).json.Resources[0].members.map(({ value }) => value);
  assert.ok((await accounts()).includes(account), "the plan took the member out");
  await job.run();
  assert.ok(!(await accounts()).includes(account));
  await patch(`/Groups/${everybody.id}`, { op: "add", path: "members", value: [{ value: gone }] });
});

test("a plan that takes long goes on by itself; starting the job cancels it", async () => {
  const many = people(150, "long.example").map((row) => ({ ...row, manager: "", groups: "Long" }));
  await importPeople(context, many);
  const target = await useTarget();
  target.wait = () => new Promise((resolve) => setTimeout(resolve, 300));
  const app = await application(context);
  (await assign(context, app, (await findGroup(context, "Long")).id)).expect(201);
  const job = await addJob(context, app, { BaseAddress: target.url, SecretToken: target.token });
  const answer = await context.api.post(`${job.path}/plan`);
  assert.deepEqual([answer.status, answer.json.state], [202, "running"]);
  const second = await context.api.post(`${job.path}/plan`);
  assert.deepEqual([second.status, second.json.error.code], [409, "Conflict"]);
  const read = async () => (await context.api.get(`${job.path}/plans/${answer.json.id}?$top=1`)).expect(200).json;
  const finished = await until("the plan", async () => {
    const found = await read();
    return found.state !== "running" && found;
  });
  assert.deepEqual([finished.state, finished.counts.created, target.writes.length], ["finished", many.length, 0]);
  assert.equal((await planned(job, finished)).length, many.length);

  const again = (await context.api.post(`${job.path}/plan`)).expect(202).json;
  target.wait = () => undefined;
  const cycle = await job.run();
  assert.equal(cycle.counts.created, many.length);
  assert.equal((await context.api.get(`${job.path}/plans/${again.id}`)).expect(200).json.state, "cancelled");
});

test("deletions beyond the threshold are told as held", async () => {
  const many = people(510, "threshold.example").map((row) => ({ ...row, manager: "", groups: "Threshold" }));
  await importPeople(context, many);
  const directory = await tenant(context);
  const app = await application(context);
  const assignment = (await assign(context, app, (await findGroup(context, "Threshold")).id)).expect(201).json;
  const SyncNotificationSettings = JSON.stringify({ Enabled: false, DeleteThresholdEnabled: true, Recipients: "" });
  const job = await addJob(context, app, { BaseAddress: directory.scimUrl, SecretToken: directory.token, SyncNotificationSettings });
  await job.run();
  (await context.api.delete(`${app.path}/appRoleAssignedTo/${assignment.id}`)).expect(204);
  const made = await plan(job);
  assert.deepEqual([made.state, made.deletionsHeld, made.error.code], ["finished", many.length, "TooManyDeletes"]);
  const page = (await context.api.get(`${job.path}/plans/${made.id}`)).json.value;
  assert.deepEqual([page.length, page.every(({ action, held }) => action === "disable" && held)], [100, true]);
});

test("what cannot be planned is refused, and a target that refuses fails the plan", async () => {
  const unconfigured = await addJob(context, await application(context));
  assert.equal((await context.api.post(`${unconfigured.path}/plan`)).status, 400);
  assert.equal((await context.api.get(`${unconfigured.path}/plans/none`)).status, 404);
  const target = await useTarget();
  const job = await provisioning(context, { url: target.url, token: target.token });
  target.fault = () => ({ status: 401 });
  const made = await plan(job);
  assert.equal(made.state, "failed");
  assert.ok(made.error.code && made.error.message.length > 10);
  assert.equal((await job.read()).status.code, "NotRun", "a plan is no cycle");
  target.fault = () => undefined;
  let release;
  const held = new Promise((resolve) => (release = resolve));
  target.wait = ({ method }) => (method === "POST" ? held : undefined);
  (await context.api.post(`${job.path}/start`)).expect(204);
  await until("the first creation", () => target.count("POST") > 0);
  const busy = await context.api.post(`${job.path}/plan`);
  release();
  assert.deepEqual([busy.status, busy.json.error.code], [409, "Conflict"]);
  await job.next([]);
});
