/**
 * Several inlets in the portal: their rules and order, and what they say differently, decided from the page that
 * lists it. Against two tenants made for tests; everything is found by role and label.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { Graph } from "../worker/support/graph.mjs";
import { useServer } from "../worker/support/server.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { picture, setColorScheme, settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const context = useServer();
const inPortal = usePortal(context);
const inlets = () => `/directories/${context.workforceId}/inlets`;

async function add(graph, more) {
  const { id } = (await context.api.post(inlets(), { ...graph.settings, ...more })).expect(201).json;
  await quiet();
  return id;
}

/** Waits until no inlet runs. */
const quiet = () => until("the end of all rounds", async () => (await context.api.get(inlets())).expect(200).json.value.every(({ status }) => status.state === "idle" && status.lastRun));

/** Works with two tenants that know the same people. */
async function withTenants(work) {
  const graphs = [await new Graph().listen(), await new Graph().listen()];
  const [cloud, staff] = graphs;
  for (const [name, number] of [["Ada", "1"], ["Bo", "2"]]) {
    cloud.addUser({ userPrincipalName: `${name}@contoso.com`, displayName: name, employeeId: number, department: "IT", jobTitle: "Clerk" });
    staff.addUser({ userPrincipalName: `${name}@contoso.com`, displayName: name, employeeId: number, department: "Research", city: "Bonn", jobTitle: "Chemist" });
  }
  // Of her they say the same, except to whom she reports.
  for (const [graph, manager] of [[cloud, "Ada"], [staff, "Bo"]]) {
    const { id } = graph.live("users").find(({ properties }) => properties.displayName === manager);
    graph.addUser({ userPrincipalName: "Cy@contoso.com", displayName: "Cy", employeeId: "3", department: "IT", city: "Bonn" }, { manager: id });
  }
  try {
    await work(cloud, staff);
  } finally {
    for (const graph of graphs) await graph.close();
  }
}

