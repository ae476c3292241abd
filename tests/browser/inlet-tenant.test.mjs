/** An inlet in the portal that signs in with a certificate, and the assignments of an application that it mirrors. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { clientCertificate } from "../worker/support/certificate.mjs";
import { Graph } from "../worker/support/graph.mjs";
import { useServer } from "../worker/support/server.mjs";
import { application } from "../worker/support/setup.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { usePortal } from "./support/portal.mjs";

const context = useServer();
const inPortal = usePortal(context);

test("an inlet with a certificate mirrors who is assigned in the tenant", { timeout: 180_000 }, async () => {
  const graph = await new Graph().listen();
  try {
    const certificate = clientCertificate();
    graph.certificates.push(certificate.x509);
    const person = graph.addUser({ userPrincipalName: "ada@tenant.example", displayName: "Ada" });
    const role = randomUUID();
    const source = graph.addApplication([{ id: role, value: "User", displayName: "User" }]);
    graph.assign(source, person, role);
    await application(context, "SCIM 2.0 application", "Warehouse");
    await inPortal(async (page, { main, dialog, button, heading, region, rows, said, goTo }) => {
      await goTo("Inlets");
      await button("Add Microsoft Entra ID").first().click();
      const add = dialog("Add Microsoft Entra ID");
      await add.getByLabel("Cloud").selectOption({ label: "Another address" });
      await add.getByLabel("Tenant ID").fill(graph.tenantId);
      await add.getByLabel("Client ID").fill(graph.clientId);
      await add.getByLabel("Login origin").fill(graph.origin);
      await add.getByLabel("Graph origin").fill(graph.origin);
      await add.getByLabel("Sign in with").selectOption({ label: "Certificate" });
      assert.equal(await add.getByLabel("Client secret", { exact: true }).count(), 0);
      await add.getByLabel("Certificate", { exact: true }).fill(certificate.certificate);
      await add.getByRole("button", { name: "Test Connection" }).click();
      await add.getByText("Paste the private key").waitFor();
      await add.getByLabel("Private key").fill(certificate.privateKey);
      await add.getByRole("button", { name: "Test Connection" }).click();
      await add.getByRole("status").getByText("The connection works").waitFor();
      await checkPage(page, "inlet-certificate");
      await add.getByLabel("Name").fill("Tenant");
      await add.getByRole("button", { name: "Add inlet" }).click();
      await heading("Tenant").waitFor();
      assert.match(await region("Settings").innerText(), /Certificate\s+Valid\s+until [\s\S]*thumbprint [0-9A-F]{40}/);
      assert.ok(!(await page.content()).includes("PRIVATE KEY"), "the key is nowhere");
      await region("Last round").getByText("Everything is read").waitFor();

      const mirrored = region("Assignments from the tenant");
      await mirrored.getByText("No application is mirrored").waitFor();
      await button("Mirror an application").click();
      const mirror = dialog("Mirror an application");
      await mirror.getByRole("button", { name: "Mirror", exact: true }).click();
      await mirror.getByText("Enter the Object ID of the enterprise application.").waitFor();
      await mirror.getByLabel("Object ID in the tenant").fill(source);
      assert.deepEqual(await mirror.getByLabel("Application here").getByRole("option").allInnerTexts(), ["Warehouse"]);
      await checkPage(page, "inlet-mirror");
      await mirror.getByRole("button", { name: "Mirror", exact: true }).click();
      await said("The application is mirrored from the next round on");
      // That round begins by itself; one more would have nothing to add.
      const row = rows("Mirrored applications").filter({ hasText: "Warehouse" });
      await row.getByText("1 added, 0 removed").waitFor();
      await checkPage(page, "inlet-mirrored");

      // What a round changes on the page leaves an open dialog, and what is typed in it, as they are.
      await application(context, "SCIM 2.0 application", "Depot");
      await page.reload();
      await row.waitFor();
      await button("Run now").click();
      await button("Mirror an application").click();
      await mirror.getByLabel("Object ID in the tenant").fill("half of an id");
      await row.getByText("0 added, 0 removed").waitFor();
      assert.equal(await mirror.getByLabel("Object ID in the tenant").inputValue(), "half of an id");
      await mirror.getByLabel("Object ID in the tenant").fill(source);
      await mirror.getByRole("button", { name: "Mirror", exact: true }).click();
      await rows("Mirrored applications").filter({ hasText: "Depot" }).getByText("1 added, 0 removed").waitFor();

      // The saved certificate stays where its fields are empty; everything is mirrored: nothing is left to choose.
      await button("Edit").click();
      const edit = dialog("Edit inlet");
      assert.equal(await edit.getByLabel("Sign in with").inputValue(), "certificate");
      assert.equal(await edit.getByLabel("Private key").inputValue(), "");
      await edit.getByRole("button", { name: "Save" }).click();
      await said("Nothing was changed");
      await button("Edit").click();
      await edit.getByLabel("Minutes between two rounds").fill("30");
      await edit.getByRole("button", { name: "Save" }).click();
      await said("Settings saved");
      await button("Mirror an application").click();
      await mirror.getByText("No application to choose").waitFor();
      await page.keyboard.press("Escape");
      await mirror.waitFor({ state: "hidden" });
      for (const name of ["Warehouse", "Depot"]) {
        const gone = rows("Mirrored applications").filter({ hasText: name });
        await gone.getByRole("button", { name: /^Stop mirroring/ }).click();
        await dialog(`Stop mirroring assignments of ${name}?`).getByRole("button", { name: "Stop mirroring" }).click();
        await gone.waitFor({ state: "hidden" });
      }
      await main.getByText("No application is mirrored").waitFor();

      // A file about somebody who comes from the tenant has the last word only for a while.
      await page.goto(`${context.url}/people/import`);
      const buffer = Buffer.from("userPrincipalName,department\nada@tenant.example,Legal\nnew@tenant.example,Legal\n");
      await page.getByLabel("CSV file").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer });
      await button("Preview").click();
      const preview = region("Preview: nothing is written yet");
      await preview.getByText("1 person who would change or be deleted comes from an inlet as well.").waitFor();
      await checkPage(page, "import-of-inlets");
    });
  } finally {
    await graph.close();
  }
});

test("assignments of many that are gone in the tenant wait for an answer", { timeout: 180_000 }, async () => {
  const graph = await new Graph().listen();
  try {
    const people = Array.from({ length: 60 }, (_, index) => graph.addUser({ userPrincipalName: `h${index}@held.example`, displayName: `H ${index}` }));
    const role = randomUUID();
    const source = graph.addApplication([{ id: role, value: "User", displayName: "User" }]);
    for (const id of people) graph.assign(source, id, role);
    const app = await application(context, "SCIM 2.0 application", "Harbour");
    const inlets = `/directories/${context.workforceId}/inlets`;
    const appRoleAssignments = [{ sourceServicePrincipalId: source, servicePrincipalId: app.id }];
    const { id } = (await context.api.post(inlets, { ...graph.settings, displayName: "Held", appRoleAssignments })).expect(201).json;
    const read = async () => (await context.api.get(`${inlets}/${id}`)).expect(200).json;
    const mirrored = async () => (await read()).appRoleAssignments[0].status;
    await until("the assignments", async () => (await mirrored())?.added === 60);
    await until("the end of the round", async () => (await read()).status.state === "idle");
    for (const each of people.slice(0, 55)) graph.unassign(source, each);
    (await context.api.post(`${inlets}/${id}/run`)).expect(204);
    await until("what is held", async () => (await mirrored()).held === 55);
    await until("the end of the round", async () => (await read()).status.state === "idle");

    await inPortal(async (page, { dialog, heading, main, rows, said }) => {
      await page.goto(`${context.url}/inlets/${id}`);
      await heading("Held").waitFor();
      const note = main.getByRole("note").filter({ hasText: "55 assignments of Harbour" });
      await note.getByText("nobody was unassigned").waitFor();
      assert.equal(await note.getByText("nobody was deleted").count(), 0);
      await checkPage(page, "inlet-held-assignments");
      await note.getByRole("button", { name: "Remove them" }).click();
      const question = dialog("Remove assignments that are gone from Held?");
      await question.getByText("55 assignments of Harbour are removed.").waitFor();
      await question.getByRole("button", { name: "Remove", exact: true }).click();
      await said("A round was started");
      await note.waitFor({ state: "hidden" });
      await rows("Mirrored applications").filter({ hasText: "Harbour" }).getByText("0 added, 55 removed").waitFor();
      assert.equal((await mirrored()).assigned, 5);
    });
  } finally {
    await graph.close();
  }
});
