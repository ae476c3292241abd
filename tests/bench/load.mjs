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

/**
 * Sends what `make(index)` describes: `{path, method?, body?, expect}`, for about `seconds`, at least `least` times.
 *
 * @param {{base: string, headers?: object, connections: number, seconds: number, least?: number, warmUp?: number}} options
 * @returns {Promise<{perSecond: number, p50: number, p99: number, count: number, rowsRead: number, rowsWritten: number}>}
 *   milliseconds; rows a request, as the server's headers tell
 */
export async function load({ base, headers = {}, connections, seconds, least = 20, warmUp = 3 }, make) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times = [];
  const rows = { read: 0, written: 0 };
  let next = 0;
  const one = async (counted) => {
    const { path, method, body, expect = 200 } = make(next++);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const described = text === undefined ? headers : { "content-type": "application/scim+json", "content-length": Buffer.byteLength(text), ...headers };
    const start = performance.now();
    const answer = await exchange(agent, base + path, { method, headers: described, body: text });
    if (answer.status !== expect) throw new Error(`${method ?? "GET"} ${path} answered ${answer.status} instead of ${expect}: ${answer.text.slice(0, 300)}`);
    if (!counted) return;
    times.push(performance.now() - start);
    rows.read += Number(answer.headers["rollcall-rows-read"] ?? 0);
    rows.written += Number(answer.headers["rollcall-rows-written"] ?? 0);
  };
  try {
    for (let count = 0; count < warmUp; count++) await one(false);
    const begin = performance.now();
    const until = begin + seconds * 1_000;
    let begun = 0;
    const worker = async () => {
      while (performance.now() < until || begun < least) {
        begun++;
        await one(true);
      }
    };
    await Promise.all(Array.from({ length: connections }, worker));
    const passed = (performance.now() - begin) / 1_000;
    const sorted = times.sort((one, other) => one - other);
    return {
      perSecond: times.length / passed,
      p50: quantile(sorted, 0.5),
      p99: quantile(sorted, 0.99),
      count: times.length,
      rowsRead: rows.read / times.length,
      rowsWritten: rows.written / times.length,
    };
  } finally {
    agent.destroy();
  }
}
