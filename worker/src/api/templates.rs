//! `/applicationTemplates`: the gallery, and adding an application from it.

use api::application::{Application, ApplicationTemplate, InstantiateRequest, InstantiateResponse};
use api::collection::Collection;
use provisioning::template;
use store::organization::ServicePrincipalRecord;
use worker::{Method, Response};

use super::{display_name, not_found, only, organization, service_principals};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, created, ok};
use crate::objects::organization::OrganizationCommand;
use crate::platform::{clock, random};

/// Answers a request under `/applicationTemplates`.
pub async fn handle(exchange: Exchange, rest: &[&str]) -> Result<Response, ApiError> {
    match rest {
        [] => {
            only(&exchange, &Method::Get)?;
            let query = exchange.parameter("$search").unwrap_or("").trim_matches('"').to_owned();
            let found = template::search(&query);
            ok(&Collection::of(found.iter().map(to_api).collect()))
        }
        [id] => {
            only(&exchange, &Method::Get)?;
            ok(&to_api(&find(id)?))
        }
        [id, "instantiate"] => {
            only(&exchange, &Method::Post)?;
            let template = find(id)?;
            instantiate(exchange, template).await
        }
        _ => Err(not_found(&exchange)),
    }
}

/// The template with an id, or 404.
pub fn find(id: &str) -> Result<template::ApplicationTemplate, ApiError> {
    template::find(id).ok_or_else(|| ApiError::not_found("application template", id))
}

async fn instantiate(
    mut exchange: Exchange,
    template: template::ApplicationTemplate,
) -> Result<Response, ApiError> {
    let request: InstantiateRequest = exchange.optional_body().await?;
    let principal = ServicePrincipalRecord {
        id: random::uuid()?,
        app_id: random::uuid()?,
        application_id: random::uuid()?,
        template_id: template.id.clone(),
        display_name: display_name(request.display_name.as_deref().unwrap_or(&template.display_name))?,
        account_enabled: true,
        created_at: clock::now_ms(),
    };
    let command = OrganizationCommand::SaveServicePrincipal { principal: principal.clone() };
    organization::<()>(&exchange, &command).await?;
    audit::record(&exchange, audit::Entry::application("Add service principal", &principal)).await?;
    created(&InstantiateResponse {
        application: Application {
            id: principal.application_id.clone(),
            app_id: principal.app_id.clone(),
            display_name: principal.display_name.clone(),
            application_template_id: template.id.clone(),
            created_date_time: clock::rfc3339(principal.created_at),
        },
        service_principal: service_principals::to_api(&principal, Some(&template)),
    })
}

fn to_api(template: &template::ApplicationTemplate) -> ApplicationTemplate {
    ApplicationTemplate {
        id: template.id.clone(),
        display_name: template.display_name.clone(),
        publisher: template.publisher.clone(),
        description: template.description.clone(),
        categories: template.categories.clone(),
        home_page_url: template.home_page_url.clone(),
        supported_provisioning_types: template.supported_provisioning_types.clone(),
        excludes_default_access: template.excludes_default_access,
    }
}
