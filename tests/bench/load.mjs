/**
 * Sends requests over a number of connections and tells how fast they were answered.
 */
import { Agent, request as send } from "node:http";
import { performance } from "node:perf_hooks";

/** One exchange over an agent's connections. */
function exchange(agent, url, { method = "GET", headers, body }) {
  return new Promise((resolve, reject) => {
    const outgoing = send(url, { agent, method, headers }, (incoming) => {
      const chunks = [];
      incoming.on("data", (chunk) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => resolve({ status: incoming.statusCode, headers: incoming.headers, text: Buffer.concat(chunks).toString() }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** What was measured of one kind of request, in one go or in several. */
export class Measurement {
  constructor() {
    this.times = [];
    this.seconds = 0;
    this.rows = { read: 0, written: 0 };
  }

  get perSecond() {
    return this.times.length / this.seconds;
  }

  /** Milliseconds within which a share of the requests was answered. */
  within(share) {
    return quantile(this.times.toSorted((one, other) => one - other), share);
  }

  /** Rows a request that the database read or wrote, as the server's headers tell. */
  rowsOf(kind) {
    return this.rows[kind] / this.times.length;
  }
}

/**
 * Sends what `make()` describes: `{path, method?, body?, expect}`, for about `seconds`, at least `least` times, and
 * adds what it measures to `into`.
 *
 * @param {{base: string, headers?: object, connections: number, seconds: number, least?: number}} options
 * @param {() => object} make
 * @param {Measurement} [into]
 */
export async function load({ base, headers = {}, connections, seconds, least = 1 }, make, into = new Measurement()) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const one = async () => {
    const { path, method, body, expect = 200 } = make();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const described = text === undefined ? headers : { "content-type": "application/scim+json", "content-length": Buffer.byteLength(text), ...headers };
    const start = performance.now();
    const answer = await exchange(agent, base + path, { method, headers: described, body: text });
    if (answer.status !== expect) throw new Error(`${method ?? "GET"} ${path} answered ${answer.status} instead of ${expect}: ${answer.text.slice(0, 300)}`);
    into.times.push(performance.now() - start);
    into.rows.read += Number(answer.headers["rollcall-rows-read"] ?? 0);
    into.rows.written += Number(answer.headers["rollcall-rows-written"] ?? 0);
  };
  try {
    const begin = performance.now();
    const until = begin + seconds * 1_000;
    let begun = 0;
    const worker = async () => {
      while (performance.now() < until || begun < least) {
        begun++;
        await one();
      }
    };
    await Promise.all(Array.from({ length: connections }, worker));
    into.seconds += (performance.now() - begin) / 1_000;
    return into;
  } finally {
    agent.destroy();
  }
}
