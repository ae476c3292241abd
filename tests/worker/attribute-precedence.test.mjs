/** Single attributes with an order of the inlets of their own: followed at once, by the directory and by applications. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, query, until } from "../../scripts/lib/client.mjs";
import { fireCron } from "../../scripts/lib/server.mjs";
import { useGraph } from "./support/graph.mjs";
import { useServer } from "./support/server.mjs";
import { addJob, application, assign, findGroup, findUser, tenant } from "./support/setup.mjs";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const context = useServer({ env: { CHANGE_DEBOUNCE_SECONDS: "1" } });
const directory = (below) => `/directories/${context.workforceId}/${below}`;
const inlet = (id) => directory(`inlets/${id}`);
const path = () => directory("attributePrecedence");
const describe = async (id) => (await context.api.get(inlet(id))).expect(200).json;
const read = async () => (await context.api.get(path())).expect(200).json;
const put = (orders) => context.api.put(path(), { value: Object.entries(orders).map(([attribute, inlets]) => ({ attribute, inlets })) });
const ended = (id, before, limit) =>
  until(
    "the end of the round",
    async () => {
      const { status } = await describe(id);
      return status.state === "idle" && status.lastRun && status.lastRun.startedDateTime !== before && status.lastRun;
    },
    { limit: limit ?? 30_000 },
  );

async function create(graph, more, limit) {
  const { id } = (await context.api.post(directory("inlets"), { ...graph.settings, ...more })).expect(201).json;
  await ended(id, undefined, limit);
  return id;
}

async function remove(...ids) {
  for (const id of ids) (await context.api.delete(inlet(id))).expect(204);
}

/** Two tenants that know the same people. */
async function tenants(people) {
  const [entra, staff] = [await useGraph(), await useGraph()];
  for (const name of people) {
    const userPrincipalName = `${name}@contoso.com`;
    entra.addUser({ userPrincipalName, displayName: name, givenName: name, surname: "L", mail: userPrincipalName, employeeId: name, department: "IT", jobTitle: "Clerk" });
    staff.addUser({ userPrincipalName, displayName: name, employeeId: name, department: "Research", jobTitle: name === people[0] ? "Chemist" : "Clerk" });
  }
  return [entra, staff];
}

