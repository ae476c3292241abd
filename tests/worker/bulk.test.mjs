/**
 * What a target says that it can do is asked and used: `/Bulk` where it is offered, within its limits and with the
 * outcome of single requests, whatever goes wrong; single requests where it is not.
 */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { fireCron } from "../../scripts/lib/server.mjs";
import { useServer } from "./support/server.mjs";
import { findUser, importPeople, managedCount, people, provisioning, secretsOf, tenant } from "./support/setup.mjs";
import { Target, enterprise } from "./support/target.mjs";

const count = 24;
const managed = managedCount(count);
const rows = people(count);
const context = useServer({ prepare: () => importPeople(context, rows) });
let target, job;

beforeEach(async (t) => {
  target = await new Target().listen();
  target.bulk = { maxOperations: 10, maxPayloadSize: 100_000 };
  t.after(() => target.close());
  job = await provisioning(context, { url: target.url, token: target.token });
});

const capabilities = () => context.api.get(`${job.path}/capabilities`);
/** Rows that were read since this was last called. */
async function rowsRead() {
  const { job: own, source } = (await context.api.get(`${job.path}/rows`)).expect(200).json;
  return { job: own.read, source: source.read };
}
const isBulk = ({ path }) => path.endsWith("/Bulk");
const bulks = () => target.requests.filter(isBulk);
const operations = () => bulks().flatMap(({ body }) => body.Operations);
const asked = () => target.count("GET", /ServiceProviderConfig/);

/** Everybody has exactly one account and the right manager. */
function requireComplete() {
  const boss = target.named(rows[0].userPrincipalName)[0];
  for (const row of rows) {
    const accounts = target.named(row.userPrincipalName);
    assert.equal(accounts.length, 1, `${row.userPrincipalName} has ${accounts.length} accounts`);
    assert.equal(accounts[0][enterprise].manager?.value, row.manager ? boss.id : undefined, `manager of ${row.userPrincipalName}`);
  }
  assert.equal(target.users.size, count);
}

test("what the target can do is asked once a day, when it is another one, and by Test Connection", async () => {
  const never = await capabilities();
  assert.deepEqual([never.status, never.json.error.code], [404, "Request_ResourceNotFound"]);
  (await context.api.post(`${job.path}/validateCredentials`, { useSavedCredentials: true, credentials: [] })).expect(204);
  const { checkedDateTime, ...said } = (await capabilities()).expect(200).json;
  assert.ok(Math.abs(Date.parse(checkedDateTime) - Date.now()) < 60_000, checkedDateTime);
  assert.deepEqual(said, {
    patch: true,
    bulk: { supported: true, maxOperations: 10, maxPayloadSize: 100_000 },
    filter: { supported: true, maxResults: 200 },
    sort: false,
    etag: false,
    changePassword: false,
    authenticationSchemes: [],
  });
  await job.run();
  assert.equal(asked(), 1, "the answer holds");
  target.token = "another";
  (await context.api.put(job.secretsPath, secretsOf({ BaseAddress: target.url, SecretToken: target.token }))).expect(204);
  assert.equal((await capabilities()).status, 404, "it was another one's answer");
  target.bulk = undefined;
  await job.run();
  assert.deepEqual([asked(), (await capabilities()).json.bulk], [2, { supported: false, maxOperations: null, maxPayloadSize: null }]);
});

test("creations and changes go together, within the target's limits", async () => {
  const cycle = await job.run();
  requireComplete();
  assert.deepEqual([cycle.state, cycle.counts.created, cycle.counts.references], ["succeeded", count, managed]);
  assert.deepEqual(bulks().map(({ body }) => body.Operations.length), [10, 10, 4, 10]);
  assert.equal(target.writes.filter((request) => !isBulk(request)).length, managed - 10, "the last manager goes alone");
  assert.equal(target.requests.length, 2 + count + 5);
  assert.equal(cycle.counts.requests, target.requests.length);
});

test("a request is never longer than the target takes", async () => {
  target.bulk = { maxOperations: 100, maxPayloadSize: 2_000 };
  await job.run();
  requireComplete();
  assert.ok(bulks().length > 5 && bulks().every(({ status }) => status === 200), "a request was too long");
});

