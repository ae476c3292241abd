/**
 * Application → Mappings: their order, scoping filters with a live count and a reason for one person, review before
 * saving, somebody else's save, target attributes, files, and the way back to the defaults. Found by role and label.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { useServer } from "../worker/support/server.mjs";
import { addJob, application, importPeople, people } from "../worker/support/setup.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { picture, setColorScheme, settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const rows = people(12);
const context = useServer({ prepare: () => importPeople(context, rows) });
const inPortal = usePortal(context);
const filters = "Scoping filters for users";

async function open(page, { heading }) {
  const job = await addJob(context, await application(context));
  await page.goto(`${context.url}/applications/${job.app.id}/mappings`);
  await heading("Mappings").waitFor();
  await settled(page);
  const read = async () => (await context.api.get(`${job.path}/schema`)).expect(200).json;
  const users = (schema) => schema.synchronizationRules[0].objectMappings.find(({ sourceObjectName }) => sourceObjectName === "User");
  return { job, read, users };
}

/** A condition's fields. */
const condition = (region, filter, number) => region.getByRole("group", { name: `Filter ${filter}, condition ${number}`, exact: true });

test("a scoping filter is built, counted, explained, reviewed and saved", { timeout: 180_000 }, () =>
  inPortal(async (page, ways, errors) => {
    errors.expect(/status of 400.*evaluateScope/);
    const { region, button, dialog, said } = ways;
    const { read, users } = await open(page, ways);
    const panel = region(filters);
    await panel.getByText("There is no filter: whoever is assigned is in scope.").waitFor();
    assert.equal(await button("Review and save").getAttribute("title"), "Nothing was changed");

    await panel.getByRole("button", { name: "Add filter", exact: true }).click();
    const first = condition(panel, 1, 1);
    await page.waitForFunction(() => document.activeElement?.tagName === "SELECT");
    assert.equal(await first.getByLabel("Attribute").inputValue(), "department");
    await first.getByLabel("Value", { exact: true }).fill("Sales");
    await panel.getByText("6 of 12 people pass.").waitFor();
    await panel.getByText("For example Person 0, Person 2").waitFor();
    await panel.getByLabel("Name of filter 1").fill("Sales with a number");

    await panel.getByRole("button", { name: "Add condition to filter 1" }).click();
    const second = condition(panel, 1, 2);
    await second.getByLabel("Attribute").selectOption("employeeId");
    await second.getByLabel("Operator").selectOption("Greater_Than");
    await second.getByLabel("Value", { exact: true }).fill("1005");
    await panel.getByText("3 of 12 people pass.").waitFor();

    // Of a condition that compares with nothing there is no value, and of one of true and false there are few.
    await panel.getByRole("button", { name: "Add filter", exact: true }).click();
    const other = condition(panel, 2, 1);
    await other.getByLabel("Attribute").selectOption("accountEnabled");
    await other.getByLabel("Operator").selectOption("IS FALSE");
    assert.equal(await other.getByLabel("Value", { exact: true }).count(), 0);
    assert.equal((await other.getByLabel("Operator").getByRole("option").allInnerTexts()).includes("Includes"), false);
    await panel.getByText("3 of 12 people pass.").waitFor();

    await panel.getByText("Why is somebody in or out?").click();
    await panel.getByLabel("Search people").fill("Person 4");
    await panel.getByRole("list", { name: "Found" }).getByRole("button", { name: /Person 4/ }).click();
    await panel.getByText("Person 4 does not pass the filters.").waitFor();
    const reasons = await panel.getByRole("list", { name: "Conditions" }).getByRole("listitem").allInnerTexts();
    assert.match(reasons[0], /^Holds:\s+department EQUALS Sales\s+Filter 1\. The value is Sales\.$/);
    assert.match(reasons[1], /^Does not hold:\s+employeeId Greater_Than 1005\s+Filter 1\. The value is 1004\.$/);
    await panel.scrollIntoViewIfNeeded();
    await checkPage(page, "scope");

    // A mistake is told with its place, and can be corrected.
    await second.getByLabel("Value", { exact: true }).fill("many");
    await panel.getByRole("alert").getByText('filter.groups[0].clauses[1].targetOperand: "many" is not a whole number').waitFor();
    await second.getByLabel("Value", { exact: true }).fill("1003");
    await panel.getByText("4 of 12 people pass.").waitFor();
    await panel.getByRole("button", { name: "Remove filter 2" }).click();
    await page.getByText("1 change not saved.").waitFor();

    await button("Review and save").click();
    const review = dialog("Review changes");
    const line = review.getByRole("row", { name: "Filter 1" });
    assert.match(await line.innerText(), /Added\s+Scoping filter\s+Filter 1\s+–\s+Sales with a number: department EQUALS Sales and employeeId Greater_Than 1003/);
    await checkPage(page, "mappings-review");
    await review.getByRole("button", { name: "Save changes" }).click();
    await said("Mappings saved");
    assert.deepEqual(users(await read()).scope.groups[0].clauses.map(({ targetOperand }) => targetOperand.values), [["Sales"], ["1003"]]);

    await page.reload();
    await settled(page);
    assert.equal(await condition(panel, 1, 2).getByLabel("Value", { exact: true }).inputValue(), "1003");
    await page.getByText("Everything is saved.").waitFor();
    await condition(panel, 1, 2).getByRole("button", { name: "Remove condition 2 of filter 1" }).click();
    await condition(panel, 1, 1).getByRole("button", { name: "Remove condition 1 of filter 1" }).click();
    await panel.getByText("There is no filter").waitFor();
    await button("Discard changes").click();
    await condition(panel, 1, 2).waitFor();
  }));

