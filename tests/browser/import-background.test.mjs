/**
 * People → Import CSV, of files that the server goes on with after the request: the form can be changed meanwhile, and
 * the server may fall silent.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { begin, follow } from "../worker/support/imports.mjs";
import { useServer } from "../worker/support/server.mjs";
import { csv, importPeople, people } from "../worker/support/setup.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { usePortal } from "./support/portal.mjs";

const context = useServer({ prepare: () => importPeople(context, people(6)) });
const inPortal = usePortal(context);
const file = (text) => ({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
const count = async () => (await context.workforce.get("/Users?count=0")).expect(200).json.totalResults;

/** The address of one import, with what became of it. */
const oneImport = /\/imports\/[\w-]+$/;

/** From now on every file of this window goes on by itself at once, as a large one does after two seconds. */
const inBackground = (page) =>
  page.addInitScript(() => {
    const set = XMLHttpRequest.prototype.setRequestHeader;
    XMLHttpRequest.prototype.setRequestHeader = function (name, value) {
      return set.call(this, name, name === "prefer" ? "respond-async" : value);
    };
  });

/** Keeps back what became of imports from `hold()` on, until the function that it gives is called. */
async function holdImports(page) {
  let open = Promise.resolve();
  await page.route(oneImport, async (route) => {
    await open;
    await route.continue();
  });
  return () => {
    let release;
    open = new Promise((done) => {
      release = done;
    });
    return release;
  };
}

test("what is imported is what was previewed: another file or other options meanwhile end the preview", { timeout: 120_000 }, () =>
  inPortal(async (page, { button, region, dialog, main, rows }) => {
    const asked = [];
    page.on("request", (request) => {
      const { pathname, search } = new URL(request.url());
      if (request.method() === "POST" && pathname.endsWith("/import")) asked.push(search.replace("?", ""));
    });
    await inBackground(page);
    const hold = await holdImports(page);
    await page.goto(`${context.url}/people/import`);
    await rows("Recent imports").nth(1).waitFor();
    const before = await count();
    const [first, second] = people(6);
    const text = csv([first, { ...second, department: "Legal" }]);
    const looked = region("The file is looked at");
    const preview = region("Preview: nothing is written yet");
    const missing = page.getByLabel("Delete people who are not in the file");
    const all = page.getByLabel("Delete them however many they are");
    const field = page.getByLabel("CSV file");
    const imports = page.getByRole("button", { name: /^Import \d/ });
    const dropped = main.getByRole("alert").getByText("The file or the options were changed while the preview was made");
    /** Changes the form while the server works on its preview, which is not shown then. */
    const changed = async (change) => {
      const release = hold();
      await button("Preview").click();
      await looked.waitFor();
      assert.equal(await dropped.count(), 0, "what was said of the one before is gone");
      await change();
      release();
      await dropped.waitFor();
      await looked.waitFor({ state: "hidden" });
      assert.deepEqual([await preview.count(), await imports.count()], [0, 0]);
    };

    await field.setInputFiles(file(text));
    await changed(() => missing.check());
    assert.deepEqual(asked, ["preview=true"]);
    await changed(() => missing.uncheck());
    await changed(() => field.setInputFiles(file(csv(people(3)))));
    await checkPage(page, "import-changed-meanwhile");
    await field.setInputFiles(file(text));
    await missing.check();
    await changed(() => all.check());
    assert.equal(asked.at(-1), "preview=true&removeMissing=true");
    assert.equal(await count(), before, "nothing is written");

    // Of what stayed as it was the preview is shown, and the import asks for the same.
    const release = hold();
    await button("Preview").click();
    await looked.waitFor();
    release();
    await preview.waitFor();
    await imports.click();
    const question = dialog("Delete people who are not in the file?");
    await question.getByRole("button", { name: "Import and delete" }).click();
    await region("Import finished").waitFor();
    assert.deepEqual(asked.slice(-2), ["preview=true&removeMissing=true&force=true", "removeMissing=true&force=true"]);
    assert.equal(await count(), 2);

    // A preview that somebody else began is of a file that is not known here, whatever is chosen.
    const { path, record } = await begin(context, csv(people(4)), "?preview=true");
    assert.equal((await follow(context, path)).at(-1).state, "finished");
    await page.route(/\/imports$/, async (route) => {
      const response = await route.fetch();
      const json = await response.json();
      for (const one of json.value) if (one.id === record.id) one.state = "running";
      await route.fulfill({ response, json });
    });
    const found = hold();
    await page.goto(`${context.url}/people/import`);
    await looked.waitFor();
    await field.setInputFiles(file(text));
    found();
    await preview.getByText("4 people in the file").waitFor();
    assert.equal(await imports.getAttribute("aria-disabled"), "true");
    assert.equal(await imports.getAttribute("title"), "Choose the file again and look at its preview");
  }));

