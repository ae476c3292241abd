/**
 * The checks of pages find what is wrong: a check that finds nothing would pass everywhere.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useServer } from "../worker/support/server.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { usePortal } from "./support/portal.mjs";

const context = useServer();
const inPortal = usePortal(context);

test("what is wrong with a page is found, in every look", { timeout: 60_000 }, () =>
  inPortal(async (page) => {
    const check = async (html, ...expected) => {
      await page.evaluate((html) => {
        const holder = document.createElement("div");
        holder.id = "wrong";
        holder.innerHTML = html;
        // An attribute `style` in markup is forbidden by the Content-Security-Policy.
        for (const element of holder.querySelectorAll("[data-style]")) element.style.cssText = element.dataset.style;
        document.querySelector("main").append(holder);
      }, html);
      const found = await checkPage(page, "checks").then(() => "nothing", (error) => error.message);
      for (const pattern of expected) assert.match(found, pattern, html);
      await page.evaluate(() => document.getElementById("wrong").remove());
    };
    const [light, narrow, dark, narrowDark] = ["light", "narrow", "dark", "narrow-dark"];
    await check('<button type="button" class="button"></button>', /light: button-name/, /narrow: button-name/);
    await check('<p data-style="color: #ddd; background: #fff">pale</p>', ...[light, narrow, dark, narrowDark].map((look) => new RegExp(`${look}: color-contrast`)));
    await check('<p data-style="color: var(--text); background: #fff">dark alone</p>', /dark: color-contrast/);
    await check('<div data-style="width: 400px">wide</div>', /narrow: the page is \d+ px wider/);
    await check('<button type="button" class="button" data-style="border: 0">flat</button>', /forced-colors: <button/);
    await check("<p>nothing is wrong</p>", /^nothing$/);
  }));
