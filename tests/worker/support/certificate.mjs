/**
 * A TLS certificate for `localhost` that nobody vouches for, made when it is asked for: a key has no place in a
 * repository. Node makes keys and signatures but no certificates, so the few bytes around them are put together
 * here (RFC 5280, in DER).
 */
import { generateKeyPairSync, sign } from "node:crypto";

const der = (tag, ...parts) => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts) => der(0x30, ...parts);

const ecdsaWithSha256 = sequence(der(0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));
const commonName = [0x55, 0x04, 0x03];
const localhost = sequence(der(0x31, sequence(der(0x06, commonName), der(0x0c, Buffer.from("localhost")))));
const validity = sequence(der(0x17, Buffer.from("250101000000Z")), der(0x18, Buffer.from("21000101000000Z")));

/** `{key, cert}` in PEM, as `https.createServer` takes them. */
export function selfSigned() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const subjectKey = publicKey.export({ type: "spki", format: "der" });
  const content = sequence(der(0x02, [1]), ecdsaWithSha256, localhost, validity, localhost, subjectKey);
  const signature = sign("sha256", content, privateKey);
  const certificate = sequence(content, ecdsaWithSha256, der(0x03, [0], signature)).toString("base64");
  const cert = `-----BEGIN CERTIFICATE-----\n${certificate.match(/.{1,64}/g).join("\n")}\n-----END CERTIFICATE-----\n`;
  return { key: privateKey.export({ type: "pkcs8", format: "pem" }), cert };
}
