/** Who is let in, and how: the API key, sign-in links, sessions, and requests from other sites. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { Client } from "../../scripts/lib/client.mjs";
import { useServer } from "./support/server.mjs";

const context = useServer({ prepare: async () => (await context.api.post("/organization/members", { email: "ada@contoso.com" })).expect(201) });

/** Uses a new sign-in link; gives the answer and the cookie in it. */
async function signIn(email) {
  const link = (await context.api.post("/signInLinks", email ? { email } : {})).expect(201).json;
  const answer = await context.anonymous.get(link.url);
  const header = answer.headers.get("set-cookie") ?? "";
  return { link, answer, header, cookie: header.split(";")[0] };
}

/** A browser that is signed in; `origin` is the page from which it asks. */
async function browser(origin = context.url) {
  const { cookie } = await signIn();
  return new Client(`${context.url}/api/v1.0`, { headers: { cookie, ...(origin && { origin }) } });
}

test("without a credential every path answers 401, existing or not", async () => {
  const id = randomUUID();
  const paths = ["/session", "/directories", `/directories/${context.workforceId}`, `/directories/${id}`, "/nothing/at/all", "/auditLogs/provisioning", "/"];
  for (const path of paths) {
    for (const method of ["GET", "POST", "PATCH", "DELETE", "PUT"]) {
      const answer = await context.anonymous.send(method, `/api/v1.0${path}`, method === "GET" ? {} : { body: {} });
      assert.equal(answer.status, 401, `${method} ${path}`);
      assert.equal(answer.json.error.code, "InvalidAuthenticationToken", `${method} ${path}`);
    }
  }
  for (const path of ["/api", "/api/", "/api/v2.0/session"]) assert.equal((await context.anonymous.get(path)).status, 401, path);
});

test("the same for SCIM, with an error in SCIM's form", async () => {
  for (const directory of [context.workforceId, randomUUID(), "nonsense", ""]) {
    for (const path of ["/v2/Users", "/v2/ServiceProviderConfig", "/v2/Nothing", "/v1/Users", ""]) {
      const answer = await context.anonymous.get(`/scim/${directory}${path}`);
      assert.equal(answer.status, 401, `${directory}${path}`);
      assert.deepEqual([answer.json.schemas, answer.json.status], [["urn:ietf:params:scim:api:messages:2.0:Error"], "401"]);
      assert.match(answer.headers.get("www-authenticate"), /^Bearer/);
    }
  }
});

test("wrong and malformed credentials are no credentials", async () => {
  const key = context.server.adminKey;
  for (const authorization of ["Bearer wrong", `Bearer ${key}x`, `Bearer ${key.slice(0, -1)}`, `Basic ${key}`, key, "Bearer", "Bearer "]) {
    for (const path of ["/api/v1.0/session", `/scim/${context.workforceId}/v2/Users`]) {
      assert.equal((await context.anonymous.get(path, { headers: { authorization } })).status, 401, `${path} with ${authorization.slice(0, 12)}`);
    }
  }
});

test("the API key opens the management API and every directory", async () => {
  const { json } = (await context.api.get("/session")).expect(200);
  assert.deepEqual([json.workforceDirectoryId, json.expiresDateTime ?? null], [context.workforceId, null]);
  (await context.workforce.get("/Users")).expect(200);
  const lowerCase = new Client(context.url, { headers: { authorization: `bearer ${context.server.adminKey}` } });
  (await lowerCase.get("/api/v1.0/session")).expect(200);
});

test("a sign-in link works once, for 15 minutes, and sets a closed cookie", async () => {
  const { link, answer, header } = await signIn("ada@contoso.com");
  const minutes = (Date.parse(link.expiresDateTime) - Date.now()) / 60_000;
  assert.ok(minutes > 14 && minutes <= 15, `${minutes} minutes`);
  assert.ok(link.url.startsWith(`${context.url}/signIn/`), link.url);
  assert.deepEqual([answer.status, answer.headers.get("location")], [303, "/"]);
  for (const flag of [/;\s*HttpOnly/i, /;\s*SameSite=Strict/i, /;\s*Path=\//i, /;\s*Max-Age=\d+/i]) assert.match(header, flag);
  assert.equal(answer.headers.get("referrer-policy"), "no-referrer", "the link must not travel on");

  const again = await context.anonymous.get(link.url);
  assert.deepEqual([again.status, again.headers.get("location"), again.headers.get("set-cookie")], [303, "/?signIn=expired", null]);
});

test("a link that was never given leads to the portal's note", async () => {
  const answer = await context.anonymous.get("/signIn/made-up");
  assert.deepEqual([answer.status, answer.headers.get("location")], [303, "/?signIn=expired"]);
});

test("looking at a link without opening it does not use it up", async () => {
  const link = (await context.api.post("/signInLinks", {})).expect(201).json;
  await context.anonymous.send("HEAD", link.url);
  assert.equal((await context.anonymous.get(link.url)).headers.get("location"), "/");
});

test("a link for something that is no address is refused", async () => {
  const answer = await context.api.post("/signInLinks", { email: "nobody" });
  assert.deepEqual([answer.status, answer.json.error.code], [400, "Request_BadRequest"]);
});

test("a session opens the management API and SCIM, and tells who it is", async () => {
  const { cookie } = await signIn("ada@contoso.com");
  const signedIn = new Client(context.url, { headers: { cookie } });
  const session = (await signedIn.get("/api/v1.0/session")).expect(200).json;
  assert.equal(session.displayName, "ada@contoso.com");
  const hours = (Date.parse(session.expiresDateTime) - Date.now()) / 3_600_000;
  assert.ok(hours > 0 && hours <= 24, `${hours} hours`);
  (await signedIn.get(`/scim/${context.workforceId}/v2/Users`)).expect(200);
});

test("a write with the cookie must come from the portal's own origin", async () => {
  const own = await browser();
  (await own.post("/signInLinks", {})).expect(201);
  for (const origin of ["https://evil.example", `${context.url}.evil.example`, "http://127.0.0.1:1", "null"]) {
    const foreign = await browser(origin);
    (await foreign.get("/session")).expect(200);
    for (const method of ["POST", "PATCH", "PUT", "DELETE"]) {
      const answer = await foreign.send(method, "/signInLinks", { body: {} });
      assert.deepEqual([answer.status, answer.json.error.code], [403, "Authorization_RequestDenied"], `${method} from ${origin}`);
    }
    const scim = await foreign.post(`${context.url}/scim/${context.workforceId}/v2/Users`, { userName: "mallory" });
    assert.equal(scim.status, 403, `SCIM from ${origin}`);
  }
  const silent = await browser(null);
  assert.equal((await silent.post("/signInLinks", {})).status, 403, "without Origin");
});

test("a made-up cookie opens nothing", async () => {
  for (const cookie of ["rollcall_session=", "rollcall_session=guess", "other=1"]) {
    assert.equal((await context.anonymous.get("/api/v1.0/session", { headers: { cookie } })).status, 401, cookie);
  }
});

test("signing out ends the session at once, and removes the cookie", async () => {
  const signedIn = await browser();
  const answer = (await signedIn.delete("/session")).expect(204);
  assert.match(answer.headers.get("set-cookie"), /Max-Age=0/i);
  assert.equal((await signedIn.get("/session")).status, 401);
});

test("signing out with an API key is an error, not a surprise", async () => {
  assert.equal((await context.api.delete("/session")).status, 400);
  (await context.api.get("/session")).expect(200);
});
