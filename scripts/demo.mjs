/**
 * `npm run demo`: the whole tutorial without a browser, on a server and a data folder of its own: from the
 * import of a company's people to the cycle that finds nothing to do. Every step checks what it claims; the
 * exit code is 0 only if the target holds exactly the wanted people at each stage.
 *
 *     npm run demo                      the 1,000 people of tests/data/contoso.csv
 *     npm run demo -- --users 20000     as many from the generator (20 to 100,000)
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { change } from "./demo/change.mjs";
import { lasted, number, printReport, requireSuccess, untilCycleEnds } from "./demo/cycle.mjs";
import { workerMemory } from "./demo/memory.mjs";
import { parsePeople, pickThree, wantedAccounts } from "./demo/people.mjs";
import { addApplication, addMapping, assign, connect, createTenant, importPeople } from "./demo/setup.mjs";
import { differences, readTarget, requireNone, written } from "./demo/target.mjs";
import { build } from "./lib/build.mjs";
import { management, query, scim } from "./lib/client.mjs";
import { bold, die, duration, kilobytes, Problem, say, step } from "./lib/log.mjs";
import { inProject } from "./lib/paths.mjs";
import { run } from "./lib/run.mjs";
import { startServer } from "./lib/server.mjs";
import { setUp } from "./lib/setup.mjs";

const sampleSize = 1_000;
const [fewest, most] = [20, 100_000];

function options() {
  try {
    return parseArgs({ options: { users: { type: "string", default: String(sampleSize) } } }).values;
  } catch (error) {
    throw new Problem(`${error.message.split(".")[0]}. Usage: npm run demo [-- --users N]`);
  }
}

function wantedUsers() {
  const values = options();
  const users = Number(values.users.replaceAll(/[,_]/g, ""));
  if (!Number.isInteger(users) || users < fewest || users > most) throw new Problem(`--users ${values.users} is not a number from ${fewest} to ${number(most)}`);
  return users;
}

/** The CSV file to import: the sample that is in the project, or a new one. */
async function sample(users) {
  if (users === sampleSize) return readFileSync(inProject("tests", "data", "contoso.csv"), "utf8");
  const args = ["run", "--release", "--quiet", "--locked", "-p", "sample-data", "--", "--users", String(users)];
  return step(`generate ${number(users)} people`, () => run("cargo", args));
}

/** Runs a cycle and waits for its end; the step's line tells the progress. */
async function cycle(name, job, known, work = () => {}) {
  return step(name, async (line) => {
    (await job.api.post(`${job.path}/start`)).expect(204);
    const ended = await untilCycleEnds(job, known, line);
    requireSuccess(ended);
    return { cycle: ended, remark: await work(ended) };
  }).then(({ cycle: ended }) => ended);
}

/** How many entries the provisioning log has of a cycle. */
async function logCount(job, { id }, condition) {
  const filter = [`jobId eq '${job.id}'`, `cycleId eq '${id}'`, ...(condition ? [condition] : [])].join(" and ");
  return (await job.api.get(`/auditLogs/provisioning${query({ $filter: filter, $count: true, $top: 1 })}`)).expect(200).json["@odata.count"];
}

const success = "provisioningStatusInfo/status eq 'success'";

