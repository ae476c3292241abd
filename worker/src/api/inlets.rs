//! `/directories/{id}/inlets`: what fills a workforce directory.

use api::collection::Collection;
use api::inlet::{
    Inlet, InletConflict, InletDetails, InletOptions, InletPatch, InletRequest, InletRules, InletValue,
};
use inlets::assignments::Role;
use inlets::rules::next_precedence;
use provisioning::template;
use serde::de::DeserializeOwned;
use store::directory::mirror::conflicts::ConflictPage;
use store::inlet::InletLogPage;
use store::organization::{DirectoryRecord, InletRecord, ServicePrincipalRecord};
use worker::{Method, Response};

use super::{directories, not_allowed, not_found, only, organization, precedence};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, created, no_content, ok};
use crate::inlet::record::{InletSettings, MAX_MIRRORED};
use crate::inlet::status::{self, Described};
use crate::objects::directory::{self, DirectoryCommand};
use crate::objects::inlet::{self, InletCommand};
use crate::objects::organization::OrganizationCommand;
use crate::platform::{clock, random};

/// Inlets of a directory at most.
const MAXIMUM_INLETS: usize = 20;
/// The object that tests connections for inlets that are not made yet. One for all: each leaves an empty database.
const PROBE: &str = "probe";
/// Entries of a page of the log.
const LOG_PAGE: i64 = 100;
/// Entries of a page of the log at most.
const MAXIMUM_LOG_PAGE: i64 = 1_000;

/// People of a page of conflicts.
const CONFLICTS_PAGE: i64 = 50;
/// People of a page of conflicts at most.
const MAXIMUM_CONFLICTS_PAGE: i64 = 200;

/// Answers a request under `inlets`.
pub async fn handle(exchange: Exchange, id: &str, rest: &[&str]) -> Result<Response, ApiError> {
    let directory = directories::find(&exchange, id).await?;
    match (rest, &exchange.method) {
        ([], Method::Get) => ok(&Collection::of(described(&exchange, id).await?)),
        ([], Method::Post) => create(exchange, &directory).await,
        ([], _) => Err(not_allowed(&exchange)),
        (["validateCredentials"], _) => probe(exchange, &directory).await,
        ([inlet_id], Method::Delete) => remove(exchange, &directory, inlet_id).await,
        ([inlet_id, rest @ ..], _) => {
            let found = find(&exchange, id, inlet_id).await?;
            one(exchange, &directory, found, rest).await
        }
    }
}

async fn one(
    mut exchange: Exchange,
    directory: &DirectoryRecord,
    described: Described,
    rest: &[&str],
) -> Result<Response, ApiError> {
    let found = &described.inlet;
    let id = found.id.clone();
    match (rest, &exchange.method) {
        ([], Method::Get) => ok(&described),
        ([], Method::Patch) => {
            let (patch, rules, options): (InletPatch, _, _) = body(&mut exchange).await?;
            if let Some(precedence) = rules.precedence {
                let others = precedences(&exchange, &directory.id, &id).await?;
                check_precedence(precedence, &others)?;
            }
            let roles = roles_of_applications(&exchange, &options).await?;
            let (before, details) = (&described.rules, described.details.clone());
            inlet::call::<()>(&exchange.env, &id, &InletCommand::Update { patch, rules, options, roles })
                .await?;
            let described = find(&exchange, &directory.id, &id).await?;
            let after = &described.inlet;
            let entry = about("Update inlet", directory, after)
                .changed("displayName", &found.display_name, &after.display_name)
                .changed("clientId", &found.client_id, &after.client_id)
                .changed("cloud", &found.cloud, &after.cloud)
                .changed("graphOrigin", &found.graph_origin, &after.graph_origin)
                .changed("interval", &found.interval, &after.interval)
                .changed("rules", &rules_text(before), &rules_text(&described.rules))
                .changed("certificate", thumbprint(&details), thumbprint(&described.details))
                .changed("appRoleAssignments", &mirrors(&details), &mirrors(&described.details));
            // Before people follow: the rules count by now, whether or not the request gets to its end.
            audit::record(&exchange, entry).await?;
            if described.rules.precedence != before.precedence {
                precedence::follow(&exchange, &directory.id).await;
            }
            ok(&described)
        }
        ([], _) => Err(not_allowed(&exchange)),
        (["validateCredentials"], _) => {
            only(&exchange, &Method::Post)?;
            let (patch, rules, options) = body(&mut exchange).await?;
            inlet::call::<()>(&exchange.env, &id, &InletCommand::Validate { patch, rules, options }).await?;
            no_content()
        }
        (["run"], _) => {
            let allow_removals = exchange.flag("allowRemovals");
            let activity = if allow_removals { "Allow removals of inlet" } else { "Run inlet" };
            command(exchange, directory, found, activity, &InletCommand::Run { allow_removals }).await
        }
        (["pause"], _) => command(exchange, directory, found, "Pause inlet", &InletCommand::Pause).await,
        (["reset"], _) => command(exchange, directory, found, "Reset inlet", &InletCommand::Reset).await,
        (["log"], _) => log(exchange, &id).await,
        _ => Err(not_found(&exchange)),
    }
}

