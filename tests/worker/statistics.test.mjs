/** What the provisioning log comes to, its three CSV files, and every property that its filter knows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { records } from "../../scripts/demo/people.mjs";
import { query } from "../../scripts/lib/client.mjs";
import { useServer } from "./support/server.mjs";
import { importPeople, people, provisioning } from "./support/setup.mjs";
import { useTarget } from "./support/target.mjs";

const context = useServer({ prepare });
const count = 12;
let job, cycle, entries;

const list = (parameters) => context.api.get(`/auditLogs/provisioning${query(parameters)}`);
const here = (...conditions) => [`jobId eq '${job.id}'`, ...conditions].join(" and ");
const statistics = async (...conditions) => (await context.api.get(`/auditLogs/provisioning/statistics${query({ $filter: here(...conditions) })}`)).expect(200).json;

async function prepare() {
  await importPeople(context, people(count));
  const target = await useTarget();
  job = await provisioning(context, { url: target.url, token: target.token });
  let creations = 0;
  target.fault = ({ method }) => (method === "POST" && (creations += 1) > count - 3 ? { status: creations === count ? 422 : 400 } : undefined);
  cycle = await job.run();
  entries = (await list({ $filter: here(), $top: 1000 })).expect(200).json.value;
}

test("days, errors with an example, and durations add up to the log", async () => {
  const found = await statistics();
  const of = (action, status) => found.counts.filter((line) => line.provisioningAction === action && line.status === status).reduce((sum, line) => sum + line.count, 0);
  assert.deepEqual([of("create", "success"), of("create", "failure")], [count - 3, 3]);
  assert.equal(found.counts.reduce((sum, line) => sum + line.count, 0), entries.length);
  assert.match(found.counts[0].date, /^\d{4}-\d\d-\d\d$/);
  assert.deepEqual(found.errors.map(({ errorCode, count }) => [errorCode, count]).slice(0, 2), [["InvalidRequest", 2], ["UnprocessableEntity", 1]]);
  const { example } = found.errors[0];
  const entry = entries.find(({ id }) => id === example.id);
  assert.deepEqual([example.changeId, example.sourceIdentity, example.errorInformation], [entry.changeId, entry.sourceIdentity, entry.provisioningStatusInfo.errorInformation]);
  const create = found.durations.find(({ provisioningAction }) => provisioningAction === "create");
  const took = entries.filter(({ provisioningAction }) => provisioningAction === "create").map(({ durationInMilliseconds }) => durationInMilliseconds).sort((one, other) => one - other);
  const near = (value, expected) => Math.abs(value - expected) <= expected / 8 + 1;
  assert.equal(create.count, count);
  assert.ok(near(create.p50InMilliseconds, took[count / 2 - 1]), `${create.p50InMilliseconds} of ${took}`);
  assert.ok(near(create.p95InMilliseconds, took[count - 1]), `${create.p95InMilliseconds} of ${took}`);
  assert.equal(found.truncated, false);
  assert.ok(Math.abs(Date.parse(found.to) - Date.parse(found.from) - 30 * 86_400_000) < 1_000);
});

test("statistics take the words of the log's filter", async () => {
  const total = (found) => found.counts.reduce((sum, line) => sum + line.count, 0);
  assert.equal(total(await statistics("provisioningStatusInfo/status eq 'failure'")), 3);
  assert.equal(total(await statistics(`cycleId eq '${cycle.id}'`)), entries.length);
  assert.equal(total(await statistics("cycleId eq 'none'")), 0);
  assert.equal(total(await statistics("contains(sourceIdentity/displayName,'person 11')")), entries.filter(({ sourceIdentity }) => sourceIdentity.displayName === "Person 11").length);
  assert.equal(total(await statistics("activityDateTime le 2020-01-01T00:00:00Z")), 0);
  const everywhere = (await context.api.get("/auditLogs/provisioning/statistics")).expect(200).json;
  assert.equal(total(everywhere), entries.length);
  assert.equal((await context.api.get(`/auditLogs/provisioning/statistics${query({ $filter: "nonsense" })}`)).status, 400);
  assert.equal((await context.api.post("/auditLogs/provisioning/statistics", {})).status, 405);
});

test("the log is three CSV files, joined by the change", async () => {
  const file = async (part) => {
    const answer = (await list({ $filter: here(), $format: "csv", ...(part && { $part: part }) })).expect(200);
    const [header, ...rows] = records(answer.text);
    assert.ok(rows.every((row) => row.length === header.length), part);
    return { name: /filename="(.+)"/.exec(answer.headers.get("content-disposition"))[1], rows: rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index]]))) };
  };
  const logs = await file();
  const steps = await file("provisioningSteps");
  const properties = await file("modifiedProperties");
  assert.deepEqual([logs.name, steps.name, properties.name], ["ProvisioningLogs.csv", "ProvisioningLogs_ProvisioningSteps.csv", "ProvisioningLogs_ModifiedProperties.csv"]);
  const changes = new Set(logs.rows.map(({ changeId }) => changeId));
  assert.equal(changes.size, entries.length);
  assert.ok([...steps.rows, ...properties.rows].every(({ changeId }) => changes.has(changeId)));
  assert.equal(steps.rows.length, entries.reduce((sum, { provisioningSteps }) => sum + provisioningSteps.length, 0));
  assert.equal(properties.rows.length, entries.reduce((sum, { modifiedProperties }) => sum + modifiedProperties.length, 0));
  const failed = entries.find(({ provisioningStatusInfo }) => provisioningStatusInfo.status === "failure");
  const told = steps.rows.filter(({ changeId }) => changeId === failed.changeId);
  assert.deepEqual(told.map(({ name, status }) => [name, status]), failed.provisioningSteps.map(({ name, status }) => [name, status]));
  assert.deepEqual(JSON.parse(told.at(-1).details), failed.provisioningSteps.at(-1).details);
  assert.ok(properties.rows.some(({ displayName, newValue }) => displayName === "userName" && newValue === "person0@contoso.com"));
  const some = (await list({ $filter: here("provisioningStatusInfo/status eq 'failure'"), $format: "csv", $part: "provisioningSteps" })).expect(200);
  const fewer = [...records(some.text)].length - 1;
  assert.ok(fewer > 0 && fewer < steps.rows.length, `${fewer} of ${steps.rows.length}`);
  for (const parameters of [{ $format: "csv", $part: "all" }, { $format: "json", $part: "provisioningSteps" }]) assert.equal((await list(parameters)).status, 400);
});

test("every property of an entry can be filtered", async () => {
  const [entry] = entries.filter(({ provisioningStatusInfo }) => provisioningStatusInfo.status === "failure");
  const value = (path) => path.split("/").reduce((found, name) => found[name], entry);
  const properties = ["id", "tenantId", "jobId", "cycleId", "changeId", "provisioningAction", "provisioningStatusInfo/status", "provisioningStatusInfo/errorInformation/errorCode", "provisioningStatusInfo/errorInformation/errorCategory", "provisioningStatusInfo/errorInformation/reason", "servicePrincipal/id", "servicePrincipal/displayName", "sourceSystem/id", "sourceSystem/displayName", "targetSystem/id", "targetSystem/displayName", "sourceIdentity/id", "sourceIdentity/displayName", "sourceIdentity/identityType", "targetIdentity/displayName", "targetIdentity/identityType", "initiatedBy/initiatorType", "initiatedBy/displayName"];
  for (const property of properties) {
    const text = String(value(property)).replaceAll("'", "''");
    const ids = async (filter) => (await list({ $filter: filter, $top: 1000 })).expect(200).json.value.map(({ id }) => id);
    assert.ok((await ids(`${property} eq '${text}'`)).includes(entry.id), property);
    assert.deepEqual(await ids(`${property} eq 'none of these'`), [], property);
  }
  const amount = async (condition) => (await list({ $filter: here(condition), $top: 1000 })).expect(200).json.value.length;
  assert.equal(await amount("durationInMilliseconds ge 0"), entries.length);
  assert.equal(await amount("durationInMilliseconds lt 0"), 0);
  assert.equal(await amount("contains(servicePrincipal/displayName,'peak')"), entries.length);
  assert.equal(await amount("contains(targetSystem/displayName,'slack')"), 0);
  assert.equal(await amount("contains(targetIdentity/displayName,'PERSON 1')"), entries.filter(({ targetIdentity }) => targetIdentity.displayName.includes("Person 1")).length);
  assert.equal(await amount(`activityDateTime eq ${entry.activityDateTime}`), entries.filter(({ activityDateTime }) => activityDateTime === entry.activityDateTime).length);
});
