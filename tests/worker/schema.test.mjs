/** A job's mappings: reading, saving, two people saving at once, mistakes, and going back to the template's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { useServer } from "./support/server.mjs";
import { addJob, application, assign, findGroup, findUser, importPeople, people } from "./support/setup.mjs";

const context = useServer({ prepare });
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const peakon = "urn:ietf:params:scim:schemas:extension:peakon:2.0:User";
let path;

async function prepare() {
  path = `${(await addJob(context, await application(context))).path}/schema`;
}

const read = async () => (await context.api.get(path)).expect(200).json;
const save = (schema) => context.api.put(path, schema);
const usersOf = (schema) => schema.synchronizationRules[0].objectMappings.find(({ sourceObjectName }) => sourceObjectName === "User");
const byTarget = (schema) => new Map(usersOf(schema).attributeMappings.map((mapping) => [mapping.targetAttributeName, mapping]));
const parse = async (expression, properties = {}) => {
  const testInputObject = { properties: Object.entries(properties).map(([key, value]) => ({ key, value })) };
  return (await context.api.post(`${path}/parseExpression`, { expression, testInputObject })).expect(200).json;
};

/** Saves the schema after `edit`, which must be refused; gives the problems. */
async function refused(edit) {
  const schema = await read();
  edit(usersOf(schema), schema);
  const answer = await save(schema);
  assert.deepEqual([answer.status, answer.json?.error.code], [400, "Request_BadRequest"], answer.text);
  assert.ok(answer.json.error.details.every(({ code, message, target }) => code && message && target), answer.text);
  return answer.json.error.details;
}

test("the default mappings are Peakon's", async () => {
  const mappings = byTarget(await read());
  const expected = {
    userName: "[userPrincipalName]",
    active: "Not([IsSoftDeleted])",
    "name.givenName": "[givenName]",
    "name.familyName": "[surname]",
    [`${enterprise}:employeeNumber`]: "[employeeId]",
    [`${enterprise}:department`]: "[department]",
    [`${enterprise}:manager`]: "[manager]",
  };
  const found = Object.fromEntries([...mappings].map(([target, { source }]) => [target, source.expression]));
  assert.deepEqual(found, expected);
  assert.deepEqual([...mappings.values()].filter(({ matchingPriority }) => matchingPriority > 0).map((mapping) => [mapping.targetAttributeName, mapping.matchingPriority]), [["userName", 1]]);
});

test("mappings are saved with everything that a client sends, and the version changes", async () => {
  const schema = await read();
  usersOf(schema).attributeMappings.push(
    { targetAttributeName: `${peakon}:Business Unit`, flowType: "Always", source: { expression: "[extension_businessUnit]" } },
    { targetAttributeName: "title", flowType: "ObjectAddOnly", source: { expression: 'IIF(IsNullOrEmpty([jobTitle]), "None", ToLower([jobTitle]))' } },
    { targetAttributeName: "locale", flowType: "Always", source: { expression: '"en-US"' } },
  );
  assert.equal((await save(schema)).status, 204);
  const saved = await read();
  assert.notEqual(saved.version, schema.version);
  const mappings = byTarget(saved);
  assert.deepEqual([mappings.get("title").flowType, mappings.get("title").source.type], ["ObjectAddOnly", "Function"]);
  assert.equal(mappings.get("locale").source.type, "Constant");
  assert.equal(mappings.get(`${peakon}:Business Unit`).source.expression, "[extension_businessUnit]");
  assert.equal((await save(saved)).status, 204, "what was read can be saved again");
});

test("mappings keep the order in which a client sends them", async () => {
  const schema = await read();
  usersOf(schema).attributeMappings.reverse();
  const order = (of) => usersOf(of).attributeMappings.map(({ targetAttributeName }) => targetAttributeName);
  assert.equal((await save(schema)).status, 204);
  const saved = await read();
  assert.deepEqual(order(saved), order(schema));
  usersOf(saved).attributeMappings.reverse();
  assert.equal((await save(saved)).status, 204);
  assert.deepEqual(order(await read()), order(schema).reverse());
});

test("who saves over somebody else's save is refused", async () => {
  const [mine, theirs] = [await read(), await read()];
  usersOf(theirs).attributeMappings.push({ targetAttributeName: "timezone", flowType: "Always", source: { expression: '"UTC"' } });
  assert.equal((await save(theirs)).status, 204);
  const answer = await save(mine);
  assert.deepEqual([answer.status, answer.json.error.code], [409, "Conflict"]);
  assert.ok(byTarget(await read()).has("timezone"), "the refused save changed something");
});

test("every mistake is told with its place", async () => {
  const place = (details) => details.map(({ target }) => target);
  const expression = await refused((users) => (users.attributeMappings[2].source.expression = "Join([givenName]"));
  assert.match(place(expression)[0], /^synchronizationRules\[0\]\.objectMappings\[\d\]\.attributeMappings\[2\]\.source\.expression$/);
  assert.match((await refused((users) => (users.attributeMappings[2].source.expression = "Nonsense([givenName])")))[0].message, /Nonsense/);
  assert.match((await refused((users) => (users.attributeMappings[2].targetAttributeName = "shoeSize")))[0].message, /shoeSize/);
  assert.match((await refused((users) => users.attributeMappings.push({ ...users.attributeMappings[2] })))[0].message, /twice/);
  assert.match((await refused((users) => users.attributeMappings.forEach((mapping) => (mapping.matchingPriority = 0))))[0].message, /matching/);
  const two = await refused((users) => {
    users.attributeMappings[2].source.expression = "[";
    users.attributeMappings[3].targetAttributeName = "id";
  });
  assert.equal(new Set(place(two)).size, 2, "both are told at once");
});

