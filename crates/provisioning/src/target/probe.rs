//! Test Connection: a search on the matching attribute for a random GUID, which must answer with
//! 200 and an empty list. The same probe begins every cycle.

use serde::Serialize;
use serde_json::Value as Json;

use super::failure::Failure;
use super::request::{Purpose, ScimRequest};
use super::response::{Outcome, read_list};
use super::uri;
use crate::cycle::{TransportError, TransportErrorKind};
use crate::log::ErrorCode;
use crate::schema::CompiledMapping;

/// Why a connection cannot be used, and what to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionProblem {
    /// Code of the log.
    pub code: ErrorCode,
    /// What happened.
    pub message: String,
    /// What to change.
    pub recommended_action: String,
    /// What the target said.
    pub details: Option<String>,
    /// Whether it may pass by itself; otherwise somebody has to change something.
    pub transient: bool,
}

/// The probe. `guid` is a fresh random GUID.
pub fn request(mapping: &CompiledMapping, guid: &str) -> ScimRequest {
    let path_and_query = match mapping.matching_attributes().next() {
        Some(attribute) => uri::search(&mapping.endpoint, &attribute.path, &Json::from(guid)),
        None => format!("{}?count=1", mapping.endpoint),
    };
    ScimRequest::get(path_and_query, Purpose::Probe)
}

/// Judges the answer to the probe.
///
/// # Errors
/// What is wrong with the connection.
pub fn verdict(outcome: &Outcome) -> Result<(), ConnectionProblem> {
    match read_list(outcome, Purpose::Probe) {
        Ok(found) if found.is_empty() => Ok(()),
        Ok(found) => Err(ConnectionProblem {
            code: ErrorCode::SystemForCrossDomainIdentityManagementServiceIncompatible,
            message: format!(
                "A search for a random id, which nobody has, found {} accounts: the application disregards the filter.",
                found.len()
            ),
            recommended_action: "Match by an attribute that the application can filter on.".to_owned(),
            details: None,
            transient: false,
        }),
        Err(failure) => Err(problem(failure, outcome)),
    }
}

fn problem(failure: Failure, outcome: &Outcome) -> ConnectionProblem {
    let action = match outcome {
        Err(TransportError { kind, .. }) => match kind {
            TransportErrorKind::Timeout => {
                "Check that the tenant URL is right and that the application is up, then test again."
            }
            TransportErrorKind::Dns => "Correct the host name in the tenant URL.",
            TransportErrorKind::Refused => {
                "Correct host and port in the tenant URL, or start the application."
            }
            TransportErrorKind::Tls => {
                "Use the host name that the application's certificate is for, or have the certificate renewed."
            }
            TransportErrorKind::Credentials => {
                "Check the token endpoint, client id, client secret and scope, or create a new client secret in the application."
            }
            TransportErrorKind::TokenEndpoint => {
                "Check the address of the token endpoint and that it is up, then test again."
            }
            TransportErrorKind::TooLarge | TransportErrorKind::Other => {
                "Check the tenant URL; the details say what the connection failed of."
            }
        },
        Ok(response) => match response.status {
            401 => "Copy the token from the application again into Secret Token, or create a new one.",
            403 => "Give the token the right to read and write users.",
            404 => "Correct the path of the tenant URL: it is the address that /Users can be appended to.",
            200..=299 => {
                "Correct the tenant URL: it must be the address of the SCIM 2.0 endpoint, not of a page for people."
            }
            300..=399 => "Enter the address that the application redirects to as the tenant URL.",
            400 => "Check that the application can filter users by the matching attribute.",
            429 => "Wait a minute, then test again.",
            500..=599 => "The fault lies with the application. Test again later, or ask its vendor.",
            _ => "Check that the tenant URL is the address of a SCIM 2.0 endpoint.",
        },
    };
    ConnectionProblem {
        code: failure.code,
        message: failure.reason,
        recommended_action: action.to_owned(),
        details: failure.details,
        transient: failure.transient,
    }
}
