//! The only place that sends requests, and what can go wrong with one.

pub(crate) mod endpoints;
mod error;
pub(crate) mod odata;
mod read;
pub(crate) mod scim;
mod upload;

pub(crate) use error::ApiError;
pub(crate) use read::{FromJson, Misfit};
pub(crate) use upload::upload;

use serde::Serialize;
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// What a request carries.
#[derive(Clone)]
pub(crate) enum Body {
    /// Nothing.
    Empty,
    /// Text of a media type.
    Text(&'static str, String),
}

impl Body {
    /// JSON of the management API.
    pub(crate) fn json<T: Serialize>(value: &T) -> Self {
        Self::Text("application/json", serde_json::to_string(value).unwrap_or_default())
    }

    /// JSON of a SCIM endpoint.
    pub(crate) fn scim(value: &serde_json::Value) -> Self {
        Self::Text("application/scim+json", value.to_string())
    }
}

/// Method of a request.
#[derive(Clone, Copy)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Sends one request and returns the text of the answer. The session cookie travels by itself.
pub(crate) async fn send(method: Method, path: &str, body: Body) -> Result<String, ApiError> {
    let (status, text) = fetch(method, path, body).await.map_err(|error| ApiError::unreachable(&error))?;
    if (200..300).contains(&status) { Ok(text) } else { Err(ApiError::from_answer(status, &text)) }
}

async fn fetch(method: Method, path: &str, body: Body) -> Result<(u16, String), JsValue> {
    let headers = web_sys::Headers::new()?;
    headers.set("accept", "application/json")?;
    let init = web_sys::RequestInit::new();
    init.set_method(method.name());
    let content = match body {
        Body::Empty => None,
        Body::Text(kind, text) => Some((kind, JsValue::from(text))),
    };
    if let Some((kind, content)) = content {
        headers.set("content-type", kind)?;
        init.set_body(&content);
    }
    init.set_headers(&headers);
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let answer: web_sys::Response =
        JsFuture::from(window.fetch_with_str_and_init(path, &init)).await?.dyn_into()?;
    let text = JsFuture::from(answer.text()?).await?;
    Ok((answer.status(), text.as_string().unwrap_or_default()))
}

/// Reads an answer as it is; an empty one reads as `null`.
pub(crate) fn parse(text: &str) -> Result<Value, ApiError> {
    let text = if text.trim().is_empty() { "null" } else { text };
    serde_json::from_str(text).map_err(|error| ApiError::unreadable(&error.to_string()))
}

/// Reads an answer as a type; an empty one reads as `null`.
pub(crate) fn decode<T: FromJson>(text: &str) -> Result<T, ApiError> {
    read_as(&parse(text)?)
}

/// Reads a value as a type.
pub(crate) fn read_as<T: FromJson>(value: &Value) -> Result<T, ApiError> {
    let mut misfit = Misfit::default();
    let read = T::from_json(value, &mut misfit);
    misfit.verdict().map(|()| read)
}
