//! `POST /scim/{directoryId}/oauth/token`: access tokens for OAuth 2.0 clients (RFC 6749 section 4.4).
//!
//! The client's id and secret come in the form or as HTTP Basic (section 2.3.1). Errors are those of section
//! 5.2. An access token is a bearer token of the directory that lives for one hour.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use worker::{Env, Headers, Method, Request, Response};

use crate::error::ApiError;
use crate::exchange::read_body;
use crate::objects::directory::{self, DirectoryCommand};
use crate::platform::clock;
use crate::platform::secret::digest;
use crate::scim_gate;

/// How long an access token works: one hour.
pub const ACCESS_TOKEN_SECONDS: i64 = 60 * 60;

/// Largest form.
const MAXIMUM_FORM: usize = 16 * 1024;

/// An error of RFC 6749 section 5.2.
struct Refusal {
    status: u16,
    error: &'static str,
    description: String,
}

impl Refusal {
    fn new(status: u16, error: &'static str, description: impl Into<String>) -> Self {
        Self { status, error, description: description.into() }
    }
}

/// Answers a request for an access token.
pub async fn token(request: Request, env: &Env, directory_id: &str) -> Result<Response, ApiError> {
    let (status, body) = match answer(request, env, directory_id).await? {
        Ok(body) => (200, body),
        Err(refusal) => {
            (refusal.status, json!({ "error": refusal.error, "error_description": refusal.description }))
        }
    };
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    headers.set("cache-control", "no-store")?;
    if status == 401 {
        headers.set("www-authenticate", "Basic realm=\"Rollcall SCIM\"")?;
    }
    Ok(Response::from_bytes(body.to_string().into_bytes())?.with_status(status).with_headers(headers))
}

async fn answer(
    mut request: Request,
    env: &Env,
    directory_id: &str,
) -> Result<Result<serde_json::Value, Refusal>, ApiError> {
    if request.method() != Method::Post {
        return Ok(Err(Refusal::new(405, "invalid_request", "Access tokens are asked for with POST.")));
    }
    let basic = request.headers().get("authorization")?.and_then(|header| basic(&header));
    let body = read_body(&mut request, MAXIMUM_FORM).await?;
    let form = form(&String::from_utf8_lossy(&body));
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    match field("grant_type") {
        Some("client_credentials") => {}
        Some(other) => {
            let description = format!("grant_type is `{other}`; only client_credentials is supported.");
            return Ok(Err(Refusal::new(400, "unsupported_grant_type", description)));
        }
        None => {
            let description =
                "Send the form fields grant_type=client_credentials, client_id and client_secret.";
            return Ok(Err(Refusal::new(400, "invalid_request", description)));
        }
    }
    let credentials =
        basic.or_else(|| Some((field("client_id")?.to_owned(), field("client_secret")?.to_owned())));
    let Some((client_id, client_secret)) = credentials else {
        return Ok(Err(Refusal::new(401, "invalid_client", "client_id or client_secret is missing.")));
    };
    let token = scim_gate::new_token(directory_id)?;
    let command = DirectoryCommand::IssueToken {
        client_id,
        client_digest: digest(&client_secret),
        token_digest: digest(&token),
        expires_at: clock::now_ms() + ACCESS_TOKEN_SECONDS * 1000,
    };
    let issued = match directory::call::<bool>(env, directory_id, &command).await {
        Ok(issued) => issued,
        // Whether a directory exists is nobody's business without a credential.
        Err(error) if error.status == 404 => false,
        Err(error) => return Err(error),
    };
    if !issued {
        let description = "The client is unknown, was removed, or its secret is wrong.";
        return Ok(Err(Refusal::new(401, "invalid_client", description)));
    }
    Ok(Ok(json!({ "access_token": token, "token_type": "Bearer", "expires_in": ACCESS_TOKEN_SECONDS })))
}

/// `client_id` and `client_secret` of HTTP Basic. Both are form-encoded inside (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, value) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((decode(id), decode(secret)))
}

fn form(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    crate::router::decode(&text.replace('+', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_come_by_basic_or_in_the_form() {
        assert_eq!(basic("Basic YWJjOmQlM0FlZg=="), Some(("abc".into(), "d:ef".into())));
        assert_eq!(basic("basic YWJjOmQ="), Some(("abc".into(), "d".into())));
        assert_eq!(basic("Bearer abc"), None);
        assert_eq!(basic("Basic !"), None);
        assert_eq!(
            form("grant_type=client_credentials&client_id=a+b&x"),
            [
                ("grant_type".to_owned(), "client_credentials".to_owned()),
                ("client_id".to_owned(), "a b".to_owned()),
                ("x".to_owned(), String::new()),
            ]
        );
    }
}
