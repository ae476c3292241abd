//! `/servicePrincipals`: enterprise applications.

use api::application::{AppRole, ServicePrincipal, ServicePrincipalPatch};
use api::collection::Collection;
use provisioning::template::{self, ApplicationTemplate};
use store::organization::ServicePrincipalRecord;
use worker::{Method, Response};

use super::{display_name, not_allowed, only, organization};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, no_content, ok};
use crate::objects::job::{self, JobCommand};
use crate::objects::organization::OrganizationCommand;
use crate::platform::clock;

/// All enterprise applications.
pub async fn list(exchange: Exchange) -> Result<Response, ApiError> {
    only(&exchange, &Method::Get)?;
    let records: Vec<ServicePrincipalRecord> =
        organization(&exchange, &OrganizationCommand::ServicePrincipals).await?;
    ok(&Collection::of(records.iter().map(describe).collect()))
}

/// One enterprise application.
pub async fn one(mut exchange: Exchange, id: &str) -> Result<Response, ApiError> {
    match exchange.method {
        Method::Get => ok(&describe(&find(&exchange, id).await?)),
        Method::Patch => {
            let patch: ServicePrincipalPatch = exchange.body().await?;
            let before = find(&exchange, id).await?;
            let mut after = before.clone();
            if let Some(name) = &patch.display_name {
                after.display_name = display_name(name)?;
            }
            if let Some(enabled) = patch.account_enabled {
                after.account_enabled = enabled;
            }
            if after != before {
                let command = OrganizationCommand::SaveServicePrincipal { principal: after.clone() };
                organization::<()>(&exchange, &command).await?;
                let rename = JobCommand::Rename { display_name: after.display_name.clone() };
                job::call::<()>(&exchange.env, id, &rename).await?;
                let entry = audit::Entry::application("Update service principal", &after)
                    .changed("displayName", &before.display_name, &after.display_name)
                    .changed(
                        "accountEnabled",
                        &before.account_enabled.to_string(),
                        &after.account_enabled.to_string(),
                    );
                audit::record(&exchange, entry).await?;
            }
            ok(&describe(&after))
        }
        Method::Delete => {
            let principal = find(&exchange, id).await?;
            // The job first: if this request is cut short, the application is still listed and can be
            // removed again, and no job runs without one.
            job::call::<()>(&exchange.env, id, &JobCommand::Destroy).await?;
            let command = OrganizationCommand::RemoveServicePrincipal { id: id.to_owned() };
            organization::<()>(&exchange, &command).await?;
            audit::record(&exchange, audit::Entry::application("Remove service principal", &principal))
                .await?;
            no_content()
        }
        _ => Err(not_allowed(&exchange)),
    }
}

/// The record of an enterprise application, or 404.
pub async fn find(exchange: &Exchange, id: &str) -> Result<ServicePrincipalRecord, ApiError> {
    let command = OrganizationCommand::ServicePrincipal { id: id.to_owned() };
    let record: Option<ServicePrincipalRecord> = organization(exchange, &command).await?;
    record.ok_or_else(|| ApiError::not_found("service principal", id))
}

fn describe(record: &ServicePrincipalRecord) -> ServicePrincipal {
    to_api(record, template::find(&record.template_id).as_ref())
}

/// Graph's resource.
pub fn to_api(record: &ServicePrincipalRecord, template: Option<&ApplicationTemplate>) -> ServicePrincipal {
    ServicePrincipal {
        id: record.id.clone(),
        app_id: record.app_id.clone(),
        display_name: record.display_name.clone(),
        application_template_id: record.template_id.clone(),
        account_enabled: record.account_enabled,
        created_date_time: clock::rfc3339(record.created_at),
        app_roles: template.map(|template| template.app_roles.iter().map(role).collect()).unwrap_or_default(),
        excludes_default_access: template.is_some_and(|template| template.excludes_default_access),
    }
}

fn role(role: &template::AppRole) -> AppRole {
    AppRole {
        id: role.id.clone(),
        display_name: role.display_name.clone(),
        value: role.value.clone(),
        description: role.description.clone(),
        is_enabled: role.is_enabled,
        allowed_member_types: vec!["User".to_owned()],
    }
}
