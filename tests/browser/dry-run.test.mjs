/**
 * Application → Dry run: a plan before the first cycle, one that takes a while, deletions that would be held, an
 * application that refuses. Everything is found by role and label; axe looks at every state.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { useServer } from "../worker/support/server.mjs";
import { addJob, application, assign, findGroup, importPeople, people, provisioning, tenant } from "../worker/support/setup.mjs";
import { useTarget } from "../worker/support/target.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { picture, setColorScheme, settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const rows = people(8);
const context = useServer({ prepare: () => importPeople(context, rows) });
const inPortal = usePortal(context);

/** Opens the page of a job. */
async function open(page, { heading }, { app }) {
  await page.goto(`${context.url}/applications/${app.id}/dry-run`);
  await heading("Dry run").waitFor();
  await settled(page);
}

/** Makes a plan and waits until the page shows it in a state. */
async function plan(page, { button, region }, state = "Finished") {
  await button("Plan the next cycle").click();
  await region("Plan").getByText(state, { exact: true }).first().waitFor({ timeout: 60_000 });
  await settled(page);
}

/** A job of people of their own, in a group of theirs. */
async function jobOf(count, name, target, settings = {}) {
  await importPeople(context, people(count, `${name.toLowerCase()}.example`).map((row) => ({ ...row, manager: "", groups: name })));
  const app = await application(context);
  const assignment = (await assign(context, app, (await findGroup(context, name)).id)).expect(201).json;
  return { assignment, job: await addJob(context, app, { BaseAddress: target.url ?? target.scimUrl, SecretToken: target.token, ...settings }) };
}

