/** Assignments of an application in a Microsoft Entra tenant, mirrored onto one of ours. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { fireCron } from "../../scripts/lib/server.mjs";
import { useGraph } from "./support/graph.mjs";
import { useServer } from "./support/server.mjs";
import { addJob, application, assign, findUser, tenant } from "./support/setup.mjs";

const context = useServer({ env: { CHANGE_DEBOUNCE_SECONDS: "1" } });
const inletsPath = () => `/directories/${context.workforceId}/inlets`;
const defaultAccess = "00000000-0000-0000-0000-000000000000";

const describe = async (id) => (await context.api.get(`${inletsPath()}/${id}`)).expect(200).json;

async function ended(id, before) {
  const look = async () => {
    const { status } = await describe(id);
    return status.state === "idle" && status.lastRun && status.lastRun.startedDateTime !== before;
  };
  await until("the end of the round", look, { describe: async () => JSON.stringify(await describe(id)) });
  return describe(id);
}

/** Runs a round; gives how the one mirrored application is. */
async function round(id, parameters = "") {
  const before = (await describe(id)).status.lastRun?.startedDateTime;
  (await context.api.post(`${inletsPath()}/${id}/run${parameters}`)).expect(204);
  return mirrored(await ended(id, before));
}

const mirrored = ({ appRoleAssignments: [{ status }] }) => status;

/** Who is assigned to an application here: `name/role/made by an inlet`. */
async function assigned(app) {
  const found = await context.api.all(`${app.path}/appRoleAssignedTo`);
  return found.map(({ principalDisplayName, appRoleId, inletId }) => `${principalDisplayName}/${appRoleId === defaultAccess ? "default" : appRoleId === app.role ? "user" : "?"}/${inletId ? "inlet" : "hand"}`).sort();
}

async function setting(domain, count) {
  const graph = await useGraph();
  const people = Array.from({ length: count }, (_, index) => graph.addUser({ userPrincipalName: `p${index}@${domain}`, displayName: `P${index}` }));
  const [userRole, ownerRole] = [randomUUID(), randomUUID()];
  const source = graph.addApplication([{ id: userRole, value: "User", displayName: "Somebody" }, { id: ownerRole, value: "Owner", displayName: "Owner" }]);
  const app = await application(context, "SCIM 2.0 application", domain);
  const mirror = { sourceServicePrincipalId: source, servicePrincipalId: app.id };
  const create = async () => (await context.api.post(inletsPath(), { ...graph.settings, appRoleAssignments: [mirror] })).expect(201).json;
  return { graph, people, userRole, ownerRole, source, app, mirror, create };
}

async function clear(graph, id) {
  graph.fault = () => undefined;
  for (const { id: each } of [...graph.live("users"), ...graph.live("groups")]) graph.delete(each, { permanently: true });
  const before = (await describe(id)).status.lastRun?.startedDateTime;
  (await context.api.post(`${inletsPath()}/${id}/run?allowRemovals=true`)).expect(204);
  await ended(id, before);
  (await context.api.delete(`${inletsPath()}/${id}`)).expect(204);
}

test("people, groups and roles are assigned as in the tenant; what was made by hand stays", async () => {
  const { graph, people, userRole, ownerRole, source, app, mirror, create } = await setting("mirror.example", 7);
  graph.pageSize = 2;
  const team = graph.addGroup("Team", [people[0]]);
  graph.assign(source, people[0], userRole);
  graph.assign(source, people[1]);
  graph.assign(source, team, userRole);
  graph.assign(source, people[2], ownerRole);
  graph.assign(source, randomUUID(), userRole, "ServicePrincipal");
  const late = graph.addUser({ userPrincipalName: "late@mirror.example", displayName: "Late" });
  graph.assign(source, late, userRole);
  const made = await create();
  assert.deepEqual(made.appRoleAssignments[0].sourceServicePrincipalId, source);
  const { status } = await until("assignments", async () => (await describe(made.id)).appRoleAssignments.find((found) => found.status));
  const { lastRunDateTime, ...counts } = status;
  assert.ok(Date.parse(lastRunDateTime) > 0);
  assert.deepEqual(counts, { assigned: 5, waiting: 0, added: 5, removed: 0, held: 0, unknownRoles: ["Owner"], lastError: null });
  const all = ["Late/user/inlet", "P0/user/inlet", "P1/default/inlet", "P2/default/inlet", "Team/user/inlet"];
  assert.deepEqual(await assigned(app), all);
  assert.ok(graph.count(/appRoleAssignedTo/) >= 3, "pages");
  await ended(made.id);

  // By hand: one that the tenant has as well, and one that it has not.
  (await assign(context, app, (await findUser(context, "p3@mirror.example")).id)).expect(201);
  (await assign(context, app, (await findUser(context, "p4@mirror.example")).id)).expect(201);
  graph.assign(source, people[3], userRole);
  assert.equal((await round(made.id)).added, 0, "it is there");
  graph.unassign(source, people[3]);
  graph.unassign(source, people[0]);
  graph.unassign(source, people[1]);
  graph.assign(source, people[1], userRole);
  graph.unassign(source, team);
  const changed = await round(made.id);
  assert.deepEqual([changed.added, changed.removed], [1, 3]);
  const rest = ["Late/user/inlet", "P1/user/inlet", "P2/default/inlet", "P3/user/hand", "P4/user/hand"];
  assert.deepEqual(await assigned(app), rest);

  // Nothing changed: nothing is written, and no job is told.
  await fireCron(context.url);
  const before = await context.api.all(`${app.path}/appRoleAssignedTo`);
  const idle = await round(made.id);
  assert.deepEqual([idle.added, idle.removed, idle.assigned], [0, 0, 3]);
  assert.deepEqual(await context.api.all(`${app.path}/appRoleAssignedTo`), before);

  // Whoever goes in the tenant goes here; whoever is deleted by hand comes back.
  graph.delete(late);
  const [again] = before.filter(({ principalDisplayName }) => principalDisplayName === "P2");
  (await context.api.delete(`${app.path}/appRoleAssignedTo/${again.id}`)).expect(204);
  const mended = await round(made.id);
  assert.deepEqual([mended.added, mended.removed], [1, 1]);

  // Without the setting, and without the inlet, they stay as if made by hand.
  const other = await application(context, "SCIM 2.0 application", "other");
  (await context.api.patch(`${inletsPath()}/${made.id}`, { appRoleAssignments: [{ ...mirror, servicePrincipalId: other.id }] })).expect(200);
  assert.ok((await assigned(app)).every((text) => text.endsWith("/hand")));
  await until("the other application", async () => (await assigned(other)).length === 2);
  await ended(made.id);
  await clear(graph, made.id);
  assert.equal((await assigned(app)).length, 4);
});

