/** Bearer tokens of SCIM clients. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { scim, until } from "../../scripts/lib/client.mjs";
import { useServer } from "./support/server.mjs";
import { tenant } from "./support/setup.mjs";

const context = useServer();
const user = (userName) => ({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName });
const newToken = async (directory, body = {}) => (await context.api.post(`${directory.path}/tokens`, body)).expect(201).json;
const status = async (directory, token, method = "GET", body) => (await scim(directory.scimUrl, token).send(method, "/Users", { body })).status;

test("the secret is shown once", async () => {
  const directory = await tenant(context);
  const token = await newToken(directory, { label: "Entra" });
  assert.ok(token.secret.length >= 40, "a secret nobody guesses");
  assert.deepEqual([token.label, token.scope], ["Entra", "readWrite"]);
  const list = (await context.api.get(`${directory.path}/tokens`)).expect(200);
  assert.equal(list.json.value.length, 2);
  assert.ok(!list.text.includes(token.secret), "the list shows the secret");
  assert.ok(list.json.value.every((each) => each.secret === undefined));
  const audits = (await context.api.get("/auditLogs/directoryAudits")).expect(200);
  assert.ok(!audits.text.includes(token.secret), "the audit log shows the secret");
});

test("several tokens work at the same time; revoking one ends it at once and no other", async () => {
  const directory = await tenant(context);
  const [one, two] = [await newToken(directory), await newToken(directory)];
  assert.notEqual(one.secret, two.secret);
  for (const { secret } of [one, two]) assert.equal(await status(directory, secret), 200);
  (await context.api.delete(`${directory.path}/tokens/${one.id}`)).expect(204);
  assert.equal(await status(directory, one.secret), 401);
  assert.equal(await status(directory, two.secret), 200);
  assert.equal((await context.api.delete(`${directory.path}/tokens/${one.id}`)).status, 404);
});

test("a new token works at once, even if it was tried before it existed", async () => {
  const directory = await tenant(context);
  assert.equal(await status(directory, "not-yet"), 401);
  const token = await newToken(directory);
  assert.equal(await status(directory, token.secret), 200);
});

test("a token that expired is refused", async () => {
  const directory = await tenant(context);
  const soon = new Date(Date.now() + 3_000);
  const token = await newToken(directory, { expiresDateTime: soon.toISOString() });
  assert.equal(await status(directory, token.secret), 200);
  await until("the token's end", async () => (await status(directory, token.secret)) === 401, { limit: 6_000 });
  assert.ok(Date.now() >= soon, "refused before its time");
});

test("a token lasts a year unless it is told otherwise, and no expiry in the past is taken", async () => {
  const directory = await tenant(context);
  const days = (Date.parse((await newToken(directory)).expiresDateTime) - Date.now()) / 86_400_000;
  assert.ok(days > 364 && days <= 366, `${days} days`);
  for (const expiresDateTime of ["2020-01-01T00:00:00Z", "tomorrow", ""]) {
    const answer = await context.api.post(`${directory.path}/tokens`, { expiresDateTime });
    assert.deepEqual([answer.status, answer.json.error.code], [400, "Request_BadRequest"], expiresDateTime);
  }
  assert.equal((await context.api.post(`${directory.path}/tokens`, { scope: "everything" })).status, 400);
});

test("a token of scope read reads and searches, and does not write", async () => {
  const directory = await tenant(context);
  const created = (await directory.scim.post("/Users", user("ada"))).expect(201).json;
  const { secret } = await newToken(directory, { scope: "read" });
  const reader = scim(directory.scimUrl, secret);
  (await reader.get(`/Users/${created.id}`)).expect(200);
  (await reader.post("/Users/.search", { schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], filter: 'userName eq "ada"' })).expect(200);
  const PatchOp = { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{ op: "replace", path: "active", value: false }] };
  const writes = [["POST", "/Users", user("bob")], ["PUT", `/Users/${created.id}`, user("bob")], ["PATCH", `/Users/${created.id}`, PatchOp], ["DELETE", `/Users/${created.id}`]];
  for (const [method, path, body] of writes) {
    const answer = await reader.send(method, path, { body });
    assert.deepEqual([answer.status, answer.json?.status], [403, "403"], method);
  }
  assert.equal((await directory.scim.get("/Users")).json.totalResults, 1);
});

test("a token opens its own directory only, and nothing of the management API", async () => {
  const [one, two] = [await tenant(context), await tenant(context)];
  for (const directory of [two, { scimUrl: `${context.url}/scim/${context.workforceId}/v2` }]) assert.equal(await status(directory, one.token), 401);
  const answer = await context.anonymous.get("/api/v1.0/session", { headers: { authorization: `Bearer ${one.token}` } });
  assert.equal(answer.status, 401);
});

test("with employee provisioning switched off every token is refused, and works again when it is on", async () => {
  const directory = await tenant(context);
  assert.equal(await status(directory, directory.token), 200);
  (await context.api.patch(directory.path, { employeeProvisioningEnabled: false })).expect(200);
  assert.equal(await status(directory, directory.token), 401);
  assert.equal(await status(directory, context.server.adminKey), 200, "the administrator still sees the accounts");
  (await context.api.patch(directory.path, { employeeProvisioningEnabled: true })).expect(200);
  assert.equal(await status(directory, directory.token), 200);
});

test("a token that is no good is told from none, and the answer does not tell whether there is such a directory", async () => {
  const directory = await tenant(context);
  const soon = new Date(Date.now() + 1_500);
  const [revoked, expired] = [await newToken(directory), await newToken(directory, { expiresDateTime: soon.toISOString() })];
  (await context.api.delete(`${directory.path}/tokens/${revoked.id}`)).expect(204);
  const off = await tenant(context);
  (await context.api.patch(off.path, { employeeProvisioningEnabled: false })).expect(200);
  const nowhere = randomUUID();
  const scimUrlOf = (id) => `${context.url}/scim/${id}/v2`;
  await until("the token's end", async () => (await status(directory, expired.secret)) === 401, { limit: 6_000 });
  const cases = {
    revoked: [directory.scimUrl, revoked.secret],
    expired: [directory.scimUrl, expired.secret],
    "of a directory that is switched off": [off.scimUrl, off.token],
    "of another directory": [off.scimUrl, directory.token],
    guessed: [directory.scimUrl, "guess"],
    "guessed as a key": [directory.scimUrl, "rck_guess"],
    "of a directory that never was": [scimUrlOf(nowhere), `rct_${nowhere.replaceAll("-", "")}_secret`],
    "guessed where there is no directory": [scimUrlOf(nowhere), "guess"],
  };
  const details = new Set();
  for (const [name, [url, token]] of Object.entries(cases)) {
    for (const method of ["GET", "DELETE"]) {
      const answer = (await scim(url, token).send(method, "/Users/x")).expect(401);
      assert.equal(answer.headers.get("www-authenticate"), 'Bearer realm="scim", error="invalid_token"', name);
      assert.match(answer.headers.get("content-type"), /^application\/scim\+json/, name);
      details.add(answer.json.detail);
    }
  }
  assert.equal(details.size, 1, [...details].join("\n"));
  assert.match([...details][0], /unknown, expired or revoked/);
  for (const headers of [{}, { authorization: "Basic YWRhOnNlY3JldA==" }, { authorization: "Bearer " }]) {
    for (const url of [directory.scimUrl, scimUrlOf(nowhere)]) {
      const answer = (await context.anonymous.get(`${url}/Users`, { headers })).expect(401);
      assert.equal(answer.headers.get("www-authenticate"), 'Bearer realm="scim"', headers.authorization);
      assert.match(answer.json.detail, /^Send a token/, headers.authorization);
    }
  }
  const manager = scim(scimUrlOf(nowhere), context.server.adminKey);
  assert.match((await manager.get("/Users")).expect(404).json.detail, /no such directory/, "who manages directories may know");
});

test("the list tells when a token was used last", async () => {
  const directory = await tenant(context);
  const unused = await newToken(directory, { label: "unused" });
  await status(directory, directory.token);
  const list = await context.api.all(`${directory.path}/tokens`);
  assert.ok(Math.abs(Date.parse(list.find(({ id }) => id === directory.tokenId).lastUsedDateTime) - Date.now()) < 120_000);
  assert.equal(list.find(({ id }) => id === unused.id).lastUsedDateTime ?? null, null);
});
