/**
 * Where things are: the project's own folders and the tools folder that all clones of one user share.
 *
 * The tools folder lies outside the project because the tools take minutes to compile and do not
 * depend on the clone; every tool has a folder named after its version, so two clones with different
 * pins live side by side.
 */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));

/** A path inside the project. */
export const inProject = (...parts) => join(root, ...parts);

/** The built portal, what the Worker serves as static assets. */
export const dist = inProject("dist");
/**
 * The Workers, in the order in which they are deployed: each calls only those before it. The last is the one that
 * is reached from outside.
 */
export const workers = [
  { name: "store", secrets: [] },
  { name: "inlets", secrets: ["MASTER_KEY"] },
  { name: "jobs", secrets: ["ADMIN_API_KEY", "MASTER_KEY"] },
  { name: "edge", secrets: ["ADMIN_API_KEY"] },
].map(({ name, secrets }) => ({
  name,
  /** Those that it needs, as its configuration declares them. */
  secrets,
  folder: `worker/${name}`,
  /** What worker-build leaves: `index.js` and `index_bg.wasm`. */
  build: `worker/${name}/build`,
  config: name === "edge" ? "wrangler.toml" : `worker/${name}/wrangler.toml`,
}));
/** The configurations of a deployment, for `wrangler dev`: the Worker that is reached from outside first. */
export const configurations = workers.map(({ config }) => config).reverse();

/** Compiler output for WebAssembly, apart from the host's in `target/`: the two may have different compilers. */
export const wasmTarget = inProject("target", "wasm");
/** Which files of the built portal belong to which part of it, as JSON; written by its build. */
export const portalParts = join(wasmTarget, "portal-parts.json");

const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
export const tools = resolve(process.env.ROLLCALL_TOOLS || join(cache, "rollcall"));
