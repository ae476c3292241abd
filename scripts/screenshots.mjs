/**
 * `npm run screenshots`: takes the pictures of docs/screenshots from a server of its own, on which the sample
 * company is provisioned to Peakon.
 *
 *     npm run screenshots               every page, light and dark, 1280 pixels wide, into docs/screenshots
 *     npm run screenshots -- --all DIR  the same, and 375 pixels wide, into a folder
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { launch, openWindow, settled, signIn } from "../tests/browser/support/browser.mjs";
import { change } from "./demo/change.mjs";
import { requireSuccess, untilCycleEnds } from "./demo/cycle.mjs";
import { parsePeople, pickThree } from "./demo/people.mjs";
import { addApplication, assign, connect, createTenant, importPeople, personId } from "./demo/setup.mjs";
import { build } from "./lib/build.mjs";
import { management, query, scim } from "./lib/client.mjs";
import { die, kilobytes, Problem, say, step } from "./lib/log.mjs";
import { inProject } from "./lib/paths.mjs";
import { startServer } from "./lib/server.mjs";
import { setUp } from "./lib/setup.mjs";

const schemes = ["light", "dark"];
const widths = { 1280: 800, 375: 812 };

const nameOf = (page, scheme, width) => `${page}-${scheme}${width === "1280" ? "" : `-${width}`}`;

/** Provisions the sample company, then a few changes; gives the addresses of the pages. */
async function prepare(server) {
  const csv = readFileSync(inProject("tests", "data", "contoso.csv"), "utf8");
  const people = parsePeople(csv);
  const api = management(server);
  const { workforceDirectoryId: id } = (await api.get("/session")).expect(200).json;
  const workforce = { id, scim: scim(`${server.url}/scim/${id}/v2`, server.adminKey) };
  await importPeople(api, workforce, csv, people);
  const tenant = await createTenant(api);
  const application = await addApplication(api);
  await assign(api, workforce, application, people);
  const job = await connect(api, application, tenant);
  const known = new Set();
  const cycle = async () => {
    (await api.post(`${job.path}/start`)).expect(204);
    const ended = await untilCycleEnds(job, known);
    requireSuccess(ended);
    return ended;
  };
  const initial = await cycle();
  const three = pickThree(people);
  await change(api, workforce, people, three);
  await cycle();
  const edited = await personId(workforce, three[0].userPrincipalName);
  const ofEdited = query({ $filter: `jobId eq '${job.id}' and sourceIdentity/id eq '${edited}'`, $top: 1 });
  const [entry] = (await api.get(`/auditLogs/provisioning${ofEdited}`)).expect(200).json.value;
  const of = (page) => `/applications/${application.id}/${page}`;
  return {
    home: "/",
    people: "/people",
    person: `/people/${edited}`,
    import: "/people/import",
    deleted: "/people/deleted",
    groups: "/groups",
    applications: "/applications",
    inbound: "/inbound",
    gallery: "/gallery",
    tenants: "/peakon",
    attributes: `/peakon/${tenant.id}/configuration/attributes`,
    tenant: `/peakon/${tenant.id}`,
    employees: `/peakon/${tenant.id}/employees`,
    overview: of("overview"),
    provisioning: of("provisioning"),
    mappings: of("mappings"),
    users: of("users"),
    logs: of("logs"),
    "log-entry": of(`logs?open=${encodeURIComponent(entry.changeId)}`),
    reports: of("reports"),
    report: of(`reports/${initial.id}`),
    insights: of("insights"),
    "on-demand": of("on-demand"),
    "dry-run": of("dry-run"),
    drift: of("drift"),
    "held-deletions": of("held-deletions"),
    inlets: "/inlets",
    conflicts: "/inlets/conflicts",
    "inbound-requests": "/inbound/requests",
    "tenant-requests": `/peakon/${tenant.id}/requests`,
    organization: "/organization",
    audit: "/audit",
  };
}

/** Takes pictures of the pages, in windows of these widths. */
async function take(browser, server, pages, folder, wanted) {
  let count = 0;
  for (const [width, height] of Object.entries(widths).filter(([width]) => wanted.includes(width))) {
    for (const colorScheme of schemes) {
      const { context, page, errors } = await openWindow(browser, { width: Number(width), height, colorScheme });
      await signIn(page, server);
      for (const [name, path] of Object.entries(pages)) {
        const file = nameOf(name, colorScheme, width);
        await page.goto(server.url + path);
        await settled(page);
        const { length } = await page.screenshot({ path: join(folder, `${file}.png`) });
        say(`    ${file}.png  ${kilobytes(length)}`);
        count++;
      }
      const found = errors.list();
      if (found.length > 0) throw new Problem(`The browser reported errors:\n${found.join("\n")}`);
      await context.close();
    }
  }
  return count;
}

async function main() {
  const { values } = parseArgs({ options: { all: { type: "string" } } });
  const folder = values.all === undefined ? inProject("docs", "screenshots") : resolve(values.all);
  mkdirSync(folder, { recursive: true });
  await setUp({ browser: true });
  await build();
  const dataDir = mkdtempSync(join(tmpdir(), "rollcall-screenshots-"));
  let server;
  let browser;
  try {
    server = await step("start a server", () => startServer({ dataDir, quiet: true, cron: false, env: { CHANGE_DEBOUNCE_SECONDS: "0" } }));
    const pages = await step("provision the sample company", () => prepare(server));
    browser = await launch();
    await step("take the pictures", async () => ({ remark: `${await take(browser, server, pages, folder, values.all === undefined ? ["1280"] : Object.keys(widths))}` }));
  } finally {
    await browser?.close();
    await server?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

main().then(() => process.exit(0), die);
