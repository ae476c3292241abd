/** Who may manage the organization: members with roles, and API keys, over HTTP. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../../scripts/lib/client.mjs";
import { useServer } from "./support/server.mjs";

const context = useServer();
const members = "/organization/members";
const keys = "/organization/apiKeys";
const user = { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "ada" };

const addMember = async (email, role) => (await context.api.post(members, { email, ...(role && { role }) })).expect(201).json;

/** A browser of a member. */
async function signIn(email) {
  const { url } = (await context.api.post("/signInLinks", { email })).expect(201).json;
  const answer = await context.anonymous.get(url);
  const cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0];
  return new Client(`${context.url}/api/v1.0`, { headers: { cookie, origin: context.url } });
}

const withKey = (secret) => new Client(`${context.url}/api/v1.0`, { headers: { authorization: `Bearer ${secret}` } });
const audit = async () => (await context.api.get("/auditLogs/directoryAudits")).expect(200).json.value;

test("members are listed, checked, changed and removed", async () => {
  const ada = await addMember(" Ada@Contoso.com ");
  assert.deepEqual([ada.email, ada.role, ada.lastSignInDateTime], ["ada@contoso.com", "administrator", null]);
  assert.equal((await context.api.post(members, { email: "ADA@contoso.com" })).status, 409);
  for (const email of ["", "nobody", "a b@contoso.com", `${"a".repeat(254)}@x`]) assert.equal((await context.api.post(members, { email })).status, 400, email);
  assert.equal((await context.api.post(members, { email: "x@contoso.com", role: "owner" })).status, 400);
  const changed = (await context.api.patch(`${members}/${ada.id}`, { role: "reader" })).expect(200).json;
  assert.equal(changed.role, "reader");
  assert.deepEqual((await context.api.get(members)).expect(200).json.value.map(({ email }) => email), ["ada@contoso.com"]);
  (await context.api.delete(`${members}/${ada.id}`)).expect(204);
  assert.equal((await context.api.delete(`${members}/${ada.id}`)).status, 404);
  assert.equal((await context.api.patch(`${members}/${ada.id}`, { role: "reader" })).status, 404);
  assert.equal((await context.anonymous.get(`/api/v1.0${members}`)).status, 401);
  const said = (await audit()).map(({ activityDisplayName, targetResources: [target] }) => [activityDisplayName, target.displayName]);
  assert.deepEqual(said.slice(0, 3), [
    ["Remove member", "ada@contoso.com"],
    ["Update member", "ada@contoso.com"],
    ["Add member", "ada@contoso.com"],
  ]);
});

