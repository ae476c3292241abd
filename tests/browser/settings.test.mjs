/** Application → Provisioning: deprovisioning, accidental deletions and pace: shown, checked, saved, guarded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useServer } from "../worker/support/server.mjs";
import { addJob, application, settingsOf } from "../worker/support/setup.mjs";
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
    const settings = await settingsOf(job);
    assert.deepEqual([settings.DeprovisioningAction, settings.DeleteAfterDays, settings.RequestsPerSecond], ["DisableThenDelete", "14", "5"]);
    await page.reload();
    await settled(page);
    assert.equal(await days.inputValue(), "14");
    assert.equal(await rate.inputValue(), "5");
    await page.getByText("Everything is saved.").waitFor();
  }));

test("what somebody else saved meanwhile stays, and is shown", { timeout: 120_000 }, () =>
  inPortal(async (page, { region, button, said, openTab, main }) => {
    const app = await application(context);
    const notification = (value) => ({ key: "SyncNotificationSettings", value: JSON.stringify(value) });
    const job = await addJob(context, app, credentials);
    const kept = async () => (await context.api.get(job.secretsPath)).expect(200).json.value;
    const change = async (entries) => {
      const names = entries.map(({ key }) => key);
      const value = [...(await kept()).filter(({ key }) => !names.includes(key)), ...entries];
      (await context.api.put(job.secretsPath, { value })).expect(204);
    };
    await change([notification({ Enabled: true, Recipients: "a@contoso.com" })]);
    await page.goto(pageOf(app));
    await settled(page);
    const card = region("Admin credentials");
    const recipients = region("Notification").getByLabel("Notification e-mail");
    assert.equal(await recipients.inputValue(), "a@contoso.com");

    // Somebody else changes settings while the form stands open.
    await change([{ key: "BaseAddress", value: "https://other.example/scim/v2" }, { key: "SyncAll", value: "True" }]);
    await recipients.fill("a@contoso.com, b@contoso.com");
    await button("Save").click();
    await said("Settings saved");
    const now = Object.fromEntries((await kept()).map(({ key, value }) => [key, value]));
    assert.deepEqual([now.BaseAddress, now.SyncAll, now.SecretToken], ["https://other.example/scim/v2", "True", "*"]);
    assert.match(now.SyncNotificationSettings, /a@contoso\.com, b@contoso\.com/);
    await main.getByText("Everything is saved.").waitFor();
    assert.equal(await card.getByLabel("Tenant URL").inputValue(), "https://other.example/scim/v2");

    // And while the page was another one: the form begins with what is stored now, not with what is remembered.
    await openTab("Overview", "Peakon");
    await change([{ key: "BaseAddress", value: "https://third.example/scim/v2" }]);
    await page.evaluate(() => {
      const now = Date.now;
      Date.now = () => now() + 3_600_000;
    });
    await openTab("Provisioning");
    assert.equal(await card.getByLabel("Tenant URL").inputValue(), "https://third.example/scim/v2");
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

test("an OAuth client set over the API is kept, and the webhook's secret is shown once", { timeout: 180_000 }, () =>
  inPortal(async (page, { region, button, said, main }, errors) => {
    errors.expect(/status of 503.*secrets/);
    const app = await application(context);
    const client = { Oauth2TokenExchangeUri: "https://peakon.example/token", Oauth2ClientId: "rollcall", Oauth2ClientSecret: "hush", Oauth2Scope: "scim" };
    const job = await addJob(context, app, { BaseAddress: credentials.BaseAddress, ...client, SecretTokenExpires: "2031-01-31T12:00:00Z" });
    const refused = "The webhook answered 500.";
    await page.route("**/synchronization/jobs", async (route) => {
      const answer = await route.fetch();
      const json = await answer.json();
      json.value[0].status.notificationError = refused;
      await route.fulfill({ json });
    });
    await page.goto(pageOf(app));
    await settled(page);
    const [card, notification] = [region("Admin credentials"), region("Notification")];
    assert.ok(await card.getByRole("radio", { name: "OAuth client credentials" }).isChecked());
    assert.equal(await card.getByLabel("Client ID").inputValue(), "rollcall");
    assert.equal(await card.getByLabel("Client secret").inputValue(), "");
    assert.equal(await card.getByLabel("Runs out on").inputValue(), "2031-01-31");
    await card.getByText("The saved credentials run out").waitFor();
    await notification.getByRole("alert").getByText(refused).waitFor();
    await card.getByLabel("Token endpoint").fill("token");
    await notification.getByLabel("Webhook URL").fill("hook");
    await button("Save").click();
    assert.equal(await main.getByText("Enter a whole URL, beginning with https://.").count(), 2);
    await checkPage(page, "settings-client-wrong");
    await card.getByLabel("Token endpoint").fill(client.Oauth2TokenExchangeUri);
    await notification.getByLabel("Webhook URL").fill("https://hooks.example/rollcall");
    await page.route("**/synchronization/secrets", (route) => route.fulfill({ status: 503, json: { error: { code: "ServiceUnavailable", message: "The job is busy." } } }));
    await button("Save").click();
    await main.getByRole("alert").getByText("The job is busy.").waitFor();
    await page.unroute("**/synchronization/secrets");
    await button("Save").click();
    await said("Settings saved");
    const made = region("Secret of the webhook").getByRole("textbox", { name: "Webhook secret" });
    assert.match(await made.inputValue(), /^whsec_/);
    await made.scrollIntoViewIfNeeded();
    await checkPage(page, "settings-webhook-secret");
    const kept = async () => Object.fromEntries((await context.api.get(job.secretsPath)).expect(200).json.value.map(({ key, value }) => [key, value]));
    const { BaseAddress, AuthenticationType, SecretTokenExpires, WebhookSecret, SecretToken, ...rest } = await kept();
    assert.deepEqual([BaseAddress, AuthenticationType, SecretTokenExpires, WebhookSecret, SecretToken], [credentials.BaseAddress, "OAuth2ClientCredentials", "2031-01-31T12:00:00Z", "*", undefined]);
    assert.deepEqual([rest.Oauth2ClientId, rest.Oauth2ClientSecret, rest.Oauth2Scope], ["rollcall", "*", "scim"]);

    // A token instead: the client stays for the day somebody goes back to it.
    await card.getByRole("radio", { name: "Bearer token" }).check();
    await button("Save").click();
    await card.getByText("Enter the bearer token of the application.").waitFor();
    await card.getByLabel("Secret Token").fill("secret");
    await button("Save").click();
    await main.getByText("Everything is saved.").waitFor();
    const after = await kept();
    assert.deepEqual([after.AuthenticationType, after.SecretToken, after.Oauth2ClientSecret, after.WebhookSecret], ["BearerToken", "*", "*", "*"]);
    assert.equal(await region("Secret of the webhook").count(), 0);
    await page.setViewportSize({ width: 375, height: 1600 });
    await card.getByRole("radio", { name: "OAuth client credentials" }).check();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
    for (const scheme of ["light", "dark"]) {
      await setColorScheme(page, scheme);
      await picture(page, `narrow-settings-client-${scheme}`);
    }
  }));

