/**
 * `npm run bench [-- NAME…]`: the benches below tests/bench, all or those that are named; one table each.
 *
 *     npm run bench scim                       the SCIM endpoint, with 10,000 and 100,000 people
 *     npm run bench inlets                     a Microsoft Graph inlet, with as many
 *     npm run bench cycle                      cycles, with 1,000 and 10,000 people
 *     npm run bench cycle -- --people 100000   cycles with 100,000 people
 *     npm run bench scim -- --people 2000      with another number of people
 *     npm run bench scim -- --seconds 5        each request for longer
 */
import { parseArgs } from "node:util";
import { bench as benchCycle } from "../tests/bench/cycle.mjs";
import { bench as benchInlets } from "../tests/bench/inlets.mjs";
import { bench as benchScim } from "../tests/bench/scim.mjs";
import { build } from "./lib/build.mjs";
import { die, Problem } from "./lib/log.mjs";
import { setUp } from "./lib/setup.mjs";

const benches = { scim: benchScim, inlets: benchInlets, cycle: benchCycle };
/** Numbers of people unless others are asked for. */
const usualSizes = { scim: ["10000", "100000"], inlets: ["10000", "100000"], cycle: ["1000", "10000"] };

function wholeNumber(name, text) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Problem(`--${name} ${text} is not a whole number of at least 1`);
  return number;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { people: { type: "string", multiple: true }, seconds: { type: "string", default: "2" } },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(benches);
  for (const name of names) if (!(name in benches)) throw new Problem(`There is no bench ${name}. Benches: ${Object.keys(benches).join(", ")}`);
  const seconds = wholeNumber("seconds", values.seconds);
  await setUp();
  await build({ tests: true });
  for (const name of names) {
    const sizes = (values.people ?? usualSizes[name]).map((text) => wholeNumber("people", text));
    await benches[name]({ sizes, seconds });
  }
}

main().catch(die);
