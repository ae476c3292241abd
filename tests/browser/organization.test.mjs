/**
 * Organization settings: members with their sign-in links and roles, API keys, and the portal as a Reader sees it.
 * Everything is found by role and label; axe looks at every page and dialog.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../../scripts/lib/client.mjs";
import { useServer } from "../worker/support/server.mjs";
import { importPeople, people } from "../worker/support/setup.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { picture, setColorScheme, settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const context = useServer({ prepare: () => importPeople(context, people(3)) });
const inPortal = usePortal(context);
const title = "Organization settings";

test("a member: added, signed in as a Reader, made Administrator, removed", { timeout: 180_000 }, () =>
  inPortal(async (page, { main, dialog, button, heading, region, rows, said, goTo, copy }, errors) => {
    errors.expect(/status of 40[39]/);
    errors.expect(/status of 401/);
    await goTo(title);
    await region("Members").getByText("No member yet").waitFor();
    await region("API keys").getByText("No API key yet").waitFor();
    await checkPage(page, "organization-empty");

    await button("Add member").click();
    const add = dialog("Add member");
    await add.getByRole("button", { name: "Add member" }).click();
    await add.getByText("Enter an e-mail address.").waitFor();
    await checkPage(page, "member-add");
    await add.getByLabel("E-mail address").fill("Ada@contoso.com");
    await add.getByLabel("Role").selectOption({ label: "Reader: may look, and change nothing" });
    await add.getByRole("button", { name: "Add member" }).click();
    await said("Ada@contoso.com was added");
    const row = rows("Members").filter({ hasText: "ada@contoso.com" });
    assert.match(await row.innerText(), /Reader[\s\S]*never/);

    await button("Add member").click();
    await add.getByLabel("E-mail address").fill("ada@contoso.com");
    await add.getByRole("button", { name: "Add member" }).click();
    await add.getByRole("alert").getByText("is a member already").waitFor();
    await page.keyboard.press("Escape");

    await row.getByRole("button", { name: "Sign-in link for ada@contoso.com" }).click();
    const link = dialog("Sign-in link for ada@contoso.com");
    await link.getByText("works once, for 15 minutes").waitFor();
    await checkPage(page, "member-link");
    const url = await copy(link, "Sign-in link");

    // The Reader, in the same window: the session of the administrator is over.
    await page.goto(url);
    await heading("Home").waitFor();
    const note = main.getByText("Your role is Reader: you can look at everything, and change nothing.");
    await note.waitFor();
    await checkPage(page, "reader-home");
    await goTo("People");
    await main.getByRole("link", { name: "Person 1" }).click();
    await heading("Person 1").waitFor();
    for (const name of ["Save", "Disable", "Delete", "Change manager"]) {
      assert.equal(await button(name).getAttribute("aria-disabled"), "true", name);
      assert.equal(await button(name).getAttribute("title"), "Your role is Reader", name);
    }
    await button("Disable").click({ force: true });
    await page.getByLabel("Job title").press("Enter");
    assert.equal(await dialog("Disable Person 1?").count(), 0);
    await settled(page);
    assert.equal(await main.getByRole("alert").count(), 0, "nothing was sent");
    await goTo(title);
    await settled(page);
    for (const name of ["Add member", "Create API key"]) {
      assert.equal(await button(name).getAttribute("aria-disabled"), "true");
      assert.equal(await button(name).getAttribute("title"), "Your role is Reader");
    }
    await region("Organization").getByText("ada@contoso.com (Reader)").waitFor();
    await checkPage(page, "organization-reader");

    const [{ id }] = (await context.api.get("/organization/members")).expect(200).json.value;
    (await context.api.patch(`/organization/members/${id}`, { role: "administrator" })).expect(200);
    await page.reload();
    await heading(title).waitFor();
    assert.equal(await note.count(), 0);
    await row.getByRole("button", { name: "Remove ada@contoso.com" }).click();
    const remove = dialog("Remove ada@contoso.com?");
    await remove.getByRole("button", { name: "Remove", exact: true }).click();
    await remove.getByRole("alert").getByText("This is you").waitFor();
    await checkPage(page, "member-remove");
    await remove.getByRole("button", { name: "Cancel" }).click();
    (await context.api.delete(`/organization/members/${id}`)).expect(204);
    await page.reload();
    await page.getByRole("heading", { level: 1 }).filter({ hasNotText: title }).waitFor();
  }));

test("an API key: created, shown once, used, revoked; on a narrow screen", { timeout: 120_000 }, () =>
  inPortal(
    async (page, { dialog, button, heading, rows, said, region, copy }) => {
      await page.goto(`${context.url}/organization`);
      await heading(title).waitFor();
      await button("Create API key").click();
      const create = dialog("Create API key");
      await create.getByRole("button", { name: "Create", exact: true }).click();
      await create.getByText("Say what the key is for.").waitFor();
      await create.getByLabel("Label").fill("Backup");
      await create.getByLabel("Expires after").selectOption({ label: "30 days" });
      await create.getByRole("button", { name: "Create", exact: true }).click();
      await create.getByRole("alert").getByText("You will not see it again").waitFor();
      await checkPage(page, "api-key-secret");
      const secret = await copy(create, "API key");
      await create.getByRole("button", { name: "Done" }).click();
      const script = new Client(`${context.url}/api/v1.0`, { headers: { authorization: `Bearer ${secret}` } });
      (await script.get("/session")).expect(200);
      assert.ok(!(await page.content()).includes(secret));
      await settled(page);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
      for (const scheme of ["light", "dark"]) {
        await setColorScheme(page, scheme);
        await picture(page, `narrow-organization-${scheme}`);
      }
      await rows("API keys").getByRole("button", { name: "Revoke Backup" }).press("Enter");
      const ask = dialog("Revoke the API key Backup?");
      await ask.getByRole("button", { name: "Revoke", exact: true }).press("Enter");
      await said("Backup was revoked");
      await region("API keys").getByText("No API key yet").waitFor();
      assert.equal((await script.get("/session")).status, 401);
    },
    { width: 375, height: 1400 },
  ));
