/** What becomes of the accounts of people who leave: disabled, disabled and later deleted, or left alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useServer } from "./support/server.mjs";
import { changeSettings, imported, importPeople, people, provisioning, settingsOf, tenant } from "./support/setup.mjs";

const count = 6;
const rows = people(count);
const context = useServer({ prepare: () => importPeople(context, rows) });

const { member } = imported(context, rows);
const settings = (...what) => changeSettings(context, ...what);
const accountOf = async ({ scim }, index) => (await scim.get(`/Users?filter=${encodeURIComponent(`userName eq "${rows[index].userPrincipalName}"`)}`)).expect(200).json.Resources?.[0];

async function running() {
  const directory = await tenant(context);
  const job = await provisioning(context, { url: directory.scimUrl, token: directory.token });
  await job.run();
  return { directory, job };
}

/** Changes settings of a job that is on: everybody is looked at again. */
async function change(job, values) {
  const known = (await job.cycles()).map(({ id }) => id);
  (await settings(job, values)).expect(204);
  return job.next(known);
}

test("disabled, and deleted when the days are over; who comes back gets a new account", async () => {
  const { directory, job } = await running();
  assert.equal((await settingsOf(job)).DeprovisioningAction, "Disable");
  assert.equal((await change(job, { DeprovisioningAction: "DisableThenDelete", DeleteAfterDays: "0" })).counts.updated, 0);
  assert.deepEqual([(await settingsOf(job)).DeprovisioningAction, (await settingsOf(job)).DeleteAfterDays], ["DisableThenDelete", "0"]);
  await member(4, "remove");
  assert.deepEqual([(await job.run()).counts.disabled, (await accountOf(directory, 4)).active], [1, false]);
  const deletion = await job.run();
  assert.deepEqual([deletion.counts.deleted, deletion.counts.requests, await accountOf(directory, 4)], [1, 2, undefined]);
  assert.equal((await job.run()).counts.requests, 1);
  await member(4, "add");
  assert.deepEqual([(await job.run()).counts.created, (await accountOf(directory, 4)).active], [1, true]);
});

test("disabled for a while: not deleted before its time", async () => {
  const { directory, job } = await running();
  await change(job, { DeprovisioningAction: "DisableThenDelete" });
  assert.equal((await settingsOf(job)).DeleteAfterDays, "30");
  await member(5, "remove");
  await job.run();
  const idle = await job.run();
  assert.deepEqual([idle.counts.deleted, idle.counts.requests, (await accountOf(directory, 5)).active], [0, 1, false]);
  await member(5, "add");
  await job.run();
  assert.equal((await accountOf(directory, 5)).active, true);
});

test("left alone, until the policy is another", async () => {
  const { directory, job } = await running();
  await change(job, { DeprovisioningAction: "Nothing" });
  await member(3, "remove");
  const cycle = await job.run();
  assert.deepEqual([cycle.counts.disabled, cycle.counts.requests, (await accountOf(directory, 3)).active], [0, 1, true]);
  const [entry] = await job.log(cycle);
  assert.equal(entry.provisioningStatusInfo.errorInformation.errorCode, "SkipOutOfScopeDeletions");
  assert.equal((await change(job, { DeprovisioningAction: "Disable" })).counts.disabled, 1);
  assert.equal((await accountOf(directory, 3)).active, false);
  await member(3, "add");
});

test("other settings and values are refused", async () => {
  const { job } = await running();
  for (const values of [{ DeprovisioningAction: "Erase" }, { DeleteAfterDays: "366" }, { DeleteAfterDays: "soon" }, { Colour: "red" }]) {
    const answer = await settings(job, values);
    assert.deepEqual([answer.status, answer.json.error.code], [400, "Request_BadRequest"], JSON.stringify(values));
  }
  assert.equal((await settingsOf(job)).DeprovisioningAction, "Disable");
});
