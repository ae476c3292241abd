/** A job's credentials: how they are kept, and what Test Connection says about each way in which they can be wrong. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { after, test } from "node:test";
import { freePort } from "../../scripts/lib/ports.mjs";
import { filesBelow } from "../../scripts/lib/stamp.mjs";
import { selfSigned } from "./support/certificate.mjs";
import { useServer } from "./support/server.mjs";
import { addJob, application, secretsOf, tenant } from "./support/setup.mjs";
import { useTarget } from "./support/target.mjs";

const context = useServer({ prepare });
const target = await useTarget();
const notification = JSON.stringify({ Enabled: true, DeleteThresholdEnabled: false, Recipients: "ada@contoso.com" });
let job;

async function prepare() {
  job = await addJob(context, await application(context));
}

/** The address of a server that gives every request to `handle`; with `tls` options it speaks HTTPS. */
async function serve(handle, tls) {
  const server = tls ? createTlsServer(tls, handle) : createServer(handle);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${server.address().port}`;
}

const tryOut = (BaseAddress, SecretToken = "a-token") => job.api.post(`${job.path}/validateCredentials`, { credentials: secretsOf({ BaseAddress, SecretToken }).value }, { timeout: 120_000 });

/** The probes of Test Connection. */
async function probes(BaseAddress, SecretToken) {
  const credentials = secretsOf({ BaseAddress, SecretToken }).value;
  return (await job.api.post(`${job.path}/validateCredentials?details=true`, { credentials }, { timeout: 120_000 })).expect(200).json.value;
}

/** Test Connection must fail with the code and words that say what to change. */
async function refuses(answer, code, ...patterns) {
  assert.deepEqual([answer.status, answer.json?.error.code], [400, code], answer.text);
  for (const pattern of patterns) assert.match(answer.json.error.message, pattern);
  return answer.json.error.message;
}

test("secrets are masked when read, and `*` keeps what is stored", async () => {
  await job.save({ BaseAddress: target.url, SecretToken: "first-secret-value", SyncAll: "False", SyncNotificationSettings: notification });
  const read = async () => (await context.api.get(job.secretsPath)).expect(200);
  const shown = Object.fromEntries((await read()).json.value.map(({ key, value }) => [key, value]));
  assert.deepEqual(shown, { BaseAddress: target.url, SecretToken: "*", SyncAll: "False", SyncNotificationSettings: notification });
  await job.save({ BaseAddress: target.url, SecretToken: target.token });
  await job.save({ BaseAddress: target.url, SecretToken: "*", SyncAll: "True" });
  const saved = await context.api.post(`${job.path}/validateCredentials`, { useSavedCredentials: true });
  assert.equal(saved.status, 204, saved.text);
  assert.ok(!(await read()).text.includes(target.token));
  assert.ok(!(await read()).json.value.some(({ key }) => key === "SyncNotificationSettings"), "what is left out is gone");
});

test("no secret is in the audit log, in the job, or on disk", async () => {
  await job.save({ BaseAddress: target.url, SecretToken: "unique-secret-7f3a" });
  for (const path of ["/auditLogs/directoryAudits", job.path, job.secretsPath]) {
    assert.ok(!(await context.api.get(path)).expect(200).text.includes("unique-secret-7f3a"), path);
  }
  const files = [...filesBelow(context.server.dataDir)];
  assert.ok(files.some((file) => file.endsWith(".sqlite")), "looked at the wrong folder");
  for (const file of files) assert.ok(!readFileSync(file).includes("unique-secret-7f3a"), file);
});

test("values that cannot be right are refused when saved", async () => {
  const wrong = [{ BaseAddress: "example.com" }, { BaseAddress: "http://example.com/scim" }, { BaseAddress: "https://user:password@example.com" }, { SyncAll: "perhaps" }, { Password: "x" }, { SyncNotificationSettings: "{" }];
  for (const entries of wrong) {
    const answer = await context.api.put(job.secretsPath, secretsOf(entries));
    assert.deepEqual([answer.status, answer.json.error.code], [400, "Request_BadRequest"], JSON.stringify(entries));
  }
});

test("the right address and token work, with exactly Entra's probe", async () => {
  target.forget();
  assert.equal((await tryOut(target.url, target.token)).status, 204);
  assert.equal((await tryOut(`${target.url}/`, target.token)).status, 204, "a slash at the end");
  assert.equal((await tryOut(`${target.url}?aadOptscim062020`, target.token)).status, 204, "a flag of Entra");
  const guid = /^\/scim\/v2\/Users\?filter=userName(?:\+|%20)eq(?:\+|%20)%22[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}%22$/;
  // After it, the question what the target can do.
  const probes = target.requests.filter(({ path }) => path !== "/scim/v2/ServiceProviderConfig");
  for (const { method, path, headers } of probes) {
    assert.equal(method, "GET");
    assert.match(path, guid);
    assert.match(headers["user-agent"], /^Rollcall/);
  }
  assert.equal(new Set(probes.map(({ path }) => path)).size, 3, "a fresh id each time");
});

test("a directory of this same deployment works too", async () => {
  const own = await tenant(context);
  assert.equal((await tryOut(own.scimUrl, own.token)).status, 204);
  await refuses(await tryOut(own.scimUrl, `${own.token}x`), "InvalidCredentials", /token/i);
  await refuses(await tryOut(`${context.url}/scim/none/v2`, own.token), "InvalidCredentials");
});

test("a wrong token", async () => {
  await refuses(await tryOut(target.url, "wrong"), "InvalidCredentials", /credentials|token/i, /Secret Token/);
});

test("an unknown host", async () => {
  await refuses(await tryOut("https://no-such-host.invalid/scim/v2"), "HostNotFound", /host/i);
});

test("a refused connection", async () => {
  await refuses(await tryOut(`http://127.0.0.1:${await freePort()}/scim/v2`), "ConnectionRefused", /port|start the application/i);
});

