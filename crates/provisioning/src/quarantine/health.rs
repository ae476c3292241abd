//! The health of a job over its cycles.

use serde::{Deserialize, Serialize};

use super::{EscrowLimits, QuarantineReason, escrow_reason};
use crate::cycle::{CycleError, CycleResult, Report};
use crate::log::{ErrorCode, date_time};
use crate::time::{DAY, HOUR};

/// First pause of a quarantined job; every further one is twice as long, up to a day.
const FIRST_PAUSE: i64 = HOUR / 2;
/// A job that stays in quarantine longer than this is switched off.
const DISABLED_AFTER: i64 = 28 * DAY;

/// What is remembered about a job's cycles.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobHealth {
    /// Cycles in a row that ended early (Graph: `countSuccessiveCompleteFailures`).
    pub successive_failures: u32,
    /// The quarantine, while there is one.
    pub quarantine: Option<QuarantineState>,
}

/// A quarantine (Graph: `synchronizationQuarantine`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuarantineState {
    /// Why.
    pub reason: QuarantineReason,
    /// The error behind it.
    pub error: Option<CycleError>,
    /// When this reason began, Unix milliseconds.
    pub current_began: i64,
    /// When the series of quarantines began, Unix milliseconds.
    pub series_began: i64,
    /// Cycles of the series that ended in quarantine.
    pub series_count: u32,
    /// When the next cycle may run, Unix milliseconds.
    pub next_attempt: i64,
}

/// What follows from a finished cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    /// To be kept.
    pub health: JobHealth,
    /// A quarantine began, or its reason changed: people are told once.
    pub notify: bool,
    /// The job is to be switched off: more than 28 days in quarantine.
    pub disable: bool,
}

/// Judges a finished cycle. Any cycle that goes through without reaching a threshold ends the
/// quarantine.
pub fn after_cycle(previous: &JobHealth, report: &Report, limits: &EscrowLimits, now: i64) -> Health {
    let failed = report.result == CycleResult::Failed;
    let reason = report
        .error
        .as_ref()
        .and_then(|error| error.quarantine)
        .or_else(|| escrow_reason(&report.counters, limits));
    let successive_failures = if failed { previous.successive_failures.saturating_add(1) } else { 0 };
    let Some(reason) = reason else {
        // A fault that passes by itself (a timeout, 5xx) neither begins nor ends a quarantine.
        let quarantine = if failed { previous.quarantine.clone() } else { None };
        let health = JobHealth { successive_failures, quarantine };
        return Health { health, notify: false, disable: false };
    };
    let before = previous.quarantine.as_ref();
    let same = before.filter(|quarantine| quarantine.reason == reason);
    let series_count = before.map_or(0, |quarantine| quarantine.series_count).saturating_add(1);
    let series_began = before.map_or(now, |quarantine| quarantine.series_began);
    let quarantine = QuarantineState {
        reason,
        error: report.error.clone(),
        current_began: same.map_or(now, |quarantine| quarantine.current_began),
        series_began,
        series_count,
        next_attempt: now + pause(series_count),
    };
    Health {
        notify: same.is_none(),
        disable: now - series_began > DISABLED_AFTER,
        health: JobHealth { successive_failures, quarantine: Some(quarantine) },
    }
}

/// The health of a job that cannot go on through a fault of this service: people must learn that changes do not reach
/// the application. None if it is in quarantine already. [`resumed`] ends it.
pub fn interrupted(previous: &JobHealth, message: &str, now: i64) -> Option<JobHealth> {
    let reason = QuarantineReason::IngestionInterrupted;
    let error = CycleError {
        code: ErrorCode::InternalError.as_str().to_owned(),
        message: format!("Rollcall cannot read the directory, or keep what it found: {message}"),
        recommended_action: "It goes on by itself as soon as it can; until then no change reaches the \
                             application. If this stays, tell whoever runs this deployment."
            .to_owned(),
        details: None,
        tenant_actionable: false,
        quarantine: Some(reason),
    };
    previous.quarantine.is_none().then_some(JobHealth {
        quarantine: Some(QuarantineState {
            reason,
            error: Some(error),
            current_began: now,
            series_began: now,
            series_count: 0,
            next_attempt: now,
        }),
        ..*previous
    })
}

/// The health once the job goes on; none if it was not [`interrupted`].
pub fn resumed(previous: &JobHealth) -> Option<JobHealth> {
    let quarantine = previous.quarantine.as_ref()?;
    (quarantine.reason == QuarantineReason::IngestionInterrupted)
        .then_some(JobHealth { quarantine: None, ..*previous })
}

/// Half an hour, then 1, 2, 4, 8, 16 hours, then a day.
fn pause(series_count: u32) -> i64 {
    let doublings = series_count.saturating_sub(1).min(6);
    (FIRST_PAUSE << doublings).min(DAY)
}

impl QuarantineState {
    /// Graph's resource (`synchronizationQuarantine`).
    pub fn to_graph(&self) -> serde_json::Value {
        serde_json::json!({
            "currentBegan": date_time(self.current_began),
            "nextAttempt": date_time(self.next_attempt),
            "reason": self.reason,
            "seriesBegan": date_time(self.series_began),
            "seriesCount": self.series_count,
            "error": self.error.as_ref().map(|error| serde_json::json!({
                "code": error.code,
                "message": error.message,
                "tenantActionable": error.tenant_actionable,
            })),
        })
    }
}
