/**
 * A power failure while an inlet is being removed: whoever it shares with another inlet is let go all the same, by a
 * repeated DELETE or by the inlet itself.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { freePort } from "../../scripts/lib/ports.mjs";
import { startServer } from "../../scripts/lib/server.mjs";
import { useGraph } from "./support/graph.mjs";
import { clientsOf, temporaryFolder } from "./support/server.mjs";
import { findUser } from "./support/setup.mjs";

const count = 8_000;
/** When it is killed, in milliseconds after the removal was asked for: the removal takes longer, and begins sooner. */
const moments = [400, 150, 900];

/** A removal that was broken off in its middle; a moment that was too early or too late is followed by another try. */
async function brokenOff(t, domain) {
  for (const moment of moments) {
    const broken = await breakOff(t, temporaryFolder(), domain, moment);
    if (broken) return broken;
  }
  throw new Error("The removal was never broken off in its middle.");
}

/** Two inlets that say different things about the same people; the first one is removed, and everything is killed. */
async function breakOff(t, dataDir, domain, moment) {
  const port = await freePort();
  const start = async () => {
    const server = await startServer({ port, dataDir, quiet: true });
    t.after(() => server.stop());
    return clientsOf(server);
  };
  let context = await start();
  const inlets = `/directories/${context.workforceId}/inlets`;
  const status = async (id) => (await context.api.get(`${inlets}/${id}`)).expect(200).json.status;
  const ended = (id, before) =>
    until(
      "the end of the round",
      async () => {
        const now = await status(id);
        return now.state === "idle" && now.lastRun && now.lastRun.startedDateTime !== before && now;
      },
      { limit: 120_000 },
    );
  const made = [];
  for (const department of ["Sales", "Legal"]) {
    const graph = await useGraph();
    graph.pageSize = 500;
    const people = Array.from({ length: count }, (_, index) => graph.addUser({ userPrincipalName: `p${index}@${domain}`, displayName: `P${index}`, department }));
    const { id } = (await context.api.post(inlets, graph.settings)).expect(201).json;
    made.push({ id, graph, people });
    assert.equal((await ended(id)).counts.users, count);
  }
  const [first, second] = made;
  const conflicts = async () => (await context.api.all(`/directories/${context.workforceId}/conflicts?$top=200`)).filter(({ attribute }) => attribute === "department").length;
  assert.equal(await conflicts(), count);
  const listed = async () => (await context.api.get(inlets)).expect(200).json.value.map(({ id }) => id);
  const removal = context.api.delete(`${inlets}/${first.id}`).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, moment));
  await context.server.kill9();
  await removal;
  context = await start();
  if ((await listed()).includes(first.id) || (await conflicts()) === 0) return undefined;
  assert.deepEqual(await listed(), [second.id]);
  assert.equal((await context.api.get(`${inlets}/${first.id}`)).status, 404);

  return {
    remove: () => context.api.delete(`${inlets}/${first.id}`),
    conflicts,
    /** Nothing is left of the first one: what the second says counts, and whoever leaves there leaves. */
    async check() {
      assert.equal(await conflicts(), 0);
      assert.equal((await context.api.delete(`${inlets}/${first.id}`)).status, 404);
      const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
      assert.equal((await findUser(context, `p7@${domain}`))[enterprise].department, "Legal");
      second.graph.delete(second.people[3]);
      const before = (await status(second.id)).lastRun.startedDateTime;
      (await context.api.post(`${inlets}/${second.id}/run`)).expect(204);
      const { lastRun, counts } = await ended(second.id, before);
      assert.deepEqual([lastRun.deleted, counts.users], [1, count - 1]);
    },
  };
}

test("a removal that broke off is finished by another DELETE", { timeout: 360_000 }, async (t) => {
  const { remove, check } = await brokenOff(t, "again.example");
  (await remove()).expect(204);
  await check();
});

test("a removal that broke off is finished by itself", { timeout: 360_000 }, async (t) => {
  const { conflicts, check } = await brokenOff(t, "alone.example");
  // Only reads follow: nothing asks the inlet to go on. The last step comes right after the last conflict.
  await until("the end of the removal", async () => (await conflicts()) === 0, { limit: 120_000, pause: 500 });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await check();
});
