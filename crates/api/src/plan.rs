//! Plans: the dry run of a cycle (not in Graph).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cycle::{CycleCounts, CycleError};

/// What the next cycle of a job would do. Nothing is written to the application to make it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Its id.
    pub id: String,
    /// The kind of cycle that it is the plan of: `initial` or `incremental`.
    pub kind: String,
    /// `running`, `finished`, `failed` or `cancelled`.
    pub state: String,
    /// RFC 3339, UTC.
    pub created_date_time: String,
    /// RFC 3339, UTC; absent while it runs.
    pub ended_date_time: Option<String>,
    /// RFC 3339, UTC: when it is forgotten.
    pub expiration_date_time: String,
    /// What would be done, in objects.
    pub counts: CycleCounts,
    /// Deletions and disablings that would be held, because they reach the threshold.
    pub deletions_held: u64,
    /// Why it failed, or why deletions would be held.
    pub error: Option<CycleError>,
    /// The address that the paths of requests are appended to: "Tenant URL".
    pub base_address: String,
    /// Headers of every request; the credential is masked.
    pub request_headers: BTreeMap<String, String>,
}

/// What would be done about one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanItem {
    /// As `provisioningAction` of the log.
    pub action: String,
    /// As `status` of the log: `success` is an action that would be tried.
    pub status: String,
    /// `User` or `Group`.
    pub object_type: String,
    /// Id in the workforce directory.
    pub source_id: String,
    /// Its name.
    pub source_display_name: String,
    /// The account; absent while there is none.
    pub target_id: Option<String>,
    /// Whether the action would be held back.
    pub held: bool,
    /// Changed properties: `displayName`, `oldValue`, `newValue`. References (manager, members) name source ids
    /// while the account is not there yet; they are set in a second step.
    pub modified_properties: serde_json::Value,
    /// The requests that would be sent, but for redacted values.
    pub requests: Vec<PlannedRequest>,
    /// `errorCode`, `reason`, `recommendedAction` of what could not be done.
    pub error_information: Option<serde_json::Value>,
    /// The steps that led to it, as in the log.
    pub provisioning_steps: serde_json::Value,
}

/// A request that would be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedRequest {
    /// `POST`, `PATCH` or `DELETE`.
    pub method: String,
    /// Begins with `/`.
    pub path: String,
    /// The body, if it has one.
    pub body: Option<serde_json::Value>,
}