/// Removes an inlet. May be repeated until it is off the list; one whose removal broke off says nothing any more, and
/// its object goes on by itself.
async fn remove(exchange: Exchange, directory: &DirectoryRecord, id: &str) -> Result<Response, ApiError> {
    if !is_listed(&exchange, &directory.id, id).await? {
        return Err(ApiError::not_found("inlet", id));
    }
    let described: Option<Described> = inlet::call(&exchange.env, id, &InletCommand::Describe).await?;
    let name = described.map_or_else(|| id.to_owned(), |described| described.inlet.display_name);
    // The object first: one that still ran would write what is being forgotten.
    inlet::call::<()>(&exchange.env, id, &InletCommand::Destroy).await?;
    // It ends by now, whether or not the request gets to its end.
    audit::record(&exchange, named("Delete inlet", directory, id, &name)).await?;
    let command = DirectoryCommand::ReleaseInlet { inlet: id.to_owned() };
    while directory::call::<bool>(&exchange.env, &directory.id, &command).await? {}
    let release = OrganizationCommand::ReleaseAssignments { inlet: id.to_owned(), but: Vec::new() };
    organization::<()>(&exchange, &release).await?;
    organization::<()>(&exchange, &OrganizationCommand::RemoveInlet { id: id.to_owned() }).await?;
    no_content()
}

/// Test Connection of an inlet that is not made yet.
async fn probe(mut exchange: Exchange, directory: &DirectoryRecord) -> Result<Response, ApiError> {
    only(&exchange, &Method::Post)?;
    check_profile(directory)?;
    let (request, rules, options): (InletRequest, _, _) = body(&mut exchange).await?;
    let (settings, secret) =
        InletSettings::new(random::uuid()?, &directory.id, request, rules, options, clock::now_ms())?;
    let command = InletCommand::Probe { settings, secret: secret.expose().to_owned() };
    inlet::call::<()>(&exchange.env, PROBE, &command).await?;
    no_content()
}

pub(super) fn check_profile(directory: &DirectoryRecord) -> Result<(), ApiError> {
    if directory.profile == "workforce" {
        return Ok(());
    }
    Err(ApiError::bad_request(
        "Inlets fill the workforce directory; an application's directory is filled by provisioning.",
    ))
}

async fn create(mut exchange: Exchange, directory: &DirectoryRecord) -> Result<Response, ApiError> {
    check_profile(directory)?;
    let (request, mut rules, options): (InletRequest, _, _) = body(&mut exchange).await?;
    if list(&exchange, &directory.id).await?.len() >= MAXIMUM_INLETS {
        return Err(ApiError::conflict(format!(
            "The directory has {MAXIMUM_INLETS} inlets; remove one first."
        )));
    }
    let roles = roles_of_applications(&exchange, &options).await?;
    let others = precedences(&exchange, &directory.id, "").await?;
    match rules.precedence {
        Some(precedence) => check_precedence(precedence, &others)?,
        None => {
            let taken: Vec<u32> = others.iter().map(|(_, precedence)| *precedence).collect();
            rules.precedence = Some(next_precedence(&taken));
        }
    }
    let (mut settings, secret) =
        InletSettings::new(random::uuid()?, &directory.id, request, rules, options, clock::now_ms())?;
    settings.give_roles(roles);
    let id = settings.id.clone();
    let record =
        InletRecord { id: id.clone(), directory_id: directory.id.clone(), created_at: settings.created_at };
    // It runs only once it is on the list: nobody could stop one that is not.
    let make = InletCommand::Create { settings, secret: secret.expose().to_owned() };
    inlet::call::<()>(&exchange.env, &id, &make).await?;
    organization::<()>(&exchange, &OrganizationCommand::SaveInlet { inlet: record }).await?;
    let start = InletCommand::Run { allow_removals: false };
    inlet::call::<()>(&exchange.env, &id, &start).await?;
    let described = find(&exchange, &directory.id, &id).await?;
    let found = &described.inlet;
    let entry = about("Add inlet", directory, found)
        .set("tenantId", &found.tenant_id)
        .set("clientId", &found.client_id)
        .set("graphOrigin", &found.graph_origin)
        .set("certificate", thumbprint(&described.details))
        .set("appRoleAssignments", &mirrors(&described.details));
    audit::record(&exchange, entry).await?;
    created(&described)
}

