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

/**
 * Below what systems hand out to outgoing connections (Linux from 32768, macOS and Windows from 49152): a server that
 * is started again on its port finds it free, whoever asked whom in the meantime.
 */
const ports = { first: 20_000, count: 12_000, attempts: 50 };

/** A port that nobody uses. */
export async function freePort() {
  for (let attempt = 1; attempt < ports.attempts; attempt++) {
    try {
      return await probe(ports.first + Math.floor(Math.random() * ports.count));
    } catch {
      // Taken: another one.
    }
  }
  return probe(0);
}

/** Fails if the port cannot be listened on. */
export async function requirePort(port) {
  try {
    await probe(port);
  } catch (error) {
    const why = error.code === "EADDRINUSE" ? "is in use by another program" : `cannot be used (${error.code})`;
    throw new Problem(`Port ${port} ${why}. Choose another:\n    PORT=${port < 65_000 ? port + 1 : 8788} npm start`);
  }
}
