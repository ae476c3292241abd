/**
 * A cycle against a target over real HTTP: the requests of a cycle without faults are exactly the necessary
 * ones, and with faults nobody is lost and nobody is created twice.
 */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { useServer } from "./support/server.mjs";
import { findUser, importPeople, managedCount, people, provisioning } from "./support/setup.mjs";
import { Target, enterprise } from "./support/target.mjs";

const count = 24;
const rows = people(count);
const context = useServer({ prepare: () => importPeople(context, rows) });
let target, job;

/** Every test has a target and a job of its own. */
beforeEach(async (t) => {
  target = await new Target().listen();
  t.after(() => target.close());
  job = await provisioning(context, { url: target.url, token: target.token });
});

const userNameOf = (request) => request.body?.userName ?? /userName(?:\+|%20)eq(?:\+|%20)%22([^%]+%40[^%]+)%22/.exec(request.path)?.[1]?.replace("%40", "@");
const searches = () => target.requests.filter(({ method, path }) => method === "GET" && /filter=userName/.test(path));

/** The first creation of one person gets the fault, later ones do not. */
function failOnce(userName, fault, method = "POST") {
  let done = false;
  target.fault = (request) => {
    const hit = !done && request.method === method && userNameOf(request) === userName;
    done ||= hit;
    return hit ? fault : undefined;
  };
}

/** Everybody has exactly one account, with the right attributes and manager. */
function requireComplete() {
  const boss = target.named(rows[0].userPrincipalName)[0];
  for (const row of rows) {
    const accounts = target.named(row.userPrincipalName);
    assert.equal(accounts.length, 1, `${row.userPrincipalName} has ${accounts.length} accounts`);
    const [{ active, name, ...account }] = accounts;
    assert.deepEqual([active, name.givenName, name.familyName], [true, row.givenName, row.surname]);
    assert.deepEqual([account[enterprise].employeeNumber, account[enterprise].department], [row.employeeId, row.department]);
    assert.equal(account[enterprise].manager?.value, row.manager ? boss.id : undefined, `manager of ${row.userPrincipalName}`);
  }
  assert.equal(target.users.size, count);
}

const creationsOf = (userName) => target.requests.filter((request) => request.method === "POST" && request.body.userName === userName).length;
const failures = async (cycle) => (await job.log(cycle, "provisioningStatusInfo/status eq 'failure'")).map((entry) => [entry.sourceIdentity.displayName, entry.provisioningStatusInfo.errorInformation]);

test("an initial cycle asks for each person once, creates each once, and sets each manager once", async () => {
  const cycle = await job.run();
  requireComplete();
  const perPerson = searches().map(userNameOf).filter(Boolean).sort();
  assert.deepEqual(perPerson, rows.map(({ userPrincipalName }) => userPrincipalName).sort());
  assert.deepEqual([target.count("POST"), target.count("PATCH"), target.count("PUT"), target.count("DELETE")], [count, managedCount(count), 0, 0]);
  assert.equal(target.requests.length, 2 + 2 * count + managedCount(count), "and one probe, and a question what the target can do");
  assert.equal(cycle.counts.requests, target.requests.length);
  assert.ok(target.requests.every(({ path, status }) => status < 300 || path.endsWith("/ServiceProviderConfig")), "the target refused something");
});

test("a cycle with nothing to do writes nothing, and asks once whether the target is there", async () => {
  await job.run();
  target.forget();
  const cycle = await job.run();
  assert.equal(cycle.kind, "incremental");
  assert.deepEqual([target.writes.length, target.requests.length], [0, 1]);
});

test("accounts that exist already are adopted; only what differs is written", async () => {
  const [same, different] = [rows[20], rows[21]];
  const account = (row, more) => ({
    userName: row.userPrincipalName.toUpperCase(),
    active: true,
    name: { givenName: row.givenName, familyName: row.surname },
    [enterprise]: { employeeNumber: row.employeeId, department: row.department },
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User", enterprise],
    ...more,
  });
  target.add(account(same, { userName: same.userPrincipalName }));
  target.add(account(different, { userName: different.userPrincipalName, name: { givenName: "Somebody", familyName: different.surname } }));
  const cycle = await job.run();
  requireComplete();
  assert.deepEqual([cycle.counts.created, cycle.counts.unchanged], [count - 2, 1]);
  const patches = target.requests.filter(({ method, body }) => method === "PATCH" && !JSON.stringify(body).includes("manager"));
  assert.deepEqual(patches.map(({ body }) => body.Operations), [[{ op: "replace", path: "name.givenName", value: "Person" }]]);
});

test("a search that is told to wait (429) waits as long as it is told, and nobody fails", async () => {
  const [busy, times] = [rows[5].userPrincipalName, []];
  target.fault = (request) => {
    if (request.method !== "GET" || userNameOf(request) !== busy) return undefined;
    times.push(request.at);
    return times.length === 1 ? { status: 429, headers: { "retry-after": "2" } } : undefined;
  };
  const cycle = await job.run();
  requireComplete();
  assert.deepEqual([cycle.state, cycle.counts.failed, times.length], ["succeeded", 0, 2]);
  assert.ok(times[1] - times[0] >= 1_900, `asked again after ${times[1] - times[0]} ms`);
});

