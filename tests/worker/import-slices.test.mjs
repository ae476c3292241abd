/** Imports that go on while nobody waits: their progress, their end, what is kept of them, and how one is stopped. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { query, until } from "../../scripts/lib/client.mjs";
import { audits, begin, follow, importsPath, kept } from "./support/imports.mjs";
import { useServer } from "./support/server.mjs";
import { addJob, application, csv, findGroup, importPeople, people, tenant, upload } from "./support/setup.mjs";

const context = useServer();
const total = async () => (await context.workforce.get("/Users?count=0")).expect(200).json.totalResults;
const inDomain = async (domain) => (await context.workforce.get(`/Users${query({ filter: `userName ew "@${domain}"`, count: 0 })}`)).expect(200).json.totalResults;
const running = async () => (await context.api.get(`/directories/${context.workforceId}/import`)).expect(200).json;

/** Sends the head and a part of a file, and hands out the socket's request. */
function sending(file, headers, parameters = "") {
  const outgoing = request(`${context.url}/api/v1.0/directories/${context.workforceId}/import${parameters}`, {
    method: "POST", headers: { authorization: `Bearer ${context.server.adminKey}`, "content-type": "text/csv", ...headers },
  });
  outgoing.on("error", () => {});
  outgoing.write(file);
  return outgoing;
}

test("202 while it goes on, with its progress to the end", { timeout: 180_000 }, async () => {
  const file = csv(people(4_000, "async.example"));
  const { path, record } = await begin(context, file);
  assert.deepEqual([record.state, record.preview, record.removeMissing, record.startedBy], ["running", false, false, "Management API key"]);
  assert.equal(record.progress.totalBytes, Buffer.byteLength(file));
  // Others get their turn, and a second file does not.
  const second = await upload(context, csv(people(1, "second.example")));
  assert.deepEqual([second.status, second.json.error.code], [409, "Conflict"]);
  assert.equal((await running()).importId, record.id);
  const seen = await follow(context, path);
  const phases = [...new Set(seen.map(({ progress }) => progress.phase))];
  assert.ok(phases.length >= 2, `seen: ${phases}`);
  const isBetween = (number) => number > 0 && number < 4_000;
  assert.ok(seen.some(({ state, progress }) => state === "running" && (isBetween(progress.created) || isBetween(progress.checked))), JSON.stringify(seen.map(({ progress }) => progress)));
  for (const [index, { progress }] of seen.entries()) assert.ok(index === 0 || progress.created >= seen[index - 1].progress.created, "it went back");
  const ended = seen.at(-1);
  assert.deepEqual([ended.state, ended.result], ["finished", { created: 4_000, updated: 0, unchanged: 0, failed: 0, removed: 0, errors: [], encoding: "utf-8" }]);
  const { slices, longestSliceInMilliseconds, ...progress } = ended.progress;
  assert.deepEqual(progress, { phase: "groups", bytes: Buffer.byteLength(file), totalBytes: Buffer.byteLength(file), rows: 4_000, checked: 4_000, created: 4_000, updated: 0, failed: 0, removed: 0 });
  // Of 3,000 rows, people or memberships each: 4,000 rows, as many managers, and groups with one membership.
  assert.ok(slices >= 5 && slices <= 7 && longestSliceInMilliseconds > 0, `${slices} slices, the longest ${longestSliceInMilliseconds} ms`);
  assert.ok(Date.parse(ended.endedDateTime) >= Date.parse(ended.startedDateTime));
  assert.equal((await findGroup(context, "Everybody")).members.length, 4_000);
  assert.deepEqual(kept(context), { parts: 0, outcomes: 0 });
  assert.equal((await running()).running, false);

  const [first] = (await context.api.get(importsPath(context))).expect(200).json.value;
  assert.deepEqual([first.id, first.state, first.result, first.progress], [record.id, "finished", undefined, ended.progress]);
  const [entry] = await audits(context);
  assert.deepEqual(entry, { id: record.id, result: "success", by: "Management API key", created: "4000", updated: "0", removed: "0", failed: "0" });
  (await context.api.delete(path)).expect(204);
  (await context.api.delete(path)).expect(404);
  (await context.api.get(path)).expect(404);
});

