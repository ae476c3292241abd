/** Targets that want an OAuth 2.0 client (RFC 6749, section 4.4) and not a Secret Token. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { freePort } from "../../scripts/lib/ports.mjs";
import { filesBelow } from "../../scripts/lib/stamp.mjs";
import { Authority } from "./support/authority.mjs";
import { useServer } from "./support/server.mjs";
import { importPeople, people, provisioning, secretsOf, tenant } from "./support/setup.mjs";
import { Target } from "./support/target.mjs";

const count = 12;
const context = useServer({ prepare: () => importPeople(context, people(count)) });
let target, authority, job;

/** Every test has a target, a token endpoint and a job of its own. */
beforeEach(async (t) => {
  [target, authority] = await Promise.all([new Target().listen(), new Authority().listen()]);
  t.after(() => Promise.all([target.close(), authority.close()]));
  target.accepts = authority.accepts;
  job = await provisioning(context, { url: target.url, token: "" });
  await job.save(client());
});

const client = (more) => ({
  BaseAddress: target.url,
  AuthenticationType: "OAuth2ClientCredentials",
  Oauth2TokenExchangeUri: authority.url,
  Oauth2ClientId: authority.clientId,
  Oauth2ClientSecret: authority.clientSecret,
  ...more,
});
const tryOut = (more) => context.api.post(`${job.path}/validateCredentials`, { credentials: secretsOf(client(more)).value }, { timeout: 60_000 });

/** Test Connection must fail with the code and words. */
async function refuses(answer, code, ...patterns) {
  assert.deepEqual([answer.status, answer.json?.error.code], [400, code], answer.text);
  for (const pattern of patterns) assert.match(answer.json.error.message, pattern);
  assert.ok(!answer.text.includes(authority.clientSecret), answer.text);
}

test("one token serves a whole cycle, and the next one too", async () => {
  assert.equal((await job.run()).state, "succeeded");
  assert.equal(target.users.size, count);
  // The target has no ServiceProviderConfig; everything else is let in.
  assert.ok(target.requests.every(({ path, status }) => status < 300 || path.endsWith("/ServiceProviderConfig")));
  const [{ method, path, authorization, form }] = authority.requests;
  assert.deepEqual([method, path, form], ["POST", "/token?tenant=1", { grant_type: "client_credentials" }]);
  const encoded = [authority.clientId, authority.clientSecret].map(encodeURIComponent).join(":");
  assert.equal(authorization, `Basic ${Buffer.from(encoded).toString("base64")}`);
  assert.equal((await job.run()).state, "succeeded");
  assert.equal(authority.requests.length, 1);
});

test("a token that runs out in mid-cycle is renewed before it does", async () => {
  authority.lifetime = 1;
  target.wait = () => new Promise((resolve) => setTimeout(resolve, 250));
  const cycle = await job.run();
  assert.deepEqual([cycle.state, cycle.counts.created, cycle.counts.failed], ["succeeded", count, 0]);
  assert.ok(authority.requests.length > 1 && authority.requests.length < 20, `${authority.requests.length} tokens`);
});

test("a token that is refused before its time is renewed once, by all requests together, and they are repeated", async () => {
  target.fault = () => {
    if (target.count("POST") === 3) authority.revokeAll();
  };
  const cycle = await job.run();
  assert.deepEqual([cycle.state, cycle.counts.created, cycle.counts.failed, target.users.size], ["succeeded", count, 0, count]);
  assert.ok(target.requests.some(({ status }) => status === 401), "nothing was refused");
  assert.ok(authority.requests.length <= 4, `${authority.requests.length} tokens`);
});

test("a target that refuses every token puts the job into quarantine after one token", async () => {
  target.accepts = () => false;
  assert.equal((await job.run()).state, "failed");
  const { status } = await job.read();
  assert.deepEqual([status.code, status.quarantine.reason], ["Quarantine", "EncounteredQuarantineException"]);
  // What the target can do is asked first, then the probe.
  assert.equal(target.requests.length, 2);
  assert.equal(authority.requests.length, 1);
});

