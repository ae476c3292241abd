/**
 * Accessibility: what axe finds in a page, in both colour schemes.
 */
import AxeBuilder from "@axe-core/playwright";
import { picture, setColorScheme, settled } from "./browser.mjs";

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What is wrong, a line for each element. */
async function violations(page, scheme) {
  const found = await new AxeBuilder({ page }).withTags(tags).analyze();
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${scheme}: ${id} (${help}): ${target.join(" ")}: ${failureSummary.replaceAll(/\s+/g, " ")}`),
  );
}

/** Looks at a page in light and in dark, keeps a picture of each, and fails if axe finds anything. */
export async function checkPage(page, name) {
  await settled(page);
  const found = [];
  for (const colorScheme of ["dark", "light"]) {
    await setColorScheme(page, colorScheme);
    await picture(page, `${name}-${colorScheme}`);
    found.push(...(await violations(page, colorScheme)));
  }
  if (found.length > 0) throw new Error(`axe finds ${found.length} violations on ${name}:\n${found.join("\n")}`);
}
