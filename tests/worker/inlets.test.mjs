/** Microsoft Graph inlets: their management API, and a tenant that is mirrored through every kind of fault. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { query, until } from "../../scripts/lib/client.mjs";
import { fireCron } from "../../scripts/lib/server.mjs";
import { useGraph } from "./support/graph.mjs";
import { useServer } from "./support/server.mjs";
import { findUser } from "./support/setup.mjs";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const context = useServer();
const inletsPath = () => `/directories/${context.workforceId}/inlets`;

const describe = async (id) => (await context.api.get(`${inletsPath()}/${id}`)).expect(200).json;
const post = (id, command, body) => context.api.post(`${inletsPath()}/${id}/${command}`, body);

async function create(graph, more = {}) {
  return (await context.api.post(inletsPath(), { ...graph.settings, ...more })).expect(201).json;
}

/** Waits for the end of a round that began after the call. */
async function round(id, { limit = 30_000 } = {}) {
  const before = (await describe(id)).status.lastRun?.startedDateTime;
  (await post(id, "run")).expect(204);
  return ended(id, before, limit);
}

function ended(id, before, limit = 30_000) {
  const look = async () => {
    const { status } = await describe(id);
    return status.state === "idle" && status.lastRun?.startedDateTime !== before && status;
  };
  return until("the end of the round", look, { limit, describe: async () => JSON.stringify((await describe(id)).status) });
}

async function remove(id) {
  (await context.api.delete(`${inletsPath()}/${id}`)).expect(204);
}

/** Everybody in the directory: `externalId` → what is compared. */
async function directory() {
  const list = async (endpoint) => {
    const found = [];
    for (let startIndex = 1; ; ) {
      const page = (await context.workforce.get(`/${endpoint}${query({ startIndex, count: 200 })}`)).expect(200).json;
      found.push(...page.Resources);
      startIndex += page.Resources.length;
      if (found.length >= page.totalResults) return found;
    }
  };
  const [users, groups] = [await list("Users"), await list("Groups")];
  const source = new Map([...users, ...groups].map(({ id, externalId }) => [id, externalId]));
  const people = users.map((user) => [user.externalId, { name: user.userName, active: user.active, department: user[enterprise]?.department, manager: source.get(user[enterprise]?.manager?.value) }]);
  const teams = groups.map((group) => [group.externalId, { name: group.displayName, members: (group.members ?? []).map(({ value }) => source.get(value)).sort() }]);
  return Object.fromEntries([...people, ...teams]);
}

/** The tenant as the directory should have it. */
function tenant(graph) {
  const related = ({ related }) => [...related].filter(([, { present }]) => present).map(([id]) => id).sort();
  const people = graph.live("users").map((user) => [user.id, { name: user.properties.userPrincipalName, active: user.properties.accountEnabled, department: user.properties.department ?? undefined, manager: related(user)[0] }]);
  const teams = graph.live("groups").map((group) => [group.id, { name: group.properties.displayName, members: related(group) }]);
  return Object.fromEntries([...people, ...teams]);
}

const assertMirrored = async (graph) => assert.deepEqual(await directory(), tenant(graph));

/** A tenant of `count` people, managed by the first, in two groups, one in the other. */
function fill(graph, count, domain) {
  const people = Array.from({ length: count }, (_, index) => graph.addUser({ userPrincipalName: `u${index}@${domain}`, displayName: `U ${index}`, department: index % 2 ? "Sales" : "Finance" }));
  for (const id of people.slice(1)) graph.setManager(id, people[0]);
  const inner = graph.addGroup(`Inner ${domain}`, people.filter((_, index) => index % 3 === 0));
  const outer = graph.addGroup(`All ${domain}`, [...people, inner]);
  return { people, inner, outer };
}

/** Everything of a tenant is gone, and its inlet. */
async function clear(graph, id) {
  graph.fault = () => undefined;
  for (const { id: each } of [...graph.live("users"), ...graph.live("groups")]) graph.delete(each, { permanently: true });
  await round(id);
  await remove(id);
  assert.deepEqual(await directory(), {});
}

