/**
 * What the target really holds, read over its SCIM endpoint, compared with what it has to hold.
 */
import { Problem } from "../lib/log.mjs";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
export const peakon = "urn:ietf:params:scim:schemas:extension:peakon:2.0:User";
const pageSize = 1_000;

const account = (user) => ({
  userName: user.userName,
  active: user.active,
  givenName: user.name?.givenName,
  familyName: user.name?.familyName,
  employeeNumber: user[enterprise]?.employeeNumber,
  department: user[enterprise]?.department,
  businessUnit: user[peakon]?.["Business Unit"],
  manager: user[enterprise]?.manager?.value,
});

/**
 * Every account of the target, page by page, by userName: `{id, version, lastModified, account}`. The manager is
 * given by userName, not by id. An account that is listed twice, or a count that does not fit, is an error.
 */
export async function readTarget(endpoint) {
  const found = new Map();
  const names = new Map();
  let total = Infinity;
  for (let start = 1; start <= total; ) {
    const { json } = (await endpoint.get(`/Users?startIndex=${start}&count=${pageSize}`)).expect(200);
    total = json.totalResults;
    for (const user of json.Resources) {
      if (found.has(user.userName) || names.has(user.id)) throw new Problem(`The target lists ${user.userName} (${user.id}) twice`);
      found.set(user.userName, { id: user.id, version: user.meta.version, lastModified: user.meta.lastModified, account: account(user) });
      names.set(user.id, user.userName);
    }
    if (json.Resources.length === 0 && start <= total) throw new Problem(`The target says that it has ${total} accounts and ends after ${start - 1}`);
    start += json.Resources.length;
  }
  for (const { account } of found.values()) if (account.manager) account.manager = names.get(account.manager) ?? `an unknown id ${account.manager}`;
  return found;
}

const shown = (value) => (value === undefined ? "nothing" : JSON.stringify(value));

/** How the target differs from the wanted accounts, one text a difference. */
export function differences(wanted, found) {
  const texts = [];
  for (const [userName, want] of wanted) {
    const have = found.get(userName)?.account;
    if (!have) texts.push(`${userName} is missing`);
    for (const name of have ? Object.keys(want) : []) {
      if (have[name] !== want[name]) texts.push(`${userName}: ${name} is ${shown(have[name])}, wanted ${shown(want[name])}`);
    }
  }
  for (const userName of found.keys()) if (!wanted.has(userName)) texts.push(`${userName} should have no account`);
  return texts;
}

/** The accounts that were written between two readings. */
export function written(before, after) {
  const names = new Set([...before.keys(), ...after.keys()]);
  const stamp = (entry) => entry && `${entry.id} ${entry.version} ${entry.lastModified}`;
  return [...names].filter((name) => stamp(before.get(name)) !== stamp(after.get(name)));
}

/** Fails with the first few texts, if there are any. */
export function requireNone(texts, what) {
  if (texts.length === 0) return;
  const more = texts.length > 10 ? `\n    … and ${texts.length - 10} more` : "";
  throw new Problem(`${what}:\n${texts.slice(0, 10).map((text) => `    ${text}`).join("\n")}${more}`);
}
