/**
 * How fast a Microsoft Graph inlet is: a tenant of so many people, each with a manager and in a group of their own
 * team and of all, read from the beginning, then after ten changes, then all over again with nothing changed.
 * Graph is the double of the tests and answers at once: what is measured is ours.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { management, until } from "../../scripts/lib/client.mjs";
import { say, step } from "../../scripts/lib/log.mjs";
import { startServer } from "../../scripts/lib/server.mjs";
import { Graph } from "../worker/support/graph.mjs";
import { table } from "./table.mjs";

/** People of a team: 100,000 people are 1,000 teams. */
const teamSize = 100;
const changes = 10;

function tenant(people) {
  const graph = new Graph();
  graph.pageSize = 500;
  const ids = Array.from({ length: people }, (_, key) =>
    graph.addUser({ userPrincipalName: `user${key}@contoso.com`, displayName: `Person ${key}`, givenName: "Person", surname: `Number ${key}`, mail: `user${key}@contoso.com`, jobTitle: "Engineer", department: key % 2 ? "Sales" : "Finance", employeeId: String(key) }),
  );
  for (const [key, id] of ids.entries()) if (key > 0) graph.setManager(id, ids[Math.floor((key - 1) / 10)]);
  for (let start = 0; start < people; start += teamSize) graph.addGroup(`Team ${start / teamSize}`, ids.slice(start, start + teamSize));
  graph.addGroup("Everybody", ids);
  return { graph, ids };
}

async function measure(people) {
  const { graph, ids } = tenant(people);
  await graph.listen();
  const dataDir = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  const server = await startServer({ dataDir, quiet: true, cron: false, env: { CHANGE_DEBOUNCE_SECONDS: "0" } });
  try {
    const api = management(server);
    const { workforceDirectoryId } = (await api.get("/session")).expect(200).json;
    const inlets = `/directories/${workforceDirectoryId}/inlets`;
    const rows = [];
    let path;
    const round = async (name, begin) => {
      const before = path && (await api.get(path)).expect(200).json.status.lastRun.startedDateTime;
      const began = performance.now();
      await begin();
      const look = async () => {
        const { status } = (await api.get(path)).expect(200).json;
        return status.state === "idle" && status.lastRun?.startedDateTime !== before && status;
      };
      const { lastRun } = await until(name, look, { limit: 1_800_000, pause: 50 });
      const seconds = (performance.now() - began) / 1000;
      const read = lastRun.usersRead + lastRun.groupsRead;
      rows.push([name, String(read), `${seconds.toFixed(2)} s`, read > 0 ? `${Math.round(read / seconds)}` : "-"]);
    };
    await step(`${people} people`, async () => {
      await round("from the beginning", async () => {
        const { id } = (await api.post(inlets, graph.settings)).expect(201).json;
        path = `${inlets}/${id}`;
      });
      for (const id of ids.slice(0, changes)) graph.update(id, { department: "Moved" });
      await round(`after ${changes} changes`, () => api.post(`${path}/run`));
      await round("after nothing", () => api.post(`${path}/run`));
      await round("all over again", () => api.post(`${path}/reset`));
    });
    say(table([`${people} people`, "entries", "time", "entries/s"], rows));
  } finally {
    await server.stop();
    await graph.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** @param {{sizes: number[]}} options */
export async function bench({ sizes }) {
  for (const people of sizes) await measure(people);
}
