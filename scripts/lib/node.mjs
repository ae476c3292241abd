/**
 * Node for wrangler (which needs 22) and the npm packages of package.json.
 *
 * A newer Node is installed as an npm package in the tools folder, not as a dependency in
 * package.json: it fetches its program in an install script, which a lock file cannot describe.
 */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { Problem, step } from "./log.mjs";
import { inProject, tools } from "./paths.mjs";
import { run, which } from "./run.mjs";
import { digest, readStamp, removeStamp, writeStamp } from "./stamp.mjs";
import { nodeMajorForScripts, nodeMajorForWrangler, nodeVersion } from "./versions.mjs";

const major = Number(process.versions.node.split(".")[0]);
const ownIsEnough = major >= nodeMajorForWrangler;
const folder = join(tools, `node-${nodeVersion}`);
const program = join(folder, "node_modules", "node", "bin", "node");

/** The Node that runs wrangler and the browser tests. */
export const nodeForWrangler = () => (ownIsEnough ? process.execPath : program);
/** The folder to put first on PATH for it. */
export const nodeFolder = () => dirname(nodeForWrangler());

function requireNpm() {
  if (major < nodeMajorForScripts) {
    throw new Problem(`Node ${process.versions.node} is too old; ${nodeMajorForScripts} or newer is needed:\n    https://nodejs.org/en/download, or on Debian (as root): apt-get install nodejs npm`);
  }
  if (!which("npm")) throw new Problem("npm is missing. Install it, on Debian (as root):\n    apt-get install npm");
}

/** Installs Node 22 if the running one is older. */
export async function ensureNode() {
  const stamp = join(folder, ".complete");
  if (ownIsEnough || (readStamp(stamp) !== undefined && existsSync(program))) return;
  requireNpm();
  await step(`install Node ${nodeVersion}`, async (line) => {
    removeStamp(stamp);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await run("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", "--no-save", `node@${nodeVersion}`], { cwd: folder, line });
    await run(program, ["--version"], { timeout: 20_000 });
    writeStamp(stamp, nodeVersion);
  });
}

/** Installs what package-lock.json names, if it changed since the last time. */
export async function ensurePackages() {
  const stamp = inProject("node_modules", ".rollcall"); // `npm ci` removes the folder, and the stamp with it.
  const wanted = digest(["package-lock.json"]);
  if (readStamp(stamp) === wanted) return;
  requireNpm();
  const env = { ...process.env, PATH: `${nodeFolder()}:${process.env.PATH}`, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1" };
  await step("install npm packages", async (line) => {
    await run("npm", ["ci", "--no-audit", "--no-fund"], { env, line });
    writeStamp(stamp, wanted);
  });
}
