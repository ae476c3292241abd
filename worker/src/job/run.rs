//! Running a job: what the alarm does. One slice a call; the alarm is armed again for the next one.

use provisioning::cycle::{Cycle, CycleState, Mode, Phase};
use provisioning::quarantine::{self, JobHealth, QuarantineReason, QuarantineState};
use store::Settings as _;
use store::job::JobStore;
use worker::console_error;

use super::begin::begin;
use super::driver::{Driver, Keep, SLICE_MS, SliceEnd};
use super::engine::engine_job;
use super::finish::{PRUNE_ENTRIES, finish};
use super::record::{JobRecord, ScheduleState};
use super::secrets::Secrets;
use super::source::Source;
use super::target::Target;
use super::{access, capabilities, expiry, keys, notify, plan, webhook};
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::clock;
use crate::platform::settings::{save_setting, setting};

/// The first pause after a slice that failed on our side; doubled each time, up to [`LONGEST_PAUSE_MS`].
const FIRST_PAUSE_MS: i64 = 2_000;
/// The longest pause after a slice that failed on our side.
const LONGEST_PAUSE_MS: i64 = 10 * 60 * 1000;
/// After so many slices in a row that failed, about a minute, people are told.
const TOLD_AFTER: u32 = 5;
/// The longest time that a job waits after a change.
const LONGEST_DEBOUNCE_MS: i64 = 60_000;
/// How long the alarm waits while the job does something that a person waits for.
const BUSY_PAUSE_MS: i64 = 1_000;
/// A job that is overdue by this much has lost its alarm.
const OVERDUE_MS: i64 = 2 * 60 * 1000;

/// Ends the mark that a slice runs, however the slice ends.
pub struct Running<'a>(&'a Job);

impl<'a> Running<'a> {
    /// Marks that a slice runs; `None` when one runs already.
    pub fn begin(job: &'a Job) -> Option<Self> {
        (!job.running.replace(true)).then_some(Self(job))
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.set(false);
    }
}

/// Runs a slice if one is due, and arms the alarm for what follows. Errors end here.
pub async fn due(job: &Job) {
    let Some(running) = Running::begin(job) else {
        // Somebody waits for on-demand provisioning or a plan; the alarm must not be lost meanwhile.
        if let Err(error) = job.arm(BUSY_PAUSE_MS).await {
            error.log("job");
        }
        return;
    };
    let outcome = slice(job).await;
    drop(running);
    let outcome = outcome.and_then(|after| Ok(sooner(after, messages_due(job)?)));
    let armed = match outcome {
        Ok(Some(after_ms)) => {
            if let Err(error) = went_on(job) {
                error.log("job");
            }
            job.arm(after_ms).await
        }
        Ok(None) => Ok(()),
        Err(error) => {
            error.log("job");
            if error.status < 500 {
                console_error!("job: {}: {}", error.code, error.message);
            }
            let failed: u32 = setting(&job.store(), keys::FAILED_SLICES).ok().flatten().unwrap_or(0);
            let pause = FIRST_PAUSE_MS.saturating_mul(1 << failed.min(20)).min(LONGEST_PAUSE_MS);
            if let Err(error) = save_setting(&job.store(), keys::FAILED_SLICES, &failed.saturating_add(1)) {
                error.log("job");
            }
            if failed >= TOLD_AFTER
                && let Err(error) = interrupted(job, &error.message)
            {
                error.log("job");
            }
            job.arm(pause).await
        }
    };
    if let Err(error) = armed {
        error.log("job");
    }
}

/// Forgets the slices that failed, and ends the quarantine that they began.
pub fn went_on(job: &Job) -> Result<(), ApiError> {
    let store = job.store();
    if store.setting(keys::FAILED_SLICES)?.is_none() {
        return Ok(());
    }
    store.remove_setting(keys::FAILED_SLICES)?;
    let health: JobHealth = setting(&store, keys::HEALTH)?.unwrap_or_default();
    match quarantine::resumed(&health) {
        Some(health) => save_setting(&store, keys::HEALTH, &health),
        None => Ok(()),
    }
}

