//! Which handler answers which path.

use worker::{Context, Env, Headers, Request, Response};

use crate::api;
use crate::auth;
use crate::changes::Change;
use crate::error::ApiError;
use crate::exchange::Exchange;
use crate::platform::{clock, random};
use crate::{permission, scim_gate, sign_in};

/// Answers a request, and tells the jobs that are concerned by what it changed.
pub async fn route(request: Request, env: Env, context: &Context) -> worker::Result<Response> {
    let path = request.path();
    let change = Change::of(&request.method(), &path);
    let response = respond(request, env.clone(), &path).await?;
    // What was only accepted has changed nothing yet.
    let status = response.status_code();
    if let Some(change) = change.filter(|_| (200..300).contains(&status) && status != 202) {
        change.follow(&env, context);
    }
    Ok(response)
}

/// Answers a request. Errors become answers here and nowhere else.
async fn respond(request: Request, env: Env, path: &str) -> worker::Result<Response> {
    let request_id = random::uuid().unwrap_or_else(|_| clock::now_ms().to_string());
    if let Some(rest) = path.strip_prefix("/scim/") {
        return scim_gate::serve_public(request, &env, &request_id, rest).await;
    }
    let response = match answer(request, env, path).await {
        Ok(response) => response,
        Err(error) => error.to_response(&request_id)?,
    };
    let headers = response.headers().clone();
    common_headers(&headers, &request_id)?;
    Ok(response.with_headers(headers))
}

/// Headers of every answer.
pub fn common_headers(headers: &Headers, request_id: &str) -> worker::Result<()> {
    headers.set("request-id", request_id)?;
    headers.set("x-content-type-options", "nosniff")?;
    if !headers.has("cache-control")? {
        headers.set("cache-control", "no-store")?;
    }
    Ok(())
}

async fn answer(request: Request, env: Env, path: &str) -> Result<Response, ApiError> {
    if path == "/healthz" {
        let body = serde_json::json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") });
        return crate::exchange::json_text(body.to_string());
    }
    let url = request.url()?;
    let origin = url.origin().ascii_serialization();
    if let Some(code) = path.strip_prefix("/signIn/") {
        return sign_in::enter(&env, &origin, code, &request.method()).await;
    }
    let method = request.method();
    let actor = auth::authenticate(&env, request.headers(), &method, &origin).await?;
    permission::check(&actor, &method, path)?;
    let Some(rest) = path.strip_prefix("/api/v1.0/") else {
        return Err(ApiError::new(
            404,
            "Request_ResourceNotFound",
            format!("{path} is not part of the management API, which is under /api/v1.0/."),
        ));
    };
    let segments = rest.split('/').filter(|segment| !segment.is_empty()).map(decode).collect();
    let query = url.query_pairs().map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
    let exchange = Exchange { env, origin, segments, query, method, actor, request };
    api::handle(exchange).await
}

/// Percent-decodes a path segment; what is not UTF-8 afterwards becomes U+FFFD and matches nothing.
pub fn decode(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut ahead = rest.clone();
            let digits = (ahead.next().and_then(hex), ahead.next().and_then(hex));
            if let (Some(high), Some(low)) = digits {
                bytes.push(high * 16 + low);
                rest = ahead;
                continue;
            }
        }
        bytes.push(byte);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn segments_are_decoded() {
        let check = |text: &str, expected: &str| assert_eq!(decode(text), expected, "{text}");
        check("abc", "abc");
        check("a%20b%C3%BC", "a bü");
        check("100%", "100%");
        check("%4", "%4");
        check("%zz", "%zz");
        check("%ff", "\u{fffd}");
    }
}
