/** A Microsoft Graph inlet that signs in with a certificate instead of a secret. */
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { clientCertificate } from "./support/certificate.mjs";
import { useGraph } from "./support/graph.mjs";
import { useServer } from "./support/server.mjs";

const context = useServer();
const inletsPath = () => `/directories/${context.workforceId}/inlets`;
const day = 24 * 60 * 60 * 1000;

const describe = async (id) => (await context.api.get(`${inletsPath()}/${id}`)).expect(200).json;
const pem = ({ certificate, privateKey }) => ({ certificate, privateKey });

/** A tenant of one person, and what an inlet is created with that signs in with a certificate. */
async function tenant(certificate, name) {
  const graph = await useGraph();
  graph.addUser({ userPrincipalName: `${name}@certificate.example`, displayName: name });
  graph.certificates.push(certificate.x509);
  const { clientSecret, ...settings } = graph.settings;
  return { graph, settings: { ...settings, ...pem(certificate) }, clientSecret };
}

const ended = (id) => until("the end of the round", async () => (await describe(id)).status.lastRun, { describe: async () => JSON.stringify((await describe(id)).status) });

test("an inlet signs in with a certificate, which is shown without its key", async () => {
  const certificate = clientCertificate();
  const { graph, settings, clientSecret } = await tenant(certificate, "ada");
  (await context.api.post(`${inletsPath()}/validateCredentials`, settings)).expect(204);
  const answer = (await context.api.post(inletsPath(), settings)).expect(201);
  const { id, keyCredential } = answer.json;
  const thumbprint = (hash) => createHash(hash).update(certificate.x509.raw).digest("hex").toUpperCase();
  assert.deepEqual(keyCredential, { thumbprint: thumbprint("sha1"), thumbprintSha256: thumbprint("sha256"), startDateTime: "2025-01-01T00:00:00.000Z", endDateTime: "2100-01-01T00:00:00.000Z", state: "valid" });
  assert.equal((await ended(id)).created, 1);
  assert.equal((await describe(id)).status.lastError, null);
  assert.ok(graph.requests.every(({ body }) => !body.includes("client_secret")));
  const path = `${inletsPath()}/${id}`;
  (await context.api.post(`${path}/validateCredentials`)).expect(204);

  // Another certificate: first without having been uploaded, then with.
  const next = clientCertificate({ notAfter: new Date(Date.now() + 10 * day) });
  const refused = await context.api.post(`${path}/validateCredentials`, pem(next));
  assert.deepEqual([refused.status, refused.json.error.code], [400, "InvalidCredentials"]);
  assert.ok(refused.reason.includes("AADSTS700027") && refused.reason.includes("upload it"), refused.reason);
  graph.certificates.push(next.x509);
  (await context.api.post(`${path}/validateCredentials`, pem(next))).expect(204);
  const patched = (await context.api.patch(path, pem(next))).expect(200);
  assert.equal(patched.json.keyCredential.state, "expiring");
  const { lastError } = await until("the warning", async () => (await describe(id)).status.lastError && (await describe(id)).status);
  assert.deepEqual([lastError.code, lastError.message.includes("Upload a new one")], ["CertificateExpires", true]);

  // A secret takes its place, and the other way round.
  const secret = (await context.api.patch(path, { clientSecret })).expect(200);
  assert.equal(secret.json.keyCredential, undefined);
  (await context.api.post(`${path}/validateCredentials`)).expect(204);
  (await context.api.patch(path, pem(certificate))).expect(200);
  graph.forget();
  graph.expireAccessTokens();
  const before = (await describe(id)).status.lastRun.startedDateTime;
  (await context.api.post(`${path}/run`)).expect(204);
  await until("another round", async () => (await describe(id)).status.lastRun.startedDateTime !== before);
  assert.equal(graph.count(/oauth2/), 1);
  const elsewhere = await context.api.patch(path, { loginOrigin: "https://elsewhere.example" });
  assert.deepEqual([elsewhere.status, elsewhere.reason.includes("privateKey")], [400, true]);

  const audits = (await context.api.get("/auditLogs/directoryAudits?$top=50")).expect(200);
  assert.ok(audits.text.includes(thumbprint("sha1")));
  const body = (text) => text.split("\n")[3];
  for (const { text } of [answer, patched, secret, audits, await context.api.get(path), await context.api.get(`${path}/log`)]) {
    for (const each of [certificate, next]) assert.ok(!text.includes(body(each.privateKey)) && !text.includes(each.privateKey.slice(28, 60)));
  }
});

test("what cannot be used is refused, with what to do", async () => {
  const certificate = clientCertificate();
  const { settings, clientSecret } = await tenant(certificate, "grace");
  const pkcs8 = { type: "pkcs8", format: "pem" };
  const elliptic = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
  const encrypted = certificate.key.export({ ...pkcs8, cipher: "aes-256-cbc", passphrase: "x" });
  for (const [change, part] of [
    [{ clientSecret }, "either clientSecret"],
    [{ privateKey: undefined }, "belong together"],
    [{ certificate: undefined }, "belong together"],
    [{ certificate: undefined, privateKey: undefined }, "clientSecret is missing"],
    [{ certificate: "MIID" }, "no PEM"],
    [{ privateKey: "secret" }, "no PEM"],
    [{ privateKey: certificate.key.export({ type: "pkcs1", format: "pem" }) }, "openssl pkcs8 -topk8 -nocrypt"],
    [{ privateKey: encrypted }, "password"],
    [{ privateKey: elliptic.export(pkcs8) }, "RSA"],
    [{ privateKey: clientCertificate().privateKey }, "does not belong"],
    [pem(clientCertificate({ bits: 1024 })), "2,048"],
    [pem(clientCertificate({ notAfter: new Date(Date.now() - day) })), "expired"],
    [pem(clientCertificate({ notBefore: new Date(Date.now() + day) })), "only from"],
  ]) {
    const answer = await context.api.post(inletsPath(), { ...settings, ...change });
    assert.equal(answer.status, 400, JSON.stringify(Object.keys(change)));
    assert.ok(answer.reason.includes(part), answer.reason);
    assert.ok(!answer.text.includes(certificate.privateKey.slice(40, 80)));
  }
  // The modulus is the certificate's, the rest of the key is spoilt.
  const spoilt = certificate.key.export({ type: "pkcs8", format: "der" });
  spoilt.fill(0x11, spoilt.length - 300);
  const privateKey = `-----BEGIN ${"PRIVATE"} KEY-----\n${spoilt.toString("base64")}\n-----END ${"PRIVATE"} KEY-----\n`;
  for (const path of [inletsPath(), `${inletsPath()}/validateCredentials`]) {
    const answer = await context.api.post(path, { ...settings, privateKey });
    assert.deepEqual([answer.status, answer.reason.includes("cannot be used")], [400, true], answer.text);
  }
});
