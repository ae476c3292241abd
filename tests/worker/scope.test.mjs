/** Questions before a change: who passes a scoping filter and why, whom assignments reach, who would lose access. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useServer } from "./support/server.mjs";
import { addJob, application, assign, findGroup, findUser, importPeople, people } from "./support/setup.mjs";

const rows = people(12).map((row, index) => ({ ...row, accountEnabled: index === 11 ? "false" : "true" }));
let app, job;
const context = useServer({ prepare });

async function prepare() {
  await importPeople(context, rows);
  app = await application(context);
  job = await addJob(context, app);
}

const clause = (sourceOperandName, operatorName, ...values) => ({ sourceOperandName, operatorName, targetOperand: { values } });
const group = (name, ...clauses) => ({ name, clauses });
const idOf = async (index) => (await findUser(context, rows[index].userPrincipalName)).id;
const evaluate = (body) => job.api.post(`${job.path}/schema/evaluateScope`, body);
const counted = async (filter, body = {}) => (await evaluate({ filter, ...body })).expect(200).json;

test("who passes a filter is counted and shown in part", async () => {
  const sales = group("Sales", clause("department", "EQUALS", "Sales"));
  const one = await counted({ groups: [sales] });
  assert.deepEqual([one.matched, one.total, one.truncated, one.explanation], [6, 12, false, []]);
  assert.deepEqual(one.sample.map(({ displayName }) => displayName), ["Person 0", "Person 2", "Person 4", "Person 6", "Person 8", "Person 10"]);
  assert.equal((await counted({ groups: [sales, group("", clause("surname", "ENDS_WITH", "1"))] })).matched, 8);
  const both = group("", ...sales.clauses, clause("employeeId", "Greater_Than", "1005"));
  assert.equal((await counted({ groups: [both] })).matched, 3);
  assert.equal((await counted({ groups: [both], inputFilterGroups: [group("", clause("surname", "EQUALS", "Number6"))] })).matched, 1);
  const all = await counted({ groups: [] });
  assert.deepEqual([all.matched, all.sample.length], [12, 10]);
  assert.deepEqual((await counted({ groups: [group("", clause("displayName", "EQUALS", "Everybody"))] }, { objectTypeName: "Group" })).matched, 1);
});

test("why somebody is in or out", async () => {
  const filter = { groups: [group("Sales", clause("department", "EQUALS", "Sales"), clause("city", "IS NOT NULL")), group("", clause("employeeId", "EQUALS", "1011"))] };
  const told = await counted(filter, { objectId: await idOf(11) });
  assert.deepEqual([told.inScope, told.isActive, told.object.displayName], [true, false, "Person 11"]);
  assert.deepEqual(
    told.explanation.map(({ group, clause, result, value }) => [group, clause, result, value]),
    [
      ["Sales", "department EQUALS Sales", false, "Finance"],
      ["Sales", "city IS NOT NULL", false, null],
      ["groups[1]", "employeeId EQUALS 1011", true, "1011"],
    ],
  );
  assert.equal((await counted(filter, { objectId: await idOf(2) })).inScope, false);
});

test("what is wrong with a question is told", async () => {
  const wrong = (await evaluate({ filter: { groups: [group("", clause("shoeSize", "EQUALS", "1"), clause("department", "LIKE", "x"))] } })).expect(400).json.error;
  assert.deepEqual(wrong.details.map(({ target }) => target), ["filter.groups[0].clauses[0].sourceOperandName", "filter.groups[0].clauses[1].operatorName"]);
  (await evaluate({ filter: { groups: [] }, objectTypeName: "Device" })).expect(400);
  (await evaluate({ filter: { groups: [] }, objectId: "nobody" })).expect(404);
  (await evaluate({})).expect(400);
  (await job.api.get(`${job.path}/schema/evaluateScope`)).expect(405);
});

test("whom assignments reach, and who would lose access", async () => {
  const reach = async (query = "") => (await context.api.get(`${app.path}/appRoleAssignedTo/reach${query}`)).expect(200).json;
  assert.deepEqual(await reach(), { people: 0, direct: 0, throughGroups: 0, truncated: false, losing: { people: 0, sample: [] } });
  const everybody = (await assign(context, app, (await findGroup(context, "Everybody")).id)).expect(201).json;
  const one = (await assign(context, app, await idOf(3))).expect(201).json;
  const { people: count, direct, throughGroups, losing } = await reach(`?without=${everybody.id}`);
  // One is disabled, and one is assigned directly as well.
  assert.deepEqual([count, direct, throughGroups, losing.people, losing.sample.length], [11, 1, 11, 10, 10]);
  assert.equal((await reach(`?without=${one.id}`)).losing.people, 0);
  (await context.api.get(`${app.path}/appRoleAssignedTo/reach?without=nobody`)).expect(404);
});
