/**
 * `npm run deploy`: set-up, build, and `wrangler deploy`. Further arguments go to wrangler, as in
 * `npm run deploy -- --dry-run`.
 *
 * The Worker's secrets: what ADMIN_API_KEY and MASTER_KEY give in the environment is uploaded with it;
 * what they do not give stays as it is deployed. A first deployment therefore needs both, and never
 * takes those of the local data folder: they belong to other data.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./lib/build.mjs";
import { buildEnvironment } from "./lib/env.mjs";
import { die, say } from "./lib/log.mjs";
import { nodeForWrangler } from "./lib/node.mjs";
import { inProject, root } from "./lib/paths.mjs";
import { checkSecrets } from "./lib/secrets.mjs";
import { setUp } from "./lib/setup.mjs";

/** The secrets to upload. */
function given() {
  const { ADMIN_API_KEY, MASTER_KEY } = process.env;
  const present = Object.entries({ ADMIN_API_KEY, MASTER_KEY }).filter(([, value]) => value);
  const found = Object.fromEntries(present);
  checkSecrets(found);
  return found;
}

/** Runs wrangler with this terminal: it may ask to sign in. Resolves with its exit code. */
function deploy(args) {
  const child = spawn(nodeForWrangler(), [inProject("node_modules", "wrangler", "bin", "wrangler.js"), "deploy", ...args], {
    cwd: root,
    env: { WRANGLER_SEND_METRICS: "false", ...buildEnvironment().env },
    stdio: "inherit",
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

async function main() {
  const secrets = given();
  await setUp();
  await build();
  const args = process.argv.slice(2);
  const folder = mkdtempSync(join(tmpdir(), "rollcall-deploy-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  if (Object.keys(secrets).length > 0) {
    const file = join(folder, "secrets.json");
    writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
    args.push("--secrets-file", file);
  }
  const code = await deploy(args);
  if (code !== 0 && Object.keys(secrets).length < 2) {
    say("\nA first deployment needs its secrets; keep a copy, without MASTER_KEY the deployment's data cannot be read:");
    say("    export ADMIN_API_KEY=$(openssl rand -hex 32) MASTER_KEY=$(openssl rand -base64 32)");
  }
  process.exit(code);
}

main().catch(die);