test("an attribute has its own order, which directory and applications follow at once", { timeout: 120_000 }, async () => {
  const [entra, staff] = await tenants(["ada", "bo"]);
  entra.addGroup("Everybody", [...entra.users.keys()]);
  const first = await create(entra, { displayName: "Entra" });
  const second = await create(staff, { displayName: "Staff", joinBy: "employeeId" });
  const seen = async (name) => {
    const user = await findUser(context, `${name}@contoso.com`);
    return [user[enterprise].department, user.title];
  };
  assert.deepEqual([await seen("ada"), await seen("bo")], [["IT", "Clerk"], ["IT", "Clerk"]]);
  assert.deepEqual(await read(), { value: [], conflicts: [{ attribute: "department", people: 2 }, { attribute: "jobTitle", people: 1 }], state: "idle" });

  const peakon = await tenant(context);
  const app = await application(context);
  (await assign(context, app, (await findGroup(context, "Everybody")).id)).expect(201);
  const job = await addJob(context, app, { BaseAddress: peakon.scimUrl, SecretToken: peakon.token });
  await job.run();
  const cycles = async () => (await job.cycles()).map(({ id }) => id);
  let known = await cycles();
  await fireCron(context.url); // The news of the first rounds.
  await job.next(known, { limit: 15_000 });
  known = await cycles();

  entra.forget();
  staff.forget();
  const answer = (await put({ JobTitle: [second], department: [second, first] })).expect(200).json;
  assert.deepEqual(answer.value, [{ attribute: "department", inlets: [second, first] }, { attribute: "jobTitle", inlets: [second] }]);
  assert.equal(answer.state, "idle");
  assert.deepEqual(await read(), answer);
  assert.deepEqual([await seen("ada"), await seen("bo")], [["Research", "Chemist"], ["Research", "Clerk"]]);
  assert.deepEqual([entra.requests, staff.requests], [[], []], "nothing is read for it");

  // What follows: applications, the person's history, conflicts, the audit log.
  const cycle = await job.next(known, { limit: 15_000 });
  assert.equal(cycle.kind, "incremental");
  const accounts = (await peakon.scim.get("/Users")).expect(200).json.Resources;
  assert.deepEqual(accounts.map((account) => account[enterprise]?.department), ["Research", "Research"]);
  const ada = await findUser(context, "ada@contoso.com");
  const history = (await context.api.get(directory(`users/${ada.id}/history`))).expect(200).json.value;
  for (const name of ["title", "department"]) assert.ok(JSON.stringify(history).includes(name), JSON.stringify(history));
  const conflicts = (await context.api.get(directory("conflicts"))).expect(200).json.value;
  for (const { attribute, values } of conflicts) assert.deepEqual(values.map(({ inlet, counts }) => [inlet, counts]), [["Staff", true], ["Entra", false]], attribute);
  const [audit] = (await context.api.get(`/auditLogs/directoryAudits${query({ $top: "1" })}`)).expect(200).json.value;
  assert.equal(audit.activityDisplayName, "Update attribute precedence");
  assert.deepEqual(
    audit.targetResources[0].modifiedProperties.map(({ displayName, oldValue, newValue }) => [displayName, oldValue, newValue]),
    [["department", "-", "Staff, Entra"], ["jobTitle", "-", "Staff"]],
  );

  // Cron tells the jobs as well, once: whoever asked for the order may not have waited.
  known = await cycles();
  await fireCron(context.url);
  await job.next(known, { limit: 15_000 });
  known = await cycles();
  await fireCron(context.url);
  await sleep(4_000);
  assert.deepEqual(await cycles(), known, "it is told once");

  // What changes at the sources keeps to it.
  staff.update([...staff.users.keys()][0], { jobTitle: null });
  const { startedDateTime } = (await describe(second)).status.lastRun;
  (await context.api.post(`${inlet(second)}/run`)).expect(204);
  await ended(second, startedDateTime);
  assert.deepEqual(await seen("ada"), ["Research", "Clerk"], "nobody else says anything");

  // The order of the directory is followed in the same way, but for attributes with their own.
  (await put({ department: [first] })).expect(200);
  assert.deepEqual(await seen("ada"), ["IT", "Clerk"]);
  staff.update([...staff.users.keys()][0], { jobTitle: "Chemist" });
  staff.forget();
  const before = (await describe(second)).status.lastRun.startedDateTime;
  (await context.api.patch(inlet(second), { precedence: 5 })).expect(200);
  const round = await ended(second, before);
  assert.equal(round.kind, "incremental", "nothing is read again");
  assert.deepEqual(await seen("ada"), ["IT", "Chemist"]);

  // An inlet that is removed leaves the orders.
  (await put({ department: [first, second], jobTitle: [first] })).expect(200);
  assert.deepEqual(await seen("ada"), ["IT", "Clerk"]);
  await remove(first);
  assert.deepEqual((await read()).value, [{ attribute: "department", inlets: [second] }]);
  assert.deepEqual(await seen("ada"), ["Research", "Chemist"]);
  await remove(second);
  assert.deepEqual(await read(), { value: [], conflicts: [], state: "idle" });
});

test("who is in the recycle bin follows another order, and comes back with what it says", { timeout: 120_000 }, async () => {
  const [entra, staff] = await tenants(["fay"]);
  staff.update([...staff.users.keys()][0], { accountEnabled: false });
  const first = await create(entra, { displayName: "Entra" });
  const second = await create(staff, { displayName: "Staff", joinBy: "employeeId" });
  const { id } = await findUser(context, "fay@contoso.com");
  const seen = async () => {
    const user = (await context.workforce.get(`/Users/${id}`)).expect(200).json;
    return [user.active, user[enterprise].department, user.title];
  };
  assert.deepEqual(await seen(), [true, "IT", "Clerk"]);
  (await context.workforce.delete(`/Users/${id}`)).expect(204);
  (await put({ accountEnabled: [second], department: [second] })).expect(200);
  assert.equal((await context.workforce.get(`/Users/${id}`)).status, 404, "it brings nobody back");
  (await context.api.post(directory(`deletedItems/${id}/restore`))).expect(200);
  assert.deepEqual(await seen(), [false, "Research", "Clerk"]);

  // The order of the directory too.
  (await context.workforce.delete(`/Users/${id}`)).expect(204);
  (await put({})).expect(200);
  (await context.api.patch(inlet(second), { precedence: 5 })).expect(200);
  (await context.api.post(directory(`deletedItems/${id}/restore`))).expect(200);
  assert.deepEqual(await seen(), [false, "Research", "Chemist"]);
  await remove(first, second);
});

