/** Application → Provisioning: deprovisioning, accidental deletions and pace: shown, checked, saved, guarded. */
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

test("deprovisioning and pace are checked, saved and shown again", { timeout: 180_000 }, () =>
  inPortal(async (page, { region, button, said, dialog, heading }) => {
    const app = await application(context);
    const job = await addJob(context, app, credentials);
    await page.goto(pageOf(app));
    await settled(page);
    const leaving = region("Deprovisioning");
    assert.ok(await leaving.getByRole("radio", { name: "Disable the account", exact: true }).isChecked());
    assert.equal(await leaving.getByLabel("Days until the account is deleted").count(), 0);
    await leaving.getByRole("radio", { name: "Disable the account, and delete it later" }).check();
    const days = leaving.getByLabel("Days until the account is deleted");
    assert.equal(await days.inputValue(), "30");
    await days.fill("366");
    const rate = region("Pace").getByLabel("Requests a second");
    await rate.fill("1001");
    await button("Save").click();
    await leaving.getByText("Enter a whole number of days from 0 to 365.").waitFor();
    await region("Pace").getByText("Enter a whole number from 0 to 1,000.").waitFor();
    await leaving.scrollIntoViewIfNeeded();
    await checkPage(page, "settings-wrong");

    await days.fill("14");
    await rate.fill("5");
    await page.getByText("There are unsaved changes.").waitFor();
    await page.getByRole("navigation", { name: "Application" }).getByRole("link", { name: "Overview", exact: true }).click();
    await dialog("Leave without saving?").getByRole("button", { name: "Cancel" }).click();
    await heading("Provisioning").waitFor();
    await button("Save").click();
    await said("Settings saved");
    const settings = Object.fromEntries((await job.read()).synchronizationJobSettings.map(({ name, value }) => [name, value]));
    assert.deepEqual([settings.DeprovisioningAction, settings.DeleteAfterDays, settings.RequestsPerSecond], ["DisableThenDelete", "14", "5"]);
    await page.reload();
    await settled(page);
    assert.equal(await days.inputValue(), "14");
    assert.equal(await rate.inputValue(), "5");
    await page.getByText("Everything is saved.").waitFor();
  }));

test("on a narrow screen nothing is wider than the screen", { timeout: 60_000 }, () =>
  inPortal(
    async (page, { region }) => {
      const app = await application(context);
      await addJob(context, app, credentials);
      await page.goto(pageOf(app));
      await settled(page);
      await region("Pace").scrollIntoViewIfNeeded();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
      for (const scheme of ["light", "dark"]) {
        await setColorScheme(page, scheme);
        await picture(page, `narrow-settings-${scheme}`);
      }
    },
    { width: 375, height: 1600 },
  ));
