/** The import of people from CSV files. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { query } from "../../scripts/lib/client.mjs";
import { inProject } from "../../scripts/lib/paths.mjs";
import { useServer } from "./support/server.mjs";
import { csv, findGroup, findUser, importPeople, people, tenant, upload } from "./support/setup.mjs";

const context = useServer();
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const bad = inProject("tests", "data", "bad");
const counts = ({ created, updated, unchanged, failed, removed }) => ({ created, updated, unchanged, failed, removed });
const none = { created: 0, updated: 0, unchanged: 0, failed: 0, removed: 0 };
const everybody = async () => (await context.workforce.get("/Users?count=1000&attributes=userName")).expect(200).json.Resources.map(({ userName }) => userName);

test("a file, the same file again, an edited file", async () => {
  const rows = people(10, "first.example");
  assert.deepEqual(counts(await importPeople(context, rows)), { ...none, created: 10 });
  assert.deepEqual(counts(await importPeople(context, rows)), { ...none, unchanged: 10 });
  rows[3] = { ...rows[3], surname: "Renamed" };
  rows[4] = { ...rows[4], department: "" };
  rows.push({ ...rows[5], userPrincipalName: "new@first.example", displayName: "New" });
  assert.deepEqual(counts(await importPeople(context, rows)), { ...none, created: 1, updated: 2, unchanged: 8 });
  const renamed = await findUser(context, "person3@first.example");
  assert.deepEqual([renamed.name.familyName, renamed.name.givenName], ["Renamed", "Person"]);
  const cleared = await findUser(context, "PERSON4@FIRST.example");
  assert.equal(cleared[enterprise].department, undefined);
});

test("managers and groups are links between people", async () => {
  await importPeople(context, people(6, "links.example"));
  const [boss, report] = [await findUser(context, "person0@links.example"), await findUser(context, "person1@links.example")];
  assert.equal(report[enterprise].manager.value, boss.id);
  assert.equal(boss[enterprise].manager, undefined);
  const group = await findGroup(context, "Everybody");
  assert.ok(group.members.some(({ value }) => value === report.id));
  assert.ok(report.groups.some(({ value, display }) => value === group.id && display === "Everybody"));
});

test("a changed groups cell moves the person; a column that is absent leaves things alone", async () => {
  const rows = people(2, "moving.example");
  await importPeople(context, rows);
  rows[0] = { ...rows[0], groups: "Movers;Shakers" };
  assert.deepEqual(counts(await importPeople(context, rows)), { ...none, updated: 1, unchanged: 1 });
  const groups = (await findUser(context, "person0@moving.example")).groups.map(({ display }) => display).sort();
  assert.deepEqual(groups, ["Movers", "Shakers"]);
  const short = [{ userPrincipalName: "person0@moving.example", surname: "Short" }];
  assert.deepEqual(counts(await importPeople(context, short)), { ...none, updated: 1 });
  const after = await findUser(context, "person0@moving.example");
  assert.deepEqual([after.name.familyName, after.name.givenName, after.groups.length], ["Short", "Person", 2]);
});

test("removeMissing takes away who is gone, and they come back as the same person", async () => {
  const rows = people(4, "missing.example");
  await importPeople(context, rows);
  const { id } = await findUser(context, "person2@missing.example");
  const others = (await everybody()).length - 4;
  const result = await importPeople(context, rows.filter((_, index) => index !== 2), "?removeMissing=true");
  assert.deepEqual(counts(result), { ...none, unchanged: 3, removed: others + 1 });
  assert.deepEqual((await everybody()).sort(), [0, 1, 3].map((index) => `person${index}@missing.example`));
  assert.deepEqual(counts(await importPeople(context, rows)), { ...none, updated: 1, unchanged: 3 });
  assert.equal((await findUser(context, "person2@missing.example")).id, id);
});

test("a preview says what an import would do, and writes nothing", async () => {
  const rows = people(8, "preview.example");
  await importPeople(context, rows.slice(0, 6));
  rows[1] = { ...rows[1], department: "Moved", surname: "Changed" };
  rows[2] = { ...rows[2], manager: "person7@preview.example" };
  rows[3] = { ...rows[3], groups: "Everybody;Nobody yet" };
  const file = csv([...rows.slice(0, 5), ...rows.slice(6)]);
  const before = [await everybody(), (await context.workforce.get("/Groups?count=1000")).expect(200).json];
  const preview = (await upload(context, file, "?preview=true&removeMissing=true")).expect(200).json;
  assert.deepEqual([await everybody(), (await context.workforce.get("/Groups?count=1000")).expect(200).json], before);
  const change = (index) => preview.changes.find(({ userPrincipalName }) => userPrincipalName === `person${index}@preview.example`);
  assert.deepEqual([change(1).action, change(1).attributes.sort(), change(1).line], ["update", ["department", "surname"], 3]);
  assert.deepEqual([change(2).attributes, change(3).attributes], [["manager"], ["groups"]]);
  assert.deepEqual([change(5).action, change(6).action, change(7).action], ["remove", "create", "create"]);
  assert.equal(change(0), undefined);
  const done = (await upload(context, file, "?removeMissing=true")).expect(200).json;
  assert.deepEqual(counts(preview), counts(done));
  assert.equal(done.changes, undefined);
});

test("without removeMissing nobody is taken away", async () => {
  const before = await everybody();
  const result = await importPeople(context, people(1, "alone.example"));
  assert.equal(result.removed, 0);
  assert.equal((await everybody()).length, before.length + 1);
});

/** Each of the bad files with what has to be said about it; see tests/data/bad. */
for (const file of readdirSync(bad).filter((name) => name.endsWith(".csv"))) {
  test(`the bad file ${file}: every error has its line and column, and the good rows are in`, async () => {
    const wanted = JSON.parse(readFileSync(`${bad}/${file.replace(".csv", ".json")}`, "utf8"));
    const before = await everybody();
    const answer = await upload(context, readFileSync(`${bad}/${file}`));
    if (wanted.code) {
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.json.error.code, wanted.code);
      assert.ok(answer.json.error.message.includes(wanted.message), answer.json.error.message);
      assert.deepEqual(await everybody(), before, "an unreadable file changes nothing");
      return;
    }
    const result = answer.expect(200).json;
    assert.deepEqual(result.errors, wanted.errors);
    assert.equal(result.failed, wanted.failed);
    assert.equal(result.created + result.updated + result.unchanged, wanted.created + wanted.updated + wanted.unchanged);
  });
}