test("requests are checked, secrets stay inside, settings change", async () => {
  const graph = await useGraph();
  graph.addUser({ userPrincipalName: "only@one.example", displayName: "Only One" });
  for (const [change, part] of [
    [{ kind: "csv" }, "microsoftGraph"],
    [{ displayName: "" }, "displayName"],
    [{ cloud: "mars" }, "usGovernmentL5"],
    [{ graphOrigin: "http://graph.example" }, "graphOrigin"],
    [{ cloud: "global" }, "custom"],
    [{ interval: "PT10S" }, "PT1M"],
    [{ clientSecret: "" }, "clientSecret"],
    [{ extensionAttributes: ["x"] }, "extension"],
  ]) {
    const answer = await context.api.post(inletsPath(), { ...graph.settings, ...change });
    assert.equal(answer.status, 400, JSON.stringify(change));
    assert.ok(answer.reason.includes(part), answer.reason);
  }
  assert.equal((await context.anonymous.get(`/api/v1.0${inletsPath()}`)).status, 401);
  const application = (await context.api.post("/directories", { displayName: "A", profile: "application" })).expect(201).json;
  assert.equal((await context.api.post(`/directories/${application.id}/inlets`, graph.settings)).status, 400);

  const made = await create(graph, { interval: "PT1M" });
  assert.equal(made.interval, "PT1M");
  const status = await ended(made.id);
  assert.deepEqual([status.lastRun.kind, status.lastRun.created, status.counts, status.lastError], ["full", 1, { users: 1, groups: 0 }, null]);
  assert.ok(Date.parse(status.nextRunDateTime) - Date.parse(status.lastRun.startedDateTime) <= 61_000);
  const listed = (await context.api.get(inletsPath())).expect(200);
  assert.deepEqual(listed.json.value.map(({ id }) => id), [made.id]);
  const patched = (await context.api.patch(`${inletsPath()}/${made.id}`, { displayName: "Renamed", interval: "PT1H" })).expect(200);
  assert.deepEqual([patched.json.displayName, patched.json.interval, patched.json.tenantId], ["Renamed", "PT1H", graph.tenantId]);
  assert.equal((await context.api.patch(`${inletsPath()}/${made.id}`, { tenantId: "other.example" })).status, 409);
  const elsewhere = await context.api.patch(`${inletsPath()}/${made.id}`, { loginOrigin: "https://elsewhere.example" });
  assert.equal(elsewhere.status, 400, "the saved secret would be sent to another place");
  const audits = (await context.api.get("/auditLogs/directoryAudits?$top=50")).expect(200);
  assert.ok(audits.json.value.some(({ activityDisplayName }) => activityDisplayName === "Add inlet"));
  for (const { text } of [listed, patched, audits, await context.api.get(`${inletsPath()}/${made.id}/log`)]) assert.ok(!text.includes(graph.clientSecret));
  assert.equal((await context.api.get(`${inletsPath()}/${application.id}`)).status, 404);
  await clear(graph, made.id);
  assert.equal((await context.api.get(`${inletsPath()}/${made.id}`)).status, 404);
});

