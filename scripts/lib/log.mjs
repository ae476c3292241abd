/**
 * What the scripts print. One line when a step begins to take long, one line when it ends; the
 * output of the commands inside appears only when they fail, so that a first start stays readable.
 */
const tty = process.stdout.isTTY === true;
const colour = tty && !process.env.NO_COLOR;
const paint = (code) => (text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);

export const bold = paint("1");
export const dim = paint("2");
export const red = paint("31");
export const green = paint("32");

export const say = (text = "") => console.log(text);

/** Milliseconds for people: `850 ms`, `12.3 s`, `3 min 20 s`. */
export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Bytes for people. */
export const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;

/** Steps under way. Several may be, as when the portal and the Worker are built together. */
const active = new Set();
let timer;
let drawn = false;

function erase() {
  if (drawn) process.stdout.write("\r\x1b[2K");
  drawn = false;
}

function draw() {
  const texts = [...active].map(({ name, began, last }) => `${name}, ${duration(Date.now() - began)}${last ? `: ${last}` : ""}`);
  if (tty) {
    const width = Math.floor((process.stdout.columns || 100) / Math.max(texts.length, 1)) - 4;
    process.stdout.write(`\r\x1b[2K${dim(texts.map((text) => `  … ${text.slice(0, width)}`).join(""))}`);
    drawn = true;
  } else {
    for (const text of texts) say(`  … ${text.slice(0, 150)}`);
  }
}

/**
 * Runs `work` as a named step. While it lasts, the elapsed time and the last line of its output are
 * shown: in place on a terminal, every 15 seconds in a log. `work` receives a function that takes
 * output lines; if it returns `{remark}`, that is added to the step's
 * last line.
 */
export async function step(name, work) {
  const entry = { name, began: Date.now(), last: "" };
  active.add(entry);
  timer ??= setInterval(draw, tty ? 500 : 15_000);
  const finish = (mark, remark = "") => {
    active.delete(entry);
    erase();
    if (active.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    say(`  ${mark} ${name} ${dim([duration(Date.now() - entry.began), remark].filter(Boolean).join(", "))}`);
  };
  try {
    const result = await work((line) => {
      entry.last = line.trim() || entry.last;
    });
    finish(green("✓"), result?.remark);
    return result;
  } catch (error) {
    finish(red("✗"));
    throw error;
  }
}

/** Prints an error for a person and ends the process. Only programming errors show a stack. */
export function die(error) {
  const known = error && typeof error === "object" && error.forPeople === true;
  console.error(`\n${red("error:")} ${known ? error.message : (error?.stack ?? error)}`);
  process.exit(1);
}

/** An error whose message says what happened and what to do. */
export class Problem extends Error {
  forPeople = true;
}
