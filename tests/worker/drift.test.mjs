/** Drift checks: what somebody else changed in the application is found, told, and put right. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkDrift } from "./support/drift.mjs";
import { useServer } from "./support/server.mjs";
import { findUser, importPeople, people, provisioning } from "./support/setup.mjs";
import { Target } from "./support/target.mjs";

const rows = people(8);
const context = useServer({ prepare: () => importPeople(context, rows) });
const idOf = async (row) => (await findUser(context, row.userPrincipalName)).id;

const check = (job) => checkDrift(context, job);

test("drift is told apart from what waits, and repaired", async (t) => {
  const target = await new Target().listen();
  t.after(() => target.close());
  const job = await provisioning(context, { url: target.url, token: target.token });
  assert.equal((await context.api.post(`${job.path}/driftChecks`)).status, 409, "nothing to compare with yet");
  await job.run();
  const clean = await check(job);
  assert.deepEqual([clean.state, clean.checked, clean.value], ["finished", rows.length, []]);

  const account = (row) => target.named(row.userPrincipalName)[0];
  target.users.get(account(rows[2]).id).name.familyName = "Drifted";
  const gone = account(rows[5]).id;
  target.users.delete(gone);
  // A change that was not provisioned yet is no drift.
  const waiting = await idOf(rows[6]);
  (await context.workforce.patch(`/Users/${waiting}`, { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{ op: "replace", path: "name.familyName", value: "Married" }] })).expect(200);
  target.forget();
  const found = await check(job);
  assert.deepEqual(target.writes, []);
  assert.equal(found.state, "finished");
  assert.equal(found.checked, rows.length - 1);
  const told = Object.fromEntries(found.value.map(({ sourceId, kind, attributes }) => [sourceId, { kind, attributes }]));
  assert.deepEqual(told, {
    [await idOf(rows[2])]: { kind: "changed", attributes: [{ attribute: "name.familyName", wanted: rows[2].surname, found: "Drifted" }] },
    [await idOf(rows[5])]: { kind: "missing", attributes: [] },
  });
  assert.equal((await context.api.get(`${job.path}/plans/${found.id}`)).status, 404);
  assert.deepEqual((await context.api.get(`${job.path}/plans`)).json.value, []);
  assert.equal((await context.api.get(`${job.path}/driftChecks`)).json.value.length, 2);

  const known = (await job.cycles()).map(({ id }) => id);
  (await context.api.post(`${found.path}/repair`)).expect(204);
  const cycle = await job.next(known);
  assert.deepEqual([cycle.kind, cycle.counts.created, cycle.counts.updated, cycle.counts.failed], ["incremental", 1, 2, 0]);
  assert.equal(account(rows[2]).name.familyName, rows[2].surname);
  assert.notEqual(account(rows[5]).id, gone);
  assert.deepEqual((await check(job)).value, []);
  assert.equal((await context.api.get(`${job.path}/driftChecks/unknown`)).status, 404);
});

test("an application of others is read in pages as large as it says and as it gives", async (t) => {
  const cases = [
    { maxResults: 5, most: 1 + 2 + 2 },
    { maxResults: 20, most: 1 + 1 + 1 },
    { maxResults: 1_000, most: 1 + 1 + 1 },
    { maxResults: 1_000, obeysCount: false, most: 1 + 1 + 1 },
    // It gives three at a time; who was not among them is asked for again.
    { maxResults: 1_000, page: 3, most: 1 + 2 + 4 },
    // Lists that tell less are not used.
    { maxResults: 1_000, brief: true, most: 1 + 1 + rows.length },
  ];
  for (const { most, brief, ...properties } of cases) {
    const target = Object.assign(await new Target().listen(), properties);
    t.after(() => target.close());
    const job = await provisioning(context, { url: target.url, token: target.token });
    await job.run();
    target.forget();
    if (brief) target.fault = ({ path }) => (path.includes("id%20eq") ? { status: 200, body: { totalResults: target.users.size, Resources: [...target.users.values()].map(({ id, userName }) => ({ id, userName })) } } : undefined);
    const name = JSON.stringify(properties);
    const clean = await check(job);
    assert.deepEqual([clean.state, clean.checked, clean.value], ["finished", rows.length, []], name);
    assert.ok(target.requests.length <= most, `${name}: ${target.requests.map(({ path }) => path).join(" ")}`);
    const [user] = target.users.values();
    user.name.familyName = "Drifted";
    assert.equal((await check(job)).value.length, 1, name);
    assert.deepEqual(target.writes, []);
  }
});
