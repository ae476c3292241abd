/**
 * Every pinned version and limit in one place. npm packages are pinned in package.json, crates in Cargo.toml.
 */
import { readFileSync } from "node:fs";
import { inProject } from "./paths.mjs";

/** What worker-build 0.8 speaks is what the `worker` 0.8 crate emits; move them together. */
export const workerBuildVersion = "0.8.7";
export const trunkVersion = "0.21.14";

/** Wrangler needs Node 22; this one is installed when the Node that runs the scripts is older. */
export const nodeVersion = "22.23.3";
export const nodeMajorForWrangler = 22;
/** The oldest Node that the scripts themselves run on. */
export const nodeMajorForScripts = 20;

/** Budgets for what is shipped, in bytes after gzip -9: the portal, and each Worker. The build fails beyond. */
export const spaBudget = 400 * 1024;
/** Beyond this the build says that the portal grows heavy, and goes on. */
export const spaWarning = 300 * 1024;
export const workerBudget = 600 * 1024;

/** The command-line half of wasm-bindgen only accepts modules made by exactly the same library version. */
export function wasmBindgenVersion() {
  const lock = readFileSync(inProject("Cargo.lock"), "utf8");
  const found = /\[\[package\]\]\nname = "wasm-bindgen"\nversion = "([^"]+)"/.exec(lock);
  if (!found) throw new Error("Cargo.lock names no wasm-bindgen; run `cargo generate-lockfile`");
  return found[1];
}
