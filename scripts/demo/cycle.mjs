/**
 * Cycles of the demo's job: waiting for one with its progress, and printing its activity report.
 */
import { duration, Problem, say } from "../lib/log.mjs";
import { setTimeout as sleep } from "node:timers/promises";

/** No progress for this long, and the cycle counts as stuck. */
const stallLimit = 120_000;

export const number = (value) => value.toLocaleString("en-US");

const describe = (progress) => progress.map(({ completedUnits, totalUnits, units }) => `${number(completedUnits)} of ${number(totalUnits)} ${units}`).join(", ");

/**
 * Waits until a cycle that is not in `known` has ended, and gives it. `line` receives the progress.
 *
 * @param {{api: import("../lib/client.mjs").Client, path: string}} job `path` is that of the job
 * @param {Set<string>} known ids of cycles that are over
 */
export async function untilCycleEnds({ api, path }, known, line = () => {}) {
  for (let last = "", changed = Date.now(); ; await sleep(200)) {
    const { status } = (await api.get(path)).expect(200).json;
    const [newest] = (await api.get(`${path}/cycles?$top=1`)).expect(200).json.value;
    if (newest && !known.has(newest.id) && newest.state !== "running") {
      known.add(newest.id);
      return newest;
    }
    const now = describe(status.progress) || status.code;
    line(now);
    const counts = JSON.stringify(status.currentCycle?.counts);
    if (now + counts !== last) [last, changed] = [now + counts, Date.now()];
    if (status.quarantine) throw new Problem(`The job went into quarantine: ${status.quarantine.error?.message ?? status.quarantine.reason}`);
    if (Date.now() - changed > stallLimit) throw new Problem(`The cycle made no progress for ${stallLimit / 1000} s. The job's status: ${JSON.stringify(status)}`);
  }
}

/** Fails unless the cycle went through without any error. */
export function requireSuccess(cycle) {
  if (cycle.state === "succeeded" && cycle.counts.failed === 0) return;
  throw new Problem(`The ${cycle.kind} cycle ended as ${cycle.state} with ${cycle.counts.failed} failures. ${cycle.error?.message ?? "The provisioning log has the reasons."}`);
}

export const lasted = (cycle) => Date.parse(cycle.endedDateTime) - Date.parse(cycle.startedDateTime);

const cut = (text, width) => (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width);

function table(rows, widths) {
  for (const row of rows) say(`    ${row.map((cell, index) => cut(String(cell ?? ""), widths[index])).join("  ").trimEnd()}`);
}

/** Prints a report: its counts, its errors, and its first lines. */
export function printReport(report, lines = 8) {
  const { cycle } = report;
  say(`\n  Activity report: ${report.servicePrincipalDisplayName}, ${cycle.kind} cycle, ${cycle.state}, ${duration(report.durationInMilliseconds)}`);
  const counts = Object.entries(cycle.counts).filter(([, count]) => count > 0);
  table([counts.map(([name]) => name), counts.map(([, count]) => number(count))], counts.map(([name, count]) => Math.max(name.length, number(count).length)));
  for (const { code, count } of report.errors) say(`    ${number(count)} × ${code}`);
  say();
  const entries = report.entries.slice(0, lines).map((entry) => [entry.dateTime.slice(11, 23), entry.action, entry.status, entry.sourceDisplayName, entry.changes || entry.reason]);
  table([["time", "action", "status", "person", "changes"], ...entries], [12, 8, 8, 24, 70]);
  if (report.entries.length > lines) say(`    … and ${number(report.entries.length - lines)} more${report.truncated ? ", and those that the report leaves out" : ""}`);
}
