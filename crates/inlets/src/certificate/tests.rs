//! Certificates and keys are put together here from their parts: a key has no place in a repository, and nothing is
//! signed in this crate.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

/// A certificate that OpenSSL made: RSA with 2,048 bits, valid for 3,650 days from 2026-11-24 17:11:10 UTC.
const REAL: &str = "\
-----BEGIN CERTIFICATE-----
MIIDETCCAfmgAwIBAgIUQmQJgHVh4sedK/RYT2tCx7qpcn4wDQYJKoZIhvcNAQEL
BQAwGDEWMBQGA1UEAwwNUm9sbGNhbGwgdGVzdDAeFw0yNjExMjQxNzExMTBaFw0z
NjExMjExNzExMTBaMBgxFjAUBgNVBAMMDVJvbGxjYWxsIHRlc3QwggEiMA0GCSqG
SIb3DQEBAQUAA4IBDwAwggEKAoIBAQCeSwwrI33qFCm195slft0dc0aMUeeUHBHN
q1ikMzGeerhxRJkWsCd8PUPGmqif8UW8FI4Ao/khGGJkp9xrfQLoSjozVaSb8uVj
cfR1ApmCql3JsKOZySI/hR+j/OsqQDd9EZj/SQ7KCFt4eFTAzEgEZGXmljnGP4aa
oIHRmnk/uJ7RtHVZ7J0GRZOaC2UF7A7MPNVCoDpmuIRg2xUXf80O52Yyoqakocpc
DLYZocaJvsESltpH70KAwPUklyVJIb54e/u0OftLstoxN60kpwJ2igB4bH8DV5Xb
RIYDctohcjqGld62PPYvkwwQ5y3NRjKS3slVB3CNjFu2+on1Hx0bAgMBAAGjUzBR
MB0GA1UdDgQWBBTSzfliqkc9s3ofOmaI7TZCevZN4jAfBgNVHSMEGDAWgBTSzfli
qkc9s3ofOmaI7TZCevZN4jAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUA
A4IBAQAlSDhweupWZrCGb6JZb/CDIHA3KBIBgepcmwirusGMydZdW4HiUeA3ex4Y
6jQqhXQQ4/lGEDjH9fmzpAF18kjMQYcYjGyBBQxnVEGj1Ih96pX6TiqG16gSf2M3
T/lmknI0Wa6TvghVSXv7PD1BL+EPw4DMYPgKHwhiZSyIaii8iCKV9T1nOkMfBI9Z
DE7nTODmmrDdL436x66GMqM7pvoBh0pzmaKA01v2hEZ3hB5qp35ia5u3OXC93IMP
0+kHtx+9PlluJwBf1P2UFVX5Cqz6FrQWSN+jqQlwiwwRH3SgoIpWLTK0smvmvK/T
gxSBCcbrHGfUs8/mC+s9yGNFhtEE
-----END CERTIFICATE-----";

fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut bytes = vec![tag];
    match content.len() {
        length if length < 128 => bytes.push(length as u8),
        length => bytes.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    bytes.extend(content);
    bytes
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    der(tag::SEQUENCE, parts)
}

/// A modulus of so many bits.
fn modulus(bits: usize, seed: u8) -> Vec<u8> {
    let mut bytes = vec![seed; bits / 8];
    bytes[0] = 0x80 | seed;
    bytes
}

fn rsa_key(modulus: &[u8], private: bool) -> Vec<u8> {
    let modulus = der(tag::INTEGER, &[&[0], modulus]);
    let exponent = der(tag::INTEGER, &[&[1, 0, 1]]);
    if private { sequence(&[&[2, 1, 0], &modulus, &exponent]) } else { sequence(&[&modulus, &exponent]) }
}

fn algorithm(id: &[u8]) -> Vec<u8> {
    sequence(&[&der(tag::OBJECT_IDENTIFIER, &[id]), &[5, 0]])
}

fn certificate_of(id: &[u8], modulus: &[u8]) -> Vec<u8> {
    let name = sequence(&[]);
    let validity = sequence(&[
        &der(tag::UTC_TIME, &[b"250101000000Z"]),
        &der(tag::GENERALIZED_TIME, &[b"21000101000000Z"]),
    ]);
    let key = der(tag::BIT_STRING, &[&[0], &rsa_key(modulus, false)]);
    let subject_key = sequence(&[&algorithm(id), &key]);
    let version = der(tag::VERSION, &[&[2, 1, 2]]);
    let content = sequence(&[&version, &[2, 1, 1], &algorithm(id), &name, &validity, &name, &subject_key]);
    sequence(&[&content, &algorithm(id), &der(tag::BIT_STRING, &[&[0, 1]])])
}

fn key_of(id: &[u8], modulus: &[u8]) -> Vec<u8> {
    let key = der(tag::OCTET_STRING, &[&rsa_key(modulus, true)]);
    sequence(&[&[2, 1, 0], &algorithm(id), &key])
}

