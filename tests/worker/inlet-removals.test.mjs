/** Many people who are gone at once: held until a person lets them go, whatever is under way meanwhile. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { query, until } from "../../scripts/lib/client.mjs";
import { useGraph } from "./support/graph.mjs";
import { useServer } from "./support/server.mjs";

const context = useServer();
const gone = 60;
const all = 100;

const path = (id = "") => `/directories/${context.workforceId}/inlets${id && `/${id}`}`;
const describe = async (id) => (await context.api.get(path(id))).expect(200).json.status;
const run = async (id, parameters = "") => (await context.api.post(`${path(id)}/run${parameters}`)).expect(204);
const people = async () => (await context.workforce.get(`/Users${query({ count: 1 })}`)).expect(200).json.totalResults;
const members = async () => (await context.workforce.get("/Groups")).expect(200).json.Resources.flatMap(({ members = [] }) => members).length;

/** Waits for the end of a round that began after another one. */
const ended = (id, before) =>
  until("the end of the round", async () => {
    const status = await describe(id);
    return status.state === "idle" && status.lastRun && status.lastRun.startedDateTime !== before && status;
  });

async function round(id, parameters) {
  const before = (await describe(id)).lastRun?.startedDateTime;
  await run(id, parameters);
  return ended(id, before);
}

/** An inlet whose place is lost while many people go: absence is all that tells. */
async function lost(domain) {
  const graph = await useGraph();
  graph.pageSize = 20;
  const ids = Array.from({ length: all }, (_, index) => graph.addUser({ userPrincipalName: `p${index}@${domain}`, displayName: `P ${index}` }));
  graph.addGroup(`All ${domain}`, ids);
  const { id } = (await context.api.post(path(), graph.settings)).expect(201).json;
  const first = await ended(id);
  assert.deepEqual(first.counts, { users: all, groups: 1 });
  for (const each of ids.slice(0, gone)) {
    graph.delete(each, { permanently: true });
    graph.users.delete(each);
  }
  graph.forgetDeltaTokens();
  return { graph, id, left: ids.slice(gone) };
}

async function clear(graph, id) {
  graph.wait = () => undefined;
  for (const { id: each } of [...graph.live("users"), ...graph.live("groups")]) graph.delete(each, { permanently: true });
  await round(id, "?allowRemovals=true");
  (await context.api.delete(path(id))).expect(204);
  assert.equal(await people(), 0);
}

test("removals of many are held until they are allowed", async () => {
  const { graph, id, left } = await lost("held.example");
  const held = await round(id);
  assert.equal(held.lastRun.kind, "full");
  assert.deepEqual([held.lastError?.code, held.heldRemovals], ["TooManyRemovals", { users: gone, groups: 0 }]);
  assert.ok(held.lastError.message.includes(`${gone} of ${all} people`), held.lastError.message);
  assert.equal(held.lastRun.deleted, 0);
  assert.deepEqual([await people(), await members()], [all, all], "nobody was removed, from no group");
  // What changes otherwise is followed, and they stay held.
  graph.update(left[0], { displayName: "Renamed" });
  const again = await round(id);
  assert.deepEqual([again.lastRun.updated, again.lastError?.code, again.heldRemovals], [1, "TooManyRemovals", { users: gone, groups: 0 }]);
  assert.equal(await people(), all);
  const log = (await context.api.get(`${path(id)}/log`)).expect(200).json.value;
  assert.equal(log.filter(({ code }) => code === "TooManyRemovals").length, 1, "it is said once");

  const allowed = await round(id, "?allowRemovals=true");
  assert.deepEqual([allowed.lastError, allowed.heldRemovals ?? null, allowed.lastRun.deleted], [null, null, gone]);
  assert.deepEqual([await people(), await members()], [all - gone, all - gone]);
  const audits = (await context.api.get("/auditLogs/directoryAudits?$top=20")).expect(200).json.value;
  assert.ok(audits.some(({ activityDisplayName }) => activityDisplayName === "Allow removals of inlet"));
  await clear(graph, id);
});

test("a round under way does not undo that removals are allowed", async () => {
  const { graph, id } = await lost("middle.example");
  await round(id);
  let release;
  const waiting = new Promise((resolve) => (release = resolve));
  let asked = false;
  graph.wait = ({ path }) => (path.includes("users/delta") ? ((asked = true), waiting) : undefined);
  await run(id);
  await until("a page that is waited for", () => asked);
  await run(id, "?allowRemovals=true");
  graph.wait = () => undefined;
  release();
  const status = await until("the end of removals", async () => {
    const status = await describe(id);
    return status.state === "idle" && !status.heldRemovals && status;
  });
  assert.deepEqual([status.lastError, status.counts.users, await people()], [null, all - gone, all - gone]);
  await clear(graph, id);
});

test("what is allowed once is not allowed for the next time", async () => {
  const { graph, id, left } = await lost("once.example");
  await round(id, "?allowRemovals=true");
  assert.equal(await people(), all - gone);
  for (let index = 0; index < gone; index++) left.push(graph.addUser({ userPrincipalName: `n${index}@once.example`, displayName: `N ${index}` }));
  assert.equal((await round(id)).counts.users, all);
  for (const each of left.splice(0, gone)) {
    graph.delete(each, { permanently: true });
    graph.users.delete(each);
  }
  graph.forgetDeltaTokens();
  const held = await round(id);
  assert.deepEqual([held.lastError?.code, held.heldRemovals?.users, await people()], ["TooManyRemovals", gone, all]);
  await clear(graph, id);
});