test("whoever comes back finds what a preview found meanwhile", { timeout: 120_000 }, () =>
  inPortal(async (page, { button, region, goTo, main, rows }) => {
    await inBackground(page);
    const hold = await holdImports(page);
    await page.goto(`${context.url}/people/import`);
    await rows("Recent imports").nth(1).waitFor();
    const missing = page.getByLabel("Delete people who are not in the file");
    await page.getByLabel("CSV file").setInputFiles(file(csv(people(7))));
    const release = hold();
    await button("Preview").click();
    await region("The file is looked at").waitFor();
    await goTo("People");
    release();
    const newest = async () => (await context.api.get(`/directories/${context.workforceId}/imports`)).expect(200).json.value[0];
    await until("the end of the preview", async () => (await newest()).state === "finished");

    // The list of the first visit, which knows nothing of it, is not what counts.
    await main.getByRole("link", { name: "Import CSV" }).click();
    const preview = region("Preview: nothing is written yet");
    await preview.getByText("7 people in the file").waitFor();
    await region("Last preview").getByText("Finished").waitFor();
    const imports = page.getByRole("button", { name: /^Import \d/ });
    assert.equal(await imports.getAttribute("title"), "Choose the file again and look at its preview");
    await checkPage(page, "import-preview-found");
    await missing.check();
    await preview.waitFor({ state: "hidden" });
  }));

test("a server that does not answer for a while does not end the view of what goes on", { timeout: 120_000 }, () =>
  inPortal(async (page, { button, region, main, rows }, errors) => {
    errors.expect(/status of (404|503).*\/imports\/|ERR_FAILED.*\/imports\//);
    let answer = "passed";
    const seen = { passed: 0, 503: 0, broken: 0, 404: 0 };
    await inBackground(page);
    await page.route(oneImport, (route) => {
      seen[answer] += 1;
      if (answer === "passed") return route.continue();
      if (answer === "broken") return route.abort();
      return route.fulfill({ status: Number(answer), json: { error: { code: "Other", message: `Answer ${answer} of the test.` } } });
    });
    await page.goto(`${context.url}/people/import`);
    await rows("Recent imports").nth(1).waitFor();
    answer = "503";
    await page.getByLabel("CSV file").setInputFiles(file(csv(people(5))));
    await button("Preview").click();
    const looked = region("The file is looked at");
    const silent = looked.getByText("The server does not answer at the moment.");
    await silent.waitFor();
    await until("two answers of 503", () => seen[503] >= 2);
    answer = "broken";
    await until("a connection that broke", () => seen.broken >= 1);
    await button("Cancel preview").waitFor();
    await silent.waitFor();
    await checkPage(page, "import-silent");
    answer = "passed";
    await region("Preview: nothing is written yet").getByText("5 people in the file").waitFor();
    await looked.waitFor({ state: "hidden" });
    assert.equal(await main.getByRole("alert").filter({ hasText: /\S/ }).count(), 0);

    // What is not there any more is not asked for again.
    answer = "404";
    await button("Preview").click();
    await main.getByRole("alert").getByText("Answer 404 of the test.").waitFor();
    await looked.waitFor({ state: "hidden" });
  }));
