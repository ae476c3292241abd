/** Application → Drift check: nothing to compare with, no drift, drift that is shown and repaired, a refusal. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { useServer } from "../worker/support/server.mjs";
import { application, importPeople, people, provisioning } from "../worker/support/setup.mjs";
import { useTarget } from "../worker/support/target.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { picture, setColorScheme, settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const rows = people(8);
const context = useServer({ prepare: () => importPeople(context, rows) });
const inPortal = usePortal(context);

test("drift is looked for, told and repaired", { timeout: 180_000 }, () =>
  inPortal(async (page, { main, button, region, dialog, heading, said, rows: rowsOf, openTab }, errors) => {
    errors.expect(/status of 503.*driftChecks/);
    const target = await useTarget();
    const job = await provisioning(context, { url: target.url, token: target.token });
    const address = `${context.url}/applications/${job.app.id}`;
    await page.goto(`${address}/overview`);
    await openTab("Drift check");
    await main.getByText("No check yet").waitFor();
    assert.equal(await button("Check for drift").getAttribute("title"), "Nothing was provisioned yet: start provisioning first");
    await checkPage(page, "drift-empty");

    await job.run();
    await page.reload();
    await settled(page);
    await page.route("**/driftChecks", (route) => route.fulfill({ status: 503, json: { error: { code: "ServiceUnavailable", message: "The job is busy." } } }));
    await button("Check for drift").click();
    await main.getByRole("alert").getByText("The job is busy.").first().waitFor();
    await checkPage(page, "drift-refused");
    await page.unroute("**/driftChecks");
    await page.reload();
    await settled(page);
    await button("Check for drift").click();
    await main.getByText("No drift").waitFor({ timeout: 30_000 });
    await region("Check").getByText("8 accounts").waitFor();

    const account = (row) => target.named(row.userPrincipalName)[0];
    target.users.get(account(rows[2]).id).name.familyName = "Drifted";
    target.users.delete(account(rows[5]).id);
    const begun = new Date().toISOString();
    const running = { id: "check", state: "running", createdDateTime: begun, endedDateTime: null, expirationDateTime: begun, checked: 3, error: null };
    await page.route("**/driftChecks", (route) => route.fulfill({ json: { value: [running] } }));
    await page.goto(`${address}/drift`);
    await page.getByRole("progressbar", { name: "Progress of the check" }).waitFor();
    await region("Check").getByText("3 accounts compared so far.").waitFor();
    assert.equal(await button("Check for drift").getAttribute("title"), "A check is under way");
    await checkPage(page, "drift-running");
    await page.unroute("**/driftChecks");

    // A check that failed found nothing, which does not say that there is nothing.
    const objects = /\/driftChecks\/check(\?|$)/;
    const failed = { ...running, state: "failed", endedDateTime: begun, error: { code: "InvalidCredentials", message: "The application refused the token." } };
    await page.route("**/driftChecks", (route) => route.fulfill({ json: { value: [failed] } }));
    await page.route(objects, (route) => route.fulfill({ json: { ...failed, value: [] } }));
    await page.goto(`${address}/drift`);
    await region("Check").getByText("The check did not come to its end. The application refused the token.").waitFor();
    await main.getByText("Nothing is known").waitFor();
    assert.equal(await main.getByText("No drift").count(), 0);
    await checkPage(page, "drift-failed");

    // More than the list holds: it says so, and the file has all of them.
    const finished = { ...failed, state: "finished", error: null };
    const value = Array.from({ length: 1_000 }, (_, index) => ({ sourceId: `p${index}`, sourceDisplayName: `Person ${index}`, objectType: "User", kind: "missing", attributes: [] }));
    await page.unroute("**/driftChecks");
    await page.unroute(objects);
    await page.route("**/driftChecks", (route) => route.fulfill({ json: { value: [finished] } }));
    await page.route(objects, (route) => route.fulfill({ json: { ...finished, value, "@odata.nextLink": "/x?$skiptoken=1" } }));
    await page.goto(`${address}/drift`);
    await region("Drift").getByText("The list holds the first 10,000 objects. Download JSON has all of them.").waitFor();
    await region("Drift").getByText("200 of 10,000 objects shown").waitFor();
    await page.unroute("**/driftChecks");
    await page.unroute(objects);

    await page.goto(`${address}/drift`);
    await main.getByText("No drift").waitFor();
    await button("Check for drift").click();
    await main.getByText("2 of 2 objects shown").waitFor({ timeout: 30_000 });
    const drift = rowsOf("Drift");
    assert.match(await drift.filter({ hasText: "Person 2" }).innerText(), /User\s+Changed\s+name\.familyName: Drifted → Number2/);
    await drift.filter({ hasText: "Person 5" }).getByText("Missing").waitFor();
    assert.equal(await rowsOf("Kept checks").count(), 1 + 2);
    await checkPage(page, "drift-found");
    const [file] = await Promise.all([page.waitForEvent("download"), button("Download JSON").click()]);
    assert.equal(file.suggestedFilename(), "drift.json");
    assert.equal(JSON.parse(readFileSync(await file.path(), "utf8")).value.length, 2);
    await page.setViewportSize({ width: 375, height: 1600 });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
    for (const scheme of ["light", "dark"]) {
      await setColorScheme(page, scheme);
      await picture(page, `narrow-drift-${scheme}`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });

    const known = (await job.cycles()).map(({ id }) => id);
    await button("Repair").click();
    const question = dialog("Repair the drift of Peakon?");
    await question.getByText("is overwritten with what the mappings say").waitFor();
    await checkPage(page, "drift-repair");
    await question.getByRole("button", { name: "Repair", exact: true }).click();
    await said("The repair has begun");
    await heading("Peakon").waitFor();
    await job.next(known);
    assert.equal(account(rows[2]).name.familyName, rows[2].surname);
    assert.ok(account(rows[5]));

    const unconnected = await application(context);
    await page.goto(`${context.url}/applications/${unconnected.id}/drift`);
    await main.getByText("Not connected yet").waitFor();
  }));
