/**
 * One at a time: a lock file that holds the owner's process id, so that two starts do not install or
 * build into the same folder, nor serve the same data. A lock whose owner is gone is taken over.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { say } from "./log.mjs";
import { alive } from "./processes.mjs";

/** Calls `work`; true unless it failed with one of the named errors. */
function unless(codes, work) {
  try {
    work();
    return true;
  } catch (error) {
    if (codes.includes(error.code)) return false;
    throw error;
  }
}

/** True if the lock at `path` was taken. `mine` holds our process id; linking it is atomic, content included. */
function take(path, mine) {
  if (unless(["EEXIST"], () => linkSync(mine, path))) return true;
  let owner;
  if (!unless(["ENOENT"], () => (owner = readFileSync(path, "utf8")))) return false;
  if (alive(Number(owner))) return false;
  // Move the dead owner's lock aside. If somebody was faster and the lock is a living one by now, put it back.
  const aside = `${mine}.aside`;
  if (!unless(["ENOENT"], () => renameSync(path, aside))) return false;
  if (readFileSync(aside, "utf8") !== owner) unless(["EEXIST"], () => linkSync(aside, path));
  rmSync(aside, { force: true });
  return false;
}

/**
 * Takes the lock, trying again for `patience` milliseconds, or for ever. Resolves with the function
 * that releases it, or with undefined if somebody else kept it.
 */
async function acquire(path, { patience = Infinity, waiting } = {}) {
  mkdirSync(dirname(path), { recursive: true });
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  const began = Date.now();
  try {
    for (let tries = 0; !take(path, mine); tries++) {
      if (Date.now() - began > patience) return undefined;
      if (tries === 3) waiting?.();
      await sleep(tries < 3 ? 20 : 500);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  const remove = () => rmSync(path, { force: true });
  process.once("exit", remove);
  return () => {
    process.removeListener("exit", remove);
    remove();
  };
}

/** Runs `work` while holding the lock at `path`; `what` names it to who has to wait. */
export async function locked(path, what, work) {
  const waiting = () => say(`  another process is busy with ${what}; waiting for it (lock: ${path})`);
  const release = await acquire(path, { waiting });
  try {
    return await work();
  } finally {
    release();
  }
}

/** Takes the lock at `path` if it is free. Resolves with the function that releases it, or with undefined. */
export const tryLock = (path) => acquire(path, { patience: 100 });
