//! Activity reports: made from the log when a cycle ends, published to KV, and written as CSV.

use api::cycle::{ActivityReport, Cycle, CycleCounts, ErrorCount, ReportEntry};
use provisioning::cycle::{Counters, CycleKind, CycleState};
use provisioning::log::{Action, ModifiedProperty, ProvisioningObjectSummary, Status};
use store::job::{JobStore, LogFilter};

use super::record::JobRecord;
use crate::error::ApiError;
use crate::platform::clock;

/// How long a published report is kept: 30 days, in seconds.
pub const REPORT_TTL_SECONDS: u64 = 30 * 24 * 60 * 60;

/// Entries that are read from the log at once.
const PAGE: i64 = 500;

/// The name of a report in KV.
pub fn key(service_principal_id: &str, cycle_id: &str) -> String {
    format!("report:{service_principal_id}:{cycle_id}")
}

/// The API's cycle from the engine's state.
pub fn cycle(state: &CycleState, outcome: Option<&str>) -> Cycle {
    Cycle {
        id: state.cycle_id.to_string(),
        kind: match state.kind {
            CycleKind::Initial => "initial",
            CycleKind::Incremental => "incremental",
            CycleKind::OnDemand => "onDemand",
        }
        .to_owned(),
        state: outcome.unwrap_or("running").to_owned(),
        started_date_time: clock::rfc3339(state.started),
        ended_date_time: state.ended.map(clock::rfc3339),
        counts: counts(&state.counters),
        error: state.error.as_ref().map(|error| api::cycle::CycleError {
            code: error.code.clone(),
            message: format!("{} {}", error.message, error.recommended_action).trim().to_owned(),
        }),
    }
}

fn counts(counters: &Counters) -> CycleCounts {
    let done = |action| counters.count(action, Status::Success);
    CycleCounts {
        imported: counters.imported,
        in_scope: counters.entitled_for_provisioning,
        created: done(Action::Create),
        updated: done(Action::Update),
        disabled: done(Action::Disable),
        deleted: done(Action::Delete),
        unchanged: counters.unchanged,
        skipped: counters.passed_over
            + counters
                .actions
                .iter()
                .filter(|count| count.status == Status::Skipped)
                .map(|count| count.count)
                .sum::<u64>(),
        failed: counters.escrowed,
        references: counters.references,
        requests: counters.requests,
    }
}

/// The report of a cycle, from the log. Reads page by page, so that memory holds one page besides the
/// report's own lines.
pub fn build(store: &JobStore<'_>, record: &JobRecord, cycle: Cycle) -> Result<ActivityReport, ApiError> {
    let filter = LogFilter { cycle_id: Some(cycle.id.clone()), ..LogFilter::default() };
    let mut entries = Vec::new();
    let mut after = 0;
    let truncated = loop {
        let page = store.logs_forward(&filter, after, PAGE)?;
        for kept in &page.entries {
            if entries.len() < ActivityReport::MAXIMUM_ENTRIES {
                entries.push(line(&kept.document)?);
            }
        }
        match page.entries.last() {
            Some(last) => after = last.sequence,
            None => break false,
        }
        if entries.len() >= ActivityReport::MAXIMUM_ENTRIES {
            break page.more;
        }
        if !page.more {
            break false;
        }
    };
    let errors = store
        .error_counts(&cycle.id)?
        .into_iter()
        .map(|(code, count)| ErrorCount { code, count: u64::try_from(count).unwrap_or(0) })
        .collect();
    let began = clock::parse_rfc3339(&cycle.started_date_time).unwrap_or(0);
    let ended = cycle.ended_date_time.as_deref().and_then(clock::parse_rfc3339).unwrap_or_else(clock::now_ms);
    Ok(ActivityReport {
        cycle,
        service_principal_id: record.service_principal_id.clone(),
        service_principal_display_name: record.display_name.clone(),
        duration_in_milliseconds: ended - began,
        errors,
        entries,
        truncated,
    })
}

/// The members of a kept entry that a report's line is made from.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeptEntry {
    activity_date_time: String,
    provisioning_action: Action,
    provisioning_status_info: provisioning::log::StatusInfo,
    modified_properties: Vec<ModifiedProperty>,
    source_identity: provisioning::log::ProvisionedIdentity,
    target_identity: provisioning::log::ProvisionedIdentity,
}

