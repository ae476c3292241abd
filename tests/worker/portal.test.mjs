/** What the Worker serves beside its two APIs: liveness, the portal's files, and their security headers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inProject, portalParts } from "../../scripts/lib/paths.mjs";
import { useServer } from "./support/server.mjs";

const context = useServer();
const html = () => readFileSync(inProject("dist", "index.html"), "utf8");

test("healthz needs no credential and tells nothing but the version", async () => {
  const { json } = (await context.anonymous.get("/healthz")).expect(200);
  assert.deepEqual(Object.keys(json).sort(), ["status", "version"]);
  assert.equal(json.version, JSON.parse(readFileSync(inProject("package.json"), "utf8")).version);
});

test("every address of the portal is the portal", async () => {
  for (const path of ["/", "/gallery", "/applications/some-id/provisioning", "/?signIn=expired", "/not/a/page"]) {
    const answer = (await context.anonymous.get(path)).expect(200);
    assert.match(answer.headers.get("content-type"), /^text\/html/, path);
    assert.equal(answer.text, html(), path);
  }
});

test("the portal's scripts and WebAssembly are there, and may be kept", async () => {
  const files = [...html().matchAll(/(?:href|src)="?'?(\/[\w.-]+\.(?:js|wasm|css))/g)].map(([, path]) => path);
  const wasm = files.find((path) => path.endsWith(".wasm"));
  assert.ok(wasm && files.some((path) => path.endsWith(".js")), `index.html names no WebAssembly, or no script: ${files}`);
  // The parts that are loaded apart.
  const parts = Object.values(JSON.parse(readFileSync(portalParts, "utf8"))).flat();
  assert.ok(parts.length > 4, `${parts}`);
  files.push(...parts.map((name) => `/${name}`));
  for (const path of new Set(files)) {
    const answer = (await context.anonymous.get(path)).expect(200);
    assert.match(answer.headers.get("cache-control"), /immutable/, path);
    assert.doesNotMatch(answer.headers.get("content-type"), /html/, path);
  }
  for (const path of files.filter((path) => path.endsWith(".wasm"))) {
    assert.equal((await context.anonymous.get(path)).headers.get("content-type"), "application/wasm");
  }
});

test("the Content-Security-Policy allows no inline script, and no foreign origin", async () => {
  const policy = (await context.anonymous.get("/")).headers.get("content-security-policy");
  const directives = new Map(policy.split(";").map((part) => part.trim().split(/\s+/)).map(([name, ...values]) => [name, values]));
  const scripts = directives.get("script-src");
  assert.ok(scripts.includes("'wasm-unsafe-eval'"), policy);
  for (const forbidden of ["'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:", "data:"]) {
    assert.ok(!scripts.some((value) => value === forbidden || value.startsWith("'sha256-")), `script-src has ${forbidden}`);
  }
  assert.deepEqual(directives.get("default-src"), ["'self'"]);
  assert.deepEqual(directives.get("frame-ancestors"), ["'none'"]);
  for (const [name, values] of directives) assert.ok(!values.some((value) => /unsafe-inline|\*|^https?:/.test(value)), `${name} ${values}`);
});

test("other security headers are on the portal and on the APIs", async () => {
  const page = await context.anonymous.get("/");
  assert.equal(page.headers.get("x-frame-options"), "DENY");
  assert.equal(page.headers.get("referrer-policy"), "no-referrer");
  for (const path of ["/", "/api/v1.0/session", `/scim/${context.workforceId}/v2/Users`, "/healthz"]) {
    assert.equal((await context.anonymous.get(path)).headers.get("x-content-type-options"), "nosniff", path);
  }
  for (const answer of [await context.api.get("/directories"), await context.workforce.get("/Users")]) {
    assert.match(answer.headers.get("cache-control"), /no-store/, answer.url);
  }
});

test("a missing path of the management API is 404 as JSON, never the portal", async () => {
  for (const path of ["/nothing", "/directories/none/tokens/none/none", "/servicePrincipals/none/synchronization/nothing", "/"]) {
    const answer = await context.api.get(path);
    assert.equal(answer.status, 404, path);
    assert.match(answer.headers.get("content-type"), /^application\/json/, path);
    const { error } = answer.json;
    assert.equal(error.code, "Request_ResourceNotFound", path);
    assert.equal(error.innerError["request-id"], answer.headers.get("request-id"), path);
    assert.ok(Math.abs(Date.parse(error.innerError.date) - Date.now()) < 60_000, path);
  }
});

test("a missing path of SCIM is 404 in SCIM's form", async () => {
  for (const path of ["/Nothing", "/Users/none", "/Users/none/more"]) {
    const answer = await context.workforce.get(path);
    assert.deepEqual([answer.status, answer.json?.status], [404, "404"], path);
    assert.match(answer.headers.get("content-type"), /^application\/scim\+json/, path);
  }
});

test("a method that a path does not take is 405", async () => {
  for (const [method, path] of [["DELETE", "/directories"], ["POST", "/session"], ["PUT", "/applicationTemplates"], ["PATCH", "/auditLogs/provisioning"]]) {
    const answer = await context.api.send(method, path, { body: {} });
    assert.equal(answer.status, 405, `${method} ${path}`);
    assert.ok(answer.json.error.message, `${method} ${path}`);
  }
});

test("a body that is no JSON, or too large, is the caller's error", async () => {
  const broken = await context.api.post("/directories", '{"displayName":', { headers: { "content-type": "application/json" } });
  assert.deepEqual([broken.status, broken.json.error.code], [400, "Request_BadRequest"]);
  const large = await context.api.post("/directories", { displayName: "x".repeat(3 * 1024 * 1024), profile: "application" });
  assert.deepEqual([large.status, large.json.error.code], [413, "RequestEntityTooLarge"]);
});
