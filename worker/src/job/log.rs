//! Entries of the provisioning log between the engine and the store.
//!
//! What is the same in every entry of a job (organization, job, systems, application, initiator) is taken out
//! before an entry is kept and put back when it is read: at 100,000 people that is most of the log's size.

use provisioning::log::ProvisioningObjectSummary;
use serde_json::{Map, Value};
use store::job::LogRecord;

use crate::error::ApiError;
use crate::platform::clock;

/// Members that are the same in every entry of a job.
const COMMON: [&str; 6] =
    ["tenantId", "jobId", "servicePrincipal", "sourceSystem", "targetSystem", "initiatedBy"];

/// An entry for the store. What differs from the job's common members is kept.
pub fn to_record(
    entry: &ProvisioningObjectSummary,
    common: &Map<String, Value>,
) -> Result<LogRecord, ApiError> {
    let Value::Object(mut document) = crate::json::value(entry)? else {
        return Err(ApiError::internal("an entry of the log is not an object"));
    };
    document.retain(|name, value| common.get(name) != Some(value));
    let error = entry.provisioning_status_info.error_information.as_ref();
    Ok(LogRecord {
        sequence: 0,
        id: entry.id.clone(),
        at: clock::parse_rfc3339(&entry.activity_date_time).unwrap_or_else(clock::now_ms),
        cycle_id: entry.cycle_id.clone(),
        change_id: entry.change_id.clone(),
        action: text(&document, "provisioningAction"),
        status: document
            .get("provisioningStatusInfo")
            .and_then(|info| info.get("status"))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        error_code: error.map(|error| error.error_code.clone()),
        source_id: entry.source_identity.id.clone(),
        source_name: entry.source_identity.display_name.clone(),
        target_id: entry.target_identity.id.clone(),
        duration: entry.duration_in_milliseconds,
        document: crate::json::write(&document)?,
    })
}

/// Puts the common members back into a kept entry.
pub fn restore(mut record: LogRecord, common: &Map<String, Value>) -> Result<LogRecord, ApiError> {
    let mut document: Map<String, Value> = crate::json::read(&record.document)?;
    for (name, value) in common {
        document.entry(name.clone()).or_insert_with(|| value.clone());
    }
    record.document = crate::json::write(&document)?;
    Ok(record)
}

/// The members that all entries of a job share.
pub fn common(job: &provisioning::Job) -> Result<Map<String, Value>, ApiError> {
    let all = [
        crate::json::value(&job.tenant_id)?,
        crate::json::value(&job.job_id)?,
        crate::json::value(&job.service_principal)?,
        crate::json::value(&job.source_system)?,
        crate::json::value(&job.target_system)?,
        crate::json::value(&job.initiated_by)?,
    ];
    Ok(COMMON.iter().map(|name| (*name).to_owned()).zip(all).collect())
}

fn text(document: &Map<String, Value>, name: &str) -> String {
    document.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
