/**
 * A server for one test file: started before its first test, on a data folder of its own, ended and removed
 * after its last one.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { Client, management, scim } from "../../../scripts/lib/client.mjs";
import { startServer } from "../../../scripts/lib/server.mjs";

/** A folder that is removed after the last test of the file. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-test-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Clients of a running server. */
export async function clientsOf(server) {
  const api = management(server);
  const session = (await api.get("/session")).expect(200).json;
  return {
    server,
    url: server.url,
    /** The management API, with the API key. */
    api,
    /** Any path, without a credential. */
    anonymous: new Client(server.url),
    session,
    workforceId: session.workforceDirectoryId,
    /** SCIM of the workforce directory, with the API key. */
    workforce: scim(`${server.url}/scim/${session.workforceDirectoryId}/v2`, server.adminKey),
  };
}

/**
 * Starts a server for the calling test file. The object that is given fills before the first test; see
 * {@link clientsOf}. Then `prepare` runs: Node would begin a second `before` of a file while the first still
 * works. Cron does not fire, and changes start no job: nothing happens that a test did not ask for.
 */
export function useServer({ prepare, ...options } = {}) {
  const context = {};
  const dataDir = mkdtempSync(join(tmpdir(), "rollcall-test-"));
  const start = async () => {
    context.server = await startServer({ dataDir, quiet: true, cron: false, ...options, env: { CHANGE_DEBOUNCE_SECONDS: "0", ...options.env } });
    Object.assign(context, await clientsOf(context.server));
    await prepare?.();
  };
  before(start, { timeout: 90_000 });
  after(async () => {
    await context.server?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return context;
}
