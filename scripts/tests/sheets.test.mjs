import assert from "node:assert/strict";
import { test } from "node:test";
import { linkedSheets, oneSheet } from "../lib/sheets.mjs";

test("linked sheets become one, in the place of the first", () => {
  const html = '<head>\n<link rel="icon" href="/x.svg">\n<link rel="stylesheet" href="style/a.css" />\n<link href=style/b.css rel=stylesheet>\n<link rel="preload" href="/p.wasm">\n</head>';
  assert.deepEqual(linkedSheets(html).map(({ file }) => file), ["style/a.css", "style/b.css"]);
  const sheet = oneSheet(html, (file) => `/* ${file} */`);
  assert.equal(sheet.text, "/* style/a.css */\n/* style/b.css */");
  assert.equal(sheet.html("style-3.css"), '<head>\n<link rel="icon" href="/x.svg">\n<link rel="stylesheet" href="/style-3.css">\n<link rel="preload" href="/p.wasm">\n</head>');
});

test("a page without a sheet is refused", () => {
  assert.throws(() => oneSheet("<head></head>", () => ""), /no style sheet/);
});

test("a sheet of somebody else is refused", () => {
  assert.throws(() => linkedSheets('<link rel="stylesheet" href="https://elsewhere.example/a.css">'), /none of ours/);
});
