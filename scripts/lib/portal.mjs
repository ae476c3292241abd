/**
 * Builds the portal: its WebAssembly, cut into files that are loaded apart, and what goes with them, in dist/.
 *
 * cargo compiles; wasm-split cuts at the functions that app/src/chunks.rs marks; wasm-bindgen writes the script of the
 * first file; wasm-opt makes every file smaller; esbuild makes one script of what wasm-bindgen and wasm-split wrote.
 * Every file is named after its content, so that a browser may keep it for ever, and an open portal never gets a file
 * of another version. dist/ changes at once, when all is made: a server may be reading it.
 */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { extname, join } from "node:path";
import { writeHeaders } from "./csp.mjs";
import { Problem } from "./log.mjs";
import { dist, inProject, portalParts, wasmTarget } from "./paths.mjs";
import { run } from "./run.mjs";
import { oneSheet } from "./sheets.mjs";

const target = "wasm32-unknown-unknown";
const compiled = join(wasmTarget, "portal");
/** The file that wasm-split writes beside those it cuts: how each is loaded. */
const loader = "__wasm_split.js";
const name = "portal";

/**
 * Measured on the portal while it was one file, gzip -9: 410 KB with `s`, 367 KB with `z` (Cargo.toml), 340 KB with `z`
 * and erased components, which is Leptos' switch for one type per view instead of one per place where it is used.
 * wasm-split needs to know what refers to what, which is what the linker keeps with `--emit-relocs`.
 */
const compiler = ({ RUSTFLAGS = "", CARGO_HOME = join(homedir(), ".cargo") }) => ({
  CARGO_TARGET_DIR: compiled,
  // Panics name the files of crates; where this machine keeps them is nobody's business, and long.
  RUSTFLAGS: `${RUSTFLAGS} --cfg=erase_components --remap-path-prefix=${join(CARGO_HOME, "registry", "src")}= -Clink-args=--emit-relocs`.trim(),
});

/** What every browser of the last years has, and rustc assumes: the files that are cut out do not say so themselves. */
const features = ["bulk-memory", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext"];
const smaller = [...features.map((feature) => `--enable-${feature}`), "--strip-debug", "--strip-producers", "--low-memory-unused", "--flatten", "--rereloop", "-Oz", "-Oz"];

const hash = (content) => createHash("sha256").update(content).digest("hex").slice(0, 16);

/** Puts a file into `folder` under its name with the hash of its content; returns that name. */
function keep(folder, file, content) {
  const kind = extname(file);
  const kept = `${file.slice(0, -kind.length)}-${hash(content)}${kind}`;
  writeFileSync(join(folder, kept), content);
  return kept;
}

/**
 * What is loaded for each part of the portal besides the first file: `{application: ["split_application.wasm", …]}`,
 * read from the script that loads it.
 */
export function partsOf(script) {
  const fileOf = (text) => /new URL\("\.\/([^"]+\.wasm)"/.exec(text)?.[1];
  const chunks = new Map([...script.matchAll(/^const (__chunk_\d+) = ([\s\S]*?);\s*$/gm)].map(([, chunk, text]) => [chunk, fileOf(text)]));
  const parts = [...script.matchAll(/^export const __wasm_split_load_(\w+) = ([\s\S]*?\[([^\]]*)\]\)\));?\s*$/gm)].map(([, part, text, needed]) => {
    const files = needed.split(",").map((chunk) => chunks.get(chunk.trim()));
    return [part, [fileOf(text), ...files].filter(Boolean)];
  });
  return Object.fromEntries(parts);
}

/** `text` with every file named as in `names`. */
export function renamed(text, names) {
  let result = text;
  for (const [before, after] of names) {
    if (!result.includes(`/${before}"`)) throw new Problem(`Nothing loads ${before}, a part of the portal: wasm-split or wasm-bindgen write their scripts differently now.`);
    result = result.replaceAll(`/${before}"`, `/${after}"`);
  }
  return result;
}

/** `html` with what starts the portal: its script, and the files that the script asks for first. */
export const withScript = (html, script, wasm) =>
  html.replace(
    "</head>",
    `<link rel="preload" href="/${wasm}" as="fetch" type="application/wasm" crossorigin><script type="module" src="/${script}"></script></head>`,
  );

async function compile(env, line) {
  const args = ["build", "--release", "--locked", "--target", target, "--package", "rollcall-app", "--features", "served"];
  await run("cargo", args, { env: { ...env, ...compiler(env) }, line });
  return join(compiled, target, "release", "rollcall-app.wasm");
}

/** Cuts; leaves in `folder` the files of the parts, and in its `bound` the first file with its script. */
async function cut(wasm, folder, env, line) {
  await run("wasm-split-cli", [wasm, folder, "--target", "web", "--out-name", name], { env, line });
  const first = join(folder, `${name}.wasm`);
  await run(env.WASM_BINDGEN_BIN, ["--target", "web", "--no-typescript", "--keep-lld-exports", "--out-name", name, "--out-dir", join(folder, "bound"), first], { env, line });
  rmSync(first);
}

/** Builds dist/. */
export async function buildPortal(env, line) {
  const wasm = await compile(env, line);
  const [work, made] = [join(compiled, "cut"), join(compiled, "dist")];
  for (const folder of [work, made]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  await cut(wasm, work, env, line);
  const small = async (file) => {
    await run(env.WASM_OPT_BIN, [...smaller, file, "-o", file], { env });
    return readFileSync(file);
  };
  const bound = join(work, "bound");
  const first = keep(made, `${name}.wasm`, await small(join(bound, `${name}_bg.wasm`)));
  const names = [];
  for (const file of readdirSync(work).filter((each) => each.endsWith(".wasm"))) {
    names.push([file, keep(made, file, await small(join(work, file)))]);
  }
  const loading = readFileSync(join(work, loader), "utf8");
  const after = new Map(names);
  const parts = Object.entries(partsOf(loading)).map(([part, files]) => [part, files.map((file) => after.get(file))]);
  writeFileSync(portalParts, `${JSON.stringify(Object.fromEntries(parts), undefined, 2)}\n`);

  writeFileSync(join(bound, loader), renamed(loading, names));
  const start = join(bound, "start.js");
  writeFileSync(start, `import start from "./${name}.js";\nstart({ module_or_path: new URL("./${first}", import.meta.url) });\n`);
  const script = join(bound, "all.js");
  await run(env.ESBUILD_BIN, [start, "--bundle", "--minify", "--format=esm", `--outfile=${script}`], { env, line });

  const page = readFileSync(inProject("index.html"), "utf8");
  const { html, text } = oneSheet(page, (sheet) => readFileSync(inProject(sheet), "utf8"));
  const sheet = join(bound, "style.css");
  writeFileSync(sheet, text);
  await run(env.ESBUILD_BIN, [sheet, "--minify", "--allow-overwrite", `--outfile=${sheet}`], { env, line });
  const links = html(keep(made, "style.css", readFileSync(sheet)));
  writeFileSync(join(made, "index.html"), withScript(links, keep(made, `${name}.js`, readFileSync(script)), first));
  for (const file of readdirSync(inProject("style")).filter((each) => !each.endsWith(".css"))) {
    cpSync(inProject("style", file), join(made, file));
  }
  writeHeaders(made);
  rmSync(dist, { recursive: true, force: true });
  renameSync(made, dist);
}
