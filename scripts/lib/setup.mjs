/**
 * Everything a build and a run need, installed once and skipped afterwards.
 */
import { join } from "node:path";
import { ensureChromium } from "./chromium.mjs";
import { locked } from "./lock.mjs";
import { ensureNode, ensurePackages } from "./node.mjs";
import { tools } from "./paths.mjs";
import { ensureTools } from "./tools.mjs";
import { ensureWasm } from "./wasm.mjs";

/** Installs what is missing; `browser` also installs Chromium for the browser tests. */
export async function setUp({ browser = false } = {}) {
  await locked(join(tools, ".lock"), "set-up", async () => {
    await ensureWasm();
    await ensureNode();
    await ensurePackages();
    await ensureTools();
    if (browser) await ensureChromium();
  });
}