test("a plan before the first cycle: filters, requests, export, and nothing written", { timeout: 180_000 }, () =>
  inPortal(async (page, ways, errors) => {
    errors.expect(/status of 503.*\/plans\//);
    const { main, button, dialog, region, rows: rowsOf, said, openTab, heading } = ways;
    const target = await useTarget();
    const job = await provisioning(context, { url: target.url, token: target.token });
    await page.goto(`${context.url}/applications/${job.app.id}/overview`);
    await openTab("Dry run");
    await main.getByText("No plan yet").waitFor();
    await checkPage(page, "dry-run-empty");

    await plan(page, ways);
    await region("Plan").getByText("Nothing was written to Peakon.").waitFor();
    assert.match(await region("Plan").innerText(), /Initial cycle[\s\S]*Kept until[\s\S]*Created\s+8/);
    await main.getByRole("status").getByText("8 of 8 objects shown").waitFor();
    await checkPage(page, "dry-run");

    await page.getByLabel("Person or group").fill("person 3");
    await main.getByRole("status").getByText("1 of 1 objects shown").waitFor();
    const row = rowsOf("Planned changes").filter({ hasText: "Person 3" });
    assert.match(await row.innerText(), /User\s+Create\s+Planned\s+[\s\S]*userName: person3@contoso\.com/);
    await page.getByLabel("Action").selectOption({ label: "Disable" });
    await main.getByText("Nothing matches").waitFor();
    await page.getByLabel("Action").selectOption({ label: "Create" });
    await row.waitFor();
    await page.waitForURL(/person=person%203.*action=create|action=create.*person=person%203/);

    await button("Person 3: details").click();
    const drawer = dialog("Planned change");
    const request = drawer.getByRole("group", { name: "POST request" });
    await request.waitFor();
    const text = await request.innerText();
    assert.ok(text.startsWith(`POST ${target.url}/Users\n`), text);
    assert.match(text, /\nAuthorization: Bearer \*\n[\s\S]*\n\n\{[\s\S]*"userName": "person3@contoso\.com"/);
    assert.ok(!text.includes(target.token));
    await drawer.getByRole("button", { name: "Copy as curl" }).click();
    await drawer.getByText("Copied", { exact: true }).waitFor();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(command.startsWith(`curl -X POST '${target.url}/Users' \\\n  -H "Authorization: Bearer $SECRET_TOKEN" \\\n`), command);
    assert.match(command, /--data-raw '\{.*"userName":"person3@contoso\.com"/);
    await checkPage(page, "dry-run-requests");
    await drawer.getByRole("tab", { name: "Steps" }).click();
    await drawer.getByRole("heading", { name: "Determine scope" }).waitFor();
    await drawer.getByRole("tab", { name: "Modified properties" }).click();
    await drawer.getByText("person3@contoso.com").first().waitFor();
    await drawer.getByRole("link", { name: "Person 3" }).waitFor();
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "hidden" });

    const [file] = await Promise.all([page.waitForEvent("download"), button("Download JSON").click()]);
    assert.equal(file.suggestedFilename(), "plan.json");
    const saved = JSON.parse(readFileSync(await file.path(), "utf8"));
    assert.deepEqual([saved.state, saved.value.length, saved["@odata.nextLink"]], ["finished", 8, undefined]);

    await page.getByLabel("Person or group").fill("");
    await page.getByLabel("Action").selectOption({ label: "All" });
    await plan(page, ways);
    await rowsOf("Kept plans").nth(2).waitFor();
    assert.equal(await rowsOf("Kept plans").count(), 3, "two plans and the head");
    await rowsOf("Kept plans").nth(2).getByRole("link").click();
    await main.getByRole("status").getByText("8 of 8 objects shown").waitFor();
    await button("Delete plan").click();
    const ask = dialog("Delete plan of Peakon?");
    await checkPage(page, "dry-run-delete");
    await ask.getByRole("button", { name: "Delete plan", exact: true }).click();
    await said("The plan was deleted");
    await region("Kept plans").waitFor({ state: "hidden" });
    assert.deepEqual([target.writes.length, (await job.read()).status.code, (await job.cycles()).length], [0, "NotRun", 0]);

    await page.goto(`${context.url}/applications/${job.app.id}/dry-run?plan=gone`);
    await heading("Dry run").waitFor();
    await button("Show the newest plan").click();
    await region("Plan").waitFor();

    await job.run();
    await open(page, ways, job);
    await plan(page, ways);
    await main.getByText("Nothing to do").waitFor();
    await checkPage(page, "dry-run-nothing");

    // The same plan, whose objects cannot be read: that is no agreement.
    const busy = { error: { code: "ServiceUnavailable", message: "The job is busy." } };
    await page.route(/\/plans\/[^/]+$/, (route) => route.fulfill({ status: 503, json: busy }));
    await page.reload();
    await region("Planned changes").getByRole("alert").getByText("The job is busy.").waitFor();
    assert.equal(await main.getByText("Nothing to do").count(), 0);
    await checkPage(page, "dry-run-unread");
  }));

test("a plan that takes a while shows how far it is, and can be cancelled", { timeout: 180_000 }, () =>
  inPortal(async (page, ways) => {
    const { main, button, dialog, region, said } = ways;
    const target = await useTarget();
    target.wait = () => new Promise((resolve) => setTimeout(resolve, 300));
    const { job } = await jobOf(150, "Long", target);
    await open(page, ways, job);
    await plan(page, ways, "Running");
    await region("Plan").getByRole("progressbar", { name: "Progress of the plan" }).waitFor();
    await region("Plan").getByText(/objects? read so far/).waitFor();
    assert.equal(await button("Plan the next cycle").getAttribute("title"), "A plan is being made");
    await checkPage(page, "dry-run-running");
    await region("Plan").getByText("Finished", { exact: true }).waitFor({ timeout: 60_000 });
    await main.getByRole("status").getByText("150 of 150 objects shown").waitFor();

    await plan(page, ways, "Running");
    await button("Cancel plan").click();
    await dialog("Cancel plan of Peakon?").getByRole("button", { name: "Cancel plan", exact: true }).click();
    await said("The plan was deleted");
    await region("Plan").getByText("Finished", { exact: true }).waitFor();
    assert.equal(target.writes.length, 0);
  }));

test("deletions that would be held are marked", { timeout: 180_000 }, () =>
  inPortal(async (page, ways) => {
    const { main, button, dialog, region } = ways;
    const directory = await tenant(context);
    const SyncNotificationSettings = JSON.stringify({ Enabled: false, DeleteThresholdEnabled: true, Recipients: "" });
    const { job, assignment } = await jobOf(510, "Threshold", directory, { SyncNotificationSettings });
    await job.run();
    (await context.api.delete(`${job.app.path}/appRoleAssignedTo/${assignment.id}`)).expect(204);
    await open(page, ways, job);
    await plan(page, ways);
    await region("Plan").getByText("510 deletions would be held back.").waitFor();
    await main.getByRole("status").getByText("200 of 510 objects shown").waitFor();
    await page.getByLabel("Status").selectOption({ label: "Planned" });
    await main.getByRole("status").getByText("200 of 510").waitFor({ state: "hidden" });
    await page.getByLabel("Status").selectOption({ label: "Held back" });
    await main.getByRole("status").getByText("200 of 510 objects shown").waitFor();
    await checkPage(page, "dry-run-held");
    await button("Show more").click();
    await main.getByRole("status").getByText("400 of 510 objects shown").waitFor();
    // Whoever: the plan takes people in no order that a person would know.
    await main.getByRole("button", { name: /^Person \d+: details$/ }).first().click();
    await dialog("Planned change").getByText("this one would be held back").waitFor();
    await checkPage(page, "dry-run-held-details");
  }));

test("what cannot be planned is told", { timeout: 120_000 }, () =>
  inPortal(async (page, ways) => {
    const { main, region } = ways;
    await page.goto(`${context.url}/applications/${(await application(context)).id}/dry-run`);
    await main.getByText("Not connected yet").waitFor();
    await checkPage(page, "dry-run-unconnected");
    const target = await useTarget();
    const job = await provisioning(context, { url: target.url, token: target.token });
    target.fault = () => ({ status: 401 });
    await open(page, ways, job);
    await plan(page, ways, "Failed");
    await region("Plan").getByText("The plan could not be made.").waitFor();
    // An empty list of a plan that was not made says nothing.
    await region("Planned changes").waitFor();
    await settled(page);
    assert.equal(await main.getByText("Nothing to do").count(), 0);
    await checkPage(page, "dry-run-failed");
  }));

test("on a narrow screen nothing is wider than the screen", { timeout: 60_000 }, () =>
  inPortal(
    async (page, ways) => {
      const target = await useTarget();
      const job = await provisioning(context, { url: target.url, token: target.token });
      await open(page, ways, job);
      await plan(page, ways);
      await ways.region("Planned changes").waitFor();
      await ways.main.getByRole("status").getByText("8 of 8 objects shown").waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
      for (const scheme of ["light", "dark"]) {
        await setColorScheme(page, scheme);
        await picture(page, `narrow-dry-run-${scheme}`);
      }
    },
    { width: 375, height: 1800 },
  ));
