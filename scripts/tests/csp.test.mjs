/** The Content-Security-Policy allows the inline script of the page, and nothing else inline. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { contentSecurityPolicy } from "../lib/csp.mjs";

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

test("an inline script is allowed by the hash of exactly its text", () => {
  const code = "\nimport init from '/app.js';\nawait init();\n";
  const policy = contentSecurityPolicy(`<head><script type="module">${code}</script></head>`);
  assert.ok(policy.includes(`script-src 'self' 'wasm-unsafe-eval' ${hash(code)};`), policy);
});

test("a script with an address needs no hash", () => {
  assert.ok(contentSecurityPolicy('<script src="/app.js"></script>').includes("script-src 'self' 'wasm-unsafe-eval';"));
});

test("nothing inline is allowed in general", () => {
  const policy = contentSecurityPolicy("<script>1</script>");
  assert.ok(!policy.includes("unsafe-inline"));
  assert.ok(!/'unsafe-eval'/.test(policy));
  for (const part of ["default-src 'self'", "object-src 'none'", "base-uri 'self'", "frame-ancestors 'none'"]) assert.ok(policy.includes(part), part);
});
