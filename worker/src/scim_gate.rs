//! The gate of the SCIM endpoint: `/scim/{directoryId}/v2/…`.
//!
//! The gate reads the credential, checks sizes and hands the request to the directory's object, which checks
//! the token against its own records in the same call that serves the request: a revoked token is refused at
//! once. A token names its directory, so one that belongs elsewhere is refused before any object is woken,
//! and a new one works at once; a copy in KV could do neither (it caches misses for a minute).

use scim::error::ScimError;
use scim::service::{NO_TOKEN, challenge};
use wasm_bindgen::JsCast;
use worker::worker_sys::web_sys;
use worker::{Env, Headers, Method, Request, RequestInit, Response};

use crate::auth::{self, Actor};
use crate::error::ApiError;
use crate::exchange::{check_length, content_length, read_body};
use crate::oauth;
use crate::platform::secret::digest;
use crate::platform::stub::{self, ObjectKind};
use crate::platform::{clock, random};
use crate::{permission, router};

/// Begins every token, so that it is recognized where it should not be (in a log, in a repository).
const TOKEN_PREFIX: &str = "rct_";

/// Largest body: that of a Bulk request (8 MiB, published in ServiceProviderConfig).
pub const MAXIMUM_BODY: usize = 8 * 1024 * 1024;

/// Tells the directory's object how the caller was let in: `token:<digest>`, or `management:` with `session` or
/// `apiKey` and the percent-encoded name, `management:session:ada%40contoso.com`.
pub const ACCESS_HEADER: &str = "x-rollcall-access";
/// Who may manage the organization, as [`ACCESS_HEADER`] says it.
pub const MANAGEMENT_ACCESS: &str = "management:";
/// Tells the directory's object under which origin the caller reaches it.
pub const ORIGIN_HEADER: &str = "x-rollcall-origin";

/// Tells the directory's object when the request arrived, in Unix milliseconds.
pub const RECEIVED_HEADER: &str = "x-rollcall-received";

/// What is said of a token that opens nothing, by the gate and by the directory's object alike: the answer does not
/// tell whether there is such a directory.
pub const INVALID_TOKEN: &str = "The token is unknown, expired or revoked, or does not open this directory. Create one in the directory's console and send it as `Authorization: Bearer …`.";

/// Tells the directory's object the id of the request, for its answer and its log.
pub const REQUEST_ID_HEADER: &str = "x-rollcall-request-id";

/// A new token for a directory. It is shown once; only its digest is kept.
pub fn new_token(directory_id: &str) -> Result<String, ApiError> {
    Ok(format!("{TOKEN_PREFIX}{}_{}", directory_id.replace('-', ""), random::secret()?))
}

/// Whether a token was made for a directory, by what it says itself.
fn belongs_to(token: &str, directory_id: &str) -> bool {
    token
        .strip_prefix(TOKEN_PREFIX)
        .and_then(|rest| rest.split_once('_'))
        .is_some_and(|(directory, secret)| directory == directory_id.replace('-', "") && !secret.is_empty())
}

/// Serves a request from outside. `rest` is the path after `/scim/`. Errors are SCIM errors.
pub async fn serve_public(
    request: Request,
    env: &Env,
    request_id: &str,
    rest: &str,
) -> worker::Result<Response> {
    let has_token = auth::bearer(request.headers()).is_ok_and(|token| token.is_some());
    let response = match serve(request, env, rest, request_id).await {
        // An object's answer is handed out as it is: it has the common headers already, and copying them here
        // would cost as much as the rest of the gate.
        Ok(Served::Object(response)) => return Ok(response),
        Ok(Served::Here(response)) => response,
        Err(error) => {
            error.log(request_id);
            scim_error(&error, has_token)?
        }
    };
    router::common_headers(response.headers(), request_id)?;
    Ok(response)
}

/// An answer, by where it was made.
enum Served {
    /// By the directory's object.
    Object(Response),
    /// By the gate.
    Here(Response),
}

/// Serves a request of a job of this same deployment, which takes the way of a request from outside, but that it
/// has a bearer token: what reads cookies is no part of the job's Worker.
pub async fn serve_within(request: Request, env: &Env, rest: &str) -> Result<Response, ApiError> {
    let received = clock::now_ms();
    let directory_id = directory_of(rest);
    if asks_for_token(rest, directory_id) {
        return oauth::token(request, env, directory_id).await;
    }
    let token = auth::bearer(request.headers())?.ok_or_else(ApiError::unauthorized)?;
    let access = access_by_token(env, &request, &token, directory_id).await?;
    let inner = readdressed(&request, &address_within(&request, rest))?;
    forward(inner, env, directory_id, &access, &origin_of(&request), "job", received).await
}

async fn serve(mut request: Request, env: &Env, rest: &str, request_id: &str) -> Result<Served, ApiError> {
    let received = clock::now_ms();
    let directory_id = directory_of(rest);
    if asks_for_token(rest, directory_id) {
        return oauth::token(request, env, directory_id).await.map(Served::Here);
    }
    let origin = origin_of(&request);
    let access = access(env, &request, &origin, directory_id).await?;
    let address = address_within(&request, rest);
    let inner = if has_measured_body(&request)? {
        readdressed(&request, &address)?
    } else {
        // A body that does not tell its length is read here, up to the limit.
        let body = read_body(&mut request, MAXIMUM_BODY).await?;
        let mut init = RequestInit::new();
        init.with_method(request.method()).with_headers(request.headers().clone());
        if !body.is_empty() {
            init.with_body(Some(js_sys::Uint8Array::from(body.as_slice()).into()));
        }
        Request::new_with_init(&address, &init)?
    };
    forward(inner, env, directory_id, &access, &origin, request_id, received).await.map(Served::Object)
}