test("a condition has several values, and input filters are edited beside the others", { timeout: 180_000 }, () =>
  inPortal(async (page, ways) => {
    const { region, button, dialog, said } = ways;
    const { read, users } = await open(page, ways);
    const panel = region(filters);
    const before = users(await read()).scope?.groups?.length ?? 0;
    await panel.getByRole("button", { name: "Add filter", exact: true }).click();
    const first = condition(panel, before + 1, 1);
    const value = (number) => first.getByLabel(`Value ${number}`, { exact: true });
    await first.getByLabel("Value", { exact: true }).fill("Sales");
    await first.getByRole("button", { name: /^Add value to condition 1/ }).click();
    await page.waitForFunction(() => document.activeElement?.tagName === "INPUT");
    await page.keyboard.type("Finance");
    await first.getByText("It holds when one of them fits.").waitFor();
    assert.deepEqual([await value(1).inputValue(), await value(2).inputValue()], ["Sales", "Finance"]);
    await first.getByRole("button", { name: /^Add a list to condition 1/ }).click();
    await first.getByLabel("List of values, one a line").fill(" Research\r\nSales\n\nLegal ");
    await first.getByRole("button", { name: "Add these values" }).click();
    assert.deepEqual([await value(3).inputValue(), await value(4).inputValue()], ["Research", "Legal"]);
    await first.getByRole("button", { name: /^Remove value 3 of condition 1/ }).click();
    assert.equal(await value(3).inputValue(), "Legal");
    await first.getByLabel("Operator").selectOption("NOT EQUALS");
    await first.getByText("It holds when none of them fits.").waitFor();
    await first.getByLabel("Operator").selectOption("EQUALS");

    await panel.getByRole("button", { name: "Add input filter", exact: true }).click();
    const input = panel.getByRole("group", { name: "Input filter 1, condition 1", exact: true });
    await input.getByLabel("Attribute").selectOption("surname");
    await input.getByLabel("Value", { exact: true }).fill("Number6");
    await panel.getByLabel("Name of input filter 1").fill("One of them");
    await panel.getByRole("button", { name: "Add condition to input filter 1" }).click();
    await panel.getByRole("button", { name: "Remove condition 2 of input filter 1" }).click();
    await panel.getByText("1 of 12 people passes.").or(panel.getByText("1 of 12 people pass.")).waitFor();
    await panel.scrollIntoViewIfNeeded();
    await checkPage(page, "scope-values");

    await button("Review and save").click();
    const review = dialog("Review changes");
    await review.getByText("One of them: surname EQUALS Number6").waitFor();
    await review.getByRole("button", { name: "Save changes" }).click();
    await said("Mappings saved");
    const { scope } = users(await read());
    assert.deepEqual(scope.groups[before].clauses[0].targetOperand.values, ["Sales", "Finance", "Legal"]);
    assert.deepEqual(scope.inputFilterGroups.map(({ name, clauses }) => [name, clauses.length, clauses[0].targetOperand.values]), [["One of them", 1, ["Number6"]]]);

    // What was saved is there after a reload, and goes away again.
    await page.reload();
    await settled(page);
    assert.equal(await value(3).inputValue(), "Legal");
    await panel.getByRole("button", { name: "Remove input filter 1" }).click();
    await panel.getByRole("button", { name: `Remove filter ${before + 1}`, exact: true }).click();
    await button("Review and save").click();
    await dialog("Review changes").getByRole("button", { name: "Save changes" }).click();
    await said("Mappings saved");
    assert.deepEqual(users(await read()).scope.inputFilterGroups, []);
  }));

