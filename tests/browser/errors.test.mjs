/**
 * Every page where the server fails: it answers with an error, does not let the person in, is silent or slow. The
 * addresses are read from the portal's own table, so that a new page is looked at without being asked for.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { inProject } from "../../scripts/lib/paths.mjs";
import { useServer } from "../worker/support/server.mjs";
import { addJob, application } from "../worker/support/setup.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const context = useServer();
const inPortal = usePortal(context);

/** Addresses of all pages: `path()` of `paths.rs` with an id for every gap, and every tab. */
function addresses() {
  const source = readFileSync(inProject("app", "src", "paths.rs"), "utf8").split("#[cfg(test)]")[0];
  const [tabs, tenantTabs] = ["ApplicationTab", "TenantTab"].map((type) => {
    const part = source.split(`impl ${type} {`)[1].split("-> &'static str")[1].split("}\n    }")[0];
    return [...part.matchAll(/=> "([^"]+)"/g)].map(([, segment]) => segment);
  });
  const found = source.split("fn path(&self)")[1].matchAll(/=> (?:format!\()?"(\/[^"]*)"[^\n]*/g);
  const filled = [...found].flatMap(([line, path]) => {
    const last = line.includes("tab.segment()") ? (path.startsWith("/peakon") ? tenantTabs : tabs) : [undefined];
    return last.map((segment) => (segment ? path.replace(/\{\}$/, segment) : path).replaceAll("{}", "some-id"));
  });
  assert.ok(filled.length > 25 && filled.every((path) => !path.includes("{")), `the table of pages was read: ${filled}`);
  return filled;
}

const isData = (url) => /^\/(api|scim)\//.test(url.pathname) && url.pathname !== "/api/v1.0/session";
const problem = (status, message) => ({ status, contentType: "application/json", body: JSON.stringify({ error: { code: "Code", message, innerError: { "request-id": "request-7", date: "2026-01-01T00:00:00Z" } } }) });

/** What the server does, and what every page that asks it says then. */
const failures = [
  { name: "answers 500", answer: (route) => route.fulfill(problem(500, "Something broke.")), says: /Something broke\.\s+Request\s+request-7/, way: "Try again" },
  { name: "answers with a page of a proxy", answer: (route) => route.fulfill({ status: 502, contentType: "text/html", body: "<html>" }), says: /The server answered 502\./, way: "Try again" },
  { name: "does not allow it", answer: (route) => route.fulfill(problem(403, "Only an Administrator may see this.")), says: /No permission\s+Only an Administrator may see this\./, way: "Go to the start" },
  { name: "knows no such thing", answer: (route) => route.fulfill(problem(404, "There is no such thing.")), says: /Not found\s+There is no such thing\./, way: "Go to the start" },
  { name: "cannot be reached", answer: (route) => route.abort("connectionrefused"), says: /The server did not answer .*Check that it runs/, way: "Try again" },
];

/** Pages that show something of their own before they ask the server anything. */
const asksNothing = new Set(["/", "/people/import"]);

/** Goes to an address within the document, as a step back does: without loading the portal again. */
const step = (page, path) =>
  page.evaluate((path) => {
    history.pushState(null, "", path);
    dispatchEvent(new PopStateEvent("popstate"));
  }, path);

for (const { name, answer, says, way } of failures) {
  test(`the server ${name}`, { timeout: 3 * 60_000 }, () =>
    inPortal(async (page, { main }, errors) => {
      errors.expect(/status of \d+|ERR_CONNECTION_REFUSED|Failed to load resource/);
      await page.route(isData, answer);
      const faults = [];
      // A new document: what the first one remembers of a better time is shown from there.
      await page.goto(`${context.url}/people`);
      for (const path of addresses().filter((path) => !asksNothing.has(path))) {
        await step(page, path);
        // All that the page says of it, and nothing that is still on its way.
        const told = await until(`${path} tells it`, async () => says.test(await main.innerText()) && (await main.locator(".skeleton:visible, [aria-busy=true]:visible").count()) === 0, { limit: 5_000 }).then(() => true, () => false);
        if (!told) faults.push(`${path} does not say it, or loads for ever: ${await main.innerHTML().then((html) => html.replaceAll(/<svg.*?<\/svg>/g, "").slice(-700))}`);
        const ways = main.getByRole("button", { name: way }).or(main.getByRole("link", { name: way }));
        if ((await ways.count()) === 0) faults.push(`${path} offers no way out`);
      }
      assert.deepEqual(faults, []);
    }));
}

