/**
 * Chromium for the browser tests and the screenshots: launched once, watched for errors, signed in through a
 * one-time link.
 */
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";
import { chromiumPath } from "../../../scripts/lib/chromium.mjs";
import { management } from "../../../scripts/lib/client.mjs";
import { Problem } from "../../../scripts/lib/log.mjs";
import { inProject } from "../../../scripts/lib/paths.mjs";

/** No sandbox: the tests run as root in containers. The rest keeps the browser from calling home. */
const args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"];

/** How long an element may take to appear. Whatever takes longer, such as a cycle, says so itself. */
export const patience = 15_000;

/** `scrollbars`: those that take room, as on most desks; a headless browser hides them. */
export function launch({ scrollbars = false } = {}) {
  const executablePath = chromiumPath();
  if (!executablePath) throw new Problem("There is no Chromium. Install one, or set CHROMIUM to its path:\n    apt-get install chromium");
  return chromium.launch({ executablePath, args, timeout: 60_000, ignoreDefaultArgs: scrollbars ? ["--hide-scrollbars"] : [] });
}

/** What went wrong in a page by itself: exceptions, and everything on the console that is an error. */
class Errors {
  #found = [];
  /** An application that was never asked what it supports is answered 404, and the overview says so. */
  #expected = [/status of 404.*\/capabilities/];

  watch(page) {
    page.on("pageerror", (error) => this.#found.push(`exception: ${error.message}`));
    page.on("console", (message) => {
      // Also what the Content-Security-Policy forbade.
      if (message.type() === "error") this.#found.push(`console: ${message.text()} (${message.location().url})`);
    });
  }

  /** The browser itself reports every answer of 400 and above; one that the test causes is no mistake. */
  expect(pattern) {
    this.#expected.push(pattern);
  }

  /** What was found that nobody expected. */
  list() {
    return this.#found.filter((text) => !this.#expected.some((pattern) => pattern.test(text)));
  }
}

/**
 * A window of its own, without the cookies of others.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {{width?: number, height?: number, colorScheme?: "light" | "dark"}} [options]
 */
export async function openWindow(browser, { width = 1280, height = 900, colorScheme = "light" } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "UTC",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const errors = new Errors();
  errors.watch(page);
  return { context, page, errors };
}

/** A link that signs in once. */
export async function signInLink(server) {
  return (await management(server).post("/signInLinks", {})).expect(201).json.url;
}

export async function signIn(page, server) {
  await page.goto(await signInLink(server));
  await page.getByRole("heading", { level: 1, name: "Home" }).waitFor();
}

/** Waits until nothing on the page is loading any more. */
export async function settled(page) {
  await page.waitForFunction(() => document.querySelector("main h1") && !document.querySelector('.skeleton, [aria-busy="true"]'), undefined, { timeout: patience });
  await page.evaluate(() => document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))));
}

/** Changes the colour scheme of the system, and waits until the page follows. */
export async function setColorScheme(page, colorScheme) {
  await page.emulateMedia({ colorScheme });
  const follows = (scheme) => {
    const [red, green, blue] = getComputedStyle(document.body).color.match(/[\d.]+/g).map(Number);
    return scheme === (red + green + blue > 384 ? "dark" : "light");
  };
  await page.waitForFunction(follows, colorScheme, { timeout: patience });
  await settled(page);
}

/** Keeps a picture of the page for whoever looks at a test run later. */
export async function picture(page, name, folder = inProject("test-results", "screenshots")) {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png` });
}
