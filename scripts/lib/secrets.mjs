/**
 * The two secrets of an installation: ADMIN_API_KEY (the organization's first API key) and MASTER_KEY
 * (encrypts what is kept encrypted). Given by the environment or made at the first start, they stay in
 * the data folder, beside the data they belong to: with another MASTER_KEY that data cannot be read.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "./log.mjs";

export const secretsFile = (dataDir) => join(dataDir, "secrets.env");

function read(file) {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  return Object.fromEntries([...text.matchAll(/^([A-Z_]+)='(.*)'$/gm)].map(([, name, value]) => [name, value]));
}

/** Fails if one of the given secrets has the wrong form. */
export function checkSecrets({ ADMIN_API_KEY, MASTER_KEY }) {
  // What an Authorization header can carry (RFC 6750), which is also safe in the file.
  if (ADMIN_API_KEY !== undefined && !/^[A-Za-z0-9._~+/-]{20,}=*$/.test(ADMIN_API_KEY)) {
    throw new Problem("ADMIN_API_KEY must be at least 20 characters, of letters, digits and - . _ ~ + / only. Make one:\n    openssl rand -hex 32");
  }
  if (MASTER_KEY !== undefined && !/^[A-Za-z0-9+/]{43}=$/.test(MASTER_KEY)) {
    throw new Problem("MASTER_KEY must be 32 random bytes in base64. Make one:\n    openssl rand -base64 32");
  }
}

/** The secrets of a data folder: from `given`, else from its file, else new. Readable by the owner only. */
export function secrets(dataDir, given = process.env) {
  const file = secretsFile(dataDir);
  const kept = read(file);
  const all = {
    ADMIN_API_KEY: given.ADMIN_API_KEY || kept.ADMIN_API_KEY || randomBytes(32).toString("base64url"),
    MASTER_KEY: given.MASTER_KEY || kept.MASTER_KEY || randomBytes(32).toString("base64"),
  };
  checkSecrets(all);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (Object.keys(all).some((name) => all[name] !== kept[name])) {
    const lines = Object.entries(all).map(([name, value]) => `${name}='${value}'\n`);
    // Written beside and moved into place: half a key is worse than none.
    writeFileSync(`${file}.new`, ["# Secrets of this data folder. Without MASTER_KEY its data cannot be read.\n", ...lines].join(""), { mode: 0o600 });
    chmodSync(`${file}.new`, 0o600);
    renameSync(`${file}.new`, file);
  }
  return all;
}
