/**
 * The environment in which builds for WebAssembly run: our tools first on PATH, and the variables by
 * which worker-build finds them instead of downloading its own.
 */
import { delimiter } from "node:path";
import { inProject, wasmTarget } from "./paths.mjs";
import { nodeFolder } from "./node.mjs";
import { toolFolders, toolPath } from "./tools.mjs";
import { wasmCompiler } from "./wasm.mjs";

/** npm's programs of this project. */
export const npmPrograms = inProject("node_modules", ".bin");

/** The environment for trunk and worker-build. */
export function buildEnvironment() {
  const compiler = wasmCompiler();
  return {
    ...process.env,
    PATH: [nodeFolder(), ...compiler.folders, ...toolFolders(), npmPrograms, process.env.PATH].join(delimiter),
    ...compiler.variables,
    CARGO_TARGET_DIR: wasmTarget,
    WASM_BINDGEN_BIN: toolPath("wasm-bindgen"),
    WASM_OPT_BIN: `${npmPrograms}/wasm-opt`,
    ESBUILD_BIN: `${npmPrograms}/esbuild`,
  };
}
