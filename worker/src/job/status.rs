//! Graph's `synchronizationJob` from what the job keeps.

use api::job::{
    KeyCount, Progress, Quarantine, Schedule, Status, SynchronizationError, SynchronizationJob, TaskExecution,
};
use provisioning::cycle::{CycleKind, CycleResult, CycleState, Phase, Report};
use provisioning::quarantine::JobHealth;
use provisioning::schedule::interval_text;
use serde::{Deserialize, Serialize};
use store::Settings as _;
use store::job::JobStore;

use super::record::{JobRecord, ScheduleState};
use super::secrets::Secrets;
use super::{configuration, expiry, keys, report, run, settings};
use crate::error::ApiError;
use crate::platform::clock;
use crate::platform::settings::setting;

/// When everything was in step.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SteadyState {
    /// Unix milliseconds.
    pub first: Option<i64>,
    /// Unix milliseconds.
    pub last: Option<i64>,
}

/// The job as the API shows it.
pub fn describe(
    store: &JobStore<'_>,
    record: &JobRecord,
    secrets: &Secrets,
) -> Result<SynchronizationJob, ApiError> {
    let template = configuration::template(store)?;
    let state: Option<CycleState> = setting(store, keys::CYCLE)?;
    let health: JobHealth = setting(store, keys::HEALTH)?.unwrap_or_default();
    let last_execution: Option<TaskExecution> = setting(store, keys::LAST_EXECUTION)?;
    let steady: SteadyState = setting(store, keys::STEADY_STATE)?.unwrap_or_default();
    let next_run = run::next_run(store)?;
    let counts: Vec<(String, i64)> = setting(store, keys::LINK_COUNTS)?.unwrap_or_default();
    let running = state.as_ref().filter(|state| !state.is_done());
    Ok(SynchronizationJob {
        id: record.job_id.clone(),
        template_id: template.sync_template_id.clone(),
        schedule: Schedule {
            expiration: None,
            interval: interval_text(record.interval()),
            state: match record.state {
                ScheduleState::Disabled => "Disabled",
                ScheduleState::Active => "Active",
                ScheduleState::Paused => "Paused",
            }
            .to_owned(),
        },
        status: Status {
            code: code(record, secrets.complete(), &health, last_execution.is_some() || running.is_some())
                .to_owned(),
            count_successive_complete_failures: health.successive_failures.into(),
            escrows_pruned: false,
            last_execution,
            last_successful_execution: setting(store, keys::LAST_SUCCESS)?,
            last_successful_execution_with_exports: setting(store, keys::LAST_SUCCESS_WITH_EXPORTS)?,
            progress: running.map(progress).unwrap_or_default(),
            quarantine: health.quarantine.as_ref().map(quarantine),
            steady_state_first_achieved_time: steady.first.map(clock::rfc3339),
            steady_state_last_achieved_time: steady.last.map(clock::rfc3339),
            synchronized_entry_count_by_type: counts
                .into_iter()
                .map(|(key, value)| KeyCount { key, value: u64::try_from(value).unwrap_or(0) })
                .collect(),
            current_cycle: running.map(|state| report::cycle(state, None)),
            next_execution_date_time: next_run
                .filter(|_| record.state == ScheduleState::Active && running.is_none())
                .map(clock::rfc3339),
            credentials_expire_date_time: expiry::at(store)?.map(clock::rfc3339),
            notification_error: store.setting(keys::WEBHOOK_ERROR)?,
        },
        synchronization_job_settings: settings::list(store, secrets, &template)?,
    })
}

fn code(record: &JobRecord, configured: bool, health: &JobHealth, ran: bool) -> &'static str {
    match record.state {
        _ if !configured => "NotConfigured",
        ScheduleState::Paused => "Paused",
        _ if health.quarantine.is_some() => "Quarantine",
        ScheduleState::Disabled if !ran => "NotRun",
        ScheduleState::Disabled => "Paused",
        ScheduleState::Active if !ran => "NotRun",
        ScheduleState::Active => "Active",
    }
}

/// The import's objects, then the references.
fn progress(state: &CycleState) -> Vec<Progress> {
    let counters = &state.counters;
    let total = counters.expected.unwrap_or(counters.imported).max(counters.imported);
    let now = clock::rfc3339(clock::now_ms());
    let mut list = vec![Progress {
        completed_units: counters.imported,
        total_units: total,
        units: "users".to_owned(),
        progress_observation_date_time: now.clone(),
    }];
    if matches!(state.phase, Phase::References { .. }) {
        list.push(Progress {
            completed_units: counters.references,
            total_units: counters.exported.max(counters.references),
            units: "references".to_owned(),
            progress_observation_date_time: now,
        });
    }
    list
}

fn quarantine(state: &provisioning::quarantine::QuarantineState) -> Quarantine {
    Quarantine {
        current_began: clock::rfc3339(state.current_began),
        next_attempt: clock::rfc3339(state.next_attempt),
        reason: crate::json::value(&state.reason)
            .ok()
            .and_then(|reason| reason.as_str().map(str::to_owned))
            .unwrap_or_default(),
        series_began: clock::rfc3339(state.series_began),
        series_count: state.series_count.into(),
        error: state.error.as_ref().map(error),
    }
}

fn error(error: &provisioning::cycle::CycleError) -> SynchronizationError {
    SynchronizationError {
        code: error.code.clone(),
        message: format!("{} {}", error.message, error.recommended_action).trim().to_owned(),
        tenant_actionable: error.tenant_actionable,
    }
}

/// Graph's `synchronizationTaskExecution` of a finished cycle.
pub fn execution(report: &Report) -> TaskExecution {
    let counters = &report.counters;
    let incremental = report.kind == CycleKind::Incremental;
    TaskExecution {
        activity_identifier: report.cycle_id.to_string(),
        count_entitled: counters.entitled,
        count_entitled_for_provisioning: counters.entitled_for_provisioning,
        count_escrowed: counters.escrowed,
        count_escrowed_raw: counters.escrowed,
        count_exported: counters.exported,
        count_exports: counters.exports,
        count_imported: counters.imported,
        count_imported_deltas: if incremental { counters.imported_deltas } else { 0 },
        count_imported_reference_deltas: if incremental { counters.references } else { 0 },
        error: report.error.as_ref().map(error),
        state: match report.result {
            CycleResult::Succeeded => "Succeeded",
            CycleResult::Failed => "Failed",
            CycleResult::EntryLevelErrors => "EntryLevelErrors",
        }
        .to_owned(),
        time_began: report.started.clone(),
        time_ended: report.ended.clone(),
    }
}

/// The outcome as the list of cycles writes it.
pub fn outcome(report: &Report) -> &'static str {
    match report.result {
        CycleResult::Succeeded => "succeeded",
        CycleResult::Failed => "failed",
        CycleResult::EntryLevelErrors => "entryLevelErrors",
    }
}