async fn command(
    exchange: Exchange,
    directory: &DirectoryRecord,
    found: &Inlet,
    activity: &str,
    command: &InletCommand,
) -> Result<Response, ApiError> {
    only(&exchange, &Method::Post)?;
    inlet::call::<()>(&exchange.env, &found.id, command).await?;
    audit::record(&exchange, about(activity, directory, found)).await?;
    no_content()
}

async fn log(exchange: Exchange, id: &str) -> Result<Response, ApiError> {
    only(&exchange, &Method::Get)?;
    let limit = exchange.top(LOG_PAGE, MAXIMUM_LOG_PAGE)?;
    let before = exchange.skip_token::<i64>()?;
    let page: InletLogPage = inlet::call(&exchange.env, id, &InletCommand::Log { before, limit }).await?;
    let last = page.entries.last().map(|entry| entry.sequence).filter(|_| page.more);
    let mut collection = Collection::of(page.entries.into_iter().map(status::log_entry).collect());
    collection.next_link = last.map(|last| exchange.next_link(last));
    ok(&collection)
}

/// A body as types that each take what they know; an empty one counts as `{}`.
async fn body<A: DeserializeOwned>(
    exchange: &mut Exchange,
) -> Result<(A, InletRules, InletOptions), ApiError> {
    let text = exchange.text().await?;
    let text = if text.trim().is_empty() { "{}" } else { &text };
    let wrong = |error| ApiError::bad_request(format!("The body is not the JSON that is expected: {error}."));
    Ok((
        crate::json::read(text).map_err(wrong)?,
        crate::json::read(text).map_err(wrong)?,
        crate::json::read(text).map_err(wrong)?,
    ))
}

/// Names and precedences of a directory's inlets but one.
async fn precedences(
    exchange: &Exchange,
    directory_id: &str,
    but: &str,
) -> Result<Vec<(String, u32)>, ApiError> {
    let mut found = described(exchange, directory_id).await?;
    found.retain(|other| other.inlet.id != but);
    let named = |other: Described| (other.inlet.display_name, other.rules.precedence.unwrap_or_default());
    Ok(found.into_iter().map(named).collect())
}

/// Two inlets of the same precedence would have no order that anybody chose.
fn check_precedence(precedence: u32, others: &[(String, u32)]) -> Result<(), ApiError> {
    match others.iter().find(|(_, taken)| *taken == precedence) {
        Some((name, _)) => {
            Err(ApiError::conflict(format!("precedence {precedence} is that of the inlet {name}.")))
        }
        None => Ok(()),
    }
}

/// The applications whose assignments are to be mirrored, which exist, and their roles.
async fn roles_of_applications(
    exchange: &Exchange,
    options: &InletOptions,
) -> Result<Vec<(String, Vec<Role>)>, ApiError> {
    let mut roles = Vec::new();
    let mirrored = options.app_role_assignments.iter().flatten();
    for id in mirrored.take(MAX_MIRRORED).map(|mirrored| &mirrored.service_principal_id) {
        let command = OrganizationCommand::ServicePrincipal { id: id.clone() };
        let found: Option<ServicePrincipalRecord> = organization(exchange, &command).await?;
        let Some(found) = found else {
            return Err(ApiError::bad_request(format!(
                "appRoleAssignments: there is no service principal with the id {id} here."
            )));
        };
        let all = template::find(&found.template_id).map(|template| template.app_roles).unwrap_or_default();
        let enabled = all.into_iter().filter(|role| role.is_enabled);
        let enabled =
            enabled.map(|role| Role { id: role.id, value: role.value, display_name: role.display_name });
        roles.push((id.clone(), enabled.collect()));
    }
    Ok(roles)
}

