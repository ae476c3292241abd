/**
 * How fast a directory's SCIM endpoint is, with 10,000 and with 100,000 people in it, beside what the platform's
 * own calls cost in the same run: an empty call of a Durable Object, a read of one row by an index, an insert.
 */
import { rmSync } from "node:fs";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { management, query, scim } from "../../scripts/lib/client.mjs";
import { say, step } from "../../scripts/lib/log.mjs";
import { startServer } from "../../scripts/lib/server.mjs";
import { load } from "./load.mjs";
import { table } from "./table.mjs";

const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const bulkSchema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const patchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const connectionCounts = [1, 16];
const bulkSize = 1_000;
/** People in the large group, which is what its measurements are about. */
const membersAtOnce = 10_000;

const person = (key) => ({
  schemas: [userSchema, enterprise],
  userName: `user${key}@contoso.com`,
  externalId: `x${key}`,
  displayName: `Person ${key}`,
  name: { givenName: "Person", familyName: `Number ${key}` },
  active: true,
  title: "Engineer",
  emails: [{ type: "work", value: `user${key}@work.contoso.com`, primary: true }],
  [enterprise]: { employeeNumber: `e${key}`, department: key % 2 ? "Sales" : "Finance" },
});

const bulk = (from) => ({
  schemas: [bulkSchema],
  Operations: Array.from({ length: bulkSize }, (_, index) => ({ method: "POST", path: "/Users", bulkId: `b${index}`, data: person(from + index) })),
});

/** What the platform costs, without Rollcall. */
async function raw(seconds) {
  const dataDir = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  const server = await startServer({ dataDir, quiet: true, cron: false, configs: ["tests/contract/wrangler.toml"] });
  try {
    await load({ base: server.url, connections: 1, seconds: 0, least: 1, warmUp: 0 }, () => ({ path: "/raw/load/0", method: "POST" }));
    const results = {};
    for (const operation of ["empty", "read", "insert"]) {
      for (const connections of connectionCounts) {
        results[`${operation} ${connections}`] = await load({ base: server.url, connections, seconds }, (index) => ({ path: `/raw/${operation}/${index * 7919}`, method: "POST" }));
      }
    }
    return results;
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** A directory with people, and a group of all of them. */
async function fill(api, people, line) {
  const directory = (await api.post("/directories", { displayName: `${people} people`, profile: "application", employeeProvisioningEnabled: true })).expect(201).json;
  const client = scim(directory.scimUrl, api.headers.authorization.slice("Bearer ".length));
  const ids = [];
  for (let from = 0; from < people; from += bulkSize) {
    const { Operations } = (await client.post("/Bulk", bulk(from), { timeout: 300_000 })).expect(200).json;
    for (const { status, location } of Operations) {
      if (status !== "201") throw new Error(`A person was not created: ${status}`);
      ids.push(location.slice(location.lastIndexOf("/") + 1));
    }
    line(`${from + bulkSize} of ${people} people`);
  }
  const group = (await client.post("/Groups", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "All" })).expect(201).json;
  for (let from = 0; from < people; from += membersAtOnce) {
    const value = ids.slice(from, from + membersAtOnce).map((id) => ({ value: id }));
    const answer = await client.patch(`/Groups/${group.id}?attributes=id`, { schemas: [patchSchema], Operations: [{ op: "add", path: "members", value }] }, { timeout: 300_000 });
    answer.expect(200);
    line(`${Math.min(from + membersAtOnce, people)} of ${people} members`);
  }
  return { directory, ids, group };
}

/** The measured requests. A `key` spreads over the directory; `fresh` numbers are never used twice. */
function operations({ people, ids, group }) {
  let fresh = 10_000_000;
  const key = (index) => (index * 7919) % people;
  const find = (filter) => ({ path: `/Users${query({ filter })}` });
  const members = (op, index) => ({ op, path: "members", value: [{ value: ids[key(index)] }] });
  return [
    { name: "GET by id", kind: "read", make: (index) => ({ path: `/Users/${ids[key(index)]}` }) },
    { name: "userName eq", kind: "read", make: (index) => find(`userName eq "user${key(index)}@contoso.com"`) },
    { name: "externalId eq", kind: "read", make: (index) => find(`externalId eq "x${key(index)}"`) },
    { name: 'emails[type eq "work"].value eq', kind: "read", make: (index) => find(`emails[type eq "work"].value eq "user${key(index)}@work.contoso.com"`) },
    { name: "list of 100", kind: "list", make: () => ({ path: `/Users${query({ count: "100" })}` }) },
    { name: "sorted list of 100", kind: "list", make: () => ({ path: `/Users${query({ count: "100", sortBy: "userName" })}` }) },
    // No index has what is inside of a text: the rows are read until the page is full.
    { name: "displayName co, 100 hits", kind: "other", make: () => ({ path: `/Users${query({ filter: 'displayName co "son 1"', count: "100" })}` }) },
    { name: "POST", kind: "write", make: () => ({ path: "/Users", method: "POST", body: person(fresh++), expect: 201 }) },
    {
      name: "PATCH active",
      kind: "write",
      make: (index) => ({ path: `/Users/${ids[key(index)]}`, method: "PATCH", body: { schemas: [patchSchema], Operations: [{ op: "replace", path: "active", value: Math.floor(index / people) % 2 === 1 }] } }),
    },
    {
      name: "one member out of the group of all, and in",
      kind: "write",
      make: (index) => ({
        path: `/Groups/${group.id}?excludedAttributes=members`,
        method: "PATCH",
        body: { schemas: [patchSchema], Operations: [members(index % 2 ? "add" : "remove", Math.floor(index / 2))] },
      }),
    },
    {
      name: `Bulk of ${bulkSize} creates`,
      kind: "bulk",
      connections: [1],
      least: 3,
      make: () => {
        fresh += bulkSize;
        return { path: "/Bulk", method: "POST", body: bulk(fresh - bulkSize) };
      },
    },
  ];
}

const rate = (value) => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1));
const time = (value) => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1));
const share = (value) => `${Math.round(value * 100)} %`;

