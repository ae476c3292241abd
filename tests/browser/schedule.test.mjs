/** Application → Provisioning: how often a job runs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useServer } from "../worker/support/server.mjs";
import { addJob, application } from "../worker/support/setup.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { picture, setColorScheme, settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const context = useServer();
const inPortal = usePortal(context);
const credentials = { BaseAddress: "https://peakon.example/scim/v2", SecretToken: "secret" };
const pageOf = ({ id }) => `${context.url}/applications/${id}/provisioning`;

test("the interval of a job is shown, checked and saved", { timeout: 120_000 }, () =>
  inPortal(async (page, { main, region, rows, said, openTab, goTo }) => {
    const app = await application(context);
    const job = await addJob(context, app, credentials);
    (await context.api.patch(job.path, { schedule: { interval: "PT2H" } })).expect(204);
    await page.goto(pageOf(app));
    const minutes = region("Schedule").getByLabel("Minutes between two cycles");
    await minutes.waitFor();
    assert.equal(await minutes.inputValue(), "120");
    await region("Schedule").getByText("start a cycle within seconds").waitFor();
    for (const wrong of ["", "0", "1441", "1.5"]) {
      await minutes.fill(wrong);
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await region("Schedule").getByText("Enter a whole number of minutes from 1 to 1,440.").waitFor();
    }
    await region("Schedule").scrollIntoViewIfNeeded();
    await checkPage(page, "schedule-wrong");
    assert.equal((await job.read()).schedule.interval, "PT2H");
    await minutes.fill("5");
    await page.getByText("There are unsaved changes.").waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await said("Settings saved");
    assert.equal((await job.read()).schedule.interval, "PT5M");
    await page.reload();
    await settled(page);
    assert.equal(await minutes.inputValue(), "5");
    await page.getByText("Everything is saved.").waitFor();
    await openTab("Overview", "Peakon");
    await main.getByText("every 5 minutes").waitFor();
    await goTo("Audit log");
    await rows("Configuration changes").filter({ hasText: "Update provisioning schedule" }).first().waitFor();
  }));

test("an application without a job begins with 40 minutes", { timeout: 60_000 }, () =>
  inPortal(
    async (page, { region }) => {
      await page.goto(pageOf(await application(context)));
      await settled(page);
      const minutes = region("Schedule").getByLabel("Minutes between two cycles");
      assert.equal(await minutes.inputValue(), "40");
      await region("Schedule").scrollIntoViewIfNeeded();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
      for (const scheme of ["light", "dark"]) {
        await setColorScheme(page, scheme);
        await picture(page, `narrow-schedule-${scheme}`);
      }
    },
    { width: 375, height: 1400 },
  ));