test("a principal that is not mirrored waits for the next round", async () => {
  const { graph, people, userRole, source, app, create } = await setting("late.example", 2);
  const made = await create();
  await ended(made.id);
  // The list of assignments knows of a person that the delta query has not told of yet.
  const late = graph.addUser({ userPrincipalName: "new@late.example", displayName: "New" });
  graph.assign(source, late, userRole);
  graph.assign(source, people[0], userRole);
  graph.fault = ({ path }) => {
    if (!/users\/delta.*deltatoken/.test(path)) return undefined;
    const token = path.split("deltatoken=")[1];
    return { status: 200, body: { value: [], "@odata.deltaLink": `${graph.origin}/v1.0/users/delta?$deltatoken=${token}` } };
  };
  const first = await round(made.id);
  assert.deepEqual([first.assigned, first.waiting, first.added], [1, 1, 1]);
  graph.fault = () => undefined;
  const second = await round(made.id);
  assert.deepEqual([second.assigned, second.waiting, second.added], [2, 0, 1]);
  assert.deepEqual(await assigned(app), ["New/user/inlet", "P0/user/inlet"]);
  await clear(graph, made.id);
});

test("faults are waited out, a list that breaks off removes nobody, and people are mirrored whatever is wrong", async () => {
  const { graph, people, userRole, source, app, create } = await setting("faults.example", 9);
  graph.pageSize = 3;
  for (const id of people) graph.assign(source, id, userRole);
  let asked = 0;
  graph.fault = ({ path }) => {
    if (!path.includes("appRoleAssignedTo")) return undefined;
    asked += 1;
    if (asked === 2) return { status: 429, headers: { "retry-after": "1" }, body: {} };
    if (asked === 4) graph.expireAccessTokens();
    if (asked === 6) return { drop: true };
    return undefined;
  };
  const made = await create();
  const { status } = await until("assignments", async () => (await describe(made.id)).appRoleAssignments.find((found) => found.status), { limit: 60_000 });
  assert.deepEqual([status.assigned, status.added], [9, 9]);
  await ended(made.id);

  const last = graph.applications.get(source);
  const check = async (change, code, part) => {
    const undo = change();
    const tried = await context.api.post(`${inletsPath()}/${made.id}/validateCredentials`);
    const found = await round(made.id);
    assert.equal(found.lastError.code, code);
    assert.ok(found.lastError.message.includes(part) && tried.reason.includes(part), `${tried.text} ${found.lastError.message}`);
    assert.equal((await describe(made.id)).status.lastError.code, code);
    assert.equal((await assigned(app)).length, 9);
    undo();
  };
  graph.fault = () => undefined;
  await check(() => (graph.applications.delete(source), () => graph.applications.set(source, last)), "ServicePrincipalNotFound", "Object ID");
  await check(() => (graph.permissions.delete("Application.Read.All"), () => graph.permissions.add("Application.Read.All")), "Authorization_RequestDenied", "Application.Read.All");
  graph.update(people[0], { displayName: "Renamed" });
  const mended = await round(made.id);
  assert.deepEqual([mended.lastError, mended.added, mended.removed, (await describe(made.id)).status.lastError], [null, 0, 0, null]);

  // The application goes here.
  (await context.api.delete(app.path)).expect(204);
  assert.equal((await round(made.id)).lastError.code, "ApplicationNotFound");
  const log = (await context.api.get(`${inletsPath()}/${made.id}/log`)).expect(200).json.value;
  for (const code of ["ServicePrincipalNotFound", "Authorization_RequestDenied", "ApplicationNotFound", "Assignments", "Http429"]) assert.ok(log.some((entry) => entry.code === code), code);
  await clear(graph, made.id);
});

