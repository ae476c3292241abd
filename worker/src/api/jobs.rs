//! `/servicePrincipals/{id}/synchronization/jobs`: the job of an application. There is one at most.
//!
//! What the job's object answers goes out as it is: it made it from the API's types.

use api::collection::Collection;
use api::job::{JobPatch, JobRequest, NameValue, OnDemandRequest, RestartRequest, ValidateCredentials};
use provisioning::{schedule, template};
use serde_json::{Value, json};
use store::organization::ServicePrincipalRecord;
use worker::{Method, Response};

use super::{connection, cycles, describe, not_allowed, not_found, only, plans, schema, service_principals};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, created, no_content, ok};
use crate::job::on_demand;
use crate::objects::directory::{self, DirectoryCommand};
use crate::objects::job::{self, JobCommand};

/// Answers a request under `jobs`.
pub async fn handle(exchange: Exchange, id: &str, rest: &[&str]) -> Result<Response, ApiError> {
    let principal = service_principals::find(&exchange, id).await?;
    match (rest, &exchange.method) {
        ([], Method::Get) => {
            let found: Value = job::call(&exchange.env, id, &JobCommand::Describe).await?;
            ok(&Collection::of(Some(found).filter(|found| !found.is_null()).into_iter().collect()))
        }
        ([], Method::Post) => create(exchange, &principal).await,
        ([], _) => Err(not_allowed(&exchange)),
        // Before anything else is read, which would count as well.
        ([_, "rows"], _) => rows(exchange, id).await,
        ([job_id, rest @ ..], _) => {
            let job = find(&exchange, id, job_id).await?;
            one(exchange, &principal, job, rest).await
        }
    }
}

async fn one(
    exchange: Exchange,
    principal: &ServicePrincipalRecord,
    job: Value,
    rest: &[&str],
) -> Result<Response, ApiError> {
    let id = principal.id.as_str();
    match (rest, &exchange.method) {
        ([], Method::Get) => ok(&job),
        ([], Method::Delete) => {
            job::call::<()>(&exchange.env, id, &JobCommand::Destroy).await?;
            note(&exchange, principal, "Delete provisioning configuration").await?;
            no_content()
        }
        ([], Method::Patch) => patch(exchange, principal).await,
        ([], _) => Err(not_allowed(&exchange)),
        (["start"], _) => {
            only(&exchange, &Method::Post)?;
            job::call::<()>(&exchange.env, id, &JobCommand::Start).await?;
            note(&exchange, principal, "Enable/start provisioning configuration").await?;
            no_content()
        }
        (["pause"], _) => {
            only(&exchange, &Method::Post)?;
            job::call::<()>(&exchange.env, id, &JobCommand::Pause).await?;
            note(&exchange, principal, "Disable/pause provisioning configuration").await?;
            no_content()
        }
        (["restart"], _) => restart(exchange, principal).await,
        (["provisionOnDemand"], _) => provision_on_demand(exchange, principal).await,
        (["validateCredentials"], _) => validate(exchange, principal).await,
        (["capabilities"], _) => {
            only(&exchange, &Method::Get)?;
            let said: Value = job::call(&exchange.env, id, &JobCommand::Capabilities).await?;
            if said.is_null() {
                return Err(ApiError::new(
                    404,
                    "Request_ResourceNotFound",
                    "Nobody has asked the application yet what it can do. Test the connection, or run a cycle.",
                ));
            }
            ok(&said)
        }
        (["schema", rest @ ..], _) => schema::handle(exchange, principal, rest).await,
        (["plan"], _) => plans::create(exchange, principal).await,
        (["plans", rest @ ..], _) => plans::handle(exchange, principal, rest).await,
        (["cycles", rest @ ..], _) => cycles::handle(exchange, principal, rest).await,
        (["objectConnections", rest @ ..], _) => cycles::connections(exchange, principal, rest).await,
        _ => Err(not_found(&exchange)),
    }
}

/// The job with an id, or 404.
async fn find(exchange: &Exchange, id: &str, job_id: &str) -> Result<Value, ApiError> {
    let found: Value = job::call(&exchange.env, id, &JobCommand::Describe).await?;
    if found.get("id").and_then(Value::as_str) == Some(job_id) {
        Ok(found)
    } else {
        Err(ApiError::not_found("synchronization job", job_id))
    }
}

async fn create(mut exchange: Exchange, principal: &ServicePrincipalRecord) -> Result<Response, ApiError> {
    let _: JobRequest = exchange.optional_body().await?;
    let organization = describe(&exchange).await?;
    let template = template::find(&principal.template_id)
        .ok_or_else(|| ApiError::internal(format!("no template {}", principal.template_id)))?;
    let command = JobCommand::Create {
        job_id: format!("{}.{}.{}", template.sync_template_id, organization.id, principal.id),
        organization_id: organization.id,
        service_principal_id: principal.id.clone(),
        display_name: principal.display_name.clone(),
        template_id: principal.template_id.clone(),
        workforce_directory_id: organization.workforce_directory_id,
    };
    let job: Value = job::call(&exchange.env, &principal.id, &command).await?;
    note(&exchange, principal, "Create provisioning configuration").await?;
    created(&job)
}

