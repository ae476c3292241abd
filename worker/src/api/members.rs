//! `/organization/members`: who may sign in.

use api::collection::Collection;
use api::organization::{Member, MemberPatch, MemberRequest};
use store::organization::{Added, MAX_MEMBERS, MemberRecord};
use worker::{Method, Response};

use super::session::email;
use super::{not_allowed, not_found, organization};
use crate::audit;
use crate::auth::{Actor, role, role_name};
use crate::error::ApiError;
use crate::exchange::{Exchange, created, no_content, ok};
use crate::objects::organization::OrganizationCommand;
use crate::platform::{clock, random};

/// Answers a request under `members`.
pub async fn handle(mut exchange: Exchange, rest: &[&str]) -> Result<Response, ApiError> {
    match (rest, &exchange.method) {
        ([], Method::Get) => {
            let members: Vec<MemberRecord> = organization(&exchange, &OrganizationCommand::Members).await?;
            ok(&Collection::of(members.into_iter().map(to_api).collect()))
        }
        ([], Method::Post) => {
            let request: MemberRequest = exchange.body().await?;
            let email = email(&request.email)?;
            match add(&exchange, email.clone(), role_name(request.role)).await? {
                Some(member) => created(&to_api(member)),
                None => Err(ApiError::new(
                    409,
                    "Request_MultipleObjectsWithSameKeyValue",
                    format!("{email} is a member already."),
                )),
            }
        }
        ([id], Method::Patch) => {
            let patch: MemberPatch = exchange.body().await?;
            let found = find(&exchange, id).await?;
            not_oneself(&exchange, &found)?;
            let name = role_name(patch.role);
            let command = OrganizationCommand::SetMemberRole { id: found.id.clone(), role: name.to_owned() };
            let before: Option<MemberRecord> = organization(&exchange, &command).await?;
            let before = before.ok_or_else(|| ApiError::not_found("member", id))?;
            audit::record(&exchange, entry("Update member", &before).changed("role", &before.role, name))
                .await?;
            ok(&to_api(MemberRecord { role: name.to_owned(), ..before }))
        }
        ([id], Method::Delete) => {
            let found = find(&exchange, id).await?;
            not_oneself(&exchange, &found)?;
            let command = OrganizationCommand::RemoveMember { id: found.id.clone() };
            organization::<Option<MemberRecord>>(&exchange, &command).await?;
            audit::record(&exchange, entry("Remove member", &found)).await?;
            no_content()
        }
        ([] | [_], _) => Err(not_allowed(&exchange)),
        _ => Err(not_found(&exchange)),
    }
}

/// Adds a member; `None` when somebody has this address already.
pub async fn add(exchange: &Exchange, email: String, role: &str) -> Result<Option<MemberRecord>, ApiError> {
    let member = MemberRecord {
        id: random::uuid()?,
        email,
        role: role.to_owned(),
        created_at: clock::now_ms(),
        last_sign_in_at: None,
    };
    let command = OrganizationCommand::AddMember { member: member.clone() };
    match organization(exchange, &command).await? {
        Added::Yes => {}
        Added::Exists => return Ok(None),
        Added::Full => {
            return Err(ApiError::conflict(format!(
                "The organization has {MAX_MEMBERS} members; remove one first."
            )));
        }
    }
    audit::record(exchange, entry("Add member", &member).set("role", &member.role)).await?;
    Ok(Some(member))
}

async fn find(exchange: &Exchange, id: &str) -> Result<MemberRecord, ApiError> {
    let members: Vec<MemberRecord> = organization(exchange, &OrganizationCommand::Members).await?;
    members.into_iter().find(|member| member.id == id).ok_or_else(|| ApiError::not_found("member", id))
}

/// Nobody locks themselves out by accident.
fn not_oneself(exchange: &Exchange, member: &MemberRecord) -> Result<(), ApiError> {
    match &exchange.actor {
        Actor::Session { email: Some(email), .. } if *email == member.email => {
            Err(ApiError::conflict("This is you: another administrator has to do that."))
        }
        _ => Ok(()),
    }
}

fn entry(activity: &str, member: &MemberRecord) -> audit::Entry {
    audit::Entry::organization(activity, "Member", &member.id, &member.email)
}

fn to_api(record: MemberRecord) -> Member {
    Member {
        role: role(&record.role),
        id: record.id,
        email: record.email,
        created_date_time: clock::rfc3339(record.created_at),
        last_sign_in_date_time: record.last_sign_in_at.map(clock::rfc3339),
    }
}