test("Test Connection tells what is wrong", async () => {
  const graph = await useGraph();
  const made = await create(graph);
  await ended(made.id);
  const check = async (patch, code, part) => {
    const answer = await post(made.id, "validateCredentials", patch);
    if (!code) return assert.equal(answer.status, 204, answer.text);
    assert.deepEqual([answer.status, answer.json.error.code], [400, code], answer.text);
    assert.ok(answer.reason.includes(part), answer.reason);
  };
  await check(undefined);
  await check({ clientSecret: "wrong" }, "InvalidCredentials", "not its id");
  await check({ tenantId: "nobody.example" }, "InvalidCredentials", "tenant id");
  await check({ clientId: "0" }, "InvalidCredentials", "no such application");
  await check({ loginOrigin: "https://elsewhere.example" }, "Request_BadRequest", "clientSecret");
  await check({ graphOrigin: "http://127.0.0.1:9", loginOrigin: "http://127.0.0.1:9", clientSecret: "x" }, "ConnectionRefused", "127.0.0.1:9");
  graph.permissions.delete("User.Read.All");
  await check(undefined, "MissingPermission", "User.Read.All");
  graph.permissions.delete("GroupMember.Read.All");
  await check(undefined, "MissingPermission", "User.Read.All and GroupMember.Read.All");
  // A round says the same, and goes on at once when it is asked to.
  (await post(made.id, "run")).expect(204);
  const waiting = await until("the refusal", async () => (await describe(made.id)).status.lastError && (await describe(made.id)).status);
  assert.equal(waiting.state, "waiting");
  assert.ok(waiting.lastError.message.includes("User.Read.All"), waiting.lastError.message);
  graph.permissions.add("User.Read.All").add("GroupMember.Read.All");
  assert.equal((await round(made.id)).lastError, null);
  const log = (await context.api.get(`${inletsPath()}/${made.id}/log`)).expect(200).json.value;
  assert.ok(log.some(({ level, code }) => level === "error" && code === "Authorization_RequestDenied"), JSON.stringify(log));
  await clear(graph, made.id);
});

test("a connection is tested before an inlet is made, and nothing is kept", async () => {
  const graph = await useGraph();
  const tried = (change) => context.api.post(`${inletsPath()}/validateCredentials`, { ...graph.settings, ...change });
  (await tried()).expect(204);
  for (const [change, code] of [[{ clientSecret: "wrong" }, "InvalidCredentials"], [{ clientId: "" }, "Request_BadRequest"], [{ cloud: "global" }, "Request_BadRequest"]]) {
    const answer = await tried(change);
    assert.deepEqual([answer.status, answer.json.error.code], [400, code], answer.text);
  }
  graph.permissions.delete("User.Read.All");
  const answer = await tried();
  assert.deepEqual([answer.status, answer.json.error.code], [400, "MissingPermission"]);
  assert.ok(answer.reason.includes("User.Read.All"), answer.reason);
  assert.equal((await context.api.get(`${inletsPath()}/validateCredentials`)).status, 405);
  assert.deepEqual((await context.api.get(inletsPath())).expect(200).json.value, []);
  const application = (await context.api.post("/directories", { displayName: "B", profile: "application" })).expect(201).json;
  assert.equal((await context.api.post(`/directories/${application.id}/inlets/validateCredentials`, graph.settings)).status, 400);
});

test("a tenant is mirrored, and then its changes", async () => {
  const graph = await useGraph();
  graph.pageSize = 7;
  graph.membersAPiece = 5;
  const { people, inner, outer } = fill(graph, 40, "mirror.example");
  const made = await create(graph);
  const first = await ended(made.id);
  assert.deepEqual([first.lastRun.kind, first.lastRun.created, first.lastRun.failed, first.counts], ["full", 42, 0, { users: 40, groups: 2 }]);
  await assertMirrored(graph);
  assert.equal(graph.count(/oauth2/), 1, "one token is enough");

  graph.forget();
  graph.update(people[1], { department: null, accountEnabled: false });
  graph.update(people[2], { userPrincipalName: "renamed@mirror.example" });
  graph.setManager(people[3], people[4]);
  graph.setManager(people[5], null);
  graph.removeMember(inner, people[6]);
  graph.addMember(inner, people[7]);
  graph.delete(people[8]);
  graph.delete(people[9], { permanently: true });
  const late = graph.addUser({ userPrincipalName: "late@mirror.example", displayName: "Late" }, { manager: people[2] });
  graph.addMember(outer, late);
  const renamed = await findUser(context, "u2@mirror.example");
  const second = await round(made.id);
  assert.deepEqual([second.lastRun.kind, second.lastRun.created, second.lastRun.deleted], ["incremental", 1, 2]);
  await assertMirrored(graph);
  assert.equal((await findUser(context, "renamed@mirror.example")).id, renamed.id, "a renamed person stays the same person");

  graph.restore(people[8]);
  graph.forget();
  const third = await round(made.id);
  assert.equal(third.lastRun.restored, 1);
  await assertMirrored(graph);
  const idle = await round(made.id);
  assert.deepEqual([idle.lastRun.usersRead, idle.lastRun.groupsRead], [0, 0]);
  await clear(graph, made.id);
});

