//! How an inlet proves who it is: by a client secret, or by an assertion that is signed with a certificate's key.

use api::inlet::{InletOptions, KeyCredential};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use inlets::certificate;
use inlets::graph::TokenRequest;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::ApiError;
use crate::platform::secret::Secret;
use crate::platform::{clock, random, webcrypto};

/// Longest client secret.
const MAX_SECRET: usize = 4 * 1024;
/// A certificate that ends within this time is reported.
const EXPIRES_SOON_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// What a certificate that ends soon, or has ended, is reported as.
pub const EXPIRES: &str = "CertificateExpires";

/// The certificate with which an inlet signs in. Its key is kept where a client secret is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyRecord {
    /// Its bytes, in base64.
    pub certificate: String,
    /// From when on it is valid, in Unix milliseconds.
    pub not_before: i64,
    /// Until when, in Unix milliseconds.
    pub not_after: i64,
}

/// What is new: the certificate, unless it is a client secret, and what is to be sealed.
pub type Given = (Option<KeyRecord>, Secret);

/// Reads what a request gives; nothing when it gives neither.
pub fn given(secret: Option<String>, options: InletOptions, now: i64) -> Result<Option<Given>, ApiError> {
    let pair = match (options.certificate, options.private_key) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some((certificate, key)),
        _ => return Err(ApiError::bad_request("certificate and privateKey belong together: give both.")),
    };
    match (secret, pair) {
        (Some(_), Some(_)) => Err(ApiError::bad_request(
            "Give either clientSecret, or certificate with privateKey: the inlet signs in with one of them.",
        )),
        (Some(secret), None) => {
            let secret = secret.trim();
            if secret.is_empty() || secret.len() > MAX_SECRET {
                return Err(ApiError::bad_request(format!("clientSecret has 1 to {MAX_SECRET} characters.")));
            }
            Ok(Some((None, Secret::new(secret.to_owned()))))
        }
        (None, Some((certificate, key))) => {
            let (certificate, key) = certificate::pair(&certificate, &key)
                .map_err(|error| ApiError::bad_request(error.to_string()))?;
            if certificate.not_after <= now {
                let end = clock::rfc3339(certificate.not_after);
                return Err(ApiError::bad_request(format!("certificate expired at {end}: make a new one.")));
            }
            if certificate.not_before > now {
                let start = clock::rfc3339(certificate.not_before);
                return Err(ApiError::bad_request(format!("certificate is valid only from {start} on.")));
            }
            let record = KeyRecord {
                certificate: STANDARD.encode(&certificate.der),
                not_before: certificate.not_before,
                not_after: certificate.not_after,
            };
            Ok(Some((Some(record), Secret::new(STANDARD.encode(key.expose())))))
        }
        (None, None) => Ok(None),
    }
}

impl KeyRecord {
    fn der(&self) -> Vec<u8> {
        STANDARD.decode(&self.certificate).unwrap_or_default()
    }

    fn state(&self, now: i64) -> &'static str {
        match self.not_after - now {
            ..=0 => "expired",
            1..=EXPIRES_SOON_MS => "expiring",
            _ => "valid",
        }
    }

    /// What is to be said about its end, if it is near.
    pub fn warning(&self, now: i64) -> Option<String> {
        let verb = match self.state(now) {
            "expired" => "expired",
            "expiring" => "expires",
            _ => return None,
        };
        Some(format!(
            "The certificate of the application {verb} at {}. Upload a new one in the app registration, and enter it here with its key.",
            clock::rfc3339(self.not_after)
        ))
    }

    /// As the API shows it.
    pub async fn describe(&self, now: i64) -> Result<KeyCredential, ApiError> {
        let der = self.der();
        let sha1 = webcrypto::sha1(&der).await.map_err(ApiError::internal)?;
        Ok(KeyCredential {
            thumbprint: hexadecimal(&sha1),
            thumbprint_sha256: hexadecimal(&Sha256::digest(&der)),
            start_date_time: clock::rfc3339(self.not_before),
            end_date_time: clock::rfc3339(self.not_after),
            state: self.state(now).to_owned(),
        })
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// What an inlet logs in with.
pub enum Proof {
    /// A client secret.
    Secret(Secret),
    /// A certificate's thumbprint, and its key.
    Key {
        /// SHA-256 of the certificate.
        thumbprint: Vec<u8>,
        /// PKCS#8, in base64.
        key: Secret,
    },
}

impl Proof {
    /// Puts together what is kept apart.
    pub fn new(record: Option<&KeyRecord>, secret: Secret) -> Self {
        match record {
            None => Self::Secret(secret),
            Some(record) => Self::Key { thumbprint: Sha256::digest(record.der()).to_vec(), key: secret },
        }
    }

    /// Whether the platform takes the key: one that it does not is told where it is entered.
    pub async fn check(&self) -> Result<(), ApiError> {
        match self {
            Self::Secret(_) => Ok(()),
            Self::Key { key, .. } => sign(key, &[]).await.map(drop).map_err(|error| {
                ApiError::bad_request(format!("privateKey cannot be used: {error}. Export it again."))
            }),
        }
    }

    /// The body of a request for an access token.
    pub async fn form(&self, request: &TokenRequest) -> Result<String, String> {
        match self {
            Self::Secret(secret) => Ok(request.form(secret.expose())),
            Self::Key { thumbprint, key } => {
                let id = random::uuid().map_err(|error| error.message)?;
                let assertion = request.assertion(thumbprint, &id, clock::now_ms());
                let signature = sign(key, assertion.as_bytes()).await?;
                Ok(request.signed_form(&assertion, &signature))
            }
        }
    }
}

async fn sign(key: &Secret, message: &[u8]) -> Result<Vec<u8>, String> {
    let key = STANDARD.decode(key.expose()).map_err(|_| "the key is damaged".to_owned())?;
    webcrypto::sign_ps256(&key, message).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_or_a_certificate_with_its_key_is_given() {
        let text = |text: &str| Some(text.to_owned());
        let options =
            |certificate, private_key| InletOptions { certificate, private_key, ..InletOptions::default() };
        let check = |secret: Option<String>, options: InletOptions, part: &str| {
            let error = given(secret, options, 0).expect_err(part);
            assert_eq!(error.status, 400);
            assert!(error.message.contains(part), "{}", error.message);
        };
        assert_eq!(given(None, options(None, None), 0).expect("nothing"), None);
        let (record, secret) = given(text(" x "), options(None, None), 0).expect("a secret").expect("one");
        assert_eq!((record, secret.expose()), (None, "x"));
        check(text(" "), options(None, None), "clientSecret");
        check(None, options(text("x"), None), "belong together");
        check(None, options(None, text("x")), "belong together");
        check(text("x"), options(text("x"), text("x")), "either");
        check(None, options(text("x"), text("x")), "BEGIN CERTIFICATE");
    }

    #[test]
    fn an_end_that_is_near_is_told() {
        let record = KeyRecord { certificate: String::new(), not_before: 0, not_after: EXPIRES_SOON_MS + 10 };
        let check = |now: i64, state: &str, part: &str| {
            assert_eq!(record.state(now), state);
            let warning = record.warning(now);
            assert_eq!(warning.is_some(), state != "valid");
            assert!(warning.is_none_or(|warning| warning.contains(part)));
        };
        check(9, "valid", "");
        check(10, "expiring", "expires at");
        check(EXPIRES_SOON_MS + 9, "expiring", "expires at");
        check(EXPIRES_SOON_MS + 10, "expired", "expired at");
    }
}
