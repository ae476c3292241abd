/**
 * The environment in which builds for WebAssembly run: our tools first on PATH, and the variables by
 * which worker-build finds them instead of downloading its own.
 */
import { delimiter, join } from "node:path";
import { inProject } from "./paths.mjs";
import { nodeFolder } from "./node.mjs";
import { toolFolders, toolPath } from "./tools.mjs";
import { wasmCompiler } from "./wasm.mjs";

/** npm's programs of this project. */
export const npmPrograms = inProject("node_modules", ".bin");

/** The environment for cargo and worker-build, and a text that changes when the compiler does. */
export function buildEnvironment() {
  const { folders, variables, identity } = wasmCompiler();
  const env = {
    ...process.env,
    PATH: [nodeFolder(), ...folders, ...toolFolders(), npmPrograms, process.env.PATH].join(delimiter),
    ...variables,
    WASM_BINDGEN_BIN: toolPath("wasm-bindgen"),
    WASM_OPT_BIN: join(npmPrograms, "wasm-opt"),
    ESBUILD_BIN: join(npmPrograms, "esbuild"),
    NO_COLOR: "true",
  };
  return { env, identity };
}
