/** What an inlet changes starts the jobs, within a minute: cron tells them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../scripts/lib/client.mjs";
import { fireCron } from "../../scripts/lib/server.mjs";
import { useGraph } from "./support/graph.mjs";
import { useServer } from "./support/server.mjs";
import { addJob, application, assign, findGroup, tenant } from "./support/setup.mjs";

const context = useServer({ env: { CHANGE_DEBOUNCE_SECONDS: "1" } });

test("cron tells the jobs what an inlet changed, once", async () => {
  const graph = await useGraph();
  const ada = graph.addUser({ userPrincipalName: "ada@news.example", displayName: "Ada", givenName: "Ada", surname: "L", mail: "ada@news.example", employeeId: "1" });
  graph.addGroup("Everybody", [ada]);
  const inlets = `/directories/${context.workforceId}/inlets`;
  const { id } = (await context.api.post(inlets, graph.settings)).expect(201).json;
  const status = async () => (await context.api.get(`${inlets}/${id}`)).expect(200).json.status;
  const idle = async (before) => {
    const now = await status();
    return now.state === "idle" && now.lastRun.startedDateTime !== before && now.lastRun;
  };
  const first = await until("the first round", () => idle());
  const peakon = await tenant(context);
  const app = await application(context);
  (await assign(context, app, (await findGroup(context, "Everybody")).id)).expect(201);
  const job = await addJob(context, app, { BaseAddress: peakon.scimUrl, SecretToken: peakon.token });
  await job.run();
  await fireCron(context.url); // The news of the first round.
  await until("the cycle that follows", async () => (await job.cycles()).filter(({ state }) => state !== "running").length >= 2, { limit: 15_000 });

  graph.update(ada, { accountEnabled: false });
  (await context.api.post(`${inlets}/${id}/run`)).expect(204);
  await until("the round", () => idle(first.startedDateTime));
  const known = (await job.cycles()).map(({ id }) => id);
  await fireCron(context.url);
  const cycle = await job.next(known, { limit: 15_000 });
  assert.equal(cycle.kind, "incremental");
  const { Resources } = (await peakon.scim.get("/Users")).expect(200).json;
  assert.deepEqual(Resources.map(({ active }) => active), [false]);
});
