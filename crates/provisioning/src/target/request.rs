//! Requests to the target, as plain data.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A request of RFC 7644, without host, credentials and headers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScimRequest {
    /// HTTP method.
    pub method: Method,
    /// Path and query, to be appended to the tenant URL; begins with `/`, percent-encoded.
    pub path_and_query: String,
    /// JSON body.
    pub body: Option<Value>,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether it may be repeated when its answer is lost. A creation may not.
    pub idempotent: bool,
}

impl ScimRequest {
    /// `GET` of a path with its query; it may be sent again.
    pub fn get(path_and_query: String, purpose: Purpose) -> Self {
        Self { method: Method::Get, path_and_query, body: None, purpose, idempotent: true }
    }

    /// The body as it goes over the wire; empty when there is none.
    pub fn body_text(&self) -> String {
        self.body.as_ref().map(Value::to_string).unwrap_or_default()
    }

    /// Whether it changes the target.
    pub fn is_write(&self) -> bool {
        self.method != Method::Get
    }
}

/// HTTP methods that the engine uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Read.
    Get,
    /// Create.
    Post,
    /// Change.
    Patch,
    /// Change, for a target without PATCH: the driver reads the resource, applies the operations in the body
    /// ([`super::patch::applied`]), and writes it back.
    Put,
    /// Delete.
    Delete,
}

impl Method {
    /// The method's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Purpose {
    /// Is the target there, and does it let us in?
    Probe,
    /// Find an account by a matching attribute.
    Match,
    /// Read a linked account.
    Read,
    /// Create an account.
    Create,
    /// Change an account.
    Update,
    /// Delete an account.
    Delete,
    /// Set references of an account.
    Reference,
}
