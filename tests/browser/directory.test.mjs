/**
 * Who may reach a directory, and who was deleted from it: OAuth clients, the directory's settings, inbound
 * provisioning, deleted people. Everything is found by role and label; axe looks at every page and dialog.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { scim } from "../../scripts/lib/client.mjs";
import { useServer } from "../worker/support/server.mjs";
import { findUser, importPeople, people, tenant } from "../worker/support/setup.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { picture, setColorScheme, settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const context = useServer({
  prepare: async () => {
    await importPeople(context, people(6));
    await tenant(context, { displayName: "Contoso surveys" });
  },
});
const inPortal = usePortal(context);

/** Asks for an access token as a SCIM client does. */
async function accessToken(url, id, secret) {
  const form = new URLSearchParams({ grant_type: "client_credentials", client_id: id, client_secret: secret });
  const answer = await fetch(url, { method: "POST", body: form });
  return { status: answer.status, token: (await answer.json()).access_token };
}

test("an OAuth client: created, shown once, used, removed", { timeout: 120_000 }, () =>
  inPortal(async (page, { main, dialog, button, region, rows, said, goTo, copy }) => {
    await goTo("Peakon admin console");
    await main.getByRole("link", { name: "Contoso surveys" }).click();
    await region("OAuth clients").getByText("No OAuth client yet").waitFor();
    const scimUrl = await copy(region("Employee provisioning"), "SCIM 2.0 URL");

    await button("Create OAuth client").click();
    const create = dialog("Create OAuth client");
    await create.getByLabel("Label").fill("Okta");
    await create.getByLabel("Rights").selectOption({ label: "Read" });
    await checkPage(page, "oauth-client-create");
    await create.getByRole("button", { name: "Create", exact: true }).click();
    await create.getByRole("alert").getByText("You will not see it again").waitFor();
    await checkPage(page, "oauth-client-secret");
    const id = await copy(create, "Client ID");
    const secret = await copy(create, "Client secret");
    const url = await copy(create, "Token URL");
    await create.getByRole("button", { name: "Done" }).click();
    await create.waitFor({ state: "hidden" });

    const row = rows("OAuth clients").filter({ hasText: "Okta" });
    assert.match(await row.innerText(), /Okta[\s\S]*Read[\s\S]*never/);
    assert.equal(await copy(region("OAuth clients"), "Token URL"), url);
    assert.equal(await page.getByRole("textbox", { name: "Client secret" }).count(), 0);
    await checkPage(page, "oauth-clients");

    const { status, token } = await accessToken(url, id, secret);
    assert.equal(status, 200);
    const client = scim(scimUrl, token);
    (await client.get("/Users")).expect(200);
    assert.equal((await client.post("/Users", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "a" })).status, 403, "it may only read");

    await row.getByRole("button", { name: "Remove Okta" }).click();
    const ask = dialog("Remove the OAuth client Okta?");
    await ask.getByText("those that it has are refused").waitFor();
    await checkPage(page, "oauth-client-remove");
    await ask.getByRole("button", { name: "Remove", exact: true }).click();
    await said("Okta was removed");
    await region("OAuth clients").getByText("No OAuth client yet").waitFor();
    assert.equal((await client.get("/Users")).status, 401);
    assert.equal((await accessToken(url, id, secret)).status, 401);
  }));

test("how a directory answers is saved", { timeout: 60_000 }, () =>
  inPortal(async (page, { main, region, rows, said, goTo }) => {
    await goTo("Peakon admin console");
    await main.getByRole("link", { name: "Contoso surveys" }).click();
    const requests = region("Requests");
    const ignore = requests.getByRole("checkbox", { name: "Ignore unknown members" });
    assert.equal(await ignore.isChecked(), false);
    await ignore.check();
    await requests.getByLabel("Requests a second").fill("");
    await requests.getByRole("button", { name: "Save" }).click();
    await requests.getByText("Enter a whole number").waitFor();
    await requests.getByLabel("Requests a second").fill("25");
    await requests.getByRole("button", { name: "Save" }).click();
    await said("Saved");
    await page.reload();
    await settled(page);
    assert.ok(await ignore.isChecked());
    assert.equal(await requests.getByLabel("Requests a second").inputValue(), "25");
    await goTo("Audit log");
    const entry = rows("Configuration changes").filter({ hasText: "Update directory" });
    assert.match(await entry.first().innerText(), /Ignore unknown members: false → true\s+Requests per second: 0 → 25/);
  }));

