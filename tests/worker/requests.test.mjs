/** What SCIM clients asked of a directory, and what happened to its people. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { query, scim } from "../../scripts/lib/client.mjs";
import { startServer } from "../../scripts/lib/server.mjs";
import { signInLink } from "../browser/support/browser.mjs";
import { clientsOf, temporaryFolder, useServer } from "./support/server.mjs";
import { findUser, importPeople, people, tenant } from "./support/setup.mjs";

const user = "urn:ietf:params:scim:schemas:core:2.0:User";
const patchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const context = useServer();
const requestsOf = async ({ path }, parameters = {}) => (await context.api.get(`${path}/requests${query(parameters)}`)).expect(200).json;
const historyOf = async (path, id, parameters = {}) => (await context.api.get(`${path}/users/${id}/history${query(parameters)}`)).expect(200).json;
const replace = (path, value) => ({ schemas: [patchOp], Operations: [{ op: "replace", path, value }] });

test("requests are listed with who, what, and what came of it, and without secrets", async () => {
  const directory = await tenant(context, { label: "Entra ID" });
  const { id } = (await directory.scim.post("/Users", { schemas: [user], userName: "ada", password: "hunter2" })).expect(201).json;
  assert.equal((await directory.scim.post("/Users", { schemas: [user], userName: "ada" })).status, 409);
  (await directory.scim.get(`/Users${query({ filter: 'userName eq "ada"' })}`)).expect(200);
  await directory.scim.get(`/Users${query({ filter: 'password eq "hunter2"' })}`);
  await scim(directory.scimUrl, `${directory.token}x`).get(`/Users/${id}`);
  (await scim(directory.scimUrl, context.server.adminKey).delete(`/Users/${id}`)).expect(204);

  const { value } = await requestsOf(directory);
  const told = value.map(({ method, path, status, client }) => [method, decodeURIComponent(path), status, client]);
  assert.deepEqual(told.slice(0, 2), [
    ["DELETE", `/Users/${id}`, 204, "Management API key"],
    ["GET", `/Users/${id}`, 401, "Unknown, expired or revoked token"],
  ]);
  assert.deepEqual(told[2].slice(0, 2), ["GET", "/Users?…"]);
  assert.deepEqual(told.slice(3), [
    ["GET", '/Users?filter=userName eq "ada"', 200, "Entra ID"],
    ["POST", "/Users", 409, "Entra ID"],
    ["POST", "/Users", 201, "Entra ID"],
  ]);
  assert.match(value[4].detail, /ada/);
  assert.ok(value.every(({ dateTime, durationInMilliseconds }) => Math.abs(Date.now() - Date.parse(dateTime)) < 60_000 && durationInMilliseconds < 10_000));
  const text = JSON.stringify(value);
  assert.ok(!text.includes("hunter2") && !text.includes(directory.token));
  const failed = (await requestsOf(directory, { failed: true })).value;
  assert.ok(failed.length >= 2 && failed.every(({ status }) => status >= 400));
});

test("the portal's own reading is not in the list, its writing is", async () => {
  const directory = await tenant(context);
  const link = await signInLink(context.server);
  const cookie = (await context.anonymous.get(link)).headers.get("set-cookie").split(";")[0];
  const headers = { cookie, origin: context.url };
  (await context.anonymous.get(`${directory.scimUrl}/Users`, { headers })).expect(200);
  (await context.anonymous.post(`${directory.scimUrl}/Users`, { schemas: [user], userName: "by hand" }, { headers })).expect(201);
  const { value } = await requestsOf(directory);
  assert.deepEqual(value.map(({ method, client }) => [method, client]), [["POST", "administrator"]]);
});

test("the newest thousand are kept, page by page", { timeout: 120_000 }, async () => {
  const directory = await tenant(context);
  for (let round = 0; round < 12; round += 1) {
    await Promise.all(Array.from({ length: 100 }, (_, index) => directory.scim.get(`/Users/${round * 100 + index}`)));
  }
  let page = await requestsOf(directory, { $top: 1000 });
  assert.equal(page.value.length, 1000);
  assert.equal(page.value[0].id, "1200");
  const rest = [];
  while (page["@odata.nextLink"]) {
    page = (await context.api.get(page["@odata.nextLink"])).expect(200).json;
    rest.push(...page.value);
  }
  assert.ok(rest.length < 200, `${rest.length} beyond the thousand`);
});

test("requests are written within seconds, whatever becomes of the object's memory", { timeout: 120_000 }, async (t) => {
  const options = { dataDir: temporaryFolder(), quiet: true, cron: false, env: { CHANGE_DEBOUNCE_SECONDS: "0" } };
  const first = await startServer(options);
  t.after(() => first.stop());
  const directory = await tenant(await clientsOf(first));
  (await directory.scim.get("/Users/last")).expect(404);
  await sleep(7_000);
  await first.stop();
  const second = await startServer(options);
  t.after(() => second.stop());
  const { api } = await clientsOf(second);
  const { value } = (await api.get(`${directory.path}/requests`)).expect(200).json;
  assert.deepEqual(value.map(({ path, status }) => [path, status]), [["/Users/last", 404]]);
});

test("somebody's history tells what changed, when, and by whom", async () => {
  const rows = people(3);
  await importPeople(context, rows);
  const { id } = await findUser(context, rows[1].userPrincipalName);
  const path = `/directories/${context.workforceId}`;
  const { secret } = (await context.api.post(`${path}/tokens`, { label: "Okta" })).expect(201).json;
  const okta = scim(`${context.url}/scim/${context.workforceId}/v2`, secret);
  (await okta.patch(`/Users/${id}`, replace("title", "Engineer"))).expect(200);
  (await okta.delete(`/Users/${id}`)).expect(204);
  (await context.api.post(`${path}/deletedItems/${id}/restore`)).expect(200);
  const { value } = await historyOf(path, id);
  const told = value.map(({ activity, client }) => `${activity} by ${client}`);
  assert.deepEqual(told.slice(0, 3), ["restore by Restored by an administrator", "delete by Okta", "update by Okta"]);
  assert.deepEqual(value[2].attributes, ["title"]);
  assert.ok(told.includes("create by CSV import"), told.join());
  const joined = value.find(({ activity }) => activity === "memberAdded");
  assert.deepEqual([joined.groupDisplayName, joined.client], ["Everybody", "CSV import"]);
  const first = await historyOf(path, id, { $top: 2 });
  const next = (await context.api.get(first["@odata.nextLink"])).expect(200).json;
  assert.deepEqual([...first.value, ...next.value], value.slice(0, first.value.length + next.value.length));
  assert.deepEqual((await historyOf(path, "nobody")).value, []);
  assert.equal((await context.api.get("/directories/nobody/requests")).status, 404);
  assert.equal((await context.anonymous.get(`/api/v1.0${path}/users/${id}/history`)).status, 401);
});
