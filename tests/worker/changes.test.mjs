/** A job runs by itself, seconds after something changed that concerns it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../scripts/lib/client.mjs";
import { fireCron } from "../../scripts/lib/server.mjs";
import { audits, begin, follow } from "./support/imports.mjs";
import { useServer } from "./support/server.mjs";
import { addJob, application, assign, csv, findUser, importPeople, people, provisioning, tenant } from "./support/setup.mjs";
import { useTarget } from "./support/target.mjs";

const debounce = 2;
const count = 10;
const rows = people(count);
const context = useServer({ env: { CHANGE_DEBOUNCE_SECONDS: String(debounce) }, prepare: () => importPeople(context, rows) });
const patchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

const idOf = async (index) => (await findUser(context, rows[index].userPrincipalName)).id;
const rename = async (id, value) => (await context.workforce.patch(`/Users/${id}`, { schemas: [patchOp], Operations: [{ op: "replace", path: "name.familyName", value }] })).expect(200);
const known = async (job) => (await job.cycles()).map(({ id }) => id);
/** Longer than anything that a change could have started takes. */
const quiet = () => sleep((debounce + 3) * 1_000);

async function running() {
  const directory = await tenant(context);
  const job = await provisioning(context, { url: directory.scimUrl, token: directory.token });
  await job.run();
  // The assignment was a change, too.
  await quiet();
  return { directory, job };
}

test("edits of people, together in one cycle; an assignment; an import", async () => {
  const { job } = await running();
  const ids = await Promise.all([5, 6, 7, 8].map(idOf));
  let before = await known(job);
  const at = Date.now();
  for (const id of ids) await rename(id, `Changed${at}`);
  const edits = await job.next(before, { limit: 15_000 });
  assert.deepEqual([edits.kind, edits.counts.updated], ["incremental", ids.length]);
  const waited = Date.parse(edits.startedDateTime) - at;
  assert.ok(waited >= debounce * 1_000 - 100 && waited < 10_000, `started after ${waited} ms`);
  await quiet();
  assert.equal((await known(job)).length, before.length + 1, "one cycle for all of them");

  before = await known(job);
  await importPeople(context, [{ ...people(count + 1)[count], manager: "", groups: "Everybody" }]);
  assert.equal((await job.next(before, { limit: 15_000 })).counts.created, 1);
  const { status } = await job.read();
  const minutes = (Date.parse(status.nextExecutionDateTime) - Date.now()) / 60_000;
  assert.ok(minutes > 38 && minutes <= 40.1, `the schedule goes on: ${minutes} minutes`);

  before = await known(job);
  const [assignment] = await context.api.all(`${job.app.path}/appRoleAssignedTo`);
  (await context.api.delete(`${job.app.path}/appRoleAssignedTo/${assignment.id}`)).expect(204);
  assert.equal((await job.next(before, { limit: 15_000 })).counts.disabled, count + 1);
});

test("an import that nobody waits for: told by who asks for its end, else by cron", async () => {
  const { job } = await running();
  const send = async (index) => begin(context, csv([{ ...people(count + index + 1)[count + index], manager: "", groups: "Everybody" }]));
  let before = await known(job);
  const { path } = await send(1);
  assert.equal((await follow(context, path)).at(-1).state, "finished");
  assert.equal((await job.next(before, { limit: 15_000 })).counts.created, 1);
  await quiet();
  before = await known(job);
  const { record } = await send(2);
  await until("the entry about the import", async () => (await audits(context)).some(({ id }) => id === record.id));
  await quiet();
  assert.deepEqual(await known(job), before, "nobody was told yet");
  await fireCron(context.url);
  assert.equal((await job.next(before, { limit: 15_000 })).counts.created, 1);
  await quiet();
  before = await known(job);
  await fireCron(context.url);
  await quiet();
  assert.deepEqual(await known(job), before, "it is told once");
});

test("only jobs that are on and well, and only what changes people", async () => {
  const { directory, job } = await running();
  const id = await idOf(3);
  const before = await known(job);
  (await context.workforce.get(`/Users/${id}`)).expect(200);
  const [account] = (await directory.scim.get("/Users")).json.Resources;
  (await directory.scim.patch(`/Users/${account.id}`, { schemas: [patchOp], Operations: [{ op: "replace", path: "title", value: "Target" }] })).expect(200);
  await quiet();
  assert.deepEqual(await known(job), before, "a read, or a write in an application's directory");
  (await context.api.post(`${job.path}/pause`)).expect(204);
  await rename(id, `Paused${Date.now()}`);
  await quiet();
  assert.deepEqual(await known(job), before, "a paused job");

  const target = await useTarget();
  const app = await application(context);
  (await assign(context, app, id)).expect(201);
  const sick = await addJob(context, app, { BaseAddress: target.url, SecretToken: target.token });
  target.fault = () => ({ status: 401 });
  await sick.run();
  assert.equal((await sick.read()).status.code, "Quarantine");
  const failed = await known(sick);
  await rename(id, `Sick${Date.now()}`);
  await quiet();
  assert.deepEqual(await known(sick), failed, "a job in quarantine");
});

test("what changes while a cycle runs is the business of the next one, right after", async () => {
  const target = await useTarget();
  const job = await provisioning(context, { url: target.url, token: target.token });
  const id = await idOf(9);
  let release;
  const held = new Promise((resolve) => (release = resolve));
  target.wait = ({ method, body }) => (method === "POST" && body.userName === rows[0].userPrincipalName ? held : undefined);
  (await context.api.post(`${job.path}/start`)).expect(204);
  while (target.named(rows[9].userPrincipalName).length === 0) await sleep(50);
  await rename(id, "Meanwhile");
  release();
  const first = await job.next([]);
  const second = await job.next([first.id], { limit: 15_000 });
  assert.deepEqual([second.kind, second.counts.updated], ["incremental", 1]);
  assert.equal(target.named(rows[9].userPrincipalName)[0].name.familyName, "Meanwhile");
});

test("the interval is set on the job, from a minute to a week", async () => {
  const { job } = await running();
  (await context.api.patch(job.path, { schedule: { interval: "PT5M" } })).expect(204);
  const { schedule, status } = await job.read();
  const minutes = (Date.parse(status.nextExecutionDateTime) - Date.now()) / 60_000;
  assert.equal(schedule.interval, "PT5M");
  assert.ok(minutes > 4.5 && minutes <= 5, `${minutes} minutes`);
  await job.run();
  const next = (Date.parse((await job.read()).status.nextExecutionDateTime) - Date.now()) / 60_000;
  assert.ok(next > 4.5 && next <= 5, `${next} minutes after a cycle`);
  for (const interval of ["PT30S", "P8D", "40", ""]) {
    const answer = await context.api.patch(job.path, { schedule: { interval } });
    assert.deepEqual([answer.status, answer.json.error.code], [400, "Request_BadRequest"], interval);
  }
  assert.equal((await job.read()).schedule.interval, "PT5M");
});
