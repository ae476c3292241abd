/** What the build reads from, and writes into, the scripts that load the portal's parts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { partsOf, renamed, withScript } from "../lib/portal.mjs";

const script = `/* application, directory */
const __chunk_5 = makeLoad(() => {
    const src = fetch(new URL("./chunk_5.wasm", import.meta.url));
    return async (imports) => (WebAssembly.instantiateStreaming(src, imports));
}
, []);
/* empty */
const __chunk_6 = makeLoad(() => async (_imp) => ({}), []);
export const __wasm_split_load_directory = wrapAsyncCb(makeLoad(() => {
    const src = fetch(new URL("./split_directory.wasm", import.meta.url));
    return async (imports) => (WebAssembly.instantiateStreaming(src, imports));
}
, [__chunk_5, __chunk_6]));
export const __wasm_split_load_application = wrapAsyncCb(makeLoad(() => {
    const src = fetch(new URL("./split_application.wasm", import.meta.url));
    return async (imports) => (WebAssembly.instantiateStreaming(src, imports));
}
, []));
`;

test("the files of each part are found", () => {
  assert.deepEqual(partsOf(script), { directory: ["split_directory.wasm", "chunk_5.wasm"], application: ["split_application.wasm"] });
});

test("files are loaded by the names that they got, and one that nothing loads is told", () => {
  const text = renamed(script, [["chunk_5.wasm", "chunk_5-0a.wasm"], ["split_directory.wasm", "split_directory-0b.wasm"]]);
  assert.ok(text.includes('"./chunk_5-0a.wasm"') && text.includes('"./split_directory-0b.wasm"') && text.includes('"./split_application.wasm"'));
  assert.throws(() => renamed(script, [["chunk_7.wasm", "x.wasm"]]), /Nothing loads chunk_7\.wasm/);
});

test("the page starts the script and asks for the first file at once", () => {
  const html = withScript("<head></head><body></body>", "portal-1.js", "portal-2.wasm");
  assert.match(html, /<link rel="preload" href="\/portal-2\.wasm" as="fetch"[^>]* crossorigin>/);
  assert.match(html, /<script type="module" src="\/portal-1\.js"><\/script><\/head>/);
});
