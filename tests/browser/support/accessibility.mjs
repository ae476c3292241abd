/**
 * Accessibility: what axe finds in a page, wide and narrow, in both colour schemes and in the system's own colours.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { picture, setColorScheme, settled } from "./browser.mjs";

/** axe itself, run in the page: its package for Playwright opens a second page for every look to put results together. */
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What is left to look at in a look whose structure was looked at already. */
const colours = ["color-contrast", "link-in-text-block"];

/** A telephone, and WCAG's reflow with some room: 320 px are looked at by the eye. */
const narrow = 375;

/** All rules at both widths; in the other scheme what its colours change, at both widths too. */
const looks = [
  { look: "dark", colorScheme: "dark", rules: colours },
  { look: "light", colorScheme: "light" },
  { look: "narrow", colorScheme: "light", width: narrow },
  { look: "narrow-dark", colorScheme: "dark", width: narrow, rules: colours },
];

/** What is wrong, a line for each element. */
async function violations(page, look, rules) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axeSource);
  const runOnly = rules ? { type: "rule", values: rules } : { type: "tag", values: tags };
  const found = await page.evaluate(async (runOnly) => {
    const { violations } = await globalThis.axe.run(document, { runOnly, resultTypes: ["violations"] });
    return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) => ({ id, help, target, failureSummary })));
  }, runOnly);
  return found.map(({ id, help, target, failureSummary }) => `${look}: ${id} (${help}): ${target.join(" ")}: ${failureSummary.replaceAll(/\s+/g, " ")}`);
}

/** What would have to be scrolled to sideways; tables and the like scroll by themselves. */
async function overflow(page, look) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return wide > 0 ? [`${look}: the page is ${wide} px wider than the window`] : [];
}

/** Controls that cannot be told from the ground when the system gives the colours. */
async function withoutEdges(page) {
  const found = await page.evaluate(() => {
    const clear = (colour) => /^rgba\(.*, 0\)$|^transparent$/.test(colour);
    const isSeen = (element) => element.getClientRects().length > 0;
    const edged = (element) => {
      const style = getComputedStyle(element);
      return parseFloat(style.borderTopWidth) >= 1 && style.borderTopStyle !== "none" && !clear(style.borderTopColor);
    };
    const controls = document.querySelectorAll(".button, .badge, .tile, select, textarea, input:not([type=checkbox], [type=radio], [type=file])");
    return [...controls].filter((element) => isSeen(element) && !edged(element)).map((element) => element.outerHTML.slice(0, 80));
  });
  return found.map((element) => `forced-colors: ${element} has no edge`);
}

/** Looks at a page in every look, keeps a picture of each, and fails if anything is found. */
export async function checkPage(page, name) {
  await settled(page);
  const size = page.viewportSize();
  const found = [];
  for (const { look, colorScheme, width = size.width, rules } of looks) {
    await page.setViewportSize({ ...size, width });
    await setColorScheme(page, colorScheme);
    await picture(page, `${name}-${look}`);
    // From its top: what happens to lie half below the bar while the page is scrolled counts as too small a target.
    const place = await page.evaluate(() => [scrollX, scrollY]);
    await page.evaluate(() => scrollTo({ left: 0, top: 0, behavior: "instant" }));
    found.push(...(await violations(page, look, rules)), ...(await overflow(page, look)));
    await page.evaluate(([left, top]) => scrollTo({ left, top, behavior: "instant" }), place);
  }
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: "light", forcedColors: "active", contrast: "more" });
  await settled(page);
  await picture(page, `${name}-forced-colors`);
  found.push(...(await withoutEdges(page)));
  await page.emulateMedia({ colorScheme: "light", forcedColors: "none", contrast: "no-preference" });
  await settled(page);
  if (found.length > 0) throw new Error(`${found.length} violations on ${name}:\n${found.join("\n")}`);
}
