/**
 * Looking at processes. A dead process that its parent has not collected yet still answers to signal
 * 0, and a container's init may never collect it; so the process table is asked, not the signal.
 */
import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "./run.mjs";

function* linuxTable() {
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // pid (command) state ppid pgrp …; the command may hold spaces and parentheses.
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const end = stat.lastIndexOf(")");
      const [state, , group] = stat.slice(end + 2).split(" ");
      yield { pid: Number(name), group: Number(group), state, command: stat.slice(stat.indexOf("(") + 1, end) };
    } catch {
      // Gone since the folder was read.
    }
  }
}

function* portableTable() {
  for (const line of (ask("ps", ["-axo", "pid=,pgid=,state=,comm="]) ?? "").split("\n")) {
    const [pid, group, state, ...command] = line.trim().split(/\s+/);
    if (pid) yield { pid: Number(pid), group: Number(group), state, command: command.join(" ").split("/").pop() };
  }
}

const table = () => (process.platform === "linux" ? linuxTable() : portableTable());
const isAlive = ({ state }) => !/^[ZX]/.test(state);

/** The living processes of a process group, as `{pid, command}`. */
export const processGroup = (group) => [...table()].filter((each) => each.group === group && isAlive(each));

/** Is there a living process with this id? */
export const alive = (pid) => [...table()].some((each) => each.pid === pid && isAlive(each));

/** Sends a signal to a process group; nothing happens if it is gone. */
export function signalGroup(group, signal) {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** Ends a process group: asks first if `patience` milliseconds are given, then kills, and waits until it is gone. */
export async function endGroup(group, patience = 0) {
  if (patience > 0) {
    signalGroup(group, "SIGTERM");
    for (const until = Date.now() + patience; Date.now() < until; await sleep(25)) {
      if (processGroup(group).length === 0) return;
    }
  }
  signalGroup(group, "SIGKILL");
  while (processGroup(group).length > 0) await sleep(10);
}
