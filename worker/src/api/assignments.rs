//! `/servicePrincipals/{id}/appRoleAssignedTo`: who is assigned.

use api::application::{AppRoleAssignment, AppRoleAssignmentRequest, DEFAULT_ACCESS_ROLE};
use api::collection::Collection;
use provisioning::template;
use serde::Serialize;
use store::organization::{AssignmentRecord, PrincipalType, ServicePrincipalRecord};
use worker::{Method, Response};

use super::{describe, not_allowed, not_found, only, organization, reach, service_principals};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, created, no_content, ok};
use crate::objects::directory::{self, DirectoryCommand, Principal};
use crate::objects::organization::OrganizationCommand;
use crate::platform::{clock, random};

/// Assignments a page, unless `$top` says otherwise.
const PAGE: i64 = 100;
/// Assignments a page at most.
const MAXIMUM_PAGE: i64 = 1_000;

/// Answers a request under `appRoleAssignedTo`.
pub async fn handle(exchange: Exchange, id: &str, rest: &[&str]) -> Result<Response, ApiError> {
    let principal = service_principals::find(&exchange, id).await?;
    match (rest, &exchange.method) {
        ([], Method::Get) => list(exchange, &principal).await,
        ([], Method::Post) => add(exchange, &principal).await,
        (["reach"], _) => {
            only(&exchange, &Method::Get)?;
            reach::answer(&exchange, &principal).await
        }
        ([assignment], _) => {
            only(&exchange, &Method::Delete)?;
            remove(exchange, &principal, assignment).await
        }
        ([], _) => Err(not_allowed(&exchange)),
        _ => Err(not_found(&exchange)),
    }
}

async fn list(exchange: Exchange, application: &ServicePrincipalRecord) -> Result<Response, ApiError> {
    let top = exchange.top(PAGE, MAXIMUM_PAGE)?;
    let after = exchange.parameter("$skiptoken").unwrap_or("").to_owned();
    let command = OrganizationCommand::Assignments {
        service_principal_id: application.id.clone(),
        after,
        limit: top + 1,
    };
    let mut records: Vec<AssignmentRecord> = organization(&exchange, &command).await?;
    let limit = usize::try_from(top).unwrap_or(0);
    let more = records.len() > limit;
    records.truncate(limit);
    let next_link = if more { records.last().map(|last| exchange.next_link(&last.id)) } else { None };
    let count = if exchange.flag("$count") {
        let command = OrganizationCommand::AssignmentCount { service_principal_id: application.id.clone() };
        let count: i64 = organization(&exchange, &command).await?;
        u64::try_from(count).ok()
    } else {
        None
    };
    let value = records.iter().map(|record| to_api(record, application)).collect();
    ok(&Collection { count, next_link, value })
}

async fn add(mut exchange: Exchange, application: &ServicePrincipalRecord) -> Result<Response, ApiError> {
    let request: AppRoleAssignmentRequest = exchange.body().await?;
    if request.resource_id != application.id {
        return Err(ApiError::bad_request(format!(
            "resourceId is {}; it must be the service principal of the path, {}.",
            request.resource_id, application.id
        )));
    }
    let known = request.app_role_id == DEFAULT_ACCESS_ROLE
        || template::find(&application.template_id).is_some_and(|template| {
            template.app_roles.iter().any(|role| role.id == request.app_role_id && role.is_enabled)
        });
    if !known {
        return Err(ApiError::bad_request(format!(
            "{} has no role with the id {}; its roles are in appRoles of the service principal.",
            application.display_name, request.app_role_id
        )));
    }
    let workforce = describe(&exchange).await?.workforce_directory_id;
    let command = DirectoryCommand::Principal { id: request.principal_id.clone() };
    let principal: Option<Principal> = directory::call(&exchange.env, &workforce, &command).await?;
    let Some(principal) = principal else {
        return Err(ApiError::not_found("user or group", &request.principal_id));
    };
    let record = AssignmentRecord {
        id: random::uuid()?,
        service_principal_id: application.id.clone(),
        principal_id: request.principal_id,
        principal_type: if principal.is_group { PrincipalType::Group } else { PrincipalType::User },
        principal_display_name: principal.display_name,
        app_role_id: request.app_role_id,
        created_at: clock::now_ms(),
        inlet_id: None,
    };
    let command = OrganizationCommand::AddAssignment { assignment: record.clone() };
    if !organization::<bool>(&exchange, &command).await? {
        return Err(ApiError::new(
            409,
            "Request_MultipleObjectsWithSameKeyValue",
            format!(
                "{} is assigned to {} with this role already.",
                record.principal_display_name, application.display_name
            ),
        ));
    }
    let activity = match record.principal_type {
        PrincipalType::User => "Add app role assignment grant to user",
        PrincipalType::Group => "Add app role assignment to group",
    };
    let entry = audit::Entry::application(activity, application)
        .set("principal", &record.principal_display_name)
        .set("principalId", &record.principal_id)
        .set("appRoleId", &record.app_role_id);
    audit::record(&exchange, entry).await?;
    created(&to_api(&record, application))
}

async fn remove(
    exchange: Exchange,
    application: &ServicePrincipalRecord,
    id: &str,
) -> Result<Response, ApiError> {
    let command = OrganizationCommand::RemoveAssignment {
        service_principal_id: application.id.clone(),
        id: id.to_owned(),
    };
    let removed: Option<AssignmentRecord> = organization(&exchange, &command).await?;
    let Some(removed) = removed else { return Err(ApiError::not_found("assignment", id)) };
    let activity = match removed.principal_type {
        PrincipalType::User => "Remove app role assignment from user",
        PrincipalType::Group => "Remove app role assignment from group",
    };
    let entry = audit::Entry::application(activity, application)
        .set("principal", &removed.principal_display_name)
        .set("principalId", &removed.principal_id)
        .set("appRoleId", &removed.app_role_id);
    audit::record(&exchange, entry).await?;
    no_content()
}

/// Graph's resource, and the inlet that made it (not in Graph).
#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    assignment: AppRoleAssignment,
    #[serde(rename = "inletId", skip_serializing_if = "Option::is_none")]
    inlet_id: Option<String>,
}

fn to_api(record: &AssignmentRecord, application: &ServicePrincipalRecord) -> Listed {
    let assignment = AppRoleAssignment {
        id: record.id.clone(),
        created_date_time: clock::rfc3339(record.created_at),
        principal_id: record.principal_id.clone(),
        principal_display_name: record.principal_display_name.clone(),
        principal_type: record.principal_type.name().to_owned(),
        resource_id: application.id.clone(),
        resource_display_name: application.display_name.clone(),
        app_role_id: record.app_role_id.clone(),
    };
    Listed { assignment, inlet_id: record.inlet_id.clone() }
}
