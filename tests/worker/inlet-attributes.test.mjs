/** Extension attributes of a tenant for which the directory has no room: people are mirrored without them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { useGraph } from "./support/graph.mjs";
import { useServer } from "./support/server.mjs";
import { findUser } from "./support/setup.mjs";

const context = useServer();
const own = "urn:ietf:params:scim:schemas:extension:rollcall:2.0:User";
const most = 500;
const [badge, level] = ["extension_0a_badge", "extension_0a_level"];

test("an attribute that cannot be added is left out and told, and everybody is mirrored", { timeout: 180_000 }, async () => {
  const attributes = `/directories/${context.workforceId}/attributes`;
  const made = [];
  for (let index = 0; index < most - 1; index++) made.push((await context.api.post(attributes, { name: `a${index}`, type: "string" })).expect(201).json);
  const graph = await useGraph();
  graph.pageSize = 5;
  const people = Array.from({ length: 20 }, (_, index) => graph.addUser({ userPrincipalName: `p${index}@room.example`, displayName: `P${index}`, [badge]: `b${index}`, [level]: "7" }));
  graph.addUser({ userPrincipalName: "plain@room.example", displayName: "Plain" });

  const inlets = `/directories/${context.workforceId}/inlets`;
  const settings = { ...graph.settings, extensionAttributes: [badge, level] };
  const { id } = (await context.api.post(inlets, settings)).expect(201).json;
  const ended = (before) =>
    until("the end of the round", async () => {
      const { status } = (await context.api.get(`${inlets}/${id}`)).expect(200).json;
      return status.state === "idle" && status.lastRun && status.lastRun.startedDateTime !== before && status;
    });
  const first = await ended();
  assert.deepEqual([first.counts.users, first.lastRun.created, first.lastRun.failed, first.lastError], [21, 21, people.length, null]);
  const values = async () => {
    const user = (await findUser(context, "p3@room.example"))[own] ?? {};
    return [user[badge], user[level]];
  };
  assert.deepEqual(await values(), ["b3", undefined], "there was room for one");
  const log = async () => (await context.api.get(`${inlets}/${id}/log`)).expect(200).json.value.filter(({ code }) => code === "ObjectFailed");
  const [told, ...more] = await log();
  assert.deepEqual([more.length, told.level, told.sourceId ?? null], [0, "warning", null], "once a round");
  for (const part of [level, `${most} custom attributes`, "reset the inlet"]) assert.ok(told.message.includes(part), told.message);

  // Whoever leaves still leaves.
  graph.delete(people[0]);
  (await context.api.post(`${inlets}/${id}/run`)).expect(204);
  const second = await ended(first.lastRun.startedDateTime);
  assert.equal(second.lastRun.deleted, 1);

  (await context.api.delete(`${attributes}/${made[0].id}`)).expect(204);
  (await context.api.post(`${inlets}/${id}/reset`)).expect(204);
  const third = await ended(second.lastRun.startedDateTime);
  assert.deepEqual([third.lastRun.failed, third.lastRun.updated], [0, people.length - 1]);
  assert.deepEqual(await values(), ["b3", "7"]);
});