/// Changes schedule and settings.
async fn patch(mut exchange: Exchange, principal: &ServicePrincipalRecord) -> Result<Response, ApiError> {
    let patch: JobPatch = exchange.body().await?;
    if let Some(text) = patch.schedule.and_then(|schedule| schedule.interval) {
        let interval = schedule::parse_interval(&text).map_err(ApiError::bad_request)?;
        job::call::<()>(&exchange.env, &principal.id, &JobCommand::SetInterval { interval }).await?;
        let entry = audit::Entry::provisioning("Update provisioning schedule", principal)
            .set("interval", &schedule::interval_text(interval));
        audit::record(&exchange, entry).await?;
    }
    let entries = patch.synchronization_job_settings;
    if !entries.is_empty() {
        let mut entry = audit::Entry::provisioning("Update provisioning settings", principal);
        for NameValue { name, value } in &entries {
            entry = entry.set(name, value);
        }
        job::call::<()>(&exchange.env, &principal.id, &JobCommand::PutSettings { entries }).await?;
        audit::record(&exchange, entry).await?;
    }
    no_content()
}

async fn restart(mut exchange: Exchange, principal: &ServicePrincipalRecord) -> Result<Response, ApiError> {
    only(&exchange, &Method::Post)?;
    let request: RestartRequest = exchange.optional_body().await?;
    let scope = request.criteria.reset_scope;
    job::call::<()>(&exchange.env, &principal.id, &JobCommand::Restart { reset_scope: scope.clone() })
        .await?;
    let entry = audit::Entry::provisioning("Enable/restart provisioning configuration", principal)
        .set("resetScope", &scope);
    audit::record(&exchange, entry).await?;
    no_content()
}

/// Graph's `provisionOnDemand`. `?preview=true` (not in Graph) writes nothing.
async fn provision_on_demand(
    mut exchange: Exchange,
    principal: &ServicePrincipalRecord,
) -> Result<Response, ApiError> {
    only(&exchange, &Method::Post)?;
    let request: OnDemandRequest = exchange.body().await?;
    let mut subjects = Vec::new();
    for subject in request.parameters.into_iter().flat_map(|parameter| parameter.subjects) {
        if !subject.object_type_name.eq_ignore_ascii_case("User") {
            return Err(ApiError::bad_request(format!(
                "objectTypeName is `{}`; people (`User`) are provisioned on demand.",
                subject.object_type_name
            )));
        }
        subjects.push(subject.object_id);
    }
    if subjects.is_empty() || subjects.len() > on_demand::MAXIMUM_SUBJECTS {
        return Err(ApiError::bad_request(format!(
            "Name 1 to {} subjects; there are {}.",
            on_demand::MAXIMUM_SUBJECTS,
            subjects.len()
        )));
    }
    let write = !exchange.flag("preview");
    let people = subjects.join(", ");
    let command = JobCommand::ProvisionOnDemand { subjects, write };
    let answer: Value = job::call(&exchange.env, &principal.id, &command).await?;
    if write {
        let entry = audit::Entry::provisioning("Provision on demand", principal).set("subjects", &people);
        audit::record(&exchange, entry).await?;
    }
    ok(&answer)
}

async fn validate(mut exchange: Exchange, principal: &ServicePrincipalRecord) -> Result<Response, ApiError> {
    only(&exchange, &Method::Post)?;
    let request: ValidateCredentials = exchange.optional_body().await?;
    if exchange.flag("details") {
        return connection::probe_by_probe(&exchange, &principal.id, request).await;
    }
    let command = JobCommand::Validate { request, origin: exchange.origin.clone() };
    job::call::<()>(&exchange.env, &principal.id, &command).await?;
    no_content()
}

/// Rows that the databases of the job and of its source have read and written since they were last asked.
async fn rows(exchange: Exchange, id: &str) -> Result<Response, ApiError> {
    only(&exchange, &Method::Get)?;
    let workforce = describe(&exchange).await?.workforce_directory_id;
    let own: Value = job::call(&exchange.env, id, &JobCommand::Rows).await?;
    let source: Value = directory::call(&exchange.env, &workforce, &DirectoryCommand::Rows).await?;
    ok(&json!({"job": own, "source": source}))
}

async fn note(
    exchange: &Exchange,
    principal: &ServicePrincipalRecord,
    activity: &str,
) -> Result<(), ApiError> {
    audit::record(exchange, audit::Entry::provisioning(activity, principal)).await
}
