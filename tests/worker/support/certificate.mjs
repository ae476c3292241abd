/**
 * Certificates that nobody vouches for, made when they are asked for: a key has no place in a repository. Node makes keys and signatures but no certificates, so the few bytes around them are put together
 * here (RFC 5280, in DER).
 */
import { generateKeyPairSync, sign, X509Certificate } from "node:crypto";

const der = (tag, ...parts) => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts) => der(0x30, ...parts);

const ecdsaWithSha256 = sequence(der(0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));
const commonName = [0x55, 0x04, 0x03];
const localhost = sequence(der(0x31, sequence(der(0x06, commonName), der(0x0c, Buffer.from("localhost")))));
const rsaWithSha256 = sequence(der(0x06, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]), [5, 0]);
const longAgo = new Date("2025-01-01T00:00:00Z");
const farAway = new Date("2100-01-01T00:00:00Z");
/** `UTCTime`, and from 2050 on `GeneralizedTime`. */
function time(date) {
  const text = date.toISOString().replaceAll(/[-T:]|\.\d+/g, "");
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}

/** A certificate in PEM, signed with its own key. */
function certify({ privateKey, publicKey }, algorithm, { notBefore = longAgo, notAfter = farAway } = {}) {
  const subjectKey = publicKey.export({ type: "spki", format: "der" });
  const content = sequence(der(0x02, [1]), algorithm, localhost, sequence(time(notBefore), time(notAfter)), localhost, subjectKey);
  const signature = sign("sha256", content, privateKey);
  const certificate = sequence(content, algorithm, der(0x03, [0], signature)).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${certificate.match(/.{1,64}/g).join("\n")}\n-----END CERTIFICATE-----\n`;
}

/** `{key, cert}` in PEM for TLS on `localhost`, as `https.createServer` takes them. */
export function selfSigned() {
  const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return { key: pair.privateKey.export({ type: "pkcs8", format: "pem" }), cert: certify(pair, ecdsaWithSha256) };
}

/** A certificate with which an application signs in: `certificate` and `privateKey` in PEM, and both as Node has them. */
export function clientCertificate({ bits = 2048, ...validity } = {}) {
  const pair = generateKeyPairSync("rsa", { modulusLength: bits });
  const certificate = certify(pair, rsaWithSha256, validity);
  return { certificate, privateKey: pair.privateKey.export({ type: "pkcs8", format: "pem" }), x509: new X509Certificate(certificate), key: pair.privateKey };
}
