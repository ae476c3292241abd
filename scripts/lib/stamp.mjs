/**
 * Telling finished work from unfinished: a stamp is a small file written last, whose content says what
 * was done. An interrupted install or build leaves none and is done again.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inProject, root, workers } from "./paths.mjs";

const builds = new Set([...workers.map(({ build }) => build), "tests/contract/build"].map((build) => inProject(build)));

export function readStamp(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

export function writeStamp(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

export const removeStamp = (path) => rmSync(path, { force: true });

/** Files below `path` (or `path` itself), in a fixed order, without build output and hidden files. */
export function* filesBelow(path) {
  const info = statSync(path, { throwIfNoEntry: false });
  if (!info) return;
  if (info.isFile()) {
    yield path;
    return;
  }
  for (const name of readdirSync(path).sort()) {
    const child = join(path, name);
    if (!name.startsWith(".") && name !== "node_modules" && !builds.has(child)) yield* filesBelow(child);
  }
}

/** A digest over the content of project files and folders, and over extra strings such as versions. */
export function digest(paths, extra = []) {
  const hash = createHash("sha256");
  for (const path of paths) {
    for (const file of filesBelow(join(root, path))) {
      hash.update(file.slice(root.length)).update("\0").update(readFileSync(file)).update("\0");
    }
  }
  for (const text of extra) hash.update(text).update("\0");
  return hash.digest("hex");
}