test("rules and order of inlets, and conflicts from the list to their end", { timeout: 180_000 }, () =>
  withTenants((cloud, staff) =>
    inPortal(async (page, { main, dialog, button, heading, region, rows, said, goTo }, errors) => {
      errors.expect(/status of (403|500).*conflicts|status of 409.*inlets/);
      const list = () => page.getByRole("table", { name: "Conflicts" }).getByRole("row");
      await page.goto(`${context.url}/inlets/conflicts`);
      await main.getByText("It takes two inlets to disagree about somebody.").waitFor();
      await checkPage(page, "conflicts-empty");

      await add(cloud, { displayName: "Cloud" });
      await add(staff, { displayName: "Staff", joinBy: "employeeId" });
      await page.goto(`${context.url}/inlets`);
      const row = (name) => rows("Inlets").filter({ has: page.getByRole("rowheader", { name }) });
      assert.match(await row("Cloud").innerText(), /100/);
      assert.match(await row("Staff").innerText(), /110/);
      assert.equal(await row("Cloud").getByRole("button").count(), 0, "the first cannot go up");
      await checkPage(page, "inlets-order");

      await main.getByRole("link", { name: "Where inlets say different things" }).click();
      await heading("Conflicts between inlets").waitFor();
      const department = list().filter({ hasText: "Ada" }).filter({ hasText: "department" });
      assert.match(await department.innerText(), /IT – Cloud[\s\S]*Research – Staff/);
      assert.equal(await list().count(), 6, "two attributes of two people, a manager, and the head");
      // A manager is a person: by name, and a link.
      const managers = list().filter({ hasText: "manager" });
      assert.match(await managers.innerText(), /Cy\s+manager\s+Ada – Cloud\s+Bo – Staff/);
      const ada = await department.getByRole("link", { name: "Ada" }).getAttribute("href");
      assert.equal(await managers.getByRole("link", { name: "Ada" }).getAttribute("href"), ada);
      await checkPage(page, "conflicts");
      assert.equal(await department.getByRole("link", { name: "Ada" }).getAttribute("href"), `/people/${(await context.workforce.get("/Users?filter=displayName%20eq%20%22Ada%22")).json.Resources[0].id}`);

      // The other inlet first: of all attributes.
      await button("Change who decides about department of Ada").click();
      const decide = dialog("Who decides about department?");
      await decide.getByRole("row", { name: /Cloud IT Counts/ }).waitFor();
      await checkPage(page, "conflict-decide");
      await decide.getByRole("button", { name: "Let it count first: Staff before Cloud" }).click();
      const order = dialog("Let Staff count before Cloud?");
      await order.getByText("gets the precedence 90").waitFor();
      await order.getByRole("button", { name: "Change the order" }).click();
      await said("Staff counts before Cloud");
      await decide.waitFor({ state: "hidden" });
      await list().filter({ hasText: "Ada" }).filter({ hasText: /Research – Staff[\s\S]*IT – Cloud/ }).waitFor();

      // One attribute is read no more: the conflict about it is over, for everybody.
      await quiet();
      await button("Change who decides about department of Ada").click();
      await decide.getByRole("button", { name: "Stop reading it: department from Staff" }).click();
      await dialog("Stop reading department from Staff?").getByRole("button", { name: "Stop reading", exact: true }).click();
      await said("Staff no longer reads department");
      await list().filter({ hasText: "department" }).first().waitFor({ state: "detached" });
      await quiet();

      // The settings of the inlet say so; another choice in the form.
      await goTo("Inlets");
      await row("Staff").getByRole("link", { name: "Staff" }).click();
      await heading("Staff").waitFor();
      const beside = region("Beside other inlets");
      assert.match(await beside.innerText(), /Find people by\s+Employee ID\s+Precedence\s+90/);
      assert.ok(!(await beside.innerText()).includes("department"));
      await button("Edit").click();
      const edit = dialog("Edit inlet");
      assert.equal(await edit.getByLabel("Find people by").inputValue(), "employeeId");
      const box = (name) => edit.getByRole("checkbox", { name, exact: true });
      assert.deepEqual([await box("department").isChecked(), await box("city").isChecked(), await box("Read all attributes").isChecked()], [false, true, false]);
      await checkPage(page, "inlet-rules");
      await box("employeeId").uncheck();
      await edit.getByLabel("Precedence").fill("1001");
      await edit.getByRole("button", { name: "Save" }).click();
      await edit.getByText("People are found by employeeId, so it has to be read.").waitFor();
      await edit.getByText("Enter a whole number from 0 to 1,000.").waitFor();
      await edit.getByLabel("Precedence").fill("100");
      await edit.getByLabel("Find people by").selectOption({ label: "E-mail address" });
      await edit.getByRole("button", { name: "Save" }).click();
      await edit.getByRole("alert").getByText(/precedence 100 is that of the inlet Cloud/).waitFor();
      await edit.getByLabel("Precedence").fill("120");
      await box("Read all attributes").check();
      await edit.getByRole("button", { name: "Save" }).click();
      await said("Settings saved");
      await beside.getByText("E-mail address").waitFor();
      assert.match(await beside.innerText(), /Precedence\s+120\s+Attributes that are read\s+all/);
      await quiet();

      // Upwards from the list.
      await goTo("Inlets");
      await button("Move up: Staff before Cloud").click();
      await dialog("Let Staff count before Cloud?").getByRole("button", { name: "Change the order" }).click();
      await said("Staff counts before Cloud");
      await button("Move up: Cloud before Staff").waitFor();
      await quiet();

      // What is said when it cannot be shown.
      const fails = async (status, message, text) => {
        await page.route(/\/conflicts\?/, (route) => route.fulfill({ status, json: { error: { code: "x", message } } }));
        await page.goto(`${context.url}/inlets/conflicts`);
        await main.getByText(text).waitFor();
        await page.unroute(/\/conflicts\?/);
      };
      await fails(403, "Only an administrator can see this.", "Only an administrator can see this.");
      await fails(500, "It broke.", "It broke.");
      await button("Try again").click();
      await list().first().waitFor();

      // Page by page, and an inlet without room before it.
      await page.route(/\/conflicts\?/, async (route) => {
        const url = new URL(route.request().url());
        url.searchParams.set("$top", "1");
        await route.fulfill({ response: await route.fetch({ url: url.href }) });
      });
      await page.goto(`${context.url}/inlets/conflicts`);
      const first = await list().nth(1).innerText();
      await button("Next").click();
      await until("another page", async () => (await list().nth(1).innerText()) !== first);
      await button("First").click();
      await until("the first page", async () => (await list().nth(1).innerText()) === first);
    }),
  ));

test("conflicts on a narrow screen", { timeout: 120_000 }, () =>
  inPortal(
    async (page, { main, dialog }) => {
      await page.goto(`${context.url}/inlets/conflicts`);
      await page.getByRole("table", { name: "Conflicts" }).waitFor();
      await settled(page);
      for (const scheme of ["light", "dark"]) {
        await setColorScheme(page, scheme);
        await picture(page, `narrow-conflicts-${scheme}`);
      }
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
      await main.getByRole("button", { name: /^Change who decides/ }).first().press("Enter");
      await dialog(/Who decides about/).getByRole("button", { name: /Let it count first/ }).waitFor();
      await picture(page, "narrow-conflict-decide");
    },
    { width: 375, height: 1400 },
  ));
