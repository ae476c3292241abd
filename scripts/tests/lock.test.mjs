/** Locks: one holder at a time, and a dead holder's lock is taken over. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { locked, tryLock } from "../lib/lock.mjs";

let folder;
let path;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-test-"));
  path = join(folder, "lock");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("the work of two holders does not overlap", async () => {
  let inside = 0;
  const work = async () => {
    inside++;
    assert.equal(inside, 1);
    await sleep(30);
    inside--;
  };
  await Promise.all([locked(path, "a test", work), locked(path, "a test", work)]);
  assert.ok(!existsSync(path));
});

test("released when the work fails", async () => {
  await assert.rejects(locked(path, "a test", () => Promise.reject(new Error("failed"))), /failed/);
  assert.ok(!existsSync(path));
});

test("a taken lock is not waited for by tryLock", async () => {
  const release = await tryLock(path);
  assert.equal(await tryLock(path), undefined);
  release();
  (await tryLock(path))();
});

test("the lock of a process that is gone is taken over", async () => {
  const { pid } = spawnSync("true");
  writeFileSync(path, String(pid));
  const release = await tryLock(path);
  assert.ok(release);
  release();
});
