/**
 * The browser of the browser tests: `CHROMIUM` if set, else what PATH has, else Debian's package.
 */
import { installDebianPackages } from "./debian.mjs";
import { Problem } from "./log.mjs";
import { which } from "./run.mjs";

/** The program, or undefined if there is none yet. */
export function chromiumPath() {
  const wanted = process.env.CHROMIUM;
  if (!wanted) return which("chromium") ?? which("chromium-browser") ?? which("google-chrome");
  const found = wanted.includes("/") ? wanted : which(wanted);
  if (!found) throw new Problem(`CHROMIUM=${wanted} is not on PATH; give the full path of a Chromium`);
  return found;
}

/** Installs Chromium if there is none. */
export async function ensureChromium() {
  if (!chromiumPath()) await installDebianPackages(["chromium"], "the browser tests (or set CHROMIUM to a browser)");
}
