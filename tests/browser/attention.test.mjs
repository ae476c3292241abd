/** What needs somebody: the list of the start, held deletions and the decision about them, and the sample people. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useServer } from "../worker/support/server.mjs";
import { findGroup, findUser, importPeople, people, provisioning, tenant } from "../worker/support/setup.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { picture, setColorScheme, settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const context = useServer();
const inPortal = usePortal(context);
const rows = people(10);
const patchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const busy = { error: { code: "ServiceUnavailable", message: "The job is busy." } };
let job;

/** Takes people out of the group that is assigned. */
async function leave(...indexes) {
  const { id } = await findGroup(context, "Everybody");
  for (const index of indexes) {
    const person = await findUser(context, rows[index].userPrincipalName);
    const Operations = [{ op: "remove", path: `members[value eq "${person.id}"]` }];
    (await context.workforce.patch(`/Groups/${id}`, { schemas: [patchOp], Operations })).expect(200);
  }
}

test("sample people are offered while the directory is empty", { timeout: 120_000 }, () =>
  inPortal(async (page, { main, button, said, region }, errors) => {
    errors.expect(/status of 503/);
    await settled(page);
    await region("Needs attention").getByText("Nothing: no quarantine").waitFor();
    await checkPage(page, "home-empty");
    await page.route("**/import", (route) => route.fulfill({ status: 503, json: busy }));
    await button("Import sample people").click();
    await main.getByText("The job is busy.").waitFor();
    await page.unroute("**/import");
    await button("Import sample people").click();
    await said("Sample people were imported");
    await button("Import sample people").waitFor({ state: "detached" });
    assert.equal((await findUser(context, "mei@sample.example")).displayName, "Mei Lin");
    assert.equal((await findGroup(context, "Sample people")).displayName, "Sample people");
  }));

test("held deletions are found, approved and rejected", { timeout: 180_000 }, () =>
  inPortal(async (page, { main, heading, dialog, button, rows: rowsOf, region, goTo, said }, errors) => {
    errors.expect(/status of 503/);
    errors.expect(/status of 409.*stagedDeletions/);
    await importPeople(context, rows);
    const directory = await tenant(context);
    job = await provisioning(context, { url: directory.scimUrl, token: directory.token });
    await page.goto(`${context.url}/applications/${job.app.id}/held-deletions`);
    await heading("Held deletions").waitFor();
    await main.getByText("Nothing is held").waitFor();
    await checkPage(page, "held-empty");

    (await context.api.patch(job.path, { synchronizationJobSettings: [{ name: "QuarantineTooManyDeletesThreshold", value: "3" }] })).expect(204);
    await job.run();
    await leave(6, 7, 8, 9);
    await job.run();

    await page.reload();
    await goTo("Home");
    const concern = region("Needs attention").getByRole("link", { name: "Peakon: deletions are held and wait for a decision" });
    await concern.waitFor();
    await checkPage(page, "home-attention");
    await page.route("**/synchronization/jobs", (route) => route.fulfill({ status: 503, json: busy }));
    await page.reload();
    await region("Needs attention").getByText("The job is busy.").waitFor();
    await page.unroute("**/synchronization/jobs");
    await region("Needs attention").getByRole("button", { name: "Try again" }).click();
    await concern.waitFor();

    await page.goto(`${context.url}/applications/${job.app.id}/overview`);
    await main.getByRole("link", { name: "Review held deletions" }).click();
    await heading("Held deletions").waitFor();
    const table = rowsOf("Held deletions");
    await table.filter({ hasText: "Person 9" }).waitFor();
    assert.equal(await table.count(), 1 + 4);
    assert.match(await table.filter({ hasText: "Person 9" }).innerText(), /Person 9\s+User\s+Disable\s+Undecided/);
    await checkPage(page, "held");
    assert.equal(await button("Approve chosen").getAttribute("aria-disabled"), "true");

    await page.getByRole("checkbox", { name: "Choose Person 8" }).check();
    await button("Reject chosen").click();
    await dialog("Keep 1 account?").getByText("Nothing is done to 1 account in Peakon").waitFor();
    await checkPage(page, "held-question");
    await page.route("**/reject", (route) => route.fulfill({ status: 503, json: busy }));
    await dialog("Keep 1 account?").getByRole("button", { name: "Reject", exact: true }).click();
    await dialog("Keep 1 account?").getByText("The job is busy.").waitFor();
    await page.unroute("**/reject");
    await dialog("Keep 1 account?").getByRole("button", { name: "Reject", exact: true }).click();
    await said("Rejected");
    await table.filter({ hasText: "Person 8" }).getByText("Rejected").waitFor();

    await page.getByLabel("Show", { exact: true }).selectOption({ label: "Rejected" });
    await page.waitForURL(/status=rejected/);
    await table.filter({ hasText: "Person 9" }).waitFor({ state: "detached" });
    await page.getByLabel("Show", { exact: true }).selectOption({ label: "Approved" });
    await main.getByText("Nothing matches").waitFor();
    await button("Show all").click();
    await table.filter({ hasText: "Person 9" }).waitFor();

    // Another one is held while the page stands there, and no longer follows the job after the decision above: the
    // question is about those that were seen.
    await page.reload();
    await table.filter({ hasText: "Person 9" }).waitFor();
    await settled(page);
    await leave(5);
    await job.run();
    await button("Approve all undecided").click();
    const stale = dialog("Disable or delete 3 accounts?");
    await stale.getByRole("button", { name: "Approve", exact: true }).click();
    await stale.getByText("4 are undecided by now, not 3. Nothing was decided.").waitFor();
    await checkPage(page, "held-more");
    await stale.getByRole("button", { name: "Cancel" }).click();
    await table.filter({ hasText: "Person 5" }).waitFor();
    await button("Approve all undecided").click();
    await dialog("Disable or delete 4 accounts?").getByRole("button", { name: "Approve", exact: true }).click();
    await said("Approved");
    await table.filter({ hasText: "Person 9" }).waitFor({ state: "detached", timeout: 60_000 });
    await table.filter({ hasText: "Person 8" }).waitFor();
    const account = async (index) => (await directory.scim.get(`/Users?filter=${encodeURIComponent(`userName eq "${rows[index].userPrincipalName}"`)}`)).json.Resources[0].active;
    // Person 8 was rejected, so that account still works.
    assert.deepEqual([await account(7), await account(8), await account(9)], [false, true, false]);
  }));

test("held deletions: an error, and a narrow screen", { timeout: 120_000 }, () =>
  inPortal(
    async (page, { main, heading }, errors) => {
      errors.expect(/status of 503/);
      await page.route("**/stagedDeletions?*", (route) => route.fulfill({ status: 503, json: busy }));
      await page.goto(`${context.url}/applications/${job.app.id}/held-deletions`);
      await heading("Held deletions").waitFor();
      await main.getByText("The job is busy.").waitFor();
      await checkPage(page, "held-error");
      await page.unroute("**/stagedDeletions?*");
      await main.getByRole("button", { name: "Try again" }).click();
      await main.getByRole("checkbox", { name: "Choose Person 8" }).waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
      for (const scheme of ["light", "dark"]) {
        await setColorScheme(page, scheme);
        await picture(page, `narrow-held-${scheme}`);
      }
      await page.goto(context.url);
      await settled(page);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
      await checkPage(page, "narrow-home");
    },
    { width: 375, height: 1400 },
  ));