/** What is wanted, and whether it was so: `[what, measured, held]`. */
function verdicts(raws, results, sizes) {
  const [small, large] = sizes;
  const found = [];
  const compare = (size, connections, kind, against, wanted) => {
    const least = Math.min(...results.filter((each) => each.size === size && each.connections === connections && each.kind === kind).map((each) => each.perSecond / raws[`${against} ${connections}`].perSecond));
    found.push([`slowest ${kind} of a raw ${against}, ${size.toLocaleString("en")} people, ${connections} connections: at least ${share(wanted)}`, share(least), least >= wanted]);
  };
  for (const connections of connectionCounts) {
    compare(small, connections, "read", "read", 0.7);
    compare(small, connections, "write", "insert", 0.5);
    const of = (name) => results.find((each) => each.size === small && each.connections === connections && each.name === name);
    const times = of("list of 100").p50 / of("GET by id").p50;
    found.push([`list of 100 in reads by id, p50, ${connections} connections: at most 10`, times.toFixed(1), times <= 10]);
    if (large === undefined) continue;
    const slower = results
      .filter((each) => each.size === small && each.connections === connections && ["read", "write", "list"].includes(each.kind))
      .map((each) => ({ name: each.name, loss: 1 - results.find((other) => other.size === large && other.connections === connections && other.name === each.name).perSecond / each.perSecond }))
      .sort((one, other) => other.loss - one.loss)[0];
    found.push([`most that is lost with ${large.toLocaleString("en")} people, ${connections} connections (${slower.name}): at most 20 %`, share(slower.loss), slower.loss <= 0.2]);
  }
  return found;
}

/**
 * @param {{sizes: number[], seconds: number}} options people in a directory, and how long each is measured
 */
export async function bench({ sizes, seconds }) {
  let raws;
  await step("raw calls of the platform", async () => {
    raws = await raw(seconds);
  });
  const results = [];
  const dataDir = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  const server = await startServer({ dataDir, quiet: true, cron: false });
  try {
    const api = management(server);
    // Measured as a client with a token of its own; the rows are told to administrators only.
    const administrator = { authorization: `Bearer ${server.adminKey}` };
    for (const size of sizes) {
      let filled;
      await step(`fill a directory with ${size.toLocaleString("en")} people`, async (line) => {
        filled = await fill(api, size, line);
      });
      const base = filled.directory.scimUrl;
      const { secret } = (await api.post(`/directories/${filled.directory.id}/tokens`, { label: "bench" })).expect(201).json;
      const headers = { authorization: `Bearer ${secret}` };
      await step(`measure with ${size.toLocaleString("en")} people`, async (line) => {
        for (const { name, kind, make, connections = connectionCounts, least } of operations({ people: size, ...filled })) {
          const warmUp = kind === "bulk" ? 0 : 2;
          const { rowsRead, rowsWritten } = await load({ base, headers: administrator, connections: 1, seconds: 0, least: kind === "bulk" ? 1 : 10, warmUp }, make);
          for (const count of connections) {
            line(`${name}, ${count} connections`);
            results.push({ size, name, kind, connections: count, ...(await load({ base, headers, connections: count, seconds, least, warmUp }, make)), rowsRead, rowsWritten });
          }
        }
      });
    }
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }

  const row = (label, size, connections, each) => [label, size, String(connections), rate(each.perSecond), time(each.p50), time(each.p99), rate(each.rowsRead), rate(each.rowsWritten)];
  say("\n  Times in ms; rows as the platform counts them, a request.\n");
  say(table(["request", "people", "connections", "a second", "p50", "p99", "rows read", "rows written"], [
    ...Object.entries(raws).map(([name, each]) => {
      const [operation, connections] = name.split(" ");
      return row(`raw ${operation}`, "", connections, { ...each, rowsRead: 0, rowsWritten: 0 }).with(6, "").with(7, "");
    }),
    ...results.map((each) => row(each.name, each.size.toLocaleString("en"), each.connections, each)),
  ]));
  say("\n  Wanted:\n");
  say(table(["", "measured", ""], verdicts(raws, results, sizes).map(([what, measured, held]) => [what, measured, held ? "yes" : "no"])));
}