test("mappings are put in another order by buttons and by keyboard, reviewed and saved", { timeout: 120_000 }, () =>
  inPortal(async (page, ways) => {
    const { button, dialog, said, main, rows: rowsOf } = ways;
    const { read, users } = await open(page, ways);
    const names = (schema) => users(schema).attributeMappings.map(({ targetAttributeName }) => targetAttributeName);
    const before = names(await read());
    const count = before.length;
    const shown = async () => (await rowsOf("Attribute mappings").getByRole("rowheader").allInnerTexts()).slice(0, count);
    const at = (from, to) => {
      const list = [...before];
      list.splice(to, 0, ...list.splice(from, 1));
      return list;
    };
    const focused = (name) => button(name).evaluate((element) => element === document.activeElement);
    assert.equal(before[0], "userName");
    assert.match(before.at(-1), /:manager$/);
    assert.equal(await button("Move userName up").getAttribute("title"), "This mapping is the first");
    assert.equal(await button("Move manager down").getAttribute("title"), "This mapping is the last");

    await button("Move manager up").click();
    await main.getByRole("status").getByText(`Moved manager to place ${count - 1} of ${count}`, { exact: true }).waitFor();
    await page.waitForFunction(() => document.activeElement.getAttribute("aria-label") === "Move manager up");
    // By keyboard from any button of the row, which keeps the focus.
    const edit = `Edit ${before.at(-1)}`;
    await button(edit).focus();
    for (const place of [count - 2, count - 3]) {
      await page.keyboard.press("Alt+ArrowUp");
      await main.getByRole("status").getByText(`Moved manager to place ${place} of ${count}`, { exact: true }).waitFor();
      await page.waitForFunction((name) => document.activeElement.getAttribute("aria-label") === name, edit);
    }
    await page.keyboard.press("Alt+ArrowDown");
    await main.getByRole("status").getByText(`Moved manager to place ${count - 2} of ${count}`, { exact: true }).waitFor();
    assert.deepEqual(await shown(), at(count - 1, count - 3));
    // An arrow key without Alt moves nothing, and beyond the end there is no place.
    await page.keyboard.press("ArrowDown");
    await button("Edit userName").press("Alt+ArrowUp");
    await main.getByRole("status").getByText("userName is the first already").waitFor();
    assert.ok(await focused("Edit userName"));
    assert.deepEqual(await shown(), at(count - 1, count - 3));
    await page.getByText("1 change not saved.").waitFor();
    await checkPage(page, "mappings-order");

    await button("Review and save").click();
    const review = dialog("Review changes");
    assert.match(await review.getByRole("row", { name: /Order/ }).innerText(), /Changed\s+Order\s+.*Peakon\s+employeeNumber, department, manager\s+manager, employeeNumber, department/);
    await review.getByRole("button", { name: "Save changes" }).click();
    await said("Mappings saved");
    assert.deepEqual(names(await read()), at(count - 1, count - 3));
    await page.reload();
    await settled(page);
    assert.deepEqual(await shown(), at(count - 1, count - 3));
    await page.getByText("Everything is saved.").waitFor();

    // Back where it was is no change, and Discard brings back what is saved.
    await button("Move manager up").click();
    await page.getByText("1 change not saved.").waitFor();
    await button("Move manager down").click();
    await page.getByText("Everything is saved.").waitFor();
    await button("Move manager up").click();
    await button("Discard changes").click();
    await page.getByText("Everything is saved.").waitFor();
    assert.deepEqual(await shown(), at(count - 1, count - 3));
  }));