test("a lost answer leaves every operation in doubt, and nobody is created twice", async () => {
  let lost = 0;
  target.fault = (request) => (isBulk(request) && lost++ === 0 ? { drop: "after" } : undefined);
  const first = await job.run();
  assert.deepEqual([first.state, first.counts.failed, first.counts.created], ["entryLevelErrors", 10, count - 10]);
  const second = await job.run();
  assert.deepEqual([second.state, second.counts.created], ["succeeded", 0]);
  requireComplete();
  const created = operations().filter(({ method }) => method === "POST");
  assert.equal(created.length, count, "a creation was sent twice");
});

test("a Bulk that is told to wait (429) is sent again", async () => {
  let refused = 0;
  target.fault = (request) => (isBulk(request) && refused++ === 0 ? { status: 429, headers: { "retry-after": "1" } } : undefined);
  const cycle = await job.run();
  assert.deepEqual([cycle.state, cycle.counts.failed, bulks().length], ["succeeded", 0, 4 + 1]);
  requireComplete();
});

test("single operations that fail are those objects' failures; one that was told to wait is sent again", async () => {
  const [busy, bad] = [rows[3], rows[20]];
  target.operationFault = ({ data }) => {
    if (data?.userName === busy.userPrincipalName) return { status: 429 };
    return data?.userName === bad.userPrincipalName ? { status: 422, body: { detail: "not this one" } } : undefined;
  };
  const cycle = await job.run();
  assert.deepEqual([cycle.state, cycle.counts.failed, cycle.counts.created], ["entryLevelErrors", 1, count - 1]);
  const [failure] = await job.log(cycle, "provisioningStatusInfo/status eq 'failure'");
  assert.equal(failure.sourceIdentity.displayName, bad.displayName);
  assert.equal(failure.provisioningStatusInfo.errorInformation.errorCode, "UnprocessableEntity");
  assert.equal(target.count("POST", /Users$/), 1, "the one that was told to wait goes alone");
});

for (const status of [404, 413, 501]) {
  test(`a target that offers Bulk and refuses it (${status}) gets single requests, also in the next cycle`, async () => {
    target.fault = (request) => (isBulk(request) ? { status } : undefined);
    const cycle = await job.run();
    requireComplete();
    assert.deepEqual([cycle.state, cycle.counts.failed, target.count("POST", /Users$/)], ["succeeded", 0, count]);
    const tried = bulks().length;
    assert.ok(tried <= 3, `${tried} tries`);
    const { bulk } = (await capabilities()).expect(200).json;
    assert.deepEqual([bulk.supported, bulk.refused], [false, true]);
    target.users.clear();
    (await context.api.post(`${job.path}/restart`, { criteria: { resetScope: "Full" } })).expect(204);
    await job.next([cycle.id]);
    requireComplete();
    assert.equal(bulks().length, tried, "it was tried again");
  });
}

test("a directory of this deployment: a page of people costs a search and a Bulk", async () => {
  const directory = await tenant(context);
  job = await provisioning(context, { url: directory.scimUrl, token: directory.token });
  const initial = await job.run();
  assert.deepEqual([initial.counts.created, initial.counts.references], [count, managed]);
  // The probe and the question what it can do; the search; creations; managers.
  assert.equal(initial.counts.requests, 2 + 1 + 1 + 1);
  assert.equal((await directory.scim.get("/Users?count=0")).json.totalResults, count);
  const known = [initial.id];
  (await context.api.post(`${job.path}/restart`, { criteria: { resetScope: "Watermark" } })).expect(204);
  const again = await job.next(known);
  assert.deepEqual([again.counts.unchanged, again.counts.requests], [count, 2], "the probe, and one to read all");
  for (const row of rows.slice(0, 10)) {
    const user = await findUser(context, row.userPrincipalName);
    const Operations = [{ op: "replace", path: "name.familyName", value: "Changed" }];
    (await context.workforce.patch(`/Users/${user.id}`, { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations })).expect(200);
  }
  await rowsRead();
  const busy = await job.run();
  assert.deepEqual([busy.counts.updated, busy.counts.requests], [10, 3], "the probe, one to read them, one to change them");
  // As many as with 10,000 people: the bench shows it.
  const spent = await rowsRead();
  assert.ok(spent.job + spent.source <= 450, `${JSON.stringify(spent)} rows`);
  await rowsRead();
  assert.equal(await fireCron(context.url), 200);
  const rest = await rowsRead();
  assert.ok(rest.job <= 2 && rest.source === 0, `a job that rests read ${JSON.stringify(rest)} rows in a minute`);
});
