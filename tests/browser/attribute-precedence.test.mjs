/**
 * Single attributes with an order of the inlets of their own: from the list of conflicts, and on the page of the
 * inlets. Against three tenants made for tests; everything is found by role and label.
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
const quiet = () => until("the end of all rounds", async () => (await context.api.get(inlets())).expect(200).json.value.every(({ status }) => status.state === "idle" && status.lastRun));

/** Works with tenants that know the same people. */
async function withTenants(names, work) {
  const graphs = [];
  try {
    for (const displayName of names) {
      const graph = await new Graph().listen();
      graphs.push(graph);
      for (const person of ["Ada", "Bo"]) graph.addUser({ userPrincipalName: `${person}@contoso.com`, displayName: person, employeeId: person, department: `${displayName}'s`, jobTitle: `${person} of ${displayName}` });
      (await context.api.post(inlets(), { ...graph.settings, displayName, ...(graphs.length > 1 && { joinBy: "employeeId" }) })).expect(201);
      await quiet();
    }
    await work();
  } finally {
    for (const { id } of (await context.api.get(inlets())).json.value) await context.api.delete(`${inlets()}/${id}`);
    for (const graph of graphs) await graph.close();
  }
}

test("an attribute gets an order of its own, from a conflict and from the page of inlets", { timeout: 180_000 }, () =>
  withTenants(["Entra", "Staff", "Payroll"], () =>
    inPortal(async (page, { main, dialog, button, heading, region, rows, said, goTo }, errors) => {
      errors.expect(/status of (403|500).*attributePrecedence|status of 400.*attributePrecedence/);
      const titles = async () => (await context.workforce.get("/Users")).expect(200).json.Resources.map(({ title }) => title).sort();
      await page.goto(`${context.url}/inlets`);
      const section = region("Single attributes");
      await section.getByText("No attribute has an order of its own").waitFor();
      await checkPage(page, "single-attributes-empty");

      // From a conflict, after a question that names the effect.
      await page.goto(`${context.url}/inlets/conflicts`);
      await button("Change who decides about jobTitle of Ada").click();
      const decide = dialog("Who decides about jobTitle?");
      await decide.getByText("Payroll comes first for jobTitle, and for nothing else.").waitFor();
      await checkPage(page, "conflict-prefer");
      await decide.getByRole("button", { name: "Prefer for this attribute: Payroll for jobTitle" }).click();
      const prefer = dialog("Prefer Payroll for jobTitle?");
      await prefer.getByText("Inlets say different things about jobTitle for 2 people").waitFor();
      await prefer.getByRole("button", { name: "Cancel" }).click();
      assert.deepEqual(await titles(), ["Ada of Entra", "Bo of Entra"]);
      await decide.getByRole("button", { name: "Prefer for this attribute: Payroll for jobTitle" }).click();
      await prefer.getByRole("button", { name: "Prefer", exact: true }).click();
      await said("Payroll comes first for jobTitle");
      await decide.waitFor({ state: "hidden" });
      await rows("Conflicts").filter({ hasText: /Ada of Payroll – Payroll[\s\S]*Ada of Entra – Entra/ }).waitFor();
      assert.deepEqual(await titles(), ["Ada of Payroll", "Bo of Payroll"]);

      // The page of inlets shows it. Another order, by keyboard alone.
      await goTo("Inlets");
      const row = (name) => rows("Single attributes").filter({ has: page.getByRole("rowheader", { name }) });
      assert.match(await row("jobTitle").innerText(), /Payroll\s+2 people/);
      await checkPage(page, "single-attributes");
      await button("Change the order for jobTitle").press("Enter");
      const order = dialog("Order for jobTitle");
      const items = order.getByRole("list", { name: "Order of the inlets" }).getByRole("listitem");
      const names = async () => (await items.allInnerTexts()).map((text) => text.split("\n")[0]);
      await items.first().waitFor();
      assert.deepEqual(await names(), ["1. Payroll", "2. Entra", "3. Staff"]);
      await order.getByText("Inlets say different things about jobTitle for 2 people").waitFor();
      await checkPage(page, "single-attribute-order");
      await order.getByRole("button", { name: "Move up: Staff" }).press("Enter");
      await order.getByText("Staff is number 2 now.").waitFor();
      const focused = (name) => until(`the focus on ${name}`, () => order.getByRole("button", { name }).evaluate((node) => node === document.activeElement));
      await focused("Move up: Staff");
      await page.keyboard.press("Enter");
      await focused("Move down: Staff");
      assert.deepEqual(await names(), ["1. Staff", "2. Payroll", "3. Entra"]);
      await order.getByRole("button", { name: "Move down: Payroll" }).press("Enter");
      await focused("Move up: Payroll");
      assert.deepEqual(await names(), ["1. Staff", "2. Entra", "3. Payroll"]);
      await order.getByRole("button", { name: "Save" }).press("Enter");
      await said("jobTitle has an order of its own");
      await order.waitFor({ state: "hidden" });
      await row("jobTitle").filter({ hasText: "Staff, Entra, Payroll" }).waitFor();
      assert.deepEqual(await titles(), ["Ada of Staff", "Bo of Staff"]);

      // Another attribute; what the server refuses is said where it was asked.
      await button("Add an attribute").click();
      const add = dialog("An order for one attribute");
      const choice = add.getByLabel("Attribute");
      assert.ok(!(await choice.locator("option").allInnerTexts()).includes("jobTitle"), "it has one already");
      assert.equal(await choice.inputValue(), "department", "the one that inlets tell differently");
      await choice.selectOption("city");
      await add.getByText("No two inlets say different things about city, so nobody changes now.").waitFor();
      await choice.selectOption("department");
      await add.getByRole("button", { name: "Move up: Staff" }).click();
      await checkPage(page, "single-attribute-add");
      const answer = (status, json) => page.route(/attributePrecedence/, (route) => (route.request().method() === "PUT" ? route.fulfill({ status, json }) : route.continue()));
      await answer(400, { error: { code: "Request_BadRequest", message: "department: there is no inlet with the id `x` in this directory." } });
      await add.getByRole("button", { name: "Save" }).click();
      await add.getByRole("alert").getByText("there is no inlet with the id").waitFor();
      await page.unroute(/attributePrecedence/);
      await add.getByRole("button", { name: "Save" }).click();
      await said("department has an order of its own");
      await row("department").waitFor();

      // Away with it.
      await button("Remove the order for jobTitle").click();
      const remove = dialog("Give jobTitle the order of all attributes?");
      await remove.getByText("for 2 people").waitFor();
      await remove.getByRole("button", { name: "Remove the order" }).click();
      await said("jobTitle has the order of all attributes");
      await row("jobTitle").waitFor({ state: "detached" });
      assert.deepEqual(await titles(), ["Ada of Entra", "Bo of Entra"]);

      // What is said when it cannot be shown.
      for (const [status, message] of [[403, "Only an administrator can see this."], [500, "It broke."]]) {
        await page.route(/attributePrecedence/, (route) => route.fulfill({ status, json: { error: { code: "x", message } } }));
        await page.goto(`${context.url}/inlets`);
        await section.getByText(message).waitFor();
        await page.unroute(/attributePrecedence/);
      }
      await section.getByRole("button", { name: "Try again" }).click();
      await row("department").waitFor();
      // While many are gone through.
      await page.route(/attributePrecedence/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...(await response.json()), state: "running" } });
      });
      await page.goto(`${context.url}/inlets`);
      await section.getByText("The new order is being followed, person by person.").waitFor();
      await page.unroute(/attributePrecedence/);
      await section.getByText("The new order is being followed, person by person.").waitFor({ state: "detached" });
      await main.waitFor();
      await heading("Inlets").waitFor();
    }),
  ));

test("single attributes on a narrow screen, and with one inlet only", { timeout: 120_000 }, () =>
  withTenants(["Entra", "Staff"], () =>
    inPortal(
      async (page, { button, dialog, region, rows }) => {
        await page.goto(`${context.url}/inlets`);
        await button("Add an attribute").press("Enter");
        const add = dialog("An order for one attribute");
        await add.getByRole("button", { name: "Move up: Staff" }).press("Enter");
        await settled(page);
        for (const scheme of ["light", "dark"]) {
          await setColorScheme(page, scheme);
          await picture(page, `narrow-single-attribute-${scheme}`);
        }
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
        await add.getByRole("button", { name: "Cancel" }).click();
        const [, second] = (await context.api.get(inlets())).expect(200).json.value;
        (await context.api.delete(`${inlets()}/${second.id}`)).expect(204);
        await page.goto(`${context.url}/inlets`);
        await rows("Inlets").nth(1).waitFor();
        assert.equal(await region("Single attributes").count(), 0);
      },
      { width: 375, height: 1400 },
    ),
  ));
