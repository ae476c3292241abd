/**
 * Talks to a running Rollcall over HTTP: the management API, and the SCIM endpoints of its directories.
 * The demo and the tests use it.
 */
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "./log.mjs";

/**
 * One exchange. Not with `fetch`: that gives up after five minutes without an answer, and an import of many
 * people takes longer.
 */
function exchange(url, { method, headers, body, timeout }) {
  return new Promise((resolve, reject) => {
    const send = url.startsWith("https:") ? requestHttps : requestHttp;
    const outgoing = send(url, { method, headers, signal: AbortSignal.timeout(timeout) }, (incoming) => {
      const chunks = [];
      incoming.on("data", (chunk) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => resolve({ status: incoming.statusCode, headers: new Headers(incoming.headers), text: Buffer.concat(chunks).toString() }));
    });
    outgoing.on("error", ({ name, message, code }) => {
      const why = name === "AbortError" ? `no answer within ${timeout / 1000} s` : message || code;
      reject(new Problem(`${method} ${url} failed: ${why}`));
    });
    outgoing.end(body);
  });
}

/** An answer, read to its end. */
export class Answer {
  constructor(method, url, { status, headers, text }) {
    this.method = method;
    this.url = url;
    this.status = status;
    this.headers = headers;
    this.text = text;
  }

  /** The body as JSON; undefined when it is none. */
  get json() {
    try {
      return JSON.parse(this.text);
    } catch {
      return undefined;
    }
  }

  /** What the body says of an error, of the management API or of SCIM. */
  get reason() {
    const { error, detail } = this.json ?? {};
    return error ? `${error.code}: ${error.message}` : (detail ?? this.text.slice(0, 300));
  }

  /** This answer, if it has the status; else an error that tells the request and the reason. */
  expect(status) {
    if (this.status === status) return this;
    throw new Problem(`${this.method} ${this.url} answered ${this.status} instead of ${status}: ${this.reason}`);
  }
}

/** Sends requests below one address with one credential. */
export class Client {
  /**
   * @param {string} base
   * @param {{token?: string, headers?: object, mediaType?: string}} [options] `mediaType` is that of JSON bodies
   */
  constructor(base, { token, headers = {}, mediaType = "application/json" } = {}) {
    this.base = base;
    this.mediaType = mediaType;
    this.headers = token ? { authorization: `Bearer ${token}`, ...headers } : headers;
  }

  /** `path` may be a whole address, such as a next link. Redirects are not followed. */
  async send(method, path, { body, headers = {}, timeout = 60_000 } = {}) {
    const url = /^https?:/.test(path) ? path : this.base + path;
    const isJson = body !== undefined && typeof body !== "string" && !(body instanceof Uint8Array);
    const content = isJson ? JSON.stringify(body) : body;
    const described = {
      ...(isJson && { "content-type": this.mediaType }),
      ...(content !== undefined && { "content-length": Buffer.byteLength(content) }),
    };
    const answer = await exchange(url, { method, headers: { ...this.headers, ...described, ...headers }, body: content, timeout });
    return new Answer(method, url, answer);
  }

  get(path, options) {
    return this.send("GET", path, options);
  }

  post(path, body, options) {
    return this.send("POST", path, { body, ...options });
  }

  put(path, body, options) {
    return this.send("PUT", path, { body, ...options });
  }

  patch(path, body, options) {
    return this.send("PATCH", path, { body, ...options });
  }

  delete(path, options) {
    return this.send("DELETE", path, options);
  }

  /** Every entry of a list of the management API, over all its pages. */
  async all(path) {
    const found = [];
    for (let next = path; next; ) {
      const { json } = (await this.get(next)).expect(200);
      found.push(...json.value);
      next = json["@odata.nextLink"];
    }
    return found;
  }
}

/** The management API of a server. */
export const management = ({ url, adminKey }, options = {}) => new Client(`${url}/api/v1.0`, { token: adminKey, ...options });

/** A SCIM endpoint. */
export const scim = (url, token, options = {}) => new Client(url, { token, mediaType: "application/scim+json", ...options });

/** A query string; `$` stays readable. */
export const query = (parameters) => `?${Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;

/** Calls `look` until it gives something, at most `limit` milliseconds; the error then ends with what `describe` says. */
export async function until(what, look, { limit = 60_000, pause = 100, describe = () => "" } = {}) {
  for (const end = Date.now() + limit; ; await sleep(pause)) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Problem(`${what}: not within ${limit / 1000} s. ${await describe()}`.trimEnd());
  }
}
