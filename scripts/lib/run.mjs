/**
 * Starting other programs: with captured output, a time limit, and an error that carries the end of
 * what the program said.
 *
 * Every program gets a process group of its own, and the whole group is ended with it: cargo, npm and
 * worker-build start children that would otherwise go on compiling after an interrupt.
 */
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "./paths.mjs";
import { Problem } from "./log.mjs";

const running = new Set();

function endGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Already gone.
  }
}

process.on("exit", () => {
  for (const child of running) endGroup(child, "SIGTERM");
});
// Without a listener these signals end a process at once, and nothing above would run.
for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
  process.on(signal, () => {
    // Who takes time to clean up (the server) has a listener of its own, and exits itself.
    if (process.listenerCount(signal) === 1) process.exit(code);
  });
}

/** A program that failed. The message holds the last `count` lines of its output. */
export class CommandFailed extends Problem {
  constructor(command, reason, output = "", count = 0) {
    const tail = count > 0 ? output.trimEnd().split("\n").slice(-count) : [];
    super([`${command} ${reason}`, ...tail.map((line) => `    ${line}`)].join("\n"));
    this.output = output;
  }
}

/**
 * Runs a program to its end. Resolves with its output; rejects with `CommandFailed`.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{cwd?: string, env?: object, line?: (text: string) => void, timeout?: number, tail?: number}} options `line` takes
 *   each line of output; `tail` is how many of them an error shows
 */
export function run(program, args, { cwd = root, env = process.env, line, timeout, tail = 60 } = {}) {
  const name = `\`${[program.split("/").pop(), ...args].join(" ")}\``;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    running.add(child);
    const output = [];
    let late = false;
    const timer = timeout
      ? setTimeout(() => {
          late = true;
          endGroup(child, "SIGKILL");
        }, timeout)
      : undefined;
    for (const stream of [child.stdout, child.stderr]) {
      let rest = "";
      stream.setEncoding("utf8");
      stream.on("data", (chunk) => {
        output.push(chunk);
        const parts = (rest + chunk).split(/[\r\n]+/);
        rest = parts.pop();
        for (const part of parts) line?.(part);
      });
    }
    child.on("error", (error) => {
      running.delete(child);
      clearTimeout(timer);
      reject(new CommandFailed(name, `could not be started: ${error.message}`));
    });
    child.on("close", (code, signal) => {
      running.delete(child);
      clearTimeout(timer);
      if (code === 0) return resolve(output.join(""));
      const reason = late ? `took longer than ${timeout / 1000} s` : signal ? `was ended by ${signal}` : `failed with exit code ${code}`;
      reject(new CommandFailed(name, reason, output.join(""), tail));
    });
  });
}

/** Runs a short query and gives its trimmed standard output, or undefined if it failed. */
export function ask(program, args, env = process.env) {
  const { status, stdout } = spawnSync(program, args, { cwd: root, env, encoding: "utf8", timeout: 20_000 });
  return status === 0 ? stdout.trim() : undefined;
}

/** The full path of a program on PATH, or undefined. */
export function which(program, path = process.env.PATH ?? "") {
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder, program);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not here.
    }
  }
  return undefined;
}
