/**
 * A server on a free port of this machine: what the doubles of applications, tenants, token endpoints and receivers
 * are made of. They answer in `take(request, response, text)`, where `text` is the body.
 */
import { createServer } from "node:http";

export class Listener {
  /** Where it listens, without a path; set by {@link listen}. */
  origin = "";

  async listen() {
    this.server = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      await this.take(request, response, Buffer.concat(chunks).toString());
    });
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.origin = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}
