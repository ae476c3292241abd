/**
 * A token endpoint made for tests, from RFC 6749 sections 2.3.1, 4.4 and 5. It listens on a real port, writes down
 * every request, and can be told how long its tokens live, where it wants the client's secret, and to fail.
 */
import { Listener } from "./listener.mjs";

export class Authority extends Listener {
  /** Every request: `{authorization, form}`. */
  requests = [];
  clientId = "client:1 of rollcall";
  clientSecret = "s3cr3t & more";
  /** `expires_in` of its tokens, in seconds. */
  lifetime = 3_600;
  /** Whether the secret may come in the header. */
  takesBasic = true;
  /** May give an answer, `{status, body}`, in the place of a token. */
  fault = () => undefined;
  /** Tokens that count: until when, in milliseconds. */
  #tokens = new Map();

  get url() {
    return `${this.origin}/token?tenant=1`;
  }

  /** What a target asks about the header of a request. */
  accepts = (header = "") => this.#tokens.get(header.replace(/^Bearer /, "")) > Date.now();

  revokeAll() {
    this.#tokens.clear();
  }

  async take(request, response, text) {
    const form = Object.fromEntries(new URLSearchParams(text));
    const { authorization } = request.headers;
    this.requests.push({ method: request.method, path: request.url, authorization, form });
    const { status, body } = this.fault(form) ?? this.#answer(authorization, form);
    response.writeHead(status, { "content-type": "application/json" }).end(typeof body === "string" ? body : JSON.stringify(body));
  }

  #answer(authorization, form) {
    if (form.grant_type !== "client_credentials") return { status: 400, body: { error: "unsupported_grant_type" } };
    const wanted = [this.clientId, this.clientSecret];
    const [id, secret] = authorization && this.takesBasic ? Buffer.from(authorization.replace(/^Basic /, ""), "base64").toString().split(":").map(decodeURIComponent) : [form.client_id, form.client_secret];
    // Careless services repeat what they were sent.
    if (id !== wanted[0] || secret !== wanted[1]) return { status: 401, body: { error: "invalid_client", error_description: `${secret} is not the secret of ${id}` } };
    const token = `access-${crypto.randomUUID()}`;
    this.#tokens.set(token, Date.now() + this.lifetime * 1_000);
    return { status: 200, body: { access_token: token, token_type: "Bearer", expires_in: this.lifetime } };
  }
}
