//! Access tokens by the client credentials grant (RFC 6749, section 4.4): the form that asks for one, and what the
//! token endpoint answers. There is no refresh token; when one runs out, another is asked for.

use scim::uri::encode;
use serde_json::Value as Json;

use crate::cycle::{TransportError, TransportErrorKind};

/// A token is renewed this long before it runs out, so that it does not do so on its way …
const MARGIN_MS: i64 = 60_000;
/// … but one that lives shorter is used for nine tenths of its life.
const MARGIN_SHARE: i64 = 10;
/// How long a token counts whose answer does not say, in seconds.
const DEFAULT_LIFETIME: i64 = 300;
/// Longest piece of what the token endpoint says that is told, in characters.
const MAX_DESCRIPTION: usize = 300;

/// An access token. It has no `Debug`, so that it is nowhere printed.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// The token, for the header.
    pub value: String,
    /// From when on it is not used any more, in Unix milliseconds.
    pub renew_at: i64,
}

/// The body of a request for a token, as `application/x-www-form-urlencoded`. `client` is id and secret when they
/// go in the form (`client_secret_post`) and not in the header (`client_secret_basic`).
pub fn form(scope: &str, client: Option<(&str, &str)>) -> String {
    let mut form = "grant_type=client_credentials".to_owned();
    let mut add = |name: &str, value: &str| {
        form.push('&');
        form.push_str(name);
        form.push('=');
        form.push_str(&encode(value));
    };
    if !scope.is_empty() {
        add("scope", scope);
    }
    if let Some((id, secret)) = client {
        add("client_id", id);
        add("client_secret", secret);
    }
    form
}

/// `id:secret` of HTTP Basic, both form-encoded as section 2.3.1 wants it; still to be put into base64.
pub fn basic(id: &str, secret: &str) -> String {
    format!("{}:{}", encode(id), encode(secret))
}

/// Reads a good answer of section 5.1.
///
/// # Errors
/// What is wrong with it.
pub fn read(body: &str, now: i64) -> Result<AccessToken, &'static str> {
    let answer: Json = serde_json::from_str(body).map_err(|_| "the answer is not JSON")?;
    let text = |name: &str| answer.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
    let value = text("access_token").ok_or("the answer holds no access_token")?.to_owned();
    if text("token_type").is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err("the token is no bearer token");
    }
    // Some services write the number as a text.
    let seconds = match answer.get("expires_in") {
        Some(Json::String(text)) => text.trim().parse().ok(),
        other => other.and_then(Json::as_i64),
    };
    let lifetime = seconds.unwrap_or(DEFAULT_LIFETIME).clamp(0, i64::from(u32::MAX)) * 1_000;
    let margin = MARGIN_MS.min(lifetime / MARGIN_SHARE);
    Ok(AccessToken { value, renew_at: now.saturating_add(lifetime - margin) })
}

/// Whether the endpoint may take the client's secret in the form when it refused it in the header. The answer
/// should be 401 `invalid_client`; services that look only into the form miss the client there and say 400.
pub fn wants_form(status: u16, body: &str) -> bool {
    matches!(status, 400 | 401)
        && !matches!(
            error_of(body).0.as_str(),
            "invalid_scope" | "unauthorized_client" | "unsupported_grant_type" | "invalid_grant"
        )
}

/// What an answer without a token means. `url` is the endpoint; `secret` is taken out of what it says.
pub fn refusal(url: &str, status: u16, body: &str, secret: &str) -> TransportError {
    let passes = matches!(status, 408 | 429 | 500..=599);
    let (error, description) = error_of(body);
    let mut said = if description.is_empty() { error } else { format!("{error}: {description}") };
    if !secret.is_empty() {
        said = said.replace(secret, super::REDACTED);
    }
    if !said.is_empty() {
        said = format!(" `{}`", said.chars().take(MAX_DESCRIPTION).collect::<String>());
    }
    if passes {
        return unavailable(url, &format!("it answered {status}{said}"));
    }
    TransportError {
        kind: TransportErrorKind::Credentials,
        message: format!("The token endpoint {url} gave no access token: it answered {status}{said}."),
    }
}

