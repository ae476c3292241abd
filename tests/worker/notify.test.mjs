/** E-mail when a job needs somebody. The local runtime writes mails to files below a folder of its own. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { fireCron } from "../../scripts/lib/server.mjs";
import { inProject } from "../../scripts/lib/paths.mjs";
import { filesBelow } from "../../scripts/lib/stamp.mjs";
import { useServer } from "./support/server.mjs";
import { importPeople, people, provisioning, tenant } from "./support/setup.mjs";

const context = useServer();
/** Mails that name an application: their texts. The runtime removes them when the server ends. */
const mails = ({ id }) => [...filesBelow(inProject(".wrangler", "tmp", "email"))].map((file) => readFileSync(file, "utf8")).filter((text) => text.includes(id));

/** A job with an account, whose token is then revoked. */
async function withRevokedToken(settings) {
  const target = await tenant(context);
  const job = await provisioning(context, { url: target.scimUrl, token: target.token });
  await job.save({ BaseAddress: target.scimUrl, SecretToken: target.token, SyncNotificationSettings: JSON.stringify(settings) });
  assert.equal((await job.run()).state, "succeeded");
  assert.deepEqual(mails(job.app), [], "a cycle that went well is no reason to write");
  (await context.api.delete(`${target.path}/tokens/${target.tokenId}`)).expect(204);
  return job;
}

test("a job whose token was revoked tells its administrators, once", async () => {
  await importPeople(context, people(3));
  const job = await withRevokedToken({ Enabled: true, Recipients: "ada@contoso.com, bob@contoso.com" });
  assert.equal((await job.run()).state, "failed");
  const [text] = await until("a mail", () => (mails(job.app).length > 0 ? mails(job.app) : undefined), { limit: 10_000 });
  assert.match(text, /Provisioning to Peakon fails/);
  assert.match(text, /does not accept the credentials/);
  assert.ok(text.includes(`${context.url}/applications/${job.app.id}`), text);
  assert.equal(await fireCron(context.url), 200);
  assert.equal(mails(job.app).length, 1, "what was sent is not sent again");
});

test("nobody is told who does not want to be", async () => {
  const job = await withRevokedToken({ Enabled: false, Recipients: "ada@contoso.com" });
  assert.equal((await job.run()).state, "failed");
  assert.equal(await fireCron(context.url), 200);
  assert.deepEqual(mails(job.app), []);
});
