//! Makes the inlet's assignments to an application what its source says: reads what is here, and writes differences.

use inlets::assignments::{Add, Known, Made, Mirrored, Outcome, Wanted, plan};
use serde::de::DeserializeOwned;
use store::Settings as _;
use store::organization::{AssignmentRecord, PrincipalType, ServicePrincipalRecord};

use super::keys;
use super::record::InletSettings;
use crate::error::ApiError;
use crate::objects::directory::{self, DirectoryCommand};
use crate::objects::inlet::Inlet;
use crate::objects::organization::{NAME, OrganizationCommand};
use crate::platform::stub::{self, ObjectKind};
use crate::platform::{clock, random};

/// People and groups that are looked up together.
const LOOKED_UP: usize = 1_000;
/// Assignments that are read together.
const READ: i64 = 1_000;
/// Assignments that are written in one transaction.
const WRITTEN: usize = 500;

/// How far it came.
pub enum Assigning {
    /// To its end; `None` when there is no such application.
    Done(Option<Outcome>),
    /// A person changed, stopped or removed the inlet meanwhile: nothing is known of its end.
    Stopped,
}

/// Carries out [`inlets::graph::Effect::Assign`], for a slice of this generation.
pub async fn assign(
    inlet: &Inlet,
    settings: &InletSettings,
    wanted: &Wanted,
    generation: u64,
) -> Result<Assigning, ApiError> {
    let command = OrganizationCommand::ServicePrincipal { id: wanted.application.clone() };
    let application: Option<ServicePrincipalRecord> = organization(inlet, &command).await?;
    let Some(application) = application else { return Ok(Assigning::Done(None)) };
    let mut sources: Vec<String> =
        wanted.assigned.iter().map(|assigned| assigned.principal.clone()).collect();
    sources.sort_unstable();
    sources.dedup();
    let known = look_up(inlet, settings, &sources, false).await?;
    let made = made(inlet, settings, &application.id).await?;
    let plan = plan(wanted, known, &made);
    let mut outcome = plan.outcome;
    (outcome.added, outcome.removed) = (0, 0);
    let parts = plan.add.len().max(plan.remove.len()).div_ceil(WRITTEN);
    let (mut adds, mut removes) = (plan.add.chunks(WRITTEN), plan.remove.chunks(WRITTEN));
    for _ in 0..parts {
        let add = records(inlet, settings, &application.id, adds.next().unwrap_or_default()).await?;
        let paused = InletSettings::load(&inlet.store())?.is_none_or(|settings| settings.paused);
        if paused || inlet.generation.get() != generation {
            return stopped(inlet, settings, &outcome).await;
        }
        let command = OrganizationCommand::ChangeMadeAssignments {
            service_principal_id: application.id.clone(),
            inlet: settings.id.clone(),
            add,
            remove: removes.next().unwrap_or_default().to_vec(),
        };
        let (added, removed): (u64, u64) = organization(inlet, &command).await?;
        outcome.added += added;
        outcome.removed += removed;
    }
    if inlet.generation.get() != generation {
        return stopped(inlet, settings, &outcome).await;
    }
    Ok(Assigning::Done(Some(outcome)))
}

/// Ends it between two parts. What was written last may have come after somebody gave up the application.
async fn stopped(inlet: &Inlet, settings: &InletSettings, outcome: &Outcome) -> Result<Assigning, ApiError> {
    let store = inlet.store();
    let mirrored = match InletSettings::load(&store)? {
        Some(now) => {
            if outcome.added + outcome.removed > 0 {
                // The next round finds these as they are to be, and would not tell.
                store.set_setting(keys::NEWS, "1")?;
            }
            now.assignments
        }
        None => Vec::new(),
    };
    release(inlet, &settings.id, &mirrored).await?;
    Ok(Assigning::Stopped)
}

/// Assignments of the inlet with this id become ones that somebody made by hand, but those to applications that it
/// mirrors.
pub async fn release(inlet: &Inlet, id: &str, mirrored: &[Mirrored]) -> Result<(), ApiError> {
    let but = mirrored.iter().map(|mirrored| mirrored.application.clone()).collect();
    organization(inlet, &OrganizationCommand::ReleaseAssignments { inlet: id.to_owned(), but }).await
}

async fn look_up(
    inlet: &Inlet,
    settings: &InletSettings,
    sources: &[String],
    named: bool,
) -> Result<Vec<Known>, ApiError> {
    let mut known = Vec::new();
    for source_ids in sources.chunks(LOOKED_UP) {
        let command = DirectoryCommand::MirrorPrincipals {
            inlet: settings.id.clone(),
            source_ids: source_ids.to_vec(),
            named,
        };
        let found: Vec<Known> = directory::call(&inlet.env, &settings.directory_id, &command).await?;
        known.extend(found);
    }
    Ok(known)
}

async fn made(inlet: &Inlet, settings: &InletSettings, application: &str) -> Result<Vec<Made>, ApiError> {
    let mut made: Vec<Made> = Vec::new();
    loop {
        let command = OrganizationCommand::MadeAssignments {
            service_principal_id: application.to_owned(),
            inlet: settings.id.clone(),
            after: made.last().map(|made| made.id.clone()).unwrap_or_default(),
            limit: READ,
        };
        let page: Vec<Made> = organization(inlet, &command).await?;
        if page.is_empty() {
            return Ok(made);
        }
        made.extend(page);
    }
}

/// The records of new assignments, with the names of today. Whoever went meanwhile is left out.
async fn records(
    inlet: &Inlet,
    settings: &InletSettings,
    application: &str,
    add: &[Add],
) -> Result<Vec<AssignmentRecord>, ApiError> {
    let sources: Vec<String> = add.iter().map(|add| add.source_id.clone()).collect();
    let known = look_up(inlet, settings, &sources, true).await?;
    let mut records = Vec::new();
    for add in add {
        let Some(known) = known.iter().find(|known| known.source_id == add.source_id && known.is_live) else {
            continue;
        };
        records.push(AssignmentRecord {
            id: random::uuid()?,
            service_principal_id: application.to_owned(),
            principal_id: known.id.clone(),
            principal_type: if known.is_group { PrincipalType::Group } else { PrincipalType::User },
            principal_display_name: known.name.clone().unwrap_or_else(|| known.id.clone()),
            app_role_id: add.role.clone(),
            created_at: clock::now_ms(),
            inlet_id: Some(settings.id.clone()),
        });
    }
    Ok(records)
}

async fn organization<T: DeserializeOwned>(
    inlet: &Inlet,
    command: &OrganizationCommand,
) -> Result<T, ApiError> {
    stub::call(&inlet.env, ObjectKind::Organization, NAME, command).await
}
