/** Secrets are made once, kept readable by their owner only, and never replaced by accident. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { secrets, secretsFile } from "../lib/secrets.mjs";

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("made at the first start, the same at the second", () => {
  const first = secrets(folder, {});
  assert.equal(Buffer.from(first.MASTER_KEY, "base64").length, 32);
  assert.ok(first.ADMIN_API_KEY.length >= 40);
  assert.deepEqual(secrets(folder, {}), first);
  assert.equal(statSync(secretsFile(folder)).mode & 0o777, 0o600);
});

test("two folders have different secrets", () => {
  assert.notDeepEqual(secrets(join(folder, "a"), {}), secrets(join(folder, "b"), {}));
});

test("what the environment gives is used and kept", () => {
  const MASTER_KEY = Buffer.alloc(32, 7).toString("base64");
  const given = secrets(folder, { MASTER_KEY });
  assert.equal(given.MASTER_KEY, MASTER_KEY);
  assert.deepEqual(secrets(folder, {}), given);
});

test("a key of the wrong form is refused, and says how to make one", () => {
  assert.throws(() => secrets(folder, { MASTER_KEY: "short" }), /openssl rand -base64 32/);
  assert.throws(() => secrets(folder, { ADMIN_API_KEY: "twenty characters but spaces" }), /openssl rand -hex 32/);
  assert.throws(() => secrets(folder, { ADMIN_API_KEY: "short" }), /20 characters/);
});
