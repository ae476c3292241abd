/**
 * The contract of the directory's store, over the SQLite of real Durable Objects: the cases that the host's tests
 * run over rusqlite. The Worker that runs them (tests/contract) is built for tests alone.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "../../scripts/lib/client.mjs";
import { startServer } from "../../scripts/lib/server.mjs";
import { temporaryFolder } from "./support/server.mjs";

const dataDir = temporaryFolder();
let server;
before(async () => {
  server = await startServer({ dataDir, quiet: true, cron: false, configs: ["tests/contract/wrangler.toml"] });
}, { timeout: 90_000 });
after(() => server?.stop());

test("every case holds over a Durable Object", async (context) => {
  const client = new Client(server.url);
  const names = (await client.get("/cases")).expect(200).json;
  assert.ok(names.length >= 24, `${names.length} cases`);
  for (const [number, name] of names.entries()) {
    await context.test(name, async () => {
      const { failure } = (await client.post(`/cases/${number}`)).expect(200).json;
      assert.equal(failure, null);
    });
  }
  assert.equal((await client.post(`/cases/${names.length}`)).status, 404);
});
