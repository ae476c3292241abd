//! Cycles and their activity reports (not in Graph).

use serde::{Deserialize, Serialize};

/// One run of a synchronization job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cycle {
    /// Its id; `cycleId` of the provisioning log.
    pub id: String,
    /// `initial` or `incremental`.
    pub kind: String,
    /// `running`, `succeeded`, `entryLevelErrors` or `failed`.
    pub state: String,
    /// RFC 3339, UTC.
    pub started_date_time: String,
    /// RFC 3339, UTC; absent while it runs.
    pub ended_date_time: Option<String>,
    /// What was done, so far or in all.
    pub counts: CycleCounts,
    /// Why it failed, when it did.
    pub error: Option<CycleError>,
}

/// What a cycle did, in objects (not requests).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CycleCounts {
    /// Source objects read.
    pub imported: u64,
    /// Of them in scope.
    pub in_scope: u64,
    /// Accounts created.
    pub created: u64,
    /// Accounts updated.
    pub updated: u64,
    /// Accounts disabled.
    pub disabled: u64,
    /// Accounts deleted.
    pub deleted: u64,
    /// Accounts found equal, or found by matching and equal.
    pub unchanged: u64,
    /// Objects left out (out of scope, no matching value, …).
    pub skipped: u64,
    /// Objects that failed and wait for a retry.
    pub failed: u64,
    /// References (managers) written.
    pub references: u64,
    /// Requests sent to the target.
    pub requests: u64,
}

/// Why a cycle failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CycleError {
    /// Code, as in the provisioning log.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
}

/// The finished activity report of a cycle: the counts and every action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityReport {
    /// The cycle.
    pub cycle: Cycle,
    /// The application.
    pub service_principal_id: String,
    /// Its name.
    pub service_principal_display_name: String,
    /// Whole duration.
    pub duration_in_milliseconds: i64,
    /// Failures by error code, most frequent first.
    pub errors: Vec<ErrorCount>,
    /// Whether `entries` was cut.
    pub truncated: bool,
    /// The actions, in order of time, at most [`ActivityReport::MAXIMUM_ENTRIES`]; the provisioning
    /// log has all of them. The last member: reports are written line by line.
    pub entries: Vec<ReportEntry>,
}

impl ActivityReport {
    /// Most entries that a report lists. A finished report is one KV value (25 MiB at most).
    pub const MAXIMUM_ENTRIES: usize = 10_000;
}

/// How often an error code occurred.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorCount {
    /// The code.
    pub code: String,
    /// How often.
    pub count: u64,
}

/// One line of an activity report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportEntry {
    /// RFC 3339, UTC.
    pub date_time: String,
    /// As `provisioningAction`.
    pub action: String,
    /// As `status`.
    pub status: String,
    /// `User` or `Group`; reports of earlier versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_type: Option<String>,
    /// Source object.
    pub source_id: String,
    /// Its name.
    pub source_display_name: String,
    /// Target object, when known.
    pub target_id: Option<String>,
    /// Changed properties, `name: old → new` joined by `; `.
    pub changes: String,
    /// Error code, when it failed or was skipped for a reason.
    pub error_code: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// What to do.
    pub recommended_action: Option<String>,
}
