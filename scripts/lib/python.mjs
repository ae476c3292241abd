/**
 * A Python environment with the conformance suites, in the tools folder, named after what is in it.
 */
import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { locked } from "./lock.mjs";
import { Problem, step } from "./log.mjs";
import { inProject, tools } from "./paths.mjs";
import { run, which } from "./run.mjs";
import { readStamp, removeStamp, writeStamp } from "./stamp.mjs";

const requirements = inProject("tests/conformance/requirements.txt");

function folder() {
  const digest = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  return join(tools, `conformance-${digest}`);
}

/** The environment's Python. {@link prepareConformance} makes it. */
export const conformancePython = () => join(folder(), "bin", "python");

/** Installs the suites, once. */
export async function prepareConformance() {
  const stamp = join(folder(), ".complete");
  if (readStamp(stamp) !== undefined) return;
  if (!which("python3")) throw new Problem("python3 is missing; the conformance suites need it. Install it with: apt-get install python3 python3-venv");
  await locked(join(tools, ".conformance.lock"), "the conformance suites", () =>
    step("install the conformance suites", async (line) => {
      if (readStamp(stamp) !== undefined) return;
      removeStamp(stamp);
      rmSync(folder(), { recursive: true, force: true });
      await run("python3", ["-m", "venv", folder()], { line, timeout: 120_000, tail: 20 });
      const args = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements];
      await run(conformancePython(), args, { line, timeout: 600_000, tail: 20 });
      writeStamp(stamp, "complete");
    }),
  );
}
