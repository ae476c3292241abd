/** Thresholds as settings of a job, and deletions that are held: approved and rejected one by one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { useServer } from "./support/server.mjs";
import { changeSettings, imported, importPeople, people, provisioning, settingsOf, tenant } from "./support/setup.mjs";
import { useTarget } from "./support/target.mjs";

const rows = people(10);
const context = useServer({ prepare: () => importPeople(context, rows) });

const { idOf, member } = imported(context, rows);
const patch = (...what) => changeSettings(context, ...what);
const works = async ({ scim }, index) => (await scim.get(`/Users?filter=${encodeURIComponent(`userName eq "${rows[index].userPrincipalName}"`)}`)).expect(200).json.Resources?.[0]?.active;
const staged = async (job, parameters = "") => (await context.api.get(`${job.path}/stagedDeletions${parameters}`)).expect(200).json;
const decide = (job, verb, body) => context.api.post(`${job.path}/stagedDeletions/${verb}`, body);

/** A job of which four deletions are held. */
async function held(values = { QuarantineTooManyDeletesThreshold: "3" }) {
  const directory = await tenant(context);
  const job = await provisioning(context, { url: directory.scimUrl, token: directory.token });
  (await patch(job, values)).expect(204);
  await job.run();
  for (const index of [6, 7, 8, 9]) await member(index, "remove");
  const cycle = await job.run();
  assert.equal((await job.read()).status.quarantine?.reason, "TooManyDeletes");
  assert.equal(cycle.error.code, "TooManyDeletes");
  return { directory, job };
}

const back = async () => {
  for (const index of [6, 7, 8, 9]) await member(index, "add");
};

test("thresholds are set, shown and refused; a request with an error changes nothing", async () => {
  const directory = await tenant(context);
  const job = await provisioning(context, { url: directory.scimUrl, token: directory.token });
  const usual = { QuarantineTooManyDeletesThreshold: "0", QuarantineTooManyDeletesPercent: "0", QuarantineEscrowMinimum: "5000", QuarantineEscrowProportionThreshold: "40", QuarantineBaseEscrowThreshold: "40000", QuarantineTotalEscrowThreshold: "60000" };
  const thresholds = async () => Object.fromEntries(Object.entries(await settingsOf(job)).filter(([name]) => name in usual));
  assert.deepEqual(await thresholds(), usual, "prevention is off until it is switched on");
  for (const values of [
    { QuarantineTooManyDeletesThreshold: "-1" },
    { QuarantineTooManyDeletesPercent: "101" },
    { QuarantineEscrowMinimum: "0" },
    { QuarantineEscrowProportionThreshold: "0" },
    { QuarantineBaseEscrowThreshold: "60001" },
    { QuarantineTotalEscrowThreshold: "4999" },
    { QuarantineTooManyDeletesThreshold: "5", Colour: "red" },
  ]) {
    const answer = await patch(job, values, { schedule: { interval: "PT5M" } });
    assert.deepEqual([answer.status, answer.json.error.code], [400, "Request_BadRequest"], JSON.stringify(values));
  }
  assert.equal((await patch(job, { QuarantineTooManyDeletesThreshold: "5" }, { schedule: { interval: "never" } })).status, 400);
  assert.deepEqual([await thresholds(), (await job.read()).schedule.interval], [usual, "PT40M"]);
  const changed = { QuarantineTooManyDeletesThreshold: "7", QuarantineTooManyDeletesPercent: "20", QuarantineEscrowMinimum: "2", QuarantineEscrowProportionThreshold: "50", QuarantineBaseEscrowThreshold: "10", QuarantineTotalEscrowThreshold: "20" };
  (await patch(job, changed, { schedule: { interval: "PT5M" } })).expect(204);
  assert.deepEqual([await thresholds(), (await job.read()).schedule.interval], [changed, "PT5M"]);
  const secrets = (await context.api.get(job.secretsPath)).expect(200).json.value;
  const notification = () => JSON.parse(secrets.find(({ key }) => key === "SyncNotificationSettings").value);
  assert.equal(notification().DeleteThresholdEnabled, true, "Entra's switch follows");
  (await patch(job, { QuarantineTooManyDeletesThreshold: "0", QuarantineTooManyDeletesPercent: "0" })).expect(204);
  assert.equal((await thresholds()).QuarantineTooManyDeletesThreshold, "0");
  await job.save({ BaseAddress: directory.scimUrl, SecretToken: "*", SyncNotificationSettings: '{"DeleteThresholdEnabled":true}' });
  assert.deepEqual([(await thresholds()).QuarantineTooManyDeletesThreshold, (await thresholds()).QuarantineTooManyDeletesPercent], ["500", "0"]);
});

