/** Drift checks: what somebody else changed in the application is found, told, and put right. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { useServer } from "./support/server.mjs";
import { findUser, importPeople, people, provisioning } from "./support/setup.mjs";
import { Target } from "./support/target.mjs";

const rows = people(8);
const context = useServer({ prepare: () => importPeople(context, rows) });
const idOf = async (row) => (await findUser(context, row.userPrincipalName)).id;

/** Makes a drift check and waits until it has ended. */
async function check(job) {
  const begun = (await context.api.post(`${job.path}/driftChecks`)).expect(202);
  const path = new URL(begun.headers.get("location")).pathname.replace("/api/v1.0", "");
  return until("the end of the drift check", async () => {
    const found = (await context.api.get(path)).expect(200).json;
    return found.state !== "running" && { ...found, path };
  });
}

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
