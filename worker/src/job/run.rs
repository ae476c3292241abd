//! Running a job: what the alarm does. One slice a call; the alarm is armed again for the next one.

use provisioning::cycle::{
    Begin, Cycle, CycleError, CycleKind, CycleState, Decision, Mode, Phase, Report, Watermark,
};
use provisioning::log::{self, Initiator, ProvisioningSystem, ServicePrincipal};
use provisioning::quarantine::{self, JobHealth, QuarantineReason};
use provisioning::schema;
use provisioning::{Job as EngineJob, JobSettings};
use store::Settings as _;
use store::job::{CycleRecord, Expansion, JobStore};
use worker::{console_error, console_log};

use super::access;
use super::changes::has_gap;
use super::commit::link_counts;
use super::driver::{Driver, Keep, SLICE_MS, SliceEnd};
use super::record::{JobRecord, ScheduleState};
use super::secrets::Secrets;
use super::source::Source;
use super::status::{self, SteadyState};
use super::target::Target;
use super::{capabilities, configuration, expiry, keys, notify, plan, report, settings, staged, webhook};
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::settings::{save_setting, setting};
use crate::platform::{clock, random};

/// The first pause after a slice that failed on our side; doubled each time, up to [`LONGEST_PAUSE_MS`].
const FIRST_PAUSE_MS: i64 = 2_000;
/// The longest pause after a slice that failed on our side.
const LONGEST_PAUSE_MS: i64 = 10 * 60 * 1000;
/// The longest time that a job waits after a change.
const LONGEST_DEBOUNCE_MS: i64 = 60_000;
/// How long the alarm waits while the job does something that a person waits for.
const BUSY_PAUSE_MS: i64 = 1_000;
/// A job that is overdue by this much has lost its alarm.
const OVERDUE_MS: i64 = 2 * 60 * 1000;
/// Old log entries that are removed at the end of a cycle: at most this many slices …
const PRUNE_SLICES: u32 = 10;
/// … of this many entries.
const PRUNE_ENTRIES: i64 = 1_000;

