/**
 * Packages of the operating system. Only Debian and its descendants are served; elsewhere, or without
 * root, the error names what to install.
 */
import { Problem, step } from "./log.mjs";
import { run, which } from "./run.mjs";

/** Installs Debian packages; `purpose` completes the sentence "needed for …". */
export async function installDebianPackages(packages, purpose) {
  const command = `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  if (!which("apt-get")) throw new Problem(`${packages.join(", ")}: needed for ${purpose}. This is not a Debian system; install the equivalent of\n    ${command}`);
  if (process.getuid?.() !== 0) throw new Problem(`${packages.join(", ")}: needed for ${purpose}. Install them as root:\n    sudo apt-get update && sudo ${command}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await step(`install Debian's ${packages.join(", ")}`, async (line) => {
    // Old package lists are often good enough, so a failed update alone is no reason to stop.
    await run("apt-get", ["update"], { env, line, timeout: 180_000 }).catch(() => {});
    try {
      await run("apt-get", ["install", "-y", "--no-install-recommends", ...packages], { env, line });
    } catch (error) {
      throw new Problem(`${packages.join(", ")}: needed for ${purpose}, could not be installed.\n${error.message}\n\nWhat was tried: apt-get update && ${command}`);
    }
  });
}
