//! The only place that sends requests, and what can go wrong with one.

pub(crate) mod endpoints;
mod error;
pub(crate) mod odata;
mod read;
pub(crate) mod scim;

pub(crate) use error::ApiError;
pub(crate) use read::FromJson;

use gloo_net::http::{Method, RequestBuilder};
use read::Misfit;
use serde::Serialize;
use serde_json::Value;
use wasm_bindgen::JsValue;

/// What a request carries.
#[derive(Clone)]
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
