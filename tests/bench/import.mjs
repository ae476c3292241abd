/**
 * What the import of a large CSV file costs: so many people in a file of up to 100 MB, previewed and imported into an
 * empty directory, then both again with nothing changed, while the progress is asked for every second: how often it was
 * answered, and how long an answer took at the most. `slices` are the object's alarms in which it was worked on, of
 * 3,000 rows, people or memberships each; `longest` is the longest of them, with the turns that others got in it.
 *
 * A Worker has 128 MB. Two figures tell about it: the largest WebAssembly memory of the runtime, which never shrinks,
 * and what the runtime's process has in memory at the most, all Workers, SQLite and compiled code together: more than
 * any one Worker has. Both are read from /proc, and are missing where there is none.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { management } from "../../scripts/lib/client.mjs";
import { say, step } from "../../scripts/lib/log.mjs";
import { startServer } from "../../scripts/lib/server.mjs";
import { table } from "./table.mjs";

/** Bytes of the largest file that is taken. */
const largestFile = 100 * 2 ** 20;
const header = "userPrincipalName,displayName,givenName,surname,mail,jobTitle,department,employeeId,city,streetAddress,manager,groups,accountEnabled\n";
const lineOf = (key, padding) =>
  `person${key}@contoso.com,Person Number ${key},Person,Number ${key},person${key}@contoso.com,Engineer,Department ${key % 200},${1_000_000 + key},Copenhagen,${"x".repeat(padding)},${key > 0 ? `person${Math.floor((key - 1) / 10)}@contoso.com` : ""},Everybody;Team ${key % 500},true\n`;

/** A file of people as long as a file may be, but no line longer than half a kilobyte. */
function fileOf(rows) {
  const bare = lineOf(rows, 0).length;
  const padding = Math.max(0, Math.min(512 - bare, Math.floor(largestFile / rows) - bare - 8));
  const parts = [Buffer.from(header)];
  for (let start = 0; start < rows; start += 1_000) {
    let text = "";
    for (let key = start; key < Math.min(start + 1_000, rows); key++) text += lineOf(key, padding);
    parts.push(Buffer.from(text));
  }
  return Buffer.concat(parts);
}

/** `fetch` gives up after five minutes. */
function post(url, key, body) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "text/csv", "content-length": body.length };
    const request = httpRequest(url, { method: "POST", headers }, async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      if (response.statusCode === 200) resolve(JSON.parse(text));
      else reject(new Error(`${response.statusCode}: ${text.slice(0, 500)}`));
    });
    request.on("error", reject);
    request.end(body);
  });
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Kilobytes of a process in memory at this moment. */
const residentOf = (pid) => Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);

/** Kilobytes of the largest WebAssembly memory of a process: it begins a reservation of four gigabytes and more. */
function wasmOf(pid) {
  const parts = read(`/proc/${pid}/maps`).split("\n").map((line) => /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line));
  const regions = parts.filter(Boolean).map(([, from, to, rights]) => ({ from: parseInt(from, 16), to: parseInt(to, 16), rights }));
  let largest = 0;
  for (const [place, { from, to, rights }] of regions.entries()) {
    const next = regions[place + 1];
    if (rights === "rw-p" && next?.rights === "---p" && next.from === to && next.to - from >= 4 * 2 ** 30) largest = Math.max(largest, to - from);
  }
  return largest / 1024;
}

const megabytes = (kilobytes) => (kilobytes > 0 ? `${Math.round(kilobytes / 1024)} MB` : "-");

async function measure(rows) {
  const file = fileOf(rows);
  const dataDir = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  const server = await startServer({ dataDir, quiet: true, cron: false, env: { CHANGE_DEBOUNCE_SECONDS: "0" } });
  try {
    const api = management(server);
    const { workforceDirectoryId } = (await api.get("/session")).expect(200).json;
    const path = `/directories/${workforceDirectoryId}/import`;
    const pids = () => server.processes().filter(({ command }) => command === "workerd").map(({ pid }) => pid);
    const peak = (measured) => Math.max(0, ...pids().map(measured));
    const found = [];
    const run = async (name, parameters, expected) => {
      let over = false;
      const seen = { answers: 0, slowest: 0, resident: 0, wasm: 0 };
      const watch = async () => {
        while (!over) {
          const began = performance.now();
          const answer = await api.get(path, { timeout: 900_000 }).catch(() => undefined);
          if (answer?.status === 200 && answer.json.running) seen.answers += 1;
          seen.slowest = Math.max(seen.slowest, performance.now() - began);
          seen.resident = Math.max(seen.resident, peak(residentOf));
          seen.wasm = Math.max(seen.wasm, peak(wasmOf));
          await new Promise((resolve) => setTimeout(resolve, 1_000));
        }
      };
      const watching = watch();
      const began = performance.now();
      const answer = await post(`${server.url}/api/v1.0${path}${parameters}`, server.adminKey, file).finally(() => {
        over = true;
      });
      const seconds = (performance.now() - began) / 1000;
      await watching;
      const { progress } = (await api.get(`/directories/${workforceDirectoryId}/imports`)).expect(200).json.value[0];
      const result = answer.result ?? answer;
      if (result[expected] !== rows) throw new Error(`${name}: ${JSON.stringify({ ...result, errors: result.errors.slice(0, 3) })}`);
      found.push([name, `${seconds.toFixed(1)} s`, String(Math.round(rows / seconds)), String(progress.slices), `${progress.longestSliceInMilliseconds} ms`, String(seen.answers), `${Math.round(seen.slowest)} ms`, megabytes(seen.wasm), megabytes(seen.resident)]);
      return { remark: `${progress.slices} slices, the longest ${progress.longestSliceInMilliseconds} ms; wasm ${megabytes(seen.wasm)}, process ${megabytes(seen.resident)}` };
    };
    const size = `${rows} people, ${Math.round(file.length / 1e6)} MB`;
    const runs = [
      ["preview, all new", "?preview=true", "created"],
      ["import, all new", "", "created"],
      ["preview, unchanged", "?preview=true", "unchanged"],
      ["import, unchanged", "", "unchanged"],
    ];
    for (const each of runs) await step(`${size}: ${each[0]}`, () => run(...each));
    say(table([size, "time", "rows/s", "slices", "longest", "progress", "slowest", "wasm", "process"], found));
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** @param {{sizes: number[]}} options */
export async function bench({ sizes }) {
  for (const rows of sizes) await measure(rows);
}
