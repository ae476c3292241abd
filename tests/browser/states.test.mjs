/**
 * What pages say when there is nothing to show: nothing there yet, or nothing that the filters let through. Each says
 * why, and where there is a way on it is beside it. And what a form says when it is refused. (That a page fails or is
 * slow: errors.test.mjs.)
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { useServer } from "../worker/support/server.mjs";
import { application, importPeople, people, provisioning, tenant } from "../worker/support/setup.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const context = useServer();
const inPortal = usePortal(context);

/** Goes through pages: `[address, what it says, the way on]`; gives what is wrong. */
async function look(page, pages) {
  const main = page.getByRole("main");
  const faults = [];
  for (const [path, says, way] of pages) {
    await page.goto(context.url + path);
    await settled(page);
    const text = () => main.innerText();
    const told = await until(`${path} says it`, async () => (await text()).includes(says), { limit: 3_000 }).then(() => true, () => false);
    if (!told) faults.push(`${path} does not say "${says}": ${(await text()).replaceAll(/\s+/g, " ").slice(0, 600)}`);
    const ways = main.getByRole("link", { name: way, exact: true }).or(main.getByRole("button", { name: way, exact: true }));
    if (way && (await ways.count()) === 0) faults.push(`${path} does not offer "${way}"`);
  }
  return faults;
}

test("before anything is there", { timeout: 180_000 }, () =>
  inPortal(async (page) => {
    const nothing = [
      ["/people", "Nobody is here yet", "Import CSV"],
      ["/people/deleted", "Nobody was deleted"],
      ["/groups", "No groups yet", "Add group"],
      ["/inlets", "No inlet yet", "Add Microsoft Entra ID"],
      ["/inlets/conflicts", "It takes two inlets to disagree about somebody.", "Inlets"],
      ["/inbound", "No bearer token yet", "Create bearer token"],
      ["/inbound/requests", "No request yet"],
      ["/applications", "No applications yet", "Browse the gallery"],
      ["/peakon", "No tenant yet", "Create Peakon tenant"],
      ["/organization", "No member yet", "Add member"],
      ["/no/such/page", "There is no page at this address", "Go to the start"],
    ];
    assert.deepEqual(await look(page, nothing), []);

    const app = await application(context, "Peakon", "Survey");
    const directory = await tenant(context);
    const group = (await context.workforce.post("/Groups", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "Empty" })).expect(201).json;
    const of = (tab) => `/applications/${app.id}/${tab}`;
    const empty = [
      [of("mappings"), "No mappings yet", "Connect"],
      [of("users"), "Nobody is assigned yet", "Add user/group"],
      [of("on-demand"), "Not connected yet", "Go to Provisioning"],
      [of("dry-run"), "Not connected yet", "Go to Provisioning"],
      [of("drift"), "Not connected yet", "Go to Provisioning"],
      [of("logs"), "No entries yet", "Go to the overview"],
      [of("reports"), "No cycle has run yet", "Go to the overview"],
      [of("insights"), "No entries in this time", "Go to the overview"],
      [of("held-deletions"), "Nothing is held"],
      [`/peakon/${directory.id}/employees`, "No employees yet"],
      [`/peakon/${directory.id}/requests`, "No request yet"],
      [`/peakon/${directory.id}/configuration/attributes`, "No custom attributes yet"],
      [`/groups/${group.id}`, "No members yet", "Add members"],
    ];
    assert.deepEqual(await look(page, empty), []);
    await page.goto(context.url + of("logs"));
    await checkPage(page, "logs-empty");
  }));

