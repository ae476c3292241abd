/**
 * Memory of the server's runtime, as the operating system counts it: the whole process, of which the
 * Worker's isolate is a part.
 */
import { readFileSync } from "node:fs";
import { ask } from "../lib/run.mjs";

function ofProcess(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kilobytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)[1]);
    return { now: kilobytes("VmRSS") * 1024, peak: kilobytes("VmHWM") * 1024 };
  } catch {
    const now = Number(ask("ps", ["-o", "rss=", "-p", String(pid)]) ?? 0) * 1024;
    return { now, peak: now };
  }
}

/** Memory of the process with the Worker in it, in bytes: the larger one, for a proxy runs beside it. */
export function workerMemory(server) {
  const runtime = server.processes().filter(({ command }) => command === "workerd").map(({ pid }) => ofProcess(pid));
  return runtime.sort((one, other) => other.now - one.now)[0] ?? { now: 0, peak: 0 };
}
