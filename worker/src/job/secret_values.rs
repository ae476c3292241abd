//! Values of the job's credentials and switches: which keys there are, and what they take.

use api::job::{NotificationSettings, secret_keys};

use super::target_url::TargetUrl;
use super::webhook;
use crate::error::ApiError;
use crate::platform::clock;
use crate::platform::secret::Secret;

/// Longest value.
const MAXIMUM_VALUE: usize = 16 * 1024;

/// What the token endpoint's address is called.
pub(super) const TOKEN_ENDPOINT: &str = "token endpoint (Oauth2TokenExchangeUri)";
/// `AuthenticationType` of a Secret Token.
const BEARER_TOKEN: &str = "BearerToken";
/// `AuthenticationType` of an OAuth client.
pub(super) const CLIENT_CREDENTIALS: &str = "OAuth2ClientCredentials";

/// Keys that are taken, and whether their value is secret.
pub(super) const KEYS: [(&str, bool); 12] = [
    (secret_keys::BASE_ADDRESS, false),
    (secret_keys::SECRET_TOKEN, true),
    (secret_keys::SECRET_TOKEN_EXPIRES, false),
    (secret_keys::AUTHENTICATION_TYPE, false),
    (secret_keys::TOKEN_ENDPOINT, false),
    (secret_keys::CLIENT_ID, false),
    (secret_keys::CLIENT_SECRET, true),
    (secret_keys::SCOPE, false),
    (secret_keys::WEBHOOK_SECRET, true),
    (secret_keys::NOTIFICATION, false),
    (secret_keys::SYNC_ALL, false),
    (secret_keys::SKIP_OUT_OF_SCOPE_DELETIONS, false),
];

/// Whether the value of a key is secret. Errors for a key that is none, and for a value that is too long.
pub(super) fn is_secret(key: &str, value: &str) -> Result<bool, ApiError> {
    let known = KEYS.iter().find(|(name, _)| *name == key);
    let Some((_, secret)) = known else {
        let names: Vec<&str> = KEYS.iter().map(|(name, _)| *name).collect();
        return Err(ApiError::bad_request(format!(
            "`{key}` is not a key of secrets; use {}.",
            names.join(", ")
        )));
    };
    if value.len() > MAXIMUM_VALUE {
        return Err(ApiError::bad_request(format!(
            "The value of {key} is longer than {MAXIMUM_VALUE} bytes."
        )));
    }
    Ok(*secret)
}

/// A date, or a date and time, in Unix milliseconds.
pub(super) fn parse_date(text: &str) -> Option<i64> {
    clock::parse_rfc3339(text).or_else(|| clock::parse_rfc3339(&format!("{text}T00:00:00Z")))
}

/// Checks a value of a key.
pub(super) fn validate(key: &str, value: &Secret) -> Result<(), ApiError> {
    match key {
        secret_keys::BASE_ADDRESS if !value.expose().is_empty() => {
            TargetUrl::parse(value.expose()).map(|_| ())
        }
        secret_keys::TOKEN_ENDPOINT if !value.expose().is_empty() => {
            TargetUrl::read(value.expose(), TOKEN_ENDPOINT).map(|_| ())
        }
        secret_keys::WEBHOOK_SECRET if !value.expose().is_empty() => webhook::check_secret(value.expose()),
        secret_keys::SECRET_TOKEN_EXPIRES if !value.expose().is_empty() => {
            parse_date(value.expose()).map(|_| ()).ok_or_else(|| {
                ApiError::bad_request(format!(
                    "{key} is not a date such as 2027-01-31 or 2027-01-31T12:00:00Z."
                ))
            })
        }
        secret_keys::AUTHENTICATION_TYPE => {
            let known = [BEARER_TOKEN, CLIENT_CREDENTIALS, ""];
            if known.iter().any(|known| value.expose().eq_ignore_ascii_case(known)) {
                return Ok(());
            }
            Err(ApiError::bad_request(format!("{key} is `{BEARER_TOKEN}` or `{CLIENT_CREDENTIALS}`.")))
        }
        secret_keys::SYNC_ALL | secret_keys::SKIP_OUT_OF_SCOPE_DELETIONS => {
            let known = ["true", "false", ""].iter().any(|known| value.expose().eq_ignore_ascii_case(known));
            if known { Ok(()) } else { Err(ApiError::bad_request(format!("{key} is `True` or `False`."))) }
        }
        secret_keys::NOTIFICATION if !value.expose().is_empty() => {
            let settings: NotificationSettings = crate::json::read(value.expose()).map_err(|error| {
                ApiError::bad_request(format!(
                    "SyncNotificationSettings is not JSON such as {{\"Enabled\":true,\"Recipients\":\"a@example.com\"}}: {error}."
                ))
            })?;
            if settings.enabled && !settings.recipients.contains('@') {
                return Err(ApiError::bad_request(
                    "SyncNotificationSettings is enabled without a recipient; give an e-mail address.",
                ));
            }
            if settings.webhook_url.is_empty() {
                return Ok(());
            }
            webhook::check_address(&settings.webhook_url).map(|_| ())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use api::job::SecretEntry;

    use super::super::secrets::Secrets;
    use super::*;

    #[test]
    fn bad_values_are_refused() {
        let check = |key: &str, value: &str| {
            assert!(
                Secrets::default()
                    .replaced(vec![SecretEntry { key: key.to_owned(), value: value.to_owned() }])
                    .is_err(),
                "{key}={value}"
            );
        };
        check("Password", "x");
        check("BaseAddress", "example.com");
        check("BaseAddress", "http://example.com/scim");
        check("SyncAll", "perhaps");
        check("SyncNotificationSettings", "{");
        check("SyncNotificationSettings", r#"{"Enabled":true,"Recipients":"nobody"}"#);
        check("AuthenticationType", "Basic");
        check("SecretTokenExpires", "soon");
        check("WebhookSecret", "hunter2");
        check("SyncNotificationSettings", r#"{"WebhookUrl":"http://example.com/hook"}"#);
        check("Oauth2TokenExchangeUri", "http://example.com/token");
        check("SecretToken", &"x".repeat(MAXIMUM_VALUE + 1));
    }
}
