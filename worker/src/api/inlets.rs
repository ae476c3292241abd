//! `/directories/{id}/inlets`: what fills a workforce directory.

use api::collection::Collection;
use api::inlet::{Inlet, InletPatch, InletRequest};
use store::inlet::InletLogPage;
use store::organization::{DirectoryRecord, InletRecord};
use worker::{Method, Response};

use super::{directories, not_allowed, not_found, only, organization};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, created, no_content, ok};
use crate::inlet::record::InletSettings;
use crate::inlet::status;
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

/// Answers a request under `inlets`.
pub async fn handle(exchange: Exchange, id: &str, rest: &[&str]) -> Result<Response, ApiError> {
    let directory = directories::find(&exchange, id).await?;
    match (rest, &exchange.method) {
        ([], Method::Get) => {
            let mut found = Vec::new();
            for record in list(&exchange, id).await? {
                let described: Option<Inlet> =
                    inlet::call(&exchange.env, &record.id, &InletCommand::Describe).await?;
                found.extend(described);
            }
            ok(&Collection::of(found))
        }
        ([], Method::Post) => create(exchange, &directory).await,
        ([], _) => Err(not_allowed(&exchange)),
        (["validateCredentials"], _) => probe(exchange, &directory).await,
        ([inlet_id, rest @ ..], _) => {
            let found = find(&exchange, id, inlet_id).await?;
            one(exchange, &directory, found, rest).await
        }
    }
}

async fn one(
    mut exchange: Exchange,
    directory: &DirectoryRecord,
    found: Inlet,
    rest: &[&str],
) -> Result<Response, ApiError> {
    let id = found.id.clone();
    match (rest, &exchange.method) {
        ([], Method::Get) => ok(&found),
        ([], Method::Patch) => {
            let patch: InletPatch = exchange.body().await?;
            inlet::call::<()>(&exchange.env, &id, &InletCommand::Update { patch }).await?;
            let after = find(&exchange, &directory.id, &id).await?;
            let entry = about("Update inlet", directory, &after)
                .changed("displayName", &found.display_name, &after.display_name)
                .changed("clientId", &found.client_id, &after.client_id)
                .changed("cloud", &found.cloud, &after.cloud)
                .changed("graphOrigin", &found.graph_origin, &after.graph_origin)
                .changed("interval", &found.interval, &after.interval);
            audit::record(&exchange, entry).await?;
            ok(&after)
        }
        ([], Method::Delete) => {
            // The object first: one that still ran would write what is being forgotten. May be repeated.
            inlet::call::<()>(&exchange.env, &id, &InletCommand::Destroy).await?;
            let command = DirectoryCommand::ReleaseInlet { inlet: id.clone() };
            directory::call::<()>(&exchange.env, &directory.id, &command).await?;
            organization::<()>(&exchange, &OrganizationCommand::RemoveInlet { id }).await?;
            audit::record(&exchange, about("Delete inlet", directory, &found)).await?;
            no_content()
        }
        ([], _) => Err(not_allowed(&exchange)),
        (["validateCredentials"], _) => {
            only(&exchange, &Method::Post)?;
            let patch: InletPatch = exchange.optional_body().await?;
            inlet::call::<()>(&exchange.env, &id, &InletCommand::Validate { patch }).await?;
            no_content()
        }
        (["run"], _) => {
            let allow_removals = exchange.flag("allowRemovals");
            let activity = if allow_removals { "Allow removals of inlet" } else { "Run inlet" };
            command(exchange, directory, &found, activity, &InletCommand::Run { allow_removals }).await
        }
        (["pause"], _) => command(exchange, directory, &found, "Pause inlet", &InletCommand::Pause).await,
        (["reset"], _) => command(exchange, directory, &found, "Reset inlet", &InletCommand::Reset).await,
        (["log"], _) => log(exchange, &id).await,
        _ => Err(not_found(&exchange)),
    }
}

/// Test Connection of an inlet that is not made yet.
async fn probe(mut exchange: Exchange, directory: &DirectoryRecord) -> Result<Response, ApiError> {
    only(&exchange, &Method::Post)?;
    check_profile(directory)?;
    let request: InletRequest = exchange.body().await?;
    let (settings, secret) = InletSettings::new(random::uuid()?, &directory.id, request, clock::now_ms())?;
    let command = InletCommand::Probe { settings, secret: secret.expose().to_owned() };
    inlet::call::<()>(&exchange.env, PROBE, &command).await?;
    no_content()
}

fn check_profile(directory: &DirectoryRecord) -> Result<(), ApiError> {
    if directory.profile == "workforce" {
        return Ok(());
    }
    Err(ApiError::bad_request(
        "Inlets fill the workforce directory; an application's directory is filled by provisioning.",
    ))
}

async fn create(mut exchange: Exchange, directory: &DirectoryRecord) -> Result<Response, ApiError> {
    check_profile(directory)?;
    let request: InletRequest = exchange.body().await?;
    if list(&exchange, &directory.id).await?.len() >= MAXIMUM_INLETS {
        return Err(ApiError::conflict(format!(
            "The directory has {MAXIMUM_INLETS} inlets; remove one first."
        )));
    }
    let (settings, secret) = InletSettings::new(random::uuid()?, &directory.id, request, clock::now_ms())?;
    let id = settings.id.clone();
    let record =
        InletRecord { id: id.clone(), directory_id: directory.id.clone(), created_at: settings.created_at };
    // It runs only once it is on the list: nobody could stop one that is not.
    let make = InletCommand::Create { settings, secret: secret.expose().to_owned() };
    inlet::call::<()>(&exchange.env, &id, &make).await?;
    organization::<()>(&exchange, &OrganizationCommand::SaveInlet { inlet: record }).await?;
    let start = InletCommand::Run { allow_removals: false };
    inlet::call::<()>(&exchange.env, &id, &start).await?;
    let found = find(&exchange, &directory.id, &id).await?;
    let entry = about("Add inlet", directory, &found)
        .set("tenantId", &found.tenant_id)
        .set("clientId", &found.client_id)
        .set("graphOrigin", &found.graph_origin);
    audit::record(&exchange, entry).await?;
    created(&found)
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

async fn list(exchange: &Exchange, directory_id: &str) -> Result<Vec<InletRecord>, ApiError> {
    let mut records: Vec<InletRecord> = organization(exchange, &OrganizationCommand::Inlets).await?;
    records.retain(|record| record.directory_id == directory_id);
    Ok(records)
}

async fn find(exchange: &Exchange, directory_id: &str, id: &str) -> Result<Inlet, ApiError> {
    let missing = || ApiError::not_found("inlet", id);
    if !list(exchange, directory_id).await?.iter().any(|record| record.id == id) {
        return Err(missing());
    }
    let found: Option<Inlet> = inlet::call(&exchange.env, id, &InletCommand::Describe).await?;
    found.ok_or_else(missing)
}

fn about(activity: &str, directory: &DirectoryRecord, inlet: &Inlet) -> audit::Entry {
    audit::Entry::directory(activity, &directory.id, &directory.display_name)
        .set("inletId", &inlet.id)
        .set("inlet", &inlet.display_name)
}
