//! The answer of on-demand provisioning.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{ProvisioningObjectSummary, Status};

/// Graph answers `provisionOnDemand` with a pair of texts, both of them JSON
/// (`stringKeyStringValuePair`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OnDemandAnswer {
    /// `{"result": "Success" | "Skipped" | "Failure", "details": {"errorCode", "errorMessage"}}`.
    pub key: String,
    /// The event: action, times, steps, changed properties, identities, systems.
    pub value: String,
}

impl OnDemandAnswer {
    /// The answer about one object. `started` is when the run began, ISO 8601.
    pub fn of(entry: &ProvisioningObjectSummary, started: &str) -> Self {
        let info = &entry.provisioning_status_info;
        let result = match info.status {
            Status::Success | Status::Warning | Status::UnknownFutureValue => "Success",
            Status::Skipped => "Skipped",
            Status::Failure => "Failure",
        };
        let error = info.error_information.as_ref();
        let key = json!({
            "result": result,
            "details": {
                "errorCode": error.map_or("", |error| error.error_code.as_str()),
                "errorMessage": error.map_or("", |error| error.reason.as_str()),
            },
        });
        let ended = &entry.activity_date_time;
        let steps: Vec<Json> = entry
            .provisioning_steps
            .iter()
            .map(|step| {
                json!({
                    "name": step.name,
                    "type": step.provisioning_step_type,
                    "status": step.status,
                    "description": step.description,
                    "timestamp": ended,
                    "details": step.details,
                })
            })
            .collect();
        let value = json!({
            "action": entry.provisioning_action,
            "changeId": entry.change_id,
            "startTime": started,
            "endTime": ended,
            "modifiedProperties": entry.modified_properties,
            "provisioningSteps": steps,
            "reportableIdentifier": entry.source_identity.display_name,
            "statusInfo": info,
            "sourceIdentity": entry.source_identity,
            "sourceSystem": entry.source_system,
            "targetIdentity": entry.target_identity,
            "targetSystem": entry.target_system,
        });
        Self { key: key.to_string(), value: value.to_string() }
    }
}