test("a caller that waits gets the result, for as long as it says", async () => {
  const send = (prefer) => context.api.post(`/directories/${context.workforceId}/import`, csv(people(20, "waits.example")), { headers: { "content-type": "text/csv", prefer } });
  const first = (await send("respond-async, wait=15")).expect(200);
  assert.deepEqual([first.json.created, first.headers.get("location")], [20, null]);
  assert.equal((await send("handling=lenient")).expect(200).json.unchanged, 20);
  // A look at one may wait, too.
  const { path } = await begin(context, csv(people(30, "waits.example")));
  const { json } = (await context.api.get(path, { headers: { prefer: "wait=15" } })).expect(200);
  // The more there are, the more have a manager.
  assert.deepEqual([json.state, json.result.created, json.result.updated, json.result.unchanged], ["finished", 10, 5, 15]);
});

test("what nothing changes costs next to no writes", async () => {
  const rows = people(900, "rows.example");
  await importPeople(context, rows);
  const app = await application(context, "Peakon", "Rows");
  const job = await addJob(context, app);
  const read = async () => (await context.api.get(`${job.path}/rows`)).expect(200).json.source;
  await read();
  assert.equal((await importPeople(context, rows)).unchanged, 900);
  const { read: rowsRead, written } = await read();
  // Three passes of ten chunks with an outcome each; the file, the record and what becomes of them.
  assert.ok(written < 120, `${written} rows were written for people who did not change`);
  assert.ok(rowsRead < 900 * 30, `${rowsRead} rows were read for 900 people`);
});

test("it is stopped in the middle: what was written stays, and is told", { timeout: 120_000 }, async () => {
  const { path, record } = await begin(context, csv(people(6_000, "stopped.example")));
  await follow(context, path, ({ progress }) => progress.created > 0);
  (await context.api.delete(path)).expect(204);
  const { json } = (await context.api.get(path)).expect(200);
  assert.deepEqual([json.state, json.result, json.error.code], ["cancelled", undefined, "Conflict"]);
  assert.ok(json.progress.created > 0 && json.progress.created < 6_000, `${json.progress.created}`);
  assert.equal(await inDomain("stopped.example"), json.progress.created);
  assert.deepEqual(kept(context), { parts: 0, outcomes: 0 });
  const [entry] = await audits(context);
  assert.deepEqual([entry.id, entry.result, entry.state, entry.created], [record.id, "failure", "cancelled", String(json.progress.created)]);
  const again = (await upload(context, csv(people(200, "stopped.example")))).expect(200).json;
  assert.equal(again.created + again.updated + again.unchanged, 200, "the next import is not held up");
});

test("whoever waits for one that is stopped is told so", { timeout: 120_000 }, async () => {
  const waiting = upload(context, csv(people(6_000, "told.example")));
  const { importId } = await until("the import", async () => {
    const progress = await running();
    return progress.importId && progress.created > 0 && progress;
  }, { pause: 10 });
  (await context.api.delete(`${importsPath(context)}/${importId}`)).expect(204);
  const answer = await waiting;
  assert.deepEqual([answer.status, answer.json.error.code], [409, "Conflict"]);
  assert.match(answer.reason, /stopped/);
});

test("a file that breaks off is nothing, and holds nobody up", { timeout: 120_000 }, async () => {
  const before = [await total(), (await context.api.get(importsPath(context))).expect(200).json.value.length];
  const file = csv(people(3_000, "broken.example"));
  for (const headers of [{ "content-length": Buffer.byteLength(file) * 2 }, { "transfer-encoding": "chunked" }]) {
    const outgoing = sending(file, headers);
    await until("the file on its way", async () => {
      const { running: under, phase, bytes } = await running();
      return under && phase === "file" && bytes > 0;
    }, { pause: 20 });
    outgoing.destroy();
    await until("the end of what was broken off", async () => !(await running()).running, { pause: 50, limit: 90_000 });
    assert.deepEqual([await total(), (await context.api.get(importsPath(context))).expect(200).json.value.length], before);
    assert.deepEqual(kept(context), { parts: 0, outcomes: 0 });
  }
  assert.equal((await importPeople(context, people(1, "after.example"))).created, 1);
});