test("a page that is not SCIM", async () => {
  const page = await serve((_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Welcome</title>"));
  await refuses(await tryOut(`http://${page}/`), "NotScim", /SCIM/, /address|tenant URL/i);
  const json = await serve((_, response) => response.writeHead(200, { "content-type": "application/json" }).end('{"hello":"world"}'));
  await refuses(await tryOut(`http://${json}/`), "NotScim", /SCIM/);
});

test("an address with nothing at it", async () => {
  await refuses(await tryOut(target.url.replace("/v2", "/v3"), target.token), "NotFound", /404/, /path/i);
});

test("an application that answers with its own faults", async () => {
  const broken = await serve((_, response) => response.writeHead(500).end("stack trace"));
  await refuses(await tryOut(`http://${broken}/`), "TargetError", /500|internal error/);
  const moved = await serve((_, response) => response.writeHead(302, { location: "https://elsewhere.example/" }).end());
  await refuses(await tryOut(`http://${moved}/`), "TargetError", /redirect/i);
});

test("an application that disregards the filter would take everybody for anybody", async () => {
  const Resources = [{ id: "1", userName: "somebody" }];
  const body = JSON.stringify({ schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], totalResults: 1, Resources });
  const careless = await serve((_, response) => response.writeHead(200, { "content-type": "application/scim+json" }).end(body));
  await refuses(await tryOut(`http://${careless}/`), "NotScim", /filter/i);
});

test("a certificate that nobody vouches for", async () => {
  const address = await serve((_, response) => response.end(), selfSigned());
  await refuses(await tryOut(`https://${address}/scim/v2`), "TlsError", /certificate|TLS/i);
});

test("an application that never answers", { timeout: 120_000 }, async () => {
  const silent = await serve(() => {});
  const began = Date.now();
  await refuses(await tryOut(`http://${silent}/`), "Timeout", /in time|answer/i);
  assert.ok(Date.now() - began < 45_000, `told after ${Date.now() - began} ms`);
});

test("half of the credentials, or an address that is none", async () => {
  await context.api.put(job.secretsPath, { value: [] });
  assert.equal((await job.api.post(`${job.path}/validateCredentials`, { useSavedCredentials: true })).status, 400);
  assert.equal((await tryOut("not an address")).status, 400);
  assert.equal((await tryOut("")).status, 400);
});

test("probe by probe: a good application passes, and what is optional is a warning", async () => {
  const row = { userName: "ada@contoso.com", name: {} };
  target.add(row);
  const value = await probes(target.url, target.token);
  const names = ["address", "authentication", "serviceProviderConfig", "users", "matchingAttribute", "groups", "schemas"];
  assert.deepEqual(value.map(({ name }) => name), names);
  // The target of the tests has neither a ServiceProviderConfig nor schemas, and no groups are mapped.
  assert.deepEqual(value.map(({ status }) => status), ["success", "success", "warning", "success", "success", "skipped", "warning"]);
  for (const { displayName, message, durationInMilliseconds } of value) {
    assert.ok(displayName.length > 5 && message.length > 5, message);
    assert.ok(durationInMilliseconds >= 0 && durationInMilliseconds < 30_000);
  }
  const own = await tenant(context);
  const statuses = (await probes(own.scimUrl, own.token)).map(({ status }) => status);
  assert.deepEqual(statuses, ["success", "success", "success", "success", "skipped", "skipped", "success"]);
});

test("probe by probe: one that fails says what to change, and the later ones are skipped", async () => {
  const check = async (address, token, failing, pattern) => {
    const value = await probes(address, token);
    const index = value.findIndex(({ status }) => status === "failure");
    assert.equal(value[index]?.name, failing, JSON.stringify(value));
    assert.match(value[index].message, pattern);
    assert.ok(value.slice(index + 1).every(({ status }) => status === "skipped"), JSON.stringify(value));
  };
  await check(`http://127.0.0.1:${await freePort()}/scim/v2`, "x", "address", /port|start the application/i);
  await check("not an address", "x", "address", /not an address/);
  await check("https://no-such-host.invalid/scim/v2", "x", "address", /host name/);
  await check(target.url, "wrong", "authentication", /Secret Token/);
  await check(target.url.replace("/v2", "/v3"), target.token, "users", /path/);
  const everybody = { schemas: [], totalResults: 1, Resources: [{ id: "1", userName: "somebody" }] };
  const nobody = { schemas: [], totalResults: 0, Resources: [] };
  const answers = (pick) => serve((request, response) => response.writeHead(200, { "content-type": "application/scim+json" }).end(JSON.stringify(pick(request.url))));
  await check(`http://${await answers(() => everybody)}/`, "x", "users", /filter/);
  await check(`http://${await answers((path) => (path.includes("filter=") ? nobody : everybody))}/`, "x", "matchingAttribute", /second time/);
});
