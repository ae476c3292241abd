/**
 * How fast a directory's SCIM endpoint is, with 10,000 and with 100,000 people in it, beside what the platform's
 * own calls cost in the same run: an empty call of a Durable Object, a read of one row by an index, an insert.
 *
 * What is compared is measured in turns, a part of a second each: a machine is not equally fast all the time.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { management, query, scim } from "../../scripts/lib/client.mjs";
import { say, step } from "../../scripts/lib/log.mjs";
import { startServer } from "../../scripts/lib/server.mjs";
import { load, Measurement } from "./load.mjs";
import { table } from "./table.mjs";

const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const bulkSchema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const patchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const connectionCounts = [1, 16];
const bulkSize = 1_000;
/** Members that are added to the group of all in one request. */
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

/** The measured requests of one directory. `make(turn)` describes the request of a turn, from 0. */
function operations({ people, ids, group }) {
  let fresh = 10_000_000;
  const key = (turn) => (turn * 7919) % people;
  const find = (filter) => ({ path: `/Users${query({ filter })}` });
  const members = (op, turn) => ({ op, path: "members", value: [{ value: ids[key(turn)] }] });
  const patch = (path, operation) => ({ path, method: "PATCH", body: { schemas: [patchSchema], Operations: [operation] } });
  return {
    "GET by id": (turn) => ({ path: `/Users/${ids[key(turn)]}` }),
    "userName eq": (turn) => find(`userName eq "user${key(turn)}@contoso.com"`),
    "externalId eq": (turn) => find(`externalId eq "x${key(turn)}"`),
    'emails[type eq "work"].value eq': (turn) => find(`emails[type eq "work"].value eq "user${key(turn)}@work.contoso.com"`),
    "list of 100": () => ({ path: `/Users${query({ count: "100" })}` }),
    "sorted list of 100": () => ({ path: `/Users${query({ count: "100", sortBy: "userName" })}` }),
    // No index has what is inside of a text, and the answer counts all hits: everybody is looked at.
    "displayName co, 100 of the hits": () => ({ path: `/Users${query({ filter: 'displayName co "son 1"', count: "100" })}` }),
    POST: () => ({ path: "/Users", method: "POST", body: person(fresh++), expect: 201 }),
    "PATCH active": (turn) => patch(`/Users/${ids[key(turn)]}`, { op: "replace", path: "active", value: Math.floor(turn / people) % 2 === 1 }),
    "one member of a group of all": (turn) => patch(`/Groups/${group.id}?excludedAttributes=members`, members(turn % 2 ? "add" : "remove", Math.floor(turn / 2))),
    [`Bulk of ${bulkSize} creates`]: () => {
      fresh += bulkSize;
      return { path: "/Bulk", method: "POST", body: bulk(fresh - bulkSize) };
    },
  };
}

/** What requests are compared with, and how many connections send them. */
const kinds = {
  "GET by id": { raw: "read", wanted: 0.7 },
  "userName eq": { raw: "read", wanted: 0.7 },
  "externalId eq": { raw: "read", wanted: 0.7 },
  'emails[type eq "work"].value eq': { raw: "read", wanted: 0.7 },
  "list of 100": { raw: "read" },
  "sorted list of 100": { raw: "read" },
  "displayName co, 100 of the hits": { raw: "read", grows: true },
  POST: { raw: "insert", wanted: 0.5 },
  "PATCH active": { raw: "insert", wanted: 0.5 },
  "one member of a group of all": { raw: "insert", wanted: 0.5 },
  [`Bulk of ${bulkSize} creates`]: { raw: "insert", connections: [1], least: 1, rounds: 3 },
};

const rounds = 5;
/** More than this is slower than wanted with many people. */
const mostLost = 0.2;

const number = (value) => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(1));
const share = (value) => `${Math.round(value * 100)} %`;

/**
 * Measures one kind of request against several places in turns.
 *
 * @param {{base: string, headers?: object, make: (turn: number) => object, turn: number}[]} places
 */
async function measure(places, { connections, seconds, rounds: times = rounds, least }) {
  const measured = places.map(() => new Measurement());
  for (let round = 0; round < times; round++) {
    for (const [index, place] of places.entries()) {
      const options = { base: place.base, headers: place.headers, connections, seconds: seconds / times, least };
      await load(options, () => place.make(place.turn++), measured[index]);
    }
  }
  return measured;
}

