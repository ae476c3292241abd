/**
 * What filters of a long provisioning log cost a real Durable Object, in rows as the platform counts (and charges)
 * them: what an index knows costs what is found, everything else a part of the log, and the next page goes on there.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { query } from "../../scripts/lib/client.mjs";
import { startServer } from "../../scripts/lib/server.mjs";
import { lengthen } from "../bench/logs.mjs";
import { clientsOf, temporaryFolder } from "./support/server.mjs";
import { importPeople, people, provisioning, tenant } from "./support/setup.mjs";

const entries = 12_000;
const documents = 5_000;

test("filters of a long log read what they find, or a part of it", { timeout: 180_000 }, async (t) => {
  const dataDir = temporaryFolder();
  const start = async () => clientsOf(await startServer({ dataDir, quiet: true, cron: false, env: { CHANGE_DEBOUNCE_SECONDS: "0" } }));
  let context = await start();
  t.after(() => context.server.stop());
  await importPeople(context, people(20));
  const directory = await tenant(context);
  const job = await provisioning(context, { url: directory.scimUrl, token: directory.token });
  await job.run();
  await context.server.stop();
  await lengthen(dataDir, entries);
  context = await start();
  const { api } = context;
  const here = `jobId eq '${job.id}'`;
  const rowsOf = async () => (await api.get(`${job.path}/rows`)).expect(200).json.job.read;
  const page = async (conditions, more = {}) => {
    await rowsOf();
    const answer = (await api.get(`/auditLogs/provisioning${query({ $filter: [here, ...conditions].join(" and "), $top: 50, ...more })}`)).expect(200).json;
    return { rows: await rowsOf(), found: answer.value, next: answer["@odata.nextLink"], count: answer["@odata.count"] };
  };
  const day = (back) => `${new Date(Date.now() - back * 24 * 3_600_000).toISOString().slice(0, 10)}T00:00:00Z`;
  const cheap = [
    [],
    ["provisioningStatusInfo/status eq 'failure'"],
    ["provisioningStatusInfo/status eq 'warning'"],
    ["provisioningAction eq 'delete'"],
    ["provisioningStatusInfo/errorInformation/errorCode eq 'InvalidAttributes'"],
    ["provisioningStatusInfo/errorInformation/errorCode eq 'Nothing'"],
    ["id eq 'made-00004000'"],
    ["changeId eq 'change-00004000'"],
    ["changeId eq 'nothing'"],
    ["cycleId eq 'cycle-00004'"],
    ["sourceIdentity/id eq 'source-000077'"],
    ["targetIdentity/id eq 'target-000077'"],
    ["targetIdentity/id eq 'nothing'"],
    [`activityDateTime ge ${day(20)} and activityDateTime lt ${day(19)}`],
    [`activityDateTime lt ${day(40)}`],
    [`activityDateTime gt ${day(-2)}`],
    ["provisioningStatusInfo/status eq 'failure'", `activityDateTime lt ${day(15)}`],
    ["provisioningAction eq 'create'", `activityDateTime ge ${day(12)} and activityDateTime lt ${day(11)}`],
  ];
  for (const conditions of cheap) {
    const { rows } = await page(conditions);
    // Times are put in order with what is written in the same millisecond, which counts as well.
    assert.ok(rows <= 230, `${rows} rows: ${conditions}`);
  }
  // A name is looked for in its index, through all of this log; what is frequent is found among the first.
  const nobody = await page(["contains(sourceIdentity/displayName,'nobody')"]);
  assert.deepEqual([nobody.found.length, nobody.next], [0, undefined]);
  assert.ok(nobody.rows <= 3.2 * entries, `${nobody.rows} rows`);
  const many = await page(["contains(sourceIdentity/displayName,'PERSON')"]);
  assert.ok(many.rows <= 2_500 && many.next, `${many.rows} rows`);
  // What only entries know is looked for in a part of the log, and further from there.
  const slow = await page(["durationInMilliseconds gt 99999999"]);
  assert.equal(slow.found.length, 0);
  assert.ok(slow.rows <= 3.2 * documents && slow.next, `${slow.rows} rows`);
  const rest = await api.all(slow.next.split("/api/v1.0")[1]);
  assert.deepEqual(rest, []);
  // Page by page nothing is left out, and a count or a download is of everything.
  const filter = [here, "contains(sourceIdentity/identityType,'user')", "provisioningAction eq 'create'"].join(" and ");
  const all = await api.all(`/auditLogs/provisioning${query({ $filter: filter, $top: 700 })}`);
  const counted = (await api.get(`/auditLogs/provisioning${query({ $filter: filter, $top: 1, $count: true })}`)).expect(200).json["@odata.count"];
  const file = (await api.get(`/auditLogs/provisioning${query({ $filter: filter, $format: "json" })}`)).expect(200).json;
  assert.deepEqual([new Set(all.map(({ id }) => id)).size, all.length, file.length], [counted, counted, counted]);
  assert.ok(counted > 2_000);
  // Without further pages all applications are searched to the end.
  const anywhere = (await api.get(`/auditLogs/provisioning${query({ $filter: "sourceIdentity/displayName eq 'Person 3'", $top: 100 })}`)).expect(200).json;
  assert.ok(anywhere.value.length > 0);
});
