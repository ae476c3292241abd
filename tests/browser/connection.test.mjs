/**
 * What is known of the application before and after a cycle: Test Connection probe by probe, and what it supports.
 * The answers are those of the contract in docs/management-api.md, so that every state can be seen.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { useServer } from "../worker/support/server.mjs";
import { addJob, application } from "../worker/support/setup.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { picture, setColorScheme, settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const context = useServer();
const inPortal = usePortal(context);
const credentials = { BaseAddress: "https://peakon.example/scim/v2", SecretToken: "secret" };
const pageOf = ({ id }, page) => `${context.url}/applications/${id}/${page}`;
const probe = (name, displayName, status, message = "", durationInMilliseconds = 12) => ({ name, displayName, status, message, durationInMilliseconds });

test("Test Connection tells each probe, what failed and what was skipped", { timeout: 120_000 }, () =>
  inPortal(async (page, { main, button }) => {
    const app = await application(context);
    await addJob(context, app, credentials);
    let value = [
      probe("address", "The address answers", "success", "The connection comes about."),
      probe("authentication", "The credentials are accepted", "failure", "The token was refused (401). Create a new one, and paste it here."),
      probe("users", "A search for an account that nobody has finds nobody", "skipped", "An earlier probe failed; remove its cause first.", 0),
    ];
    await page.route(/validateCredentials\?details=true$/, (route) => route.fulfill({ json: { value } }));
    await page.goto(pageOf(app, "provisioning"));
    await settled(page);
    await button("Test Connection").click();
    await main.getByRole("alert").getByText("The token was not accepted. The step that failed says what to change.").waitFor();
    const steps = page.getByRole("list", { name: "Steps of the test" }).getByRole("listitem");
    const told = await steps.allInnerTexts();
    assert.match(told[0], /The address answers\s+12 ms\s+Success\s+The connection comes about\./);
    assert.match(told[1], /Failure\s+The token was refused \(401\)\. Create a new one/);
    assert.match(told[2], /Skipped\s+An earlier probe failed/);
    await steps.first().scrollIntoViewIfNeeded();
    await checkPage(page, "connection-failed");

    // What was tested is no longer what the form says.
    await page.getByLabel("Secret Token").fill("another");
    await steps.first().waitFor({ state: "detached" });
    value = value.map((one, at) => ({ ...one, status: at === 1 ? "warning" : "success" }));
    await button("Test Connection").click();
    await page.getByText("The connection works: the application accepts the credentials and answers as a SCIM endpoint. A step has a warning.").waitFor();
    await checkPage(page, "connection-warning");
  }));

test("an answer about a token that was changed meanwhile is not shown beside the new one", { timeout: 120_000 }, () =>
  inPortal(async (page, { button }) => {
    const app = await application(context);
    await addJob(context, app, credentials);
    const held = [];
    await page.route(/validateCredentials\?details=true$/, (route) => void held.push(route));
    await page.goto(pageOf(app, "provisioning"));
    await settled(page);
    const works = page.getByText("The connection works");
    const good = { json: { value: [probe("address", "The address answers", "success")] } };
    const ask = async () => {
      await button("Test Connection").click();
      return until("the connection is tested", () => held.shift());
    };
    const first = await ask();
    await page.getByLabel("Secret Token").fill("another");
    // The test of the new one can begin, and the answer about the old one comes meanwhile.
    const second = await ask();
    const answered = page.waitForResponse(/validateCredentials/);
    await first.fulfill(good);
    await answered;
    await page.waitForTimeout(300);
    assert.equal(await works.count(), 0);
    await button("Test Connection").and(page.locator("[aria-busy=true]")).waitFor();
    await second.fulfill(good);
    await works.waitFor();
  }));

test("the overview tells what the application supports, or that it is not known", { timeout: 120_000 }, () =>
  inPortal(async (page, { region, button }, errors) => {
    errors.expect(/status of 503.*capabilities/);
    const app = await application(context);
    await addJob(context, app, credentials);
    const card = region("What the application supports");
    await page.route("**/capabilities", (route) => route.fulfill({ status: 404, json: { error: { code: "Request_ResourceNotFound", message: "Never read." } } }));
    await page.goto(pageOf(app, "overview"));
    await card.getByText("Not known yet.").waitFor();
    await page.unrouteAll();

    await page.route("**/capabilities", (route) => route.fulfill({ status: 503, json: { error: { code: "ServiceUnavailable", message: "The job is busy." } } }));
    await page.reload();
    await card.getByRole("alert").getByText("The job is busy.").waitFor();
    await page.unrouteAll();

    const read = {
      checkedDateTime: new Date().toISOString(),
      patch: true,
      bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 1048576 },
      filter: { supported: true, maxResults: 200 },
      sort: false,
      etag: true,
      changePassword: false,
      authenticationSchemes: [{ type: "oauthbearertoken", name: "OAuth bearer token" }],
    };
    await page.route("**/capabilities", (route) => route.fulfill({ json: read }));
    await button("Try again").click();
    await card.getByText("Yes, up to 1,000 operations and 1,048,576 bytes a request").waitFor();
    await card.getByText("Yes, up to 200 results").waitFor();
    await card.getByText("OAuth bearer token").waitFor();
    await card.scrollIntoViewIfNeeded();
    await checkPage(page, "capabilities");
    read.bulk = { supported: false, maxOperations: null, maxPayloadSize: null };
    await page.reload();
    assert.match(await card.getByText("Several at once").locator("..").innerText(), /No$/);
    await page.setViewportSize({ width: 375, height: 1400 });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
    await card.scrollIntoViewIfNeeded();
    for (const scheme of ["light", "dark"]) {
      await setColorScheme(page, scheme);
      await picture(page, `narrow-capabilities-${scheme}`);
    }
  }));
