/**
 * The ways about the portal that the tests share. Everything is found by role and label.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before } from "node:test";
import { launch, openWindow, picture, settled, signIn } from "./browser.mjs";

/** @param {import("playwright-core").Page} page */
export function portal(page) {
  const main = page.getByRole("main");
  const navigation = page.getByRole("navigation", { name: "Main" });
  const tabs = page.getByRole("navigation", { name: "Application" });
  const heading = (name) => page.getByRole("heading", { level: 1, name, exact: true });
  return {
    main,
    heading,
    dialog: (name) => page.getByRole("dialog", { name }),
    region: (name) => page.getByRole("region", { name, exact: true }),
    button: (name) => page.getByRole("button", { name, exact: true }),
    rows: (table) => page.getByRole("table", { name: table }).getByRole("row"),

    /** Waits for a message of the background. */
    said: (text) => page.getByRole("status", { name: "Messages" }).getByText(text).waitFor(),

    /** Follows a link of the main navigation. */
    async goTo(link, title = link) {
      await navigation.getByRole("link", { name: link, exact: true }).click();
      await heading(title).waitFor();
    },

    /** Opens a page of the application. */
    async openTab(name, title = name) {
      await tabs.getByRole("link", { name, exact: true }).click();
      await heading(title).waitFor();
      await settled(page);
    },

    /** Presses a Copy button and gives what is on the clipboard then. */
    async copy(within, label) {
      await within.getByRole("button", { name: `Copy ${label}`, exact: true }).click();
      await within.getByText("Copied", { exact: true }).first().waitFor();
      const text = await page.evaluate(() => navigator.clipboard.readText());
      assert.equal(await within.getByRole("textbox", { name: label, exact: true }).inputValue(), text);
      return text;
    },

    /** Follows a link that downloads, and gives what comes. */
    async download(link) {
      const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: link }).click()]);
      assert.equal(await file.failure(), null);
      return readFileSync(await file.path(), "utf8");
    },
  };
}

/**
 * A browser for the calling test file. Gives a function that runs `work(page, portal(page), errors)` in a signed-in
 * window of its own; an error on its console fails the test.
 */
export function usePortal(context) {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());
  return async (work, options) => {
    const { page, errors, context: window } = await openWindow(browser, options);
    try {
      await signIn(page, context.server);
      await work(page, portal(page), errors);
      assert.deepEqual(errors.list(), [], "errors in the browser");
    } catch (error) {
      await picture(page, "failure").catch(() => {});
      throw error;
    } finally {
      await window.close();
    }
  };
}
