/**
 * How fast a long provisioning log is filtered in the page: from the change of a filter, or the last letter of a
 * name, until the rows that it finds can be seen. Timed in the page by its own clock, in Chromium, next to the
 * server: what the network takes comes on top.
 */
import { launch, openWindow, settled, signIn } from "../browser/support/browser.mjs";

const rounds = 5;

/** What is changed in the page, and which rows prove that it was followed: every row, or the words instead of any. */
const nothing = /^Nothing (matches|found so far)/;
const changes = [
  { name: "status: failures", field: "Status", choose: "failure", rows: /\bFailure\b/ },
  { name: "status: none", field: "Status", choose: "warning", instead: nothing },
  { name: "action", field: "Action", choose: "create", rows: /\bCreate\b/ },
  { name: "action: none", field: "Action", choose: "delete", instead: nothing },
  { name: "name contains: many", field: "Person", type: "person 1", rows: /\bPerson 1/ },
  { name: "name contains: few", field: "Person", type: "person 7777", rows: /\bPerson 7777\b/ },
  { name: "name contains: none", field: "Person", type: "nobody", instead: nothing },
];

/** In the page: begins to watch for the rows; `window.timed` becomes the milliseconds since the last change of the field. */
function watch({ rows, instead, label }) {
  const pattern = (text) => text && new RegExp(text);
  const [every, words] = [pattern(rows), pattern(instead)];
  const field = [...document.querySelectorAll("main label")].find(({ textContent }) => textContent === label).control;
  let begun;
  const began = () => {
    begun = performance.now();
    window.timed = undefined;
  };
  for (const kind of ["input", "change"]) field.addEventListener(kind, began, { capture: true });
  const shown = () => {
    const found = [...document.querySelectorAll("main tbody tr")].map(({ innerText }) => innerText);
    const title = document.querySelector("main .empty-title")?.innerText ?? "";
    return words ? words.test(title) : found.length > 0 && found.every((text) => every.test(text));
  };
  window.timed = undefined;
  let at;
  const observer = new MutationObserver(() => {
    // Letters that come after it was shown begin anew.
    if (begun === undefined || at === begun || !shown()) return;
    const since = begun;
    at = since;
    // The next frame is on the screen once what follows it runs.
    requestAnimationFrame(() => setTimeout(() => since === begun && (window.timed = performance.now() - since)));
  });
  observer.observe(document.querySelector("main"), { childList: true, subtree: true, characterData: true });
}

/** Measures every change in a fresh page, several times; gives rows for the table. */
export async function measurePage(context, application, limit) {
  const browser = await launch();
  const rows = [];
  try {
    const { page } = await openWindow(browser);
    await signIn(page, context.server);
    for (const change of changes) {
      const times = [];
      for (let round = 0; round < rounds; round++) {
        await page.goto(`${context.server.url}/applications/${application}/logs`);
        await settled(page);
        await page.locator("main tbody tr").first().waitFor();
        // The portal's other parts come 1.5 s after the first view; they are not what is measured.
        await page.waitForLoadState("networkidle");
        const field = page.getByRole("main").getByLabel(change.field, { exact: true });
        await page.evaluate(watch, { rows: change.rows?.source, instead: change.instead?.source, label: change.field });
        if (change.choose) await field.selectOption(change.choose);
        else await field.pressSequentially(change.type, { delay: 60 });
        await page.waitForFunction(() => window.timed !== undefined, undefined, { timeout: 20_000, polling: 50 });
        times.push(await page.evaluate(() => window.timed));
      }
      times.sort((one, other) => one - other);
      const worst = times.at(-1);
      rows.push([change.name, `${times[Math.floor(rounds / 2)].toFixed(0)} ms`, `${worst.toFixed(0)} ms`, worst > limit ? "slow" : ""]);
    }
  } finally {
    await browser.close();
  }
  return rows;
}
