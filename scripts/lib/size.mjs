/**
 * The size budget: what a browser loads for the portal's first view, and with any one of its parts, and everything
 * uploaded as each Worker.
 */
import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { constants, gzipSync } from "node:zlib";
import { kilobytes, Problem, say } from "./log.mjs";
import { dist, inProject, portalParts, workers } from "./paths.mjs";
import { filesBelow } from "./stamp.mjs";
import { firstViewBudget, spaBudget, spaWarning, workerBudget } from "./versions.mjs";

const compressed = (file) => gzipSync(readFileSync(file), { level: constants.Z_BEST_COMPRESSION }).length;

/** Compressed sizes in bytes, with their budgets. */
export function sizes() {
  const parts = Object.values(JSON.parse(readFileSync(portalParts, "utf8"))).map((files) => files.map((name) => join(dist, name)));
  const apart = new Set(parts.flat());
  const loaded = [...filesBelow(dist)].filter((file) => [".html", ".js", ".css", ".wasm"].includes(extname(file)));
  const first = loaded.filter((file) => !apart.has(file));
  const uploaded = ({ build }) => ["index.js", "index_bg.wasm"].map((name) => join(inProject(build), name));
  const sum = (files) => files.reduce((total, file) => total + compressed(file), 0);
  return [
    { name: "portal's first view", size: sum(first), budget: firstViewBudget },
    { name: "portal with its heaviest part", size: sum(first) + Math.max(0, ...parts.map(sum)), budget: spaBudget, warning: spaWarning },
    { name: "portal with all parts", size: sum(loaded) },
    ...workers.map((worker) => ({ name: `Worker ${worker.name}`, size: sum(uploaded(worker)), budget: workerBudget })),
  ];
}

/** Prints the sizes and fails beyond the budget; `ROLLCALL_BUDGET=warn` lets an experiment go on. */
export function checkSizes() {
  const found = sizes();
  say(`  size, gzip -9: ${found.map(({ name, size, budget }) => `${name} ${kilobytes(size)}${budget ? ` of ${kilobytes(budget)}` : ""}`).join(", ")}`);
  for (const { name, size, warning } of found) {
    if (warning !== undefined && size > warning) say(`  the ${name} is over ${kilobytes(warning)}: what is added from here on wants a reason`);
  }
  const over = found.filter(({ size, budget }) => size > budget);
  if (over.length === 0) return;
  const told = over.map(({ name, size, budget }) => `The ${name} is ${kilobytes(size)} compressed, over its budget of ${kilobytes(budget)}.`);
  const problem = new Problem(`${told.join("\n")}\nSee what is in it with \`cargo bloat\` or \`twiggy\`; the budgets are in scripts/lib/versions.mjs. To go on all the same: ROLLCALL_BUDGET=warn`);
  if (process.env.ROLLCALL_BUDGET !== "warn") throw problem;
  say(`  ${problem.message}`);
}
