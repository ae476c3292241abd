//! How a cycle ends: its report, what the job's health makes of it, and when the next one begins.

use api::cycle::Cycle;
use provisioning::cycle::{CycleError, CycleState, Decision, Report};
use provisioning::quarantine::{self, JobHealth, QuarantineReason, RecentDeletions};
use store::Settings as _;
use store::job::{CycleRecord, JobStore};
use worker::console_log;

use super::record::ScheduleState;
use super::status::{self, SteadyState};
use super::{keys, notify, plan, report, staged};
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::clock;
use crate::platform::settings::{save_setting, setting};

/// Old log entries that are removed at the end of a cycle: at most this many slices …
const PRUNE_SLICES: u32 = 10;
/// … of this many entries.
pub(super) const PRUNE_ENTRIES: i64 = 1_000;

/// Ends a cycle: publishes its report, then notes the outcome in one transaction. A crash in between repeats
/// the publication, whose content is the same; without it the report is made from the log. Nothing is noted of a
/// cycle that was taken away meanwhile.
pub(super) async fn finish(job: &Job, finished: &Report, generation: u64) -> Result<(), ApiError> {
    let store = job.store();
    let mut record = job.record()?;
    let now = clock::now_ms();
    let state: CycleState = setting(&store, keys::CYCLE)?
        .ok_or_else(|| ApiError::internal("a cycle ended that the job does not know"))?;
    let outcome = status::outcome(finished);
    let activity = report::build(&store, &record, report::cycle(&state, Some(outcome)))?;
    let id = finished.cycle_id.as_str();
    if let Err(error) = report::publish(&job.env, &record.service_principal_id, id, activity).await {
        // Whoever leaves must not wait for a store of reports.
        error.log("report");
    }
    if job.generation.get() != generation {
        return Ok(());
    }
    // A person may have paused the job meanwhile.
    record = job.record()?;
    let before: JobHealth = setting(&store, keys::HEALTH)?.unwrap_or_default();
    let limits = setting(&store, keys::ESCROW_LIMITS)?.unwrap_or_default();
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
        }
        let mut recent: RecentDeletions = setting(&store, keys::RECENT_DELETIONS)?.unwrap_or_default();
        if recent.add(finished, state.approved, now, record.interval()) {
            save_setting(&store, keys::RECENT_DELETIONS, &recent)?;
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
        let attempt = health.health.quarantine.as_ref().map(|quarantine| quarantine.next_attempt);
        let failures = health.health.successive_failures;
        let next = if succeeded && store.setting(keys::DECIDED)?.is_some() {
            now
        } else {
            next_run(now, succeeded, attempt, asked, failures, record.interval())
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

/// When the next cycle begins: at the quarantine's next attempt, at once if somebody asked for it meanwhile, or after a
/// pause. A quarantine that stays because a fault may pass by itself tells of an attempt that is over.
fn next_run(
    now: i64,
    succeeded: bool,
    attempt: Option<i64>,
    asked: i64,
    failures: u32,
    interval: i64,
) -> i64 {
    match attempt {
        Some(attempt) if attempt > now => attempt,
        _ if asked <= now && succeeded => now,
        _ if !succeeded => now + failure_pause(failures, interval),
        _ => now + interval,
    }
}

/// How long a job waits after a cycle that failed for a reason that may pass by itself: a minute, then twice
/// as long each time, up to the usual interval.
fn failure_pause(successive_failures: u32, interval: i64) -> i64 {
    (60_000_i64 << successive_failures.saturating_sub(1).min(20)).min(interval)
}

/// Keeps how a cycle stands, for the list of cycles.
pub(super) fn save_cycle(
    store: &JobStore<'_>,
    state: &CycleState,
    outcome: Option<&str>,
) -> Result<(), ApiError> {
    keep_cycle(store, state, &report::cycle(state, outcome))
}

/// Keeps a cycle that was described.
pub(super) fn keep_cycle(store: &JobStore<'_>, state: &CycleState, cycle: &Cycle) -> Result<(), ApiError> {
    store.save_cycle(&CycleRecord {
        id: cycle.id.clone(),
        state: cycle.state.clone(),
        started_at: state.started,
        document: crate::json::write(cycle)?,
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_cycle_begins_as_planned_and_never_at_once_after_a_failure() {
        const MINUTE: i64 = 60_000;
        let now = 1_000 * MINUTE;
        let check = |succeeded: bool, attempt: Option<i64>, asked: i64, failures: u32, minutes: i64| {
            let attempt = attempt.map(|minutes| now + minutes * MINUTE);
            let next = next_run(now, succeeded, attempt, now + asked * MINUTE, failures, 40 * MINUTE);
            assert_eq!((next - now) / MINUTE, minutes, "{succeeded} {attempt:?} {asked} {failures}");
        };
        check(true, None, 38, 0, 40);
        check(true, None, -1, 0, 0);
        check(false, None, 38, 2, 2);
        check(false, None, -1, 2, 2);
        check(false, Some(90), 38, 2, 90);
        // An outage at the time of the attempt leaves the quarantine as it was.
        check(false, Some(-1), 38, 3, 4);
        check(false, Some(0), -1, 3, 4);
        check(true, Some(-1), 38, 0, 40);
    }

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
