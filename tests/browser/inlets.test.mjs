/**
 * Inlets in the portal, against a Microsoft Graph made for tests: added, tested, watched, paused, reset, changed,
 * deleted. Everything is found by role and label; axe looks at every page and dialog.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Graph } from "../worker/support/graph.mjs";
import { useServer } from "../worker/support/server.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { picture, setColorScheme, settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const context = useServer();
const inPortal = usePortal(context);

/** Works with a tenant of some people. */
async function withGraph(work) {
  const graph = await new Graph().listen();
  try {
    const people = Array.from({ length: 12 }, (_, index) => graph.addUser({ userPrincipalName: `u${index}@contoso.com`, displayName: `U ${index}` }));
    graph.addGroup("Everybody", people);
    await work(graph, people);
  } finally {
    await graph.close();
  }
}

async function enter(form, { tenantId, clientId, clientSecret, origin }) {
  await form.getByLabel("Cloud").selectOption({ label: "Another address" });
  await form.getByLabel("Tenant ID").fill(tenantId);
  await form.getByLabel("Client ID").fill(clientId);
  await form.getByLabel("Client secret").fill(clientSecret);
  await form.getByLabel("Login origin").fill(origin);
  await form.getByLabel("Graph origin").fill(origin);
}

test("an inlet from the first test of its connection to its end", { timeout: 180_000 }, () =>
  withGraph((graph) =>
    inPortal(async (page, { main, dialog, button, heading, region, rows, said, goTo }, errors) => {
      errors.expect(/status of 400.*validateCredentials/);
      await goTo("Inlets");
      await main.getByText("No inlet yet").waitFor();
      await checkPage(page, "inlets-empty");

      await button("Add Microsoft Entra ID").first().click();
      const add = dialog("Add Microsoft Entra ID");
      const clouds = await add.getByLabel("Cloud").getByRole("option").allInnerTexts();
      assert.deepEqual(clouds, ["Microsoft Entra ID (global)", "US Government L4", "US Government L5 (DoD)", "China, operated by 21Vianet", "Another address"]);
      await add.getByRole("button", { name: "Add inlet" }).click();
      await add.getByText("Enter the Application (client) ID.").waitFor();
      await add.getByRole("alert").getByText("Something is missing").waitFor();
      await checkPage(page, "inlet-add-missing");

      await enter(add, graph);
      graph.permissions.delete("User.Read.All");
      const tryIt = () => add.getByRole("button", { name: "Test Connection" }).click();
      await tryIt();
      await add.getByRole("alert").getByText(/A permission is missing\.\s[\s\S]*User\.Read\.All/).waitFor();
      await checkPage(page, "inlet-permission");
      graph.permissions.add("User.Read.All");
      await add.getByLabel("Client secret").fill("wrong");
      assert.equal(await add.getByText("A permission is missing.").count(), 0, "it is not about what is entered now");
      await tryIt();
      await add.getByRole("alert").getByText("The credentials were not accepted.").waitFor();
      await add.getByLabel("Client secret").fill(graph.clientSecret);
      await tryIt();
      await add.getByRole("status").getByText("The connection works").waitFor();

      await add.getByLabel("Name").fill("Contoso");
      await add.getByLabel("Minutes between two rounds").fill("0");
      await add.getByRole("button", { name: "Add inlet" }).click();
      await add.getByText("whole number of minutes").waitFor();
      await add.getByLabel("Minutes between two rounds").fill("5");
      await add.getByLabel("Extension attributes").fill("extensionAttribute1, extensionAttribute2");
      // The first round waits until it was looked at.
      let go;
      const held = new Promise((done) => (go = done));
      graph.wait = ({ path }) => (path.includes("/users/delta") ? held : undefined);
      await add.getByRole("button", { name: "Add inlet" }).click();
      await heading("Contoso").waitFor();
      const round = region("Current round");
      await round.getByRole("progressbar", { name: "Progress of the round" }).waitFor();
      await round.getByText("Reading people…").waitFor();
      await button("Run now").and(page.locator("[aria-disabled=true]")).waitFor();
      await checkPage(page, "inlet-running");
      go();
      await region("Last round").getByText("Everything is read").waitFor();
      assert.match(await region("Last round").innerText(), /People read\s+12[\s\S]*Created\s+13/);
      await region("Schedule").getByText("12 people, 1 group").waitFor();
      await region("Schedule").getByText("every 5 minutes").waitFor();
      await region("Settings").getByText("extensionAttribute1, extensionAttribute2").waitFor();
      assert.ok(!(await page.content()).includes(graph.clientSecret), "the secret is nowhere");
      await checkPage(page, "inlet");

      await button("Pause").click();
      await said("The inlet is paused");
      await main.getByText("Paused", { exact: true }).waitFor();
      await button("Run now").click();
      await said("A round was started");
      await region("Last round").getByText("Changes are read").waitFor();

      await button("Reset").click();
      const reset = dialog("Reset Contoso?");
      await reset.getByText("are deleted from the workforce directory").waitFor();
      await reset.getByRole("button", { name: "Reset", exact: true }).click();
      await said("Everything is read again");
      await region("Last round").getByText("Everything is read").waitFor();

      await button("Edit").click();
      const edit = dialog("Edit inlet");
      assert.equal(await edit.getByLabel("Client secret").inputValue(), "");
      await edit.getByLabel("Name").fill("Contoso Ltd");
      await edit.getByRole("button", { name: "Test Connection" }).click();
      await edit.getByText("The connection works").waitFor();
      await checkPage(page, "inlet-edit");
      // Only what was changed is sent, so that what others change meanwhile stays.
      const [patch] = await Promise.all([
        page.waitForRequest((request) => request.method() === "PATCH"),
        edit.getByRole("button", { name: "Save" }).click(),
      ]);
      assert.deepEqual(patch.postDataJSON(), { displayName: "Contoso Ltd" });
      await said("Settings saved");
      await heading("Contoso Ltd").waitFor();

      // Something goes wrong with the tenant: the page and the list say what.
      graph.permissions.clear();
      await button("Run now").click();
      await main.getByRole("alert").getByText(/User\.Read\.All/).waitFor();
      await main.getByText("Waiting to try again").first().waitFor();
      await checkPage(page, "inlet-error");
      await goTo("Inlets");
      const row = rows("Inlets").filter({ hasText: "Contoso Ltd" });
      assert.match(await row.innerText(), /Waiting to try again[\s\S]*12 people, 1 group[\s\S]*User\.Read\.All/);
      await checkPage(page, "inlets");
      await row.getByRole("link", { name: "Contoso Ltd" }).click();
      await heading("Contoso Ltd").waitFor();

      await button("Delete inlet").click();
      const remove = dialog("Delete the inlet Contoso Ltd?");
      await remove.getByText("stays in the workforce directory (12 people, 1 group)").waitFor();
      await checkPage(page, "inlet-delete");
      await remove.getByRole("button", { name: "Delete inlet" }).click();
      await said("Contoso Ltd was deleted");
      await main.getByText("No inlet yet").waitFor();
      await goTo("People");
      await page.getByText("1–12 of 12 people").waitFor();
    }),
  ));

