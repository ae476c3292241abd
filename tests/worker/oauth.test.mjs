/** OAuth 2.0 client credentials for the SCIM endpoint (RFC 6749, section 4.4). */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { scim } from "../../scripts/lib/client.mjs";
import { useServer } from "./support/server.mjs";
import { tenant } from "./support/setup.mjs";

const context = useServer();
const grant = { grant_type: "client_credentials" };

async function setUp(body = {}) {
  const directory = await tenant(context);
  const client = (await context.api.post(`${directory.path}/oauthClients`, { label: "Entra", ...body })).expect(201).json;
  return { directory, client, form: { ...grant, client_id: client.id ?? client.clientId, client_secret: client.clientSecret } };
}

const tokenUrl = ({ id }) => `/scim/${id}/oauth/token`;
const askFor = (directory, form, headers = {}) =>
  context.anonymous.post(tokenUrl(directory), new URLSearchParams(form).toString(), { headers: { "content-type": "application/x-www-form-urlencoded", ...headers } });
const status = async ({ scimUrl }, token) => (await scim(scimUrl, token).get("/Users")).status;

test("a client gets an access token, with which SCIM works", async () => {
  const { directory, form } = await setUp();
  const answer = (await askFor(directory, form)).expect(200);
  assert.deepEqual([answer.json.token_type, answer.json.expires_in], ["Bearer", 3600]);
  assert.match(answer.headers.get("cache-control"), /no-store/);
  assert.equal(await status(directory, answer.json.access_token), 200);
});

test("the credentials may come as HTTP Basic", async () => {
  const { directory, form } = await setUp();
  const basic = Buffer.from(`${encodeURIComponent(form.client_id)}:${encodeURIComponent(form.client_secret)}`).toString("base64");
  const answer = (await askFor(directory, grant, { authorization: `Basic ${basic}` })).expect(200);
  assert.equal(await status(directory, answer.json.access_token), 200);
});

test("wrong credentials are told in the form of RFC 6749, the same for every directory", async () => {
  const { directory, form } = await setUp();
  const attempts = [
    [directory, { ...form, client_secret: "wrong" }],
    [directory, { ...form, client_id: randomUUID() }],
    [directory, grant],
    [{ id: randomUUID() }, form],
    [{ id: context.workforceId }, form],
  ];
  const texts = new Set();
  for (const [where, what] of attempts) {
    const answer = await askFor(where, what);
    assert.deepEqual([answer.status, answer.json.error], [401, "invalid_client"]);
    if (what !== grant) texts.add(answer.json.error_description);
  }
  assert.equal(texts.size, 1, "the answers tell which directories exist");
});

test("another grant, or none, is refused", async () => {
  const { directory, form } = await setUp();
  for (const [grant_type, error] of [["password", "unsupported_grant_type"], ["", /unsupported_grant_type|invalid_request/]]) {
    const answer = await askFor(directory, { ...form, grant_type });
    assert.equal(answer.status, 400);
    assert.match(answer.json.error, error instanceof RegExp ? error : new RegExp(error));
  }
  assert.equal((await context.anonymous.get(tokenUrl(directory))).status, 405);
});

test("the client's secret is shown once; removing the client ends it and its tokens at once", async () => {
  const { directory, client, form } = await setUp();
  const list = (await context.api.get(`${directory.path}/oauthClients`)).expect(200);
  assert.ok(!list.text.includes(client.clientSecret));
  const token = (await askFor(directory, form)).expect(200).json.access_token;
  (await context.api.delete(`${directory.path}/oauthClients/${form.client_id}`)).expect(204);
  assert.equal((await askFor(directory, form)).status, 401);
  assert.equal(await status(directory, token), 401);
});

test("a client of scope read gets tokens that only read", async () => {
  const { directory, form } = await setUp({ scope: "read" });
  const { access_token } = (await askFor(directory, form)).expect(200).json;
  const reader = scim(directory.scimUrl, access_token);
  (await reader.get("/Users")).expect(200);
  assert.equal((await reader.post("/Users", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "x" })).status, 403);
});
