/**
 * `npm start`: set-up, build, and a server that keeps its data; prints the portal's address and a
 * one-time link to sign in. Ctrl-C ends it.
 *
 * Environment: PORT (8787), DATA_DIR (.data), ADMIN_API_KEY, MASTER_KEY. Missing secrets are made at the
 * first start and kept in DATA_DIR.
 */
import { build } from "./lib/build.mjs";
import { bold, die, dim, Problem, say } from "./lib/log.mjs";
import { requirePort } from "./lib/ports.mjs";
import { startServer } from "./lib/server.mjs";
import { secretsFile } from "./lib/secrets.mjs";
import { setUp } from "./lib/setup.mjs";

function wantedPort() {
  const text = process.env.PORT || "8787";
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Problem(`PORT=${text} is not a port number (1 to 65535)`);
  return port;
}

/** Asks the server for a link that signs its first visitor in. */
async function signInLink({ url, adminKey }) {
  const response = await fetch(`${url}/api/v1.0/signInLinks`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    body: "{}",
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  if (response.status !== 201) throw new Problem(`The server gave no sign-in link: ${response.status} ${text}`);
  return JSON.parse(text);
}

async function main() {
  const port = wantedPort();
  const dataDir = process.env.DATA_DIR || ".data";
  await requirePort(port); // before minutes of set-up
  await setUp();
  await build();
  const { ADMIN_API_KEY, MASTER_KEY } = process.env;
  const server = await startServer({ port, dataDir, env: { ADMIN_API_KEY, MASTER_KEY } });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => server.stop().then(() => process.exit(0), die));
  }
  say(`\n${bold("Rollcall")} is running at ${bold(server.url)}`);
  try {
    const link = await signInLink(server);
    const minutes = Math.round((Date.parse(link.expiresDateTime) - Date.now()) / 60_000);
    say(`Sign in (once, within ${minutes} minutes): ${bold(link.url)}`);
  } catch (error) {
    await server.stop();
    throw error;
  }
  say(dim(`Data: ${server.dataDir}; API key: ADMIN_API_KEY in ${secretsFile(server.dataDir)}; Ctrl-C ends it.`));
  await server.done;
}

main().catch(die);
