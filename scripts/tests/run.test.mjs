/** Programs: their output, their failures, and that nothing of them stays behind. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { processGroup } from "../lib/processes.mjs";
import { CommandFailed, run, which } from "../lib/run.mjs";

test("gives the output and hands over each line", async () => {
  const lines = [];
  const output = await run("sh", ["-c", "echo one; echo two >&2"], { line: (text) => lines.push(text) });
  assert.ok(output.includes("one\n") && output.includes("two\n"));
  assert.deepEqual(lines.sort(), ["one", "two"]);
});

test("a failure tells the command, the exit code and the end of the output", async () => {
  const failure = await run("sh", ["-c", "seq 100; exit 3"], { tail: 2 }).catch((error) => error);
  assert.ok(failure instanceof CommandFailed);
  assert.match(failure.message, /`sh -c .*` failed with exit code 3\n {4}99\n {4}100$/);
});

test("a program that cannot be started", async () => {
  await assert.rejects(run("no-such-program", []), /could not be started/);
});

test("a time limit ends the program and its children", async () => {
  let group;
  const slow = run("sh", ["-c", "echo $$; sleep 60 & sleep 60"], { timeout: 300, line: (text) => (group = Number(text)) });
  await assert.rejects(slow, /took longer than 0.3 s/);
  assert.deepEqual(processGroup(group), []);
});

test("finds programs on a path", () => {
  assert.match(which("sh"), /\/sh$/);
  assert.equal(which("sh", "/nowhere"), undefined);
});
