/** One person from several inlets: they are joined by a rule, the first inlet's word counts, conflicts are shown. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { useGraph } from "./support/graph.mjs";
import { useServer } from "./support/server.mjs";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const context = useServer();
const path = (id = "") => `/directories/${context.workforceId}/inlets${id && `/${id}`}`;
const describe = async (id) => (await context.api.get(path(id))).expect(200).json;
const people = async () => (await context.workforce.get("/Users")).expect(200).json.Resources;

const ended = (id, before) =>
  until("the end of the round", async () => {
    const { status } = await describe(id);
    return status.state === "idle" && status.lastRun && status.lastRun.startedDateTime !== before && status;
  });

async function round(id, change) {
  const before = (await describe(id)).status.lastRun?.startedDateTime;
  if (change) (await context.api.patch(path(id), change)).expect(200);
  else (await context.api.post(`${path(id)}/run`)).expect(204);
  return ended(id, before);
}

async function create(graph, more) {
  const made = (await context.api.post(path(), { ...graph.settings, ...more })).expect(201).json;
  await ended(made.id);
  return made;
}

const conflicts = async () => {
  const found = [];
  for (let url = `/directories/${context.workforceId}/conflicts?$top=1`; url; ) {
    const page = (await context.api.get(url)).expect(200).json;
    found.push(...page.value);
    url = page["@odata.nextLink"]?.split("/api/v1.0")[1];
  }
  return found;
};

test("a person from two tenants is one person, and the order of inlets decides", async () => {
  const [cloud, staff] = [await useGraph(), await useGraph()];
  for (const [name, number] of [["ada", "1"], ["bo", "2"]]) {
    cloud.addUser({ userPrincipalName: `${name}@cloud.example`, displayName: name, employeeId: number, department: "IT", jobTitle: "Clerk" });
    staff.addUser({ userPrincipalName: `${name}@staff.example`, displayName: name, employeeId: number, department: "Research", city: "Bonn" });
  }
  const [ada] = [...staff.users.keys()];
  const first = await create(cloud, { displayName: "Cloud" });
  const second = await create(staff, { displayName: "Staff", joinBy: "employeeId" });
  assert.deepEqual([first.joinBy, first.precedence, first.attributes], ["userPrincipalName", 100, []]);
  assert.deepEqual([second.joinBy, second.precedence], ["employeeId", 110]);
  assert.equal((await describe(second.id)).status.lastRun.joined, 2);
  const seen = async (number = "1") => {
    const all = await people();
    assert.equal(all.length, 2, "nobody is there twice");
    const user = all.find((user) => user[enterprise].employeeNumber === number);
    return [user.userName, user[enterprise].department, user.title, user.addresses?.[0].locality];
  };
  assert.deepEqual(await seen(), ["ada@cloud.example", "IT", "Clerk", "Bonn"], "the first inlet counts; what it does not know is taken from the other");

  const told = await conflicts();
  assert.deepEqual(told.map(({ displayName, attribute }) => `${displayName} ${attribute}`).sort(), ["ada department", "ada userPrincipalName", "bo department", "bo userPrincipalName"]);
  const department = told.find(({ attribute }) => attribute === "department");
  assert.deepEqual(department.values, [
    { inletId: first.id, inlet: "Cloud", value: "IT", counts: true },
    { inletId: second.id, inlet: "Staff", value: "Research", counts: false },
  ]);
  assert.equal((await context.anonymous.get(`/api/v1.0/directories/${context.workforceId}/conflicts`)).status, 401);

  // What the other one says is kept, and does not count.
  staff.update(ada, { department: "Labs" });
  await round(second.id);
  assert.equal((await seen())[1], "IT");
  // Another order: everything is read again.
  assert.equal((await context.api.patch(path(second.id), { precedence: 100 })).status, 409);
  await round(second.id, { precedence: 5 });
  assert.deepEqual(await seen(), ["ada@staff.example", "Labs", "Clerk", "Bonn"]);
  assert.equal((await conflicts()).find(({ attribute }) => attribute === "department").values[0].inlet, "Staff");
  // The first one clears its value: the other one's counts.
  staff.update(ada, { department: null });
  await round(second.id);
  assert.equal((await seen())[1], "IT");
  // Who leaves one source stays with what the other one says.
  staff.delete(ada);
  await round(second.id);
  assert.deepEqual(await seen(), ["ada@cloud.example", "IT", "Clerk", undefined]);
  staff.restore(ada);
  staff.update(ada, { department: "Labs" });
  await round(second.id);
  assert.deepEqual(await seen(), ["ada@staff.example", "Labs", "Clerk", "Bonn"]);

  // Chosen attributes: the others are let go.
  staff.forget();
  await round(second.id, { attributes: ["employeeId", "displayName"] });
  const asked = new URL(staff.requests.find(({ path }) => path.includes("$select")).path, staff.origin).searchParams.get("$select");
  assert.equal(asked, "userPrincipalName,displayName,accountEnabled,employeeId");
  assert.deepEqual(await seen(), ["ada@staff.example", "IT", "Clerk", "Bonn"]);
  for (const [change, part] of [[{ attributes: ["shoeSize"] }, "shoeSize"], [{ attributes: ["city"] }, "joinBy"], [{ joinBy: "city" }, "employeeId"], [{ precedence: 1001 }, "precedence"]]) {
    const answer = await context.api.patch(path(second.id), change);
    assert.equal(answer.status, 400, JSON.stringify(change));
    assert.ok(answer.reason.includes(part), answer.reason);
  }

  // An inlet that is removed leaves people with what the other one says.
  (await context.api.delete(path(second.id))).expect(204);
  assert.deepEqual(await seen(), ["ada@cloud.example", "IT", "Clerk", "Bonn"]);
  assert.deepEqual(await conflicts(), []);
});
