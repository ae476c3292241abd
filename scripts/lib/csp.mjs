/**
 * The response headers of the portal's files, written as `_headers` for the static-asset server.
 *
 * The Content-Security-Policy allows an inline script by the hash of exactly its text; index.html has none today.
 * WebAssembly needs `wasm-unsafe-eval`.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Problem } from "./log.mjs";
import { filesBelow } from "./stamp.mjs";

/** The policy that allows the inline scripts of `html`. */
export function contentSecurityPolicy(html) {
  const hashes = [...html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)]
    .filter(([, attributes]) => !/\bsrc=/.test(attributes))
    .map(([, , code]) => `'sha256-${createHash("sha256").update(code).digest("base64")}'`);
  return [
    "default-src 'self'",
    ["script-src 'self' 'wasm-unsafe-eval'", ...hashes].join(" "),
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** What would be blocked by the policy, found now instead of in the browser's console. */
function refuseInlineStyles(html) {
  if (/<style\b|\sstyle=/.test(html)) throw new Problem("index.html has inline styles, which the Content-Security-Policy forbids; move them to style/");
}

/** Writes `_headers` for the files of `folder`. */
export function writeHeaders(folder) {
  const html = readFileSync(join(folder, "index.html"), "utf8");
  refuseInlineStyles(html);
  const lines = [
    "/*",
    `  Content-Security-Policy: ${contentSecurityPolicy(html)}`,
    "  X-Content-Type-Options: nosniff",
    "  X-Frame-Options: DENY",
    "  Referrer-Policy: no-referrer",
  ];
  // Named after their content, so a browser may keep them for ever.
  const hashed = [...filesBelow(folder)].map((file) => relative(folder, file)).filter((name) => /-[0-9a-f]{16}\.\w+$/.test(name));
  for (const name of hashed) lines.push(`/${name}`, "  Cache-Control: public, max-age=31536000, immutable");
  writeFileSync(join(folder, "_headers"), `${lines.join("\n")}\n`);
}