test("a client that goes away after the file is there changes nothing about its import", { timeout: 120_000 }, async () => {
  const file = csv(people(4_000, "away.example"));
  const outgoing = sending(file, { "content-length": Buffer.byteLength(file) });
  outgoing.end();
  const { importId } = await until("the import", async () => {
    const progress = await running();
    return progress.importId && progress.rows > 0 && progress;
  }, { pause: 10 });
  outgoing.destroy();
  const ended = (await follow(context, `${importsPath(context)}/${importId}`)).at(-1);
  assert.deepEqual([ended.state, ended.result.created], ["finished", 4_000]);
});

test("a file that cannot be read has failed, with the code and the headers", async () => {
  const entries = (await audits(context)).length;
  const { path } = await begin(context, "Anmeldename;Vorname\nx;y\n");
  const { state, error, result, progress } = (await follow(context, path)).at(-1);
  assert.deepEqual([state, error.code, error.details.map(({ message }) => message), result, progress.created], ["failed", "noHeader", ["Anmeldename", "Vorname"], undefined, 0]);
  assert.match(error.message, /^Nothing was imported/);
  const [entry, ...others] = await audits(context);
  assert.deepEqual([entry.result, entry.state, entry.error, others.length], ["failure", "failed", "noHeader", entries]);
  const empty = await upload(context, "");
  assert.deepEqual([empty.status, empty.json.error.code], [400, "emptyFile"]);
});

test("a preview that nobody waits for writes nothing", async () => {
  const entries = (await audits(context)).length;
  const before = await total();
  const { path, record } = await begin(context, csv(people(300, "look.example")), "?preview=true");
  assert.equal(record.preview, true);
  const { state, result } = (await follow(context, path)).at(-1);
  assert.deepEqual([state, result.created, result.changes.length, result.columns[0].attribute], ["finished", 300, 300, "userPrincipalName"]);
  assert.deepEqual([await total(), (await audits(context)).length], [before, entries]);
  assert.deepEqual(kept(context), { parts: 0, outcomes: 0 });
});

test("many who would go are held, and the entry says what was done until then", async () => {
  const rows = people(300, "held.example");
  const { path } = await begin(context, csv(rows), "?removeMissing=true");
  const { state, error, progress } = (await follow(context, path)).at(-1);
  assert.deepEqual([state, error.code, progress.created, progress.removed], ["failed", "TooManyRemovals", 300, 0]);
  assert.equal(await inDomain("held.example"), 300);
  const [entry] = await audits(context);
  assert.deepEqual([entry.result, entry.error, entry.created, entry.removed], ["failure", "TooManyRemovals", "300", "0"]);
});

test("the last twenty are remembered", { timeout: 120_000 }, async () => {
  for (let index = 0; index < 21; index += 1) await upload(context, csv(people(1, "list.example")), "?preview=true");
  const { value } = (await context.api.get(importsPath(context))).expect(200).json;
  assert.equal(value.length, 20);
  assert.ok(value.every(({ preview, state }) => preview && state === "finished"));
});

test("imports are those of the workforce directory, and nobody else's", async () => {
  const { id } = await tenant(context);
  assert.deepEqual((await context.api.get(`/directories/${id}/imports`)).expect(200).json, { value: [] });
  (await context.api.get(`/directories/${id}/imports/x`)).expect(404);
  (await context.api.delete(`${importsPath(context)}/x`)).expect(404);
  (await context.api.put(`${importsPath(context)}/x`, {})).expect(405);
  (await context.api.get("/directories/none/imports")).expect(404);
});