test("many who would be unassigned at once are held until a person lets them go", async () => {
  const { graph, people, userRole, source, app, create } = await setting("many.example", 60);
  for (const id of people) graph.assign(source, id, userRole);
  const made = await create();
  await ended(made.id);
  for (const id of people.slice(0, 55)) graph.unassign(source, id);
  const held = await round(made.id);
  assert.deepEqual([held.held, held.removed, held.lastError.code], [55, 0, "TooManyUnassignments"]);
  assert.equal((await assigned(app)).length, 60);
  const free = await round(made.id, "?allowRemovals=true");
  assert.deepEqual([free.held, free.removed, free.lastError], [0, 55, null]);
  assert.equal((await assigned(app)).length, 5);
  // That was for once.
  for (const id of people.slice(0, 55)) graph.assign(source, id, userRole);
  assert.equal((await round(made.id)).added, 55);
  for (const id of people) graph.unassign(source, id);
  assert.equal((await round(made.id)).held, 60);
  await clear(graph, made.id);
});

test("an application that is taken out while it is being assigned keeps nothing of the inlet", { timeout: 180_000 }, async () => {
  const { graph, people, userRole, source, app, create } = await setting("stop.example", 3_000);
  graph.pageSize = 999;
  for (const id of people) graph.assign(source, id, userRole);
  const made = await create();
  const some = async () => (await context.api.get(`${app.path}/appRoleAssignedTo?$top=1`)).expect(200).json.value.length;
  await until("the first part", some, { limit: 90_000, pause: 5 });
  (await context.api.patch(`${inletsPath()}/${made.id}`, { appRoleAssignments: [] })).expect(200);
  await ended(made.id);
  const found = await context.api.all(`${app.path}/appRoleAssignedTo`);
  assert.deepEqual([found.length > 0, found.filter(({ inletId }) => inletId).length], [true, 0]);
  await clear(graph, made.id);
  (await context.api.delete(app.path)).expect(204);
});

test("what is mirrored reaches the application's accounts", async () => {
  const { graph, people, userRole, source, app, create } = await setting("reach.example", 4);
  const target = await tenant(context, { displayName: "Target" });
  const job = await addJob(context, app, { BaseAddress: target.scimUrl, SecretToken: target.token });
  graph.assign(source, people[0], userRole);
  graph.assign(source, graph.addGroup("Two", [people[1], people[2]]), userRole);
  const made = await create();
  await ended(made.id);
  assert.equal((await job.run()).counts.created, 3);
  const known = async () => (await job.cycles()).map(({ id }) => id);
  // Cron tells the jobs what a round changed: the first one made assignments.
  const first = await known();
  await fireCron(context.url);
  await job.next(first, { limit: 15_000 });
  graph.unassign(source, people[0]);
  await round(made.id);
  const second = await known();
  await fireCron(context.url);
  const { kind, counts } = await job.next(second, { limit: 15_000 });
  assert.deepEqual([kind, counts.failed], ["incremental", 0]);
  const { Resources } = (await target.scim.get("/Users")).expect(200).json;
  assert.deepEqual(Resources.filter(({ active }) => !active).map(({ userName }) => userName), ["p0@reach.example"]);
  // A round that changes nothing starts no cycle.
  const settled = await known();
  await round(made.id);
  await fireCron(context.url);
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  assert.deepEqual(await known(), settled);
  (await context.api.delete(app.path)).expect(204);
  await clear(graph, made.id);
});

test("what cannot be mirrored is refused", async () => {
  const { graph, source, app, mirror } = await setting("wrong.example", 1);
  for (const [appRoleAssignments, part] of [
    [[{ ...mirror, servicePrincipalId: randomUUID() }], "no service principal"],
    [[mirror, mirror], "twice"],
    [[{ ...mirror, sourceServicePrincipalId: "" }], "Object ID"],
    [[{ servicePrincipalId: app.id }], "sourceServicePrincipalId"],
  ]) {
    const answer = await context.api.post(inletsPath(), { ...graph.settings, appRoleAssignments });
    assert.deepEqual([answer.status, answer.reason.includes(part)], [400, true], answer.text);
  }
  const tried = (change) => context.api.post(`${inletsPath()}/validateCredentials`, { ...graph.settings, appRoleAssignments: [{ ...mirror, ...change }] });
  (await tried()).expect(204);
  const unknown = await tried({ sourceServicePrincipalId: randomUUID() });
  assert.deepEqual([unknown.status, unknown.json.error.code], [400, "ServicePrincipalNotFound"], unknown.text);
  graph.permissions.clear();
  const denied = await tried({ sourceServicePrincipalId: source });
  assert.equal(denied.json.error.code, "MissingPermission");
  assert.ok(denied.reason.includes("User.Read.All and GroupMember.Read.All and Application.Read.All"), denied.reason);
});