fn pem(label: &str, bytes: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(bytes))
}

const CERTIFICATE: &str = "CERTIFICATE";
const KEY: &str = "PRIVATE KEY";

#[test]
fn a_certificate_and_its_key_are_read() {
    let modulus = modulus(MIN_KEY_BITS, 7);
    let bytes = certificate_of(&RSA_ENCRYPTION, &modulus);
    let both = pem(KEY, &key_of(&RSA_ENCRYPTION, &modulus)) + &pem(CERTIFICATE, &bytes);
    let (certificate, key) = pair(&both, &both).expect("a pair");
    assert_eq!(certificate.der, bytes);
    assert_eq!((certificate.not_before, certificate.not_after), (1_735_689_600_000, 4_102_444_800_000));
    assert_eq!(key.expose(), key_of(&RSA_ENCRYPTION, &modulus));
    assert_eq!(format!("{key:?}"), "PrivateKey(***)");
}

#[test]
fn a_certificate_of_openssl_is_read() {
    let certificate = read_certificate(REAL).expect("a certificate");
    assert_eq!(certificate.not_before, 1_795_540_270_000);
    assert_eq!(certificate.not_after - certificate.not_before, 3_650 * 24 * 60 * 60 * 1_000);
    assert_eq!(certificate.modulus.len() * 8, MIN_KEY_BITS);
}

#[test]
fn what_is_wrong_is_told() {
    use CertificateError as E;
    let modulus_ = modulus(MIN_KEY_BITS, 7);
    let good = pem(CERTIFICATE, &certificate_of(&RSA_ENCRYPTION, &modulus_));
    let good_key = pem(KEY, &key_of(&RSA_ENCRYPTION, &modulus_));
    let check = |certificate: &str, key: &str, expected: E| {
        let error = pair(certificate, key).expect_err("an error");
        assert_eq!(error, expected);
        assert!(!error.to_string().is_empty());
    };
    let cut = |bytes: Vec<u8>| bytes.split_last().map(|(_, rest)| rest.to_vec()).expect("bytes");
    check("MIID", &good_key, E::NoCertificate);
    check(&good_key, &good_key, E::NoCertificate);
    check(&pem(CERTIFICATE, b""), &good_key, E::BrokenCertificate);
    check(
        &pem(CERTIFICATE, &cut(certificate_of(&RSA_ENCRYPTION, &modulus_))),
        &good_key,
        E::BrokenCertificate,
    );
    check(&pem(CERTIFICATE, &key_of(&RSA_ENCRYPTION, &modulus_)), &good_key, E::BrokenCertificate);
    check(&pem(CERTIFICATE, &certificate_of(&[0x2a, 3], &modulus_)), &good_key, E::NotRsa);
    check(&good, "secret", E::NoKey);
    check(&good, &good, E::NoKey);
    check(&good, &pem("OPENSSH PRIVATE KEY", &[1]), E::NoKey);
    check(&good, &pem(KEY, &cut(key_of(&RSA_ENCRYPTION, &modulus_))), E::BrokenKey);
    check(&good, &pem(KEY, &certificate_of(&RSA_ENCRYPTION, &modulus_)), E::BrokenKey);
    check(&good, &pem(KEY, &key_of(&[0x2a, 3], &modulus_)), E::NotRsa);
    check(&good, &pem("EC PRIVATE KEY", &[1]), E::NotRsa);
    check(&good, &pem("RSA PRIVATE KEY", &rsa_key(&modulus_, true)), E::Pkcs1Key);
    check(&good, &pem("ENCRYPTED PRIVATE KEY", &[1]), E::EncryptedKey);
    let old = pem("RSA PRIVATE KEY", &[1]).replace("KEY-----\nAQ", "KEY-----\nProc-Type: 4,ENCRYPTED\n\nAQ");
    check(&good, &old, E::EncryptedKey);
    check(&good, &pem(KEY, &key_of(&RSA_ENCRYPTION, &modulus(MIN_KEY_BITS, 9))), E::OtherKey);
    let short = modulus(MIN_KEY_BITS - 8, 7);
    check(
        &pem(CERTIFICATE, &certificate_of(&RSA_ENCRYPTION, &short)),
        &pem(KEY, &key_of(&RSA_ENCRYPTION, &short)),
        E::ShortKey,
    );
    check(&good, &"x".repeat(MAX_PEM + 1), E::TooLong);
    // No byte of a certificate or key that is changed makes it panic.
    for (label, bytes) in
        [(CERTIFICATE, certificate_of(&RSA_ENCRYPTION, &modulus_)), (KEY, key_of(&RSA_ENCRYPTION, &modulus_))]
    {
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 0xff;
            let text = pem(label, &changed);
            let _ = (read_certificate(&text), read_key(&text));
            let _ = (read_certificate(&pem(label, &bytes[..place])), read_key(&pem(label, &bytes[..place])));
        }
    }
}
