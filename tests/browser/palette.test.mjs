/**
 * The command palette: opened by its keys, searched by parts of names, closed without a trace.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useServer } from "../worker/support/server.mjs";
import { application, findUser, importPeople, people } from "../worker/support/setup.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { usePortal } from "./support/portal.mjs";

const context = useServer({
  prepare: async () => {
    await importPeople(context, people(12));
    await application(context, "Peakon", "Staff survey");
  },
});
const inPortal = usePortal(context);

test("by keyboard to a page, and to a page of an application", { timeout: 60_000 }, () =>
  inPortal(async (page, { heading, dialog, main }) => {
    const palette = dialog("Go to");
    const field = palette.getByRole("combobox", { name: "Page, application, person, group or command" });
    const chosen = palette.getByRole("option", { selected: true });
    const open = async () => {
      await page.keyboard.press("ControlOrMeta+k");
      await palette.waitFor();
      await page.waitForFunction(() => document.activeElement.matches("#palette-field"));
      assert.equal(await field.inputValue(), "", "it begins anew");
    };

    await open();
    await checkPage(page, "palette");
    await page.keyboard.type("audit");
    await palette.getByRole("option", { name: "Audit log Page", selected: true }).waitFor();
    await page.keyboard.press("Enter");
    await heading("Audit log").waitFor();
    await page.waitForFunction(() => document.activeElement.matches("h1"), undefined, { timeout: 2_000 });

    await open();
    await page.keyboard.type("staff prov");
    await palette.getByRole("option", { name: "Staff survey: Provisioning Application", exact: true }).waitFor();
    await page.keyboard.press("ArrowDown");
    await palette.getByRole("option", { name: "Staff survey: Provision on demand Application", selected: true }).waitFor();
    assert.equal(await field.getAttribute("aria-activedescendant"), await chosen.getAttribute("id"));
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await heading("Provisioning").waitFor();

    // It is a way to leave, so what is not saved holds it up like a link.
    await page.getByLabel("Tenant URL").fill("https://example.com/scim");
    await main.getByText("There are unsaved changes.").waitFor();
    await open();
    await page.keyboard.type("home");
    await page.keyboard.press("Enter");
    await dialog("Leave without saving?").waitFor();
    await page.keyboard.press("ControlOrMeta+k");
    assert.equal(await palette.count(), 0, "not above another dialog");
    await dialog("Leave without saving?").getByRole("button", { name: "Cancel" }).click();
    await dialog("Leave without saving?").waitFor({ state: "hidden" });

    const opener = page.getByRole("button", { name: "Search or go to" });
    await opener.click();
    await palette.waitFor();
    await field.fill("no such place");
    await palette.getByText("Nothing has such a name.").waitFor();
    await page.keyboard.press("Escape");
    await palette.waitFor({ state: "hidden" });
    assert.ok(await opener.evaluate((element) => element === document.activeElement), "the focus returns");
  }));

test("people are found by name; commands", { timeout: 60_000 }, () =>
  inPortal(async (page, { heading, dialog }, errors) => {
    errors.expect(/status of (401|503)/);
    const palette = dialog("Go to");
    const field = palette.getByRole("combobox");
    const open = async (text) => {
      await page.keyboard.press("ControlOrMeta+k");
      await page.waitForFunction(() => document.activeElement.matches("#palette-field"));
      await page.keyboard.type(text);
    };
    await open("person 11");
    await palette.getByRole("option", { name: /^Person 11 / }).waitFor();
    await palette.getByText("1 result", { exact: true }).waitFor();
    await page.keyboard.press("Enter");
    await heading("Person 11").waitFor();
    const { id } = await findUser(context, people(12)[11].userPrincipalName);
    assert.equal(new URL(page.url()).pathname, `/people/${id}`);

    await open("everybody");
    await palette.getByRole("option", { name: "Everybody Group" }).click();
    await heading("Everybody").waitFor();

    await open("theme dark");
    await page.keyboard.press("Enter");
    await palette.waitFor({ state: "hidden" });
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
    await page.getByRole("button", { name: /^Account: / }).click();
    assert.equal(await page.getByLabel("Theme").inputValue(), "dark", "the menu knows it");
    await page.getByLabel("Theme").selectOption({ label: "As the system" });
    await page.keyboard.press("Escape");

    await page.route("**/Users?*", (route) => route.fulfill({ status: 503, json: {} }));
    await open("nobody of this name");
    await palette.getByText("Nothing has such a name.").waitFor();
    await field.fill("groups");
    await palette.getByRole("option", { name: "Groups Page", selected: true }).waitFor();
    // Opened again before the dialog has told that it was closed.
    await page.evaluate(() => {
      document.querySelector("dialog.palette").close();
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true, bubbles: true }));
    });
    await page.waitForFunction(() => document.activeElement.matches("#palette-field"));
    assert.equal(await field.inputValue(), "");
    await page.keyboard.press("Escape");

    await open("sign out");
    await page.keyboard.press("Enter");
    await heading("Sign in").waitFor();
  }));

test("on a narrow screen it is a button without words", { timeout: 60_000 }, () =>
  inPortal(
    async (page, { dialog }) => {
      await page.getByRole("button", { name: "Search or go to" }).click();
      await dialog("Go to").getByRole("option", { name: "Home Page", selected: true }).waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
    },
    { width: 375, height: 800 },
  ));
