//! Reading successful answers.

use serde_json::Value as Json;

use super::failure::{Failure, classify, classify_transport};
use super::request::Purpose;
use crate::cycle::{ScimResponse, TransportError};
use crate::id::TargetId;
use crate::log::ErrorCode;

/// A resource that the target returned.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its id.
    pub id: TargetId,
    /// The whole of it.
    pub json: Json,
}

/// Outcome of a request, as the driver reports it.
pub type Outcome = Result<ScimResponse, TransportError>;

/// The answer with a 2xx status.
///
/// # Errors
/// The failure, classified.
pub fn accepted(outcome: &Outcome, purpose: Purpose) -> Result<&ScimResponse, Failure> {
    match outcome {
        Ok(response) if (200..300).contains(&response.status) => Ok(response),
        Ok(response) => Err(classify(response, purpose)),
        Err(error) => Err(classify_transport(error)),
    }
}

/// The resources of a ListResponse (RFC 7644, section 3.4.2). `Resources` may be missing when there
/// is no hit.
///
/// # Errors
/// The failure, classified; "not SCIM" for anything but a ListResponse.
pub fn read_list(outcome: &Outcome, purpose: Purpose) -> Result<Vec<Resource>, Failure> {
    let response = accepted(outcome, purpose)?;
    let json = parse(response)?;
    let total = json.get("totalResults").and_then(Json::as_u64);
    let resources = match (json.get("Resources"), total) {
        (Some(Json::Array(items)), _) => items.as_slice(),
        (None | Some(Json::Null), Some(0)) => &[],
        _ => {
            let reason = "The application answered a search with something else than a SCIM ListResponse.";
            return Err(incompatible(response, reason));
        }
    };
    resources.iter().map(|item| resource(response, item.clone(), None)).collect()
}

/// The resource of an answer to `POST`, `GET` or `PATCH`.
///
/// # Errors
/// The failure, classified; "not SCIM" when there is no resource with an id.
pub fn read_resource(outcome: &Outcome, purpose: Purpose) -> Result<Resource, Failure> {
    let response = accepted(outcome, purpose)?;
    let location = response.location.as_deref().and_then(|location| location.rsplit('/').next());
    match (response.body.trim().is_empty(), location) {
        (true, Some(id)) if purpose == Purpose::Create && !id.is_empty() => {
            Ok(Resource { id: TargetId::from(id), json: Json::Null })
        }
        _ => resource(response, parse(response)?, location.filter(|_| purpose == Purpose::Create)),
    }
}

fn resource(response: &ScimResponse, json: Json, location: Option<&str>) -> Result<Resource, Failure> {
    if let Some(items) = json.get("Resources").and_then(Json::as_array)
        && json.get("id").is_none()
    {
        let code = ErrorCode::SystemForCrossDomainIdentityManagementMultipleEntriesInResponse;
        let reason = format!("A request for one account was answered with a list of {}.", items.len());
        return Err(Failure::of_answer(code, response, reason));
    }
    let id = match json.get("id") {
        Some(Json::String(id)) if !id.is_empty() => Some(id.clone()),
        Some(Json::Number(id)) => Some(id.to_string()),
        _ => location.map(str::to_owned),
    };
    match id {
        Some(id) => Ok(Resource { id: TargetId::from(id), json }),
        None => Err(incompatible(response, "The application returned an account without an id.")),
    }
}

fn parse(response: &ScimResponse) -> Result<Json, Failure> {
    match serde_json::from_str::<Json>(&response.body) {
        Ok(json @ Json::Object(_)) => Ok(json),
        Ok(_) => Err(incompatible(response, "The application's answer is JSON, but no SCIM object.")),
        Err(_) => {
            let html = response.content_type.as_deref().is_some_and(|kind| kind.contains("html"))
                || response.body.trim_start().starts_with('<');
            let reason = if html {
                "A web page answered instead of a SCIM service."
            } else {
                "The application's answer is not JSON."
            };
            Err(incompatible(response, reason))
        }
    }
}

pub(super) fn incompatible(response: &ScimResponse, reason: &str) -> Failure {
    let code = ErrorCode::SystemForCrossDomainIdentityManagementServiceIncompatible;
    Failure::of_answer(code, response, reason)
}