/// The endpoint answered, but with no token that can be used.
pub fn unusable(url: &str, reason: &str) -> TransportError {
    TransportError {
        kind: TransportErrorKind::Credentials,
        message: format!("The token endpoint {url} gave no access token: {reason}."),
    }
}

/// The endpoint could not be asked, or was not able to answer; that may pass.
pub fn unavailable(url: &str, reason: &str) -> TransportError {
    TransportError {
        kind: TransportErrorKind::TokenEndpoint,
        message: format!("The token endpoint {url} cannot be used at the moment: {reason}."),
    }
}

/// `error` and `error_description` of section 5.2.
fn error_of(body: &str) -> (String, String) {
    let answer: Json = serde_json::from_str(body).unwrap_or_default();
    let text = |name: &str| answer.get(name).and_then(Json::as_str).unwrap_or_default().trim().to_owned();
    (text("error"), text("error_description"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://x.example/token";

    #[test]
    fn the_form_and_the_header_are_those_of_the_rfc() {
        assert_eq!(form("", None), "grant_type=client_credentials");
        assert_eq!(
            form("scim read", Some(("a b", "s&c=t"))),
            "grant_type=client_credentials&scope=scim%20read&client_id=a%20b&client_secret=s%26c%3Dt"
        );
        assert_eq!(basic("a:b", "c d"), "a%3Ab:c%20d");
    }

    #[test]
    fn tokens_are_renewed_before_they_run_out() {
        let check = |body: &str, expected: Result<(&str, i64), &str>| {
            let found = read(body, 1_000);
            let found =
                found.as_ref().map(|token| (token.value.as_str(), token.renew_at)).map_err(|text| *text);
            assert_eq!(found, expected, "{body}");
        };
        check(r#"{"access_token":"t","token_type":"Bearer","expires_in":3600}"#, Ok(("t", 3_541_000)));
        check(r#"{"access_token":"t","token_type":"bearer","expires_in":"3600"}"#, Ok(("t", 3_541_000)));
        check(r#"{"access_token":"t","expires_in":10}"#, Ok(("t", 10_000)));
        check(r#"{"access_token":"t"}"#, Ok(("t", 271_000)));
        check(r#"{"access_token":"t","expires_in":-5}"#, Ok(("t", 1_000)));
        check(r#"{"access_token":""}"#, Err("the answer holds no access_token"));
        check(r#"{"access_token":"t","token_type":"mac"}"#, Err("the token is no bearer token"));
        check("<html>", Err("the answer is not JSON"));
    }

    #[test]
    fn the_form_is_tried_when_the_header_is_not_understood() {
        let check = |status: u16, body: &str, expected: bool| {
            assert_eq!(wants_form(status, body), expected, "{status} {body}");
        };
        check(401, r#"{"error":"invalid_client"}"#, true);
        check(400, r#"{"error":"invalid_request"}"#, true);
        check(401, "", true);
        check(400, r#"{"error":"invalid_scope"}"#, false);
        check(403, r#"{"error":"invalid_client"}"#, false);
        check(500, "", false);
    }

    #[test]
    fn refusals_name_endpoint_and_error_and_no_secret() {
        let check = |status: u16, body: &str, kind: TransportErrorKind, part: &str| {
            let error = refusal(URL, status, body, "hunter2");
            assert_eq!(error.kind, kind, "{status} {body}");
            assert!(error.message.contains(URL) && error.message.contains(part), "{}", error.message);
            assert!(!error.message.contains("hunter2"), "{}", error.message);
        };
        let (refused, passes) = (TransportErrorKind::Credentials, TransportErrorKind::TokenEndpoint);
        check(
            401,
            r#"{"error":"invalid_client","error_description":"hunter2 is wrong"}"#,
            refused,
            "401 `invalid_client: [Redact] is wrong`",
        );
        check(404, "<html>", refused, "404.");
        check(302, "", refused, "302");
        check(503, "", passes, "503");
        check(429, r#"{"error":"slow_down"}"#, passes, "slow_down");
    }
}
