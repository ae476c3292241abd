/**
 * Builds the portal (dist/) and the Workers (below worker/), each only if something that goes into it
 * changed: a digest of the inputs and of the result is remembered.
 *
 * The two have separate compiler folders. They must: worker-build sets WASM_BINDGEN_USE_JS_SYS, which
 * changes what wasm-bindgen's macros generate without cargo noticing, so in one folder the result
 * would depend on which was built first. It also lets them build at the same time, which helps
 * because link-time optimization runs on one core.
 */
import { homedir } from "node:os";
import { join } from "node:path";
import { writeHeaders } from "./csp.mjs";
import { buildEnvironment } from "./env.mjs";
import { locked } from "./lock.mjs";
import { step } from "./log.mjs";
import { dist, inProject, wasmTarget, workers } from "./paths.mjs";
import { run } from "./run.mjs";
import { mergeSheets } from "./sheets.mjs";
import { checkSizes } from "./size.mjs";
import { digest, filesBelow, readStamp, removeStamp, writeStamp } from "./stamp.mjs";
import { stripNames } from "./strip.mjs";

const shared = ["Cargo.toml", "Cargo.lock", "crates", "package-lock.json", "scripts/lib/build.mjs", "scripts/lib/env.mjs", "scripts/lib/versions.mjs"];

/**
 * Measured on the portal, gzip -9: 410 KB with `s`, 367 KB with `z` (Cargo.toml), 340 KB with `z` and erased
 * components, which is Leptos' switch for one type per view instead of one type per place where a view is used.
 */
const portalBuild = ({ RUSTFLAGS = "", CARGO_HOME = join(homedir(), ".cargo") }) => ({
  CARGO_TARGET_DIR: join(wasmTarget, "portal"),
  // Panics name the files of crates; where this machine keeps them is nobody's business, and long.
  RUSTFLAGS: `${RUSTFLAGS} --cfg=erase_components --remap-path-prefix=${join(CARGO_HOME, "registry", "src")}=`.trim(),
});

/** trunk's own minifier gives up on what wasm-bindgen writes today, and leaves it as it is. */
async function minifyScripts(env, line) {
  const scripts = [...filesBelow(dist)].filter((file) => file.endsWith(".js"));
  await run(env.ESBUILD_BIN, [...scripts, "--minify", "--format=esm", "--allow-overwrite", `--outdir=${dist}`], { env, line });
}

const parts = [
  {
    name: "build the portal",
    stamp: "dist",
    outputs: ["dist"],
    inputs: [...shared, "app", "style", "index.html", "Trunk.toml", "scripts/lib/csp.mjs", "scripts/lib/sheets.mjs"],
    async make(env, line) {
      await run("trunk", ["build", "--release", "--offline", "--locked"], { env: { ...env, ...portalBuild(env) }, line });
      await minifyScripts(env, line);
      mergeSheets();
      writeHeaders();
    },
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
