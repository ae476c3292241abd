/**
 * A power failure in the middle of the initial cycle: every process is killed with SIGKILL, the server is started
 * again on the same data, and the cycle goes on by itself until everybody is there, nobody twice.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { differences, readTarget } from "../../scripts/demo/target.mjs";
import { parsePeople, wantedAccounts } from "../../scripts/demo/people.mjs";
import { until } from "../../scripts/lib/client.mjs";
import { inProject } from "../../scripts/lib/paths.mjs";
import { alive } from "../../scripts/lib/processes.mjs";
import { freePort } from "../../scripts/lib/ports.mjs";
import { startServer } from "../../scripts/lib/server.mjs";
import { clientsOf, temporaryFolder } from "./support/server.mjs";
import { Job, addJob, application, assign, findGroup, tenant, upload } from "./support/setup.mjs";

const sample = readFileSync(inProject("tests", "data", "contoso.csv"), "utf8");
const dataDir = temporaryFolder();

/** The accounts that the default mappings make: without the extension attribute of the demo. */
function wanted() {
  const accounts = wantedAccounts(parsePeople(sample));
  for (const account of accounts.values()) delete account.businessUnit;
  return accounts;
}

/** What the target has to hold, and how often each person was created according to the log. */
async function requireComplete(context, job, directory, cycle) {
  const accounts = wanted();
  const found = await readTarget(directory.scim); // Fails by itself if somebody is listed twice.
  assert.deepEqual(differences(accounts, found).slice(0, 10), []);
  assert.equal(found.size, accounts.size);
  const created = (await job.log(cycle, "provisioningAction eq 'create'", "provisioningStatusInfo/status eq 'success'")).map(({ targetIdentity }) => targetIdentity.id);
  assert.equal(new Set(created).size, created.length, "an account was created twice according to the log");
  assert.deepEqual(await job.cycles().then((cycles) => cycles.map(({ id }) => id)), [cycle.id], "another cycle was begun");
}

test("kill -9 of everything in mid-cycle, twice", { timeout: 300_000 }, async (t) => {
  const port = await freePort();
  const start = async () => {
    const server = await startServer({ port, dataDir, quiet: true, env: { CHANGE_DEBOUNCE_SECONDS: "0" } });
    t.after(() => server.stop());
    return clientsOf(server);
  };
  let context = await start();
  (await upload(context, sample)).expect(200);
  const directory = await tenant(context);
  const app = await application(context);
  (await assign(context, app, (await findGroup(context, "All Employees")).id)).expect(201);
  const first = await addJob(context, app, { BaseAddress: directory.scimUrl, SecretToken: directory.token });
  (await context.api.post(`${first.path}/start`)).expect(204);

  const total = async () => (await directory.scim.get("/Users?count=1")).expect(200).json.totalResults;
  let cycleId;
  for (const enough of [150, 550]) {
    const job = new Job(context.api, app, first);
    const reached = await until(`${enough} accounts`, async () => {
      const now = await total();
      return now >= enough && now;
    }, { pause: 20, limit: 90_000, describe: async () => JSON.stringify((await job.read()).status) });
    const { currentCycle } = (await job.read()).status;
    assert.ok(currentCycle, `the cycle was over before it could be killed, at ${reached} accounts`);
    cycleId ??= currentCycle.id;
    assert.equal(currentCycle.id, cycleId);
    const tree = context.server.processes();
    assert.ok(tree.filter(({ command }) => command === "workerd").length > 0, "no runtime to kill");
    await context.server.kill9();
    assert.deepEqual(tree.filter(({ pid }) => alive(pid)), [], "something survived");
    // Only a read follows: nothing asks the job to go on.
    context = await start();
  }

  const job = new Job(context.api, app, first);
  const cycle = await job.next([], { limit: 150_000 });
  assert.deepEqual([cycle.id, cycle.kind, cycle.state, cycle.counts.failed], [cycleId, "initial", "succeeded", 0]);
  await requireComplete(context, job, directory, cycle);
  assert.equal((await job.run()).counts.created, 0, "the next cycle finds nobody to create");
});
