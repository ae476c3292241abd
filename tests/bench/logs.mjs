/**
 * How fast a long provisioning log is filtered: a page of the newest entries, by each filter of the API, over HTTP;
 * then in the portal's page, in Chromium (logs-page.mjs).
 *
 * A company of 1,000 is provisioned, and what the engine wrote about it is then repeated in the job's database while
 * the server rests: as many entries as are asked for, over 29 days, in cycles of 1,000, of ten times as many people,
 * a hundredth of them failures. Writing them one by one would take the time of as many accounts and measure nothing else.
 *
 * Rows are those that the job's database reads for one request; `next` tells a page that ended before the log did.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { query } from "../../scripts/lib/client.mjs";
import { say, step } from "../../scripts/lib/log.mjs";
import { startServer } from "../../scripts/lib/server.mjs";
import { addJob, application, tenant } from "../worker/support/setup.mjs";
import { clientsOf } from "../worker/support/server.mjs";
import { hire } from "./cycle.mjs";
import { measurePage } from "./logs-page.mjs";
import { table } from "./table.mjs";

const people = 1_000;
const perCycle = 1_000;
const spanInMilliseconds = 29 * 24 * 3_600_000;
const rounds = 5;
/** What a filter of a log of 100,000 entries may take, until its rows can be seen. */
const limitInMilliseconds = 300;

/** The databases of all objects below a data folder. */
const databases = (folder) => readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".sqlite")).map((name) => join(folder, name));

/** Repeats the log of the one job in the data folder; the server does not run. */
export async function lengthen(folder, entries) {
  const { DatabaseSync } = await import("node:sqlite");
  for (const file of databases(folder)) {
    const database = new DatabaseSync(file);
    const has = database.prepare("SELECT count(*) AS count FROM sqlite_schema WHERE name = 'logs' AND type = 'table'").get().count;
    const written = has ? database.prepare("SELECT count(*) AS count FROM logs").get().count : 0;
    if (written > 0) {
      const now = Date.now();
      database.exec(`
        CREATE TEMP TABLE sample AS SELECT row_number() OVER (ORDER BY sequence) - 1 AS place, * FROM logs;
        WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ${entries - written}),
        made AS (
          SELECT n, printf('made-%08d', n) AS id, ${now - spanInMilliseconds} + n * ${Math.floor(spanInMilliseconds / entries)} AS at,
            printf('cycle-%05d', n / ${perCycle}) AS cycle_id, printf('change-%08d', n) AS change_id,
            CASE WHEN n % 100 = 7 THEN 'failure' ELSE 'success' END AS status,
            CASE WHEN n % 100 = 7 THEN 'InvalidAttributes' END AS error_code,
            CASE n % 5 WHEN 0 THEN 'create' WHEN 1 THEN 'disable' ELSE 'update' END AS action,
            printf('source-%06d', n % ${people * 10}) AS source_id, printf('Person %d', n % ${people * 10}) AS source_name,
            printf('target-%06d', n % ${people * 10}) AS target_id, sample.document AS document, sample.bucket AS bucket
          FROM numbers JOIN sample ON sample.place = n % ${written})
        INSERT INTO logs (id, at, cycle_id, change_id, action, status, error_code, source_id, source_name, target_id, bucket, document)
        SELECT id, at, cycle_id, change_id, action, status, error_code, source_id, source_name, target_id, bucket,
          json_set(document, '$.id', id, '$.changeId', change_id, '$.cycleId', cycle_id, '$.provisioningAction', action,
            '$.sourceIdentity.id', source_id, '$.sourceIdentity.displayName', source_name, '$.targetIdentity.id', target_id,
            '$.provisioningStatusInfo.status', status)
        FROM made ORDER BY n`);
    }
    database.close();
  }
}

const day = (back) => `${new Date(Date.now() - back * 24 * 3_600_000).toISOString().slice(0, 10)}T00:00:00Z`;

