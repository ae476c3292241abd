/**
 * Every pinned version and limit in one place. npm packages are pinned in package.json, crates in Cargo.toml.
 */
import { readFileSync } from "node:fs";
import { inProject } from "./paths.mjs";

/** What worker-build 0.8 speaks is what the `worker` 0.8 crate emits; move them together. */
export const workerBuildVersion = "0.8.7";

/** Wrangler needs Node 22; this one is installed when the Node that runs the scripts is older. */
export const nodeVersion = "22.23.3";
export const nodeMajorForWrangler = 22;
/** The oldest Node that the scripts themselves run on. */
export const nodeMajorForScripts = 20;

/**
 * Budgets for what is shipped, in bytes after gzip -9. The build fails beyond. Of the portal: what is loaded before
 * the first view, and the same with the heaviest of the parts that are loaded apart.
 */
export const firstViewBudget = 300 * 1024;
export const spaBudget = 400 * 1024;
/** Beyond this the build says that a page of the portal grows heavy, and goes on. */
export const spaWarning = 300 * 1024;
export const workerBudget = 600 * 1024;

/** The program that cuts the portal accepts modules made with the library of the same version. */
export const wasmSplitVersion = () => locked("wasm_split_helpers");

/** The command-line half of wasm-bindgen only accepts modules made by exactly the same library version. */
export const wasmBindgenVersion = () => locked("wasm-bindgen");

/** The version of a crate in Cargo.lock. */
function locked(crate) {
  const lock = readFileSync(inProject("Cargo.lock"), "utf8");
  const found = new RegExp(`\\[\\[package\\]\\]\nname = "${crate}"\nversion = "([^"]+)"`).exec(lock);
  if (!found) throw new Error(`Cargo.lock names no ${crate}; run \`cargo generate-lockfile\``);
  return found[1];
}
