/** Application → Users and groups: whom assignments reach, several at once, and what a removal does before it is done. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { useServer } from "../worker/support/server.mjs";
import { addJob, application, assign, findGroup, findUser, importPeople, people } from "../worker/support/setup.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { picture, setColorScheme, settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const rows = people(14);
const context = useServer({ prepare: () => importPeople(context, rows) });
const inPortal = usePortal(context);
const pageOf = ({ id }) => `${context.url}/applications/${id}/users`;

test("several are assigned at once; a removal names its effect", { timeout: 180_000 }, () =>
  inPortal(async (page, ways) => {
    const { main, button, dialog, said, heading } = ways;
    const app = await application(context);
    const job = await addJob(context, app);
    await page.goto(pageOf(app));
    await heading("Users and groups").waitFor();
    await main.getByText("Nobody is reached").waitFor();
    await main.getByText("Nobody is assigned yet").waitFor();
    await checkPage(page, "assignments-empty");

    await button("Add user/group").click();
    const add = dialog("Add user/group");
    for (const [search, name] of [["Person 3", /^Person 3/], ["Every", /^Everybody/]]) {
      await add.getByLabel("Search users and groups").fill(search);
      await add.getByRole("list", { name: "Found" }).getByRole("button", { name }).click();
    }
    await add.getByRole("button", { name: "Assign", exact: true }).click();
    await said("2 assignments added");
    await main.getByText("14 people are reached: 1 directly, 14 through groups.").waitFor();

    await button("Remove Person 3").click();
    const person = dialog("Remove Person 3 from Peakon?");
    await person.getByText("Nobody goes out of scope").waitFor();
    assert.equal(await person.getByText("The group itself").count(), 0);
    await person.getByRole("button", { name: "Cancel" }).click();

    (await context.api.patch(job.path, { synchronizationJobSettings: [{ name: "DeprovisioningAction", value: "DisableThenDelete" }, { name: "DeleteAfterDays", value: "7" }] })).expect(204);
    await page.reload();
    await settled(page);
    await button("Remove Everybody").click();
    const group = dialog("Remove Everybody from Peakon?");
    await group.getByText("13 people are no longer assigned in any way: Person 0, Person 1,").waitFor();
    await group.getByText("and 3 more.").waitFor();
    await group.getByText("disables their accounts in Peakon, and deletes them after 7 days.").waitFor();
    await group.getByText("The group itself is deleted in Peakon, if groups are provisioned there").waitFor();
    await checkPage(page, "assignments-remove");
    await group.getByRole("button", { name: "Remove", exact: true }).click();
    await said("Everybody was removed");
    await main.getByText("1 person is reached: 1 directly, 0 through groups.").waitFor();
  }));

test("a list of several pages names how many there are, and leads to the rest", { timeout: 120_000 }, () =>
  inPortal(async (page, { main, heading, rows: rowsOf, button, dialog, said }) => {
    const app = await application(context);
    const everybody = await findGroup(context, "Everybody");
    (await assign(context, app, everybody.id)).expect(201);
    (await assign(context, app, (await findUser(context, rows[3].userPrincipalName)).id)).expect(201);
    // Pages of one, where the portal asks for 200.
    await page.route(/appRoleAssignedTo\?/, (route) => route.continue({ url: route.request().url().replace(/top=200/, "top=1") }));
    await page.goto(pageOf(app));
    await heading("Users and groups").waitFor();
    await main.getByText("2 assignments", { exact: true }).waitFor();
    const table = rowsOf("Assignments");
    const first = await table.nth(1).innerText();
    assert.equal(await table.count(), 1 + 1);
    await button("Next").click();
    await page.waitForURL(/skiptoken=/);
    await table.filter({ hasText: first.startsWith("Everybody") ? "Person 3" : "Everybody" }).waitFor();
    await main.getByText("2 assignments", { exact: true }).waitFor();
    assert.equal(await button("Next").getAttribute("aria-disabled"), "true");
    await checkPage(page, "assignments-pages");
    // The last of the last page goes: the list is not empty, it is shorter.
    const last = first.startsWith("Everybody") ? "Person 3" : "Everybody";
    await button(`Remove ${last}`).click();
    await dialog(`Remove ${last} from Peakon?`).getByRole("button", { name: "Remove", exact: true }).click();
    await said(`${last} was removed`);
    await main.getByText("The list ends before this page").waitFor();
    await button("First page").click();
    await main.getByText("1 assignment", { exact: true }).waitFor();
  }));

test("several assignments: how far they are, and failures that are told wherever one is then", { timeout: 120_000 }, () =>
  inPortal(async (page, { main, button, dialog, heading, goTo, said }, errors) => {
    errors.expect(/status of 503.*appRoleAssignedTo/);
    const app = await application(context);
    const add = dialog("Add user/group");
    const choose = async (names) => {
      await page.goto(pageOf(app));
      await heading("Users and groups").waitFor();
      await settled(page);
      await button("Add user/group").click();
      for (const name of names) {
        await add.getByLabel("Search users and groups").fill(name);
        await add.getByRole("list", { name: "Found" }).getByRole("button", { name: new RegExp(`^${name}`) }).click();
      }
    };
    // Each assignment waits until it is let go; the second one fails.
    const held = [];
    await page.route("**/appRoleAssignedTo", (route) => (route.request().method() === "POST" ? void held.push(route) : route.continue()));
    const next = async () => {
      await until("an assignment is asked for", () => held.length > 0);
      return held.shift();
    };
    const busy = { status: 503, json: { error: { code: "ServiceUnavailable", message: "The directory is busy." } } };
    const told = page.getByRole("alert", { name: "Errors" });

    // The page is left while they are sent: the rest goes on, and what fails is told there.
    await choose(["Person 3", "Person 5", "Person 6"]);
    await add.getByRole("button", { name: "Assign", exact: true }).click();
    await add.getByText("1 of 3…").waitFor();
    await (await next()).continue();
    await add.getByText("2 of 3…").waitFor();
    await page.keyboard.press("Escape");
    await goTo("Groups");
    await (await next()).fulfill(busy);
    await (await next()).continue();
    await said("2 assignments added");
    await told.getByText("Person 5: The directory is busy.").waitFor();
    await checkPage(page, "assignments-failed-elsewhere");
    await told.getByRole("button", { name: "Dismiss" }).click();
    await told.getByText("The directory is busy.").waitFor({ state: "detached" });
    await page.goto(pageOf(app));
    await main.getByText("2 people are reached: 2 directly, 0 through groups.").waitFor();

    // Only the dialog is closed.
    await choose(["Person 7"]);
    await add.getByRole("button", { name: "Assign", exact: true }).click();
    const one = await next();
    await page.keyboard.press("Escape");
    await add.waitFor({ state: "hidden" });
    await one.fulfill(busy);
    await told.getByText("Person 7: The directory is busy.").waitFor();
    await page.unroute("**/appRoleAssignedTo");

    // A removal that fails after its question was closed, while another question stands.
    let removal;
    await page.route("**/appRoleAssignedTo/*", (route) => (route.request().method() === "DELETE" ? void (removal = route) : route.continue()));
    await button("Remove Person 3").click();
    await dialog("Remove Person 3 from Peakon?").getByRole("button", { name: "Remove", exact: true }).click();
    await until("the removal is asked for", () => removal !== undefined);
    await page.keyboard.press("Escape");
    await button("Remove Person 6").click();
    const other = dialog("Remove Person 6 from Peakon?");
    await other.getByText("1 person is no longer assigned").waitFor();
    await removal.fulfill(busy);
    await told.getByText("Remove Person 3 from Peakon?").waitFor();
    assert.equal(await other.getByRole("alert").count(), 0);
    await other.getByRole("button", { name: "Cancel" }).click();
  }));

test("an answer that fails is told and can be asked for again; a narrow screen holds the page", { timeout: 120_000 }, () =>
  inPortal(
    async (page, { main, heading, button }, errors) => {
      errors.expect(/status of 503.*reach/);
      const app = await application(context);
      (await assign(context, app, (await findGroup(context, "Everybody")).id)).expect(201);
      const error = { error: { code: "ServiceUnavailable", message: "The directory is busy." } };
      await page.route("**/reach", (route) => route.fulfill({ status: 503, json: error }));
      await page.goto(pageOf(app));
      await heading("Users and groups").waitFor();
      await main.getByRole("alert").getByText("The directory is busy.").waitFor();
      await checkPage(page, "assignments-error");
      await page.unroute("**/reach");
      await button("Try again").click();
      await main.getByText("14 people are reached: 0 directly, 14 through groups.").waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
      for (const scheme of ["light", "dark"]) {
        await setColorScheme(page, scheme);
        await picture(page, `narrow-assignments-${scheme}`);
      }
    },
    { width: 375, height: 1400 },
  ));
