/**
 * Step 10 of the demo: four changes in the workforce directory, and what the next cycle has to make of them.
 */
import { Problem } from "../lib/log.mjs";
import { query } from "../lib/client.mjs";
import { departmentGroup, isEnabled, toCsv, wantedAccount } from "./people.mjs";
import { groupIds, personId, upload } from "./setup.mjs";
import { peakon } from "./target.mjs";

const manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

/** Somebody new in the department of `colleague`, under the head of the company. */
function newcomer(people, colleague) {
  const empty = Object.fromEntries(Object.keys(colleague).map((name) => [name, ""]));
  return {
    ...empty,
    userPrincipalName: "nadia.newcomer@contoso.com",
    displayName: "Nadia Newcomer",
    givenName: "Nadia",
    surname: "Newcomer",
    employeeId: "99999999",
    accountEnabled: "true",
    manager: people.find((person) => !person.manager && isEnabled(person)).userPrincipalName,
    department: colleague.department,
    extension_businessUnit: colleague.extension_businessUnit,
    groups: `All Employees;${departmentGroup(colleague)}`,
  };
}

/** Takes a person out of a group, in the form that Entra sends. */
async function removeMember(workforce, group, person) {
  const value = [{ $ref: null, value: await personId(workforce, person.userPrincipalName) }];
  const body = { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{ op: "Remove", path: "members", value }] };
  const id = (await groupIds(workforce)).get(group);
  const answer = await workforce.scim.patch(`/Groups/${id}`, body);
  if (answer.status !== 200) answer.expect(204);
}

/**
 * Makes the changes: three by importing the edited file, one (the unassignment) over SCIM, by taking the person
 * out of the group through which they are assigned.
 *
 * Gives the wanted accounts of the four, by userName, and `checkLog`, which fails unless a cycle's log tells
 * exactly of them.
 */
export async function change(api, workforce, people, [edited, disabled, unassigned]) {
  const renamed = { ...edited, surname: `${edited.surname}-Newman`, displayName: `${edited.displayName}-Newman` };
  const added = newcomer(people, edited);
  const file = [...people.map((person) => (person === edited ? renamed : person === disabled ? { ...disabled, accountEnabled: "false" } : person)), added];
  const result = await upload(api, workforce, toCsv(file));
  const counts = [result.created, result.updated, result.unchanged, result.failed].join(", ");
  const wanted = [1, 2, people.length - 2, 0].join(", ");
  if (counts !== wanted) throw new Problem(`The second import created, updated, left and refused ${counts} people instead of ${wanted}`);
  await removeMember(workforce, departmentGroup(unassigned), unassigned);

  const enabled = new Set(people.filter(isEnabled).map((person) => person.userPrincipalName));
  const account = (person, active) => [person.userPrincipalName, wantedAccount(person, (name) => enabled.has(name), active)];
  const expected = [
    `${renamed.displayName}: update name.familyName ${edited.surname} → ${renamed.surname}`,
    `${disabled.displayName}: disable active true → false`,
    `${unassigned.displayName}: disable active true → false`,
    `${added.displayName}: create`,
    `${added.displayName}: update ${manager}`,
  ];
  return {
    accounts: new Map([account(renamed, true), account(disabled, false), account(unassigned, false), account(added, true)]),
    checkLog: (job, cycle) => checkLog(job, cycle, expected, added),
    remark: `${edited.displayName} renamed, ${disabled.displayName} disabled, ${unassigned.displayName} unassigned, ${added.displayName} added`,
  };
}

/** One text an entry, with the changed properties where they are few. */
function told(entry) {
  const { provisioningAction: action, provisioningStatusInfo, sourceIdentity, modifiedProperties } = entry;
  const changes = modifiedProperties.map(({ displayName, oldValue, newValue }) => (displayName === manager ? displayName : `${displayName} ${oldValue} → ${newValue}`));
  const status = provisioningStatusInfo.status === "success" ? "" : ` (${provisioningStatusInfo.status})`;
  return `${sourceIdentity.displayName}: ${[action, ...(action === "create" ? [] : changes)].join(" ")}${status}`;
}

async function checkLog({ api, id }, cycle, expected, added) {
  const filter = `jobId eq '${id}' and cycleId eq '${cycle.id}'`;
  const entries = await api.all(`/auditLogs/provisioning${query({ $filter: filter, $top: 1000 })}`);
  const found = entries.map(told).sort();
  const wanted = [...expected].sort();
  if (found.join("\n") !== wanted.join("\n")) throw new Problem(`The log of the cycle tells\n    ${found.join("\n    ")}\ninstead of\n    ${wanted.join("\n    ")}`);
  const creation = entries.find((entry) => entry.provisioningAction === "create");
  const unit = creation.modifiedProperties.find(({ displayName }) => displayName === `${peakon}:Business Unit`);
  if (unit?.newValue !== added.extension_businessUnit) throw new Problem(`The log tells of the new account's Business Unit: ${JSON.stringify(unit)}`);
}
