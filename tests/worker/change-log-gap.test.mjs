/**
 * A job that was paused for longer than the directory keeps its change log: it looks at everybody again, and the
 * memberships that changed meanwhile are found by comparing them with what was written.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { scim } from "../../scripts/lib/client.mjs";
import { startServer } from "../../scripts/lib/server.mjs";
import { groupsOf, useGroups } from "./support/groups.mjs";
import { clientsOf, temporaryFolder } from "./support/server.mjs";
import { findGroup, importPeople, people, Job } from "./support/setup.mjs";

const dataDir = temporaryFolder();
const rows = people(6);
const names = (...indexes) => indexes.map((index) => `person${index}`);

/** Takes the older part of every change log away, as 30 days do. */
function pruneChangeLogs() {
  const folder = join(dataDir, "state");
  let pruned = 0;
  for (const file of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".sqlite"))) {
    const database = new DatabaseSync(join(folder, file));
    const has = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'change_log'").get();
    if (has) pruned += Number(database.prepare("DELETE FROM change_log WHERE seq < (SELECT max(seq) FROM change_log)").run().changes);
    database.close();
  }
  assert.ok(pruned > 0, "nothing was pruned");
}

test("memberships that changed in the part that is no longer kept are sent, and nothing else", { timeout: 180_000 }, async (t) => {
  const context = {};
  const start = async () => {
    const server = await startServer({ dataDir, quiet: true, cron: false, env: { CHANGE_DEBOUNCE_SECONDS: "0" } });
    t.after(() => server.stop());
    Object.assign(context, await clientsOf(server));
    return server;
  };
  let server = await start();
  await importPeople(context, rows);
  const { idOf, patch, members, group, groupsToTenant } = useGroups(context, rows);
  const { directory, job } = await groupsToTenant({ SyncAll: "True" });
  const team = await group("Team", 0, 1, 2);
  await job.run();
  assert.deepEqual(await groupsOf(directory), { Everybody: names(0, 1, 2, 3, 4, 5), Team: names(0, 1, 2) });

  (await context.api.post(`${job.path}/pause`)).expect(204);
  await patch(`/Groups/${team.id}`, { op: "remove", path: `members[value eq "${await idOf(1)}"]` }, { op: "add", path: "members", value: await members(4, 5) });
  const everybody = await findGroup(context, "Everybody");
  await patch(`/Groups/${everybody.id}`, { op: "replace", path: "displayName", value: "Everybody" }, { op: "replace", path: "externalId", value: "everybody" });
  await server.stop();
  pruneChangeLogs();
  server = await start();

  // The target is reached at another port now.
  const resumed = new Job(context.api, job.app, job);
  const url = new URL(directory.scimUrl);
  const scimUrl = `${context.url}${url.pathname}`;
  await resumed.save({ BaseAddress: scimUrl, SecretToken: directory.token, SyncAll: "True" });
  const target = { scim: scim(scimUrl, directory.token) };
  const cycle = await resumed.run();
  assert.deepEqual([cycle.kind, cycle.state, cycle.counts.created], ["initial", "succeeded", 0]);
  assert.deepEqual(await groupsOf(target), { Everybody: names(0, 1, 2, 3, 4, 5), Team: names(0, 2, 4, 5) });
  // Only the group that differs was written to.
  const written = (await resumed.log(cycle)).filter(({ modifiedProperties }) => modifiedProperties.some(({ displayName }) => displayName === "members"));
  assert.deepEqual(written.map(({ sourceIdentity }) => sourceIdentity.id), [team.id]);
  const next = await resumed.run();
  assert.deepEqual([next.kind, next.counts.requests], ["incremental", 1]);
});
