/** The provisioning log, cycles, activity reports and their downloads, and the audit log of the configuration. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { records } from "../../scripts/demo/people.mjs";
import { query } from "../../scripts/lib/client.mjs";
import { useServer } from "./support/server.mjs";
import { application, assign, findUser, importPeople, managedCount, people, provisioning, tenant } from "./support/setup.mjs";

const context = useServer({ prepare });
const count = 30;
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
let job, initial, changed, directory, ada;

async function prepare() {
  const rows = people(count);
  await importPeople(context, rows);
  directory = await tenant(context);
  job = await provisioning(context, { url: directory.scimUrl, token: directory.token });
  initial = await job.run();
  rows[20] = { ...rows[20], surname: "Lovelace, \"Countess\"", displayName: "Ada Lovelace" };
  rows[21] = { ...rows[21], accountEnabled: "false" };
  await importPeople(context, rows);
  ada = await findUser(context, "person20@contoso.com");
  changed = await job.run();
}

const list = (parameters) => context.api.get(`/auditLogs/provisioning${query(parameters)}`);
const select = async (...conditions) => (await list({ $filter: conditions.join(" and "), $top: 1000 })).expect(200).json.value;
const here = () => `jobId eq '${job.id}'`;

test("each entry tells who, what, why, and every step", async () => {
  const [entry] = await select(here(), `cycleId eq '${changed.id}'`, `sourceIdentity/id eq '${ada.id}'`);
  assert.deepEqual([entry.provisioningAction, entry.provisioningStatusInfo.status], ["update", "success"]);
  assert.deepEqual(entry.modifiedProperties, [{ displayName: "name.familyName", oldValue: "Number20", newValue: 'Lovelace, "Countess"' }]);
  assert.deepEqual([entry.sourceIdentity.displayName, entry.sourceIdentity.identityType], ["Ada Lovelace", "User"]);
  assert.deepEqual([entry.servicePrincipal.id, entry.servicePrincipal.displayName], [job.app.id, "Peakon"]);
  assert.deepEqual([entry.jobId, entry.cycleId, entry.tenantId], [job.id, changed.id, context.session.organizationId]);
  const types = entry.provisioningSteps.map(({ provisioningStepType }) => provisioningStepType);
  for (const type of ["import", "scoping", "matching", "export"]) assert.ok(types.includes(type), `${type} in ${types}`);
  assert.ok(entry.provisioningSteps.every(({ name, description, status }) => name && description && status));
  assert.ok((await directory.scim.get(`/Users/${entry.targetIdentity.id}`)).status === 200, "the account of the log exists");
  const [disabled] = await select(here(), `cycleId eq '${changed.id}'`, "provisioningAction eq 'disable'");
  assert.deepEqual(disabled.modifiedProperties, [{ displayName: "active", oldValue: "true", newValue: "false" }]);
});

test("every filter of the contract selects, alone and together", async () => {
  const all = await select(here());
  assert.equal(all.length, count + managedCount(count) + 2);
  const [one] = await select(`cycleId eq '${changed.id}'`, `sourceIdentity/id eq '${ada.id}'`);
  const matching = async (condition) => (await select(here(), condition)).length;
  const creates = all.filter((entry) => entry.provisioningAction === "create").length;
  assert.equal(await matching("provisioningAction eq 'create'"), creates);
  assert.equal(creates, count);
  assert.equal(await matching("provisioningStatusInfo/status eq 'success'"), all.length);
  assert.equal(await matching("provisioningStatusInfo/status eq 'failure'"), 0);
  assert.equal(await matching(`cycleId eq '${changed.id}'`), 2);
  assert.equal(await matching(`changeId eq '${one.changeId}'`), 1);
  assert.equal(await matching(`targetIdentity/id eq '${one.targetIdentity.id}'`), 2);
  assert.equal(await matching("contains(sourceIdentity/displayName,'LOVELACE')"), 1);
  assert.equal(await matching("contains(sourceIdentity/displayName,'no such name')"), 0);
  assert.equal(await matching("contains(sourceIdentity/displayName,'it''s')"), 0);
  assert.equal((await select(`servicePrincipal/id eq '${job.app.id}'`)).length, all.length);
  const middle = changed.startedDateTime;
  const [early, late] = [await matching(`activityDateTime le ${initial.endedDateTime}`), await matching(`activityDateTime ge ${middle}`)];
  assert.deepEqual([early, late], [all.length - 2, 2]);
  assert.equal(await matching(`activityDateTime ge ${middle} and provisioningAction eq 'disable'`), 1);
  assert.equal((await list({})).expect(200).json.value.length, Math.min(100, all.length), "all applications, without a filter");
});

test("a filter that is not understood is an error, never everything", async () => {
  for (const filter of ["nonsense", "jobId eq", "jobId eq 'x' or jobId eq 'y'", "shoeSize eq '42'", "jobId ne 'x'", "activityDateTime ge 'soon'", "contains(jobId,'x')", "jobId eq 'open"]) {
    const answer = await list({ $filter: filter });
    assert.deepEqual([answer.status, answer.json?.error.code], [400, "Request_BadRequest"], filter);
  }
});

test("the log is newest first, paged without gap or repetition, and counted", async () => {
  const all = await select(here());
  const times = all.map(({ activityDateTime }) => activityDateTime);
  assert.deepEqual(times, [...times].sort().reverse());
  const page = (await list({ $filter: here(), $top: 7, $count: true })).expect(200).json;
  assert.deepEqual([page.value.length, page["@odata.count"]], [7, all.length]);
  const paged = await context.api.all(`/auditLogs/provisioning${query({ $filter: here(), $top: 7 })}`);
  assert.deepEqual(paged.map(({ id }) => id), all.map(({ id }) => id));
  assert.equal((await list({ $filter: here() })).json["@odata.count"], undefined, "counted without being asked");
  for (const parameters of [{ $top: 0 }, { $top: "x" }, { $skiptoken: "x" }]) assert.equal((await list(parameters)).status, 400, JSON.stringify(parameters));
});

test("the log is downloaded whole, as JSON and as CSV", async () => {
  const all = await select(here());
  const json = (await list({ $filter: here(), $format: "json" })).expect(200);
  assert.match(json.headers.get("content-disposition"), /attachment; filename=".+\.json"/);
  assert.deepEqual(json.json.map(({ id }) => id), all.map(({ id }) => id));
  const csv = (await list({ $filter: here(), $format: "csv" })).expect(200);
  assert.match(csv.headers.get("content-type"), /^text\/csv/);
  assert.match(csv.headers.get("content-disposition"), /attachment; filename=".+\.csv"/);
  const [header, ...rows] = records(csv.text);
  assert.equal(rows.length, all.length);
  assert.ok(rows.every((row) => row.length === header.length));
  const row = rows.find((cells) => cells[header.indexOf("sourceDisplayName")] === "Ada Lovelace");
  assert.equal(row[header.indexOf("changes")], 'name.familyName: Number20 → Lovelace, "Countess"');
  assert.equal((await list({ $format: "xml" })).status, 400);
});

test("cycles are listed newest first, with counts", async () => {
  const cycles = await job.cycles();
  assert.deepEqual(cycles.map(({ id }) => id), [changed.id, initial.id]);
  assert.deepEqual([changed.kind, changed.counts.updated, changed.counts.disabled, changed.counts.created], ["incremental", 1, 1, 0]);
  assert.ok(Date.parse(initial.endedDateTime) >= Date.parse(initial.startedDateTime));
  const first = (await context.api.get(`${job.path}/cycles?$top=1`)).expect(200).json;
  assert.equal(first.value.length, 1);
  assert.deepEqual((await context.api.get(first["@odata.nextLink"])).json.value.map(({ id }) => id), [initial.id]);
});

test("the activity report has the counts and every action", async () => {
  const report = (await context.api.get(`${job.path}/cycles/${initial.id}/report`)).expect(200).json;
  assert.deepEqual([report.cycle.id, report.servicePrincipalDisplayName, report.truncated, report.errors], [initial.id, "Peakon", false, []]);
  assert.deepEqual(report.cycle.counts, initial.counts);
  assert.equal(report.entries.length, count + managedCount(count));
  assert.ok(report.entries.every(({ objectType }) => objectType === "User"));
  assert.equal(report.durationInMilliseconds, Date.parse(initial.endedDateTime) - Date.parse(initial.startedDateTime));
  const reference = report.entries.find(({ action }) => action === "update");
  assert.match(reference.changes, new RegExp(`^${enterprise}:manager: ∅ → `));
  const short = (await context.api.get(`${job.path}/cycles/${changed.id}/report`)).expect(200).json;
  assert.deepEqual(short.entries.map(({ action, sourceDisplayName }) => `${action} ${sourceDisplayName}`).sort(), ["disable Person 21", "update Ada Lovelace"]);
});

test("the report is downloaded as CSV", async () => {
  const answer = (await context.api.get(`${job.path}/cycles/${changed.id}/report.csv`)).expect(200);
  assert.match(answer.headers.get("content-disposition"), /attachment; filename=".+\.csv"/);
  const [header, ...rows] = records(answer.text);
  assert.deepEqual([rows.length, header.slice(0, 3)], [2, ["dateTime", "action", "status"]]);
  assert.ok(rows.some((row) => row.includes('name.familyName: Number20 → Lovelace, "Countess"')));
});

test("what does not exist has no report", async () => {
  for (const path of ["cycles/none/report", "cycles/none/report.csv", "cycles/none"]) assert.equal((await context.api.get(`${job.path}/${path}`)).status, 404, path);
});

test("the audit log tells who changed the configuration", async () => {
  const app = await application(context, "Peakon", "Audited");
  const { id } = await findUser(context, "person1@contoso.com");
  const assignment = (await assign(context, app, id)).expect(201).json;
  (await context.api.delete(`${app.path}/appRoleAssignedTo/${assignment.id}`)).expect(204);
  (await context.api.patch(app.path, { displayName: "Renamed" })).expect(200);
  const audits = (await context.api.get("/auditLogs/directoryAudits?$top=4")).expect(200).json.value;
  assert.ok(audits.every(({ result, initiatedBy, targetResources }) => result === "success" && initiatedBy.kind === "apiKey" && targetResources[0].id === app.id));
  assert.deepEqual(audits.map(({ activityDisplayName }) => activityDisplayName), ["Update service principal", "Remove app role assignment from user", "Add app role assignment grant to user", "Add service principal"]);
  assert.deepEqual(audits[0].targetResources[0].modifiedProperties, [{ displayName: "displayName", oldValue: "Audited", newValue: "Renamed" }]);
  const times = audits.map(({ activityDateTime }) => activityDateTime);
  assert.deepEqual(times, [...times].sort().reverse());
});

test("the audit log is paged", async () => {
  const all = await context.api.all("/auditLogs/directoryAudits?$top=1000");
  const paged = await context.api.all("/auditLogs/directoryAudits?$top=3");
  assert.ok(all.length > 10);
  assert.deepEqual(paged.map(({ id }) => id), all.map(({ id }) => id));
});
