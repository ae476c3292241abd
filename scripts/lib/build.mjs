/**
 * Builds the portal (dist/) and the Workers (below worker/), each only if something that goes into it
 * changed: a digest of the inputs and of the result is remembered.
 *
 * The two have separate compiler folders. They must: worker-build sets WASM_BINDGEN_USE_JS_SYS, which
 * changes what wasm-bindgen's macros generate without cargo noticing, so in one folder the result
 * would depend on which was built first. It also lets them build at the same time, which helps
 * because link-time optimization runs on one core.
 */
import { join, relative } from "node:path";
import { buildEnvironment } from "./env.mjs";
import { locked } from "./lock.mjs";
import { step } from "./log.mjs";
import { inProject, portalParts, root, wasmTarget, workers } from "./paths.mjs";
import { buildPortal } from "./portal.mjs";
import { run } from "./run.mjs";
import { checkSizes } from "./size.mjs";
import { digest, readStamp, removeStamp, writeStamp } from "./stamp.mjs";
import { stripNames } from "./strip.mjs";

const shared = ["Cargo.toml", "Cargo.lock", "crates", "package-lock.json", "scripts/lib/build.mjs", "scripts/lib/env.mjs", "scripts/lib/versions.mjs"];

const parts = [
  {
    name: "build the portal",
    stamp: "dist",
    outputs: ["dist", relative(root, portalParts)],
    inputs: [...shared, "app", "style", "index.html", "scripts/lib/csp.mjs", "scripts/lib/portal.mjs", "scripts/lib/sheets.mjs"],
    make: buildPortal,
  },
  {
    name: "build the Workers",
    stamp: "workers",
    outputs: workers.map((worker) => worker.build),
    inputs: [...shared, "worker", "scripts/lib/strip.mjs"],
    async make(env, line) {
      // One after the other: they share what is compiled, and the rest of each is one thread's work.
      for (const { folder, build } of workers) {
        await run("worker-build", ["--release", "--locked"], { cwd: inProject(folder), env: { ...env, CARGO_TARGET_DIR: join(wasmTarget, "worker") }, line });
        stripNames(inProject(build, "index_bg.wasm"));
      }
    },
  },
];

/** The Worker that runs the store's contract, for tests alone. */
const contract = {
  name: "build the Worker of the store's contract",
  stamp: "contract",
  outputs: ["tests/contract/build"],
  inputs: [...shared, "worker/src", "worker/Cargo.toml", "tests/contract"],
  async make(env, line) {
    await run("worker-build", ["--release", "--locked"], { cwd: inProject("tests", "contract"), env: { ...env, CARGO_TARGET_DIR: join(wasmTarget, "worker") }, line });
  },
};

const stampOf = (part) => join(wasmTarget, `${part.stamp}.stamp`);

async function buildPart(part, env, identity) {
  const inputs = digest(part.inputs, [identity]);
  const stamp = stampOf(part);
  const [madeFrom, made] = (readStamp(stamp) ?? "").split(" ");
  if (madeFrom === inputs && made === outputDigest(part)) return;
  removeStamp(stamp);
  await step(part.name, (line) => part.make(env, line));
  writeStamp(stamp, `${inputs} ${outputDigest(part)}`);
}

/** Over the files themselves, so that an output touched by hand is built again. */
const outputDigest = (part) => digest(part.outputs);

/** Builds what changed and checks the sizes; with `tests`, what only tests run too. */
export async function build({ tests = false } = {}) {
  await locked(inProject("target", "build.lock"), "a build", async () => {
    const { env, identity } = buildEnvironment();
    const results = await Promise.allSettled(parts.map((part) => buildPart(part, env, identity)));
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
    if (tests) await buildPart(contract, env, identity);
  });
  checkSizes();
}
