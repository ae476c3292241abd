/** Drift checks of a job. */
import { until } from "../../../scripts/lib/client.mjs";

/** Makes a drift check and waits until it has ended; gives it with its `path`. */
export async function checkDrift({ api }, job) {
  const begun = (await api.post(`${job.path}/driftChecks`)).expect(202);
  const path = new URL(begun.headers.get("location")).pathname.replace("/api/v1.0", "");
  return until("the end of the drift check", async () => {
    const found = (await api.get(path)).expect(200).json;
    return found.state !== "running" && { ...found, path };
  });
}