test("failures quarantine a job at the threshold that is set", async () => {
  const target = await useTarget();
  const job = await provisioning(context, { url: target.url, token: target.token });
  (await patch(job, { QuarantineEscrowMinimum: "1", QuarantineEscrowProportionThreshold: "50" })).expect(204);
  let creations = 0;
  target.fault = ({ method }) => (method === "POST" && (creations += 1) > 4 ? { status: 400 } : undefined);
  assert.equal((await job.run()).counts.failed, 6);
  assert.equal((await job.read()).status.quarantine?.reason, "EncounteredEscrowProportionThreshold");
  target.fault = () => undefined;
  await job.run();
  assert.equal((await job.read()).status.quarantine, null);
});

test("a share of the accounts is a threshold too", async () => {
  const { job } = await held({ QuarantineTooManyDeletesThreshold: "0", QuarantineTooManyDeletesPercent: "40" });
  assert.equal((await staged(job)).value.length, 4);
  await back();
  await job.run();
  assert.deepEqual([(await staged(job)).value, (await job.read()).status.quarantine], [[], null], "they came back, and are forgotten");
});

test("held deletions are listed, approved and rejected one by one", async () => {
  const { directory, job } = await held();
  const all = await staged(job, "?$count=true&$top=3");
  assert.deepEqual([all["@odata.count"], all.value.length], [4, 3]);
  const rest = (await context.api.get(all["@odata.nextLink"])).expect(200).json;
  const listed = [...all.value, ...rest.value];
  assert.deepEqual([listed.length, new Set(listed.map(({ id }) => id)).size, rest["@odata.nextLink"]], [4, 4, undefined]);
  const seven = listed.find(({ displayName }) => displayName === "Person 7");
  assert.deepEqual([seven.action, seven.status, seven.id, seven.sourceIdentity.identityType], ["disable", "held", await idOf(7), "User"]);
  assert.ok(Math.abs(Date.parse(seven.heldDateTime) - Date.now()) < 60_000);
  assert.equal((await directory.scim.get(`/Users/${seven.targetIdentity.id}`)).status, 200);

  for (const body of [{}, { ids: [] }, { all: false }, { ids: ["x"], all: true }, { ids: [7] }, { all: true, count: "4" }, { ids: ["x"], count: 1 }]) {
    assert.equal((await decide(job, "approve", body)).status, 400, JSON.stringify(body));
  }
  assert.equal((await context.api.get(`${job.path}/stagedDeletions?$filter=${encodeURIComponent("status eq 'gone'")}`)).status, 400);
  assert.equal((await context.api.delete(`${job.path}/stagedDeletions/approve`)).status, 405);

  const eight = await idOf(8);
  assert.deepEqual((await decide(job, "reject", { ids: [eight, "nobody"] })).expect(200).json, { decided: 1, notFound: 1, undecided: 3 });
  const known = (await job.cycles()).map(({ id }) => id);
  assert.deepEqual((await decide(job, "approve", { ids: [seven.id] })).expect(200).json, { decided: 1, notFound: 0, undecided: 2 });
  const partly = await job.next(known);
  assert.deepEqual([partly.counts.disabled, partly.error.code], [1, "TooManyDeletes"], "it runs at once; the others wait on");
  assert.deepEqual([await works(directory, 6), await works(directory, 7), await works(directory, 8)], [true, false, true]);
  assert.deepEqual((await staged(job)).value.map(({ status }) => status).sort(), ["held", "held", "rejected"]);

  const before = (await job.cycles()).map(({ id }) => id);
  assert.equal((await decide(job, "approve", { all: true })).expect(200).json.undecided, 0);
  assert.equal((await job.read()).status.quarantine, null, "nobody is left undecided");
  assert.deepEqual([(await job.next(before)).counts.disabled, await works(directory, 9)], [2, false]);
  assert.equal((await job.read()).status.code, "Active");

  (await context.api.post(`${job.path}/restart`, { criteria: { resetScope: "ForceDeletes, Watermark" } })).expect(204);
  await until("the end of the restart", async () => (await job.read()).status.currentCycle === null || !(await job.read()).status.currentCycle);
  await job.run();
  assert.equal(await works(directory, 8), true, "what was rejected stays");
  assert.equal((await staged(job, `?$filter=${encodeURIComponent("status eq 'rejected'")}`)).value.length, 1);

  const later = (await job.cycles()).map(({ id }) => id);
  (await decide(job, "approve", { ids: [eight] })).expect(200);
  assert.deepEqual([(await job.next(later)).counts.disabled, await works(directory, 8)], [1, false], "approved after all");
  assert.deepEqual((await staged(job, "?$count=true"))["@odata.count"], 0);

  const audits = (await context.api.get("/auditLogs/directoryAudits?$top=20")).expect(200).json.value;
  const noted = audits.filter(({ activityDisplayName }) => /held deletions/.test(activityDisplayName));
  assert.equal(noted.length, 4);
  assert.deepEqual(noted[0].targetResources[0].modifiedProperties.find(({ displayName }) => displayName === "ids").newValue, eight);
  await back();
});