test("when somebody else saved, one can load theirs or go over it knowingly", { timeout: 120_000 }, () =>
  inPortal(async (page, ways, errors) => {
    const { button, dialog, said, main } = ways;
    errors.expect(/status of 409.*schema/);
    const { job, read, users } = await open(page, ways);
    const change = async (value) => {
      await button("Edit name.givenName").click();
      await dialog("Edit mapping").getByLabel("Default value if null").fill(value);
      await dialog("Edit mapping").getByRole("button", { name: "OK" }).click();
    };
    const save = async () => {
      await button("Review and save").click();
      await dialog("Review changes").getByRole("button", { name: "Save changes" }).click();
    };
    const theirs = async (value) => {
      const schema = await read();
      users(schema).attributeMappings.find(({ targetAttributeName }) => targetAttributeName === "name.familyName").defaultValue = value;
      (await context.api.put(`${job.path}/schema`, schema)).expect(204);
    };
    await change("Mine");
    await theirs("Theirs");
    await save();
    await main.getByText("Somebody else saved these mappings.").waitFor();
    await checkPage(page, "mappings-conflict");
    await button("Load what is stored").click();
    await page.getByText("Everything is saved.").waitFor();

    await change("Mine");
    await theirs("Theirs again");
    await save();
    await button("Compare and overwrite").click();
    const review = dialog("Review changes");
    await review.getByRole("row", { name: "name.familyName" }).getByText('default "Theirs again"').waitFor();
    await review.getByRole("row", { name: "name.givenName" }).waitFor();
    await review.getByRole("button", { name: "Save changes" }).click();
    await said("Mappings saved");
    const saved = users(await read()).attributeMappings;
    assert.equal(saved.find(({ targetAttributeName }) => targetAttributeName === "name.givenName").defaultValue, "Mine");
  }));

test("target attributes are added, files go out and in, and the defaults come back", { timeout: 120_000 }, () =>
  inPortal(async (page, ways, errors) => {
    const { button, dialog, said, main, rows: rowsOf } = ways;
    errors.expect(/status of 400.*schema/);
    const { read, users } = await open(page, ways);
    await main.getByText(/^Target attributes of .*/).first().click();
    await button("Add target attribute").first().click();
    const add = dialog("Add target attribute");
    await add.getByRole("button", { name: "Add", exact: true }).click();
    await add.getByText("Enter the attribute's SCIM path.").waitFor();
    await checkPage(page, "target-attribute");
    await add.getByLabel("SCIM path").fill("shoeSize");
    await add.getByLabel("Kind").selectOption("Integer");
    await add.getByRole("button", { name: "Add", exact: true }).click();
    assert.match(await rowsOf("Target attributes").filter({ hasText: "shoeSize" }).innerText(), /Integer\s+No\s+Remove/);

    const [file] = await Promise.all([page.waitForEvent("download"), button("Export mappings").click()]);
    assert.equal(file.suggestedFilename(), "Peakon mappings.json");
    const schema = JSON.parse(readFileSync(await file.path(), "utf8"));
    const choose = (content, name = "mappings.json") =>
      page.getByLabel("Import mappings from a file").setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(content) });
    await choose("{\n  nonsense");
    await main.getByRole("alert").getByText("mappings.json: The file is not JSON").getByText("line 2 column 3").waitFor();
    await choose(JSON.stringify({ synchronizationRules: [{}] }));
    await main.getByRole("alert").getByText("synchronizationRules[0].objectMappings: the list of object mappings is missing").waitFor();
    await checkPage(page, "mappings-file-wrong");

    // What only the server finds is told in the review, with its place too.
    const save = async () => {
      await button("Review and save").click();
      await dialog("Review changes").getByRole("button", { name: "Save changes" }).click();
    };
    const mappings = users(schema).attributeMappings;
    mappings.push({ targetAttributeName: "shoeSize", flowType: "Always", source: { expression: "Nonsense(" } });
    await choose(JSON.stringify(schema));
    await save();
    const review = dialog("Review changes");
    await review.getByRole("alert").getByText(/attributeMappings\[\d+\]\.source\.expression/).waitFor();
    await checkPage(page, "mappings-save-refused");
    await review.getByRole("button", { name: "Cancel" }).click();
    mappings.at(-1).source.expression = '"42"';
    await choose(JSON.stringify(schema));
    await rowsOf("Attribute mappings").filter({ hasText: "shoeSize" }).waitFor();
    await save();
    await said("Mappings saved");
    assert.ok(users(await read()).attributeMappings.some(({ targetAttributeName }) => targetAttributeName === "shoeSize"));

    await button("Restore defaults").click();
    const ask = dialog("Restore the default mappings of Peakon?");
    await ask.getByText("the scoping filters and the target attributes are lost").waitFor();
    await ask.getByRole("button", { name: "Restore defaults" }).click();
    await said("The default mappings are back");
    await rowsOf("Attribute mappings").filter({ hasText: "shoeSize" }).waitFor({ state: "detached" });
  }));