/// The source's name in the log.
pub const SOURCE_SYSTEM: &str = "Workforce directory";

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
            let cleared = job.store().remove_setting(keys::FAILED_SLICES).map_err(ApiError::from);
            if let Err(error) = cleared {
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
            job.arm(pause).await
        }
    };
    if let Err(error) = armed {
        error.log("job");
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
    let mut engine_job = engine_job(job, &record)?;
    let mut state: CycleState = match setting(&store, keys::CYCLE)? {
        Some(state) => state,
        None => {
            let next_run = next_run(&store)?.unwrap_or(now);
            if next_run > now {
                return Ok(Some(next_run - now));
            }
            expiry::ask(job, &Secrets::load(&store, &job.env, &job.owner()?)?).await?;
            expiry::tell(job)?;
            let source = Source { env: &job.env, sql: &job.sql, record: &record, job: &engine_job };
            begin(job, &record, &source).await?
        }
    };
    if job.generation.get() != generation {
        return Ok(Some(0));
    }
    let secrets = Secrets::load(&store, &job.env, &job.owner()?)?;
    let target = Target::of(job, &secrets, engine_job.settings.quirks)?;
    if state.phase == Phase::Probe && capabilities::refresh(&store, &target, &secrets).await? {
        state.counters.requests += 1;
    }
    let options = capabilities::options(&store, &target, &secrets, Mode::Execute, &mut engine_job.settings)?;
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
            finish(job, &finished).await?;
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
    let is_slowed_down = health.quarantine.is_some() || health.successive_failures > 0;
    if record.state != ScheduleState::Active || is_slowed_down {
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

/// Begins a cycle, and notes when the next one starts.
async fn begin(job: &Job, record: &JobRecord, source: &Source<'_>) -> Result<CycleState, ApiError> {
    let store = job.store();
    let began = clock::now_ms();
    let changed: Option<i64> = setting(&store, keys::CHANGED_RUN)?;
    let state = prepare(job, source, Mode::Execute).await?;
    store::sql::in_transaction(&job.sql, || -> Result<(), ApiError> {
        save_setting(&store, keys::CYCLE, &state)?;
        store.remove_setting(keys::DECIDED)?;
        save_setting(&store, keys::NEXT_RUN, &(state.started + record.interval()))?;
        // What changed before this moment is part of the cycle; what was told since, or is to come, may not be.
        let is_same = setting(&store, keys::CHANGED_RUN)? == changed;
        if is_same && changed.is_some_and(|changed| changed <= began) {
            store.remove_setting(keys::CHANGED_RUN)?;
        }
        save_cycle(&store, &state, None)
    })?;
    Ok(state)
}

/// What a cycle begins with: mirrors the assignments, notes where the source's logs end, and marks who changed.
/// May be repeated.
pub async fn prepare(job: &Job, source: &Source<'_>, mode: Mode) -> Result<CycleState, ApiError> {
    let store = job.store();
    let now = clock::now_ms();
    let assignments = source.mirror_assignments().await?;
    let log = source.change_log_ends().await?;
    let since: Option<Watermark> =
        setting(&store, keys::WATERMARK)?.filter(|since: &Watermark| !has_gap(since.directory, log.oldest));
    if since.is_none() {
        // Everybody will be looked at, so marks of single people say nothing more.
        store::sql::in_transaction(&job.sql, || -> Result<(), ApiError> {
            store.clear_all_dirty()?;
            store.clear_expansions(Expansion::Changed)?;
            store.clear_nested_changes()?;
            save_setting(&store, keys::LINK_COUNTS, &store.link_counts()?)
        })?;
    }
    source.collect_changes(since.map(|since| since.directory), &log, now).await?;
    let (kind, expected) = match since {
        None => (CycleKind::Initial, source.object_count().await?),
        Some(_) => (CycleKind::Incremental, u64::try_from(store.dirty_count()?).unwrap_or(0)),
    };
    let linked = link_counts(&store)?.iter().map(|(_, count)| *count).sum::<i64>();
    Ok(CycleState::begin(Begin {
        cycle_id: random::uuid()?.into(),
        kind,
        mode,
        since: since.unwrap_or_default(),
        until: Watermark { directory: log.latest, assignments },
        linked: u64::try_from(linked).unwrap_or(0),
        staged: staged::count(&store, Some(Decision::Held))?,
        approved: staged::count(&store, Some(Decision::Approved))? > 0,
        expected: Some(expected),
        subjects: Vec::new(),
        now,
    }))
}

/// Ends a cycle: publishes its report, then notes the outcome in one transaction. A crash in between repeats
/// the publication, whose content is the same.
async fn finish(job: &Job, finished: &Report) -> Result<(), ApiError> {
    let store = job.store();
    let mut record = job.record()?;
    let now = clock::now_ms();
    let state: CycleState = setting(&store, keys::CYCLE)?
        .ok_or_else(|| ApiError::internal("a cycle ended that the job does not know"))?;
    let outcome = status::outcome(finished);
    let activity = report::build(&store, &record, report::cycle(&state, Some(outcome)))?;
    report::publish(&job.env, &record.service_principal_id, finished.cycle_id.as_str(), activity).await?;
    let before: JobHealth = setting(&store, keys::HEALTH)?.unwrap_or_default();
    let secrets = Secrets::load(&store, &job.env, &job.owner()?)?;
    let limits = settings::thresholds(&store, &secrets)?.escrows;
    let mut judged = finished.clone();
    // All may have been decided about while the cycle ran.
    let is_held = |error: &CycleError| error.quarantine == Some(QuarantineReason::TooManyDeletes);
    if judged.error.as_ref().is_some_and(is_held) && staged::count(&store, Some(Decision::Held))? == 0 {
        judged.error = None;
    }
    let health = quarantine::after_cycle(&before, &judged, &limits, now);
    let execution = status::execution(finished);
    let succeeded = execution.state != "Failed";
    store::sql::in_transaction(&job.sql, || -> Result<(), ApiError> {
        if succeeded {
            save_setting(&store, keys::WATERMARK, &finished.watermark)?;
            store.remove_setting(keys::FORCE_DELETES)?;
        }
        save_setting(&store, keys::HEALTH, &health.health)?;
        save_setting(&store, keys::LAST_EXECUTION, &execution)?;
        if execution.state == "Succeeded" {
            save_setting(&store, keys::LAST_SUCCESS, &execution)?;
            if execution.count_exports > 0 {
                save_setting(&store, keys::LAST_SUCCESS_WITH_EXPORTS, &execution)?;
            }
            let mut steady: SteadyState = setting(&store, keys::STEADY_STATE)?.unwrap_or_default();
            steady.first.get_or_insert(now);
            steady.last = Some(now);
            save_setting(&store, keys::STEADY_STATE, &steady)?;
        }
        // "Run now" during the cycle has set an earlier time, which stays.
        let asked: i64 = setting(&store, keys::NEXT_RUN)?.unwrap_or(now);
        let usual = now + record.interval();
        let next = match &health.health.quarantine {
            _ if succeeded && store.setting(keys::DECIDED)?.is_some() => now,
            Some(quarantine) => quarantine.next_attempt,
            None if asked <= now && succeeded => now,
            None if !succeeded => now + failure_pause(health.health.successive_failures, record.interval()),
            None => usual,
        };
        save_setting(&store, keys::NEXT_RUN, &next)?;
        if let Some(quarantine) = health.health.quarantine.as_ref().filter(|_| health.notify) {
            notify::note(job, &record, &notify::Event::Quarantine(quarantine))?;
        }
        if !succeeded || health.health.quarantine.is_some() {
            store.remove_setting(keys::CHANGED_RUN)?;
        }
        if health.disable || store.setting(keys::ESCROW_EXPIRED)?.is_some() {
            notify::note(job, &record, &notify::Event::Disabled)?;
            store.remove_setting(keys::ESCROW_EXPIRED)?;
            record.state = ScheduleState::Disabled;
            record.save(&store)?;
        }
        save_cycle(&store, &state, Some(outcome))?;
        Ok(store.remove_setting(keys::CYCLE)?)
    })?;
    if let Some(quarantine) = health.health.quarantine.filter(|_| health.notify) {
        console_log!("job {} is in quarantine: {:?}", record.job_id, quarantine.reason);
    }
    store::sql::in_transaction(&job.sql, || store.prune_plans(now - plan::KEPT_MS, plan::KEPT))?;
    store.prune_statistics(now)?;
    for _ in 0..PRUNE_SLICES {
        if !store.prune_logs(now, PRUNE_ENTRIES)? {
            break;
        }
    }
    Ok(())
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

/// The job's secrets, which must be complete.
pub fn secrets(job: &Job, store: &JobStore<'_>) -> Result<Secrets, ApiError> {
    let secrets = Secrets::load(store, &job.env, &job.owner()?)?;
    if secrets.complete() {
        Ok(secrets)
    } else {
        Err(ApiError::bad_request(
            "The job has no credentials yet. Save Tenant URL (BaseAddress) and Secret Token (SecretToken), or an OAuth client, first.",
        ))
    }
}

/// How long a job waits after a cycle that failed for a reason that may pass by itself: a minute, then twice
/// as long each time, up to the usual interval.
fn failure_pause(successive_failures: u32, interval: i64) -> i64 {
    (60_000_i64 << successive_failures.saturating_sub(1).min(20)).min(interval)
}

fn save_cycle(store: &JobStore<'_>, state: &CycleState, outcome: Option<&str>) -> Result<(), ApiError> {
    let cycle = report::cycle(state, outcome);
    store.save_cycle(&CycleRecord {
        id: cycle.id.clone(),
        state: cycle.state.clone(),
        started_at: state.started,
        document: crate::json::write(&cycle)?,
    })?;
    Ok(())
}

/// The job as the engine sees it.
pub fn engine_job(job: &Job, record: &JobRecord) -> Result<EngineJob, ApiError> {
    let store = job.store();
    let template = configuration::template(&store)?;
    let quirks = settings::quirks(&store, &template)?;
    let secrets = Secrets::load(&store, &job.env, &job.owner()?)?;
    let force_deletes = store.setting(keys::FORCE_DELETES)?.is_some();
    let compiled = schema::compile(&configuration::schema(job)?).map_err(|problems| {
        ApiError::internal(format!("the saved schema does not compile: {} problems", problems.len()))
    })?;
    Ok(EngineJob {
        job_id: record.job_id.clone(),
        tenant_id: record.organization_id.clone(),
        service_principal: ServicePrincipal {
            id: record.service_principal_id.clone(),
            display_name: record.display_name.clone(),
        },
        source_system: ProvisioningSystem {
            id: record.workforce_directory_id.clone(),
            display_name: SOURCE_SYSTEM.to_owned(),
            ..ProvisioningSystem::default()
        },
        target_system: ProvisioningSystem {
            id: record.service_principal_id.clone(),
            display_name: record.display_name.clone(),
            details: log::details([("ApplicationId", record.template_id.clone())]),
        },
        initiated_by: Initiator::service(),
        roles: template.app_roles,
        excludes_default_access: template.excludes_default_access,
        settings: JobSettings {
            deprovisioning: setting(&store, keys::DEPROVISIONING)?.unwrap_or_default(),
            quirks,
            nested_groups: setting(&store, keys::NESTED_GROUPS)?.unwrap_or_default(),
            deletion_threshold: settings::thresholds(&store, &secrets)?.deletions,
            ..secrets.settings(force_deletes)
        },
        schema: compiled,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_tried_again_soon_then_less_often() {
        let check = |failures: u32, minutes: i64| {
            assert_eq!(failure_pause(failures, 40 * 60_000), minutes * 60_000, "{failures}");
        };
        check(0, 1);
        check(1, 1);
        check(2, 2);
        check(5, 16);
        check(7, 40);
        check(u32::MAX, 40);
        assert_eq!(failure_pause(9, 5 * 60_000), 5 * 60_000);
    }
}
