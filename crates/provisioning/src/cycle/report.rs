//! Counters and the report of a finished cycle.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::state::{CycleKind, CycleState, Mode, Watermark};
use crate::id::CycleId;
use crate::job::Job;
use crate::log::{Action, ErrorCode, Status, date_time};
use crate::quarantine::QuarantineReason;

/// What a cycle did so far. The `count…` names of Graph's `synchronizationTaskExecution` are made
/// from these.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Counters {
    /// Objects that the cycle was expected to read, when that was known.
    pub expected: Option<u64>,
    /// Pages read.
    pub pages: u64,
    /// Source objects read.
    pub imported: u64,
    /// Of those, objects that were changed since the watermark (all of them in an incremental
    /// cycle).
    pub imported_deltas: u64,
    /// Objects assigned, or everybody when the job syncs all.
    pub entitled: u64,
    /// Of those, objects that pass the scoping filters and are active.
    pub entitled_for_provisioning: u64,
    /// Objects that the target accepted a change of.
    pub exported: u64,
    /// Write requests that the target accepted.
    pub exports: u64,
    /// Requests of any kind.
    pub requests: u64,
    /// Objects that failed.
    pub escrowed: u64,
    /// Of those, the failures of references.
    pub escrowed_references: u64,
    /// Objects that were already equal.
    pub unchanged: u64,
    /// Objects that were passed over without an entry in the log.
    pub passed_over: u64,
    /// References set.
    pub references: u64,
    /// References that wait and were reported.
    pub unresolved_references: u64,
    /// Deletions and disablings set aside.
    pub staged: u64,
    /// Entries of the log by action and outcome.
    pub actions: Vec<ActionCount>,
    /// Failures and warnings by code.
    pub errors: BTreeMap<String, u64>,
}

/// So many entries with this action and outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionCount {
    /// What was done or tried.
    pub action: Action,
    /// How it went.
    pub status: Status,
    /// How often.
    pub count: u64,
}

impl Counters {
    /// Counts one entry of the log.
    pub fn add(&mut self, action: Action, status: Status, code: Option<ErrorCode>) {
        match self.actions.iter_mut().find(|count| count.action == action && count.status == status) {
            Some(count) => count.count += 1,
            None => self.actions.push(ActionCount { action, status, count: 1 }),
        }
        if let Some(code) = code
            && matches!(status, Status::Failure | Status::Warning)
        {
            *self.errors.entry(code.as_str().to_owned()).or_default() += 1;
        }
    }

    /// Entries with this action and outcome.
    pub fn count(&self, action: Action, status: Status) -> u64 {
        self.actions
            .iter()
            .filter(|count| count.action == action && count.status == status)
            .map(|count| count.count)
            .sum()
    }
}

/// Why a cycle ended early.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CycleError {
    /// A code of the provisioning log.
    pub code: String,
    /// What went wrong, for people.
    pub message: String,
    /// What to change.
    pub recommended_action: String,
    /// What the target said.
    pub details: Option<String>,
    /// Whether the administrator can do something about it (Graph: `tenantActionable`).
    pub tenant_actionable: bool,
    /// Set when the job is to be quarantined for it.
    pub quarantine: Option<QuarantineReason>,
}

/// The outcome of a cycle (Graph: `synchronizationTaskExecutionResult`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CycleResult {
    /// Everything went well.
    Succeeded,
    /// It ended early. The watermark stays where it was.
    Failed,
    /// It went through, with failures of single objects.
    EntryLevelErrors,
}

/// The report of a finished cycle: written once, never changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The cycle.
    pub cycle_id: CycleId,
    /// The job.
    pub job_id: String,
    /// The application's name.
    pub application: String,
    /// Everything, changes or single objects.
    pub kind: CycleKind,
    /// For real, or as a plan.
    pub mode: Mode,
    /// The outcome.
    pub result: CycleResult,
    /// When it began, ISO 8601.
    pub started: String,
    /// When it ended, ISO 8601.
    pub ended: String,
    /// How long it took.
    pub duration_in_milliseconds: i64,
    /// What was done.
    pub counters: Counters,
    /// Why it ended early.
    pub error: Option<CycleError>,
    /// The watermark to keep: advanced only if the cycle went through.
    pub watermark: Watermark,
}

impl Report {
    /// The report of a cycle that is over.
    pub(super) fn of(state: &CycleState, job: &Job) -> Self {
        let ended = state.ended.unwrap_or(state.started);
        // Held deletions do not undo what went through.
        let held = state
            .error
            .as_ref()
            .is_some_and(|error| error.quarantine == Some(QuarantineReason::TooManyDeletes));
        let failed = state.error.is_some() && !held;
        let result = match (failed, state.counters.escrowed) {
            (true, _) => CycleResult::Failed,
            (false, 0) => CycleResult::Succeeded,
            (false, _) => CycleResult::EntryLevelErrors,
        };
        let advances = !failed && state.mode == Mode::Execute && state.kind != CycleKind::OnDemand;
        Self {
            cycle_id: state.cycle_id.clone(),
            job_id: job.job_id.clone(),
            application: job.service_principal.display_name.clone(),
            kind: state.kind,
            mode: state.mode,
            result,
            started: date_time(state.started),
            ended: date_time(ended),
            duration_in_milliseconds: (ended - state.started).max(0),
            counters: state.counters.clone(),
            error: state.error.clone(),
            watermark: if advances { state.until } else { state.since },
        }
    }
}