test("leaving asks while something is not saved; on a narrow screen nothing is wider than the screen", { timeout: 120_000 }, () =>
  inPortal(
    async (page, ways) => {
      await open(page, ways);
      const panel = ways.region(filters);
      await panel.getByRole("button", { name: "Add filter", exact: true }).click();
      await condition(panel, 1, 1).getByLabel("Value", { exact: true }).fill("Sales");
      await panel.getByText("6 of 12 people pass.").waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
      await panel.scrollIntoViewIfNeeded();
      for (const scheme of ["light", "dark"]) {
        await setColorScheme(page, scheme);
        await picture(page, `narrow-scope-${scheme}`);
      }
      await page.getByRole("navigation", { name: "Application" }).getByRole("link", { name: "Overview", exact: true }).click();
      const ask = ways.dialog("Leave without saving?");
      await ask.getByRole("button", { name: "Cancel" }).click();
      await ways.heading("Mappings").waitFor();
    },
    { width: 375, height: 1600 },
  ));

test("checking an expression shows the values of its parts", { timeout: 90_000 }, () =>
  inPortal(async (page, ways) => {
    await open(page, ways);
    await ways.button("Add mapping").first().click();
    const dialog = ways.dialog("Add mapping");
    await dialog.getByRole("radio", { name: "Expression" }).check();
    const expression = dialog.getByLabel("Expression").last();
    await expression.fill("ToUpper(Nonsense");
    await dialog.getByRole("button", { name: "Check expression" }).click();
    await dialog.getByRole("alert").getByText(/./).first().waitFor();
    assert.equal(await ways.rows("Intermediate values").count(), 0);
    await expression.fill('Join("-", ToUpper([department]), [employeeId])');
    await dialog.getByText("Result for a person").click();
    await dialog.getByLabel("Search people").fill("Person 4");
    await page.getByRole("list", { name: "Found" }).getByRole("button", { name: /Person 4/ }).click();
    await dialog.getByRole("button", { name: "Check expression" }).click();
    await dialog.getByText("Result: SALES-1004").waitFor();
    const parts = ways.rows("Intermediate values");
    assert.match(await parts.filter({ hasText: "ToUpper" }).first().innerText(), /ToUpper\(\[department\]\)\s+.*SALES/);
    assert.match(await parts.nth(1).innerText(), /department[\s\S]*Sales/);
    await checkPage(page, "expression-trace");

    // What was said is about one person: another one, or none, clears it.
    await dialog.getByRole("button", { name: "Take out Person 4" }).click();
    await dialog.getByText("Result: SALES-1004").waitFor({ state: "detached" });
    assert.equal(await ways.rows("Intermediate values").count(), 0);
    await dialog.getByLabel("Search people").fill("Person 5");
    await page.getByRole("list", { name: "Found" }).getByRole("button", { name: /Person 5/ }).click();

    // An answer that comes after the text was edited is not shown.
    let release;
    const gate = new Promise((resolve) => (release = resolve));
    await page.route("**/parseExpression", async (route) => {
      await gate;
      await route.continue();
    });
    await dialog.getByRole("button", { name: "Check expression" }).click();
    await expression.fill('Join("-", [employeeId], [manager], [IsSoftDeleted])');
    const late = page.waitForResponse("**/parseExpression");
    release();
    await late;
    await page.unroute("**/parseExpression");
    await settled(page);
    assert.equal(await dialog.getByText(/^Result:/).count(), 0);

    // The manager, and what is computed: nobody is assigned to this application.
    await dialog.getByRole("button", { name: "Check expression" }).click();
    await dialog.getByText(/^Result: 1005-[0-9a-f-]{36}-True$/).waitFor();
  }));