/// Tells people that the job cannot go on. Cron sends the mail.
fn interrupted(job: &Job, message: &str) -> Result<(), ApiError> {
    let store = job.store();
    let health: JobHealth = setting(&store, keys::HEALTH)?.unwrap_or_default();
    let Some(health) = quarantine::interrupted(&health, message, clock::now_ms()) else { return Ok(()) };
    // Shown even if nothing can be sent.
    save_setting(&store, keys::HEALTH, &health)?;
    match &health.quarantine {
        Some(quarantine) => store::sql::in_transaction(&job.sql, || {
            notify::note(job, &job.record()?, &notify::Event::Quarantine(quarantine))
        }),
        None => Ok(()),
    }
}

/// Begins to send to the webhook what is due; after how many milliseconds there is more to send.
fn messages_due(job: &Job) -> Result<Option<i64>, ApiError> {
    webhook::start(job)?;
    let due = webhook::due(&job.store())?;
    // What is being sent sets its own alarm when it has to be sent again.
    Ok(due.filter(|_| !job.delivering.get()).map(|due| (due - clock::now_ms()).max(0)))
}

fn sooner(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    one.into_iter().chain(other).min()
}

/// From cron, each minute: arms an alarm that was lost, and runs a slice itself when the alarm seems stuck.
pub async fn wake(job: &Job) -> Result<(), ApiError> {
    expiry::tell(job)?;
    // A job that was switched off has something to tell, too.
    notify::flush(job).await?;
    let now = clock::now_ms();
    let alarm = job.state.storage().get_alarm().await?;
    if job.running.get() || alarm.is_some_and(|at| now - at <= OVERDUE_MS) {
        // All is well, as it is every minute of every job that rests: no other row is read.
        return Ok(());
    }
    let store = job.store();
    let Some(record) = JobRecord::load(&store)? else { return Ok(()) };
    if record.state != ScheduleState::Active {
        // One that runs does this with its cycles.
        store.prune_logs(now, PRUNE_ENTRIES)?;
        return Ok(());
    }
    let running = store.setting(keys::CYCLE)?.is_some();
    let next_run = next_run(&store)?.unwrap_or(now);
    match alarm {
        None if running => job.arm(0).await,
        None => job.arm(next_run - now).await,
        Some(_) => {
            due(job).await;
            Ok(())
        }
    }
}

/// One slice. Answers after how long the next one is due, or `None` when the job does not run.
async fn slice(job: &Job) -> Result<Option<i64>, ApiError> {
    let store = job.store();
    let Some(record) = JobRecord::load(&store)? else { return Ok(None) };
    if store.running_plan()?.is_some() {
        plan::advance(job, &record, SLICE_MS).await?;
        return Ok(Some(0));
    }
    if record.state != ScheduleState::Active {
        return Ok(None);
    }
    let now = clock::now_ms();
    let generation = job.generation.get();
    let secrets = Secrets::of(job)?;
    let mut engine_job = engine_job(job, &record, &secrets)?;
    let mut state: CycleState = match setting(&store, keys::CYCLE)? {
        Some(state) => state,
        None => {
            let next_run = next_run(&store)?.unwrap_or(now);
            if next_run > now {
                return Ok(Some(next_run - now));
            }
            expiry::ask(job, &secrets).await?;
            expiry::tell(job)?;
            let source = Source { env: &job.env, sql: &job.sql, record: &record, job: &engine_job };
            match begin(job, &record, &source).await? {
                Some(state) => state,
                None => return Ok(Some(0)),
            }
        }
    };
    let target = Target::of(job, &secrets, engine_job.settings.quirks)?.patient(job);
    if state.phase == Phase::Probe && capabilities::refresh(&store, &target, &secrets).await? {
        state.counters.requests += 1;
    }
    let options =
        capabilities::options(&store, &target, &secrets, Mode::Execute, false, &mut engine_job.settings)?;
    let driver = Driver {
        sql: &job.sql,
        job: &engine_job,
        source: Source { env: &job.env, sql: &job.sql, record: &record, job: &engine_job },
        target,
        options,
        stop: &|| job.stop.get(),
        current: &|| job.generation.get() == generation,
        keep: Keep::Cycle,
        slice_ms: SLICE_MS,
    };
    let end = driver.run(Cycle::resume(state)).await;
    access::keep(job)?;
    match end? {
        SliceEnd::Yielded | SliceEnd::Abandoned => {}
        SliceEnd::Finished(finished) => {
            finish(job, &finished, generation).await?;
            notify::flush(job).await?;
        }
    }
    // The record is read again: a person may have paused the job meanwhile.
    let Some(record) = JobRecord::load(&store)? else { return Ok(None) };
    if record.state != ScheduleState::Active {
        return Ok(None);
    }
    if store.setting(keys::CYCLE)?.is_some() {
        return Ok(Some(0));
    }
    let next_run = next_run(&store)?.unwrap_or(now);
    Ok(Some((next_run - clock::now_ms()).max(0)))
}