test("a link for an address makes a member of it, and a member's role counts at once", async () => {
  const browser = await signIn("Grace@contoso.com");
  const [grace] = (await context.api.get(members)).expect(200).json.value;
  assert.deepEqual([grace.email, grace.role], ["grace@contoso.com", "administrator"]);
  const session = (await browser.get("/session")).expect(200).json;
  assert.deepEqual([session.displayName, session.role], ["grace@contoso.com", "administrator"]);
  const [listed] = (await browser.get(members)).expect(200).json.value;
  assert.ok(Math.abs(Date.now() - Date.parse(listed.lastSignInDateTime)) < 60_000);
  assert.equal((await browser.delete(`${members}/${grace.id}`)).status, 409, "nobody removes themselves");
  assert.equal((await browser.patch(`${members}/${grace.id}`, { role: "reader" })).status, 409);
  const created = (await browser.post(`${context.url}/scim/${context.workforceId}/v2/Users`, user)).expect(201).json;

  (await context.api.patch(`${members}/${grace.id}`, { role: "reader" })).expect(200);
  assert.equal((await browser.get("/session")).expect(200).json.role, "reader");
  (await browser.get("/directories")).expect(200);
  for (const answer of [
    await browser.post("/directories", { displayName: "x", profile: "application" }),
    await browser.patch(`/directories/${context.workforceId}`, { displayName: "x" }),
    await browser.post("/signInLinks", {}),
    await browser.post(members, { email: "x@contoso.com" }),
    await browser.post(keys, {}),
    await browser.delete(`/directories/${context.workforceId}`),
  ]) {
    assert.deepEqual([answer.status, answer.json.error.code], [403, "Authorization_RequestDenied"]);
    assert.match(answer.json.error.message, /Your role is Reader/);
  }
  const scim = `${context.url}/scim/${context.workforceId}/v2`;
  (await browser.get(`${scim}/Users/${created.id}`)).expect(200);
  (await browser.post(`${scim}/Users/.search`, { schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"] })).expect(200);
  const denied = await browser.delete(`${scim}/Users/${created.id}`);
  assert.deepEqual([denied.status, denied.json.schemas], [403, ["urn:ietf:params:scim:api:messages:2.0:Error"]]);
  assert.match(denied.json.detail, /Your role is Reader/);

  (await context.api.delete(`${members}/${grace.id}`)).expect(204);
  assert.equal((await browser.get("/session")).status, 401, "a removed member is signed out");
  assert.equal((await browser.get(`${scim}/Users`)).status, 401);
});

test("a link of somebody who was removed meanwhile opens nothing", async () => {
  const member = await addMember("late@contoso.com");
  const { url } = (await context.api.post("/signInLinks", { email: "late@contoso.com" })).expect(201).json;
  (await context.api.delete(`${members}/${member.id}`)).expect(204);
  assert.equal((await context.anonymous.get(url)).headers.get("location"), "/?signIn=expired");
});

test("a Reader can sign out", async () => {
  await addMember("out@contoso.com", "reader");
  const browser = await signIn("out@contoso.com");
  (await browser.delete("/session")).expect(204);
  assert.equal((await browser.get("/session")).status, 401);
});

test("API keys are shown once, used, and revoked at once", async () => {
  const expires = new Date(Date.now() + 86_400_000).toISOString();
  const made = (await context.api.post(keys, { label: "Backup", expiresDateTime: expires })).expect(201).json;
  assert.match(made.secret, /^rck_.{32,}$/);
  assert.deepEqual([made.label, made.role, Date.parse(made.expiresDateTime)], ["Backup", "administrator", Date.parse(expires)]);
  const script = withKey(made.secret);
  const session = (await script.get("/session")).expect(200).json;
  assert.deepEqual([session.displayName, session.role, session.expiresDateTime], ["API key Backup", "administrator", null]);
  const directory = (await script.post("/directories", { displayName: "By key", profile: "application" })).expect(201).json;
  (await script.get(`${directory.scimUrl}/Users`)).expect(200);
  const list = (await context.api.get(keys)).expect(200);
  assert.ok(!list.text.includes(made.secret) && list.json.value[0].lastUsedDateTime);
  const [first] = await audit();
  assert.deepEqual([first.activityDisplayName, first.initiatedBy.displayName], ["Add directory", "API key Backup"]);
  assert.ok(!JSON.stringify(await audit()).includes(made.secret));

  (await context.api.delete(`${keys}/${made.id}`)).expect(204);
  assert.equal((await script.get("/session")).status, 401);
  assert.equal((await script.get(`${directory.scimUrl}/Users`)).status, 401);
  assert.equal((await context.api.delete(`${keys}/${made.id}`)).status, 404);
  assert.deepEqual((await audit()).slice(0, 1).map(({ activityDisplayName }) => activityDisplayName), ["Revoke API key"]);
});

test("keys that read, keys that are wrong, and the installation's own key", async () => {
  const reader = withKey((await context.api.post(keys, { role: "reader" })).expect(201).json.secret);
  (await reader.get("/directories")).expect(200);
  assert.equal((await reader.post("/directories", { displayName: "x", profile: "application" })).status, 403);
  for (const body of [{ expiresDateTime: "2001-01-01T00:00:00Z" }, { expiresDateTime: "soon" }, { label: "x".repeat(121) }, { role: "owner" }]) {
    assert.equal((await context.api.post(keys, body)).status, 400, JSON.stringify(body));
  }
  const short = (await context.api.post(keys, { expiresDateTime: new Date(Date.now() + 1_500).toISOString() })).expect(201).json;
  (await withKey(short.secret).get("/session")).expect(200);
  await new Promise((done) => setTimeout(done, 1_700));
  assert.equal((await withKey(short.secret).get("/session")).status, 401, "expired");
  for (const wrong of ["rck_", "rck_guess", `${short.secret}x`]) assert.equal((await withKey(wrong).get("/session")).status, 401);
  const own = (await context.api.get("/session")).expect(200).json;
  assert.deepEqual([own.displayName, own.role], ["Management API key", "administrator"]);
});