fn line(document: &str) -> Result<ReportEntry, ApiError> {
    let entry: KeptEntry = serde_json::from_str(document)?;
    let error = entry.provisioning_status_info.error_information;
    Ok(ReportEntry {
        date_time: entry.activity_date_time,
        action: name(&entry.provisioning_action),
        status: name(&entry.provisioning_status_info.status),
        source_id: entry.source_identity.id,
        source_display_name: entry.source_identity.display_name,
        target_id: Some(entry.target_identity.id).filter(|id| !id.is_empty()),
        changes: changes(&entry.modified_properties),
        error_code: error.as_ref().map(|error| error.error_code.clone()),
        reason: error.as_ref().map(|error| error.reason.clone()),
        recommended_action: error.and_then(|error| error.recommended_action),
    })
}

/// An enum's name as it is written in JSON.
fn name<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn changes(properties: &[ModifiedProperty]) -> String {
    let texts: Vec<String> = properties
        .iter()
        .map(|property| {
            format!(
                "{}: {} → {}",
                property.display_name,
                property.old_value.as_deref().unwrap_or("∅"),
                property.new_value.as_deref().unwrap_or("∅")
            )
        })
        .collect();
    texts.join("; ")
}

/// A report as CSV (RFC 4180), one line an action.
pub fn to_csv(report: &ActivityReport) -> String {
    let mut text = String::from(
        "dateTime,action,status,sourceId,sourceDisplayName,targetId,changes,errorCode,reason,recommendedAction\r\n",
    );
    for entry in &report.entries {
        row(
            &mut text,
            &[
                &entry.date_time,
                &entry.action,
                &entry.status,
                &entry.source_id,
                &entry.source_display_name,
                entry.target_id.as_deref().unwrap_or(""),
                &entry.changes,
                entry.error_code.as_deref().unwrap_or(""),
                entry.reason.as_deref().unwrap_or(""),
                entry.recommended_action.as_deref().unwrap_or(""),
            ],
        );
    }
    text
}

/// Entries of the log as CSV, one line an entry.
pub fn log_to_csv(entries: &[ProvisioningObjectSummary]) -> String {
    let mut text = String::from(
        "dateTime,action,status,application,sourceId,sourceDisplayName,targetId,changes,errorCode,reason,recommendedAction,jobId,cycleId,changeId,durationInMilliseconds\r\n",
    );
    for entry in entries {
        let error = entry.provisioning_status_info.error_information.as_ref();
        row(
            &mut text,
            &[
                &entry.activity_date_time,
                &name(&entry.provisioning_action),
                &name(&entry.provisioning_status_info.status),
                &entry.service_principal.display_name,
                &entry.source_identity.id,
                &entry.source_identity.display_name,
                &entry.target_identity.id,
                &changes(&entry.modified_properties),
                error.map_or("", |error| &error.error_code),
                error.map_or("", |error| &error.reason),
                error.and_then(|error| error.recommended_action.as_deref()).unwrap_or(""),
                &entry.job_id,
                &entry.cycle_id,
                &entry.change_id,
                &entry.duration_in_milliseconds.to_string(),
            ],
        );
    }
    text
}

/// A spreadsheet runs a cell that begins like a formula, so such a cell gets an apostrophe in front.
fn row(text: &mut String, cells: &[&str]) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let cell = if formula { format!("'{cell}") } else { (*cell).to_owned() };
        if cell.contains([',', '"', '\n', '\r']) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&cell);
        }
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_formulas_disarmed() {
        let check = |cells: &[&str], expected: &str| {
            let mut text = String::new();
            row(&mut text, cells);
            assert_eq!(text, expected, "{cells:?}");
        };
        check(&["a", "b"], "a,b\r\n");
        check(&["a,b", "say \"hi\""], "\"a,b\",\"say \"\"hi\"\"\"\r\n");
        check(&["=1+1", "@x"], "'=1+1,'@x\r\n");
    }

    #[test]
    fn changes_are_told_with_both_values() {
        let property = |name: &str, old: Option<&str>, new: Option<&str>| ModifiedProperty {
            display_name: name.into(),
            old_value: old.map(str::to_owned),
            new_value: new.map(str::to_owned),
        };
        let text =
            changes(&[property("active", Some("true"), Some("false")), property("title", None, Some("CEO"))]);
        assert_eq!(text, "active: true → false; title: ∅ → CEO");
    }
}
