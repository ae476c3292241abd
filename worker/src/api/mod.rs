//! The management API: one module a resource. Handlers authorise, validate, call the objects, and map.

mod activity;
mod api_keys;
mod assignments;
mod attributes;
mod audits;
mod connection;
mod cycles;
mod deleted_items;
mod directories;
mod drift_checks;
mod expression;
mod filter;
mod import;
mod inlets;
mod jobs;
mod log_csv;
mod logs;
mod members;
mod oauth_clients;
mod people;
mod plans;
mod precedence;
mod reach;
mod schema;
mod scope;
mod secrets;
mod service_principals;
mod session;
mod staged;
mod statistics;
mod templates;
mod tokens;

use worker::{Method, Response};

use crate::error::ApiError;
use crate::exchange::Exchange;
use crate::objects::organization::{Description, NAME, OrganizationCommand};
use crate::platform::stub::{self, ObjectKind};

/// Answers a request of the management API.
pub async fn handle(exchange: Exchange) -> Result<Response, ApiError> {
    let segments = exchange.segments.clone();
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["session"] => session::handle(exchange).await,
        ["signInLinks"] => session::sign_in_links(exchange).await,
        ["organization", "members", rest @ ..] => members::handle(exchange, rest).await,
        ["organization", "apiKeys", rest @ ..] => api_keys::handle(exchange, rest).await,
        ["applicationTemplates", rest @ ..] => templates::handle(exchange, rest).await,
        ["servicePrincipals"] => service_principals::list(exchange).await,
        ["servicePrincipals", id] => service_principals::one(exchange, id).await,
        ["servicePrincipals", id, "appRoleAssignedTo", rest @ ..] => {
            assignments::handle(exchange, id, rest).await
        }
        ["servicePrincipals", id, "synchronization", "secrets"] => secrets::handle(exchange, id).await,
        ["servicePrincipals", id, "synchronization", "jobs", rest @ ..] => {
            jobs::handle(exchange, id, rest).await
        }
        ["auditLogs", "provisioning"] => logs::list(exchange).await,
        ["auditLogs", "provisioning", "statistics"] => statistics::read(exchange).await,
        ["auditLogs", "directoryAudits"] => audits::list(exchange).await,
        ["directories"] => directories::list(exchange).await,
        ["directories", id] => directories::one(exchange, id).await,
        ["directories", id, "tokens", rest @ ..] => tokens::handle(exchange, id, rest).await,
        ["directories", id, "oauthClients", rest @ ..] => oauth_clients::handle(exchange, id, rest).await,
        ["directories", id, "attributes", rest @ ..] => attributes::handle(exchange, id, rest).await,
        ["directories", id, "deletedItems", rest @ ..] => deleted_items::handle(exchange, id, rest).await,
        ["directories", id, "inlets", rest @ ..] => inlets::handle(exchange, id, rest).await,
        ["directories", id, "attributePrecedence"] => precedence::handle(exchange, id).await,
        ["directories", id, "conflicts"] => inlets::conflicts(exchange, id).await,
        ["directories", id, "requests"] => activity::requests(exchange, id).await,
        ["directories", id, "users", user, "history"] => activity::history(exchange, id, user).await,
        ["directories", id, "import"] => import::handle(exchange, id).await,
        ["directories", id, "imports", rest @ ..] => import::imports(exchange, id, rest).await,
        ["directories", id, "importColumns"] => import::columns(exchange, id).await,
        ["directories", id, "sourceAttributes"] => attributes::source(exchange, id).await,
        _ => Err(not_found(&exchange)),
    }
}

/// 404 for a path that is no resource.
fn not_found(exchange: &Exchange) -> ApiError {
    ApiError::new(
        404,
        "Request_ResourceNotFound",
        format!("/api/v1.0/{} is not a resource of the management API.", exchange.segments.join("/")),
    )
}

/// 405.
fn not_allowed(exchange: &Exchange) -> ApiError {
    ApiError::method_not_allowed(
        exchange.method.as_ref(),
        &format!("/api/v1.0/{}", exchange.segments.join("/")),
    )
}

/// Asks the organization's object.
async fn organization<T: serde::de::DeserializeOwned>(
    exchange: &Exchange,
    command: &OrganizationCommand,
) -> Result<T, ApiError> {
    stub::call(&exchange.env, ObjectKind::Organization, NAME, command).await
}

/// Who the organization is.
async fn describe(exchange: &Exchange) -> Result<Description, ApiError> {
    organization(exchange, &OrganizationCommand::Describe).await
}

/// 405 unless the request has this method.
fn only(exchange: &Exchange, method: &Method) -> Result<(), ApiError> {
    if exchange.method == *method { Ok(()) } else { Err(not_allowed(exchange)) }
}

/// A display name: 1 to 120 characters, trimmed.
fn display_name(text: &str) -> Result<String, ApiError> {
    let name = text.trim();
    match name.chars().count() {
        1..=MAXIMUM_NAME => Ok(name.to_owned()),
        0 => Err(ApiError::bad_request("displayName is empty; give a name.")),
        length => Err(ApiError::bad_request(format!(
            "displayName has {length} characters; at most {MAXIMUM_NAME} are kept."
        ))),
    }
}

/// A label: trimmed, up to 120 characters, or the default.
fn label(text: Option<&str>, default: &str) -> Result<String, ApiError> {
    let label = text.unwrap_or("").trim();
    match label.chars().count() {
        0 => Ok(default.to_owned()),
        1..=MAXIMUM_NAME => Ok(label.to_owned()),
        length => Err(ApiError::bad_request(format!(
            "label has {length} characters; at most {MAXIMUM_NAME} are kept."
        ))),
    }
}

/// Characters of a display name or label.
const MAXIMUM_NAME: usize = 120;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(display_name(" Peakon ").ok().as_deref(), Some("Peakon"));
        assert!(display_name("  ").is_err());
        assert!(display_name(&"x".repeat(MAXIMUM_NAME)).is_ok());
        assert!(display_name(&"x".repeat(MAXIMUM_NAME + 1)).is_err());
    }
}
