/**
 * Runs the built Worker with `wrangler dev` and keeps it running. Used by `npm start`, the demo and the
 * tests; several may run at once, each on its own port and data folder.
 *
 * What wrangler does not do by itself is done here:
 * - it does not fire cron triggers, so every minute this module does;
 * - if only a `workerd` child of it dies it stays up and every request may hang, so the whole tree is
 *   watched and started again as a whole;
 * - if its starter is killed it goes on, holding port and data, so it runs under a shell that ends the
 *   group as soon as the pipe from us closes.
 */
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { delimiter, join, resolve as resolvePath } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { npmPrograms } from "./env.mjs";
import { tryLock } from "./lock.mjs";
import { Problem } from "./log.mjs";
import { nodeFolder, nodeForWrangler } from "./node.mjs";
import { configurations, inProject, root } from "./paths.mjs";
import { freePort, requirePort } from "./ports.mjs";
import { endGroup, processGroup, signalGroup } from "./processes.mjs";
import { secrets, secretsFile } from "./secrets.mjs";

/** The program of the first arguments runs until it ends or our end of standard input closes; then its group is killed. */
const leash = `
exec 3<&0
"$@" 3<&- </dev/null &
program=$!
( cat <&3 >/dev/null 2>&1; kill -KILL 0 ) >/dev/null 2>&1 &
exec 3<&-
wait "$program"
`;

const startLimit = 60_000;
const healthLimit = 5_000;
/** More restarts than this within a minute, and the server gives up. */
const restartLimit = 3;

function wranglerArguments({ port, dataDir, variables, configs }) {
  return [
    inProject("node_modules", "wrangler", "bin", "wrangler.js"),
    "dev",
    // The first is reached from outside; all run in one process.
    ...configs.flatMap((config) => ["--config", inProject(config)]),
    ...["--ip", "127.0.0.1", "--port", String(port)],
    ...["--inspector-ip", "127.0.0.1", "--inspector-port", "0"], // any free one
    ...["--persist-to", join(dataDir, "state")],
    ...["--env-file", secretsFile(dataDir)],
    // The Worker's console.error is shown; a line for every request, which halves the speed, is not.
    ...["--log-level", "error"],
    ...["--show-interactive-dev-session", "false"],
    ...Object.entries(variables).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
  ];
}

function wranglerEnvironment(dataDir, values) {
  return {
    ...process.env,
    ...values, // wrangler takes declared secrets from its environment too, before the file
    PATH: [nodeFolder(), npmPrograms, process.env.PATH].join(delimiter),
    CI: "1", // asks no questions
    NO_COLOR: "1",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_WRITE_LOGS: "false",
    // Servers must not find each other: the same Worker name on another data folder is another Rollcall.
    WRANGLER_REGISTRY_PATH: join(dataDir, "registry"),
    // Traces of every request, kept on disk: a third to a half of the speed.
    X_LOCAL_OBSERVABILITY: "false",
    X_LOCAL_EXPLORER: "false",
  };
}

