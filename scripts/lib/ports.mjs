/**
 * Ports on this machine.
 */
import { createServer } from "node:net";
import { Problem } from "./log.mjs";

/** Listens for a moment; resolves with the port number, rejects if it is taken. */
function probe(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1" }, () => {
      const found = server.address().port;
      server.close(() => resolve(found));
    });
  });
}

/** A port that nobody uses. */
export const freePort = () => probe(0);

/** Fails if the port cannot be listened on. */
export async function requirePort(port) {
  try {
    await probe(port);
  } catch (error) {
    const why = error.code === "EADDRINUSE" ? "is in use by another program" : `cannot be used (${error.code})`;
    throw new Problem(`Port ${port} ${why}. Choose another:\n    PORT=${port < 65_000 ? port + 1 : 8788} npm start`);
  }
}
