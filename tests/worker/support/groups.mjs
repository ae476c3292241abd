/** What tests of groups need: groups of the workforce directory, and a job that provisions them to a directory. */
import { findUser, provisioning, tenant } from "./setup.mjs";

const patchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/** Works on the people that `rows` name, by their index. */
export function useGroups(context, rows) {
  const idOf = async (index) => (await findUser(context, rows[index].userPrincipalName)).id;
  const patch = async (path, ...Operations) => (await context.workforce.patch(path, { schemas: [patchOp], Operations })).expect(200);
  const members = async (...indexes) => Promise.all(indexes.map(async (index) => ({ value: await idOf(index) })));

  /** A group of the workforce directory. */
  async function group(displayName, ...indexes) {
    const body = { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName, members: await members(...indexes) };
    return (await context.workforce.post("/Groups", body)).expect(201).json;
  }

  /** A job of the generic application with groups switched on, which provisions Everybody to a new directory. */
  async function groupsToTenant(secrets = {}) {
    const directory = await tenant(context);
    const job = await provisioning(context, { url: directory.scimUrl, token: directory.token, name: "SCIM 2.0 application" });
    await job.save({ BaseAddress: directory.scimUrl, SecretToken: directory.token, ...secrets });
    const schema = (await context.api.get(`${job.path}/schema`)).expect(200).json;
    for (const rule of schema.synchronizationRules) for (const mapping of rule.objectMappings) mapping.enabled = true;
    (await context.api.put(`${job.path}/schema`, schema)).expect(204);
    return { directory, job };
  }

  return { idOf, patch, members, group, groupsToTenant };
}

/** The groups of the target by name, each with the sorted `userName`s of its members. */
export async function groupsOf({ scim }) {
  const users = (await scim.get("/Users?count=1000")).expect(200).json.Resources ?? [];
  const names = Object.fromEntries(users.map(({ id, userName }) => [id, userName.split("@")[0]]));
  const groups = (await scim.get("/Groups?count=1000")).expect(200).json.Resources ?? [];
  return Object.fromEntries(groups.map(({ displayName, members = [] }) => [displayName, members.map(({ value }) => names[value] ?? value).sort()]));
}
