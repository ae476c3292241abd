/** What the log comes to: charts that lead to the filtered log, saved views of it, and the timeline of a person. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useServer } from "../worker/support/server.mjs";
import { application, findUser, importPeople, people, provisioning } from "../worker/support/setup.mjs";
import { useTarget } from "../worker/support/target.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { picture, setColorScheme, settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const busy = { error: { code: "ServiceUnavailable", message: "The log is busy." } };
let job, person;
const context = useServer({
  prepare: async () => {
    await importPeople(context, people(8));
    const target = await useTarget();
    job = await provisioning(context, { url: target.url, token: target.token });
    let creations = 0;
    target.fault = ({ method }) => (method === "POST" && (creations += 1) > 6 ? { status: 400 } : undefined);
    await job.run();
    const failed = (await context.api.get(`/auditLogs/provisioning?$filter=${encodeURIComponent(`jobId eq '${job.id}' and provisioningStatusInfo/status eq 'failure'`)}`)).expect(200).json.value;
    person = failed[0].sourceIdentity;
  },
});
const inPortal = usePortal(context);

test("insights: empty, failed, charts, and the way to the entries", { timeout: 120_000 }, () =>
  inPortal(async (page, { main, heading, region, rows, openTab, button }, errors) => {
    errors.expect(/status of 503/);
    const other = await application(context, "Peakon", "Quiet");
    await page.goto(`${context.url}/applications/${other.id}/insights`);
    await heading("Insights").waitFor();
    await main.getByText("No entries in this time").waitFor();
    await checkPage(page, "insights-empty");

    await page.goto(`${context.url}/applications/${job.app.id}/overview`);
    await openTab("Insights");
    await region("By day").waitFor();
    assert.match(await rows("Entries by day").nth(1).innerText(), /^\d{4}-\d\d-\d\d\s+\d+/);
    assert.match(await rows("Entries by action").filter({ hasText: "Create" }).innerText(), /Create\s+6\s+0\s+0\s+2/);
    await rows("Durations").filter({ hasText: "Create" }).getByText(/ms|s$/).first().waitFor();
    await checkPage(page, "insights");

    // A part of a bar leads to what it counts, and so does the number beside it.
    await main.locator(".day-chart .failure").click();
    await heading("Provisioning logs").waitFor();
    await page.waitForURL(/day=\d{4}-\d\d-\d\d&status=failure/);
    await settled(page);
    assert.equal(await rows("Provisioning logs").count(), 1 + 2);
    await button("Remove the filter Day (UTC): ".concat(new URL(page.url()).searchParams.get("day"))).click();
    await page.waitForURL((url) => !url.search.includes("day="));
    await page.goBack();
    await page.goBack();
    await heading("Insights").waitFor();
    await rows("Most frequent errors").getByRole("link", { name: "InvalidRequest", exact: true }).click();
    // The log shows the period that was counted.
    await page.waitForURL(/error=InvalidRequest&since=\d{4}-\d\d-\d\d$/);
    await settled(page);
    assert.equal(await rows("Provisioning logs").count(), 1 + 2);
    await button("Remove the filter Since (UTC): ".concat(new URL(page.url()).searchParams.get("since"))).waitFor();
    await button("Remove the filter Error: InvalidRequest").waitFor();
    await checkPage(page, "log-of-an-error");
    await page.goBack();
    await rows("Most frequent errors").getByRole("link", { name: "Example of InvalidRequest" }).click();
    await page.getByRole("dialog", { name: "Log entry" }).getByRole("tab", { name: "Steps" }).waitFor();

    await page.route("**/statistics?*", (route) => route.fulfill({ status: 503, json: busy }));
    await page.goto(`${context.url}/applications/${job.app.id}/insights`);
    await main.getByText("The log is busy.").waitFor();
    await checkPage(page, "insights-error");
    await page.unroute("**/statistics?*");
    await button("Try again").click();
    await region("By day").waitFor();
    await page.getByLabel("Period").selectOption({ label: "Last 7 days" });
    await page.waitForURL(/days=7/);
    await region("By day").waitFor();
  }));

test("views of the log are saved, used and removed", { timeout: 120_000 }, () =>
  inPortal(async (page, { main, heading, button, rows }) => {
    await page.goto(`${context.url}/applications/${job.app.id}/logs?status=failure`);
    await heading("Provisioning logs").waitFor();
    await main.getByText("No view is saved yet").waitFor();
    await settled(page);
    assert.equal(await rows("Provisioning logs").count(), 1 + 2);
    await page.getByLabel("Name of a view").fill("What failed");
    await button("Save view").click();
    const view = main.getByRole("list", { name: "Saved views" }).getByRole("link", { name: "What failed" });
    await view.waitFor();
    await checkPage(page, "log-views");
    // One without a name is called what it is.
    await button("Save view").click();
    await main.getByRole("link", { name: "status=failure" }).waitFor();
    await button("Remove the view status=failure").click();

    await page.goto(`${context.url}/applications/${job.app.id}/logs`);
    await view.click();
    await page.waitForURL(/\?status=failure$/);
    await settled(page);
    assert.equal(await page.getByLabel("Status", { exact: true }).inputValue(), "failure");
    assert.equal(await rows("Provisioning logs").count(), 1 + 2);
    await button("Remove the view What failed").click();
    await view.waitFor({ state: "detached" });
    await page.reload();
    await main.getByText("No view is saved yet").waitFor();
  }));

