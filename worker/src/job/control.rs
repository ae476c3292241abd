//! Starting, pausing, restarting and removing a job.

use std::time::Duration;

use provisioning::cycle::{CycleState, Decision};
use provisioning::quarantine::JobHealth;
use store::Settings as _;
use store::job::{Expansion, JobStore};
use worker::Delay;

use super::engine::engine_job;
use super::finish::keep_cycle;
use super::record::{JobRecord, ScheduleState};
use super::secrets::Secrets;
use super::{commit, keys, members, plan, report, run};
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::clock;
use crate::platform::settings::{save_setting, setting};

/// How long a change of a job waits for requests that are under way.
const PATIENCE_MS: u64 = 20_000;
/// How often it looks.
const LOOK_MS: u64 = 20;

/// Switches the job on and runs a cycle now. Lifts a quarantine.
pub async fn start(job: &Job) -> Result<(), ApiError> {
    let store = job.store();
    let mut record = job.record()?;
    Secrets::complete_of(job)?;
    job.stop.set(false);
    store::sql::in_transaction(&job.sql, || -> Result<(), ApiError> {
        cancel_plan(job, &store)?;
        lift_quarantine(&store)?;
        store.remove_setting(keys::FAILED_SLICES)?;
        record.state = ScheduleState::Active;
        record.save(&store)
    })?;
    job.schedule(clock::now_ms()).await
}

/// Sets the time between two cycles, in milliseconds. The next one starts that much from now; one that waits
/// longer because of failures still does.
pub async fn set_interval(job: &Job, interval: i64) -> Result<(), ApiError> {
    let store = job.store();
    let mut record = job.record()?;
    record.interval = Some(interval);
    record.save(&store)?;
    let health: JobHealth = setting(&store, keys::HEALTH)?.unwrap_or_default();
    let is_slowed_down = health.quarantine.is_some() || health.successive_failures > 0;
    let is_idle = record.state == ScheduleState::Active && store.setting(keys::CYCLE)?.is_none();
    if is_idle && !is_slowed_down {
        save_setting(&store, keys::NEXT_RUN, &(clock::now_ms() + interval))?;
        run::arm_next(job).await?;
    }
    Ok(())
}

/// Stops the job after what is under way; it keeps its place.
pub fn pause(job: &Job) -> Result<(), ApiError> {
    let mut record = job.record()?;
    record.state = ScheduleState::Paused;
    record.save(&job.store())?;
    job.stop.set(true);
    Ok(())
}

/// Resets what the scope names and runs a cycle now.
pub async fn restart(job: &Job, reset_scope: &str) -> Result<(), ApiError> {
    let scope = Scope::parse(reset_scope)?;
    let was_paused = job.record()?.state == ScheduleState::Paused;
    if scope.watermark {
        settle(job).await?;
    }
    let store = job.store();
    let mut record = job.record()?;
    if record.state == ScheduleState::Paused && !was_paused {
        return Err(ApiError::conflict(
            "The job was paused meanwhile, and stays so. Restart it again if it is to run.",
        ));
    }
    Secrets::complete_of(job)?;
    job.stop.set(false);
    store::sql::in_transaction(&job.sql, || -> Result<(), ApiError> {
        cancel_plan(job, &store)?;
        if scope.watermark {
            job.forget_watermark()?;
        }
        if scope.escrows {
            store.clear_escrows()?;
        }
        if scope.links {
            job.abandon();
            store.clear_links()?;
            store.clear_staged()?;
            store.remove_setting(keys::LINK_COUNTS)?;
            store.clear_references()?;
            store.clear_expansions(Expansion::Members)?;
        }
        if scope.quarantine {
            lift_quarantine(&store)?;
        }
        // What is held at this moment, and nothing that comes later.
        if scope.force_deletes && store.decide_all(Decision::Approved.as_str())? > 0 {
            store.set_setting(keys::DECIDED, "true")?;
        }
        run::went_on(job)?;
        record.state = ScheduleState::Active;
        record.save(&store)
    })?;
    job.schedule(clock::now_ms()).await
}

/// Waits until the slice under way has stopped at a durable place, with everything that was carried out written down;
/// the alarm goes on with the cycle. Answers whether it has: an application may take longer than that.
pub async fn settle(job: &Job) -> Result<bool, ApiError> {
    job.stop.set(true);
    job.settling.set(job.settling.get().saturating_add(1));
    let mut waited = 0;
    while job.running.get() && waited < PATIENCE_MS {
        Delay::from(Duration::from_millis(LOOK_MS)).await;
        waited += LOOK_MS;
    }
    job.settling.set(job.settling.get().saturating_sub(1));
    let record = JobRecord::load(&job.store())?;
    // Who waits beside this one goes on waiting for a slice that stops.
    let is_paused = record.is_some_and(|record| record.state == ScheduleState::Paused);
    job.stop.set(is_paused || job.settling.get() > 0);
    Ok(!job.running.get())
}

