//! Access tokens by the client credentials flow (RFC 6749 section 4.4, Microsoft identity platform v2.0). There
//! is no refresh token: when one runs out, another is asked for.

use std::fmt;

use scim::uri::encode;
use serde::Deserialize;

/// A token is not used in its last minute: it must not run out on its way.
const MARGIN_MS: i64 = 60_000;
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

/// A request for a token, all but the secret.
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
        format!(
            "client_id={}&scope={}&client_secret={}&grant_type=client_credentials",
            encode(&self.client_id),
            encode(&self.scope),
            encode(client_secret)
        )
    }
}
