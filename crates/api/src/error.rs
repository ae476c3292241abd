//! The error body of the management API, in Graph's shape.

use serde::{Deserialize, Serialize};

/// What every answer with a status of 400 or more carries under `/api`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The error.
    pub error: Error,
}

/// Graph's `odata.error`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Error {
    /// A code that a program can act on, e.g. `Request_ResourceNotFound`.
    pub code: String,
    /// What happened, to what, and what to do.
    pub message: String,
    /// Which request it was.
    #[serde(rename = "innerError", skip_serializing_if = "Option::is_none", default)]
    pub inner_error: Option<InnerError>,
    /// Single problems, where one request can have several (e.g. a synchronization schema).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub details: Vec<ErrorDetail>,
}

/// One problem among several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// A code that a program can act on.
    pub code: String,
    /// What is wrong and what to do.
    pub message: String,
    /// Where: a path into the request body.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub target: Option<String>,
}

/// Names the request, so that a caller can ask about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InnerError {
    /// The id that the log of this deployment has for the request.
    #[serde(rename = "request-id")]
    pub request_id: String,
    /// RFC 3339, UTC.
    pub date: String,
}
