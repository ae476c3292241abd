/**
 * How fast a cycle is: a company of so many people, all of whom are provisioned, to an application that answers every
 * single request within 5 ms and has no Bulk, and to a directory of this deployment, which has. Everybody has a
 * manager. After the initial cycle: ten changes, then nothing to do, then a minute of rest.
 *
 * Rows are those that the databases of the job and of the source read in the meantime.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { management, scim } from "../../scripts/lib/client.mjs";
import { say, step } from "../../scripts/lib/log.mjs";
import { fireCron, startServer } from "../../scripts/lib/server.mjs";
import { Listener } from "../worker/support/listener.mjs";
import { addJob, application, tenant } from "../worker/support/setup.mjs";
import { table } from "./table.mjs";

const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const bulkSchema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const patchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const listSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const bulkSize = 1_000;
const latency = 5;
const changes = 10;
const cycleLimit = 3_600_000;

/** An application that keeps accounts and thinks for a while; it trusts whoever asks. */
export class Application extends Listener {
  users = new Map();
  names = new Map();
  requests = 0;

  get url() {
    return `${this.origin}/scim`;
  }

  async take(request, response, text) {
    this.requests++;
    const { status, body } = this.#answer(request.method, new URL(request.url, this.url), text && JSON.parse(text));
    await sleep(latency);
    response.writeHead(status, { "content-type": "application/scim+json" }).end(body && JSON.stringify(body));
  }

  #answer(method, url, body) {
    const id = /^\/scim\/Users\/(.+)$/.exec(url.pathname)?.[1];
    if (!id && url.pathname !== "/scim/Users") return { status: 404 };
    if (method === "POST") {
      const user = { ...body, id: `a${this.users.size}` };
      this.users.set(user.id, user);
      this.names.set(user.userName, user);
      return { status: 201, body: user };
    }
    if (!id) {
      const found = this.names.get(/^userName eq "(.*)"$/.exec(url.searchParams.get("filter"))?.[1]);
      return { status: 200, body: { schemas: [listSchema], totalResults: found ? 1 : 0, Resources: found ? [found] : [] } };
    }
    const user = this.users.get(id);
    if (!user) return { status: 404 };
    if (method === "PATCH") for (const { path, value } of body.Operations) set(user, path, value);
    return { status: 200, body: user };
  }
}

function set(user, path, value) {
  const extended = /^(urn:.*:User):(.*)$/.exec(path);
  const names = extended ? extended.slice(1) : path.split(".");
  const last = names.pop();
  names.reduce((holder, name) => (holder[name] ??= {}), user)[last] = value;
}

const person = (key, manager) => ({
  schemas: [userSchema, enterprise],
  userName: `user${key}@contoso.com`,
  displayName: `Person ${key}`,
  name: { givenName: "Person", familyName: `Number ${key}` },
  active: true,
  title: "Engineer",
  emails: [{ type: "work", value: `user${key}@contoso.com`, primary: true }],
  [enterprise]: { employeeNumber: `e${key}`, department: key % 2 ? "Sales" : "Finance", ...(manager && { manager: { value: manager } }) },
});

/** Fills the workforce directory. Ten people have the same manager. */
export async function hire(workforce, people, line) {
  const ids = [];
  for (let from = 0; from < people; from += bulkSize) {
    const keys = Array.from({ length: Math.min(bulkSize, people - from) }, (_, index) => from + index);
    const boss = (key) => {
      const manager = Math.floor((key - 1) / 10);
      return key > 0 ? (ids[manager] ?? `bulkId:b${manager}`) : undefined;
    };
    const Operations = keys.map((key) => ({ method: "POST", path: "/Users", bulkId: `b${key}`, data: person(key, boss(key)) }));
    const answer = (await workforce.post("/Bulk", { schemas: [bulkSchema], Operations }, { timeout: 300_000 })).expect(200).json;
    for (const { status, location } of answer.Operations) {
      if (status !== "201") throw new Error(`A person was not created: ${status}`);
      ids.push(location.slice(location.lastIndexOf("/") + 1));
    }
    line(`${ids.length} of ${people} people`);
  }
  return ids;
}

