//! What an unsuccessful answer means: code, reason, and whether it concerns this object or all.

use serde_json::Value as Json;

use super::request::Purpose;
use crate::cycle::{ScimResponse, TransportError, TransportErrorKind};
use crate::log::{ErrorCode, ErrorInformation};

/// Longest piece of a target's answer that goes into the log, in characters.
const MAX_DETAIL: usize = 500;

/// A request that did not do what it was for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Code of the log.
    pub code: ErrorCode,
    /// What happened, for people.
    pub reason: String,
    /// What the target said.
    pub details: Option<String>,
    /// Whether every further request would fail the same way: the cycle stops.
    pub fatal: bool,
    /// Whether it passes by itself.
    pub transient: bool,
    /// HTTP status, when there was an answer.
    pub status: Option<u16>,
}

impl Failure {
    /// The failure as the log shows it.
    pub fn information(&self) -> ErrorInformation {
        self.code.because(self.reason.clone(), self.details.clone())
    }

    pub(super) fn of_answer(code: ErrorCode, response: &ScimResponse, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
            details: detail(response),
            fatal: false,
            transient: false,
            status: Some(response.status),
        }
    }
}

/// Judges an answer whose status is not the wanted one.
pub fn classify(response: &ScimResponse, purpose: Purpose) -> Failure {
    use ErrorCode::{
        Conflict, InsufficientRights, InternalServerError, InvalidAnchor, InvalidRequest,
        LicenseLimitExceeded, MethodNotAllowed, NotImplemented, SchemaAttributeNotFound,
        SystemForCrossDomainIdentityManagementServiceIncompatible, Timeout, TooManyRequests, Unauthorized,
        UnprocessableEntity, WebExceptionProtocolError,
    };
    let status = response.status;
    let reads = matches!(purpose, Purpose::Probe | Purpose::Match | Purpose::Read);
    let scim_type = scim_type(response);
    let (code, reason) = match (status, scim_type.as_deref()) {
        (401, _) => (Unauthorized, "The application does not accept the credentials."),
        (402, _) => (LicenseLimitExceeded, "The application has no seat left for another account."),
        (403, _) => (InsufficientRights, "The credentials are valid, but they do not allow this request."),
        (404, _) if matches!(purpose, Purpose::Probe | Purpose::Match | Purpose::Create) => (
            SystemForCrossDomainIdentityManagementServiceIncompatible,
            "There is no SCIM endpoint at this address.",
        ),
        (404, _) if purpose == Purpose::Read => {
            (InvalidAnchor, "The linked account no longer exists in the application.")
        }
        // Said of the address, the method or a value: whether the account is there, only reading it tells.
        (404, _) => (
            InvalidAnchor,
            "The application did not find the account that was to be changed, or something that the change refers to.",
        ),
        (405, _) => (MethodNotAllowed, "The application does not support this kind of request."),
        (408, _) => (Timeout, "The application took too long to answer."),
        (409, _) | (400, Some("uniqueness")) => {
            (Conflict, "Another account has the same value where it must be unique.")
        }
        (400, Some("invalidPath" | "noTarget")) => {
            (SchemaAttributeNotFound, "The application does not know an attribute that the mapping writes.")
        }
        (422, _) => (UnprocessableEntity, "The application could not process the values."),
        (429, _) => (TooManyRequests, "The application limits the number of requests."),
        (501, _) => (NotImplemented, "The application does not implement this kind of request."),
        (500..=599, _) => (InternalServerError, "The application had an internal error."),
        (300..=399, _) => (WebExceptionProtocolError, "The application redirects to another address."),
        (400..=499, _) => (InvalidRequest, "The application refused the request."),
        _ => (
            SystemForCrossDomainIdentityManagementServiceIncompatible,
            "The application answered with a status that SCIM does not use here.",
        ),
    };
    let reason = format!("{} ({status}).", reason.trim_end_matches('.'));
    Failure {
        fatal: status == 401 || (status == 403 && reads),
        transient: matches!(status, 408 | 429 | 500 | 502..=599),
        ..Failure::of_answer(code, response, reason)
    }
}

/// Judges an exchange without an answer.
pub fn classify_transport(error: &TransportError) -> Failure {
    let (code, reason) = match error.kind {
        TransportErrorKind::Timeout => (ErrorCode::Timeout, "The application did not answer in time."),
        TransportErrorKind::Dns => {
            (ErrorCode::WebExceptionProtocolError, "The host name of the tenant URL is unknown.")
        }
        TransportErrorKind::Refused => {
            (ErrorCode::WebExceptionProtocolError, "Nobody accepts connections at the tenant URL.")
        }
        TransportErrorKind::Tls => (
            ErrorCode::WebExceptionProtocolError,
            "No trusted (TLS) connection to the application is possible.",
        ),
        TransportErrorKind::TooLarge => (
            ErrorCode::SystemForCrossDomainIdentityManagementServiceIncompatible,
            "The application's answer is too large.",
        ),
        TransportErrorKind::Credentials => (ErrorCode::Unauthorized, error.message.as_str()),
        TransportErrorKind::TokenEndpoint => (ErrorCode::WebExceptionProtocolError, error.message.as_str()),
        TransportErrorKind::Other => {
            (ErrorCode::WebExceptionProtocolError, "The connection to the application failed.")
        }
    };
    let is_refused = error.kind == TransportErrorKind::Credentials;
    let details = Some(error.message.clone()).filter(|message| !message.is_empty() && message != reason);
    Failure {
        code,
        reason: reason.to_owned(),
        details: details.map(|text| shorten(&text)),
        fatal: is_refused,
        transient: !is_refused && error.kind != TransportErrorKind::TooLarge,
        status: None,
    }
}

fn scim_type(response: &ScimResponse) -> Option<String> {
    let body: Json = serde_json::from_str(&response.body).ok()?;
    body.get("scimType")?.as_str().map(str::to_owned)
}

/// `detail` of a SCIM error (RFC 7644, section 3.12); otherwise the beginning of the answer.
fn detail(response: &ScimResponse) -> Option<String> {
    let said = match serde_json::from_str::<Json>(&response.body) {
        Ok(body) => match body.get("detail").and_then(Json::as_str) {
            Some(detail) => detail.to_owned(),
            None => response.body.trim().to_owned(),
        },
        Err(_) => response.body.trim().to_owned(),
    };
    (!said.is_empty()).then(|| shorten(&said))
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MAX_DETAIL) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