async function healthy(url) {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(healthLimit) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** Fires the cron trigger, as the platform does each minute. */
export async function fireCron(url) {
  const response = await fetch(`${url}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent("* * * * *")}`, { signal: AbortSignal.timeout(50_000) });
  await response.arrayBuffer();
  return response.status;
}

/** One run of wrangler, from start to end. */
class Tree {
  /** @param {{port: number, dataDir: string, variables: object, values: object, log: (text: string) => void}} options */
  constructor(options) {
    this.ended = false;
    this.tail = [];
    const args = ["-c", leash, "sh", nodeForWrangler(), ...wranglerArguments(options)];
    const env = wranglerEnvironment(options.dataDir, options.values);
    this.child = spawn("/bin/sh", args, { cwd: root, env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
    this.group = this.child.pid;
    this.child.stdin.on("error", () => {});
    this.child.on("error", (error) => {
      this.tail.push(error.message);
      this.ended = true;
    });
    this.child.on("exit", () => {
      this.ended = true;
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        this.tail = [...this.tail, ...text.split("\n").filter((line) => line.trim())].slice(-30);
        options.log(text);
      });
    }
  }

  async untilHealthy(url) {
    for (const until = Date.now() + startLimit; Date.now() < until; await sleep(40)) {
      if (this.ended) throw new Problem(`wrangler ended while starting:\n${this.tail.join("\n")}`);
      if (await healthy(url)) return this.remember();
    }
    throw new Problem(`${url}/healthz did not answer 200 within ${startLimit / 1000} s:\n${this.tail.join("\n")}`);
  }

  /** The runtime's processes. Two run: a proxy, and the one with the Worker in it. */
  runtime() {
    return processGroup(this.group).filter(({ command }) => command === "workerd").map(({ pid }) => pid).join();
  }

  /** True while wrangler and the same processes of the runtime as at the last call of `remember` are there. */
  unchanged() {
    return !this.ended && this.runtime() === this.known;
  }

  remember() {
    this.known = this.runtime();
  }

  async end(patience) {
    await endGroup(this.group, patience);
  }
}

class Server {
  #tree;
  #options;
  #release;
  #timers = [];
  #stopped = false;
  #busy = Promise.resolve();
  #ending;
  #restarts = [];
  #onExit = () => signalGroup(this.#tree.group, "SIGKILL");

  constructor(options, release) {
    this.#options = options;
    this.#release = release;
    this.url = `http://127.0.0.1:${options.port}`;
    this.adminKey = options.values.ADMIN_API_KEY;
    this.dataDir = options.dataDir;
    /** Resolves when the server has stopped; rejects if it could not be kept running. */
    this.done = new Promise((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
    });
    this.done.catch(() => {});
  }

  /** Process ids of the running tree, for tests that kill one of them. */
  processes() {
    return processGroup(this.#tree.group);
  }

  async start() {
    process.on("exit", this.#onExit);
    try {
      await this.#launch();
    } catch (error) {
      await this.#close(0);
      throw error;
    }
    this.#timers.push(setInterval(() => this.#watch(), 1_000));
    if (this.#options.cron) this.#everyMinute();
  }

  async #launch() {
    this.#tree = new Tree(this.#options);
    await this.#tree.untilHealthy(this.url);
  }

  /** Looks whether a process of the runtime is gone or replaced. */
  #watch() {
    if (this.#stopped || this.restarting || this.#tree.unchanged()) return;
    this.restarting = true;
    this.#busy = this.#restart().finally(() => {
      this.restarting = false;
    });
  }

  async #restart() {
    // Processes are also replaced when the Worker was built anew, and wrangler replaces a dead one, though
    // not always to good effect: with a new proxy every request hangs. So what counts is an answer.
    if (!this.#tree.ended) {
      await sleep(1_000);
      this.#tree.remember();
      for (let tries = 0; tries < 2 && !this.#stopped && !this.#tree.ended; tries++) if (await healthy(this.url)) return;
    }
    if (this.#stopped) return;
    const now = Date.now();
    this.#restarts = [...this.#restarts.filter((time) => now - time < 60_000), now];
    const tail = this.#tree.tail.join("\n");
    try {
      await this.#tree.end(0);
      if (this.#restarts.length > restartLimit) throw new Problem(`The server ended ${this.#restarts.length} times within a minute, last saying:\n${tail}`);
      this.#options.log("rollcall: a server process ended unexpectedly; starting again\n");
      if (!this.#stopped) await this.#launch();
    } catch (error) {
      if (this.#stopped) return;
      await this.#close(0);
      this.fail(error);
    }
  }

  #everyMinute() {
    // Just after the full minute, as the platform does.
    const wait = 60_000 - (Date.now() % 60_000) + 50;
    const timer = setTimeout(() => {
      this.#timers = this.#timers.filter((each) => each !== timer);
      if (this.#stopped) return;
      fireCron(this.url).catch((error) => this.#options.log(`rollcall: cron was not fired: ${error.message}\n`));
      this.#everyMinute();
    }, wait);
    this.#timers.push(timer);
  }

  async #close(patience) {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#tree.end(patience);
    process.removeListener("exit", this.#onExit);
    this.#release();
  }

  /** Ends the server in good order. Called twice, as by a terminal and npm at once, both wait for the same end. */
  stop() {
    return this.#end(() => {}, 5_000);
  }

  /** Ends every process of the server at once, as a power failure would. */
  kill9() {
    return this.#end(() => signalGroup(this.#tree.group, "SIGKILL"), 0);
  }

  #end(first, patience) {
    this.#ending ??= (async () => {
      if (this.#stopped) return; // Given up already, see #restart.
      this.#stopped = true;
      first();
      await this.#busy;
      await this.#close(patience);
      this.finish();
    })();
    return this.#ending;
  }
}

/**
 * Starts a server and waits until it answers.
 *
 * The project must be set up and built (`setUp()`, `build()`).
 *
 * @param {object} options
 * @param {number} [options.port] a free one if absent
 * @param {string} options.dataDir what is kept, and the secrets
 * @param {Record<string, string>} [options.env] ADMIN_API_KEY and MASTER_KEY, if they are to be given; every other entry becomes a variable of the Worker
 * @param {boolean} [options.quiet] do not print what the server says; it is in `<dataDir>/server.log` either way
 * @param {string[]} [options.configs] configurations of Workers; those of a deployment if absent
 * @param {boolean} [options.cron] fire the cron trigger each minute (default true)
 * @returns {Promise<Server>} `{url, adminKey, dataDir, done, processes(), stop(), kill9()}`
 */
export async function startServer({ port, dataDir, env = {}, quiet = false, cron = true, configs = configurations }) {
  const folder = resolvePath(root, dataDir);
  const { ADMIN_API_KEY, MASTER_KEY, ...variables } = env;
  if (port) await requirePort(port);
  const values = secrets(folder, { ADMIN_API_KEY, MASTER_KEY });
  const release = await tryLock(join(folder, "server.lock"));
  if (!release) throw new Problem(`Another server works on the data in ${folder}. Stop it, or choose another folder:\n    DATA_DIR=.data-2 npm start`);
  const file = createWriteStream(join(folder, "server.log"), { flags: "a", mode: 0o600 });
  file.on("error", () => {});
  const log = (text) => {
    file.write(text);
    if (!quiet) process.stderr.write(text);
  };
  const server = new Server({ port: port || (await freePort()), dataDir: folder, variables, values, log, cron, configs }, () => {
    file.end();
    release();
  });
  await server.start();
  return server;
}