/** Seconds of processor time that the server's runtime has taken: other work of the machine does not count. */
function processorTime(server) {
  const ticks = server.processes().filter(({ command }) => command === "workerd").map(({ pid }) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, each) => sum + each, 0) / 100;
}

const seconds = (cycle) => (Date.parse(cycle.endedDateTime) - Date.parse(cycle.startedDateTime)) / 1_000;

async function measure(context, people, ids, name, secrets, rows) {
  const { api, workforce } = context;
  const app = await application(context, "Peakon", `${name}, ${people}`);
  const job = await addJob(context, app, { ...secrets, SyncAll: "True" });
  const read = async () => {
    const { job: own, source } = (await api.get(`${job.path}/rows`)).expect(200).json;
    return own.read + source.read;
  };
  const round = async (what, divisor) => {
    await read();
    const before = processorTime(context.server);
    const cycle = await job.run({ limit: cycleLimit });
    const processor = processorTime(context.server) - before;
    if (cycle.state !== "succeeded") throw new Error(`The cycle ended as ${cycle.state}: ${JSON.stringify(cycle)}`);
    const time = seconds(cycle);
    rows.push([`${name}: ${what}`, `${time.toFixed(2)} s`, `${processor.toFixed(2)} s`, divisor ? `${((time * 1_000) / divisor).toFixed(2)} ms` : "-", String(cycle.counts.requests), String(await read())]);
    return cycle;
  };
  await step(`${name}, ${people} people`, async (line) => {
    const done = setInterval(async () => {
      try {
        const { progress } = (await job.read()).status;
        const told = progress.map(({ completedUnits, totalUnits, units }) => `${completedUnits} of ${totalUnits} ${units}`);
        if (told.length > 0) line(told.join(", "));
      } catch {
        // It is asked again.
      }
    }, 5_000);
    try {
      const initial = await round("initial", people);
      if (initial.counts.created !== people) throw new Error(`${initial.counts.created} accounts were created`);
    } finally {
      clearInterval(done);
    }
    const spread = Math.floor(people / changes);
    for (let key = 0; key < changes; key++) {
      const Operations = [{ op: "replace", path: "title", value: `Engineer ${name}` }, { op: "replace", path: "name.familyName", value: `Changed ${name}` }];
      (await workforce.patch(`/Users/${ids[key * spread]}`, { schemas: [patchSchema], Operations })).expect(200);
    }
    await round(`${changes} changes`);
    await round("nothing to do");
    await read();
    await fireCron(context.server.url);
    rows.push([`${name}: a minute of rest`, "-", "-", "-", "0", String(await read())]);
    (await api.post(`${job.path}/pause`)).expect(204);
  });
}

async function company(people) {
  const dataDir = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  const target = await new Application().listen();
  const server = await startServer({ dataDir, quiet: true, cron: false, env: { CHANGE_DEBOUNCE_SECONDS: "0" } });
  try {
    const api = management(server);
    const { workforceDirectoryId } = (await api.get("/session")).expect(200).json;
    const workforce = scim(`${server.url}/scim/${workforceDirectoryId}/v2`, server.adminKey);
    const context = { server, api, workforce, workforceId: workforceDirectoryId };
    let ids;
    await step(`hire ${people} people`, async (line) => {
      ids = await hire(workforce, people, line);
    });
    const rows = [];
    await measure(context, people, ids, "single requests", { BaseAddress: target.url, SecretToken: "token" }, rows);
    const directory = await tenant(context);
    await measure(context, people, ids, "Bulk", { BaseAddress: directory.scimUrl, SecretToken: directory.token }, rows);
    say(table([`${people} people`, "time", "processor", "per person", "requests", "rows read"], rows));
  } finally {
    await server.stop();
    await target.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** @param {{sizes: number[]}} options */
export async function bench({ sizes }) {
  for (const people of sizes) await company(people);
}
