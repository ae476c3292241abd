/**
 * A power failure in the middle of an inlet's first round: every process is killed with SIGKILL, the server is
 * started again on the same data, and the round goes on by itself until everybody is there, nobody twice.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { query, until } from "../../scripts/lib/client.mjs";
import { freePort } from "../../scripts/lib/ports.mjs";
import { startServer } from "../../scripts/lib/server.mjs";
import { useGraph } from "./support/graph.mjs";
import { clientsOf, temporaryFolder } from "./support/server.mjs";

const dataDir = temporaryFolder();
const count = 400;

test("kill -9 of everything in the middle of a round", { timeout: 180_000 }, async (t) => {
  const port = await freePort();
  const start = async () => {
    const server = await startServer({ port, dataDir, quiet: true });
    t.after(() => server.stop());
    return clientsOf(server);
  };
  const graph = await useGraph();
  graph.pageSize = 10;
  const people = Array.from({ length: count }, (_, index) => graph.addUser({ userPrincipalName: `p${index}@kill.example`, displayName: `P ${index}` }));
  graph.addGroup("All", people);
  let context = await start();
  const { id } = (await context.api.post(`/directories/${context.workforceId}/inlets`, graph.settings)).expect(201).json;
  const path = `/directories/${context.workforceId}/inlets/${id}`;
  const pages = () => graph.count(/users\/delta/);
  for (const enough of [10, 25]) {
    await until(`${enough} pages`, () => pages() >= enough, { pause: 5 });
    assert.ok(pages() < count / graph.pageSize, "the round was over before it could be killed");
    await context.server.kill9();
    context = await start();
  }
  // Only reads follow: nothing asks the inlet to go on.
  const status = await until("the end of the round", async () => {
    const { status } = (await context.api.get(path)).expect(200).json;
    return status.state === "idle" && status.lastRun && status;
  });
  assert.deepEqual([status.lastRun.kind, status.lastRun.failed, status.counts], ["full", 0, { users: count, groups: 1 }]);
  assert.ok(pages() <= count / graph.pageSize + 3, `${pages()} pages were asked for: the round began anew`);
  const { totalResults } = (await context.workforce.get(`/Users${query({ count: 1 })}`)).expect(200).json;
  assert.equal(totalResults, count);
  const group = (await context.workforce.get("/Groups")).expect(200).json.Resources;
  assert.deepEqual(group.map(({ members }) => members.length), [count]);
});