test("a client that is refused: quarantine, whose message names endpoint and error and no secret", async () => {
  authority.fault = () => ({ status: 400, body: { error: "unauthorized_client", error_description: "The client is blocked" } });
  assert.equal((await job.run()).state, "failed");
  const { status } = await job.read();
  assert.deepEqual([status.code, status.quarantine.reason, status.quarantine.error.code], ["Quarantine", "EncounteredQuarantineException", "Unauthorized"]);
  for (const part of [authority.url, "unauthorized_client", "The client is blocked"]) assert.ok(status.quarantine.error.message.includes(part), status.quarantine.error.message);
  assert.equal(target.requests.length, 0);
  authority.fault = () => undefined;
  assert.equal((await job.run()).state, "succeeded");
});

test("a token endpoint that is down fails the cycle, and is no quarantine", async () => {
  authority.fault = () => ({ status: 503, body: "" });
  const cycle = await job.run({ limit: 120_000 });
  assert.equal(cycle.state, "failed");
  assert.match(cycle.error.message, /token endpoint .* answered 503/);
  assert.equal((await job.read()).status.quarantine ?? null, null);
});

test("an endpoint that wants the secret in the form gets it there, the scope too", async () => {
  authority.takesBasic = false;
  await job.save(client({ Oauth2Scope: "scim:read scim:write" }));
  assert.equal((await job.run()).state, "succeeded");
  const [first, second] = authority.requests;
  assert.ok(first.authorization && !first.form.client_secret);
  assert.equal(second.authorization, undefined);
  assert.deepEqual(second.form, { grant_type: "client_credentials", scope: "scim:read scim:write", client_id: authority.clientId, client_secret: authority.clientSecret });
});

test("Test Connection covers the client", async () => {
  assert.equal((await tryOut()).status, 204);
  await refuses(await tryOut({ Oauth2ClientSecret: "wrong" }), "InvalidCredentials", /token endpoint/, /invalid_client/, /client secret/);
  await refuses(await tryOut({ Oauth2TokenExchangeUri: `http://127.0.0.1:${await freePort()}/token` }), "TokenEndpointError", /token endpoint .*listens/);
  authority.fault = () => ({ status: 200, body: "<html>" });
  await refuses(await tryOut(), "InvalidCredentials", /not JSON/);
  const half = await context.api.post(`${job.path}/validateCredentials`, { credentials: secretsOf({ BaseAddress: target.url, Oauth2ClientId: "x" }).value });
  assert.deepEqual([half.status, half.json.error.code], [400, "Request_BadRequest"]);
});

test("the client's secret is masked and nowhere to be read, and neither is its token", async () => {
  assert.equal((await job.run()).state, "succeeded");
  const shown = (await context.api.get(job.secretsPath)).expect(200).json.value;
  assert.equal(shown.find(({ key }) => key === "Oauth2ClientSecret").value, "*");
  await job.save(client({ Oauth2ClientSecret: "*" }));
  assert.equal((await job.run()).state, "succeeded", "`*` keeps the secret");
  const token = target.requests.at(-1).headers.authorization.replace("Bearer ", "");
  for (const file of filesBelow(context.server.dataDir)) {
    const bytes = readFileSync(file);
    assert.ok(!bytes.includes(authority.clientSecret) && !bytes.includes(token), file);
  }
  for (const entries of [{ AuthenticationType: "Basic" }, { Oauth2TokenExchangeUri: "http://example.com/token" }]) {
    assert.equal((await context.api.put(job.secretsPath, secretsOf(client(entries)))).status, 400, JSON.stringify(entries));
  }
});

test("a directory of this deployment as the target, with an OAuth client of its own", async () => {
  const own = await tenant(context);
  const { id, clientId = id, clientSecret } = (await context.api.post(`${own.path}/oauthClients`, { label: "Rollcall" })).expect(201).json;
  const secrets = { BaseAddress: own.scimUrl, Oauth2TokenExchangeUri: `${context.url}/scim/${own.id}/oauth/token`, Oauth2ClientId: clientId, Oauth2ClientSecret: clientSecret };
  assert.equal((await tryOut(secrets)).status, 204);
  await job.save(secrets);
  const cycle = await job.run();
  assert.deepEqual([cycle.state, cycle.counts.created], ["succeeded", count]);
  assert.equal((await own.scim.get("/Users")).expect(200).json.totalResults, count);
  (await context.api.delete(`${own.path}/oauthClients/${clientId}`)).expect(204);
  assert.equal((await job.run()).state, "failed");
  assert.match((await job.read()).status.quarantine.error.message, /oauth\/token .*invalid_client/);
});
