/**
 * Nothing that is on the screen moves by itself while a page loads: layout shift, as Lighthouse counts it. Nor when a
 * dialog covers it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useServer } from "../worker/support/server.mjs";
import { importPeople, people, provisioning, tenant } from "../worker/support/setup.mjs";
import { launch, openWindow, settled, signIn } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

/** Good, by the Web Vitals; Lighthouse takes points from here on. */
const most = 0.1;

const context = useServer({
  prepare: async () => {
    await importPeople(context, people(60));
  },
});
const inPortal = usePortal(context);

/** The sum of the shifts since the page began, without those that follow what a person did. */
const shift = () =>
  new Promise((done) => {
    new PerformanceObserver((list) => {
      const shifts = list.getEntries().filter(({ hadRecentInput }) => !hadRecentInput);
      done({ sum: shifts.reduce((sum, { value }) => sum + value, 0), moved: shifts.flatMap(({ sources }) => sources.map(({ node }) => node?.className || node?.nodeName)) });
    }).observe({ type: "layout-shift", buffered: true });
    // Where nothing moved there are no entries, and nobody is called.
    setTimeout(() => done({ sum: 0, moved: [] }), 300);
  });

/** Loads each page anew, with answers that come one after the other. */
async function measure(page, paths) {
  let count = 0;
  await page.route(/\/(api|scim)\//, async (route) => {
    await new Promise((done) => setTimeout(done, 20 + 40 * (count++ % 4)));
    await route.continue();
  });
  const faults = [];
  for (const [name, path] of Object.entries(paths)) {
    await page.goto(context.url + path);
    await settled(page);
    // What is loaded after the first view must not move it either.
    await page.waitForTimeout(500);
    const { sum, moved } = await page.evaluate(shift);
    if (sum >= most) faults.push(`${name}: ${sum.toFixed(3)}, by ${moved.join(", ")}`);
  }
  await page.unroute(/\/(api|scim)\//);
  return faults;
}

test("before anything is set up", { timeout: 60_000 }, () =>
  inPortal(async (page) => {
    assert.deepEqual(await measure(page, { Home: "/", Applications: "/applications", People: "/people" }), []);
  }));

test("a dialog covers the whole window, and the page below it stays where it is", { timeout: 60_000 }, async () => {
  const browser = await launch({ scrollbars: true });
  try {
    const { page } = await openWindow(browser);
    await signIn(page, context.server);
    const places = () =>
      page.evaluate(() => ({
        scrollbar: innerWidth - document.documentElement.clientWidth,
        scrolled: scrollY,
        left: ["main h1", ".organization", ".bar .menu-button + a"].map((selector) => document.querySelector(selector).getBoundingClientRect().right),
        atTheEdge: document.elementFromPoint(innerWidth - 3, innerHeight / 2)?.tagName,
      }));
    await page.goto(`${context.url}/no/such/page`);
    await settled(page);
    const { scrollbar } = await places();
    assert.ok(scrollbar > 0, "even a short page has a scrollbar");
    await page.goto(`${context.url}/people`);
    await settled(page);
    // What has the focus gets it back, wherever the page is scrolled to.
    await page.getByRole("link", { name: "Person 30", exact: true }).focus();
    const before = await places();
    assert.equal(before.scrollbar, scrollbar);
    assert.ok(before.scrolled > 0);
    // By a key: a button would have to be scrolled to.
    const dialog = page.getByRole("dialog", { name: "Go to" });
    await page.keyboard.press("ControlOrMeta+k");
    await dialog.getByRole("option").first().waitFor();
    const covered = await places();
    assert.deepEqual(covered, { ...before, scrollbar: 0, atTheEdge: "DIALOG" });
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.deepEqual(await places(), before);
  } finally {
    await browser.close();
  }
});

test("with an application that is provisioned", { timeout: 120_000 }, () =>
  inPortal(async (page) => {
    const directory = await tenant(context);
    const job = await provisioning(context, { url: directory.scimUrl, token: directory.token });
    const pages = { Home: "/", Applications: "/applications", Overview: `/applications/${job.app.id}/overview`, People: "/people" };
    assert.deepEqual(await measure(page, pages), []);
    await job.run();
    assert.deepEqual(await measure(page, pages), []);
    await page.setViewportSize({ width: 375, height: 812 });
    assert.deepEqual(await measure(page, pages), []);
  }));
