/**
 * The tutorial as a person does it, in Chromium: from the one-time link to the cycle that carries one change.
 * Everything is found by role and label. On the way every main page is looked at by axe in both colour schemes
 * and photographed into test-results/screenshots; an error on the console fails the test.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { parsePeople, isEnabled } from "../../scripts/demo/people.mjs";
import { inProject } from "../../scripts/lib/paths.mjs";
import { useServer } from "../worker/support/server.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { launch, openWindow, picture, settled, signInLink } from "./support/browser.mjs";
import { portal } from "./support/portal.mjs";

const sample = inProject("tests", "data", "contoso.csv");
const people = parsePeople(readFileSync(sample, "utf8"));
const expected = people.filter(isEnabled).length;
/** Manages nobody, so a change of hers is one update. */
const person = { name: "Catarina Abrantes", userName: "catarina.abrantes@contoso.com", lastName: "Abrantes Silva" };
const department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";

/** The initial cycle may take a minute on two cores; slower machines get more. */
const cycleLimit = 180_000;

const context = useServer();
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test("the tutorial", { timeout: 15 * 60_000 }, async (t) => {
  const { page, errors } = await openWindow(browser);
  // The browser reports these answers as errors; the first is what a wrong token is for.
  errors.expect(/status of 400.*validateCredentials/);

  let stopped = false;
  /** A step that fails ends the tutorial: those after it need it. */
  const step = (name, work) =>
    t.test(name, { skip: stopped && "an earlier step failed" }, async () => {
      try {
        await work();
        assert.deepEqual(errors.list(), [], "errors in the browser");
      } catch (error) {
        stopped = true;
        await picture(page, "failure").catch(() => {});
        throw error;
      }
    });

  const { main, heading, dialog, rows, said, goTo, openTab, copy, download } = portal(page);
  /** The panel is called after whether a cycle runs. */
  const cycle = page.getByRole("region", { name: /^(Current|Last) cycle$/ });
  const openApplication = async () => {
    await goTo("Enterprise applications");
    await main.getByRole("link", { name: "Peakon", exact: true }).click();
    await heading("Peakon").waitFor();
  };

  await step("sign in with a link, which works once", async () => {
    const link = await signInLink(context.server);
    await page.goto(link);
    await heading("Home").waitFor();
    await checkPage(page, "home-empty");

    const stranger = await openWindow(browser);
    stranger.errors.expect(/status of 401.*session/);
    await stranger.page.goto(link);
    await stranger.page.getByRole("alert").getByText("was used already").waitFor();
    await checkPage(stranger.page, "signed-out");
    assert.deepEqual(stranger.errors.list(), []);
    await stranger.context.close();
  });

  await step("import the people", async () => {
    await goTo("People");
    await main.getByRole("link", { name: "Import CSV" }).first().click();
    await heading("Import CSV").waitFor();
    await page.getByLabel("CSV file").setInputFiles(sample);
    await page.getByRole("button", { name: "Preview", exact: true }).click();
    const preview = page.getByRole("region", { name: "Preview: nothing is written yet" });
    await preview.waitFor({ timeout: 60_000 });
    await preview.getByRole("button", { name: "Import 1,000 changes" }).click();
    const result = page.getByRole("region", { name: "Import finished" });
    await result.waitFor({ timeout: 60_000 });
    assert.match(await result.innerText(), /Created\s+1,000[\s\S]*Failed\s+0/);
    await checkPage(page, "import");
    await result.getByRole("link", { name: "Show people" }).click();
    await page.getByText("1–50 of 1,000 people").waitFor();
    await checkPage(page, "people");
    await goTo("Groups");
    await main.getByRole("link", { name: "All Employees" }).waitFor();
    await checkPage(page, "groups");
  });

  let tenantUrl;
  let token;
  await step("create a Peakon tenant and copy its URL and a token", async () => {
    await goTo("Peakon admin console");
    await checkPage(page, "tenants-empty");
    await main.getByRole("button", { name: "Create Peakon tenant" }).click();
    await dialog("Create Peakon tenant").getByLabel("Name").fill("Contoso surveys");
    await dialog("Create Peakon tenant").getByRole("button", { name: "Create", exact: true }).click();
    await page.getByRole("button", { name: "Enable employee provisioning" }).click();
    await said("Employee provisioning is enabled");
    await page.getByRole("button", { name: "Disable employee provisioning" }).waitFor();
    tenantUrl = await copy(page.getByRole("region", { name: "Employee provisioning", exact: true }), "SCIM 2.0 URL");
    assert.match(tenantUrl, /^http:\/\/127\.0\.0\.1:\d+\/scim\/.+\/v2$/);

    await page.getByRole("button", { name: "Create bearer token" }).click();
    const create = dialog("Create bearer token");
    await create.getByLabel("Label").fill("Rollcall");
    await create.getByRole("button", { name: "Create", exact: true }).click();
    await create.getByRole("alert").getByText("You will not see it again").waitFor();
    await checkPage(page, "token");
    token = await copy(create, "OAuth bearer token");
    await create.getByRole("button", { name: "Done" }).click();
    await create.waitFor({ state: "hidden" });
    await rows("OAuth bearer tokens").filter({ hasText: "Rollcall" }).waitFor();
    assert.equal(await page.getByRole("textbox", { name: "OAuth bearer token" }).count(), 0);
    await checkPage(page, "tenant");
  });

  await step("find Peakon in the gallery and add it", async () => {
    await goTo("Gallery");
    const cards = page.getByRole("list", { name: "Applications" });
    await cards.waitFor();
    await page.getByLabel("Search applications").fill("no such application");
    await main.getByText("Nothing matches").waitFor();
    await page.getByLabel("Search applications").fill("peak");
    await cards.getByRole("button", { name: "Add Peakon" }).waitFor();
    await checkPage(page, "gallery");
    await cards.getByRole("button", { name: "Add Peakon" }).click();
    await dialog("Add Peakon").getByRole("button", { name: "Add application" }).click();
    await heading("Peakon").waitFor();
    await checkPage(page, "overview-new");
    await openApplication();
  });

  await step("assign a person, then a group, with the role User", async () => {
    await openTab("Users and groups");
    for (const [name, search] of [
      [person.name, "Catarina Abr"],
      ["All Employees", "All Emp"],
    ]) {
      await page.getByRole("button", { name: "Add user/group" }).click();
      const add = dialog("Add user/group");
      await add.getByLabel("Search users and groups").fill(search);
      await add.getByRole("list", { name: "Found" }).getByRole("button", { name }).click();
      await add.getByRole("list", { name: "Chosen" }).getByText(name).waitFor();
      await add.getByLabel("Role").selectOption({ label: "User" });
      await add.getByRole("button", { name: "Assign", exact: true }).click();
      await add.waitFor({ state: "hidden" });
      await rows("Assignments").filter({ hasText: name }).filter({ hasText: "User" }).waitFor();
    }
    await checkPage(page, "assignments");
  });

  await step("connect: a wrong token, the right one, notification, save", async () => {
    await openTab("Provisioning");
    assert.ok(await page.getByRole("radio", { name: "Automatic" }).isChecked());
    await page.getByLabel("Tenant URL").fill(tenantUrl);
    await page.getByLabel("Secret Token").fill(`${token.slice(0, -4)}nope`);
    await page.getByRole("button", { name: "Test Connection" }).click();
    await page.getByRole("alert").getByText("The token was not accepted.").waitFor();
    await checkPage(page, "provisioning-wrong-token");
    await page.getByLabel("Secret Token").fill(token);
    await page.getByRole("alert").getByText("The token was not accepted.").waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Test Connection" }).click();
    await page.getByText("The connection works").waitFor();
    await page.getByLabel("Notification e-mail").fill("it@contoso.com");
    await page.getByLabel("Send an e-mail notification when a failure occurs").check();
    await checkPage(page, "provisioning");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await said("Settings saved");
    await page.reload();
    await heading("Provisioning").waitFor();
    assert.equal(await page.getByLabel("Tenant URL").inputValue(), tenantUrl);
    assert.equal(await page.getByLabel("Secret Token").inputValue(), "", "the saved token is not given out");
    assert.ok(await page.getByLabel("Send an e-mail notification when a failure occurs").isChecked());
  });

  await step("mappings: the defaults are listed; save", async () => {
    await openTab("Mappings");
    const mapping = (target) => page.getByRole("row", { name: target });
    for (const target of ["userName", "active", "name.givenName", "name.familyName", department, "manager"]) await mapping(target).first().waitFor();
    assert.match(await mapping("userName").first().innerText(), /Matching, 1/);
    assert.match(await mapping("active").first().innerText(), /Not\(\[IsSoftDeleted\]\)/);
    await checkPage(page, "mappings");

    const save = page.getByRole("button", { name: "Review and save", exact: true });
    assert.equal(await save.getAttribute("aria-disabled"), "true", "there is nothing to save yet");
    await page.getByRole("button", { name: `Edit ${department}` }).click();
    const edit = dialog("Edit mapping");
    await edit.getByLabel("Default value if null").fill("Unknown");
    await checkPage(page, "mapping");
    await edit.getByRole("button", { name: "OK" }).click();
    await page.getByText("1 change not saved.").waitFor();
    await save.click();
    await dialog("Review changes").getByRole("button", { name: "Save changes" }).click();
    await said("Mappings saved");
  });

  await step("start, and watch the initial cycle to its end", async () => {
    await openTab("Overview", "Peakon");
    await page.getByRole("button", { name: "Start provisioning", exact: true }).click();
    await said("Provisioning was started");
    const bar = cycle.getByRole("progressbar", { name: /^Progress of the cycle: / }).first();
    await bar.waitFor();
    const done = async () => (await cycle.getByText(/\bended /).count()) > 0;
    const first = Number(await bar.getAttribute("value"));
    await until("the progress bar moves", async () => (await done()) || (await bar.getAttribute("value", { timeout: 1_000 }).then((value) => Number(value) !== first, () => false)), { limit: cycleLimit });
    if (!(await done())) await picture(page, "overview-running");
    await cycle.getByText(/\bended /).waitFor({ timeout: cycleLimit });
    assert.match(await cycle.innerText(), new RegExp(`Written\\s+${expected}[\\s\\S]*Failed\\s+0`));
    await checkPage(page, "overview");
  });

  await step("the activity report tells what was done", async () => {
    await openTab("Activity reports");
    await checkPage(page, "reports");
    await main.getByRole("link", { name: "Initial cycle" }).click();
    await heading("Activity report").waitFor();
    await page.getByText(/^200 of [\d,]+ actions shown$/).waitFor();
    assert.match(await page.getByRole("region", { name: "Counts" }).innerText(), new RegExp(`Created\\s+${expected}`));
    await checkPage(page, "report");
    const csv = await download("Download CSV");
    assert.ok(parsePeople(csv).length >= expected, "the CSV report has a line for everybody");
    const report = JSON.parse(await download("Download JSON"));
    assert.equal(report.cycle.counts.created, expected);
  });

  await step("the provisioning log: filters in the address, an entry with its steps, downloads", async () => {
    await openApplication();
    await openTab("Provisioning logs");
    await rows("Provisioning logs").nth(1).waitFor();
    await checkPage(page, "logs");
    await page.getByLabel("Action", { exact: true }).selectOption({ label: "Create" });
    await page.waitForURL(/[?&]action=create/);
    await page.getByLabel("Person", { exact: true }).fill(person.name);
    await page.waitForURL(/[?&]person=Catarina/);
    await page.reload();
    await settled(page);
    assert.equal(await page.getByLabel("Action", { exact: true }).inputValue(), "create");
    assert.equal(await page.getByLabel("Person", { exact: true }).inputValue(), person.name);
    const found = rows("Provisioning logs").filter({ hasText: person.name });
    await until("the log shows one entry", async () => (await rows("Provisioning logs").count()) === 2);
    assert.match(await found.innerText(), /Create\s+Success/);

    await found.getByRole("button", { name: `${person.name}: details` }).click();
    const entry = dialog("Log entry");
    await entry.getByRole("tab", { name: "Steps", selected: true }).waitFor();
    await entry.getByText("Perform action").waitFor();
    await checkPage(page, "log-entry-steps");
    await entry.getByRole("tab", { name: "Modified properties" }).click();
    const changes = entry.getByRole("tabpanel");
    await changes.getByText("userName", { exact: true }).waitFor();
    assert.match(await changes.innerText(), new RegExp(person.userName.replaceAll(".", "\\.")));
    await checkPage(page, "log-entry-properties");
    await page.keyboard.press("Escape");
    await entry.waitFor({ state: "hidden" });
    await page.waitForURL((url) => !url.searchParams.has("open"));

    const csv = parsePeople(await download("Download CSV"));
    assert.equal(csv.length, 1, "the download follows the filters");
    const json = JSON.parse(await download("Download JSON"));
    const [only] = json.value ?? json;
    assert.equal(only.sourceIdentity.displayName, person.name);
  });

  await step("edit one person and run: exactly that update", async () => {
    await goTo("People");
    await page.getByRole("searchbox", { name: "Search" }).fill(person.userName);
    await page.getByText("1–1 of 1 person").waitFor();
    await main.getByRole("link", { name: person.name }).click();
    await heading(person.name).waitFor();
    await checkPage(page, "person");
    await page.getByLabel("Last name").fill(person.lastName);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await said("Saved.");

    await openApplication();
    const time = cycle.getByText(/\bended /).getByRole("time");
    const last = await time.getAttribute("datetime");
    await page.getByRole("button", { name: "Run now" }).click();
    await said("A cycle was started");
    await until("the incremental cycle ends", () => time.getAttribute("datetime", { timeout: 1_000 }).then((now) => now !== last, () => false), { limit: cycleLimit });

    await openTab("Activity reports");
    await main.getByRole("link", { name: "Incremental cycle" }).first().click();
    await page.getByText("1 of 1 actions shown").waitFor();
    await main.getByRole("link", { name: "Show in the provisioning log" }).click();
    await heading("Provisioning logs").waitFor();
    await until("the log shows one entry", async () => (await rows("Provisioning logs").count()) === 2);
    const entry = rows("Provisioning logs").nth(1);
    assert.match(await entry.innerText(), new RegExp(`${person.name}[\\s\\S]*Update\\s+Success`));
    await entry.getByRole("button", { name: `${person.name}: details` }).click();
    await dialog("Log entry").getByRole("tab", { name: "Modified properties" }).click();
    const changes = await dialog("Log entry").getByRole("tabpanel").innerText();
    assert.match(changes, /familyName[\s\S]*Abrantes[\s\S]*Abrantes Silva/);
    assert.doesNotMatch(changes, /givenName|employeeNumber/);
    await page.keyboard.press("Escape");
  });

  await step("what is left: audit log, employees, home", async () => {
    await goTo("Audit log");
    await checkPage(page, "audit");
    await goTo("Peakon admin console");
    await main.getByRole("link", { name: "Contoso surveys" }).click();
    await page.getByRole("link", { name: "Employees", exact: true }).click();
    await heading("Employees").waitFor();
    await page.getByText(new RegExp(`^1–50 of ${expected} employees$`)).waitFor();
    await checkPage(page, "employees");
    await goTo("Home");
    await main.getByRole("link", { name: "Peakon", exact: true }).waitFor();
    await checkPage(page, "home");
  });

  await page.context().close();
});
