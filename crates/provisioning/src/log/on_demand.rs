//! The answer of on-demand provisioning.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{Action, ErrorCode, ProvisioningObjectSummary, Status, StepType};
use crate::cycle::Report;
use crate::id::SourceId;

/// Why nothing was read.
const ABSENT: &str =
    "There is no such object in the directory, or the mappings leave out objects of its type.";

/// Graph answers `provisionOnDemand` with a pair of texts, both of them JSON
/// (`stringKeyStringValuePair`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OnDemandAnswer {
    /// `{"result": "Success" | "Skipped" | "Failure", "details": {"errorCode", "errorMessage"}}`.
    pub key: String,
    /// The event: action, times, steps, changed properties, identities, systems. Without identities and systems
    /// when the run ended before it came to an object.
    pub value: String,
}

impl OnDemandAnswer {
    /// The answer about a run: what ended it early, or what became of its objects. The event is that of
    /// the subject asked for first, with its steps and changes before those of the others (its references, other
    /// objects); all entries are in `entries`, which is not in Graph.
    pub fn of(report: &Report, entries: &[ProvisioningObjectSummary], subject: &SourceId) -> Self {
        let (result, code, message) = outcome(report, entries);
        let key =
            json!({"result": result, "details": {"errorCode": code, "errorMessage": message}}).to_string();
        let is_main = |entry: &&ProvisioningObjectSummary| entry.source_identity.id == subject.as_str();
        let main = entries.iter().filter(is_main).chain(entries).next();
        Self { key, value: event(report, main, entries).to_string() }
    }
}

fn outcome(report: &Report, entries: &[ProvisioningObjectSummary]) -> (&'static str, String, String) {
    if let Some(error) = &report.error {
        let message = format!("{} {}", error.message, error.recommended_action);
        return ("Failure", error.code.clone(), message.trim().to_owned());
    }
    if entries.is_empty() {
        return ("Skipped", ErrorCode::ImportSkipped.as_str().to_owned(), ABSENT.to_owned());
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

/// The first step: whether the target is there and lets us in.
fn connection(report: &Report) -> Json {
    // Whoever is refused at the first request gets no further.
    let problem = report.error.as_ref().filter(|_| report.counters.requests <= 1);
    let description = match problem {
        Some(problem) => format!("{} {}", problem.message, problem.recommended_action),
        None => "The application answers and accepts the credentials.".to_owned(),
    };
    json!({
        "name": "TestConnection",
        "type": StepType::Processing,
        "status": if problem.is_some() { Status::Failure } else { Status::Success },
        "description": description.trim(),
        "timestamp": report.started,
        "details": {},
    })
}

fn event(
    report: &Report,
    main: Option<&ProvisioningObjectSummary>,
    entries: &[ProvisioningObjectSummary],
) -> Json {
    let mut steps = vec![connection(report)];
    let Some(first) = main else {
        if report.error.is_none() {
            steps.push(json!({
                "name": "EntryImport",
                "type": StepType::Import,
                "status": Status::Skipped,
                "description": ABSENT,
                "timestamp": report.ended,
                "details": {},
            }));
        }
        return json!({
            "action": Action::Other,
            "cycleId": report.cycle_id,
            "jobId": report.job_id,
            "startTime": report.started,
            "endTime": report.ended,
            "modifiedProperties": [],
            "provisioningSteps": steps,
            "entries": [],
        });
    };
    let is_about = |entry: &&ProvisioningObjectSummary| entry.source_identity.id == first.source_identity.id;
    let (own, others): (Vec<_>, Vec<_>) = entries.iter().partition(is_about);
    let in_order = || own.iter().chain(&others).copied();
    steps.extend(in_order().flat_map(|entry| {
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
    }));
    let changes: Vec<_> = in_order().flat_map(|entry| &entry.modified_properties).collect();
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
