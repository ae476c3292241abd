/**
 * `npm run setup`: installs everything that a build and a run need; `--browser` adds Chromium.
 * `npm start` and `npm test` do the same by themselves; this is for preparing a machine.
 */
import { die, say } from "./lib/log.mjs";
import { tools } from "./lib/paths.mjs";
import { setUp } from "./lib/setup.mjs";

try {
  await setUp({ browser: process.argv.includes("--browser") });
  say(`Set up. Tools: ${tools}`);
} catch (error) {
  die(error);
}
