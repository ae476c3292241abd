/**
 * Application → Provision on demand: preview and provisioning of one person told step by step, somebody out of
 * scope, an application that refuses, and a cycle that runs. Everything is found by role and label; axe looks at
 * every state.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { groupsOf, useGroups } from "../worker/support/groups.mjs";
import { useServer } from "../worker/support/server.mjs";
import { addJob, application, findGroup, findUser, importPeople, people, provisioning } from "../worker/support/setup.mjs";
import { useTarget } from "../worker/support/target.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { picture, setColorScheme, settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const rows = people(6);
const context = useServer({ prepare: () => importPeople(context, rows) });
const inPortal = usePortal(context);

const { groupsToTenant } = useGroups(context, rows);
const idOf = async (index) => (await findUser(context, rows[index].userPrincipalName)).id;
const pageOf = ({ app }, query = "") => `${context.url}/applications/${app.id}/on-demand${query}`;

/** Opens the page and waits until it knows the job. */
async function open(page, { heading }, job, query) {
  await page.goto(pageOf(job, query));
  await heading("Provision on demand").waitFor();
  await settled(page);
}

test("a person is previewed, then provisioned, then up to date", { timeout: 120_000 }, () =>
  inPortal(async (page, ways) => {
    const { main, button, region, openTab } = ways;
    const target = await useTarget();
    const job = await provisioning(context, { url: target.url, token: target.token });
    await page.goto(`${context.url}/applications/${job.app.id}/overview`);
    await openTab("Provision on demand");
    assert.equal(await button("Provision").getAttribute("title"), "Choose a person or group first");
    await checkPage(page, "on-demand-empty");

    await page.getByLabel("Search people").fill("Person 4");
    await page.getByRole("list", { name: "Found" }).getByRole("button", { name: /Person 4/ }).click();
    await button("Take out Person 4").waitFor();
    await button("Preview").click();
    await main.getByRole("status").getByText("Person 4 would be provisioned. This is a preview: nothing was written.").waitFor();
    assert.match(await region("Preview").innerText(), /Person 4[\s\S]*Create[\s\S]*Success/);
    const steps = region("Steps");
    assert.deepEqual(await steps.getByRole("heading", { level: 3 }).allInnerTexts(), ["Import", "Determine scope", "Match", "Process", "Perform action"]);
    const request = steps.getByRole("group", { name: "POST request" });
    assert.match(await request.innerText(), /^POST \/Users\s+\{[\s\S]*"userName": "person4@contoso\.com"/);
    assert.match(await region("Modified properties").innerText(), /userName: person4@contoso\.com/);
    assert.equal(target.writes.length, 0);
    await checkPage(page, "on-demand-preview");

    // The person is in the address.
    await page.reload();
    await button("Take out Person 4").waitFor();
    assert.equal(await region("Preview").count(), 0);
    await button("Provision").click();
    await main.getByRole("status").getByText("Person 4 was provisioned.").waitFor();
    assert.deepEqual([...target.users.values()].map(({ userName }) => userName), [rows[4].userPrincipalName]);
    await checkPage(page, "on-demand-result");
    await region("Result").getByRole("link", { name: "Show in the provisioning log" }).click();
    await main.getByRole("button", { name: "Person 4: details" }).waitFor();

    await open(page, ways, job, `?person=${await idOf(4)}`);
    await button("Provision").click();
    await main.getByRole("status").getByText(/^Person 4 (is up to date already|was skipped)\.$/).waitFor();
  }));

test("a group is previewed and provisioned with the members that are chosen", { timeout: 120_000 }, () =>
  inPortal(async (page, ways) => {
    const { main, button, region } = ways;
    const { directory, job } = await groupsToTenant();
    await open(page, ways, job);
    await page.getByLabel("Search people and groups").fill("Everybody");
    const found = page.getByRole("list", { name: "Found" }).getByRole("button");
    await found.filter({ hasText: "Everybody" }).click();
    await button("Take out Everybody").waitFor();
    for (const name of ["Person 0", "Person 1"]) {
      await page.getByLabel("Search members").fill(name);
      await found.filter({ hasText: name }).click();
      await button(`Take out ${name}`).waitFor();
    }
    await button("Preview").click();
    await main.getByRole("status").getByText("Everybody would be provisioned. This is a preview: nothing was written.").waitFor();
    assert.deepEqual(await groupsOf(directory), {});
    await checkPage(page, "on-demand-group");
    await button("Provision").click();
    await main.getByRole("status").getByText("Everybody was provisioned.").waitFor();
    assert.deepEqual(await groupsOf(directory), { Everybody: ["person0", "person1"] });
    const { id } = await findGroup(context, "Everybody");
    assert.equal(await region("Result").getByRole("link", { name: "Everybody" }).getAttribute("href"), `/groups/${id}`);
    assert.equal(new URL(page.url()).searchParams.get("group"), id);
    await page.reload();
    await button("Take out Everybody").waitFor();
    await page.getByLabel("Search members").waitFor();
  }));

test("why somebody is not provisioned", { timeout: 120_000 }, () =>
  inPortal(async (page, ways) => {
    const { main, button, region } = ways;
    const target = await useTarget();
    const app = await application(context);
    const outside = await addJob(context, app, { BaseAddress: target.url, SecretToken: target.token });
    await open(page, ways, outside, `?person=${await idOf(2)}`);
    await button("Take out Person 2").waitFor();
    await button("Preview").click();
    await main.getByRole("status").getByText("Person 2 would be skipped.").waitFor();
    assert.match(await region("Preview").innerText(), /Error code\s+\w+[\s\S]*assigned[\s\S]*Recommended action/i);
    await checkPage(page, "on-demand-skipped");
    await region("Preview").getByRole("link", { name: "Users and groups" }).waitFor();

    target.fault = () => ({ status: 401 });
    const job = await provisioning(context, { url: target.url, token: target.token });
    await open(page, ways, job, `?person=${await idOf(2)}`);
    await button("Take out Person 2").waitFor();
    await button("Provision").click();
    await main.getByRole("status").getByText("Person 2 was not provisioned").waitFor();
    await checkPage(page, "on-demand-failure");

    const unconnected = await application(context);
    await page.goto(pageOf({ app: unconnected }));
    await main.getByText("Not connected yet").waitFor();
    await main.getByRole("link", { name: "Go to Provisioning" }).waitFor();
    await checkPage(page, "on-demand-unconnected");
  }));

test("while a cycle runs it is refused, and possible when that has ended", { timeout: 120_000 }, () =>
  inPortal(async (page, ways, errors) => {
    const { main, button } = ways;
    errors.expect(/status of 409.*provisionOnDemand/);
    const target = await useTarget();
    const job = await provisioning(context, { url: target.url, token: target.token });
    await open(page, ways, job, `?person=${await idOf(3)}`);
    await button("Take out Person 3").waitFor();
    let release;
    const held = new Promise((resolve) => (release = resolve));
    target.wait = ({ method }) => (method === "POST" ? held : undefined);
    (await context.api.post(`${job.path}/start`)).expect(204);
    await until("the first creation", () => target.count("POST") > 0);
    // The page does not ask by itself, so it does not know of the cycle yet.
    await button("Provision").click();
    await main.getByRole("alert").getByText("A cycle is running. Wait until it ends").waitFor();
    await main.getByRole("status").getByText("this page follows it").waitFor();
    assert.equal(await button("Provision").getAttribute("title"), "A cycle is running");
    await checkPage(page, "on-demand-running");
    release();
    await page.waitForFunction(() => document.querySelector("main .button.primary")?.getAttribute("aria-disabled") === null);
    await button("Provision").click();
    await main.getByRole("status").getByText(/^Person 3 /).waitFor();
  }));

test("on a narrow screen nothing is wider than the screen", { timeout: 60_000 }, () =>
  inPortal(
    async (page, ways) => {
      const target = await useTarget();
      const job = await provisioning(context, { url: target.url, token: target.token });
      await open(page, ways, job, `?person=${await idOf(1)}`);
      await ways.button("Take out Person 1").waitFor();
      await ways.button("Preview").click();
      await ways.region("Steps").waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
      for (const scheme of ["light", "dark"]) {
        await setColorScheme(page, scheme);
        await picture(page, `narrow-on-demand-${scheme}`);
      }
    },
    { width: 375, height: 1600 },
  ));
