import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutNames } from "../lib/strip.mjs";

const section = (id, content) => [id, content.length, ...content];
const custom = (name, rest = []) => section(0, [name.length, ...Buffer.from(name), ...rest]);
const magic = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

test("names and producers go, everything else stays as it is", () => {
  const code = section(10, [0]);
  const other = custom("target_features", [1, 2]);
  const module = Buffer.from([...magic, ...custom("name", [9, 9]), ...code, ...custom("producers"), ...other]);
  const stripped = withoutNames(module);
  assert.deepEqual([...stripped], [...magic, ...code, ...other]);
  assert.ok(WebAssembly.validate(Buffer.from([...magic, ...section(10, [0])])));
});