/**
 * @param {{sizes: number[], seconds: number}} options people in the directories, and how long each is measured
 */
export async function bench({ sizes, seconds }) {
  const folders = ["raw", "rollcall"].map((name) => mkdtempSync(join(tmpdir(), `rollcall-bench-${name}-`)));
  const servers = [];
  const rows = [];
  const verdicts = [];
  try {
    const raw = await startServer({ dataDir: folders[0], quiet: true, cron: false, configs: ["tests/contract/wrangler.toml"] });
    servers.push(raw);
    const server = await startServer({ dataDir: folders[1], quiet: true, cron: false });
    servers.push(server);
    await load({ base: raw.url, connections: 1, seconds: 0 }, () => ({ path: "/raw/load/0", method: "POST" }));
    const rawPlace = (operation) => ({ base: raw.url, make: (turn) => ({ path: `/raw/${operation}/${turn * 7919}`, method: "POST" }), turn: 0 });

    const api = management(server);
    const administrator = { authorization: `Bearer ${server.adminKey}` };
    const directories = [];
    for (const people of sizes) {
      await step(`fill a directory with ${people.toLocaleString("en")} people`, async (line) => {
        const filled = await fill(api, people, line);
        // Measured as a client with a token of its own; rows are told to administrators only.
        const { secret } = (await api.post(`/directories/${filled.directory.id}/tokens`, { label: "bench" })).expect(201).json;
        directories.push({ people, base: filled.directory.scimUrl, headers: { authorization: `Bearer ${secret}` }, operations: operations({ people, ...filled }) });
      });
    }

    for (const connections of connectionCounts) {
      const [empty] = await measure([rawPlace("empty")], { connections, seconds });
      rows.push(["an empty call of an object", "raw", String(connections), number(empty.perSecond), number(empty.within(0.5)), number(empty.within(0.99)), "", "", ""]);
    }
    const byId = {};
    await step("measure", async (line) => {
      for (const [name, { raw: against, wanted, grows, connections: counts = connectionCounts, least, rounds: times }] of Object.entries(kinds)) {
        const places = directories.map(({ base, headers, operations: all }) => ({ base, headers, make: all[name], turn: 0 }));
        const costs = [];
        for (const place of places) {
          costs.push(await load({ base: place.base, headers: administrator, connections: 1, seconds: 0, least: least ?? 10 }, () => place.make(place.turn++)));
        }
        for (const connections of counts) {
          line(`${name}, ${connections} connections`);
          const [rawMeasured, ...measured] = await measure([rawPlace(against), ...places], { connections, seconds, rounds: times, least });
          const told = (each, label, of, cost) => [name, label, String(connections), number(each.perSecond), number(each.within(0.5)), number(each.within(0.99)), of, cost ? number(cost.rowsOf("read")) : "", cost ? number(cost.rowsOf("written")) : ""];
          rows.push(told(rawMeasured, `raw ${against}`, "", undefined));
          for (const [index, each] of measured.entries()) {
            rows.push(told(each, directories[index].people.toLocaleString("en"), share(each.perSecond / rawMeasured.perSecond), costs[index]));
          }
          const [small, large] = measured;
          const said = `${name}, ${connections} connection${connections > 1 ? "s" : ""}`;
          if (wanted !== undefined) {
            const found = small.perSecond / rawMeasured.perSecond;
            verdicts.push([`${said}: at least ${share(wanted)} of a raw ${against}`, share(found), found >= wanted]);
          }
          if (name === "GET by id") byId[connections] = small;
          if (name === "list of 100") {
            const found = small.within(0.5) / byId[connections].within(0.5);
            verdicts.push([`${said}: at most 10 reads by id`, found.toFixed(1), found <= 10]);
          }
          if (large !== undefined && !grows) {
            const lost = 1 - large.perSecond / small.perSecond;
            verdicts.push([`${said}: at most ${share(mostLost)} slower with ${sizes[1].toLocaleString("en")} people`, share(lost), lost <= mostLost]);
          }
        }
      }
    });
  } finally {
    for (const each of servers) await each.stop();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
  say("\n  Times in ms; rows as the platform counts them, a request.\n");
  say(table(["request", "people", "connections", "a second", "p50", "p99", "of raw", "rows read", "rows written"], rows));
  say("\n  Wanted:\n");
  say(table(["", "measured", ""], verdicts.map(([what, found, held]) => [what, found, held ? "yes" : "no"])));
}
