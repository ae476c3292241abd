/**
 * A compiler that can make WebAssembly.
 *
 * The normal way is rustup's `wasm32-unknown-unknown` component. Where rustup's servers cannot be
 * reached, Debian's packages serve: its `rustc-web` (a second, newer compiler in /usr/bin), the
 * sources of the standard library, and LLVM's linker. Debian ships no compiled library for this
 * target, so it is compiled once, into the tools folder. Nothing in /usr and none of the user's
 * toolchains is changed: the folder is a sysroot of its own with a `rustc` that points at it.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installDebianPackages } from "./debian.mjs";
import { Problem, step } from "./log.mjs";
import { tools } from "./paths.mjs";
import { ask, run, which } from "./run.mjs";
import { readStamp, writeStamp } from "./stamp.mjs";
import { needCargo } from "./tools.mjs";

const target = "wasm32-unknown-unknown";

/** Does the compiler on PATH bring the library for the target? */
function hostCompilerHasTarget() {
  const sysroot = ask("rustc", ["--print", "sysroot"]);
  if (!sysroot) return false;
  const folder = join(sysroot, "lib", "rustlib", target, "lib");
  return existsSync(folder) && readdirSync(folder).some((name) => /^libstd-.*\.rlib$/.test(name));
}

const debian = {
  packages: ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22"],
  rustc: "/usr/bin/rustc",
  cargo: "/usr/bin/cargo",
  linker: "/usr/bin/wasm-ld-22",
  library: "/usr/lib/rustlib",
  sources: "/usr/lib/rustlib/src/rust/library/std/Cargo.toml",
};

const debianPresent = () => [debian.rustc, debian.cargo, debian.linker, debian.sources].every((path) => existsSync(path));

const sysroot = join(tools, "wasm-toolchain");
const sysrootStamp = join(sysroot, ".complete");

/** What the compiled library belongs to: Debian's compiler as it is installed now. An upgrade changes it. */
function debianCompiler() {
  const info = statSync(debian.rustc, { throwIfNoEntry: false });
  return info && `${info.size} ${info.mtimeMs}`;
}

const debianReady = () => debianPresent() && readStamp(sysrootStamp) === debianCompiler();

async function addByRustup() {
  if (!which("rustup")) return false;
  try {
    // Short: where the servers cannot be reached, the other way should begin soon.
    await step(`add the ${target} target to Rust`, (line) => run("rustup", ["target", "add", target], { line, timeout: 60_000 }));
    return true;
  } catch {
    return false;
  }
}

async function addByDebian() {
  if (!debianPresent()) await installDebianPackages(debian.packages, `Rust's ${target} target; \`rustup target add ${target}\` did not work`);
  await step(`compile Rust's standard library for ${target}`, async (line) => {
    rmSync(sysroot, { recursive: true, force: true });
    const crate = join(sysroot, "std-build");
    mkdirSync(join(crate, "src"), { recursive: true });
    writeFileSync(join(crate, "Cargo.toml"), '[package]\nname = "nothing"\nversion = "0.0.0"\nedition = "2021"\n[lib]\ncrate-type = ["cdylib"]\n[workspace]\n');
    writeFileSync(join(crate, "src", "lib.rs"), "");
    const env = {
      ...process.env,
      RUSTC: debian.rustc,
      RUSTC_BOOTSTRAP: "1", // -Z build-std on a stable compiler
      // Without bitcode in the library, a later build with fat LTO fails.
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS: "-C embed-bitcode=yes",
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: debian.linker,
      CARGO_TARGET_DIR: join(crate, "target"),
    };
    delete env.RUSTFLAGS;
    delete env.CARGO_ENCODED_RUSTFLAGS;
    delete env.RUSTUP_TOOLCHAIN;
    await run(debian.cargo, ["build", "--release", "--target", target, "-Z", "build-std=std,panic_abort"], { cwd: crate, env, line });

    const library = join(sysroot, "lib", "rustlib", target, "lib");
    mkdirSync(library, { recursive: true });
    const built = join(crate, "target", target, "release", "deps");
    for (const name of readdirSync(built).filter((each) => each.endsWith(".rlib"))) copyFileSync(join(built, name), join(library, name));
    // Build scripts and procedural macros run on this machine and need its library.
    for (const name of readdirSync(debian.library).filter((each) => each !== "src" && each !== target)) {
      symlinkSync(join(debian.library, name), join(sysroot, "lib", "rustlib", name));
    }
    mkdirSync(join(sysroot, "bin"));
    symlinkSync(debian.cargo, join(sysroot, "bin", "cargo"));
    for (const program of ["rustc", "rustdoc"]) {
      const path = join(sysroot, "bin", program);
      writeFileSync(path, `#!/bin/sh\nexec /usr/bin/${program} --sysroot '${sysroot}' "$@"\n`);
      chmodSync(path, 0o755);
    }
    rmSync(crate, { recursive: true });
    writeStamp(sysrootStamp, debianCompiler());
  });
}

/** `ROLLCALL_WASM=debian` goes straight to Debian's compiler, e.g. to test that way. */
const debianOnly = process.env.ROLLCALL_WASM === "debian";

/** Makes sure that something here compiles to WebAssembly. */
export async function ensureWasm() {
  if (!which("cargo") || !which("rustc")) throw new Problem(needCargo);
  if (!debianOnly && hostCompilerHasTarget()) return;
  if (debianReady()) return;
  if (!debianOnly && (await addByRustup())) return;
  await addByDebian();
}

/**
 * What to add to the environment of a build for WebAssembly: folders to put first on PATH, variables,
 * and a text that changes with the compiler.
 */
export function wasmCompiler() {
  if (debianOnly || !hostCompilerHasTarget()) {
    return {
      folders: [join(sysroot, "bin")],
      variables: {
        RUSTC: join(sysroot, "bin", "rustc"),
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: debian.linker,
      },
      identity: `debian ${readStamp(sysrootStamp)}`,
    };
  }
  return { folders: [], variables: {}, identity: ask("rustc", ["-vV"]) ?? "" };
}
