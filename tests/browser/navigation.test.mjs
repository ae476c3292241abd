/**
 * The portal's own router: addresses, steps back and forth, filters in the query, and unsaved changes.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useServer } from "../worker/support/server.mjs";
import { importPeople, people, tenant } from "../worker/support/setup.mjs";
import { settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const context = useServer({
  prepare: async () => {
    await importPeople(context, people(60));
    await tenant(context);
  },
});
const inPortal = usePortal(context);
const path = (page) => new URL(page.url()).pathname + new URL(page.url()).search;

test("links load no page; back and forth go through pages and filters", { timeout: 60_000 }, () =>
  inPortal(async (page, { main, heading, goTo }) => {
    await page.evaluate(() => (globalThis.here = true));
    await goTo("People");
    assert.equal(path(page), "/people");
    assert.ok(await heading("People").evaluate((element) => element === document.activeElement), "the heading has the focus");
    await main.getByRole("button", { name: "Next" }).click();
    await main.getByText("51–60 of 60 people").waitFor();
    await page.getByLabel("State").selectOption({ label: "Disabled" });
    await page.waitForURL(/state=disabled/);
    assert.doesNotMatch(path(page), /start=/, "another list begins at its first page");
    await main.getByText("Nothing matches").waitFor();

    await page.mouse.wheel(0, 2_000);
    await goTo("Groups");
    assert.equal(await page.evaluate(() => scrollY), 0);
    await page.goBack();
    await heading("People").waitFor();
    assert.equal(await page.getByLabel("State").inputValue(), "disabled");
    await page.goForward();
    await heading("Groups").waitFor();
    assert.ok(await page.evaluate(() => globalThis.here), "all of it in one document");

    await page.goto(`${context.url}/people?q=person+1%40`);
    await main.getByText("1–6 of 6 people").waitFor();
    assert.equal(await page.getByRole("searchbox", { name: "Search" }).inputValue(), "person 1@");
    await page.goto(`${context.url}/no/such/page`);
    await heading("Page not found").waitFor();
  }));

test("with a key held, a link opens elsewhere", { timeout: 60_000 }, () =>
  inPortal(async (page) => {
    const link = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Groups" });
    const [other] = await Promise.all([page.context().waitForEvent("page"), link.click({ modifiers: ["ControlOrMeta"] })]);
    assert.equal(path(page), "/");
    await other.waitForURL(/\/groups$/);
  }));

test("unsaved changes are not left by accident", { timeout: 60_000 }, () =>
  inPortal(async (page, { main, dialog, heading, goTo }) => {
    const answer = await context.api.get("/applicationTemplates");
    const { id } = answer.expect(200).json.value.find((each) => each.displayName === "Peakon");
    const added = await context.api.post(`/applicationTemplates/${id}/instantiate`, { displayName: "Peakon" });
    const target = `/applications/${added.expect(201).json.servicePrincipal.id}/provisioning`;
    // From Home, within one document, so that there is a page to step back to.
    await heading("Home").waitFor();
    await page.evaluate((target) => {
      history.pushState(null, "", target);
      dispatchEvent(new PopStateEvent("popstate"));
    }, target);
    await page.getByLabel("Tenant URL").fill("https://example.com/scim");
    await main.getByText("There are unsaved changes.").waitFor();
    const home = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Home" });
    await home.click();
    await dialog("Leave without saving?").getByRole("button", { name: "Cancel" }).click();
    await heading("Provisioning").waitFor();
    assert.equal(await page.getByLabel("Tenant URL").inputValue(), "https://example.com/scim");
    // A step back is asked about too, and the address stays that of the page.
    const here = path(page);
    await page.evaluate(() => history.back());
    await dialog("Leave without saving?").getByRole("button", { name: "Cancel" }).click();
    await heading("Provisioning").waitFor();
    assert.equal(path(page), here);
    assert.equal(await page.getByLabel("Tenant URL").inputValue(), "https://example.com/scim");
    await page.evaluate(() => history.back());
    await dialog("Leave without saving?").getByRole("button", { name: "Leave" }).click();
    await heading("Home").waitFor();
    await settled(page);
    await goTo("Gallery");

    // Fields of a person are guarded as well; what was put back is no change.
    await goTo("People");
    await main.getByRole("link", { name: "Person 1", exact: true }).click();
    const title = page.getByLabel("Job title");
    await title.fill("Clerk");
    await page.evaluate(() => history.back());
    await dialog("Leave without saving?").getByRole("button", { name: "Cancel" }).click();
    assert.equal(await title.inputValue(), "Clerk");
    await title.fill("");
    await page.goBack();
    await heading("People").waitFor();
  }));
