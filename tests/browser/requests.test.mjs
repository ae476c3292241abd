/** What SCIM clients did with a directory: the list of requests, and the history of a person. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { scim } from "../../scripts/lib/client.mjs";
import { useServer } from "../worker/support/server.mjs";
import { importPeople, people, tenant } from "../worker/support/setup.mjs";
import { checkPage } from "./support/accessibility.mjs";
import { picture, setColorScheme, settled } from "./support/browser.mjs";
import { usePortal } from "./support/portal.mjs";

const user = "urn:ietf:params:scim:schemas:core:2.0:User";
const replace = (path, value) => ({ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{ op: "replace", path, value }] });
let directory;
const context = useServer({
  prepare: async () => {
    directory = await tenant(context, { displayName: "Contoso surveys", label: "Entra ID" });
    await importPeople(context, people(3));
  },
});
const inPortal = usePortal(context);

test("requests and history of a tenant", { timeout: 120_000 }, () =>
  inPortal(async (page, { main, dialog, heading, region, rows, button, goTo }, errors) => {
    errors.expect(/status of 404.*nobody/);
    await goTo("Peakon admin console");
    await main.getByRole("link", { name: "Contoso surveys" }).click();
    const tabs = page.getByRole("navigation", { name: "Tenant" });
    await tabs.getByRole("link", { name: "Request activity" }).click();
    await heading("Request activity").waitFor();
    await main.getByText("No request yet").waitFor();
    await checkPage(page, "requests-empty");

    const { id } = (await directory.scim.post("/Users", { schemas: [user], userName: "ada", displayName: "Ada" })).expect(201).json;
    (await directory.scim.patch(`/Users/${id}`, replace("title", "Countess"))).expect(200);
    assert.equal((await directory.scim.post("/Users", { schemas: [user], userName: "ada" })).status, 409);
    await button("Refresh").click();
    const failed = rows("Requests").filter({ hasText: "409" });
    await failed.waitFor();
    assert.match(await failed.innerText(), /POST \/Users[\s\S]*Entra ID[\s\S]*ada/);
    assert.equal(await rows("Requests").count(), 1 + 3);
    await checkPage(page, "requests");
    await main.getByLabel("Show").selectOption({ label: "Failed" });
    await page.waitForURL(/failed=true/);
    await rows("Requests").filter({ hasText: "201" }).waitFor({ state: "detached" });
    assert.equal(await rows("Requests").count(), 1 + 1);

    await tabs.getByRole("link", { name: "Employees" }).click();
    await heading("Employees").waitFor();
    await main.getByLabel("Sort by").selectOption({ label: "User name" });
    await page.waitForURL(/sort=userName/);
    await main.getByRole("link", { name: "Ada" }).click();
    await page.waitForURL((url) => url.searchParams.get("open") === id && url.searchParams.get("sort") === "userName");
    const drawer = dialog("Ada");
    const history = drawer.getByRole("table", { name: "Change history" }).getByRole("row");
    await history.filter({ hasText: "Changed" }).waitFor();
    assert.match(await history.filter({ hasText: "Changed" }).innerText(), /title[\s\S]*Entra ID/);
    await history.filter({ hasText: "Created" }).waitFor();
    await checkPage(page, "employee-history");

    await page.goto(`${context.url}/peakon/nobody/requests`);
    await main.getByText("Not found").first().waitFor();
  }));

test("what was pushed into the workforce directory, on a narrow screen", { timeout: 120_000 }, () =>
  inPortal(
    async (page, { main, heading, rows }) => {
      const { secret } = (await context.api.post(`/directories/${context.workforceId}/tokens`, { label: "Okta" })).expect(201).json;
      const okta = scim(`${context.url}/scim/${context.workforceId}/v2`, secret);
      const { id } = (await okta.post("/Users", { schemas: [user], userName: "grace", displayName: "Grace" })).expect(201).json;
      await page.goto(`${context.url}/inbound`);
      await main.getByRole("link", { name: "Request activity" }).press("Enter");
      await heading("Request activity").waitFor();
      await rows("Requests").filter({ hasText: "Okta" }).waitFor();
      await settled(page);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375);
      for (const scheme of ["light", "dark"]) {
        await setColorScheme(page, scheme);
        await picture(page, `narrow-requests-${scheme}`);
      }
      await page.goto(`${context.url}/people/${id}`);
      await heading("Grace").waitFor();
      await rows("Change history").filter({ hasText: "Okta" }).waitFor();
      await checkPage(page, "person-history");
    },
    { width: 375, height: 1400 },
  ));