test("a decision about all holds for as many as it names, and for no others", async () => {
  const { directory, job } = await held();
  // Somebody saw four; one more has been held since.
  await member(5, "remove");
  await job.run();
  for (const verb of ["approve", "reject"]) {
    const refused = await decide(job, verb, { all: true, count: 4 });
    assert.deepEqual([refused.status, refused.json.error.code], [409, "Conflict"]);
    assert.match(refused.json.error.message, /^5 are undecided by now, not 4\. Nothing was decided\./);
  }
  const undecided = `?$count=true&$filter=${encodeURIComponent("status eq 'held'")}`;
  assert.equal((await staged(job, undecided))["@odata.count"], 5);
  assert.equal((await job.read()).status.quarantine?.reason, "TooManyDeletes");
  assert.equal(await works(directory, 9), true);
  const known = (await job.cycles()).map(({ id }) => id);
  assert.deepEqual((await decide(job, "approve", { all: true, count: 5 })).expect(200).json, { decided: 5, notFound: 0, undecided: 0 });
  assert.equal((await job.next(known)).counts.disabled, 5);
  await member(5, "add");
  await back();
});

test("a rejection ends the quarantine when it was the last, and waits for requests that are under way", async () => {
  const { directory, job } = await held();
  assert.equal((await decide(job, "reject", { all: true })).expect(200).json.decided, 4);
  assert.equal((await job.read()).status.quarantine, null);
  await job.run();
  await job.run();
  for (const index of [6, 7, 8, 9]) assert.equal(await works(directory, index), true);
  await back();
  await job.run();
  assert.deepEqual((await staged(job)).value, [], "they came back, and the rejection is forgotten");
});

test("a restart with ForceDeletes carries out what is held at that moment, and nothing that comes later", async () => {
  const target = await useTarget();
  const job = await provisioning(context, { url: target.url, token: target.token });
  (await patch(job, { QuarantineTooManyDeletesThreshold: "3" })).expect(204);
  await job.run();
  const works = () => rows.flatMap((row, index) => (target.named(row.userPrincipalName)[0].active ? [index] : []));
  for (const index of [7, 8, 9]) await member(index, "remove");
  assert.equal((await job.run()).error.code, "TooManyDeletes");

  // The target is down when it is allowed; hours later three more leave, by mistake.
  target.fault = () => ({ status: 503 });
  const known = (await job.cycles()).map(({ id }) => id);
  (await context.api.post(`${job.path}/restart`, { criteria: { resetScope: "ForceDeletes" } })).expect(204);
  assert.equal((await job.next(known)).state, "failed");
  assert.deepEqual((await staged(job)).value.map(({ status }) => status), ["approved", "approved", "approved"]);
  for (const index of [4, 5, 6]) await member(index, "remove");
  target.fault = () => undefined;
  const cycle = await job.run();
  assert.deepEqual([cycle.counts.disabled, cycle.error.code], [3, "TooManyDeletes"]);
  assert.deepEqual(works(), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual((await staged(job)).value.map(({ status }) => status), ["held", "held", "held"]);
  assert.equal((await job.read()).status.quarantine?.reason, "TooManyDeletes");

  // They are let through when somebody says so again; the next ones are not.
  const before = (await job.cycles()).map(({ id }) => id);
  (await context.api.post(`${job.path}/restart`, { criteria: { resetScope: "ForceDeletes" } })).expect(204);
  assert.equal((await job.next(before)).counts.disabled, 3);
  assert.deepEqual([works(), (await job.read()).status.quarantine], [[0, 1, 2, 3], null]);
  for (const index of [1, 2, 3]) await member(index, "remove");
  assert.equal((await job.run()).error.code, "TooManyDeletes");
  assert.deepEqual(works(), [0, 1, 2, 3]);
  for (let index = 1; index < 10; index += 1) await member(index, "add");
});

test("what is under way when it is rejected is carried out before the answer, the rest never", async () => {
  const target = await useTarget();
  const job = await provisioning(context, { url: target.url, token: target.token });
  (await patch(job, { QuarantineTooManyDeletesThreshold: "3" })).expect(204);
  await job.run();
  for (const index of [6, 7, 8, 9]) await member(index, "remove");
  await job.run();
  assert.equal((await staged(job)).value.length, 4);
  let release;
  const gate = new Promise((resolve) => (release = resolve));
  let patches = 0;
  target.wait = ({ method }) => (method === "PATCH" && (patches += 1) === 1 ? gate : undefined);
  (await decide(job, "approve", { all: true })).expect(200);
  await until("the first change", () => patches > 0);
  const rejection = decide(job, "reject", { ids: (await staged(job)).value.map(({ id }) => id) });
  setTimeout(release, 300);
  const { decided } = (await rejection).expect(200).json;
  const still = () => [...target.users.values()].filter(({ active }) => active).length;
  const after = still();
  assert.equal(after, 6 + decided);
  target.wait = () => undefined;
  await job.run();
  assert.equal(still(), after);
  await back();
});
