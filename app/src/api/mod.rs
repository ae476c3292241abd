//! The only place that sends requests, and what can go wrong with one.

pub(crate) mod endpoints;
mod error;
pub(crate) mod odata;
pub(crate) mod scim;

pub(crate) use error::ApiError;

use gloo_net::http::{Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

/// What a request carries.
pub(crate) enum Body {
    /// Nothing.
    Empty,
    /// Text of a media type.
    Text(&'static str, String),
    /// A file that the person chose, as it is.
    File(&'static str, web_sys::File),
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

/// Sends one request and returns the text of the answer. The session cookie travels by itself.
pub(crate) async fn send(method: Method, path: &str, body: Body) -> Result<String, ApiError> {
    let builder = RequestBuilder::new(path).method(method).header("accept", "application/json");
    let request = match body {
        Body::Empty => builder.build(),
        Body::Text(kind, text) => builder.header("content-type", kind).body(text),
        Body::File(kind, file) => builder.header("content-type", kind).body(JsValue::from(file)),
    };
    let answer = request.map_err(ApiError::unreachable)?.send().await.map_err(ApiError::unreachable)?;
    let text = answer.text().await.map_err(ApiError::unreachable)?;
    if answer.ok() { Ok(text) } else { Err(ApiError::from_answer(answer.status(), &text)) }
}

/// Reads an answer; an empty one reads as `null`.
pub(crate) fn decode<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    let text = if text.trim().is_empty() { "null" } else { text };
    serde_json::from_str(text).map_err(|error| ApiError::unreadable(&error.to_string()))
}