async function tutorial(server, csv) {
  const people = parsePeople(csv);
  const wanted = wantedAccounts(people);
  const three = pickThree(people);
  if (!three) throw new Problem("The sample has too few people who manage nobody; take more with --users");
  const api = management(server);
  const { workforceDirectoryId } = (await api.get("/session")).expect(200).json;
  const workforce = { id: workforceDirectoryId, scim: scim(`${server.url}/scim/${workforceDirectoryId}/v2`, server.adminKey) };

  await step("2. import the people", () => importPeople(api, workforce, csv, people));
  const tenant = await step("3. create a Peakon tenant", () => createTenant(api));
  const application = await step("4. add Peakon from the gallery", () => addApplication(api));
  await step("5. assign one person, then the departments", () => assign(api, workforce, application, people));
  const job = await step("6. connect: test the connection, save the credentials", () => connect(api, application, tenant));
  await step("7. read the default mappings, add one", () => addMapping(job));

  const known = new Set();
  const accounts = () => readTarget(tenant.scim);
  let before;
  const initial = await cycle("8. start: the initial cycle", job, known, async (ended) => {
    if (ended.kind !== "initial") throw new Problem(`The first cycle was ${ended.kind}`);
    before = await accounts();
    requireNone(differences(wanted, before), "The target does not hold what it should after the initial cycle");
    return `the cycle itself ${duration(lasted(ended))}; ${number(before.size)} accounts, all as they should be`;
  });
  const memory = workerMemory(server);

  const report = await step("9. watch: activity report and provisioning log", async () => {
    const created = await logCount(job, initial, `provisioningAction eq 'create' and ${success}`);
    if (created !== wanted.size) throw new Problem(`The log has ${created} creations, ${wanted.size} were made`);
    const failed = await logCount(job, initial, "provisioningStatusInfo/status eq 'failure'");
    if (failed !== 0) throw new Problem(`The log has ${failed} failures`);
    const download = (await api.get(`${job.path}/cycles/${initial.id}/report.csv`)).expect(200);
    if (!/attachment/.test(download.headers.get("content-disposition"))) throw new Problem("The CSV report is not a download");
    const { json } = (await api.get(`${job.path}/cycles/${initial.id}/report`)).expect(200);
    return { json, remark: `${number(await logCount(job, initial))} entries, ${kilobytes(download.text.length)} of CSV` };
  });

  const changes = await step("10. change: edit one, disable one, unassign one, add one", () => change(api, workforce, people, three));
  const incremental = await cycle("    start: the incremental cycle", job, known, async (ended) => {
    await changes.checkLog(job, ended);
    const after = await accounts();
    for (const [userName, account] of changes.accounts) wanted.set(userName, account);
    requireNone(differences(wanted, after), "The target does not hold what it should after the changes");
    const touched = written(before, after);
    const strangers = touched.filter((name) => !changes.accounts.has(name));
    requireNone(strangers, "The cycle also wrote people who did not change");
    if (touched.length !== changes.accounts.size) throw new Problem(`The cycle wrote ${touched.length} people, ${changes.accounts.size} changed`);
    before = after;
    return `exactly the ${touched.length} changes, in ${ended.counts.requests} requests`;
  });
  await cycle("    start again: nothing changed", job, known, async (ended) => {
    const writes = await logCount(job, ended, success);
    if (writes !== 0) throw new Problem(`The log has ${writes} writes, and nothing had changed`);
    requireNone(written(before, await accounts()), "The cycle wrote people, and nothing had changed");
    return `no write, ${ended.counts.requests} request`;
  });

  const incrementalReport = (await api.get(`${job.path}/cycles/${incremental.id}/report`)).expect(200).json;
  printReport(report.json);
  printReport(incrementalReport);
  return { initial, memory, people: people.length, accounts: before.size };
}

async function main() {
  const users = wantedUsers();
  const began = Date.now();
  await setUp();
  await build();
  const csv = await sample(users);
  const dataDir = mkdtempSync(join(tmpdir(), "rollcall-demo-"));
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  let server;
  try {
    server = await step("1. start a server", async () => {
      // Changes start no job: the demo asks for each cycle, and compares what it does.
      const started = await startServer({ dataDir, quiet: true, env: { CHANGE_DEBOUNCE_SECONDS: "0" } });
      return Object.assign(started, { remark: started.url });
    });
    process.on("exit", remove); // After an interrupt. Behind the server's own listener, which ends it.
    const result = await tutorial(server, csv);
    say(`\n  ${bold("The demo holds.")} ${number(result.people)} people, ${number(result.accounts)} accounts`);
    say(`    initial cycle   ${duration(lasted(result.initial))}, ${number(result.initial.counts.requests)} requests`);
    say(`    server memory   ${megabytes(result.memory.now)} after it, ${megabytes(result.memory.peak)} at the most (the whole workerd process)`);
    say(`    whole demo      ${duration(Date.now() - began)}`);
  } catch (error) {
    const said = server && tail(join(dataDir, "server.log"));
    if (said) say(`\n  The server said last:\n${said}`);
    throw error;
  } finally {
    await server?.stop();
    remove();
  }
}

const megabytes = (bytes) => `${Math.round(bytes / 1024 / 1024)} MB`;

/** The last lines of a log; the folder with it is about to be removed. */
const tail = (file) => readFileSync(file, "utf8").split("\n").filter(Boolean).slice(-15).map((line) => `    ${line}`).join("\n");

main().then(() => process.exit(0), die);
