/**
 * `npm run bench [-- NAME…]`: the benches below tests/bench, all or those that are named; one table each.
 *
 *     npm run bench scim                       the SCIM endpoint, with 10,000 and 100,000 people
 *     npm run bench inlets                     a Microsoft Graph inlet, with as many
 *     npm run bench import                     a CSV file, with 10,000 and 300,000 people and up to 100 MB
 *     npm run bench cycle                      cycles, with 1,000 and 10,000 people
 *     npm run bench cycle -- --people 100000   cycles with 100,000 people
 *     npm run bench logs                       filters of a provisioning log of 100,000 entries, over HTTP and in the page
 *     npm run bench logs -- --entries 20000    of one with as many
 *     npm run bench scim -- --people 2000      with another number of people
 *     npm run bench scim -- --seconds 5        each request for longer
 */
import { spawnSync } from "node:child_process";
import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bench as benchCycle } from "../tests/bench/cycle.mjs";
import { bench as benchImport } from "../tests/bench/import.mjs";
import { bench as benchInlets } from "../tests/bench/inlets.mjs";
import { bench as benchLogs } from "../tests/bench/logs.mjs";
import { bench as benchScim } from "../tests/bench/scim.mjs";
import { build } from "./lib/build.mjs";
import { die, Problem } from "./lib/log.mjs";
import { nodeForWrangler } from "./lib/node.mjs";
import { setUp } from "./lib/setup.mjs";

const benches = { scim: benchScim, inlets: benchInlets, import: benchImport, cycle: benchCycle, logs: benchLogs };
/** Numbers of people (of a log: of entries) unless others are asked for. */
const usualSizes = { scim: ["10000", "100000"], inlets: ["10000", "100000"], import: ["10000", "300000"], cycle: ["1000", "10000"], logs: ["100000"] };

function wholeNumber(name, text) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Problem(`--${name} ${text} is not a whole number of at least 1`);
  return number;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { people: { type: "string", multiple: true }, rows: { type: "string", multiple: true }, entries: { type: "string", multiple: true }, seconds: { type: "string", default: "2" } },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(benches);
  for (const name of names) if (!(name in benches)) throw new Problem(`There is no bench ${name}. Benches: ${Object.keys(benches).join(", ")}`);
  const seconds = wholeNumber("seconds", values.seconds);
  await setUp({ browser: names.includes("logs") });
  // The log is made longer in its database. A Node that cannot read one leaves the benches to the one of wrangler.
  if (!isBuiltin("node:sqlite") && nodeForWrangler() !== process.execPath) {
    const { status } = spawnSync(nodeForWrangler(), [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
    process.exit(status ?? 1);
  }
  await build({ tests: true });
  for (const name of names) {
    const sizes = (values.people ?? values.rows ?? values.entries ?? usualSizes[name]).map((text) => wholeNumber("people", text));
    await benches[name]({ sizes, seconds });
  }
}

main().catch(die);
