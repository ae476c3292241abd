/** Provisioning one person now, for real and as a preview that writes nothing. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { beforeEach, test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { useServer } from "./support/server.mjs";
import { addJob, application, findUser, importPeople, people, provisioning } from "./support/setup.mjs";
import { Target, enterprise } from "./support/target.mjs";

const rows = people(8);
const context = useServer({ prepare: () => importPeople(context, rows) });
let target, job;

beforeEach(async (t) => {
  target = await new Target().listen();
  t.after(() => target.close());
  job = await provisioning(context, { url: target.url, token: target.token });
});

const idOf = async (row) => (await findUser(context, row.userPrincipalName)).id;
const ask = async (ids, parameters = "") => {
  const subjects = ids.map((objectId) => ({ objectId, objectTypeName: "User" }));
  return job.api.post(`${job.path}/provisionOnDemand${parameters}`, { parameters: [{ ruleId: "peakon-rule", subjects }] });
};

/** Graph's answer: JSON in strings. */
const read = (answer) => {
  const { key, value } = answer.expect(200).json;
  return { outcome: JSON.parse(key), event: JSON.parse(value) };
};

test("one person is created now, with every step told, and nobody else", async () => {
  const { outcome, event } = read(await ask([await idOf(rows[6])]));
  assert.equal(outcome.result, "Success");
  assert.deepEqual([...target.users.values()].map(({ userName }) => userName), [rows[6].userPrincipalName]);
  assert.equal(event.action.toLowerCase(), "create");
  const steps = JSON.stringify(event);
  for (const type of ["import", "scoping", "matching", "export"]) assert.match(steps, new RegExp(`"type":"${type}"`, "i"));
});

test("asked again it writes nothing; after a change it writes the change", async () => {
  const id = await idOf(rows[6]);
  await ask([id]);
  target.forget();
  assert.notEqual(read(await ask([id])).outcome.result, "Failure");
  assert.deepEqual(target.writes, []);
  target.users.get(target.named(rows[6].userPrincipalName)[0].id).name.familyName = "Drifted";
  assert.equal(read(await ask([id])).outcome.result, "Success");
  assert.deepEqual(target.writes.map(({ method, body }) => [method, body.Operations]), [["PATCH", [{ op: "replace", path: "name.familyName", value: rows[6].surname }]]]);
});

test("a preview tells the same and writes nothing, neither in the target nor in the job", async () => {
  const { outcome, event } = read(await ask([await idOf(rows[5])], "?preview=true"));
  assert.equal(outcome.result, "Success");
  assert.equal(event.action.toLowerCase(), "create");
  assert.match(JSON.stringify(event), /userName/);
  assert.deepEqual([target.writes, target.users.size], [[], 0]);
  assert.deepEqual(await context.api.all(`${job.path}/objectConnections`), []);
});

test("somebody with a manager gets it as soon as the manager has an account", async () => {
  const [boss, report] = [await idOf(rows[0]), await idOf(rows[1])];
  await ask([boss, report]);
  const account = target.named(rows[1].userPrincipalName)[0];
  assert.equal(account[enterprise].manager?.value, target.named(rows[0].userPrincipalName)[0].id);
});

test("the cycle afterwards knows what was done on demand", async () => {
  await ask([await idOf(rows[6])]);
  const cycle = await job.run();
  assert.deepEqual([cycle.counts.created, target.users.size], [rows.length - 1, rows.length]);
});

test("somebody out of scope is skipped, with the reason", async () => {
  const app = await application(context);
  const other = await addJob(context, app, { BaseAddress: target.url, SecretToken: target.token });
  const body = { parameters: [{ ruleId: "peakon-rule", subjects: [{ objectId: await idOf(rows[2]), objectTypeName: "User" }] }] };
  const { outcome, event } = read(await context.api.post(`${other.path}/provisionOnDemand`, body));
  assert.equal(outcome.result, "Skipped");
  assert.match(JSON.stringify(event), /assigned/i);
  assert.equal(target.users.size, 0);
});

test("a target that refuses is told as a failure", async () => {
  target.fault = () => ({ status: 401 });
  const { outcome } = read(await ask([await idOf(rows[3])]));
  assert.equal(outcome.result, "Failure");
  assert.ok(outcome.details.errorCode && outcome.details.errorMessage.length > 10, JSON.stringify(outcome));
});

test("what cannot be asked is refused", async () => {
  assert.equal((await ask([])).status, 400, "nobody");
  assert.equal((await ask(Array(6).fill(randomUUID()))).status, 400, "more than five");
  assert.equal((await job.api.post(`${job.path}/provisionOnDemand`, {})).status, 400, "no parameters");
  const unconfigured = await addJob(context, await application(context));
  const body = { parameters: [{ ruleId: "r", subjects: [{ objectId: randomUUID(), objectTypeName: "User" }] }] };
  assert.equal((await context.api.post(`${unconfigured.path}/provisionOnDemand`, body)).status, 400, "no credentials");
});

test("not while a cycle runs", async () => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  target.wait = ({ method }) => (method === "POST" ? held : undefined);
  (await context.api.post(`${job.path}/start`)).expect(204);
  await until("the first creation", () => target.count("POST") > 0);
  const answer = await ask([await idOf(rows[6])]);
  release();
  assert.deepEqual([answer.status, answer.json.error.code], [409, "Conflict"]);
  await job.next([]);
  assert.equal(target.users.size, rows.length);
});