test("pages that can do without the server show what they have", { timeout: 60_000 }, () =>
  inPortal(async (page, { main }, errors) => {
    errors.expect(/status of 500/);
    await page.route(isData, (route) => route.fulfill(problem(500, "Something broke.")));
    for (const path of asksNothing) {
      await page.goto(context.url + path);
      await settled(page);
      assert.ok((await main.innerText()).length > 80, `${path} is blank`);
    }
  }));

test("the session has ended: every page leads to the sign-in", { timeout: 2 * 60_000 }, () =>
  inPortal(async (page, { heading }, errors) => {
    errors.expect(/status of 401/);
    await page.route(isData, (route) => route.fulfill(problem(401, "Sign in.")));
    for (const path of addresses().filter((path) => !asksNothing.has(path))) {
      await page.goto(context.url + path);
      await heading("Sign in").waitFor().catch(() => assert.fail(`${path} does not lead to the sign-in`));
    }
  }));

test("the session ends while something is typed: it stays until somebody is signed in again", { timeout: 120_000 }, () =>
  inPortal(async (page, { main, heading, dialog, button, said }, errors) => {
    errors.expect(/status of 401/);
    const app = await application(context);
    await addJob(context, app, { BaseAddress: "https://peakon.example/scim/v2", SecretToken: "secret" });
    await page.goto(`${context.url}/applications/${app.id}/provisioning`);
    const tenantUrl = page.getByLabel("Tenant URL");
    await tenantUrl.fill("https://example.com/scim/v2");
    const signedOut = (route) => route.fulfill(problem(401, "Sign in."));
    await page.route(/\/(api|scim)\//, signedOut);
    await button("Save").click();
    const ended = dialog("Your session has ended");
    await checkPage(page, "session-ended");
    await ended.getByRole("button", { name: "Go on" }).click();
    await ended.getByRole("alert").getByText("Nobody is signed in yet.").waitFor();
    await page.unroute(/\/(api|scim)\//);
    await ended.getByRole("button", { name: "Go on" }).click();
    await ended.waitFor({ state: "hidden" });
    assert.equal(await tenantUrl.inputValue(), "https://example.com/scim/v2");
    await button("Save").click();
    await said("Settings saved");

    await tenantUrl.fill("https://other.example/scim/v2");
    await page.route(/\/(api|scim)\//, signedOut);
    await button("Save").click();
    await ended.getByRole("button", { name: "Leave without saving" }).click();
    await heading("Sign in").waitFor();
    assert.equal(await main.getByLabel("Tenant URL").count(), 0);
  }));

test("the server is slow: every page says that it loads, and shows what comes", { timeout: 2 * 60_000 }, () =>
  inPortal(async (page, { main }, errors) => {
    errors.expect(/status of 500/);
    const fail = (route) => route.fulfill(problem(500, "Something broke."));
    // What is asked while the server is slow; nothing when it is not.
    let held;
    await page.route(isData, (route) => (held ? void held.push(route) : fail(route)));
    for (const path of addresses().filter((path) => !asksNothing.has(path))) {
      held = [];
      await page.goto(context.url + path);
      // Or the button that waits says why.
      await main.getByText(/^(Loading|Searching)…$/).or(main.getByTitle("Loading…")).first().waitFor().catch(() => assert.fail(`${path} does not say that it loads`));
      await page.getByRole("heading", { level: 1 }).waitFor();
      const waiting = held;
      held = undefined;
      await Promise.all(waiting.map(fail));
      await main.getByText("Something broke.").first().waitFor().catch(() => assert.fail(`${path} does not show what came`));
    }
  }));

test("trying again is enough once the server is back", { timeout: 60_000 }, () =>
  inPortal(async (page, { main, heading }, errors) => {
    errors.expect(/status of 500/);
    await page.route(isData, (route) => route.fulfill(problem(500, "Something broke.")));
    await page.goto(`${context.url}/people`);
    const again = main.getByRole("button", { name: "Try again" }).first();
    await again.waitFor();
    await page.unroute(isData);
    await again.focus();
    await page.keyboard.press("Enter");
    await main.getByText("Something broke.").waitFor({ state: "hidden" });
    await heading("People").waitFor();
    await settled(page);
    await page.waitForFunction(() => document.activeElement !== document.body);
  }));

/** As if an hour had gone by: what the portal remembers is old. */
const later = (page) =>
  page.evaluate(() => {
    const now = Date.now;
    Date.now = () => now() + 3_600_000;
  });

test("what is on the screen stays when it cannot be refreshed, and follows again by itself", { timeout: 120_000 }, () =>
  inPortal(async (page, { main, heading, openTab, region }, errors) => {
    errors.expect(/status of (429|503)|ERR_CONNECTION_REFUSED|Failed to load resource/);
    const app = await application(context);
    await addJob(context, app);
    await page.goto(`${context.url}/applications/${app.id}/overview`);
    await settled(page);
    const old = main.getByText("Part of this page could not be refreshed and may be out of date.");
    assert.equal(await old.count(), 0);
    const schedule = region("Schedule and statistics");
    const before = await schedule.innerText();
    const fails = [(route) => route.fulfill(problem(503, "Busy.")), (route) => route.fulfill(problem(429, "Too many.")), (route) => route.abort("connectionrefused")];
    for (const answer of fails) {
      await page.route("**/synchronization/jobs", answer);
      await later(page);
      await openTab("Users and groups");
      await page.goBack();
      await heading("Peakon").waitFor();
      await old.waitFor();
      assert.equal(await schedule.innerText(), before);
      await page.unroute("**/synchronization/jobs");
      await old.waitFor({ state: "hidden" });
    }

    // A form does not begin with what is only remembered.
    await openTab("Provisioning");
    const tenantUrl = page.getByLabel("Tenant URL");
    await tenantUrl.waitFor();
    await openTab("Overview", "Peakon");
    await later(page);
    await page.route("**/synchronization/secrets", fails[0]);
    await page.goBack();
    await main.getByRole("alert").getByText("Busy.").waitFor();
    assert.equal(await tenantUrl.count(), 0);
    await page.unroute("**/synchronization/secrets");
    await tenantUrl.waitFor();
    await old.waitFor({ state: "hidden" });

    // A form that has begun stays, with what was typed.
    await tenantUrl.fill("https://example.com/scim/v2");
    await page.route("**/synchronization/secrets", fails[0]);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Enter the bearer token of the application.").waitFor();
    await page.getByLabel("Secret Token").fill("secret");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await main.getByRole("alert").getByText("Busy.").waitFor();
    assert.equal(await tenantUrl.inputValue(), "https://example.com/scim/v2");
    await page.unroute("**/synchronization/secrets");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await main.getByText("Everything is saved.").waitFor();
  }));

test("a part of the portal that does not come is told, and comes when it is tried again", { timeout: 60_000 }, () =>
  inPortal(async (page, { main, button, heading }, errors) => {
    errors.expect(/ERR_CONNECTION_REFUSED|Failed to fetch|Failed to load resource/);
    const parts = /\/(split|chunk)_[^/]*\.wasm$/;
    await page.route(parts, (route) => route.abort("connectionrefused"));
    await page.goto(`${context.url}/people`);
    await heading("This page could not be loaded").waitFor();
    // What is there from the beginning still works.
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Home", exact: true }).click();
    await heading("Home").waitFor();
    await page.goBack();
    await heading("This page could not be loaded").waitFor();
    await page.unroute(parts);
    await button("Try again").click();
    await heading("People").waitFor();
    assert.match(page.url(), /\/people$/);
    await settled(main);
  }));
