/**
 * `npm run deploy`: set-up, build, and `wrangler deploy` of each Worker, those first that others call. Further
 * arguments go to wrangler, as in `npm run deploy -- --dry-run`.
 *
 * The Workers' secrets: what ADMIN_API_KEY and MASTER_KEY give in the environment is uploaded with them;
 * what they do not give stays as it is deployed. A first deployment therefore needs both, and never
 * takes those of the local data folder: they belong to other data.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./lib/build.mjs";
import { buildEnvironment } from "./lib/env.mjs";
import { bold, die, say } from "./lib/log.mjs";
import { nodeForWrangler } from "./lib/node.mjs";
import { inProject, root, workers } from "./lib/paths.mjs";
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

/** The option that uploads those of the given secrets that a Worker needs. */
function secretsOption(worker, given, folder) {
  const needed = Object.fromEntries(Object.entries(given).filter(([name]) => worker.secrets.includes(name)));
  if (Object.keys(needed).length === 0) return [];
  const file = join(folder, `${worker.name}.json`);
  writeFileSync(file, JSON.stringify(needed), { mode: 0o600 });
  return ["--secrets-file", file];
}

async function main() {
  const secrets = given();
  await setUp();
  await build();
  const folder = mkdtempSync(join(tmpdir(), "rollcall-deploy-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const worker of workers) {
    say(`\n${bold(`Worker ${worker.name}`)} (${worker.config})`);
    const options = ["--config", inProject(worker.config), ...secretsOption(worker, secrets, folder)];
    const code = await deploy([...options, ...process.argv.slice(2)]);
    if (code === 0) continue;
    if (Object.keys(secrets).length < 2) {
      say("\nA first deployment needs its secrets; keep a copy, without MASTER_KEY the deployment's data cannot be read:");
      say("    export ADMIN_API_KEY=$(openssl rand -hex 32) MASTER_KEY=$(openssl rand -base64 32)");
    }
    say(`\nStopped at the Worker ${worker.name}. Those before it are deployed; to go on: npm run deploy`);
    process.exit(code);
  }
}

main().catch(die);
