//! A certificate and its private key, as they are pasted: PEM with RSA in it. Read as far as signing in with them
//! needs: the certificate's bytes for its thumbprint, how long it is valid, and whether the key is its own.
//!
//! Facts: RFC 7468 (PEM), RFC 5280 (certificates), RFC 5958 (PKCS#8), RFC 8017 (RSA keys), ITU-T X.690 (DER).

mod der;
mod pem;
mod time;

use std::fmt;

use self::der::{DerError, Reader, tag};
use self::pem::Block;

/// Fewest bits of an RSA key: Microsoft Entra takes 2,048 and more.
pub const MIN_KEY_BITS: usize = 2_048;
/// Longest PEM text that is looked at.
pub const MAX_PEM: usize = 32 * 1024;

/// `rsaEncryption`, 1.2.840.113549.1.1.1.
const RSA_ENCRYPTION: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// Why a certificate or key cannot be used: what to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateError {
    /// The certificate is no PEM text.
    NoCertificate,
    /// The certificate's bytes are none.
    BrokenCertificate,
    /// The key is no PEM text.
    NoKey,
    /// The key's bytes are none.
    BrokenKey,
    /// The key is protected by a password.
    EncryptedKey,
    /// The key is in the format PKCS#1.
    Pkcs1Key,
    /// Certificate or key is for another algorithm than RSA.
    NotRsa,
    /// The key is too short.
    ShortKey,
    /// The key is another one's.
    OtherKey,
    /// The text is too long.
    TooLong,
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCertificate => {
                "certificate is no PEM: give the text from the line BEGIN CERTIFICATE to the line END CERTIFICATE. From a .cer or .der file: `openssl x509 -inform der -in certificate.cer -out certificate.pem`."
            }
            Self::BrokenCertificate => "certificate is PEM, but there is no X.509 certificate in it: copy it again.",
            Self::NoKey => {
                "privateKey is no PEM: give the text from the line BEGIN PRIVATE KEY to the line END PRIVATE KEY. From a .pfx file: `openssl pkcs12 -in file.pfx -nocerts -nodes | openssl pkcs8 -topk8 -nocrypt -out key.pem`."
            }
            Self::BrokenKey => "privateKey is PEM, but there is no PKCS#8 key in it: copy it again.",
            Self::EncryptedKey => {
                "privateKey is protected by a password. Give it without: `openssl pkcs8 -topk8 -nocrypt -in key.pem -out plain.pem`. It is kept encrypted here."
            }
            Self::Pkcs1Key => {
                "privateKey is in the format PKCS#1 (BEGIN RSA PRIVATE KEY). Convert it to PKCS#8: `openssl pkcs8 -topk8 -nocrypt -in key.pem -out key8.pem`."
            }
            Self::NotRsa => "certificate and privateKey must be RSA: Microsoft Entra takes no other keys of applications.",
            Self::ShortKey => "The RSA key is too short: Microsoft Entra takes keys of 2,048 bits and more.",
            Self::OtherKey => "privateKey does not belong to certificate: give the key with which the certificate was made.",
            Self::TooLong => "certificate and privateKey have at most 32,768 characters each.",
        })
    }
}

impl std::error::Error for CertificateError {}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Its bytes, in DER: what thumbprints are made of.
    pub der: Vec<u8>,
    /// From when on it is valid, in Unix milliseconds.
    pub not_before: i64,
    /// Until when, in Unix milliseconds.
    pub not_after: i64,
    modulus: Vec<u8>,
}

/// A private key. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey {
    der: Vec<u8>,
    modulus: Vec<u8>,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(***)")
    }
}

impl PrivateKey {
    /// Its bytes, as PKCS#8.
    pub fn expose(&self) -> &[u8] {
        &self.der
    }
}

/// Reads a certificate and its key, each in PEM. What else the texts hold is passed over: a file may have both, and
/// the certificates of issuers after the first.
pub fn pair(certificate: &str, private_key: &str) -> Result<(Certificate, PrivateKey), CertificateError> {
    if certificate.len() > MAX_PEM || private_key.len() > MAX_PEM {
        return Err(CertificateError::TooLong);
    }
    let certificate = read_certificate(certificate)?;
    let key = read_key(private_key)?;
    if certificate.modulus != key.modulus {
        return Err(CertificateError::OtherKey);
    }
    if key.modulus.len() * 8 < MIN_KEY_BITS {
        return Err(CertificateError::ShortKey);
    }
    Ok((certificate, key))
}

