//! Who is assigned to a service principal: `appRoleAssignedTo` and `appRoles` of Microsoft Graph. There are no
//! delta queries for them, so each round reads the whole list, and keeps it in memory until it is complete: what
//! is missing from a part of it says nothing. After a crash or a pause it is read from its beginning.

use scim::uri::encode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::state::LastError;
use super::{Failure, FailureKind, PageError, Settings};
use crate::assignments::{Assigned, Outcome, Role};

/// The application permission that reading needs.
pub(super) const PERMISSION: &str = "Application.Read.All";
/// Code of a service principal that does not exist at the source.
pub const NO_SERVICE_PRINCIPAL: &str = "ServicePrincipalNotFound";
/// Code of an application that does not exist here.
pub(super) const NO_APPLICATION: &str = "ApplicationNotFound";
/// Code of removals that wait for a person.
pub(super) const HELD: &str = "TooManyUnassignments";
/// Assignments of one application at most: they are in memory together.
pub(super) const MAX_ASSIGNED: usize = 150_000;
/// Failures in a row after which the rest of the round goes on without the list.
pub(super) const MAX_ATTEMPTS: u32 = 5;
/// Entries of a page: the most that Graph gives.
const PAGE: u32 = 999;

/// How one application's assignments are, for the portal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Mirroring {
    /// Our application.
    pub application: String,
    /// What the last complete reading did. What was added and removed is 0 when the last reading failed.
    pub outcome: Outcome,
    /// When that was, in Unix milliseconds; 0 when there was none.
    pub at: i64,
    /// Why the last reading failed, or what waits.
    pub error: Option<LastError>,
}

/// What is being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) roles: Vec<Role>,
    pub(super) assigned: Vec<Assigned>,
    /// The next page.
    pub(super) next: String,
}

fn address(settings: &Settings, source: &str) -> String {
    format!("{}/v1.0/servicePrincipals/{}", settings.endpoints.graph, encode(source))
}

/// Where the roles are.
pub(super) fn roles_url(settings: &Settings, source: &str) -> String {
    format!("{}?$select=id,appRoles", address(settings, source))
}

/// Where the first page is.
pub(super) fn first_url(settings: &Settings, source: &str) -> String {
    format!("{}/appRoleAssignedTo?$top={PAGE}", address(settings, source))
}

/// Where one entry is, for Test Connection.
pub(super) fn probe_url(settings: &Settings, source: &str) -> String {
    format!("{}/appRoleAssignedTo?$top=1", address(settings, source))
}

/// What to do about a service principal that cannot be read.
pub(super) fn explained(failure: Failure, source: &str) -> Failure {
    match failure.kind {
        FailureKind::Permission => {
            Failure { message: super::probe::missing_permissions(&[PERMISSION]), ..failure }
        }
        FailureKind::Refused if failure.code == "Request_ResourceNotFound" => Failure {
            code: NO_SERVICE_PRINCIPAL.to_owned(),
            message: format!(
                "The tenant has no service principal {source}. Give the Object ID that the enterprise application shows, not its Application ID."
            ),
            ..failure
        },
        _ => failure,
    }
}

/// Reads the roles.
pub(super) fn roles(body: &str) -> Result<Vec<Role>, PageError> {
    let body: Value = serde_json::from_str(body).map_err(|_| PageError::NotAPage)?;
    let roles = body.get("appRoles").and_then(Value::as_array).ok_or(PageError::NotAPage)?;
    let text = |role: &Value, name: &str| role.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(roles
        .iter()
        .filter_map(|role| {
            Some(Role {
                id: text(role, "id")?,
                value: text(role, "value"),
                display_name: text(role, "displayName").unwrap_or_default(),
            })
        })
        .collect())
}

/// Reads a page: people and groups, and where the next one is.
pub(super) fn page(body: &str) -> Result<(Vec<Assigned>, Option<String>), PageError> {
    let body: Value = serde_json::from_str(body).map_err(|_| PageError::NotAPage)?;
    let entries = body.get("value").and_then(Value::as_array).ok_or(PageError::NotAPage)?;
    let assigned = entries.iter().filter_map(|entry| {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        // Applications that are assigned to applications are nobody whom anything is made for.
        if !matches!(text("principalType"), Some("User" | "Group")) {
            return None;
        }
        Some(Assigned { principal: text("principalId")?.to_owned(), role: text("appRoleId")?.to_owned() })
    });
    let next = body.get("@odata.nextLink").and_then(Value::as_str).map(str::to_owned);
    Ok((assigned.collect(), next))
}

/// Removals that wait for a person, in words.
pub(super) fn held_text(held: u64) -> String {
    format!(
        "{held} people and groups are not assigned to the application at the source any more. Nobody was unassigned: so many at once look like a mistake. If they are to go, run the inlet with their removal allowed."
    )
}
