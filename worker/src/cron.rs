//! Cron, each minute: wakes jobs, inlets and imports whose alarm was lost, and tells the jobs what inlets, imports and
//! other orders of inlets changed; each hour: keeps the directories clean.

use store::organization::{DirectoryRecord, InletRecord, ServicePrincipalRecord};
use worker::{Env, console_error};

use crate::changes::Change;
use crate::error::ApiError;
use crate::objects::directory::{self, DirectoryCommand};
use crate::objects::inlet::{self, InletCommand};
use crate::objects::job::{self, JobCommand};
use crate::objects::organization::{NAME, OrganizationCommand};
use crate::platform::clock;
use crate::platform::stub::{self, ObjectKind};

/// Minutes between two tidyings of the directories.
const TIDY_EVERY: i64 = 60;

/// What cron asks for. An error is logged: nobody waits for an answer.
pub async fn tick(env: &Env) {
    if let Err(error) = sweep(env, clock::now_ms()).await {
        error.log("cron");
    }
}

/// Wakes every job and every inlet; one that fails does not keep the others asleep.
async fn sweep(env: &Env, now_ms: i64) -> Result<(), ApiError> {
    let applications: Vec<ServicePrincipalRecord> =
        stub::call(env, ObjectKind::Organization, NAME, &OrganizationCommand::ServicePrincipals).await?;
    for application in applications.iter().filter(|application| application.account_enabled) {
        if let Err(error) = job::call::<()>(env, &application.id, &JobCommand::Wake).await {
            console_error!("cron: {}: {}", application.id, error.internal.unwrap_or(error.message));
        }
    }
    let filled: Vec<InletRecord> =
        stub::call(env, ObjectKind::Organization, NAME, &OrganizationCommand::Inlets).await?;
    for record in filled {
        let news = match inlet::call::<bool>(env, &record.id, &InletCommand::Wake).await {
            Ok(true) => Change::Directory(record.directory_id).announce(env).await,
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = news {
            console_error!("cron: {}: {}", record.id, error.internal.unwrap_or(error.message));
        }
    }
    let tidy = (now_ms / 60_000) % TIDY_EVERY == 0;
    let directories: Vec<DirectoryRecord> =
        stub::call(env, ObjectKind::Organization, NAME, &OrganizationCommand::Directories).await?;
    for kept in directories {
        let is_workforce = kept.profile == "workforce";
        if let Err(error) = look_after(env, &kept.id, is_workforce, tidy).await {
            console_error!("cron: {}: {}", kept.id, error.internal.unwrap_or(error.message));
        }
    }
    Ok(())
}

/// Wakes a directory into which files are imported, tells the jobs what an import changed that nobody waited for and
/// what another order of the inlets did, and cleans up when it is time.
async fn look_after(env: &Env, id: &str, is_workforce: bool, tidy: bool) -> Result<(), ApiError> {
    if is_workforce && directory::call::<bool>(env, id, &DirectoryCommand::Wake).await? {
        Change::Directory(id.to_owned()).announce(env).await?;
    }
    if tidy {
        directory::call::<()>(env, id, &DirectoryCommand::Tidy).await?;
    }
    Ok(())
}
