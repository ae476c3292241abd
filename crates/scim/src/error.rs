//! Errors as SCIM clients read them (RFC 7644 section 3.12).

use std::fmt;

use serde_json::{Value, json};

use crate::urn;

/// The keyword that tells a client what kind of mistake it made (RFC 7644 table 9, RFC 9865 table 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScimType {
    /// The filter is not understood.
    InvalidFilter,
    /// The filter yields more results than the server is willing to process.
    TooMany,
    /// A value is in use already.
    Uniqueness,
    /// The attribute cannot be changed in this way.
    Mutability,
    /// The body's structure is not that of the request.
    InvalidSyntax,
    /// The path of a PATCH operation is not understood.
    InvalidPath,
    /// The path of a PATCH operation selects nothing.
    NoTarget,
    /// A value is missing or does not fit its attribute.
    InvalidValue,
    /// The version of SCIM is not supported.
    InvalidVers,
    /// The request would put something personal into a URL.
    Sensitive,
    /// The cursor is not one of this query's (RFC 9865).
    InvalidCursor,
    /// The cursor is too old (RFC 9865).
    ExpiredCursor,
    /// The count differs from the query's that the cursor came from (RFC 9865).
    InvalidCount,
}

impl ScimType {
    /// The keyword as it is written in an error body.
    pub fn as_str(self) -> &'static str {
        match self {
            ScimType::InvalidFilter => "invalidFilter",
            ScimType::TooMany => "tooMany",
            ScimType::Uniqueness => "uniqueness",
            ScimType::Mutability => "mutability",
            ScimType::InvalidSyntax => "invalidSyntax",
            ScimType::InvalidPath => "invalidPath",
            ScimType::NoTarget => "noTarget",
            ScimType::InvalidValue => "invalidValue",
            ScimType::InvalidVers => "invalidVers",
            ScimType::Sensitive => "sensitive",
            ScimType::InvalidCursor => "invalidCursor",
            ScimType::ExpiredCursor => "expiredCursor",
            ScimType::InvalidCount => "invalidCount",
        }
    }
}

/// An error of a request: what the client reads, and apart from it what only the log may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScimError {
    /// The HTTP status.
    pub status: u16,
    /// The keyword, where RFC 7644 names one.
    pub scim_type: Option<ScimType>,
    /// What the client did and what to change, in words.
    pub detail: String,
    /// What happened inside; never sent to a client.
    pub internal: Option<String>,
}

impl ScimError {
    /// An error with a status and no keyword.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        ScimError { status, scim_type: None, detail: detail.into(), internal: None }
    }

    /// 400 with a keyword.
    pub fn bad_request(scim_type: ScimType, detail: impl Into<String>) -> Self {
        ScimError { scim_type: Some(scim_type), ..Self::new(400, detail) }
    }

    /// 400 `invalidValue`.
    pub fn invalid_value(detail: impl Into<String>) -> Self {
        Self::bad_request(ScimType::InvalidValue, detail)
    }

    /// 400 `invalidSyntax`.
    pub fn invalid_syntax(detail: impl Into<String>) -> Self {
        Self::bad_request(ScimType::InvalidSyntax, detail)
    }

    /// 400 `mutability`.
    pub fn mutability(detail: impl Into<String>) -> Self {
        Self::bad_request(ScimType::Mutability, detail)
    }

    /// 404 for a resource that is not there.
    pub fn not_found(what: &str, id: &str) -> Self {
        Self::new(404, format!("{what} {id} not found"))
    }

    /// 409 `uniqueness`.
    pub fn uniqueness(detail: impl Into<String>) -> Self {
        ScimError { scim_type: Some(ScimType::Uniqueness), ..Self::new(409, detail) }
    }

    /// 500: ours. The message goes to the log only.
    pub fn internal(message: impl Into<String>) -> Self {
        ScimError {
            internal: Some(message.into()),
            ..Self::new(500, "The request could not be completed because of an error on this side")
        }
    }

    /// The body of the answer. `status` is a string, as RFC 7644 section 3.12 wants it.
    pub fn body(&self) -> Value {
        let mut body = json!({
            "schemas": [urn::ERROR],
            "status": self.status.to_string(),
            "detail": self.detail,
        });
        if let (Some(scim_type), Some(object)) = (self.scim_type, body.as_object_mut()) {
            object.insert("scimType".to_owned(), Value::from(scim_type.as_str()));
        }
        body
    }
}

impl fmt::Display for ScimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.detail)
    }
}

impl std::error::Error for ScimError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_has_a_status_string_and_no_internals() {
        assert_eq!(
            ScimError::uniqueness("userName is in use").body(),
            json!({"schemas": [urn::ERROR], "status": "409", "detail": "userName is in use", "scimType": "uniqueness"})
        );
        assert!(!ScimError::internal("disk I/O error").body().to_string().contains("disk"));
    }
}
