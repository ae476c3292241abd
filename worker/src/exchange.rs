//! One request to the Worker: what handlers need of it, and helpers for their answers.

use scim::uri::encode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{Env, Headers, Method, Request, Response};

use crate::auth::Actor;
use crate::error::ApiError;

/// Largest body of a management request other than an import: 2 MiB.
pub const MAXIMUM_BODY: usize = 2 * 1024 * 1024;

/// One request of the management API, authenticated.
pub struct Exchange {
    /// Bindings.
    pub env: Env,
    /// `scheme://host[:port]` under which the caller reaches this deployment.
    pub origin: String,
    /// Path without `/api/v1.0`, split at `/`, percent-decoded.
    pub segments: Vec<String>,
    /// Query parameters, decoded, in order.
    pub query: Vec<(String, String)>,
    /// Method.
    pub method: Method,
    /// Who asks.
    pub actor: Actor,
    /// The request itself, for its body.
    pub request: Request,
}

impl Exchange {
    /// The value of a query parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a query parameter is `true`.
    pub fn flag(&self, name: &str) -> bool {
        self.parameter(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// `$top`, between 1 and a maximum.
    pub fn top(&self, default: i64, maximum: i64) -> Result<i64, ApiError> {
        match self.parameter("$top") {
            None => Ok(default),
            Some(text) => match text.parse::<i64>() {
                Ok(top) if top >= 1 => Ok(top.min(maximum)),
                _ => Err(ApiError::bad_request(format!(
                    "$top is `{text}`; give a whole number from 1 to {maximum}."
                ))),
            },
        }
    }

    /// `$skiptoken` as a place in a list.
    pub fn skip_token<T: std::str::FromStr>(&self) -> Result<Option<T>, ApiError> {
        self.parameter("$skiptoken")
            .map(|text| {
                text.parse::<T>().map_err(|_| {
                    ApiError::bad_request(
                        "$skiptoken is not one of this list; follow @odata.nextLink as it is.",
                    )
                })
            })
            .transpose()
    }

    /// The address of this request with another `$skiptoken`.
    pub fn next_link(&self, token: impl std::fmt::Display) -> String {
        let mut query = String::new();
        for (key, value) in self.query.iter().filter(|(key, _)| key != "$skiptoken") {
            query.push_str(&format!("{}={}&", encode(key), encode(value)));
        }
        let path: Vec<String> = self.segments.iter().map(|segment| encode(segment)).collect();
        format!(
            "{}/api/v1.0/{}?{query}$skiptoken={}",
            self.origin,
            path.join("/"),
            encode(&token.to_string())
        )
    }

    /// Reads the JSON body.
    pub async fn body<T: DeserializeOwned>(&mut self) -> Result<T, ApiError> {
        let bytes = read_body(&mut self.request, MAXIMUM_BODY).await?;
        crate::json::read(text_of(&bytes)?).map_err(|error| {
            ApiError::bad_request(format!("The body is not the JSON that is expected: {error}."))
        })
    }

    /// Reads the body as text, for somebody else to parse.
    pub async fn text(&mut self) -> Result<String, ApiError> {
        let bytes = read_body(&mut self.request, MAXIMUM_BODY).await?;
        text_of(&bytes).map(str::to_owned)
    }

    /// Reads the JSON body; an empty one counts as `{}`.
    pub async fn optional_body<T: DeserializeOwned + Default>(&mut self) -> Result<T, ApiError> {
        let bytes = read_body(&mut self.request, MAXIMUM_BODY).await?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(T::default());
        }
        crate::json::read(text_of(&bytes)?).map_err(|error| {
            ApiError::bad_request(format!("The body is not the JSON that is expected: {error}."))
        })
    }
}

/// Reads a body up to a limit. A larger one is 413, and is not read when it says its length.
pub async fn read_body(request: &mut Request, maximum: usize) -> Result<Vec<u8>, ApiError> {
    check_length(content_length(request)?, maximum)?;
    let bytes = request.bytes().await?;
    check_length(Some(bytes.len()), maximum)?;
    Ok(bytes)
}

/// The length of a body that a request tells. Where it does, HTTP lets no more bytes through.
pub fn content_length(request: &Request) -> Result<Option<usize>, ApiError> {
    Ok(request.headers().get("content-length")?.and_then(|text| text.parse().ok()))
}

/// 413 for a length beyond a limit.
pub fn check_length(length: Option<usize>, maximum: usize) -> Result<(), ApiError> {
    if length.is_none_or(|length| length <= maximum) {
        return Ok(());
    }
    Err(ApiError::new(
        413,
        "RequestEntityTooLarge",
        format!("The body is larger than {maximum} bytes; send less."),
    ))
}

fn text_of(bytes: &[u8]) -> Result<&str, ApiError> {
    std::str::from_utf8(bytes).map_err(|error| {
        ApiError::bad_request(format!("The body is not UTF-8 from byte {} on.", error.valid_up_to()))
    })
}

/// 200 with JSON.
pub fn ok<T: Serialize>(value: &T) -> Result<Response, ApiError> {
    json_text(crate::json::write(value)?)
}

/// 200 with a text that is JSON already.
pub fn json_text(text: String) -> Result<Response, ApiError> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    Ok(Response::from_bytes(text.into_bytes())?.with_headers(headers))
}

/// 201 with JSON.
pub fn created<T: Serialize>(value: &T) -> Result<Response, ApiError> {
    Ok(ok(value)?.with_status(201))
}

/// 204.
pub fn no_content() -> Result<Response, ApiError> {
    Ok(Response::empty()?.with_status(204))
}

/// A download with a file name.
pub fn download(body: String, media_type: &str, file_name: &str) -> Result<Response, ApiError> {
    let headers = Headers::new();
    headers.set("content-type", media_type)?;
    headers.set("content-disposition", &format!("attachment; filename=\"{file_name}\""))?;
    Ok(Response::from_bytes(body.into_bytes())?.with_headers(headers))
}