test("from entry to entry of the log by buttons and keys, and back to a person on demand", { timeout: 60_000 }, () =>
  inPortal(async (page, { main, heading, dialog, rows }) => {
    await page.goto(`${context.url}/applications/${job.app.id}/logs`);
    await rows("Provisioning logs").nth(1).waitFor();
    const count = (await rows("Provisioning logs").count()) - 1;
    assert.ok(count >= 3, `${count} entries`);
    const names = await main.getByRole("button", { name: /: details$/ }).allInnerTexts();
    const first = main.getByRole("button", { name: /: details$/ }).first();
    await first.click();
    const drawer = dialog("Log entry");
    const at = (number) => drawer.getByRole("status").getByText(`${number} of ${count}`, { exact: true }).waitFor();
    const shows = (index) => drawer.getByRole("link", { name: names[index], exact: true }).waitFor();
    await at(1);
    await shows(0);
    const [previous, next] = ["Previous entry (k)", "Next entry (j)"].map((name) => drawer.getByRole("button", { name }));
    assert.equal(await previous.getAttribute("aria-disabled"), "true");
    await next.click();
    await at(2);
    await shows(1);
    await next.press("j");
    await at(3);
    await shows(2);
    await next.press("k");
    await at(2);
    await previous.click();
    await at(1);
    await checkPage(page, "log-entry-neighbours");
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "hidden" });
    assert.ok(await first.evaluate((button) => button === document.activeElement), "the focus is where it was");

    await page.goto(`${context.url}/applications/${job.app.id}/logs?status=failure`);
    await main.getByRole("button", { name: `${person.displayName}: details` }).first().click();
    await drawer.getByRole("link", { name: "Provision on demand" }).click();
    await heading("Provision on demand").waitFor();
    await main.getByRole("list", { name: "Chosen" }).getByText(person.displayName).waitFor();
  }));

test("the timeline of a person, in the drawer and on the person's page", { timeout: 120_000 }, () =>
  inPortal(async (page, { main, heading, dialog, region }, errors) => {
    errors.expect(/status of 503/);
    await page.goto(`${context.url}/applications/${job.app.id}/logs?status=failure`);
    await main.getByRole("button", { name: `${person.displayName}: details` }).click();
    const drawer = dialog("Log entry");
    await drawer.getByRole("tab", { name: "Timeline" }).click();
    await drawer.getByRole("list", { name: "Timeline" }).getByRole("link", { name: "Create in Peakon" }).waitFor();
    await checkPage(page, "log-timeline");
    await drawer.getByRole("link", { name: person.displayName, exact: true }).click();
    await heading(person.displayName).waitFor();
    const timeline = region("Provisioning").getByRole("list", { name: "Timeline" });
    await timeline.getByText("InvalidRequest").first().waitFor();
    await checkPage(page, "person-timeline");
    await timeline.getByRole("link", { name: "Create in Peakon" }).click();
    await heading("Provisioning logs").waitFor();
    await dialog("Log entry").getByRole("tab", { name: "Steps" }).waitFor();

    await page.route("**/auditLogs/provisioning?*", (route) => route.fulfill({ status: 503, json: busy }));
    await page.goto(`${context.url}/people/${person.id}`);
    await region("Provisioning").getByText("The log is busy.").waitFor();
    await checkPage(page, "person-timeline-error");
    await page.unroute("**/auditLogs/provisioning?*");
    await region("Provisioning").getByRole("button", { name: "Try again" }).click();
    await timeline.getByRole("link", { name: "Create in Peakon" }).waitFor();
    const { id } = (await context.workforce.post("/Users", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "new@contoso.com", displayName: "New" })).expect(201).json;
    await page.goto(`${context.url}/people/${id}`);
    await region("Provisioning").getByText("Nothing yet").waitFor();
  }));

test("insights and timeline on a narrow screen", { timeout: 120_000 }, () =>
  inPortal(
    async (page, { heading, region }) => {
      await page.goto(`${context.url}/applications/${job.app.id}/insights`);
      await heading("Insights").waitFor();
      await region("By day").waitFor();
      await settled(page);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
      for (const scheme of ["light", "dark"]) {
        await setColorScheme(page, scheme);
        await picture(page, `narrow-insights-${scheme}`);
      }
      const { id } = await findUser(context, "person3@contoso.com");
      await page.goto(`${context.url}/people/${id}`);
      await region("Provisioning").waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
      await checkPage(page, "narrow-person-timeline");
    },
    { width: 375, height: 1800 },
  ));
