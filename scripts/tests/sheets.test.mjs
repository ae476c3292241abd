import assert from "node:assert/strict";
import { test } from "node:test";
import { linkedSheets, withOneSheet } from "../lib/sheets.mjs";

test("linked sheets become one, in the place of the first", () => {
  const html = '<head><link rel="icon" href="/x.svg"><link href=/a-1.css integrity=sha384-x rel=stylesheet><link rel="stylesheet" href="/b-2.css"><link rel="preload" href="/p.wasm"></head>';
  const sheets = linkedSheets(html);
  assert.deepEqual(sheets.map(({ name }) => name), ["a-1.css", "b-2.css"]);
  assert.equal(withOneSheet(html, sheets, "style-3.css"), '<head><link rel="icon" href="/x.svg"><link rel="stylesheet" href="/style-3.css"><link rel="preload" href="/p.wasm"></head>');
  assert.deepEqual(linkedSheets("<head></head>"), []);
});

test("a sheet of somebody else is refused", () => {
  assert.throws(() => linkedSheets('<link rel="stylesheet" href="https://elsewhere.example/a.css">'), /none of ours/);
});
