/**
 * `npm test`: set-up, then every check and test, from cheap to dear; stops at the first that fails.
 *
 *     npm test -- --only clippy     one step
 *     npm test -- --from build      this step and all after it
 *
 * The whole output of each step is in test-results/<step>.log.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { build } from "./lib/build.mjs";
import { chromiumPath } from "./lib/chromium.mjs";
import { checkHygiene } from "./lib/hygiene.mjs";
import { die, dim, Problem, say, step } from "./lib/log.mjs";
import { nodeForWrangler } from "./lib/node.mjs";
import { inProject } from "./lib/paths.mjs";
import { prepareConformance } from "./lib/python.mjs";
import { CommandFailed, run } from "./lib/run.mjs";
import { setUp } from "./lib/setup.mjs";
import { filesBelow } from "./lib/stamp.mjs";

/** Longer than any step takes; a step that hangs must not hold a machine for hours. */
const stepLimit = 30 * 60_000;

const cargo = (args, env = {}) => (line) => run("cargo", args, { env: { ...process.env, ...env }, line, timeout: stepLimit, tail: 200 });

/** So many test files run at a time. Each may start a server and a browser, and waits for them most of its time. */
const testFilesAtATime = 2;

/** Runs the `*.test.mjs` files below a folder. Each has servers, ports and data of its own. */
const nodeTests = (folder, env = () => ({})) => (line) => {
  const files = [...filesBelow(inProject(folder))].filter((file) => file.endsWith(".test.mjs"));
  if (files.length === 0) throw new Problem(`${folder} holds no *.test.mjs`);
  const options = ["--test", "--test-reporter=spec", `--test-concurrency=${testFilesAtATime}`];
  return run(nodeForWrangler(), [...options, ...files], { env: { ...process.env, ...env() }, line, timeout: stepLimit, tail: 200 });
};

/** The suites come from Python's registry, so they are installed when their step begins. */
const conformance = async (line) => {
  await prepareConformance();
  return nodeTests("tests/conformance")(line);
};

const steps = [
  { name: "hygiene", run: checkHygiene },
  { name: "scripts", run: nodeTests("scripts/tests") },
  { name: "format", run: cargo(["fmt", "--all", "--check", "--", "--color", "never"]) },
  // The Worker and the portal compile for this machine too, which is all that clippy needs.
  { name: "clippy", run: cargo(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]) },
  { name: "docs", run: cargo(["doc", "--workspace", "--no-deps", "--locked"], { RUSTDOCFLAGS: "-D warnings" }) },
  { name: "rust", run: cargo(["test", "--workspace", "--locked"]) },
  { name: "build", run: () => build({ tests: true }), quiet: true },
  { name: "worker", run: nodeTests("tests/worker"), needs: "tests/worker" },
  { name: "conformance", run: conformance, needs: "tests/conformance" },
  { name: "browser", run: nodeTests("tests/browser", () => ({ CHROMIUM: chromiumPath() })), needs: "tests/browser" },
  { name: "demo", run: (line) => run(process.execPath, [inProject("scripts/demo.mjs")], { line, timeout: stepLimit, tail: 200 }), needs: "scripts/demo.mjs" },
];

/** Steps that may still be absent. Whoever adds one takes it out here, and from then on it must exist. */
const notWrittenYet = new Set();

function chosen() {
  const { values } = parseArgs({ options: { only: { type: "string" }, from: { type: "string" } } });
  const index = (name) => {
    const found = steps.findIndex((each) => each.name === name);
    if (found < 0) throw new Problem(`There is no step ${name}. Steps: ${steps.map((each) => each.name).join(", ")}`);
    return found;
  };
  if (values.only !== undefined) return [steps[index(values.only)]];
  if (values.from !== undefined) return steps.slice(index(values.from));
  return steps;
}

/** How many tests a runner says that it ran, for the line of the step. */
function testCount(output) {
  const counts = [...output.matchAll(/^test result: ok\. (\d+) passed|^ℹ pass (\d+)/gm)].map(([, rust, node]) => Number(rust ?? node));
  return counts.length > 0 ? `${counts.reduce((sum, count) => sum + count, 0)} tests` : "";
}

function keepLog(name, text) {
  mkdirSync(inProject("test-results"), { recursive: true });
  writeFileSync(inProject("test-results", `${name}.log`), text);
}

async function runStep({ name, run: work, quiet }) {
  if (quiet) return void (await work());
  await step(name, async (line) => {
    try {
      const output = (await work(line)) ?? "";
      keepLog(name, output);
      return { remark: testCount(output) };
    } catch (error) {
      if (error instanceof CommandFailed) keepLog(name, error.output);
      throw error;
    }
  });
}

async function main() {
  const wanted = chosen();
  await setUp({ browser: wanted.some(({ name }) => name === "browser") });
  let passed = 0;
  for (const each of wanted) {
    if (each.needs && !existsSync(inProject(each.needs)) && notWrittenYet.has(each.name)) {
      say(dim(`  - ${each.name}: ${each.needs} does not exist yet`));
      continue;
    }
    try {
      await runStep(each);
      passed++;
    } catch (error) {
      console.error(error?.forPeople ? error.message : error);
      say(`\nStopped at ${each.name}; again from there: npm test -- --from ${each.name}`);
      say(`${passed} passed, 1 failed`);
      process.exit(1);
    }
  }
  say(`\n${passed} passed, 0 failed`);
}

main().catch(die);