test("an identity provider fills the workforce directory", { timeout: 120_000 }, () =>
  inPortal(async (page, { main, dialog, button, region, said, goTo, copy }) => {
    await goTo("Inbound provisioning");
    await settled(page);
    if ((await button("Enable inbound provisioning").count()) > 0) {
      await button("Enable inbound provisioning").click();
      await said("Inbound provisioning is enabled");
    }
    await button("Disable inbound provisioning").waitFor();
    await checkPage(page, "inbound");
    const url = await copy(region("Inbound provisioning"), "SCIM 2.0 URL");
    await button("Create bearer token").click();
    const create = dialog("Create bearer token");
    await create.getByLabel("Label").fill("Entra ID");
    await create.getByRole("button", { name: "Create", exact: true }).click();
    const token = await copy(create, "OAuth bearer token");
    await create.getByRole("button", { name: "Done" }).click();

    const client = scim(url, token);
    const user = { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "ada@contoso.com", displayName: "Ada Lovelace" };
    (await client.post("/Users", user)).expect(201);
    await goTo("People");
    await page.getByRole("searchbox", { name: "Search" }).fill("ada@contoso.com");
    await main.getByRole("link", { name: "Ada Lovelace" }).waitFor();

    await goTo("Inbound provisioning");
    await button("Disable inbound provisioning").click();
    await dialog("Disable inbound provisioning of").getByRole("button", { name: "Disable", exact: true }).click();
    await said("Inbound provisioning is disabled");
    assert.equal((await client.get("/Users")).status, 401, "the token does not help");
  }));

test("a group within a group leads to its own page", { timeout: 60_000 }, () =>
  inPortal(async (page, { main, heading }) => {
    const group = "urn:ietf:params:scim:schemas:core:2.0:Group";
    const make = async (displayName, members) => (await context.workforce.post("/Groups", { schemas: [group], displayName, members })).expect(201).json;
    const inner = await make("Inner circle", []);
    const { id, displayName } = await findUser(context, "person1@contoso.com");
    const outer = await make("Outer circle", [{ value: inner.id, type: "Group" }, { value: id }]);
    await page.goto(`${context.url}/groups/${outer.id}`);
    await heading("Outer circle").waitFor();
    assert.equal(await main.getByRole("link", { name: displayName, exact: true }).getAttribute("href"), `/people/${id}`);
    await checkPage(page, "group");
    await main.getByRole("link", { name: "Inner circle", exact: true }).click();
    await heading("Inner circle").waitFor();
    await main.getByText("No members yet").waitFor();
  }));

test("somebody who was deleted is brought back, unless the name is taken", { timeout: 120_000 }, () =>
  inPortal(async (page, { main, dialog, button, heading, region, rows, said, goTo }, errors) => {
    errors.expect(/status of 409.*restore/);
    await goTo("People");
    await main.getByRole("link", { name: "Deleted people" }).click();
    await heading("Deleted people").waitFor();
    await main.getByText("Nobody was deleted").waitFor();
    await checkPage(page, "deleted-empty");

    await goTo("People");
    await main.getByRole("link", { name: "Person 2" }).click();
    await heading("Person 2").waitFor();
    await button("Delete").click();
    await dialog("Delete Person 2?").getByRole("button", { name: "Delete", exact: true }).click();
    await said("Person 2 was deleted");
    await heading("People").waitFor();
    const user = { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "person2@contoso.com" };
    const other = (await context.workforce.post("/Users", user)).expect(201).json;

    await main.getByRole("link", { name: "Deleted people" }).click();
    const row = rows("Deleted people").filter({ hasText: "Person 2" });
    assert.match(await row.innerText(), /person2@contoso\.com\s+User[\s\S]*in 30 days/);
    await row.getByRole("button", { name: "Restore Person 2" }).click();
    await main.getByRole("alert").getByText("person2@contoso.com").waitFor();
    await checkPage(page, "deleted");

    (await context.workforce.delete(`/Users/${other.id}`)).expect(204);
    await row.getByRole("button", { name: "Restore Person 2" }).click();
    await said("Person 2 was restored");
    await row.waitFor({ state: "hidden" });
    assert.equal((await findUser(context, "person2@contoso.com")).displayName, "Person 2");
    await goTo("People");
    await main.getByRole("link", { name: "Person 2" }).click();
    await region("Groups").getByRole("link", { name: "Everybody" }).waitFor();

    await goTo("Audit log");
    await rows("Configuration changes").filter({ hasText: "Restore" }).getByText("Person 2").waitFor();
    const text = await main.innerText();
    assert.doesNotMatch(text, /Object ID|Token ID: /, "names stand for what has one");
  }));