test("what is wrong is told, and nothing changes", async () => {
  const [entra] = await tenants(["eve"]);
  const id = await create(entra, { displayName: "Entra", extensionAttributes: ["extensionAttribute3"] });
  const kept = (await put({ city: [id], extensionAttribute3: [id] })).expect(200).json;
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, number) => [`extension_${number}`, [id]]));
  const named = Array.from({ length: 21 }, () => id);
  for (const [orders, part] of [
    [{ shoeSize: [id] }, "`shoeSize`"],
    [{ extensionAttribute4: [id] }, "`extensionAttribute4`"],
    [{ objectId: [id] }, "objectId"],
    [{ city: ["nobody"] }, "`nobody`"],
    [{ city: [] }, "city names no inlet"],
    [{ city: [id, id] }, "twice"],
    [{ city: [id], CITY: [id] }, "twice"],
    [many, "at most 100"],
    [{ city: named }, "at most 20"],
    [{ state: [id], shoeSize: [id] }, "`shoeSize`"],
  ]) {
    const answer = await put(orders);
    assert.equal(answer.status, 400, JSON.stringify(orders));
    assert.ok(answer.reason.includes(part), answer.reason);
  }
  for (const body of [{}, { value: {} }, { value: [{ attribute: "city" }] }, []]) assert.equal((await context.api.put(path(), body)).status, 400, JSON.stringify(body));
  assert.deepEqual(await read(), kept);

  const { secret } = (await context.api.post("/organization/apiKeys", { role: "reader" })).expect(201).json;
  const reader = new Client(`${context.url}/api/v1.0`, { token: secret });
  assert.deepEqual((await reader.get(path())).expect(200).json, kept);
  assert.equal((await reader.put(path(), { value: [] })).status, 403);
  assert.equal((await context.anonymous.get(`/api/v1.0${path()}`)).status, 401);
  assert.equal((await context.api.delete(path())).status, 405);
  assert.equal((await context.api.get("/directories/nothing/attributePrecedence")).status, 404);
  const other = (await context.api.post("/directories", { displayName: "App", profile: "application" })).expect(201).json;
  assert.equal((await context.api.get(`/directories/${other.id}/attributePrecedence`)).status, 400);
  assert.deepEqual(await read(), kept);
  // What is answered can be sent back.
  (await context.api.put(path(), kept)).expect(200);
  assert.deepEqual(await read(), kept);
  (await put({})).expect(200);
  await remove(id);
});

test("more people than one request goes through are followed by the directory itself", { timeout: 300_000 }, async () => {
  const [entra, staff] = await tenants(Array.from({ length: 5_100 }, (_, number) => `p${number}`));
  for (const graph of [entra, staff]) graph.pageSize = 999;
  const count = async (department) => (await context.workforce.get(`/Users${query({ filter: `${enterprise}:department eq "${department}"`, count: "0" })}`)).expect(200).json.totalResults;
  // Who is there from the tests before.
  const before = [await count("IT"), await count("Research")];
  const first = await create(entra, { displayName: "Entra" }, 120_000);
  const second = await create(staff, { displayName: "Staff", joinBy: "employeeId" }, 120_000);
  assert.equal(await count("IT"), before[0] + 5_100);
  const answer = (await put({ department: [second] })).expect(200).json;
  assert.deepEqual(answer.conflicts.find(({ attribute }) => attribute === "department"), { attribute: "department", people: 1_000 });
  await until("everybody", async () => (await read()).state === "idle");
  assert.deepEqual([await count("IT"), await count("Research")], [before[0], before[1] + 5_100]);
  await remove(first, second);
});
