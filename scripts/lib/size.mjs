/**
 * The size budget: everything a browser loads for the portal, and everything uploaded as the Worker.
 */
import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { constants, gzipSync } from "node:zlib";
import { kilobytes, Problem, say } from "./log.mjs";
import { dist, workerBuild } from "./paths.mjs";
import { filesBelow } from "./stamp.mjs";
import { spaBudget, workerBudget } from "./versions.mjs";

const compressed = (file) => gzipSync(readFileSync(file), { level: constants.Z_BEST_COMPRESSION }).length;

/** Compressed sizes in bytes. */
export function sizes() {
  const loaded = [...filesBelow(dist)].filter((file) => [".html", ".js", ".css", ".wasm"].includes(extname(file)));
  const uploaded = ["index.js", "index_bg.wasm"].map((name) => join(workerBuild, name));
  const sum = (files) => files.reduce((total, file) => total + compressed(file), 0);
  return { portal: sum(loaded), worker: sum(uploaded) };
}

/** Prints the sizes and fails beyond what is allowed; `ROLLCALL_BUDGET=warn` lets an experiment go on. */
export function checkSizes() {
  const found = sizes();
  const told = (name, size, { wanted, allowed }) =>
    `${name} ${kilobytes(size)} (wanted ${kilobytes(wanted)}, allowed ${kilobytes(allowed)})`;
  say(`  size, gzip -9: ${told("portal", found.portal, spaBudget)}, ${told("Worker", found.worker, workerBudget)}`);
  for (const [name, size, budget] of [
    ["portal", found.portal, spaBudget],
    ["Worker", found.worker, workerBudget],
  ]) {
    if (size <= budget.allowed) continue;
    const problem = new Problem(`The ${name} is ${kilobytes(size)} compressed, over the ${kilobytes(budget.allowed)} that are allowed. See what is in it with \`cargo bloat\` or \`twiggy\`; the budgets are in scripts/lib/versions.mjs. To go on all the same: ROLLCALL_BUDGET=warn`);
    if (process.env.ROLLCALL_BUDGET !== "warn") throw problem;
    say(`  ${problem.message}`);
  }
}
