//! `/directories`: the workforce directory and the directories of applications.

use api::collection::Collection;
use api::directory::{Directory, DirectoryPatch, DirectoryProfile, DirectoryRequest};
use scim::service::MAX_REQUESTS_PER_SECOND;
use store::organization::DirectoryRecord;
use worker::{Method, Response};

use super::{describe, display_name, not_allowed, organization};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, created, no_content, ok};
use crate::objects::directory::{self, DirectoryCommand, DirectoryDescription, Profile};
use crate::objects::organization::OrganizationCommand;
use crate::platform::{clock, random};

/// Lists and creates directories.
pub async fn list(mut exchange: Exchange) -> Result<Response, ApiError> {
    match exchange.method {
        Method::Get => {
            describe(&exchange).await?;
            let records: Vec<DirectoryRecord> =
                organization(&exchange, &OrganizationCommand::Directories).await?;
            let value = records.iter().map(|record| to_api(&exchange, record, None)).collect();
            ok(&Collection::of(value))
        }
        Method::Post => {
            let request: DirectoryRequest = exchange.body().await?;
            if request.profile == DirectoryProfile::Workforce {
                return Err(ApiError::bad_request(
                    "An organization has one workforce directory, and it exists already. Create a directory with the profile `application`.",
                ));
            }
            let record = DirectoryRecord {
                id: random::uuid()?,
                display_name: display_name(&request.display_name)?,
                profile: "application".to_owned(),
                enabled: request.employee_provisioning_enabled,
                created_at: clock::now_ms(),
            };
            let command = DirectoryCommand::Initialize {
                id: record.id.clone(),
                profile: Profile::Application,
                display_name: record.display_name.clone(),
                enabled: record.enabled,
                created_at: record.created_at,
            };
            // The object before the list: a list without its object would be a directory that does not work.
            directory::call::<()>(&exchange.env, &record.id, &command).await?;
            let command = OrganizationCommand::SaveDirectory { directory: record.clone() };
            organization::<()>(&exchange, &command).await?;
            let entry = audit::Entry::directory("Add directory", &record.id, &record.display_name);
            audit::record(&exchange, entry).await?;
            created(&to_api(&exchange, &record, None))
        }
        _ => Err(not_allowed(&exchange)),
    }
}

/// One directory.
pub async fn one(mut exchange: Exchange, id: &str) -> Result<Response, ApiError> {
    match exchange.method {
        Method::Get => {
            let record = find(&exchange, id).await?;
            let described: DirectoryDescription =
                directory::call(&exchange.env, id, &DirectoryCommand::Describe).await?;
            ok(&to_api(&exchange, &record, Some(&described)))
        }
        Method::Patch => {
            let patch: DirectoryPatch = exchange.body().await?;
            let before = find(&exchange, id).await?;
            let was: DirectoryDescription =
                directory::call(&exchange.env, id, &DirectoryCommand::Describe).await?;
            let mut after = before.clone();
            if let Some(name) = &patch.display_name {
                after.display_name = display_name(name)?;
            }
            if let Some(enabled) = patch.employee_provisioning_enabled {
                after.enabled = enabled;
            }
            let requests_per_second = patch.requests_per_second.map(rate).transpose()?;
            // The object decides who is let in, so it is told first.
            let command = DirectoryCommand::Update {
                display_name: after.display_name.clone(),
                enabled: after.enabled,
                ignore_unknown_members: patch.ignore_unknown_members,
                requests_per_second,
            };
            directory::call::<()>(&exchange.env, id, &command).await?;
            let command = OrganizationCommand::SaveDirectory { directory: after.clone() };
            organization::<()>(&exchange, &command).await?;
            let described: DirectoryDescription =
                directory::call(&exchange.env, id, &DirectoryCommand::Describe).await?;
            let entry = audit::Entry::directory("Update directory", id, &after.display_name)
                .changed("displayName", &before.display_name, &after.display_name)
                .changed(
                    "employeeProvisioningEnabled",
                    &before.enabled.to_string(),
                    &after.enabled.to_string(),
                )
                .changed(
                    "ignoreUnknownMembers",
                    &was.ignore_unknown_members.to_string(),
                    &described.ignore_unknown_members.to_string(),
                )
                .changed(
                    "requestsPerSecond",
                    &was.requests_per_second.to_string(),
                    &described.requests_per_second.to_string(),
                );
            audit::record(&exchange, entry).await?;
            ok(&to_api(&exchange, &after, Some(&described)))
        }
        Method::Delete => {
            let record = find(&exchange, id).await?;
            if record.profile == "workforce" {
                return Err(ApiError::conflict(
                    "The workforce directory holds the company's people and cannot be deleted.",
                ));
            }
            directory::call::<()>(&exchange.env, id, &DirectoryCommand::Destroy).await?;
            organization::<()>(&exchange, &OrganizationCommand::RemoveDirectory { id: id.to_owned() })
                .await?;
            let entry = audit::Entry::directory("Delete directory", id, &record.display_name);
            audit::record(&exchange, entry).await?;
            no_content()
        }
        _ => Err(not_allowed(&exchange)),
    }
}

/// A limit on requests, checked.
fn rate(number: u64) -> Result<u32, ApiError> {
    u32::try_from(number).ok().filter(|number| *number <= MAX_REQUESTS_PER_SECOND).ok_or_else(|| {
        ApiError::bad_request(format!(
            "requestsPerSecond is at most {MAX_REQUESTS_PER_SECOND}; 0 is no limit."
        ))
    })
}

/// The record of a directory, or 404.
pub async fn find(exchange: &Exchange, id: &str) -> Result<DirectoryRecord, ApiError> {
    describe(exchange).await?;
    let command = OrganizationCommand::Directory { id: id.to_owned() };
    let record: Option<DirectoryRecord> = organization(exchange, &command).await?;
    record.ok_or_else(|| ApiError::not_found("directory", id))
}

fn to_api(exchange: &Exchange, record: &DirectoryRecord, counts: Option<&DirectoryDescription>) -> Directory {
    Directory {
        id: record.id.clone(),
        display_name: record.display_name.clone(),
        profile: match record.profile.as_str() {
            "workforce" => DirectoryProfile::Workforce,
            _ => DirectoryProfile::Application,
        },
        scim_url: format!("{}/scim/{}/v2", exchange.origin, record.id),
        employee_provisioning_enabled: record.enabled,
        ignore_unknown_members: counts.map(|described| described.ignore_unknown_members),
        requests_per_second: counts.map(|described| u64::from(described.requests_per_second)),
        created_date_time: clock::rfc3339(record.created_at),
        user_count: counts.map(|counts| counts.users),
        group_count: counts.map(|counts| counts.groups),
    }
}