for (const [what, fault] of [["429", { status: 429, headers: { "retry-after": "1" } }], ["500", { status: 500, body: "oops" }], ["503", { status: 503 }], ["a broken connection", { drop: "before" }]]) {
  test(`a creation that meets ${what} is made up for, once`, async () => {
    const [, , , victim] = rows;
    failOnce(victim.userPrincipalName, fault);
    const first = await job.run();
    if (first.counts.failed > 0) {
      assert.equal(first.state, "entryLevelErrors");
      const [[name, error]] = await failures(first);
      assert.equal(name, victim.displayName);
      for (const member of ["errorCode", "reason", "recommendedAction"]) assert.ok(error[member], member);
      assert.equal(target.named(victim.userPrincipalName).length, 0);
      const second = await job.run();
      assert.deepEqual([second.state, second.counts.created], ["succeeded", 1]);
    }
    requireComplete();
    assert.equal(creationsOf(victim.userPrincipalName), 2);
  });
}

test("an answer that is lost after the account was made does not make a second one", async () => {
  const [, , , , victim] = rows;
  failOnce(victim.userPrincipalName, { drop: "after" });
  await job.run();
  await job.run();
  requireComplete();
  assert.equal(creationsOf(victim.userPrincipalName), 1);
  const links = await context.api.all(`${job.path}/objectConnections`);
  assert.equal(links.length, count, "the account was not linked");
});

test("the same when the person leaves before the next cycle: the account is disabled, not forgotten", async () => {
  const victim = rows[22];
  failOnce(victim.userPrincipalName, { drop: "after" });
  await job.run();
  await importPeople(context, rows.map((row) => (row === victim ? { ...row, accountEnabled: "false" } : row)));
  try {
    await job.run();
    assert.deepEqual(target.named(victim.userPrincipalName).map(({ active }) => active), [false]);
  } finally {
    await importPeople(context, rows);
  }
});

test("an answer that is lost after a change, and a change that meets a 500: the change is there once", async () => {
  const patches = [];
  target.fault = (request) => {
    if (request.method !== "PATCH") return undefined;
    patches.push(request);
    return { 1: { drop: "after" }, 3: { status: 500 } }[patches.length];
  };
  await job.run();
  await job.run();
  requireComplete();
});

test("every second request fails for a while: after enough cycles everybody is there once", async () => {
  let turn = 0;
  const faults = [{ status: 500 }, { drop: "after" }, { status: 503 }, { drop: "before" }];
  target.fault = (request) => (request.method === "POST" && ++turn % 2 === 0 ? faults[(turn / 2) % 4] : undefined);
  await job.run();
  target.fault = () => undefined;
  await job.run();
  requireComplete();
});

test("401 in mid-cycle puts the job into quarantine with reason and message; start goes on without a second account", async () => {
  target.fault = () => (target.count("POST") > 10 ? { status: 401, body: { detail: "The token was revoked yesterday" } } : undefined);
  const failed = await job.run();
  assert.equal(failed.state, "failed");
  assert.match(failed.error.message, /credentials|token/i);
  const { status } = await job.read();
  assert.deepEqual([status.code, status.quarantine.reason, status.quarantine.error.tenantActionable], ["Quarantine", "EncounteredQuarantineException", true]);
  assert.match(status.quarantine.error.message, /credentials|token/i);
  const minutes = (Date.parse(status.quarantine.nextAttempt) - Date.now()) / 60_000;
  assert.ok(minutes > 10 && minutes <= 31, `the next attempt is in ${minutes} minutes`);
  assert.ok(target.requests.length < 2 * count, "it went on asking in spite of the 401");

  target.fault = () => undefined;
  const cycle = await job.run();
  assert.deepEqual([cycle.state, (await job.read()).status.code], ["succeeded", "Active"]);
  requireComplete();
  for (const { userPrincipalName } of rows) assert.ok(target.requests.filter((request) => request.method === "POST" && request.body.userName === userPrincipalName && request.status === 201).length === 1, userPrincipalName);
});

test("a target that is down at the start fails the cycle, not the people, and is no quarantine", async () => {
  target.fault = () => ({ status: 503 });
  const cycle = await job.run({ limit: 120_000 });
  assert.deepEqual([cycle.state, cycle.counts.imported, await job.log(cycle)], ["failed", 0, []]);
  assert.ok(cycle.error.message.length > 10);
  const { status } = await job.read();
  assert.equal(status.quarantine ?? null, null);
  assert.equal(status.countSuccessiveCompleteFailures, 1);
  target.fault = () => undefined;
  assert.equal((await job.run()).state, "succeeded");
  requireComplete();
});

