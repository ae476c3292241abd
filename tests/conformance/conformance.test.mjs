/**
 * Conformance suites from outside, over HTTP: scim2-tester and scim-sanity (Python) put a directory of a running
 * Worker to their checks. All that are not skipped must pass.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { conformancePython } from "../../scripts/lib/python.mjs";
import { inProject } from "../../scripts/lib/paths.mjs";
import { run } from "../../scripts/lib/run.mjs";
import { useServer } from "../worker/support/server.mjs";

const context = useServer();
const minutes = 60_000;

/** A directory and a token for one suite. */
async function endpoint(name, settings = {}) {
  const body = { displayName: name, profile: "application", employeeProvisioningEnabled: true };
  const directory = (await context.api.post("/directories", body)).expect(201).json;
  if (Object.keys(settings).length > 0) (await context.api.patch(`/directories/${directory.id}`, settings)).expect(200);
  const token = (await context.api.post(`/directories/${directory.id}/tokens`, { label: name })).expect(201).json;
  return { url: directory.scimUrl, token: token.secret };
}

test("scim2-tester: every check succeeds", { timeout: 5 * minutes }, async (t) => {
  const { url, token } = await endpoint("scim2-tester");
  const script = inProject("tests/conformance/scim2_tester_run.py");
  const output = await run(conformancePython(), [script, url, token], { timeout: 4 * minutes, tail: 40 });
  const outcome = JSON.parse(output.trim().split("\n").at(-1));
  t.diagnostic(`${outcome.passed} of ${outcome.total} checks`);
  assert.deepEqual(outcome.others, []);
  assert.ok(outcome.passed > 100, `only ${outcome.passed} checks ran`);
});

// scim-sanity adds a member that does not exist and wants 200; the directory is told to leave such members out.
test("scim-sanity: every check that is not skipped passes", { timeout: 5 * minutes }, async (t) => {
  const { url, token } = await endpoint("scim-sanity", { ignoreUnknownMembers: true });
  const args = ["-m", "scim_sanity.cli", "probe", url, "--token", token, "--i-accept-side-effects", "--json-output"];
  const output = await run(conformancePython(), args, { timeout: 4 * minutes, tail: 80 });
  const outcome = JSON.parse(output.slice(output.indexOf("{")));
  const results = outcome.results ?? outcome.checks;
  const failed = results.filter((result) => !["pass", "skip"].includes(String(result.status).toLowerCase()));
  const passed = results.filter((result) => String(result.status).toLowerCase() === "pass");
  t.diagnostic(`${passed.length} of ${results.length} checks, the others skipped`);
  assert.deepEqual(failed, []);
  assert.ok(passed.length > 20, `only ${passed.length} checks ran`);
});
