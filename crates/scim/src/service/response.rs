//! A response as plain data, and the answers that are given before a request gets here.

use serde_json::Value;

use crate::error::ScimError;
use crate::patch::PropertyChange;
use crate::resource::ResourceType;

/// The media type of all answers (RFC 7644 section 8.1).
const MEDIA_TYPE: &str = "application/scim+json; charset=utf-8";

/// What a request without a token is told.
pub const NO_TOKEN: &str = "Send a token: Authorization: Bearer …";

/// `WWW-Authenticate` of a 401, for a request with a token that is not valid, and for one without (RFC 6750
/// section 3).
pub fn challenge(has_token: bool) -> &'static str {
    if has_token { "Bearer realm=\"scim\", error=\"invalid_token\"" } else { "Bearer realm=\"scim\"" }
}

/// What was done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was created.
    Created,
    /// It was changed.
    Updated,
    /// It was deleted.
    Deleted,
}

/// What a request did to a resource, for the audit.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceChange {
    /// What was done.
    pub kind: ChangeKind,
    /// The type of the resource.
    pub resource: ResourceType,
    /// Its id.
    pub id: String,
    /// The properties that changed, old and new.
    pub properties: Vec<PropertyChange>,
    /// How many members were added.
    pub members_added: usize,
    /// How many members were removed.
    pub members_removed: usize,
}

/// A response.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body; `None` for 204 and 304.
    pub body: Option<Value>,
    /// What the request changed.
    pub changes: Vec<ResourceChange>,
    /// What went wrong inside, for the log only.
    pub internal: Option<String>,
}

impl Response {
    /// A response without a body.
    pub fn empty(status: u16) -> Self {
        Response { status, headers: Vec::new(), body: None, changes: Vec::new(), internal: None }
    }

    /// A response with a body.
    pub fn json(status: u16, body: Value) -> Self {
        let headers = vec![("Content-Type", MEDIA_TYPE.to_owned())];
        Response { headers, body: Some(body), ..Self::empty(status) }
    }

    /// An error (RFC 7644 section 3.12).
    pub fn error(error: &ScimError) -> Self {
        Response { internal: error.internal.clone(), ..Self::json(error.status, error.body()) }
    }

    /// 401: there is no valid token (RFC 7644 section 2, RFC 6750 section 3). Pass `None` if the request had no
    /// token at all, else what is wrong with it: a client that reads `error="invalid_token"` gets another token
    /// instead of asking how to send one.
    pub fn unauthorized(problem: Option<&str>) -> Self {
        let detail = problem.unwrap_or(NO_TOKEN);
        Self::error(&ScimError::new(401, detail)).header("WWW-Authenticate", challenge(problem.is_some()))
    }

    /// 403: the token does not allow this.
    pub fn forbidden(detail: &str) -> Self {
        Self::error(&ScimError::new(403, detail))
    }

    /// 413: the body is too large. For adapters that refuse before they read it.
    pub fn too_large() -> Self {
        Self::error(&ScimError::new(
            413,
            format!("The body exceeds maxPayloadSize ({})", super::MAX_BODY_BYTES),
        ))
    }

    /// 429: too many requests.
    pub fn too_many_requests(retry_after_seconds: u32) -> Self {
        Self::error(&ScimError::new(
            429,
            format!("Too many requests; repeat after {retry_after_seconds} seconds"),
        ))
        .header("Retry-After", retry_after_seconds.to_string())
    }

    /// 500: ours. The message is for the log.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::error(&ScimError::internal(message))
    }

    /// 503: not now.
    pub fn unavailable(retry_after_seconds: u32) -> Self {
        Self::error(&ScimError::new(
            503,
            format!("Not available; repeat after {retry_after_seconds} seconds"),
        ))
        .header("Retry-After", retry_after_seconds.to_string())
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The body as it is sent.
    pub fn body_text(&self) -> Option<String> {
        self.body.as_ref().map(Value::to_string)
    }
}