/** Every filter that the API documents: one that finds many, one that finds few, one that finds nothing. */
const filters = (entries) => {
  const some = Math.floor(entries / 3);
  const number = (kind, digits, value) => `${kind}-${String(value).padStart(digits, "0")}`;
  return [
    ["all", ""],
    ["status: failures", "provisioningStatusInfo/status eq 'failure'"],
    ["status: none", "provisioningStatusInfo/status eq 'warning'"],
    ["action", "provisioningAction eq 'create'"],
    ["action and status", "provisioningAction eq 'delete' and provisioningStatusInfo/status eq 'success'"],
    ["error code", "provisioningStatusInfo/errorInformation/errorCode eq 'InvalidAttributes'"],
    ["error code: none", "provisioningStatusInfo/errorInformation/errorCode eq 'Nothing'"],
    ["id", `id eq '${number("made", 8, some)}'`],
    ["cycle", `cycleId eq '${number("cycle", 5, Math.floor(some / perCycle))}'`],
    ["change", `changeId eq '${number("change", 8, some)}'`],
    ["change: none", "changeId eq 'nothing'"],
    ["source object", `sourceIdentity/id eq '${number("source", 6, 77)}'`],
    ["target object", `targetIdentity/id eq '${number("target", 6, 77)}'`],
    ["target object: none", "targetIdentity/id eq 'nothing'"],
    ["one day", `activityDateTime ge ${day(20)} and activityDateTime lt ${day(19)}`],
    ["before a month", `activityDateTime lt ${day(40)}`],
    ["from now on", `activityDateTime gt ${day(-2)}`],
    ["name contains: many", "contains(sourceIdentity/displayName,'person 1')"],
    ["name contains: few", "contains(sourceIdentity/displayName,'person 7777')"],
    ["name contains: none", "contains(sourceIdentity/displayName,'nobody')"],
    ["name is", "sourceIdentity/displayName eq 'Person 7777'"],
    ["target name contains: none", "contains(targetIdentity/displayName,'nobody')"],
    ["type: none", "sourceIdentity/identityType eq 'Device'"],
    ["reason contains: none", "contains(provisioningStatusInfo/errorInformation/reason,'nobody')"],
    ["duration: none", "durationInMilliseconds gt 999999"],
  ];
};

async function measure(context, job, entries) {
  const rows = [];
  for (const [name, condition] of filters(entries)) {
    const filter = [`servicePrincipal/id eq '${job.app.id}'`, condition].filter(Boolean).join(" and ");
    for (const count of [undefined, true]) {
      const ask = () => context.api.get(`/auditLogs/provisioning${query({ $filter: filter, $top: 50, $count: count })}`);
      const times = [];
      let answer;
      await context.api.get(`${job.path}/rows`);
      for (let round = 0; round < rounds; round++) {
        const begun = performance.now();
        answer = (await ask()).expect(200).json;
        times.push(performance.now() - begun);
      }
      const read = (await context.api.get(`${job.path}/rows`)).expect(200).json.job.read / rounds;
      const time = times.sort((one, other) => one - other)[Math.floor(rounds / 2)];
      const worst = times.at(-1);
      rows.push([count ? `${name}, counted` : name, `${time.toFixed(0)} ms`, `${worst.toFixed(0)} ms`, String(Math.round(read)), `${answer.value.length}${answer["@odata.nextLink"] ? "+" : ""}`, worst > limitInMilliseconds ? "slow" : ""]);
    }
  }
  return rows;
}

/** Fills and measures, with each number of entries. */
export async function bench({ sizes }) {
  for (const entries of sizes) {
    const dataDir = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
    const start = async () => clientsOf(await startServer({ dataDir, quiet: true, cron: false }));
    let context = await start();
    try {
      let job;
      await step(`a company of ${people}`, async (line) => {
        await hire(context.workforce, people, line);
        const app = await application(context);
        const directory = await tenant(context);
        job = await addJob(context, app, { BaseAddress: directory.scimUrl, SecretToken: directory.token, SyncAll: "True" });
        await job.run({ limit: 600_000 });
      });
      await step(`${entries} entries`, async () => {
        await context.server.stop();
        await lengthen(dataDir, entries);
        context = await start();
        job.api = context.api;
      });
      const rows = await measure(context, job, entries);
      say(`\n${table([`${entries} entries`, "median", "worst", "rows", "found", ""], rows)}\n`);
      const inPage = await step("the page", () => measurePage(context, job.app.id, limitInMilliseconds));
      say(`\n${table([`${entries} entries, in the page`, "median", "worst", ""], inPage)}\n`);
    } finally {
      await context.server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  }
}