test("an account that vanished from the target is made again when its person changes", async () => {
  await job.run();
  const victim = rows[23];
  target.users.delete(target.named(victim.userPrincipalName)[0].id);
  const user = await findUser(context, victim.userPrincipalName);
  const touch = (value) => context.workforce.patch(`/Users/${user.id}`, { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{ op: "replace", path: "name.familyName", value }] });
  (await touch("Touched")).expect(200);
  const cycle = await job.run();
  assert.deepEqual([cycle.counts.created, target.named(victim.userPrincipalName).map(({ name }) => name.familyName)], [1, ["Touched"]]);
  (await touch(victim.surname)).expect(200);
});

for (const [what, retryAfter] of [["seconds", () => "2"], ["a date", () => new Date(Date.now() + 3_000).toUTCString()]]) {
  test(`a target that asks for a rest (429, ${what}) gets it from all requests, and a creation is sent again in the same cycle`, async () => {
    let refused;
    target.fault = ({ method, at }) => {
      if (method !== "POST" || refused) return undefined;
      refused = at;
      return { status: 429, headers: { "retry-after": retryAfter() } };
    };
    const cycle = await job.run();
    requireComplete();
    assert.deepEqual([cycle.state, cycle.counts.created, cycle.counts.failed], ["succeeded", count, 0]);
    const early = target.requests.filter(({ at }) => at > refused + 300 && at < refused + 1_900);
    assert.deepEqual(early.map(({ method, path, at }) => [method, path, at - refused]), [], "requests during the rest");
  });
}

test("a rest that is longer than a slice is kept as well, and nobody waits for the next cycle", async () => {
  let refused;
  target.fault = ({ method, at }) => {
    if (method !== "POST" || refused) return undefined;
    refused = at;
    return { status: 429, headers: { "retry-after": "22" } };
  };
  const cycle = await job.run();
  requireComplete();
  assert.deepEqual([cycle.state, cycle.counts.created, cycle.counts.failed], ["succeeded", count, 0]);
  const early = target.requests.filter(({ at }) => at > refused + 300 && at < refused + 21_900);
  assert.deepEqual(early.map(({ method, path, at }) => [method, path, at - refused]), [], "requests during the rest");
});

test("a pause ends a rest that is long: nothing more is sent", async () => {
  target.fault = ({ method }) => (method === "POST" ? { status: 429, headers: { "retry-after": "120" } } : undefined);
  (await context.api.post(`${job.path}/start`)).expect(204);
  await until("a refusal", () => target.count("POST") > 0);
  await until("all that are under way to be refused", async () => {
    const before = target.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return target.requests.length === before;
  });
  (await context.api.post(`${job.path}/pause`)).expect(204);
  // A link is only removed when nothing is under way.
  const removed = async () => (await context.api.delete(`${job.path}/objectConnections/nobody`)).status === 204;
  await until("the end of the slice", removed, { limit: 10_000 });
  const sent = target.requests.length;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.equal(target.requests.length, sent);
});

test("a restart in mid-cycle waits for what is under way, so that each change has its entry", async () => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  target.wait = ({ method }) => (method === "POST" && target.count("POST") > 10 ? held : undefined);
  (await context.api.post(`${job.path}/start`)).expect(204);
  await until("some creations", () => target.count("POST") > 10);
  const restarted = context.api.post(`${job.path}/restart`, { criteria: { resetScope: "Full" } });
  setTimeout(release, 300);
  (await restarted).expect(204);
  await until("the end of the second cycle", async () => {
    const cycles = await job.cycles();
    return cycles.length === 2 && cycles.every(({ state }) => state !== "running");
  });
  requireComplete();
  const entries = (await Promise.all((await job.cycles()).map((cycle) => job.log(cycle, "provisioningAction eq 'create'")))).flat();
  const named = entries.map(({ targetIdentity }) => targetIdentity.id).sort();
  assert.deepEqual(named, [...target.users.keys()].sort());
});

test("no more requests a second than the job allows", async () => {
  const RequestsPerSecond = 12;
  (await context.api.patch(job.path, { synchronizationJobSettings: [{ name: "RequestsPerSecond", value: String(RequestsPerSecond) }] })).expect(204);
  await job.run();
  requireComplete();
  const times = target.requests.map(({ at }) => at).sort((one, other) => one - other);
  // A second's worth at once, then so many a second.
  const within = (ms) => Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + ms).length));
  assert.ok(within(1_000) <= 2 * RequestsPerSecond + 1, `${within(1_000)} within a second`);
  assert.ok(within(3_000) <= 4 * RequestsPerSecond + 1, `${within(3_000)} within three seconds`);
  const least = ((times.length - RequestsPerSecond) / RequestsPerSecond) * 1_000;
  assert.ok(times.at(-1) - times[0] >= least - 300, `${times.length} requests within ${times.at(-1) - times[0]} ms`);
  const { synchronizationJobSettings } = await job.read();
  assert.ok(synchronizationJobSettings.some(({ name, value }) => name === "RequestsPerSecond" && value === "12"));
});

test("at most six requests are under way at a time", async () => {
  let [now, most] = [0, 0];
  target.wait = async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 5));
    now--;
  };
  await job.run();
  assert.ok(most > 1 && most <= 6, `${most} at a time`);
  requireComplete();
});
