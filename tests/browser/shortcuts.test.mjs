/**
 * Keyboard shortcuts: `?` lists them, the menu and the palette lead there too, and single letters can be turned off
 * for good (WCAG 2.1.4). They do nothing while somebody writes, with another key, or above a dialog.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useServer } from "../worker/support/server.mjs";
import { application, importPeople, people, provisioning, tenant } from "../worker/support/setup.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

let job;
const context = useServer({
  prepare: async () => {
    await importPeople(context, people(12));
    await application(context, "Peakon", "Staff survey");
    const directory = await tenant(context);
    job = await provisioning(context, { url: directory.scimUrl, token: directory.token });
    await job.run();
  },
});
const inPortal = usePortal(context);
const title = "Keyboard shortcuts";

test("the list opens by ?, from the menu and from the palette, and the focus returns", { timeout: 120_000 }, () =>
  inPortal(async (page, { dialog, button, main }) => {
    const list = dialog(title);
    const closed = () => list.waitFor({ state: "hidden" });
    const headings = () => list.getByRole("heading", { level: 3 }).allInnerTexts();
    await page.keyboard.press("?");
    await list.getByText("Search, or go to a page, a person, a group or a command").waitFor();
    assert.deepEqual(await headings(), ["Everywhere", "Provisioning logs", "Mappings"]);
    await checkPage(page, "shortcuts");
    await page.keyboard.press("?");
    await page.keyboard.press("Escape");
    await closed();

    const account = page.getByRole("button", { name: /^Account: / });
    await account.click();
    await button(title).click();
    await list.waitFor();
    await button("Sign out").waitFor({ state: "hidden" });
    await page.keyboard.press("Escape");
    await closed();
    assert.ok(await account.evaluate((element) => element === document.activeElement), "the focus returns to the menu's button");

    await page.keyboard.press("ControlOrMeta+k");
    await page.waitForFunction(() => document.activeElement.matches("#palette-field"));
    // In a field it is a question mark.
    await page.keyboard.type("shortcuts?");
    assert.equal(await list.count(), 0);
    await page.keyboard.press("Backspace");
    await dialog("Go to").getByRole("option", { name: "Keyboard shortcuts Command", selected: true }).waitFor();
    await page.keyboard.press("Enter");
    await list.waitFor();
    await dialog("Go to").waitFor({ state: "hidden" });
    await page.keyboard.press("Escape");
    await closed();

    // The page's own come first.
    await page.goto(`${context.url}/applications/${job.app.id}/mappings`);
    await settled(page);
    await page.keyboard.press("?");
    await list.waitFor();
    assert.deepEqual(await headings(), ["On this page", "Everywhere", "Provisioning logs"]);
    await list.getByText("Move a mapping up").waitFor();
    await page.keyboard.press("Escape");
    await closed();

    // Who had no focus before is where they were on the page, with the focus at a heading.
    await page.evaluate(() => {
      document.activeElement.blur();
      scrollTo({ left: 0, top: 300, behavior: "instant" });
    });
    await page.keyboard.press("?");
    await list.waitFor();
    await page.keyboard.press("Escape");
    await closed();
    await page.waitForFunction(() => document.activeElement.matches("h1, h2, h3"));
    assert.equal(await page.evaluate(() => scrollY), 300);

    // Not above another dialog, and not while somebody writes.
    await button("Add mapping").first().click();
    await dialog("Add mapping").waitFor();
    await page.keyboard.press("?");
    await page.keyboard.press("Escape");
    await dialog("Add mapping").waitFor({ state: "hidden" });
    await page.goto(`${context.url}/people`);
    const search = main.getByRole("searchbox", { name: "Search" });
    await search.pressSequentially("who?");
    assert.equal(await search.inputValue(), "who?");
    assert.equal(await list.count(), 0);
  }));

test("letters are turned off and on, and the browser remembers it", { timeout: 120_000 }, () =>
  inPortal(async (page, { dialog, button, main, rows }) => {
    const list = dialog(title);
    const drawer = dialog("Log entry");
    const openEntry = async () => {
      await page.goto(`${context.url}/applications/${job.app.id}/logs`);
      await rows("Provisioning logs").nth(1).waitFor();
      await main.getByRole("button", { name: /: details$/ }).first().click();
      await drawer.waitFor();
      await at(1);
    };
    const at = (number) => drawer.getByRole("status").getByText(new RegExp(`^${number} of \\d+$`)).waitFor();
    // Right after it opened the heading has the focus; the keys work from there.
    await openEntry();
    await page.keyboard.press("j");
    await at(2);
    await page.keyboard.press("Control+j");
    await page.keyboard.press("?");
    await at(2);
    assert.equal(await list.count(), 0, "not above the drawer");
    await page.keyboard.press("k");
    await at(1);
    await drawer.getByRole("button", { name: "Next entry (j)" }).waitFor();
    await page.keyboard.press("Escape");

    await page.keyboard.press("?");
    await list.getByRole("checkbox", { name: "Shortcuts of a single letter" }).uncheck();
    assert.equal(await list.getByText("(turned off)").count(), 3);
    await checkPage(page, "shortcuts-off");
    await page.keyboard.press("Escape");
    await list.waitFor({ state: "hidden" });

    // With no dialog open, which would keep the list away by itself; what a key does is there after two frames.
    const nothingOpens = async (why) => {
      assert.equal(await page.locator("dialog[open]").count(), 0);
      await page.keyboard.press("?");
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));
      assert.equal(await list.count(), 0, why);
    };
    await nothingOpens("? is turned off at once");
    await page.reload();
    await rows("Provisioning logs").nth(1).waitFor();
    await settled(page);
    await nothingOpens("a reload does not turn it on again");

    await openEntry();
    await page.keyboard.press("j");
    // Whatever the key did would be there before what the button does.
    await drawer.getByRole("button", { name: "Next entry", exact: true }).click();
    await at(2);
    await page.keyboard.press("Escape");

    await page.getByRole("button", { name: /^Account: / }).click();
    await button(title).click();
    await list.getByRole("checkbox").check();
    await page.keyboard.press("Escape");
    await list.waitFor({ state: "hidden" });
    await page.reload();
    await settled(page);
    await page.keyboard.press("?");
    await list.waitFor();
  }));

test("arrow keys lead through what a search for people found", { timeout: 60_000 }, () =>
  inPortal(async (page, { dialog, button }) => {
    await page.goto(`${context.url}/applications/${job.app.id}/users`);
    await button("Add user/group").click();
    const add = dialog("Add user/group");
    const field = add.getByRole("searchbox");
    const found = add.getByRole("list", { name: "Found" }).getByRole("button");
    const isFocused = (locator) => locator.evaluate((element) => element === document.activeElement);
    await field.fill("Person 1");
    await found.nth(2).waitFor();
    await field.press("ArrowDown");
    assert.ok(await isFocused(found.nth(0)));
    await page.keyboard.press("ArrowDown");
    assert.ok(await isFocused(found.nth(1)));
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    assert.ok(await isFocused(field));
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await add.getByRole("list", { name: "Chosen" }).getByText(/Person 1/).waitFor();
    assert.ok(await isFocused(field), "the next name can be typed");
  }));