test("nested groups, quirks, limits of deletions and of failures", { timeout: 120_000 }, () =>
  inPortal(async (page, { region, button, said }) => {
    const app = await application(context);
    const job = await addJob(context, app, credentials);
    await page.goto(pageOf(app));
    await settled(page);
    await page.getByLabel("Reach people in groups within assigned groups").check();
    const deletions = region("Accidental deletion prevention");
    await deletions.getByLabel("Hold back when there are too many").check();
    assert.equal(await deletions.getByLabel("Accounts that are too many").inputValue(), "500");
    await deletions.getByLabel("Percentage that is too much").fill("15");
    const advanced = page.getByText("Advanced", { exact: true });
    await advanced.click();
    await page.getByLabel("Send true and false as text").check();
    const percent = page.getByLabel("Failed objects that are too many, in percent");
    assert.equal(await percent.inputValue(), "40");
    await percent.fill("101");
    await advanced.click();
    await button("Save").click();
    // What is wrong is opened again.
    await page.getByText("Enter a whole number from 1 to 100.").waitFor();
    await percent.scrollIntoViewIfNeeded();
    await checkPage(page, "settings-advanced");
    // Nothing is no limit either: it would stay as it is, unsaid.
    await percent.fill("");
    await button("Save").click();
    await page.getByText("Enter a whole number from 1 to 100.").waitFor();
    assert.equal(await page.getByText("Settings saved").count(), 0);
    await percent.fill("50");
    await button("Save").click();
    await said("Settings saved");
    const settings = await settingsOf(job);
    assert.deepEqual([settings.NestedGroups, settings.Quirks], ["true", "StringBooleans"]);
    assert.deepEqual([settings.QuarantineTooManyDeletesThreshold, settings.QuarantineTooManyDeletesPercent], ["500", "15"]);
    await page.reload();
    await settled(page);
    await page.getByText("Everything is saved.").waitFor();
    assert.equal(await deletions.getByLabel("Percentage that is too much").inputValue(), "15");
    assert.ok(await page.getByLabel("Reach people in groups within assigned groups").isChecked());
  }));