/// When the next cycle starts: as scheduled, or earlier because something changed.
pub fn next_run(store: &JobStore<'_>) -> Result<Option<i64>, ApiError> {
    let scheduled: Option<i64> = setting(store, keys::NEXT_RUN)?;
    let changed: Option<i64> = setting(store, keys::CHANGED_RUN)?;
    Ok(scheduled.into_iter().chain(changed).min())
}

/// Something changed that may concern the job: it runs when the debounce is over, unless it is slowed down, which
/// a change is no reason to end.
pub async fn changed(job: &Job, debounce: i64) -> Result<(), ApiError> {
    let store = job.store();
    let Some(record) = JobRecord::load(&store)? else { return Ok(()) };
    let health: JobHealth = setting(&store, keys::HEALTH)?.unwrap_or_default();
    if record.state != ScheduleState::Active || is_slowed_down(&health) {
        return Ok(());
    }
    let now = clock::now_ms();
    let due = now + debounce.clamp(0, LONGEST_DEBOUNCE_MS);
    // An earlier time stays. One that is over belongs to a cycle that begins just now, and may have read the
    // source already.
    let known: Option<i64> = setting(&store, keys::CHANGED_RUN)?;
    if known.is_some_and(|known| known > now && known <= due) {
        return Ok(());
    }
    save_setting(&store, keys::CHANGED_RUN, &due)?;
    let scheduled: i64 = setting(&store, keys::NEXT_RUN)?.unwrap_or(now);
    if store.setting(keys::CYCLE)?.is_none() && scheduled > due { job.arm(due - now).await } else { Ok(()) }
}

/// Whether a change is no reason to run sooner. A fault of ours is none: the hint waits until the job goes on.
fn is_slowed_down(health: &JobHealth) -> bool {
    let waits = |quarantine: &QuarantineState| quarantine.reason != QuarantineReason::IngestionInterrupted;
    health.quarantine.as_ref().is_some_and(waits) || health.successive_failures > 0
}

/// Arms the alarm for the job's next cycle, if it is switched on.
pub async fn arm_next(job: &Job) -> Result<(), ApiError> {
    let store = job.store();
    let record = job.record()?;
    match next_run(&store)? {
        Some(at) if record.state == ScheduleState::Active => job.arm(at - clock::now_ms()).await,
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_a_reason_to_run_unless_the_target_or_its_objects_fail() {
        let check = |health: &JobHealth, expected: bool| assert_eq!(is_slowed_down(health), expected);
        let ours = quarantine::interrupted(&JobHealth::default(), "busy", 1).unwrap_or_default();
        check(&JobHealth::default(), false);
        check(&ours, false);
        check(&JobHealth { successive_failures: 1, ..ours.clone() }, true);
        let mut theirs = ours;
        if let Some(quarantine) = &mut theirs.quarantine {
            quarantine.reason = QuarantineReason::TooManyDeletes;
        }
        check(&theirs, true);
    }
}
