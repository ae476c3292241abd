/**
 * What must not be in a committed file: paths of the machine it was written on, secrets, left-over
 * markers, the address of a package registry.
 *
 * Machine paths and secrets are looked up where they are instead of being listed here.
 */
import { readFileSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { Problem } from "./log.mjs";
import { inProject, root, tools } from "./paths.mjs";
import { run } from "./run.mjs";

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The secrets of every data folder in the project. */
function localSecrets() {
  const folders = readdirSync(root).filter((name) => name.startsWith(".data"));
  return folders.flatMap((folder) => {
    try {
      return [...readFileSync(join(root, folder, "secrets.env"), "utf8").matchAll(/='(.{20,})'$/gm)].map(([, value]) => value);
    } catch {
      return [];
    }
  });
}

/** Patterns that no line may match, with what they stand for. */
function forbidden() {
  const folders = [root, tools, `${homedir()}/`].map(escape);
  // Spelled in halves, so that this file does not match itself.
  const markers = [["TO", "DO"], ["FIX", "ME"], ["XX", "X"], ["HA", "CK"]].map((halves) => halves.join(""));
  return [
    // Only at the start of a path: an address may have folders of the same names.
    [new RegExp(`(?<![\\w./-])(${folders.join("|")}|/home/\\w+/)`), "a path of one machine"],
    [new RegExp(`\\b(${markers.join("|")})\\b`), "a left-over marker"],
    [/^(<{7}|>{7}) /, "a merge conflict"],
    [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
    [/"resolved": *"http/, "the address of a package registry"],
    ...localSecrets().map((value) => [new RegExp(escape(value)), "a secret of a data folder here"]),
  ];
}

const secretFiles = new Set([".env", ".dev.vars", "secrets.env"]);

/** Every file that is or would be committed. */
async function files() {
  const list = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  return [...new Set(list.split("\0").filter(Boolean))];
}

/** Fails with every offence found. */
export async function checkHygiene() {
  const patterns = forbidden();
  const offences = [];
  for (const file of await files()) {
    if (secretFiles.has(basename(file))) offences.push(`${file}: a file of secrets; add it to .gitignore`);
    let text;
    try {
      text = readFileSync(inProject(file), "utf8");
    } catch {
      continue; // Deleted, but not yet in git.
    }
    if (text.includes("\0")) continue; // Not text.
    text.split("\n").forEach((line, index) => {
      for (const [pattern, what] of patterns) if (pattern.test(line)) offences.push(`${file}:${index + 1}: ${what}`);
    });
  }
  if (offences.length > 0) throw new Problem(`Not fit to be committed:\n${offences.map((each) => `    ${each}`).join("\n")}`);
}
