/** The tutorial from its true beginning: a Microsoft Entra tenant, the workforce directory, a Peakon tenant. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { query, until } from "../../scripts/lib/client.mjs";
import { useGraph } from "./support/graph.mjs";
import { useServer } from "./support/server.mjs";
import { addJob, application, assign, findGroup, tenant } from "./support/setup.mjs";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const count = 60;
const context = useServer();

/** Runs a round of the inlet; gives its status and how long it took, in milliseconds. */
async function round(path) {
  const status = async () => (await context.api.get(path)).expect(200).json.status;
  const before = (await status()).lastRun?.startedDateTime;
  const began = Date.now();
  (await context.api.post(`${path}/run`)).expect(204);
  const done = async () => {
    const now = await status();
    return now.state === "idle" && now.lastRun?.startedDateTime !== before && now;
  };
  const ended = await until("the end of the round", done, { pause: 20, describe: async () => JSON.stringify(await status()) });
  return { ...ended.lastRun, took: Date.now() - began };
}

/** The accounts of the Peakon tenant by name. */
async function accounts({ scim }) {
  const { Resources } = (await scim.get(`/Users${query({ count: 200 })}`)).expect(200).json;
  const names = new Map(Resources.map(({ id, userName }) => [id, userName]));
  return Object.fromEntries(
    Resources.map((account) => [account.userName, { active: account.active, name: account.name?.givenName, manager: names.get(account[enterprise]?.manager?.value) }]),
  );
}

test("people come from Microsoft Graph into a Peakon tenant, and so do their changes", async () => {
  const graph = await useGraph();
  graph.pageSize = 25;
  const name = (index) => `person${index}@contoso.com`;
  const people = Array.from({ length: count }, (_, index) =>
    graph.addUser({ userPrincipalName: name(index), displayName: `Person ${index}`, givenName: `Person${index}`, surname: "Contoso", mail: name(index), employeeId: String(index) }),
  );
  for (const id of people.slice(1)) graph.setManager(id, people[0]);
  const everybody = graph.addGroup("Everybody", people);
  graph.addUser({ userPrincipalName: "outside@contoso.com", displayName: "Outside", givenName: "Outside", surname: "Contoso" });

  const { id } = (await context.api.post(`/directories/${context.workforceId}/inlets`, graph.settings)).expect(201).json;
  const path = `/directories/${context.workforceId}/inlets/${id}`;
  (await context.api.post(`${path}/validateCredentials`)).expect(204);
  await until("the first round", async () => (await context.api.get(path)).expect(200).json.status.lastRun);

  const peakon = await tenant(context, { displayName: "Peakon" });
  const app = await application(context);
  (await assign(context, app, (await findGroup(context, "Everybody")).id)).expect(201);
  const job = await addJob(context, app, { BaseAddress: peakon.scimUrl, SecretToken: peakon.token });
  const first = await job.run();
  assert.deepEqual([first.kind, first.state, first.counts.created, first.counts.failed], ["initial", "succeeded", count, 0]);
  const expected = Object.fromEntries(people.map((_, index) => [name(index), { active: true, name: `Person${index}`, manager: index > 0 ? name(0) : undefined }]));
  assert.deepEqual(await accounts(peakon), expected);

  // Ten changes.
  graph.update(people[1], { givenName: "Ada" });
  graph.update(people[2], { givenName: "Grace" });
  graph.update(people[3], { accountEnabled: false });
  graph.update(people[4], { userPrincipalName: "renamed@contoso.com" });
  graph.setManager(people[5], people[1]);
  graph.setManager(people[6], people[1]);
  graph.removeMember(everybody, people[7]);
  graph.delete(people[8]);
  const late = graph.addUser({ userPrincipalName: "late@contoso.com", displayName: "Late", givenName: "Late", surname: "Contoso" }, { manager: people[2] });
  graph.addMember(everybody, late);

  const changes = await round(path);
  assert.deepEqual([changes.kind, changes.created, changes.deleted, changes.failed], ["incremental", 1, 1, 0]);
  assert.ok(changes.took < 2_000, `the round took ${changes.took} ms`);
  const second = await job.run();
  assert.deepEqual([second.kind, second.state, second.counts.failed], ["incremental", "succeeded", 0]);

  expected[name(1)].name = "Ada";
  expected[name(2)].name = "Grace";
  expected[name(3)].active = false;
  expected["renamed@contoso.com"] = expected[name(4)];
  delete expected[name(4)];
  expected[name(5)].manager = name(1);
  expected[name(6)].manager = name(1);
  expected[name(7)].active = false;
  expected[name(8)].active = false;
  expected["late@contoso.com"] = { active: true, name: "Late", manager: name(2) };
  const found = await accounts(peakon);
  // Whether an account that is disabled keeps its manager is the target's business.
  for (const disabled of [name(3), name(7), name(8)]) {
    assert.equal(found[disabled]?.active, false, disabled);
    delete found[disabled];
    delete expected[disabled];
  }
  assert.deepEqual(found, expected);
});