test("throttling, faults, expired tokens and a lost place change nothing about the end", async () => {
  const graph = await useGraph();
  graph.pageSize = 5;
  const { people } = fill(graph, 30, "faults.example");
  let requests = 0;
  graph.fault = ({ path }) => {
    if (!path.includes("delta")) return undefined;
    requests++;
    if (requests === 2) return { status: 429, headers: { "retry-after": "1" }, body: {} };
    if (requests === 4) return { status: 503, body: "<html>" };
    if (requests === 6) graph.expireAccessTokens();
    if (requests === 8) return { drop: true };
    if (requests === 10) graph.forgetDeltaTokens();
    return undefined;
  };
  const made = await create(graph);
  const first = await ended(made.id);
  assert.ok(requests > 10);
  assert.deepEqual([first.lastError, first.counts.users], [null, 30]);
  await assertMirrored(graph);
  const codes = (await context.api.get(`${inletsPath()}/${made.id}/log`)).expect(200).json.value.map(({ code }) => code);
  for (const code of ["Http429", "Http503", "NoAnswer", "Resync", "FullRound"]) assert.ok(codes.includes(code), `${code} in ${codes}`);

  // While the place is lost somebody goes; the pass over everything tells by absence.
  graph.fault = () => undefined;
  graph.delete(people[3], { permanently: true });
  graph.users.delete(people[3]);
  graph.forgetDeltaTokens();
  const full = await round(made.id);
  assert.deepEqual([full.lastRun.kind, full.lastRun.deleted, full.counts.users], ["full", 1, 29]);
  await assertMirrored(graph);
  // Delta tokens live for seven days.
  graph.now = () => Date.now() + 8 * 24 * 60 * 60 * 1000;
  assert.equal((await round(made.id)).lastRun.kind, "full");
  await assertMirrored(graph);
  await clear(graph, made.id);
});

test("an inlet is paused, runs again, and reads everything after a reset", async () => {
  const graph = await useGraph();
  fill(graph, 10, "pause.example");
  const made = await create(graph);
  await ended(made.id);
  (await post(made.id, "pause")).expect(204);
  assert.equal((await describe(made.id)).status.state, "paused");
  graph.addUser({ userPrincipalName: "new@pause.example", displayName: "New" });
  graph.forget();
  await fireCron(context.url);
  assert.equal(graph.requests.length, 0, "paused is paused");
  assert.equal((await round(made.id)).lastRun.created, 1);
  const before = (await describe(made.id)).status.lastRun.startedDateTime;
  (await post(made.id, "reset")).expect(204);
  const full = await ended(made.id, before);
  assert.deepEqual([full.lastRun.kind, full.lastRun.unchanged, full.lastRun.created, full.lastRun.updated], ["full", 13, 0, 0]);
  await assertMirrored(graph);
  // Removed and added anew, everybody is found again.
  await remove(made.id);
  assert.equal(Object.keys(await directory()).length, 13, "people stay");
  const again = await create(graph);
  const status = await ended(again.id);
  assert.deepEqual([status.lastRun.joined, status.lastRun.created], [13, 0]);
  await assertMirrored(graph);
  await clear(graph, again.id);
});

test("a reset in the middle of a round takes its place away", async () => {
  const graph = await useGraph();
  graph.pageSize = 3;
  fill(graph, 12, "middle.example");
  let release;
  const held = new Promise((resolve) => (release = resolve));
  graph.wait = () => (graph.count(/users\/delta/) === 3 ? held : undefined);
  const made = await create(graph);
  await until("the third page", () => graph.count(/users\/delta/) === 3);
  assert.equal((await describe(made.id)).status.state, "running");
  (await post(made.id, "reset")).expect(204);
  graph.wait = () => undefined;
  release();
  const status = await ended(made.id);
  assert.deepEqual([status.lastRun.kind, status.counts.users], ["full", 12]);
  await assertMirrored(graph);
  await clear(graph, made.id);
});
