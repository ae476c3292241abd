/** Signed messages when a job needs somebody, and what is told about credentials that run out. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { beforeEach, test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { fireCron } from "../../scripts/lib/server.mjs";
import { Listener } from "./support/listener.mjs";
import { useServer } from "./support/server.mjs";
import { importPeople, people, provisioning, secretsOf, tenant } from "./support/setup.mjs";
import { Target } from "./support/target.mjs";

const context = useServer({ prepare: () => importPeople(context, people(3)) });
let target, receiver, job, secret;

/** A receiver that checks every signature as Standard Webhooks says it is checked. */
class Receiver extends Listener {
  messages = [];
  /** Statuses to answer with, first ones first; then 204. */
  statuses = [];

  get url() {
    return `${this.origin}/hook?from=rollcall`;
  }

  async take(request, response, text) {
    const { headers } = request;
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${text}`;
    const signature = createHmac("sha256", Buffer.from(secret.replace("whsec_", ""), "base64")).update(signed).digest("base64");
    this.messages.push({ method: request.method, path: request.url, id: headers["webhook-id"], at: Date.now(), isSigned: headers["webhook-signature"] === `v1,${signature}`, ...JSON.parse(text), seconds: Number(headers["webhook-timestamp"]) });
    response.writeHead(this.statuses.shift() ?? 204).end();
  }

  some(count = 1, limit = 20_000) {
    return until(`${count} messages`, () => (this.messages.length >= count ? this.messages : undefined), { limit });
  }
}

beforeEach(async (t) => {
  [target, receiver] = await Promise.all([new Target().listen(), new Receiver().listen()]);
  t.after(() => Promise.all([target.close(), receiver.close()]));
  job = await provisioning(context, { url: target.url, token: target.token });
});

const secrets = (more) => ({ BaseAddress: target.url, SecretToken: target.token, SyncNotificationSettings: JSON.stringify({ Enabled: false, WebhookUrl: receiver.url }), ...more });

/** Saves a webhook, whose secret is made and told only this once. */
async function withWebhook(more) {
  const answer = (await context.api.put(job.secretsPath, secretsOf(secrets(more)))).expect(200).json;
  [{ value: secret }] = answer.value;
  assert.deepEqual([answer.value[0].key, answer.value.length], ["WebhookSecret", 1]);
  assert.match(secret, /^whsec_/);
}

const refuseToken = () => {
  target.fault = () => ({ status: 401 });
};
const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString();

test("a quarantine is told once, signed, and the next cycle is not held up", async () => {
  await withWebhook();
  assert.equal((await job.run()).state, "succeeded");
  refuseToken();
  assert.equal((await job.run()).state, "failed");
  const [message] = await receiver.some();
  const { id, displayName } = job.app;
  assert.deepEqual([message.method, message.path, message.isSigned, message.type], ["POST", "/hook?from=rollcall", true, "job.quarantine"]);
  assert.deepEqual([message.data.servicePrincipalId, message.data.displayName, message.data.jobId], [id, displayName, job.id]);
  assert.equal(message.data.reason, "EncounteredQuarantineException");
  assert.match(message.data.text, /does not accept the credentials/);
  assert.equal(message.data.url, `${context.url}/applications/${id}`);
  assert.ok(Math.abs(message.seconds * 1_000 - Date.now()) < 60_000);
  assert.equal(await fireCron(context.url), 200);
  assert.equal((await job.read()).status.notificationError, undefined);
  assert.equal(receiver.messages.length, 1);
  assert.ok(!JSON.stringify(receiver.messages).includes(target.token));
});

test("a message that is not taken is tried again by the job itself, and the status says so meanwhile", async () => {
  await withWebhook();
  receiver.statuses = [500];
  refuseToken();
  assert.equal((await job.run()).state, "failed");
  await receiver.some();
  const error = await until("the error in the status", async () => (await job.read()).status.notificationError, { limit: 5_000 });
  assert.ok(error.includes(receiver.url) && error.includes("500"), error);
  const [first, second] = await receiver.some(2);
  assert.deepEqual([first.id, first.isSigned, second.isSigned], [second.id, true, true]);
  assert.ok(second.at - first.at > 4_000, `tried again after ${second.at - first.at} ms`);
  await until("no error in the status", async () => !(await job.read()).status.notificationError, { limit: 5_000 });
});

test("a receiver that does not answer does not hold up a cycle", async () => {
  await withWebhook();
  receiver.close();
  const silent = createServer(() => {});
  await new Promise((resolve) => silent.listen(Number(new URL(receiver.url).port), "127.0.0.1", resolve));
  try {
    refuseToken();
    assert.equal((await job.run()).state, "failed");
    target.fault = () => undefined;
    const began = Date.now();
    assert.equal((await job.run()).state, "succeeded");
    assert.ok(Date.now() - began < 8_000, `the cycle took ${Date.now() - began} ms`);
  } finally {
    silent.closeAllConnections();
    silent.close();
  }
});

test("the secret is masked, stays, can be given, and can be made anew; a bad one is refused", async () => {
  await withWebhook();
  const shown = (await context.api.get(job.secretsPath)).expect(200);
  assert.equal(shown.json.value.find(({ key }) => key === "WebhookSecret").value, "*");
  assert.ok(!shown.text.includes(secret));
  await job.save(secrets());
  await job.save(secrets({ WebhookSecret: "*" }));
  const before = secret;
  await withWebhook({ WebhookSecret: "" });
  assert.notEqual(secret, before);
  secret = `whsec_${Buffer.alloc(32, "own").toString("base64")}`;
  await job.save(secrets({ WebhookSecret: secret }));
  refuseToken();
  await job.run();
  assert.equal((await receiver.some())[0].isSigned, true);
  for (const entries of [{ WebhookSecret: "hunter2" }, { SyncNotificationSettings: JSON.stringify({ WebhookUrl: "http://example.com/hook" }) }]) {
    assert.equal((await context.api.put(job.secretsPath, secretsOf(secrets(entries)))).status, 400, JSON.stringify(entries));
  }
});

test("credentials that run out are told when 30 days and when 7 days are left, and when it is too late, once each", async () => {
  const at = inDays(20);
  await withWebhook({ SecretTokenExpires: at });
  assert.equal((await job.run()).state, "succeeded");
  const [first] = await receiver.some();
  assert.deepEqual([first.type, first.isSigned], ["job.credentialsExpire", true]);
  assert.ok(first.data.text.includes(at), first.data.text);
  assert.equal((await job.read()).status.credentialsExpireDateTime, at);
  assert.equal((await job.run()).state, "succeeded");
  await job.save(secrets({ SecretTokenExpires: inDays(5) }));
  assert.equal(await fireCron(context.url), 200);
  await receiver.some(2);
  await job.save(secrets({ SecretTokenExpires: inDays(-1).slice(0, 10) }));
  for (let times = 0; times < 2; times++) assert.equal(await fireCron(context.url), 200);
  const types = (await receiver.some(3)).map(({ type }) => type);
  assert.deepEqual(types, ["job.credentialsExpire", "job.credentialsExpire", "job.credentialsExpired"]);
  await job.save(secrets());
  assert.equal((await job.read()).status.credentialsExpireDateTime, undefined);
  assert.equal((await context.api.put(job.secretsPath, secretsOf(secrets({ SecretTokenExpires: "soon" })))).status, 400);
});

test("the end of a JWT, and of a token of a directory of this deployment, is known by itself", async () => {
  const exp = Math.floor(Date.now() / 1_000) + 86_400;
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  await withWebhook({ SecretToken: `${part({ alg: "none" })}.${part({ exp })}.signature` });
  assert.equal((await job.read()).status.credentialsExpireDateTime, new Date(exp * 1_000).toISOString());
  const expiresDateTime = inDays(6);
  const own = await tenant(context, { expiresDateTime });
  await job.save(secrets({ BaseAddress: own.scimUrl, SecretToken: own.token }));
  assert.equal((await job.run()).state, "succeeded");
  assert.equal((await job.read()).status.credentialsExpireDateTime, expiresDateTime);
  assert.ok((await receiver.some()).every(({ type }) => type === "job.credentialsExpire"));
});
