/**
 * A power failure in the middle of an import: every process is killed with SIGKILL, the server is started again on the
 * same data, and the import goes on by itself to the counts that it would have had.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { freePort } from "../../scripts/lib/ports.mjs";
import { startServer } from "../../scripts/lib/server.mjs";
import { audits, begin, importsPath, kept } from "./support/imports.mjs";
import { clientsOf, temporaryFolder } from "./support/server.mjs";
import { csv, findGroup, importPeople, people } from "./support/setup.mjs";

const dataDir = temporaryFolder();
const count = 6_000;
const known = 500;

test("kill -9 of everything in the middle of an import, twice", { timeout: 300_000 }, async (t) => {
  const port = await freePort();
  const start = async () => {
    const server = await startServer({ port, dataDir, quiet: true, cron: false, env: { CHANGE_DEBOUNCE_SECONDS: "0" } });
    t.after(() => server.stop());
    return clientsOf(server);
  };
  const rows = people(count);
  let context = await start();
  await importPeople(context, rows.slice(0, known));
  // Of those who are known some change, and most do not; some rows are wrong.
  for (let index = 0; index < 40; index += 1) rows[index] = { ...rows[index], department: "Legal" };
  for (let index = 0; index < 7; index += 1) rows[1_000 + index].accountEnabled = "perhaps";
  const { path, record } = await begin(context, csv(rows));
  for (const enough of [({ created }) => created > 600, ({ phase }) => phase !== "rows"]) {
    await until("a place to break off", async () => {
      const { state, progress } = (await context.api.get(path)).expect(200).json;
      assert.equal(state, "running", "the import was over before it could be killed");
      return enough(progress);
    }, { pause: 5, limit: 90_000 });
    await context.server.kill9();
    assert.ok(kept(context).parts > 0, "the file is not there any more");
    context = await start();
  }
  // The audit log is another object's: nothing asks the directory to go on.
  const entry = await until("the entry about the import", async () => (await audits(context)).find(({ id }) => id === record.id), { pause: 200, limit: 150_000 });
  // Those who were known and get a manager or a group now had them before, so only the forty changed.
  const expected = { created: count - known - 7, updated: 40, unchanged: known - 40, failed: 7, removed: 0 };
  assert.deepEqual(entry, { id: record.id, result: "success", by: "Management API key", created: String(expected.created), updated: "40", removed: "0", failed: "7" });
  const { state, result } = (await context.api.get(path)).expect(200).json;
  const { errors, encoding, ...counts } = result;
  assert.deepEqual([state, counts, errors.length, encoding], ["finished", expected, 7, "utf-8"]);
  assert.deepEqual(kept(context), { parts: 0, outcomes: 0 });
  assert.equal((await context.workforce.get("/Users?count=0")).expect(200).json.totalResults, count - 7);
  assert.equal((await findGroup(context, "Everybody")).members.length, count - 7);
  assert.equal((await audits(context)).filter(({ id }) => id === record.id).length, 1);
  assert.deepEqual((await context.api.get(importsPath(context))).expect(200).json.value.map(({ state: each }) => each), ["finished", "finished"]);
  // The same file once more says that nothing is missing.
  const again = (await context.api.post(`/directories/${context.workforceId}/import`, csv(rows), { headers: { "content-type": "text/csv" }, timeout: 180_000 })).expect(200).json;
  assert.deepEqual([again.created, again.updated, again.unchanged, again.failed], [0, 0, count - 7, 7]);
});
