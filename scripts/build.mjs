/**
 * `npm run build`: set-up, then the portal and the Worker, if anything changed.
 */
import { build } from "./lib/build.mjs";
import { die } from "./lib/log.mjs";
import { setUp } from "./lib/setup.mjs";

try {
  await setUp();
  await build();
} catch (error) {
  die(error);
}