test("an inlet that is not there, and the pages of an inlet on a narrow screen", { timeout: 120_000 }, () =>
  withGraph((graph) =>
    inPortal(
      async (page, { main, heading, dialog, button }, errors) => {
        errors.expect(/status of 404.*inlets/);
        await page.goto(`${context.url}/inlets/nobody`);
        await main.getByText("Not found").first().waitFor();
        const inlet = (await context.api.post(`/directories/${context.workforceId}/inlets`, graph.settings)).expect(201).json;
        await page.goto(`${context.url}/inlets`);
        await main.getByRole("link", { name: "Contoso" }).press("Enter");
        await heading("Contoso").waitFor();
        await settled(page);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
        for (const scheme of ["light", "dark"]) {
          await setColorScheme(page, scheme);
          await picture(page, `narrow-inlet-${scheme}`);
        }
        await button("Edit").press("Enter");
        await dialog("Edit inlet").getByLabel("Tenant ID").waitFor();
        await picture(page, "narrow-inlet-edit");
        await page.keyboard.press("Escape");
        await dialog("Edit inlet").waitFor({ state: "hidden" });
        (await context.api.delete(`/directories/${context.workforceId}/inlets/${inlet.id}`)).expect(204);
      },
      { width: 375, height: 1400 },
    ),
  ));
