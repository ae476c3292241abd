//! Secrets: sealed at rest under `MASTER_KEY`, compared in constant time, never printed.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use worker::Env;

use super::random;
use crate::error::ApiError;

/// Bytes of an AES-GCM nonce (NIST SP 800-38D section 8.2.2: random, 96 bits).
const NONCE_LENGTH: usize = 12;

/// Marks the format, so that another one can follow.
const PREFIX: &str = "v1.";

/// A value that must not be seen. `Debug` redacts it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    pub fn new(value: String) -> Self {
        Self(value)
    }

    /// The value, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(***)")
    }
}

/// Seals and opens secrets with AES-256-GCM. The context (whose secret it is) is authenticated with it, so a
/// sealed value that is copied to another object's row does not open there.
pub struct SecretBox {
    cipher: Aes256Gcm,
}

impl SecretBox {
    /// From the Worker's secret `MASTER_KEY`: 32 bytes in base64.
    pub fn from_env(env: &Env) -> Result<Self, ApiError> {
        let text = env
            .secret("MASTER_KEY")
            .map_err(|_| {
                ApiError::internal("MASTER_KEY is not set: give the Worker 32 random bytes in base64")
            })?
            .to_string();
        Self::from_base64(&text)
    }

    fn from_base64(text: &str) -> Result<Self, ApiError> {
        let bytes = STANDARD
            .decode(text.trim())
            .or_else(|_| STANDARD_NO_PAD.decode(text.trim()))
            .or_else(|_| URL_SAFE_NO_PAD.decode(text.trim()))
            .ok()
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
            .ok_or_else(|| ApiError::internal("MASTER_KEY is not 32 bytes in base64"))?;
        Ok(Self { cipher: Aes256Gcm::new(&Key::<Aes256Gcm>::from(bytes)) })
    }

    /// Seals a value for a context.
    pub fn seal(&self, context: &str, secret: &Secret) -> Result<String, ApiError> {
        let nonce = random::bytes::<NONCE_LENGTH>()?;
        let payload = Payload { msg: secret.expose().as_bytes(), aad: context.as_bytes() };
        let sealed = self
            .cipher
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| ApiError::internal("a secret could not be sealed"))?;
        Ok(format!("{PREFIX}{}.{}", URL_SAFE_NO_PAD.encode(nonce), URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// Opens what [`SecretBox::seal`] made for the same context and key.
    pub fn open(&self, context: &str, sealed: &str) -> Result<Secret, ApiError> {
        let damaged = || {
            ApiError::internal(
                "a stored secret does not open: MASTER_KEY was changed or the row was damaged; enter the secret again",
            )
        };
        let (nonce, sealed) =
            sealed.strip_prefix(PREFIX).and_then(|rest| rest.split_once('.')).ok_or_else(damaged)?;
        let nonce = URL_SAFE_NO_PAD
            .decode(nonce)
            .ok()
            .and_then(|bytes| <[u8; NONCE_LENGTH]>::try_from(bytes).ok())
            .ok_or_else(damaged)?;
        let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| damaged())?;
        let payload = Payload { msg: &sealed, aad: context.as_bytes() };
        let opened = self.cipher.decrypt(&Nonce::from(nonce), payload).map_err(|_| damaged())?;
        String::from_utf8(opened).map(Secret::new).map_err(|_| damaged())
    }
}

/// SHA-256 in lower-case hexadecimal: what is kept of tokens, links and sessions.
pub fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares two digests in constant time.
pub fn same_digest(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SecretBox {
        SecretBox::from_base64(&STANDARD.encode([byte; 32])).expect("a key")
    }

    #[test]
    fn a_secret_opens_only_with_its_key_and_context() {
        let sealed = key(1).seal("sp-1", &Secret::new("hunter2".into())).expect("seal");
        assert!(!sealed.contains("hunter2"));
        assert_eq!(key(1).open("sp-1", &sealed).expect("open").expose(), "hunter2");
        assert!(key(1).open("sp-2", &sealed).is_err());
        assert!(key(2).open("sp-1", &sealed).is_err());
        assert!(key(1).open("sp-1", "v1.x.y").is_err());
        assert!(key(1).open("sp-1", "").is_err());
    }

    #[test]
    fn two_seals_of_one_secret_differ() {
        let secret = Secret::new("hunter2".into());
        assert_ne!(key(1).seal("a", &secret).expect("seal"), key(1).seal("a", &secret).expect("seal"));
    }

    #[test]
    fn keys_of_another_length_are_refused() {
        for text in ["", "AAAA", "not base64 !", &STANDARD.encode([1; 31]), &STANDARD.encode([1; 33])] {
            assert!(SecretBox::from_base64(text).is_err(), "{text}");
        }
    }

    #[test]
    fn debug_redacts() {
        assert_eq!(format!("{:?}", Secret::new("hunter2".into())), "Secret(***)");
    }

    #[test]
    fn digests() {
        assert_eq!(digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(same_digest(&digest("abc"), &digest("abc")));
        assert!(!same_digest(&digest("abc"), &digest("abd")));
    }
}