fn mirrors(details: &InletDetails) -> String {
    let mirrored = details.app_role_assignments.iter().map(|mirrored| &mirrored.mirror);
    let texts = mirrored
        .map(|mirror| format!("{} -> {}", mirror.source_service_principal_id, mirror.service_principal_id));
    texts.collect::<Vec<_>>().join(" ")
}

/// Which certificate; `-` for a client secret.
fn thumbprint(details: &InletDetails) -> &str {
    details.key_credential.as_ref().map_or("-", |found| found.thumbprint.as_str())
}

fn rules_text(rules: &InletRules) -> String {
    let InletRules { join_by, precedence, attributes } = rules;
    let attributes = attributes.as_deref().unwrap_or_default().join(" ");
    format!("{} {} {attributes}", join_by.as_deref().unwrap_or_default(), precedence.unwrap_or_default())
        .trim_end()
        .to_owned()
}

/// `GET /directories/{id}/conflicts`: where inlets say different things.
pub async fn conflicts(exchange: Exchange, id: &str) -> Result<Response, ApiError> {
    only(&exchange, &Method::Get)?;
    let directory = directories::find(&exchange, id).await?;
    check_profile(&directory)?;
    let people = usize::try_from(exchange.top(CONFLICTS_PAGE, MAXIMUM_CONFLICTS_PAGE)?).unwrap_or(1);
    let after = exchange.skip_token::<String>()?.unwrap_or_default();
    let command = DirectoryCommand::Conflicts { after, people };
    let page: ConflictPage = directory::call(&exchange.env, id, &command).await?;
    let known = if page.conflicts.is_empty() { Vec::new() } else { described(&exchange, id).await? };
    let names: Vec<(String, String)> =
        known.into_iter().map(|known| (known.inlet.id, known.inlet.display_name)).collect();
    let told = page.conflicts.into_iter().map(|conflict| InletConflict {
        user_id: conflict.user_id,
        display_name: conflict.display_name,
        attribute: conflict.attribute,
        values: conflict
            .values
            .into_iter()
            .enumerate()
            .map(|(place, (inlet_id, value))| InletValue {
                inlet: find_name(&names, &inlet_id).unwrap_or_default(),
                inlet_id,
                display_name: find_name(&conflict.names, &value),
                value,
                counts: place == 0,
            })
            .collect(),
    });
    let mut collection = Collection::of(told.collect());
    collection.next_link = page.next.map(|next| exchange.next_link(next));
    ok(&collection)
}

/// The inlets of a directory, each as it is now.
pub(super) async fn described(exchange: &Exchange, directory_id: &str) -> Result<Vec<Described>, ApiError> {
    let mut found = Vec::new();
    for record in list(exchange, directory_id).await? {
        let described: Option<Described> =
            inlet::call(&exchange.env, &record.id, &InletCommand::Describe).await?;
        found.extend(described);
    }
    Ok(found)
}

/// The name of an id in a list of both.
fn find_name(names: &[(String, String)], id: &str) -> Option<String> {
    names.iter().find(|(known, _)| known == id).map(|(_, name)| name.clone())
}

async fn list(exchange: &Exchange, directory_id: &str) -> Result<Vec<InletRecord>, ApiError> {
    let mut records: Vec<InletRecord> = organization(exchange, &OrganizationCommand::Inlets).await?;
    records.retain(|record| record.directory_id == directory_id);
    Ok(records)
}

async fn is_listed(exchange: &Exchange, directory_id: &str, id: &str) -> Result<bool, ApiError> {
    Ok(list(exchange, directory_id).await?.iter().any(|record| record.id == id))
}

async fn find(exchange: &Exchange, directory_id: &str, id: &str) -> Result<Described, ApiError> {
    let missing = || ApiError::not_found("inlet", id);
    if !is_listed(exchange, directory_id, id).await? {
        return Err(missing());
    }
    let found: Option<Described> = inlet::call(&exchange.env, id, &InletCommand::Describe).await?;
    found.ok_or_else(missing)
}

fn about(activity: &str, directory: &DirectoryRecord, inlet: &Inlet) -> audit::Entry {
    named(activity, directory, &inlet.id, &inlet.display_name)
}

fn named(activity: &str, directory: &DirectoryRecord, id: &str, name: &str) -> audit::Entry {
    audit::Entry::directory(activity, &directory.id, &directory.display_name)
        .set("inletId", id)
        .set("inlet", name)
}
