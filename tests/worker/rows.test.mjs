/**
 * What requests cost the database of a real Durable Object, in rows as the platform counts (and charges) them: by
 * what is asked for, not by how many people there are. The host's tests count the steps of SQLite for many more.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { query, scim } from "../../scripts/lib/client.mjs";
import { useServer } from "./support/server.mjs";
import { tenant } from "./support/setup.mjs";

const user = "urn:ietf:params:scim:schemas:core:2.0:User";
const patchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const sizes = [50, 500];
const directories = [];
const context = useServer({
  async prepare() {
    for (const size of sizes) directories.push(await filled(size));
  },
});

/** A directory of so many people, all of whom are in one group. */
async function filled(size) {
  const directory = await tenant(context);
  const client = scim(directory.scimUrl, context.server.adminKey);
  const Operations = Array.from({ length: size }, (_, index) => ({
    method: "POST",
    path: "/Users",
    bulkId: `b${index}`,
    data: { schemas: [user], userName: `user${index}@contoso.com`, externalId: `x${index}`, displayName: `Person ${index}`, active: true, emails: [{ type: "work", value: `user${index}@work.contoso.com` }] },
  }));
  const answer = (await client.post("/Bulk", { schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], Operations })).expect(200).json;
  const ids = answer.Operations.map(({ location }) => location.slice(location.lastIndexOf("/") + 1));
  const group = (await client.post("/Groups", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "All", members: ids.map((value) => ({ value })) })).expect(201).json;
  return { ...directory, client, ids, group };
}

/** Rows read and written of one request. */
async function rows({ client }, { method = "GET", path, body, expect = 200 }) {
  const answer = (await client.send(method, path, { body })).expect(expect);
  return [answer.headers.get("rollcall-rows-read"), answer.headers.get("rollcall-rows-written")].map(Number);
}

/** Asserts what a request reads and writes at the most, and that it is the same in both directories. */
async function check(name, make, [read, written], tolerance = 0) {
  const found = [];
  for (const directory of directories) found.push(await rows(directory, make(directory)));
  // Where an index ends, a search that finds nobody may see one row less.
  if (found[1][1] !== found[0][1] || Math.abs(found[1][0] - found[0][0]) > tolerance) assert.deepEqual(found[1], found[0], `${name}: rows with ${sizes.join(" and ")} people`);
  assert.ok(found[0][0] <= read && found[0][1] <= written, `${name}: ${found[0]} rows instead of at most ${[read, written]}`);
}

const find = (filter) => ({ path: `/Users${query({ filter })}` });
const patch = (path, operation) => ({ method: "PATCH", path, body: { schemas: [patchOp], Operations: [operation] } });

test("reads", async () => {
  // The person, the place in the group, the group, and whether that is in a group itself.
  await check("by id", ({ ids }) => ({ path: `/Users/${ids[7]}` }), [5, 0]);
  await check("by id, without groups", ({ ids }) => ({ path: `/Users/${ids[7]}?excludedAttributes=groups` }), [1, 0]);
  await check("nobody by id", () => ({ path: "/Users/nobody", expect: 404 }), [1, 0]);
  await check("userName eq", () => find('userName eq "USER7@contoso.com"'), [5, 0]);
  await check("userName eq, nobody", () => find('userName eq "nobody"'), [1, 0]);
  const several = Array.from({ length: 50 }, (_, index) => `userName eq "${index % 2 ? "user" : "nobody"}${index}@contoso.com"`);
  await check("50 userNames, half of them nobody's", () => find(several.join(" or ")), [200, 0], 1);
  const ids = (ids) => ids.slice(0, 50).map((id) => `id eq "${id}"`).join(" or ");
  await check("50 ids", (directory) => find(ids(directory.ids)), [400, 0], 1);
  await check("externalId eq", () => find('externalId eq "x7"'), [7, 0]);
  await check("an address", () => find('emails[type eq "work"].value eq "user7@work.contoso.com"'), [9, 0]);
  await check("only the count", () => ({ path: "/Users?count=0" }), [1, 0]);
  await check("a page without groups", () => ({ path: "/Users?count=20&excludedAttributes=groups" }), [22, 0]);
  await check("a sorted page without groups", () => ({ path: "/Users?count=20&sortBy=userName&excludedAttributes=groups" }), [22, 0]);
  await check("a large group without members", ({ group }) => ({ path: `/Groups/${group.id}?excludedAttributes=members` }), [1, 0]);
});

test("writes", async () => {
  const active = (value) => ({ ids }) => patch(`/Users/${ids[7]}`, { op: "replace", path: "active", value });
  await check("PATCH active", active(false), [8, 3]);
  await check("PATCH active, as it is", active(false), [8, 0]);
  const member = (op) => ({ ids, group }) => patch(`/Groups/${group.id}?excludedAttributes=members`, { op, path: "members", value: [{ value: ids[7] }] });
  await check("a member out of a large group", member("remove"), [12, 4]);
  await check("a member into a large group", member("add"), [12, 6]);
  await check("POST", () => ({ method: "POST", path: "/Users", body: { schemas: [user], userName: "new@contoso.com" }, expect: 201 }), [5, 12]);
});

test("what a request costs is not told to clients with a token", async () => {
  const answer = (await directories[0].scim.get("/Users?count=0")).expect(200);
  assert.equal(answer.headers.get("rollcall-rows-read"), null);
});