test("the second save of a person does not undo what others changed", { timeout: 120_000 }, () =>
  inPortal(async (page, { button, said, heading, dialog, goTo }) => {
    const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    const { id } = await findUser(context, "person4@contoso.com");
    const patch = async (path, value) => (await context.workforce.patch(`/Users/${id}`, { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{ op: "add", path, value }] })).expect(200);
    await patch(`${enterprise}:department`, "IT");
    await page.goto(`${context.url}/people/${id}`);
    await heading("Person 4").waitFor();
    const [title, department] = [page.getByLabel("Job title"), page.getByLabel("Department")];
    assert.equal(await department.inputValue(), "IT");
    await patch(`${enterprise}:department`, "Sales");
    await title.fill("Clerk");
    // What is not saved is not left by accident.
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Groups" }).click();
    await dialog("Leave without saving?").getByRole("button", { name: "Cancel" }).click();
    await button("Save").click();
    await said("Saved. The next cycle");
    await page.waitForFunction((field) => field.value === "Sales", await department.elementHandle());
    await title.fill("Head of sales");
    await Promise.all([page.waitForResponse((answer) => answer.request().method() === "PATCH" && answer.ok()), button("Save").click()]);
    const now = (await context.workforce.get(`/Users/${id}`)).expect(200).json;
    assert.deepEqual([now.title, now[enterprise].department], ["Head of sales", "Sales"]);
    await goTo("Groups");
  }));

test("on a narrow screen nothing is wider than the screen", { timeout: 120_000 }, () =>
  inPortal(
    async (page, { main, heading }) => {
      const { id } = (await context.api.get("/directories")).expect(200).json.value.find((each) => each.profile === "application");
      for (const [path, title] of [
        ["/people/deleted", "Deleted people"],
        ["/inbound", "Inbound provisioning"],
        [`/peakon/${id}`, "Employee Provisioning"],
        [`/peakon/${id}/configuration/attributes`, "Attributes"],
      ]) {
        await page.goto(context.url + path);
        await heading(title).waitFor();
        await settled(page);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.equal(width, 375, path);
        for (const scheme of ["light", "dark"]) {
          await setColorScheme(page, scheme);
          await picture(page, `narrow${path.replaceAll("/", "-").replace(id, "tenant")}-${scheme}`);
        }
      }
      // The tabs are one line, and the current one can be seen.
      const list = main.getByRole("navigation", { name: "Tenant" });
      assert.ok((await list.boundingBox()).height < 50);
      const current = await list.getByRole("link", { name: "Attributes" }).boundingBox();
      assert.ok(current.x >= 0 && current.x + current.width <= 375, JSON.stringify(current));
    },
    { width: 375, height: 812 },
  ));

test("many people who are not in a file are deleted only when that is meant", { timeout: 120_000 }, () =>
  inPortal(async (page, { main, button, dialog, goTo, region }, errors) => {
    errors.expect(/status of 409.*import/);
    await importPeople(context, people(60, "many.example"));
    await goTo("People");
    await main.getByRole("link", { name: "Import CSV" }).click();
    const file = { name: "few.csv", mimeType: "text/csv", buffer: Buffer.from("userPrincipalName\nperson0@many.example\n") };
    const send = async () => {
      await page.getByLabel("CSV file").setInputFiles(file);
      await page.getByLabel("Delete people who are not in the file").check();
      await button("Preview").click();
      await region("Preview: nothing is written yet").getByText("To delete").waitFor();
      await page.getByRole("button", { name: /^Import \d+ changes$/ }).click();
      const question = dialog("Delete people who are not in the file?");
      await question.getByRole("button", { name: "Import and delete" }).click();
      return question;
    };
    const question = await send();
    await question.getByText(/people are not in the file. Nobody was removed/).waitFor();
    await checkPage(page, "import-many");
    await question.getByRole("button", { name: "Cancel" }).click();
    await page.getByLabel("Delete them however many they are").check();
    await send();
    await region("Import finished").waitFor();
    const { totalResults } = (await context.workforce.get("/Users?count=0")).expect(200).json;
    assert.equal(totalResults, 1);
  }));
