//! On-demand provisioning: one person, at once, with every step told; for real or as a preview that writes
//! nothing.

use std::cell::RefCell;

use api::job::OnDemandAnswer;
use provisioning::cycle::{Begin, Cycle, CycleKind, Mode, Report, Watermark};
use provisioning::log::{ProvisioningObjectSummary, Status};
use serde_json::{Value, json};

use super::driver::{Driver, Keep, SliceEnd};
use super::keys;
use super::record::setting;
use super::run::{self, Running};
use super::source::Source;
use super::target::Target;
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::{clock, random};

/// People of one request at most.
pub const MAXIMUM_SUBJECTS: usize = 5;

/// How long one request may take.
const LIMIT_MS: i64 = 25_000;

/// Provisions people now. `write: false` tells what would be done.
pub async fn provision(job: &Job, subjects: Vec<String>, write: bool) -> Result<OnDemandAnswer, ApiError> {
    let record = job.record()?;
    let store = job.store();
    let secrets = run::secrets(job, &store)?;
    let Some(_running) = Running::begin(job) else {
        return Err(ApiError::conflict(
            "A cycle is running. Wait until it ends, or pause it, then try again.",
        ));
    };
    let engine_job = run::engine_job(job, &record)?;
    let source = Source { env: &job.env, sql: &job.sql, record: &record, job: &engine_job };
    let assignments = source.mirror_assignments().await?;
    let generation = job.generation.get();
    let entries = RefCell::new(Vec::new());
    let driver = Driver {
        sql: &job.sql,
        job: &engine_job,
        source,
        target: Target::new(
            job.env.clone(),
            secrets.target()?,
            secrets.token(),
            store.setting(keys::ORIGIN)?.unwrap_or_default(),
        ),
        stop: &|| false,
        current: &|| job.generation.get() == generation,
        keep: if write { Keep::Results(&entries) } else { Keep::Nothing(&entries) },
        slice_ms: LIMIT_MS,
    };
    let since: Watermark = setting(&store, keys::WATERMARK)?.unwrap_or_default();
    let cycle = Cycle::new(Begin {
        cycle_id: random::uuid()?.into(),
        kind: CycleKind::OnDemand,
        mode: if write { Mode::Execute } else { Mode::Plan },
        since,
        until: Watermark { assignments, ..since },
        linked: 0,
        staged: 0,
        expected: Some(subjects.len() as u64),
        subjects: subjects.into_iter().map(Into::into).collect(),
        now: clock::now_ms(),
    });
    let end = driver.run(cycle).await?;
    match end {
        SliceEnd::Finished(report) => answer(&report, &entries.into_inner()),
        SliceEnd::Abandoned => {
            Err(ApiError::conflict("The job was restarted or saved meanwhile; try again."))
        }
        SliceEnd::Yielded => Err(ApiError::new(
            504,
            "Timeout",
            format!("The application did not answer within {} seconds; try again.", LIMIT_MS / 1000),
        )),
    }
}

fn answer(report: &Report, entries: &[ProvisioningObjectSummary]) -> Result<OnDemandAnswer, ApiError> {
    let failed = entries.iter().find(|entry| entry.provisioning_status_info.status == Status::Failure);
    let acted = entries.iter().any(|entry| entry.provisioning_status_info.status != Status::Skipped);
    let (result, details) = match (&report.error, failed) {
        (Some(error), _) => (
            "Failure",
            json!({
                "errorCode": error.code,
                "errorMessage": format!("{} {}", error.message, error.recommended_action),
            }),
        ),
        (None, Some(entry)) => {
            let error = entry.provisioning_status_info.error_information.as_ref();
            (
                "Failure",
                json!({
                    "errorCode": error.map(|error| error.error_code.as_str()),
                    "errorMessage": error.map(|error| error.reason.as_str()),
                }),
            )
        }
        (None, None) if acted => ("Success", json!({ "errorCode": null, "errorMessage": null })),
        (None, None) => ("Skipped", json!({ "errorCode": null, "errorMessage": null })),
    };
    Ok(OnDemandAnswer {
        key: json!({ "result": result, "details": details }).to_string(),
        value: event(report, entries)?.to_string(),
    })
}

/// One event: the first entry, with the steps and changes of those that follow (the manager's).
fn event(report: &Report, entries: &[ProvisioningObjectSummary]) -> Result<Value, ApiError> {
    let Some(first) = entries.first() else { return Ok(Value::Null) };
    let steps: Vec<Value> = entries
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
    let changes: Vec<_> = entries.iter().flat_map(|entry| entry.modified_properties.iter()).collect();
    Ok(json!({
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
    }))
}
