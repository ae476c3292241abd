/** The gallery, enterprise applications, and who is assigned to them. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { query } from "../../scripts/lib/client.mjs";
import { useServer } from "./support/server.mjs";
import { addJob, application, assign, findGroup, findUser, importPeople, people } from "./support/setup.mjs";

const context = useServer({ prepare: () => importPeople(context, people(6)) });
const defaultAccess = "00000000-0000-0000-0000-000000000000";
const search = async (text) => (await context.api.get(`/applicationTemplates${query({ $search: `"${text}"` })}`)).expect(200).json.value.map(({ displayName }) => displayName);

test("the gallery is searched by parts of words, without regard to case", async () => {
  const all = (await context.api.get("/applicationTemplates")).expect(200).json.value;
  assert.ok(all.length >= 2);
  for (const text of ["Peakon", "peak", "PEAKON", "pea"]) assert.ok((await search(text)).includes("Peakon"), text);
  assert.deepEqual(await search("no such application"), []);
  assert.equal((await search("")).length, all.length);
});

test("a template tells what it is, and whether it leaves out Default Access", async () => {
  const { id } = (await context.api.get("/applicationTemplates")).json.value.find(({ displayName }) => displayName === "Peakon");
  const template = (await context.api.get(`/applicationTemplates/${id}`)).expect(200).json;
  assert.equal(template.excludesDefaultAccess, true);
  assert.deepEqual(template.supportedProvisioningTypes, ["sync"]);
  for (const member of ["description", "publisher", "homePageUrl"]) assert.ok(template[member], member);
  const answer = await context.api.get(`/applicationTemplates/${randomUUID()}`);
  assert.deepEqual([answer.status, answer.json.error.code], [404, "Request_ResourceNotFound"]);
});

test("an application is added, listed, renamed, switched off and removed", async () => {
  const app = await application(context, "Peakon", "Surveys");
  assert.deepEqual([app.displayName, app.accountEnabled, app.excludesDefaultAccess], ["Surveys", true, true]);
  assert.ok(app.appRoles.some(({ id }) => id === defaultAccess));
  assert.ok((await context.api.all("/servicePrincipals")).some(({ id }) => id === app.id));
  const patched = (await context.api.patch(app.path, { displayName: "Engagement", accountEnabled: false })).expect(200).json;
  assert.deepEqual([patched.displayName, patched.accountEnabled], ["Engagement", false]);
  assert.equal((await context.api.patch(app.path, { displayName: "" })).status, 400);
  (await context.api.delete(app.path)).expect(204);
  for (const method of ["GET", "DELETE"]) assert.equal((await context.api.send(method, app.path)).status, 404, method);
});

test("the same application can be added twice, under its own name if it is given none", async () => {
  const { id } = (await context.api.get("/applicationTemplates")).json.value.find(({ displayName }) => displayName === "Peakon");
  const add = async () => (await context.api.post(`/applicationTemplates/${id}/instantiate`)).expect(201).json;
  const [one, two] = [await add(), await add()];
  assert.equal(one.servicePrincipal.displayName, "Peakon");
  assert.equal(one.application.appId, one.servicePrincipal.appId);
  assert.notEqual(one.servicePrincipal.id, two.servicePrincipal.id);
  assert.equal((await context.api.post(`/applicationTemplates/${randomUUID()}/instantiate`, {})).status, 404);
});

test("removing an application removes its assignments and its job", async () => {
  const app = await application(context);
  const user = await findUser(context, "person1@contoso.com");
  (await assign(context, app, user.id)).expect(201);
  const job = await addJob(context, app);
  (await context.api.delete(app.path)).expect(204);
  for (const path of [job.path, `${app.path}/appRoleAssignedTo`, job.secretsPath]) assert.equal((await context.api.get(path)).status, 404, path);
});

test("a person and a group are assigned with a role, listed, and taken off again", async () => {
  const app = await application(context);
  const [user, group] = [await findUser(context, "person1@contoso.com"), await findGroup(context, "Everybody")];
  const one = (await assign(context, app, user.id)).expect(201).json;
  assert.deepEqual([one.principalType, one.principalDisplayName, one.appRoleId, one.resourceDisplayName], ["User", "Person 1", app.role, "Peakon"]);
  assert.equal((await assign(context, app, group.id)).expect(201).json.principalType, "Group");
  const list = await context.api.all(`${app.path}/appRoleAssignedTo`);
  assert.deepEqual(list.map(({ principalId }) => principalId).sort(), [user.id, group.id].sort());
  (await context.api.delete(`${app.path}/appRoleAssignedTo/${one.id}`)).expect(204);
  assert.equal((await context.api.delete(`${app.path}/appRoleAssignedTo/${one.id}`)).status, 404);
  assert.deepEqual((await context.api.all(`${app.path}/appRoleAssignedTo`)).map(({ principalId }) => principalId), [group.id]);
});

test("the same assignment twice is 409; the same person with another role is not", async () => {
  const app = await application(context);
  const { id } = await findUser(context, "person2@contoso.com");
  (await assign(context, app, id)).expect(201);
  const twice = await assign(context, app, id);
  assert.deepEqual([twice.status, twice.json.error.code], [409, "Request_MultipleObjectsWithSameKeyValue"]);
  (await assign(context, app, id, defaultAccess)).expect(201);
});

test("who or what does not exist cannot be assigned", async () => {
  const app = await application(context);
  const { id } = await findUser(context, "person3@contoso.com");
  const path = `${app.path}/appRoleAssignedTo`;
  assert.equal((await assign(context, app, randomUUID())).status, 404, "unknown principal");
  assert.equal((await assign(context, app, id, randomUUID())).status, 400, "unknown role");
  assert.equal((await context.api.post(path, { principalId: id, resourceId: randomUUID(), appRoleId: app.role })).status, 400, "another application");
  assert.equal((await context.api.post(path, { principalId: id })).status, 400, "half a body");
  assert.equal((await context.api.get(`/servicePrincipals/${randomUUID()}/appRoleAssignedTo`)).status, 404);
  assert.deepEqual(await context.api.all(path), []);
});

test("assignments are paged and counted", async () => {
  const app = await application(context);
  for (let index = 0; index < 5; index++) (await assign(context, app, (await findUser(context, `person${index}@contoso.com`)).id)).expect(201);
  const first = (await context.api.get(`${app.path}/appRoleAssignedTo?$top=2&$count=true`)).expect(200).json;
  assert.deepEqual([first.value.length, first["@odata.count"]], [2, 5]);
  assert.ok(first["@odata.nextLink"].startsWith(context.url));
  const all = await context.api.all(`${app.path}/appRoleAssignedTo?$top=2`);
  assert.equal(new Set(all.map(({ id }) => id)).size, 5);
  for (const top of ["0", "-1", "many"]) assert.equal((await context.api.get(`${app.path}/appRoleAssignedTo?$top=${top}`)).status, 400, top);
});