fn read_certificate(text: &str) -> Result<Certificate, CertificateError> {
    let found = pem::blocks(text).find(|block| block.label == "CERTIFICATE");
    let block = found.ok_or(CertificateError::NoCertificate)?;
    let der = block.bytes().ok_or(CertificateError::BrokenCertificate)?;
    let parts = certificate_parts(&der).map_err(|_| CertificateError::BrokenCertificate)?;
    let (not_before, not_after, modulus) = parts.ok_or(CertificateError::NotRsa)?;
    Ok(Certificate { der, not_before, not_after, modulus })
}

/// Both ends of its validity, and the modulus; `None` when its key is not RSA.
fn certificate_parts(der: &[u8]) -> Result<Option<(i64, i64, Vec<u8>)>, DerError> {
    let mut outer = Reader::new(der);
    let mut certificate = outer.enter(tag::SEQUENCE)?;
    outer.end()?;
    let mut content = certificate.enter(tag::SEQUENCE)?;
    if content.peek() == Some(tag::VERSION) {
        content.take(tag::VERSION)?;
    }
    content.take(tag::INTEGER)?;
    content.take(tag::SEQUENCE)?;
    content.take(tag::SEQUENCE)?;
    let mut validity = content.enter(tag::SEQUENCE)?;
    let not_before = validity.time()?;
    let not_after = validity.time()?;
    validity.end()?;
    content.take(tag::SEQUENCE)?;
    let mut subject_key = content.enter(tag::SEQUENCE)?;
    let algorithm = subject_key.enter(tag::SEQUENCE)?.take(tag::OBJECT_IDENTIFIER)?;
    if algorithm != RSA_ENCRYPTION {
        return Ok(None);
    }
    let bits = subject_key.take(tag::BIT_STRING)?;
    let Some((0, key)) = bits.split_first().map(|(unused, key)| (*unused, key)) else { return Err(DerError) };
    let modulus = Reader::new(key).enter(tag::SEQUENCE)?.unsigned()?;
    Ok(Some((not_before, not_after, modulus.to_vec())))
}

fn read_key(text: &str) -> Result<PrivateKey, CertificateError> {
    let is_key = |block: &Block<'_>| block.label.ends_with("PRIVATE KEY");
    let block = pem::blocks(text).find(is_key).ok_or(CertificateError::NoKey)?;
    match block.label {
        "PRIVATE KEY" => {}
        "ENCRYPTED PRIVATE KEY" => return Err(CertificateError::EncryptedKey),
        _ if block.is_encrypted() => return Err(CertificateError::EncryptedKey),
        "RSA PRIVATE KEY" => return Err(CertificateError::Pkcs1Key),
        "EC PRIVATE KEY" | "DSA PRIVATE KEY" => return Err(CertificateError::NotRsa),
        _ => return Err(CertificateError::NoKey),
    }
    let der = block.bytes().ok_or(CertificateError::BrokenKey)?;
    let modulus = key_modulus(&der).map_err(|_| CertificateError::BrokenKey)?;
    Ok(PrivateKey { modulus: modulus.ok_or(CertificateError::NotRsa)?, der })
}

/// The modulus; `None` when the key is not RSA.
fn key_modulus(der: &[u8]) -> Result<Option<Vec<u8>>, DerError> {
    let mut outer = Reader::new(der);
    let mut info = outer.enter(tag::SEQUENCE)?;
    outer.end()?;
    info.take(tag::INTEGER)?;
    if info.enter(tag::SEQUENCE)?.take(tag::OBJECT_IDENTIFIER)? != RSA_ENCRYPTION {
        return Ok(None);
    }
    let mut key = Reader::new(info.take(tag::OCTET_STRING)?).enter(tag::SEQUENCE)?;
    key.take(tag::INTEGER)?;
    Ok(Some(key.unsigned()?.to_vec()))
}

#[cfg(test)]
mod tests;
