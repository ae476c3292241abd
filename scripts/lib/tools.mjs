/**
 * The build tools that come as crates: worker-build, wasm-bindgen and wasm-split.
 *
 * They are compiled without optimization: that takes less than half the time, and they work for
 * seconds while their compilation takes minutes. `cargo binstall`, where it exists, fetches them ready.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Problem, step } from "./log.mjs";
import { tools } from "./paths.mjs";
import { run, which } from "./run.mjs";
import { readStamp, removeStamp, writeStamp } from "./stamp.mjs";
import { wasmBindgenVersion, wasmSplitVersion, workerBuildVersion } from "./versions.mjs";

/**
 * The crates to install. `locked` is off where the crate's own lock file names versions that were withdrawn;
 * `proof` is what shows that the program runs: worker-build takes `--help` for an error, wasm-split-cli knows no
 * `--version`.
 */
const crates = () => [
  { name: "worker-build", version: workerBuildVersion, program: "worker-build", locked: true, proof: "--version" },
  { name: "wasm-bindgen-cli", version: wasmBindgenVersion(), program: "wasm-bindgen", locked: false, proof: "--version" },
  { name: "wasm_split_cli_support", version: wasmSplitVersion(), program: "wasm-split-cli", locked: true, features: "build-binary", proof: "--help" },
];

const folder = ({ name, version }) => join(tools, `${name}-${version}`);
const stamp = (crate) => join(folder(crate), ".complete");
const installed = (crate) => readStamp(stamp(crate)) !== undefined;

/** The folder with a tool's program. */
const programFolder = (crate) => join(folder(crate), "bin");

/** Folders to put first on PATH. */
export const toolFolders = () => crates().map(programFolder);

/** The program of a tool by its name, as `wasm-bindgen`. */
export function toolPath(program) {
  const crate = crates().find((each) => each.program === program);
  return join(programFolder(crate), program);
}

/** True when every crate tool is there. */
export const toolsReady = () => crates().every(installed);

const unoptimized = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "64",
  CARGO_PROFILE_RELEASE_DEBUG: "0",
  CARGO_PROFILE_RELEASE_STRIP: "true",
};

async function binstall(crate, line) {
  const args = ["binstall", "--no-confirm", "--disable-strategies", "compile", "--root", folder(crate), "--version", `=${crate.version}`, crate.name];
  try {
    await run("cargo", args, { cwd: tools, line, timeout: 60_000 });
    return true;
  } catch {
    return false; // No ready-made program, or no way to it: compile.
  }
}

async function compile(crate, line) {
  const args = ["install", ...(crate.locked ? ["--locked"] : []), ...(crate.features ? ["--features", crate.features] : []), "--root", folder(crate), "--target-dir", join(tools, "target"), "--version", `=${crate.version}`, crate.name];
  await run("cargo", args, { cwd: tools, line, env: { ...process.env, ...unoptimized } });
}

/** Installs the crate tools that are missing. */
export async function ensureTools() {
  const missing = crates().filter((crate) => !installed(crate));
  if (missing.length === 0) return;
  if (!which("cargo")) throw new Problem(needCargo);
  mkdirSync(tools, { recursive: true });
  for (const crate of missing) {
    await step(`install ${crate.name} ${crate.version}`, async (line) => {
      removeStamp(stamp(crate));
      rmSync(folder(crate), { recursive: true, force: true });
      if (!which("cargo-binstall") || !(await binstall(crate, line))) await compile(crate, line);
      await run(join(programFolder(crate), crate.program), [crate.proof], { timeout: 20_000 });
      writeStamp(stamp(crate), crate.version);
    });
  }
  // Shared by the three while they compile, of no use afterwards, and a gigabyte.
  rmSync(join(tools, "target"), { recursive: true, force: true });
}

export const needCargo =
  "cargo is missing. Install Rust with rustup:\n    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh\nor, if it is installed, put it on PATH:\n    . \"$HOME/.cargo/env\"";
