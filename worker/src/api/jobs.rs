//! `/servicePrincipals/{id}/synchronization/jobs`: the job of an application. There is one at most.
//!
//! What the job's object answers goes out as it is: it made it from the API's types.

use api::collection::Collection;
use api::job::{
    JobPatch, JobRequest, NameValue, OnDemandRequest, OnDemandSubject, RestartRequest, ValidateCredentials,
};
use provisioning::schedule;
use provisioning::template;
use serde_json::{Value, json};
use store::organization::ServicePrincipalRecord;
use worker::{Method, Response};

use super::{
    connection, cycles, describe, drift_checks, not_allowed, not_found, only, plans, schema,
    service_principals, staged,
};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, created, no_content, ok};
use crate::job::on_demand;
use crate::objects::directory::{self, DirectoryCommand};
use crate::objects::job::{self, JobCommand, TemplateTexts};

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
        (["driftChecks", rest @ ..], _) => drift_checks::handle(exchange, principal, rest).await,
        (["plans", rest @ ..], _) => plans::handle(exchange, principal, rest).await,
        (["cycles", rest @ ..], _) => cycles::handle(exchange, principal, rest).await,
        (["stagedDeletions", rest @ ..], _) => staged::handle(exchange, principal, rest).await,
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
    let (prefix, template) = template_texts(principal)?;
    let command = JobCommand::Create {
        job_id: format!("{prefix}.{}.{}", organization.id, principal.id),
        organization_id: organization.id,
        service_principal_id: principal.id.clone(),
        display_name: principal.display_name.clone(),
        template_id: principal.template_id.clone(),
        workforce_directory_id: organization.workforce_directory_id,
        template,
    };
    let job: Value = job::call(&exchange.env, &principal.id, &command).await?;
    note(&exchange, principal, "Create provisioning configuration").await?;
    created(&job)
}

/// The template's id for jobs, and what a job keeps of the template as it is now.
pub fn template_texts(principal: &ServicePrincipalRecord) -> Result<(String, TemplateTexts), ApiError> {
    let template = template::find(&principal.template_id)
        .ok_or_else(|| ApiError::internal(format!("no template {}", principal.template_id)))?;
    let (kept, schema) = template.for_job();
    let texts = TemplateTexts { kept: crate::json::write(&kept)?, schema: crate::json::write(&schema)? };
    Ok((kept.sync_template_id, texts))
}

/// Changes schedule and settings. Whatever is wrong in the one leaves the other as it was: the interval is read
/// first, and the settings, which the job checks, are written first.
async fn patch(mut exchange: Exchange, principal: &ServicePrincipalRecord) -> Result<Response, ApiError> {
    let patch: JobPatch = exchange.body().await?;
    let interval = patch.schedule.and_then(|schedule| schedule.interval);
    let interval = interval.map(|text| schedule::parse_interval(&text).map_err(ApiError::bad_request));
    let interval = interval.transpose()?;
    let entries = patch.synchronization_job_settings;
    if !entries.is_empty() {
        let mut entry = audit::Entry::provisioning("Update provisioning settings", principal);
        for NameValue { name, value } in &entries {
            entry = entry.set(name, value);
        }
        job::call::<()>(&exchange.env, &principal.id, &JobCommand::PutSettings { entries }).await?;
        audit::record(&exchange, entry).await?;
    }
    if let Some(interval) = interval {
        job::call::<()>(&exchange.env, &principal.id, &JobCommand::SetInterval { interval }).await?;
        let entry = audit::Entry::provisioning("Update provisioning schedule", principal)
            .set("interval", &schedule::interval_text(interval));
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
    let subjects = on_demand_subjects(request)?;
    let write = !exchange.flag("preview");
    let people = subjects.join(", ");
    let command = JobCommand::ProvisionOnDemand { subjects, write };
    let answer: Result<Value, ApiError> = job::call(&exchange.env, &principal.id, &command).await;
    // A call that takes too long goes on without an answer, and writes.
    let may_have_written = answer.as_ref().err().is_none_or(|error| error.status >= 500);
    if write && may_have_written {
        let entry = audit::Entry::provisioning("Provision on demand", principal).set("subjects", &people);
        audit::record(&exchange, if answer.is_ok() { entry } else { entry.failed() }).await?;
    }
    ok(&answer?)
}

/// Whom a request names, by id: people, or a group and the members of it that go with it.
fn on_demand_subjects(request: OnDemandRequest) -> Result<Vec<String>, ApiError> {
    let most = on_demand::MAXIMUM_SUBJECTS;
    let is = |subject: &OnDemandSubject, name: &str| subject.object_type_name.eq_ignore_ascii_case(name);
    let mut subjects: Vec<OnDemandSubject> =
        request.parameters.into_iter().flat_map(|parameter| parameter.subjects).collect();
    let has_group = subjects.iter().any(|subject| is(subject, "Group"));
    if has_group && subjects.len() > 1 {
        return Err(ApiError::bad_request(
            "Name one group by itself; its members go into `links` of the group.",
        ));
    }
    let links = subjects.first_mut().and_then(|subject| subject.links.take()).unwrap_or_default();
    let people = if has_group { &links.members } else { &subjects };
    if let Some(other) = people.iter().find(|subject| !is(subject, "User")) {
        return Err(ApiError::bad_request(format!(
            "objectTypeName is `{}`; people (`User`), or one `Group` with people as members, are provisioned on \
             demand.",
            other.object_type_name
        )));
    }
    if people.len() > most {
        let what = if has_group { "members" } else { "subjects" };
        return Err(ApiError::bad_request(format!("Name up to {most} {what}; there are {}.", people.len())));
    }
    let mut ids: Vec<String> = Vec::new();
    for subject in subjects.into_iter().chain(links.members) {
        if !ids.contains(&subject.object_id) {
            ids.push(subject.object_id);
        }
    }
    if ids.is_empty() {
        return Err(ApiError::bad_request(format!("Name 1 to {most} subjects; there are none.")));
    }
    Ok(ids)
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn people_or_a_group_with_members_are_provisioned_on_demand() {
        let user = |id: usize| json!({"objectId": format!("u{id}"), "objectTypeName": "User"});
        let users = |count: usize| (0..count).map(user).collect::<Vec<_>>();
        let group = |members: Vec<Value>| json!({"objectId": "g", "objectTypeName": "Group", "links": {"members": members}});
        let check = |subjects: Vec<Value>, expected: Result<&[&str], &str>| {
            let body = json!({"parameters": [{"ruleId": "r", "subjects": subjects}]});
            let request: OnDemandRequest = serde_json::from_value(body).expect("a request");
            match (on_demand_subjects(request), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(error), Err(part)) => {
                    assert!(error.status == 400 && error.message.contains(part), "{}", error.message);
                }
                (found, expected) => panic!("{found:?} {expected:?}"),
            }
        };
        check(users(2), Ok(&["u0", "u1"]));
        check(vec![user(0), user(0)], Ok(&["u0"]));
        check(vec![group(users(5))], Ok(&["g", "u0", "u1", "u2", "u3", "u4"]));
        check(vec![json!({"objectId": "g", "objectTypeName": "group"})], Ok(&["g"]));
        check(vec![], Err("there are none"));
        check(users(6), Err("up to 5 subjects; there are 6"));
        check(vec![group(users(6))], Err("up to 5 members; there are 6"));
        check(vec![group(vec![]), user(0)], Err("by itself"));
        check(vec![group(vec![group(vec![])])], Err("`Group`"));
        check(vec![json!({"objectId": "d", "objectTypeName": "Device"})], Err("`Device`"));
    }
}
