//! The one place that maps errors to HTTP answers of the management API.
//!
//! Three kinds: ours (500 and 503: logged whole, the caller gets the request id), the caller's (4xx with a
//! code and what to change), and an object's (a log entry, never an error here). `message` is for the caller;
//! `internal` is for the log.

use api::error::{Error, ErrorBody, ErrorDetail, InnerError};
use serde::{Deserialize, Serialize};
use worker::{Response, console_error};

use crate::platform::clock;

/// An error with its HTTP status.
#[derive(Clone, Debug)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// Graph's code.
    pub code: String,
    /// For the caller.
    pub message: String,
    /// Single problems.
    pub details: Vec<ErrorDetail>,
    /// For the log.
    pub internal: Option<String>,
}

/// An [`ApiError`] on its way from a Durable Object to the Worker.
#[derive(Serialize, Deserialize)]
pub struct ObjectError {
    status: u16,
    code: String,
    message: String,
    details: Vec<ErrorDetail>,
    internal: Option<String>,
}

impl ObjectError {
    /// As the body of an answer tells it.
    pub fn shown(&self) -> Error {
        Error {
            code: self.code.clone(),
            message: self.message.clone(),
            inner_error: None,
            details: self.details.clone(),
        }
    }
}

impl From<ObjectError> for ApiError {
    fn from(error: ObjectError) -> Self {
        let ObjectError { status, code, message, details, internal } = error;
        Self { status, code, message, details, internal }
    }
}

impl From<ApiError> for ObjectError {
    fn from(error: ApiError) -> Self {
        let ApiError { status, code, message, details, internal } = error;
        Self { status, code, message, details, internal }
    }
}

impl ApiError {
    /// The caller's mistake.
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into(), details: Vec::new(), internal: None }
    }

    /// 400.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "Request_BadRequest", message)
    }

    /// 404, with the kind of thing and its id.
    pub fn not_found(kind: &str, id: &str) -> Self {
        Self::new(404, "Request_ResourceNotFound", format!("There is no {kind} with the id {id}."))
    }

    /// 409: the state does not allow it.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(409, "Conflict", message)
    }

    /// 401.
    pub fn unauthorized() -> Self {
        Self::new(
            401,
            "InvalidAuthenticationToken",
            "Sign in, or send a management API key as `Authorization: Bearer …`.",
        )
    }

    /// 403.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(403, "Authorization_RequestDenied", message)
    }

    /// 405.
    pub fn method_not_allowed(method: &str, path: &str) -> Self {
        Self::new(405, "Request_BadRequest", format!("{path} does not take {method}."))
    }

    /// 500: ours. The text goes to the log only.
    pub fn internal(text: impl Into<String>) -> Self {
        Self {
            internal: Some(text.into()),
            ..Self::new(
                500,
                "InternalServerError",
                "Something went wrong on our side. Try again; if it stays, report the request id.",
            )
        }
    }

    /// 503: ours, and likely to pass. The text goes to the log only.
    pub fn unavailable(text: impl Into<String>) -> Self {
        Self {
            internal: Some(text.into()),
            ..Self::new(503, "ServiceUnavailable", "The service is busy. Try again in a few seconds.")
        }
    }

    /// Adds single problems.
    pub fn with_details(mut self, details: Vec<ErrorDetail>) -> Self {
        self.details = details;
        self
    }

    /// Writes the internal text to the log, with the request's id.
    pub fn log(&self, request_id: &str) {
        if self.status >= 500 {
            console_error!(
                "{} {}: {}",
                request_id,
                self.code,
                self.internal.as_deref().unwrap_or(&self.message)
            );
        }
    }

    /// The answer in Graph's shape.
    pub fn to_response(&self, request_id: &str) -> worker::Result<Response> {
        self.log(request_id);
        let body = ErrorBody {
            error: Error {
                code: self.code.clone(),
                message: self.message.clone(),
                inner_error: Some(InnerError {
                    request_id: request_id.to_owned(),
                    date: clock::rfc3339(clock::now_ms()),
                }),
                details: self.details.clone(),
            },
        };
        let mut response =
            Response::from_bytes(crate::json::write(&body)?.into_bytes())?.with_status(self.status);
        let headers = response.headers_mut();
        headers.set("content-type", "application/json")?;
        if self.status == 401 {
            headers.set("www-authenticate", "Bearer realm=\"Rollcall management API\"")?;
        }
        if self.status == 503 || self.status == 429 {
            headers.set("retry-after", "5")?;
        }
        Ok(response)
    }
}

impl From<worker::Error> for ApiError {
    fn from(error: worker::Error) -> Self {
        Self::internal(error.to_string())
    }
}

impl From<worker::KvError> for ApiError {
    fn from(error: worker::KvError) -> Self {
        Self::internal(format!("KV: {error}"))
    }
}

impl From<serde_json::Error> for ApiError {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(format!("JSON: {error}"))
    }
}

impl From<scim::repository::RepositoryError> for ApiError {
    fn from(error: scim::repository::RepositoryError) -> Self {
        Self::internal(format!("directory: {error:?}"))
    }
}

impl From<store::sql::SqlError> for ApiError {
    fn from(error: store::sql::SqlError) -> Self {
        Self::internal(format!("SQL: {error}"))
    }
}