test("where the filters leave nothing over, they can be cleared", { timeout: 180_000 }, () =>
  inPortal(async (page, { main, button, rows }) => {
    await importPeople(context, people(60));
    const app = await application(context, "Peakon", "Another survey");
    const directory = await tenant(context, { displayName: "Second" });
    const clear = "Clear filters";
    const filtered = [
      ["/people?q=nobody", "Nothing matches", clear],
      ["/people?state=disabled", "Nothing matches", clear],
      ["/groups?q=nobody", "Nothing matches", clear],
      ["/gallery?q=no+such+application", "Nothing matches", clear],
      ["/inbound/requests?failed=true", "Nothing matches", clear],
      [`/peakon/${directory.id}/employees?q=nobody`, "Nothing matches", clear],
      [`/peakon/${directory.id}/requests?failed=true`, "Nothing matches", clear],
      [`/applications/${app.id}/logs?person=nobody`, "Nothing matches", clear],
      ["/people?start=1001", "The list ends before this page", "First page"],
      ["/groups?start=1001", "The list ends before this page", "First page"],
      [`/applications/${app.id}/users?skiptoken=zzzz`, "The list ends before this page", "First page"],
    ];
    assert.deepEqual(await look(page, filtered), []);

    await page.goto(`${context.url}/people?q=nobody&state=active&sort=userName`);
    await checkPage(page, "people-nothing-matches");
    await button(clear).click();
    await rows("people").nth(50).waitFor();
    assert.equal(new URL(page.url()).search, "?sort=userName", "the order stays");
    assert.equal(await main.getByRole("searchbox", { name: "Search" }).inputValue(), "");
    assert.equal(await main.getByLabel("State").inputValue(), "");
    await page.goto(`${context.url}/people?start=1001`);
    await button("First page").click();
    await rows("people").nth(50).waitFor();
  }));

test("what a form says when it is refused, and nothing that was typed is lost", { timeout: 120_000 }, () =>
  inPortal(async (page, { button, dialog, heading }, errors) => {
    errors.expect(/status of (409|500|403).*Users|ERR_CONNECTION_REFUSED.*Users/);
    await context.workforce.post("/Users", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "taken@contoso.com", displayName: "Taken" });
    await page.goto(`${context.url}/people`);
    await settled(page);
    await button("Add person").click();
    const add = dialog("Add person");
    const name = add.getByLabel("User name");
    await name.fill("taken@contoso.com");
    await add.getByLabel("Display name").fill("Somebody");
    const send = () => add.getByRole("button", { name: "Add person", exact: true }).click();
    await send();
    await add.getByRole("alert").getByText(/taken@contoso\.com/).waitFor();
    await checkPage(page, "form-refused");
    await name.fill("free@contoso.com");
    const post = (answer) => page.route("**/Users", answer);
    const refusals = [
      [(route) => route.abort("connectionrefused"), "The server did not answer"],
      [(route) => route.fulfill({ status: 500, json: { schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"], status: "500", detail: "It broke." } }), "It broke."],
      [(route) => route.fulfill({ status: 403, json: { schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"], status: "403", detail: "Only an Administrator may do this." } }), "Only an Administrator may do this."],
    ];
    for (const [answer, says] of refusals) {
      await post(answer);
      await send();
      await add.getByRole("alert").getByText(says).waitFor();
      assert.deepEqual([await name.inputValue(), await add.getByLabel("Display name").inputValue()], ["free@contoso.com", "Somebody"]);
      await page.unroute("**/Users");
    }
    // While it is on its way a second press sends nothing.
    let sent = 0;
    await post(async (route) => {
      sent++;
      await new Promise((done) => setTimeout(done, 500));
      await route.continue();
    });
    await send();
    assert.equal(await add.getByRole("button", { name: "Add person", exact: true }).getAttribute("aria-busy"), "true");
    await name.press("Enter");
    await heading("Somebody").or(page.getByRole("link", { name: "Somebody", exact: true })).first().waitFor();
    assert.equal(sent, 1);
  }));

test("activity reports of many cycles are read page by page", { timeout: 180_000 }, () =>
  inPortal(async (page, { main, heading, button, rows }) => {
    const directory = await tenant(context, { displayName: "Third" });
    const job = await provisioning(context, { url: directory.scimUrl, token: directory.token });
    await job.run();
    await job.run();
    // Pages of one, where the portal asks for 100.
    await page.route(/\/cycles\?/, (route) => route.continue({ url: route.request().url().replace(/top=100/, "top=1") }));
    await page.goto(`${context.url}/applications/${job.app.id}/reports`);
    await heading("Activity reports").waitFor();
    const link = rows("Activity reports").nth(1).getByRole("link");
    const first = await link.getAttribute("href");
    assert.equal(await rows("Activity reports").count(), 1 + 1);
    await button("Older").click();
    await rows("Activity reports").locator(`a:not([href="${first}"])`).waitFor();
    await checkPage(page, "reports-older");
    await button("Newest").click();
    await rows("Activity reports").locator(`a[href="${first}"]`).waitFor();
    await page.goto(`${context.url}/applications/${job.app.id}/reports?skiptoken=900`);
    await main.getByText("The list ends before this page").waitFor();
    await button("First page").click();
    await rows("Activity reports").locator(`a[href="${first}"]`).waitFor();
  }));
