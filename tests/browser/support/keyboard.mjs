/**
 * A person without a mouse: what is reached is reached by Tab, and wherever the focus stands it can be seen.
 */
import assert from "node:assert/strict";
import { until } from "../../../scripts/lib/client.mjs";

/** More than any page of these tests has to be tabbed through; a page that needs more holds the focus. */
const most = 160;

/** Where the focus is, and why it cannot be seen; nothing when it can. */
function look() {
  const element = document.activeElement;
  // Beyond the last element the browser's own bar has its turn.
  if (!document.hasFocus() || !element || element === document.body || element === document.documentElement) return { lost: true };
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const name = `${element.tagName.toLowerCase()} ${JSON.stringify((element.getAttribute("aria-label") ?? element.textContent).trim().slice(0, 40))}`;
  // A heading, or the page, gets the focus to be read aloud; nothing can be done with it.
  const isForReading = element.matches("h1, h2, main, dialog");
  let fault;
  if (!isForReading && (outlineStyle === "none" || parseFloat(outlineWidth) < 2)) fault = "has no outline";
  else if (box.width === 0 || box.height === 0) fault = "has no size";
  else if (box.bottom <= 0 || box.top >= innerHeight) fault = `is outside the window (${box.top} to ${box.bottom})`;
  return { name, fault: fault && `${name} has the focus and ${fault}` };
}

/** @param {import("playwright-core").Page} page */
export function keyboard(page) {
  const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());

  /** The same as {@link look}; what comes into sight with the focus may take a frame. */
  async function view() {
    let seen = await page.evaluate(look);
    for (let again = 0; seen.fault && again < 10; again++) {
      await page.waitForTimeout(30);
      seen = await page.evaluate(look);
    }
    return seen;
  }

  /** Fails where the focus is lost, or cannot be seen. What a page does after an action may take a moment. */
  async function attended(what) {
    await until(`the focus is somewhere ${what}`, async () => !(await page.evaluate(look)).lost, { limit: 3_000 });
    const { fault } = await view();
    assert.equal(fault, undefined, what);
  }

  /** Presses Tab, or another key, until the focus is on what `locator` finds. */
  async function to(locator, key = "Tab") {
    const target = await locator.elementHandle();
    const passed = [];
    for (let times = 0; times <= most; times++) {
      if (await target.evaluate((element) => element === document.activeElement)) {
        await attended(`at ${locator}`);
        return;
      }
      assert.ok(await target.evaluate((element) => element.isConnected), `${locator} is gone while the way to it is tabbed`);
      await page.keyboard.press(key);
      const { name, fault, lost } = await view();
      // Between the last and the first element stands the browser itself.
      passed.push(lost ? "(browser)" : name);
      assert.equal(fault, undefined, `on the way to ${locator}`);
    }
    assert.fail(`${key} does not lead to ${locator}:\n${passed.join("\n")}`);
  }

  return {
    press,
    attended,
    to,
    /** Follows a link or presses a button. */
    async enter(locator, key = "Enter") {
      await to(locator);
      await press(key);
    },
    /** Writes into a field in place of what it holds. */
    async write(locator, text) {
      await to(locator);
      await press("ControlOrMeta+a");
      await page.keyboard.type(text);
      assert.equal(await locator.inputValue(), text);
    },
    /** Chooses an option of a list by writing its name. */
    async choose(locator, name) {
      await to(locator);
      await page.keyboard.type(name);
      const chosen = await locator.evaluate((list) => list.selectedOptions[0].label);
      assert.equal(chosen, name);
    },
  };
}