test("the type of the body must be CSV", async () => {
  for (const type of ["application/json", "multipart/form-data; boundary=x", "image/png", ""]) {
    const answer = await upload(context, csv(people(1, "type.example")), "", type);
    assert.deepEqual([answer.status, answer.json.error.code], [415, "UnsupportedMediaType"], type);
  }
  for (const type of ["text/csv", "text/csv; charset=utf-8", "TEXT/CSV"]) (await upload(context, csv(people(1, "type.example")), "", type)).expect(200);
});

test("a file only goes into the workforce directory", async () => {
  const { id } = await tenant(context);
  const answer = await upload({ ...context, workforceId: id }, csv(people(1)));
  assert.equal(answer.status, 400);
  const nowhere = await upload({ ...context, workforceId: "none" }, csv(people(1)));
  assert.equal(nowhere.status, 404);
});

test("a file that is too large is refused by its size alone", async () => {
  const row = `${"x".repeat(60)}@large.example,${"y".repeat(900)}\n`;
  const answer = await upload(context, `userPrincipalName,displayName\n${row.repeat(110_000)}`);
  assert.ok([400, 413].includes(answer.status), `${answer.status}`);
  assert.match(answer.json.error.message, /large|rows|bytes|MB/i);
  assert.ok(!(await everybody()).some((name) => name.endsWith("@large.example")), "it changed something");
});

test("many who would go are asked about first", async () => {
  const rows = people(400, "guard.example");
  await importPeople(context, rows);
  const few = csv(rows.slice(0, 100));
  const refused = await upload(context, few, "?removeMissing=true");
  assert.deepEqual([refused.status, refused.json.error.code], [409, "TooManyRemovals"], refused.text);
  assert.match(refused.reason, /force=true/);
  assert.ok((await everybody()).includes("person399@guard.example"), "somebody was removed");
  assert.equal((await upload(context, few, "?removeMissing=true&preview=true")).expect(200).json.removed >= 300, true);
  const forced = (await upload(context, few, "?removeMissing=true&force=true")).expect(200).json;
  assert.ok(forced.removed >= 300);
  assert.ok(!(await everybody()).includes("person399@guard.example"));
});

