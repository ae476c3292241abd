/**
 * The people of the demo: read from the CSV file that is imported, changed in it, and what the target
 * has to hold for them.
 */

/** The records of a CSV file (RFC 4180), as arrays of cells. */
export function* records(text) {
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  for (let row = []; cell.lastIndex < text.length; ) {
    const found = cell.exec(text);
    if (!found) throw new Error("not CSV as the sample is written");
    row.push(found[1]?.replaceAll('""', '"') ?? found[2]);
    if (found[3] === ",") continue;
    yield row;
    row = [];
  }
}

/** The people of a CSV file, by the names of its header. */
export function parsePeople(text) {
  const [header, ...rows] = records(text);
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index]])));
}

const quoted = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** The people as a CSV file. */
export function toCsv(people) {
  const names = Object.keys(people[0]);
  return [names, ...people.map((person) => names.map((name) => person[name]))].map((row) => `${row.map(quoted).join(",")}\n`).join("");
}

export const groupsOf = (person) => person.groups.split(";").filter(Boolean);
export const isEnabled = (person) => person.accountEnabled === "true";

/** The group of a person's department: everybody is in exactly one of these. */
export const departmentGroup = (person) => groupsOf(person).find((name) => name === person.department || name === `${person.department} Department`);

/**
 * The account that the mappings make of a person. `hasAccount` tells of a userPrincipalName whether it has one:
 * a manager without an account cannot be referred to.
 */
export function wantedAccount(person, hasAccount, active = true) {
  return {
    userName: person.userPrincipalName,
    active,
    givenName: person.givenName || undefined,
    familyName: person.surname || undefined,
    employeeNumber: person.employeeId || undefined,
    department: person.department || undefined,
    businessUnit: person.extension_businessUnit || undefined,
    manager: hasAccount(person.manager) ? person.manager : undefined,
  };
}

/** The accounts of everybody who is enabled, by userName. */
export function wantedAccounts(people) {
  const enabled = new Set(people.filter(isEnabled).map((person) => person.userPrincipalName));
  return new Map(people.filter(isEnabled).map((person) => [person.userPrincipalName, wantedAccount(person, (name) => enabled.has(name))]));
}

/**
 * Three people to change, each in a department of their own where there are enough, who manage nobody: what is
 * done to them must touch nobody else.
 */
export function pickThree(people) {
  const managers = new Set(people.map((person) => person.manager));
  const candidates = people.filter((person) => isEnabled(person) && !managers.has(person.userPrincipalName) && departmentGroup(person));
  const picked = [];
  for (const distinct of [true, false]) {
    for (const person of candidates) {
      if (picked.length === 3) return picked;
      if (picked.includes(person) || (distinct && picked.some(({ department }) => department === person.department))) continue;
      picked.push(person);
    }
  }
  return picked.length === 3 ? picked : undefined;
}
