//! Access tokens by the client credentials flow (RFC 6749 section 4.4, Microsoft identity platform v2.0). There
//! is no refresh token: when one runs out, another is asked for.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scim::uri::encode;
use serde::Deserialize;
use serde_json::json;

/// A token is not used in its last minute: it must not run out on its way.
const MARGIN_MS: i64 = 60_000;
/// How long an assertion counts: Microsoft asks for 5 to 10 minutes at most.
pub(super) const ASSERTION_SECONDS: i64 = 600;
/// What an assertion is (RFC 7523 section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long a token counts whose answer does not say, in seconds.
const DEFAULT_LIFETIME: i64 = 300;

/// A token with its end. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken {
    value: String,
    expires_at: i64,
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccessToken(***, expires_at: {})", self.expires_at)
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    #[serde(default)]
    expires_in: Option<i64>,
}

impl AccessToken {
    /// Reads the body of a good answer.
    pub fn read(body: &str, now: i64) -> Option<Self> {
        let answer: TokenAnswer = serde_json::from_str(body).ok()?;
        let lifetime = answer.expires_in.unwrap_or(DEFAULT_LIFETIME).max(0);
        let token = Self { value: answer.access_token, expires_at: now + lifetime.saturating_mul(1_000) };
        (!token.value.is_empty()).then_some(token)
    }

    /// The token, for the header.
    pub fn expose(&self) -> &str {
        &self.value
    }

    /// Whether it can still be used.
    pub fn is_fresh(&self, now: i64) -> bool {
        now + MARGIN_MS < self.expires_at
    }
}

/// A request for a token, all but the proof: a secret, or an assertion that is signed with a certificate's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRequest {
    /// Where it is posted.
    pub url: String,
    client_id: String,
    scope: String,
}

impl TokenRequest {
    pub(super) fn new(settings: &super::Settings) -> Self {
        let tenant = encode(&settings.tenant_id);
        Self {
            url: format!("{}/{tenant}/oauth2/v2.0/token", settings.endpoints.login),
            client_id: settings.client_id.clone(),
            scope: format!("{}/.default", settings.endpoints.graph),
        }
    }

    /// The body, as `application/x-www-form-urlencoded`.
    pub fn form(&self, client_secret: &str) -> String {
        format!("{}&client_secret={}", self.claim(), encode(client_secret))
    }

    /// What is signed of an assertion (RFC 7523 section 3; Microsoft identity platform, certificate credentials):
    /// with RSASSA-PSS and SHA-256, salt as long as the hash. `thumbprint`: the certificate's SHA-256; `id`: one
    /// that was never used before.
    pub fn assertion(&self, thumbprint: &[u8], id: &str, now_ms: i64) -> String {
        let now = now_ms.div_euclid(1_000);
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": URL_SAFE_NO_PAD.encode(thumbprint)});
        let claims = json!({
            "aud": self.url,
            "iss": self.client_id,
            "sub": self.client_id,
            "jti": id,
            "nbf": now,
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
        });
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}", part(header), part(claims))
    }

    /// The body with an assertion and its signature in the secret's place.
    pub fn signed_form(&self, assertion: &str, signature: &[u8]) -> String {
        format!(
            "{}&client_assertion_type={}&client_assertion={assertion}.{}",
            self.claim(),
            encode(ASSERTION_TYPE),
            URL_SAFE_NO_PAD.encode(signature)
        )
    }

    fn claim(&self) -> String {
        format!(
            "client_id={}&scope={}&grant_type=client_credentials",
            encode(&self.client_id),
            encode(&self.scope)
        )
    }
}
