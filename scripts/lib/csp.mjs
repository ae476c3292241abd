/**
 * The response headers of the portal's files, written as `_headers` for the static-asset server.
 *
 * trunk puts one inline script into index.html; the Content-Security-Policy allows exactly that one by
 * its hash, and no other. WebAssembly needs `wasm-unsafe-eval`.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { dist } from "./paths.mjs";
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

/** Writes `dist/_headers`. */
export function writeHeaders() {
  const html = readFileSync(join(dist, "index.html"), "utf8");
  refuseInlineStyles(html);
  const lines = [
    "/*",
    `  Content-Security-Policy: ${contentSecurityPolicy(html)}`,
    "  X-Content-Type-Options: nosniff",
    "  X-Frame-Options: DENY",
    "  Referrer-Policy: no-referrer",
  ];
  // trunk names these files after their content, so a browser may keep them for ever.
  const hashed = [...filesBelow(dist)].map((file) => relative(dist, file)).filter((name) => /-[0-9a-f]{8,16}(_bg)?\.\w+$/.test(name));
  for (const name of hashed) lines.push(`/${name}`, "  Cache-Control: public, max-age=31536000, immutable");
  writeFileSync(join(dist, "_headers"), `${lines.join("\n")}\n`);
}
