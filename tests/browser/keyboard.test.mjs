/**
 * The tutorial by the keyboard alone: from the sign-in to accounts in the application, without a mouse. On the way
 * the focus is never lost and can always be seen.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { csv, people } from "../worker/support/setup.mjs";
import { useServer } from "../worker/support/server.mjs";
import { keyboard } from "./support/keyboard.mjs";
import { settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const count = 12;
const file = { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(csv(people(count))) };
const cycleLimit = 120_000;

const context = useServer();
const inPortal = usePortal(context);

test("the tutorial by keyboard", { timeout: 5 * 60_000 }, () =>
  inPortal(async (page, { main, heading, dialog, region, button, rows, said }) => {
    const { press, attended, to, enter, write, choose } = keyboard(page);
    const link = (name, within = main) => within.getByRole("link", { name, exact: true }).first();
    const isFocused = (locator) => locator.evaluate((element) => element === document.activeElement);
    const goTo = async (name, title = name) => {
      await enter(link(name, page.getByRole("navigation", { name: "Main" })));
      await heading(title).waitFor();
      await settled(page);
      await attended(`on ${title}`);
      assert.ok(await isFocused(heading(title)), `the heading ${title} has the focus`);
    };
    const openTab = async (name, title = name) => {
      await enter(link(name, page.getByRole("navigation", { name: "Application" })));
      await heading(title).waitFor();
      await settled(page);
      await attended(`on ${title}`);
    };
    const closed = async (name) => {
      await dialog(name).waitFor({ state: "hidden" });
      await settled(page);
      await attended(`after the dialog ${name}`);
    };
    /** The clipboard, after a Copy button. */
    const copy = async (within, label) => {
      await enter(within.getByRole("button", { name: `Copy ${label}`, exact: true }));
      await within.getByText("Copied", { exact: true }).first().waitFor();
      return page.evaluate(() => navigator.clipboard.readText());
    };

    await to(page.getByRole("link", { name: "Skip to content" }));
    await press("Enter");
    assert.ok(await isFocused(main), "the skip link leads to the content");

    await goTo("People");
    await enter(link("Import CSV"));
    await heading("Import CSV").waitFor();
    await settled(page);
    await attended("on Import CSV");
    await to(page.getByLabel("CSV file"));
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), press("Space")]);
    await chooser.setFiles(file);
    await enter(button("Preview"));
    await enter(page.getByRole("button", { name: /^Import \d/ }));
    await region("Import finished").waitFor();
    await attended("after the import");

    await goTo("Peakon admin console");
    await enter(main.getByRole("button", { name: "Create Peakon tenant" }).first());
    await write(dialog("Create Peakon tenant").getByLabel("Name"), "Contoso surveys");
    await press("Enter");
    await enter(button("Enable employee provisioning"));
    await said("Employee provisioning is enabled");
    await button("Disable employee provisioning").waitFor();
    await attended("after employee provisioning is enabled");
    const url = await copy(region("Employee provisioning"), "SCIM 2.0 URL");
    await enter(button("Create bearer token"));
    const create = dialog("Create bearer token");
    await write(create.getByLabel("Label"), "Rollcall");
    await press("Enter");
    await create.getByRole("alert").getByText("You will not see it again").waitFor();
    await attended("when the token is there");
    const token = await copy(create, "OAuth bearer token");
    await enter(create.getByRole("button", { name: "Done" }));
    await closed("Create bearer token");

    await goTo("Gallery");
    await write(page.getByLabel("Search applications"), "peakon");
    await enter(button("Add Peakon"));
    await enter(dialog("Add Peakon").getByRole("button", { name: "Add application" }));
    await heading("Peakon").waitFor();
    await settled(page);
    await attended("on the new application");

    await openTab("Users and groups");
    await enter(button("Add user/group"));
    const add = dialog("Add user/group");
    await write(add.getByLabel("Search users and groups"), "Everyb");
    await enter(add.getByRole("list", { name: "Found" }).getByRole("button", { name: "Everybody" }));
    await add.getByRole("list", { name: "Chosen" }).getByText("Everybody").waitFor();
    await attended("after a group is chosen");
    await choose(add.getByLabel("Role"), "User");
    await enter(add.getByRole("button", { name: "Assign", exact: true }), "Space");
    await closed("Add user/group");
    await rows("Assignments").filter({ hasText: "Everybody" }).waitFor();

    await openTab("Provisioning");
    await write(page.getByLabel("Tenant URL"), url);
    await write(page.getByLabel("Secret Token"), token);
    await enter(button("Test Connection"));
    await page.getByText("The connection works").waitFor();
    await attended("after the test of the connection");
    await enter(button("Save"));
    await said("Settings saved");
    await settled(page);
    await attended("after the settings are saved");

    await openTab("Overview", "Peakon");
    await enter(button("Start provisioning"));
    await said("Provisioning was started");
    await attended("after the start");
    await page.getByRole("region", { name: "Last cycle" }).getByText(/\bended /).waitFor({ timeout: cycleLimit });
    await attended("after the cycle");

    await openTab("Provisioning logs");
    // Of the second half, who have no manager: one entry a person.
    const opener = page.getByRole("button", { name: "Person 9: details" }).first();
    await enter(opener);
    const entry = dialog("Log entry");
    await entry.waitFor();
    await attended("in the drawer");
    await to(entry.getByRole("tab", { name: "Steps" }));
    await press("ArrowRight");
    assert.ok(await isFocused(entry.getByRole("tab", { name: "Modified properties", selected: true })), "arrow keys go from tab to tab");
    await entry.getByRole("tabpanel").getByText("person9@contoso.com").first().waitFor();
    await press("Escape");
    await closed("Log entry");
    assert.ok(await isFocused(opener), "the focus returns to the row");

    // Back at the other side: the account is there.
    await goTo("Peakon admin console");
    await enter(link("Contoso surveys"));
    await enter(page.getByRole("link", { name: "Employees", exact: true }));
    await main.getByText(`1–${count} of ${count} employees`).waitFor();
    await attended("on the employees");
  }));