test("what is no schema at all is refused, and nothing is lost", async () => {
  const before = await read();
  for (const body of [{}, { synchronizationRules: [] }, [], { ...before, synchronizationRules: "none" }]) {
    const answer = await save(body);
    assert.deepEqual([answer.status, answer.json.error.code], [400, "Request_BadRequest"], JSON.stringify(body).slice(0, 50));
  }
  assert.deepEqual(await read(), before);
});

test("DELETE brings the template's mappings back", async () => {
  const edited = await read();
  (await context.api.delete(path)).expect(204);
  const reset = await read();
  assert.deepEqual([...byTarget(reset).keys()].length, 7);
  assert.notEqual(reset.version, edited.version);
  assert.equal((await save(edited)).status, 409, "an older save does not undo the reset");
});

test("functions and operators are listed for an editor", async () => {
  const functions = (await context.api.get(`${path}/functions`)).expect(200).json.value.map(({ name }) => name);
  for (const name of ["Not", "Join", "Switch", "IIF", "Coalesce", "Append", "Replace", "ToLower"]) assert.ok(functions.includes(name), name);
  const operators = (await context.api.get(`${path}/filterOperators`)).expect(200).json.value;
  assert.ok(operators.length > 0 && operators.every(({ name }) => name));
});

test("an expression can be tried out", async () => {
  const cases = [
    ['Join(" ", [givenName], [surname])', { givenName: "Loïc", surname: "d'Estaing" }, "Loïc d'Estaing"],
    ["ToLower([mail])", { mail: "ADA@Contoso.com" }, "ada@contoso.com"],
    ['Switch([department], "Other", "Sales", "GTM")', { department: "Sales" }, "GTM"],
    ['Switch([department], "Other", "Sales", "GTM")', { department: "Legal" }, "Other"],
    ['IIF([city]="Paris", "FR", "?")', { city: "Paris" }, "FR"],
    ["Coalesce([mail], [userPrincipalName])", { mail: "", userPrincipalName: "ada" }, "ada"],
    ['Append([givenName], "!")', { givenName: "Ada" }, "Ada!"],
    ['Replace([mail], "contoso", , , "fabrikam", , )', { mail: "ada@contoso.com" }, "ada@fabrikam.com"],
    ["Not([IsSoftDeleted])", { IsSoftDeleted: "False" }, "True"],
  ];
  for (const [expression, input, expected] of cases) {
    const answer = await parse(expression, input);
    assert.deepEqual([answer.parsingSucceeded, answer.evaluationSucceeded, answer.evaluationResult], [true, true, [expected]], `${expression}: ${JSON.stringify(answer.error)}`);
  }
});

test("an expression sees a person as a cycle does", async () => {
  const rows = people(4).map((row, index) => ({ ...row, mobile: `+1 555 010${index}`, city: "Lyon", accountEnabled: index === 2 ? "false" : "true", groups: index === 3 ? "" : "Everybody" }));
  await importPeople(context, rows);
  const app = await application(context);
  const job = await addJob(context, app);
  (await assign(context, app, (await findGroup(context, "Everybody")).id)).expect(201);
  const ids = await Promise.all(rows.map(async ({ userPrincipalName }) => (await findUser(context, userPrincipalName)).id));
  const ask = (body) => context.api.post(`${job.path}/schema/parseExpression`, body);
  const result = async (expression, index, input) => (await ask({ expression, objectId: ids[index], testInputObject: input })).expect(200).json.evaluationResult;
  assert.deepEqual(await result('Join("|", [mobile], [city], [manager], [accountEnabled])', 1), [`+1 555 0101|Lyon|${ids[0]}|True`]);
  // Disabled, and not assigned.
  const works = await Promise.all([1, 2, 3].map((index) => result("Not([IsSoftDeleted])", index)));
  assert.deepEqual(works, [["True"], ["False"], ["False"]]);
  const input = { properties: [{ key: "city", value: "Nice" }] };
  assert.deepEqual(await result('Join("|", [city], [employeeId])', 1, input), ["Nice|1001"], "what is named counts before the person");

  const schema = (await context.api.get(`${job.path}/schema`)).expect(200).json;
  usersOf(schema).scope = { groups: [{ name: "Sales", clauses: [{ sourceOperandName: "department", operatorName: "EQUALS", targetOperand: { values: ["Sales"] } }] }] };
  (await context.api.put(`${job.path}/schema`, schema)).expect(204);
  assert.deepEqual([await result("[IsSoftDeleted]", 0), await result("[IsSoftDeleted]", 1)], [["False"], ["True"]], "the saved filter decides too");
  assert.equal((await ask({ expression: "[city]", objectId: "nobody" })).status, 404);
});

test("an expression that cannot be read tells why", async () => {
  for (const expression of ["Join(", "[givenName", '"open', "Nonsense()", "Not()", ""]) {
    const answer = await parse(expression, {});
    assert.equal(answer.parsingSucceeded, false, expression);
    assert.ok(answer.error.message.length > 5, expression);
  }
});
