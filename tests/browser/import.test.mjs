/** People → Import CSV: what a file would change is shown before anything is written. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { begin } from "../worker/support/imports.mjs";
import { useServer } from "../worker/support/server.mjs";
import { csv, importPeople, people } from "../worker/support/setup.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { picture, setColorScheme, settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const context = useServer({ prepare: () => importPeople(context, people(6)) });
const inPortal = usePortal(context);
const file = (text) => ({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
const count = async () => (await context.workforce.get("/Users?count=0")).expect(200).json.totalResults;

test("a preview says what would be created, changed and deleted, and writes nothing", { timeout: 120_000 }, () =>
  inPortal(async (page, { heading, region, rows, button, dialog }) => {
    await page.goto(`${context.url}/people/import`);
    await heading("Import CSV").waitFor();
    await button("Preview").click();
    await page.getByRole("alert").getByText("Choose a CSV file first.").waitFor();
    await checkPage(page, "import-none");

    const [first, second, , , , sixth] = people(6);
    const wanted = [first, { ...second, department: "Legal" }, sixth, ...people(8).slice(6), { ...people(9)[8], accountEnabled: "perhaps" }];
    await page.getByLabel("CSV file").setInputFiles(file(csv(wanted)));
    await page.getByLabel("Delete people who are not in the file").check();
    await button("Preview").click();
    const preview = region("Preview: nothing is written yet");
    await preview.waitFor();
    assert.match(await preview.innerText(), /To create\s+2\s+To update\s+1\s+Unchanged\s+2[\s\S]*With errors\s+1/);
    const changes = rows("Changes");
    assert.match(await changes.filter({ hasText: second.userPrincipalName }).innerText(), /3[\s\S]*Update[\s\S]*department/);
    await changes.filter({ hasText: "person7@" }).getByText("Create", { exact: true }).waitFor();
    await region("Rows that would not go in").getByText("perhaps").waitFor();
    await page.getByText("Columns of the file (").click();
    assert.equal(await page.getByLabel("department").inputValue(), "department");
    await checkPage(page, "import-preview");
    assert.equal(await count(), 6, "nothing is written");

    // Somebody who reads a file with errors would be taken for gone: nobody is deleted then.
    await page.getByLabel("CSV file").setInputFiles(file(csv(wanted.slice(0, -1))));
    await preview.waitFor({ state: "hidden" });
    await button("Preview").click();
    await preview.waitFor();
    assert.match(await preview.innerText(), /To delete\s+3/);
    await region("Changes").getByLabel("Show").selectOption({ label: "Delete" });
    assert.equal(await changes.count(), 1 + 3);
    await checkPage(page, "import-deletions");
    await button("Import 6 changes").click();
    const question = dialog("Delete people who are not in the file?");
    await question.getByText("3 people are not in the file").waitFor();
    await question.getByRole("button", { name: "Import and delete" }).click();
    const result = region("Import finished");
    await result.waitFor();
    assert.match(await result.innerText(), /Created\s+2\s+Updated\s+1\s+Unchanged\s+2\s+Deleted\s+3\s+Failed\s+0/);
    assert.equal(await count(), 5);

    await button("Preview").click();
    await preview.waitFor();
    await page.getByText("5 people in the file").waitFor();
    assert.equal(await button("Import 0 changes").getAttribute("aria-disabled"), "true");
  }));

test("a file that cannot be read says so; a large one tells how far it is", { timeout: 120_000 }, () =>
  inPortal(
    async (page, { button, region }, errors) => {
      errors.expect(/status of 400.*import/);
      await page.goto(`${context.url}/people/import`);
      await page.getByLabel("CSV file").setInputFiles(file("a,b\n1,2\n"));
      await button("Preview").click();
      await page.getByRole("alert").getByText(/userPrincipalName/).waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
      for (const scheme of ["light", "dark"]) {
        await setColorScheme(page, scheme);
        await picture(page, `narrow-import-${scheme}`);
      }
      await page.getByLabel("CSV file").setInputFiles(file(csv(people(4_000, "large.example"))));
      await button("Preview").click();
      await page.getByRole("progressbar", { name: "Progress of the file" }).waitFor();
      await region("Preview: nothing is written yet").getByText("4,000 people in the file").waitFor({ timeout: 60_000 });
      await settled(page);
      await page.getByText("200 of 4,000 changes are shown.").waitFor();
    },
    { width: 375, height: 1400 },
  ));

test("headers that say too little are given a meaning, which is remembered", { timeout: 120_000 }, () =>
  inPortal(async (page, { button, region, rows, main }, errors) => {
    errors.expect(/status of 400.*import/);
    errors.expect(/status of 503.*importColumns/);
    const text = "Anmeldename;Vorname;Nachname;Gehalt;Büro\njm@export.example;Jürgen;Müller;100;Köln\n";
    await page.goto(`${context.url}/people/import`);
    await page.getByLabel("CSV file").setInputFiles({ ...file(""), buffer: Buffer.from(text, "latin1") });
    await button("Preview").click();
    const columns = region("What the columns mean");
    await columns.getByLabel("Anmeldename").selectOption("userPrincipalName");
    await main.getByRole("alert").getByText("choose what they mean").waitFor();
    await columns.getByLabel("Vorname").selectOption("givenName");
    await columns.getByLabel("Gehalt").selectOption({ label: "Do not import" });
    await checkPage(page, "import-columns");
    await page.route("**/importColumns", (route) => route.fulfill({ status: 503, json: { error: { code: "ServiceUnavailable", message: "The directory is busy." } } }));
    await button("Save and preview again").click();
    await main.getByRole("alert").getByText("The directory is busy.").waitFor();
    assert.equal(await columns.getByLabel("Vorname").inputValue(), "givenName", "what was chosen is still there");
    await page.unroute("**/importColumns");
    await button("Save and preview again").click();
    await main.getByText("which is a guess").waitFor();
    await rows("Changes").filter({ hasText: "jm@export.example" }).waitFor();

    // From the preview the others follow.
    await page.getByText("Columns of the file (windows-1252)").click();
    assert.deepEqual([await page.getByLabel("Anmeldename").inputValue(), await page.getByLabel("Nachname").inputValue()], ["userPrincipalName", ""]);
    await page.getByLabel("Nachname").selectOption("surname");
    await page.getByLabel("Büro").selectOption("officeLocation");
    await checkPage(page, "import-guessed");
    await Promise.all([page.waitForResponse(/import\?preview=true/), button("Save and preview again").click()]);
    await settled(page);
    await rows("Changes").filter({ hasText: "jm@export.example" }).waitFor();
    const kept = (await context.api.get(`/directories/${context.workforceId}/importColumns`)).expect(200).json.value;
    assert.deepEqual(Object.fromEntries(kept.map(({ header, attribute }) => [header, attribute])), { Anmeldename: "userPrincipalName", Vorname: "givenName", Gehalt: "", Nachname: "surname", Büro: "officeLocation" });
    await page.setViewportSize({ width: 375, height: 1600 });
    await page.getByText("Columns of the file (windows-1252)").click();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
    for (const scheme of ["light", "dark"]) {
      await setColorScheme(page, scheme);
      await picture(page, `narrow-import-columns-${scheme}`);
    }
    await button("Import 1 change").click();
    await region("Import finished").waitFor();
  }));