fn directory_of(rest: &str) -> &str {
    rest.split('/').next().unwrap_or("")
}

fn asks_for_token(rest: &str, directory_id: &str) -> bool {
    rest.strip_prefix(directory_id) == Some("/oauth/token")
}

/// The origin of a request's address. The platform has written the address down in its normal form, without user
/// and password, so it is not parsed again.
fn origin_of(request: &Request) -> String {
    origin(&request.inner().url()).to_owned()
}

fn origin(address: &str) -> &str {
    let host = address.find("://").map_or(0, |at| at + 3);
    let end = address.get(host..).and_then(|rest| rest.find(['/', '?', '#'])).map(|end| host + end);
    end.and_then(|end| address.get(..end)).unwrap_or(address)
}

/// The query of an address, with its question mark.
fn query(address: &str) -> &str {
    let address = address.split('#').next().unwrap_or("");
    address.find('?').and_then(|at| address.get(at..)).unwrap_or("")
}

fn address_within(request: &Request, rest: &str) -> String {
    ["https://object.internal/scim/", rest, query(&request.inner().url())].concat()
}

/// Hands a request to the directory's object.
async fn forward(
    inner: Request,
    env: &Env,
    directory_id: &str,
    access: &str,
    origin: &str,
    request_id: &str,
    received: i64,
) -> Result<Response, ApiError> {
    let headers = inner.headers();
    headers.set(ACCESS_HEADER, access)?;
    headers.set(ORIGIN_HEADER, origin)?;
    headers.set(REQUEST_ID_HEADER, request_id)?;
    headers.set(RECEIVED_HEADER, &received.to_string())?;
    headers.delete("authorization")?;
    headers.delete("cookie")?;
    stub::send(env, ObjectKind::Directory, directory_id, inner).await
}

/// Whether a request has no body, or one that says its length, which is within the limit; 413 beyond.
fn has_measured_body(request: &Request) -> Result<bool, ApiError> {
    let length = content_length(request)?;
    check_length(length, MAXIMUM_BODY)?;
    Ok(length.is_some() || matches!(request.method(), Method::Get | Method::Head))
}

/// The same request to another address. The runtime copies it, headers and body, without a look from here.
fn readdressed(request: &Request, address: &str) -> Result<Request, ApiError> {
    let init: &web_sys::RequestInit = request.inner().unchecked_ref();
    let copy = web_sys::Request::new_with_str_and_init(address, init).map_err(worker::Error::from)?;
    Ok(Request::from(copy))
}

/// How the caller is let in. Somebody who may manage the organization may read and, unless their role is Reader,
/// write its directories.
async fn access(env: &Env, request: &Request, origin: &str, directory_id: &str) -> Result<String, ApiError> {
    let headers = request.headers();
    match auth::bearer(headers)? {
        Some(token) => access_by_token(env, request, &token, directory_id).await,
        None => management(&auth::authenticate(env, headers, &request.method(), origin).await?, request),
    }
}

/// How the holder of a token of the directory, or of an API key, is let in.
async fn access_by_token(
    env: &Env,
    request: &Request,
    token: &str,
    directory_id: &str,
) -> Result<String, ApiError> {
    if belongs_to(token, directory_id) {
        return Ok(format!("token:{}", digest(token)));
    }
    management(&auth::key_holder(env, token).await?, request)
}

fn management(actor: &Actor, request: &Request) -> Result<String, ApiError> {
    permission::check(actor, &request.method(), &request.path())?;
    let name = scim::uri::encode(&actor.display_name());
    Ok([MANAGEMENT_ACCESS, actor.kind(), ":", &name].concat())
}

/// An error of the gate in SCIM's shape (RFC 7644 section 3.12). `has_token` says whether the request came with a
/// bearer token, so that 401 tells a client without one from a client whose token is no good (RFC 6750 section 3).
pub fn scim_error(error: &ApiError, has_token: bool) -> worker::Result<Response> {
    let message = match error.status {
        401 if has_token => INVALID_TOKEN,
        401 => NO_TOKEN,
        _ => error.message.as_str(),
    };
    let body = ScimError::new(error.status, message).body();
    let response = Response::from_bytes(body.to_string().into_bytes())?.with_status(error.status);
    let headers = Headers::new();
    headers.set("content-type", "application/scim+json")?;
    if error.status == 401 {
        headers.set("www-authenticate", challenge(has_token))?;
    }
    if matches!(error.status, 429 | 503) {
        headers.set("retry-after", "5")?;
    }
    Ok(response.with_headers(headers))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef";

    #[test]
    fn an_address_is_taken_apart_without_being_parsed() {
        let check = |address: &str, expected: (&str, &str)| {
            assert_eq!((origin(address), query(address)), expected, "{address}");
        };
        check("https://a.example/scim/x/v2/Users?filter=a%23b#c", ("https://a.example", "?filter=a%23b"));
        check("http://localhost:8787/", ("http://localhost:8787", ""));
        check("http://[::1]:8787/x?", ("http://[::1]:8787", "?"));
        check("https://a.example?x=https://b.example/", ("https://a.example", "?x=https://b.example/"));
        check("nonsense", ("nonsense", ""));
    }

    #[test]
    fn a_token_names_its_directory() {
        let token = new_token(ID).expect("a token");
        assert!(token.starts_with("rct_0a21f0f28d2a4f8ebf987363c4aed4ef_"), "{token}");
        assert!(belongs_to(&token, ID));
        assert!(!belongs_to(&token, "1a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef"));
        for other in
            ["", "rct_", "rct_0a21f0f28d2a4f8ebf987363c4aed4ef_", "0a21f0f28d2a4f8ebf987363c4aed4ef_x"]
        {
            assert!(!belongs_to(other, ID), "{other}");
        }
    }
}