/// 409.
pub fn under_way() -> ApiError {
    ApiError::conflict("Requests to the application are still under way; try again in a moment.")
}

/// Removes the job with everything that it keeps.
pub async fn destroy(job: &Job) -> Result<(), ApiError> {
    job.abandon();
    job.state.storage().delete_alarm().await?;
    clear(job).await
}

/// Empties the job's database.
pub async fn clear(job: &Job) -> Result<(), ApiError> {
    let storage = job.state.storage();
    storage.delete_all().await?;
    JobStore::open(&job.sql)?;
    Ok(())
}

/// Removes a link, so that the next cycle matches the object anew. Not while the job runs.
pub fn remove_link(job: &Job, object_id: &str) -> Result<(), ApiError> {
    let store = job.store();
    let record = job.record()?;
    if record.state == ScheduleState::Active {
        return Err(ApiError::conflict("Pause the job before a link is removed."));
    }
    if job.running.get() {
        return Err(under_way());
    }
    if let Some(link) = store.link(object_id)? {
        let engine_job = engine_job(job, &record, &Secrets::of(job)?)?;
        let members_path = members::attribute(&engine_job);
        store::sql::in_transaction(&job.sql, || -> Result<(), ApiError> {
            let mut counts = commit::link_counts(&store)?;
            commit::count(&mut counts, &link.object_type, -1);
            save_setting(&store, keys::LINK_COUNTS, &counts)?;
            store.remove_link(&link.source_id)?;
            store.remove_staged(&link.source_id)?;
            store.remove_references_of(&link.source_id)?;
            store.forget_members(&link.source_id)?;
            commit::leave_groups(&store, members_path, &link.source_id)?;
            // The next cycle has to look at the object, whether or not it changes.
            Ok(store.mark_dirty(&link.object_type, [link.source_id.as_str()])?)
        })?;
    }
    Ok(())
}

/// Writes the end of a cycle that is taken away into the list of cycles.
pub fn end_interrupted(store: &JobStore<'_>) -> Result<(), ApiError> {
    let Some(mut state) = setting::<CycleState>(store, keys::CYCLE)? else { return Ok(()) };
    state.ended = Some(clock::now_ms());
    let mut cycle = report::cycle(&state, Some("failed"));
    cycle.error = Some(api::cycle::CycleError {
        code: "Restarted".to_owned(),
        message: "The job was restarted, or its configuration was saved, while this cycle ran.".to_owned(),
    });
    keep_cycle(store, &state, &cycle)
}

/// A plan ends where the job goes on: what it found out is no longer what the next cycle does.
fn cancel_plan(job: &Job, store: &JobStore<'_>) -> Result<(), ApiError> {
    if store.running_plan()?.is_some() {
        job.abandon();
    }
    plan::cancel(store)
}

fn lift_quarantine(store: &JobStore<'_>) -> Result<(), ApiError> {
    let mut health: JobHealth = setting(store, keys::HEALTH)?.unwrap_or_default();
    health.quarantine = None;
    save_setting(store, keys::HEALTH, &health)
}

/// What a restart resets: Graph's `synchronizationJobRestartScope`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Scope {
    watermark: bool,
    escrows: bool,
    quarantine: bool,
    links: bool,
    force_deletes: bool,
}

impl Scope {
    fn parse(text: &str) -> Result<Self, ApiError> {
        let mut scope = Scope::default();
        let mut named = false;
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            named = true;
            match name {
                "None" => {}
                "Watermark" => scope.watermark = true,
                "Escrows" => scope.escrows = true,
                "QuarantineState" => scope.quarantine = true,
                "ConnectorDataStore" => scope.links = true,
                "ForceDeletes" => {
                    scope.force_deletes = true;
                    scope.quarantine = true;
                }
                "Full" => {
                    scope = Scope { watermark: true, escrows: true, quarantine: true, links: true, ..scope };
                }
                _ => {
                    return Err(ApiError::bad_request(format!(
                        "resetScope names `{name}`; use None, Watermark, Escrows, QuarantineState, ConnectorDataStore, Full or ForceDeletes."
                    )));
                }
            }
        }
        if !named {
            scope = Scope { watermark: true, escrows: true, quarantine: true, ..scope };
        }
        // Without links the people who were read before have to be matched again.
        scope.watermark |= scope.links;
        Ok(scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reset_scopes_are_read() {
        let check =
            |text: &str, expected: Scope| assert_eq!(Scope::parse(text).ok(), Some(expected), "{text}");
        let usual = || Scope { watermark: true, escrows: true, quarantine: true, ..Scope::default() };
        check("", usual());
        check("QuarantineState, Watermark, Escrows", usual());
        check("Full", Scope { links: true, ..usual() });
        check("None", Scope::default());
        check("ConnectorDataStore", Scope { links: true, watermark: true, ..Scope::default() });
        check("ForceDeletes", Scope { force_deletes: true, quarantine: true, ..Scope::default() });
        assert!(Scope::parse("Everything").is_err());
    }
}