test("an import goes on without its page, is found again and can be cancelled", { timeout: 180_000 }, () =>
  inPortal(async (page, { button, region, rows, dialog, main, heading }) => {
    await page.goto(`${context.url}/people/import`);
    const last = region("Last import");
    await last.getByText("State").waitFor();
    const before = await rows("Recent imports").count();
    await page.getByLabel("CSV file").setInputFiles(file(csv(people(80_000, "left.example"))));
    await button("Preview").click();
    await region("The file is looked at").getByText("It goes on when you leave the page.").waitFor({ timeout: 30_000 });
    await page.goto(`${context.url}/people`);
    await heading("People").waitFor();
    await page.goto(`${context.url}/people/import`);
    await region("Preview: nothing is written yet").getByText("80,000 people in the file").waitFor({ timeout: 90_000 });
    assert.equal(await button("Import 80,000 changes").getAttribute("aria-disabled"), "true", "the file is not chosen any more");

    // One that somebody else began.
    await begin(context, csv(people(90_000, "found.example")));
    await page.goto(`${context.url}/people/import`);
    const running = region("The file is imported");
    await running.getByRole("progressbar", { name: "Progress of the file" }).waitFor();
    await running.getByText(/ created, /).waitFor();
    await checkPage(page, "import-running");
    await button("Cancel import").click();
    const question = dialog("Cancel the import?");
    await question.getByText(/That stays; the rest of the file is not imported/).waitFor();
    await question.getByRole("button", { name: "Cancel the import" }).click();
    await main.getByRole("alert").getByText(/stopped before its end\..*created/).waitFor({ timeout: 30_000 });
    await running.waitFor({ state: "hidden" });
    assert.equal(await rows("Recent imports").count(), before + 2, "preview and import are listed");
    assert.match(await rows("Recent imports").filter({ hasText: "Cancelled" }).innerText(), /Import[\s\S]*Cancelled/);
    // Whoever comes later finds what came of it.
    await page.goto(`${context.url}/people/import`);
    await last.getByText("Cancelled").waitFor();
    await last.getByText(/stopped before its end/).waitFor();
    await checkPage(page, "import-cancelled");
  }));