test("the thousand people of the sample", async () => {
  const sample = readFileSync(inProject("tests", "data", "contoso.csv"));
  const employees = async () => (await context.workforce.get(`/Groups${query({ filter: 'displayName eq "All Employees"' })}`)).expect(200).json.Resources[0]?.members.length ?? 0;
  const before = await employees();
  const began = Date.now();
  const { json } = (await upload(context, sample)).expect(200);
  const took = Date.now() - began;
  assert.deepEqual([json.created, json.failed, json.errors], [1_000, 0, []]);
  assert.ok(took < 30_000, `took ${took} ms`);
  const again = (await upload(context, sample)).expect(200).json;
  assert.deepEqual(counts(again), { ...none, unchanged: 1_000 });
  const loic = await findUser(context, "loic.destaing@contoso.com");
  assert.deepEqual([loic.displayName, loic.name.familyName, loic.active], ["Loïc d'Estaing", "d'Estaing", true]);
  assert.equal(loic[enterprise].manager.value, (await findUser(context, "ruairi.lynch@contoso.com")).id);
  assert.equal(await employees(), before + 1_000);
});

test("an export with headers of its own: what they mean is chosen once and remembered", async () => {
  const file = Buffer.from("Anmeldename;Vorname;Nachname;Gehalt;Büro\njm@export.example;Jürgen;Müller;100;Köln\n", "latin1");
  const path = `/directories/${context.workforceId}`;
  const refused = (await upload(context, file)).expect(400);
  assert.equal(refused.json.error.code, "noHeader");
  assert.deepEqual(refused.json.error.details.map(({ message, target }) => [message, target]).slice(0, 2), [["Anmeldename", "columns/1"], ["Vorname", "columns/2"]]);

  const names = [["Anmeldename", "userPrincipalName"], ["vorname", "givenName"], ["NACHNAME", "surname"], ["Gehalt", ""], ["Büro", "officeLocation"]];
  const value = names.map(([header, attribute]) => ({ header, attribute }));
  const unknown = (await context.api.put(`${path}/importColumns`, { value: [{ header: "Schuhe", attribute: "shoeSize" }] })).expect(400);
  assert.match(unknown.json.error.message, /shoeSize.*Schuhe/);
  assert.deepEqual((await context.api.get(`${path}/importColumns`)).expect(200).json, { value: [] });
  (await context.api.put(`${path}/importColumns`, { value })).expect(204);
  assert.deepEqual((await context.api.get(`${path}/importColumns`)).expect(200).json, { value });

  const preview = (await upload(context, file, "?preview=true")).expect(200).json;
  assert.deepEqual(preview.columns.map(({ attribute }) => attribute), ["userPrincipalName", "givenName", "surname", "", "officeLocation"]);
  assert.deepEqual([preview.encoding, preview.created, preview.errors], ["windows-1252", 1, []]);
  const result = (await upload(context, file)).expect(200).json;
  assert.deepEqual([result.encoding, result.created, result.errors], ["windows-1252", 1, []]);
  assert.deepEqual((await findUser(context, "jm@export.example")).name, { givenName: "Jürgen", familyName: "Müller" });
  // A file that says its names itself is not affected.
  assert.equal((await importPeople(context, people(1, "own.example"))).created, 1);
  (await context.api.put(`${path}/importColumns`, { value: [] })).expect(204);
});

test("nothing is imported before the whole file is there, and a second import waits its turn", async () => {
  const path = `/directories/${context.workforceId}/import`;
  assert.equal((await context.api.get(path)).expect(200).json.running, false);
  const rows = csv(people(3_000, "slow.example"));
  const half = Buffer.from(rows.slice(0, rows.length / 2));
  let seen;
  let second;
  let early;
  // The body is sent in two halves, with the questions between them.
  const halves = async function* () {
    yield half;
    for (let turn = 0; turn < 100 && !(seen?.bytes >= half.length); turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      seen = (await context.api.get(path)).expect(200).json;
    }
    second = await upload(context, csv(people(1, "second.example")));
    early = (await everybody()).filter((name) => name.endsWith("@slow.example"));
    yield Buffer.from(rows.slice(rows.length / 2));
  };
  const response = await fetch(`${context.url}/api/v1.0${path}`, {
    method: "POST", body: halves(), duplex: "half", headers: { "content-type": "text/csv", authorization: `Bearer ${context.server.adminKey}` },
  });
  assert.equal(response.status, 200);
  assert.equal((await response.json()).created, 3_000);
  assert.deepEqual([seen.running, seen.phase, seen.bytes, seen.created, seen.importId], [true, "file", half.length, 0, undefined]);
  assert.ok(seen.startedDateTime, JSON.stringify(seen));
  assert.deepEqual(early, []);
  assert.equal(second.status, 409);
  assert.equal((await context.api.get(path)).expect(200).json.running, false);
});
