//! The answer of on-demand provisioning.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{ProvisioningObjectSummary, Status};
use crate::cycle::Report;

/// Graph answers `provisionOnDemand` with a pair of texts, both of them JSON
/// (`stringKeyStringValuePair`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OnDemandAnswer {
    /// `{"result": "Success" | "Skipped" | "Failure", "details": {"errorCode", "errorMessage"}}`.
    pub key: String,
    /// The event: action, times, steps, changed properties, identities, systems. `null` when the run
    /// ended before it came to an object.
    pub value: String,
}

impl OnDemandAnswer {
    /// The answer about a run: what ended it early, or what became of its objects. The event is that of
    /// the first entry, with the steps and changes of those that follow (its references, other objects);
    /// all entries are in `entries`, which is not in Graph.
    pub fn of(report: &Report, entries: &[ProvisioningObjectSummary]) -> Self {
        let (result, code, message) = outcome(report, entries);
        let key =
            json!({"result": result, "details": {"errorCode": code, "errorMessage": message}}).to_string();
        let value = entries.first().map_or(Json::Null, |first| event(report, first, entries)).to_string();
        Self { key, value }
    }
}

fn outcome(report: &Report, entries: &[ProvisioningObjectSummary]) -> (&'static str, String, String) {
    if let Some(error) = &report.error {
        let message = format!("{} {}", error.message, error.recommended_action);
        return ("Failure", error.code.clone(), message.trim().to_owned());
    }
    let mut infos = entries.iter().map(|entry| &entry.provisioning_status_info);
    if let Some(failed) = infos.clone().find(|info| info.status == Status::Failure) {
        let error = failed.error_information.as_ref();
        let text = |get: fn(&super::ErrorInformation) -> &String| error.map(get).cloned().unwrap_or_default();
        return ("Failure", text(|error| &error.error_code), text(|error| &error.reason));
    }
    let acted = infos.any(|info| info.status != Status::Skipped);
    (if acted { "Success" } else { "Skipped" }, String::new(), String::new())
}

fn event(report: &Report, first: &ProvisioningObjectSummary, entries: &[ProvisioningObjectSummary]) -> Json {
    let steps: Vec<Json> = entries
        .iter()
        .flat_map(|entry| {
            entry.provisioning_steps.iter().map(|step| {
                json!({
                    "name": step.name,
                    "type": step.provisioning_step_type,
                    "status": step.status,
                    "description": step.description,
                    "timestamp": entry.activity_date_time,
                    "details": step.details,
                })
            })
        })
        .collect();
    let changes: Vec<_> = entries.iter().flat_map(|entry| &entry.modified_properties).collect();
    json!({
        "action": first.provisioning_action,
        "changeId": first.change_id,
        "cycleId": first.cycle_id,
        "jobId": first.job_id,
        "startTime": report.started,
        "endTime": report.ended,
        "modifiedProperties": changes,
        "provisioningSteps": steps,
        "reportableIdentifier": first.source_identity.display_name,
        "statusInfo": first.provisioning_status_info,
        "sourceIdentity": first.source_identity,
        "sourceSystem": first.source_system,
        "targetIdentity": first.target_identity,
        "targetSystem": first.target_system,
        "entries": entries,
    })
}
