/** Imports that go on by themselves: begun, watched, and looked at in the database. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../../scripts/lib/client.mjs";
import { nodeForWrangler } from "../../../scripts/lib/node.mjs";

/** Where the imports of the workforce directory are. */
export const importsPath = ({ workforceId }) => `/directories/${workforceId}/imports`;

/** Sends a file and does not wait: `{path, record}` of the import that goes on. */
export async function begin(context, file, parameters = "") {
  const headers = { "content-type": "text/csv", prefer: "respond-async" };
  const answer = (await context.api.post(`/directories/${context.workforceId}/import${parameters}`, file, { headers, timeout: 120_000 })).expect(202);
  const record = answer.json;
  const path = `${importsPath(context)}/${record.id}`;
  assert.equal(answer.headers.get("location"), `${context.url}/api/v1.0${path}`);
  assert.equal(answer.headers.get("preference-applied"), "respond-async");
  return { path, record };
}

/** Looks at an import until `enough` says so, or it has ended; every state that was seen. */
export async function follow({ api }, path, enough = () => false) {
  const seen = [];
  await until("the end of the import", async () => {
    const { json } = (await api.get(path)).expect(200);
    seen.push(json);
    return json.state !== "running" || enough(json);
  }, { pause: 20, limit: 120_000, describe: () => JSON.stringify(seen.at(-1)) });
  return seen;
}

/** The entries of the audit log about imports, newest first: `{result, by, …properties}`. */
export async function audits({ api }) {
  const entries = await api.all("/auditLogs/directoryAudits?$top=200");
  const imports = entries.filter(({ activityDisplayName }) => activityDisplayName === "Import people");
  return imports.map(({ id, result, initiatedBy, targetResources: [target] }) => ({
    id, result, by: initiatedBy.displayName, ...Object.fromEntries(target.modifiedProperties.map(({ displayName, newValue }) => [displayName, newValue])),
  }));
}

const count = `
  const { DatabaseSync } = require("node:sqlite");
  const found = { parts: 0, outcomes: 0 };
  for (const file of process.argv.slice(1)) {
    const database = new DatabaseSync(file, { readOnly: true });
    const has = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'import_parts'").get();
    if (!has) continue;
    found.parts += database.prepare("SELECT count(*) AS n FROM import_parts").get().n;
    found.outcomes += database.prepare("SELECT count(*) AS n FROM import_texts WHERE kind < 7").get().n;
  }
  console.log(JSON.stringify(found));
`;

/** What is kept of files in the databases of all directories: parts, and outcomes of chunks. */
export function kept({ server }) {
  const folder = join(server.dataDir, "state", "v3", "do");
  const objects = readdirSync(folder).filter((name) => name.endsWith("Directory"));
  assert.ok(objects.length > 0, `no directories in ${folder}`);
  const files = objects.flatMap((name) => readdirSync(join(folder, name)).filter((file) => file.endsWith(".sqlite") && file !== "metadata.sqlite").map((file) => join(folder, name, file)));
  assert.ok(files.length > 0, "no databases");
  return JSON.parse(execFileSync(nodeForWrangler(), ["--no-warnings", "-e", count, ...files], { encoding: "utf8" }));
}
