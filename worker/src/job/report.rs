//! Activity reports: made from the log when a cycle ends, published to KV, and written as CSV.

use api::cycle::{ActivityReport, Cycle, CycleCounts, ErrorCount, ReportEntry};
use provisioning::cycle::{Counters, CycleKind, CycleState};
use provisioning::log::{Action, Status};
use serde_json::Value;
use store::job::{JobStore, LogFilter};
use worker::{Env, Response, ResponseBody};

use super::record::JobRecord;
use crate::error::ApiError;
use crate::platform::clock;

/// How long a published report is kept: 30 days, in seconds.
pub const REPORT_TTL_SECONDS: u64 = 30 * 24 * 60 * 60;

/// Entries that are read from the log at once.
const PAGE: i64 = 100;
/// Bytes of a piece of a report's text.
const PIECE: usize = 64 * 1024;

/// The binding of the KV namespace of reports.
const REPORTS: &str = "REPORTS";

/// Publishes a finished cycle's report, piece by piece: as one text it would be in memory several times.
pub async fn publish(
    env: &Env,
    service_principal_id: &str,
    cycle_id: &str,
    report: Vec<String>,
) -> Result<(), ApiError> {
    let pieces = report.into_iter().map(Ok::<String, worker::Error>);
    let response = Response::from_stream(futures_util::stream::iter(pieces))?;
    let ResponseBody::Stream(stream) = response.body().clone() else {
        return Err(ApiError::internal("a stream became something else"));
    };
    env.kv(REPORTS)?
        .put_stream(&key(service_principal_id, cycle_id), stream)?
        .expiration_ttl(REPORT_TTL_SECONDS)
        .execute()
        .await?;
    Ok(())
}

/// A report as it was published, if it was.
pub async fn published(
    env: &Env,
    service_principal_id: &str,
    cycle_id: &str,
) -> Result<Option<String>, ApiError> {
    Ok(env.kv(REPORTS)?.get(&key(service_principal_id, cycle_id)).text().await?)
}

/// The name of a report in KV.
fn key(service_principal_id: &str, cycle_id: &str) -> String {
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
        error: state.error.as_ref().map(error),
    }
}

/// The API's error of a cycle.
pub fn error(error: &provisioning::cycle::CycleError) -> api::cycle::CycleError {
    api::cycle::CycleError {
        code: error.code.clone(),
        message: format!("{} {}", error.message, error.recommended_action).trim().to_owned(),
    }
}

/// The API's counts.
pub fn counts(counters: &Counters) -> CycleCounts {
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

/// The report of a cycle (the API's `ActivityReport`) as the pieces of a JSON text, from the log. Line by line, so
/// that memory holds the text once and a page of the log, not a tree of all entries.
pub fn build(store: &JobStore<'_>, record: &JobRecord, cycle: Cycle) -> Result<Vec<String>, ApiError> {
    let filter = LogFilter { cycle_id: Some(cycle.id.clone()), ..LogFilter::default() };
    let errors = store
        .error_counts(&cycle.id)?
        .into_iter()
        .map(|(code, count)| ErrorCount { code, count: u64::try_from(count).unwrap_or(0) })
        .collect();
    let began = clock::parse_rfc3339(&cycle.started_date_time).unwrap_or(0);
    let ended = cycle.ended_date_time.as_deref().and_then(clock::parse_rfc3339).unwrap_or_else(clock::now_ms);
    let mut head = ActivityReport {
        cycle,
        service_principal_id: record.service_principal_id.clone(),
        service_principal_display_name: record.display_name.clone(),
        duration_in_milliseconds: ended - began,
        errors,
        truncated: false,
        entries: Vec::new(),
    };
    let mut lines = Pieces::default();
    let (mut count, mut after) = (0, 0);
    loop {
        let rest = ActivityReport::MAXIMUM_ENTRIES - count;
        let page = store.logs_forward(&filter, after, PAGE.min(rest as i64))?;
        for kept in &page.entries {
            if count > 0 {
                lines.push(",");
            }
            lines.push(&crate::json::write(&line(&kept.document)?)?);
            count += 1;
            after = kept.sequence;
        }
        head.truncated = page.next.is_some() && count >= ActivityReport::MAXIMUM_ENTRIES;
        if page.next.is_none() || head.truncated {
            break;
        }
    }
    lines.push("]}");
    let mut text = crate::json::write(&head)?;
    // `entries` is the last member, so the lines go where its empty list ends.
    text.truncate(text.len().saturating_sub("]}".len()));
    let mut pieces = vec![text];
    pieces.extend(lines.0);
    Ok(pieces)
}

/// A long text in pieces of a bounded size: one that grows as a whole is moved, and twice in memory, each time.
#[derive(Default)]
struct Pieces(Vec<String>);

impl Pieces {
    fn push(&mut self, text: &str) {
        match self.0.last_mut().filter(|piece| piece.len() + text.len() <= PIECE) {
            Some(piece) => piece.push_str(text),
            None => {
                let mut piece = String::with_capacity(PIECE.max(text.len()));
                piece.push_str(text);
                self.0.push(piece);
            }
        }
    }
}

fn line(document: &str) -> Result<ReportEntry, ApiError> {
    let entry: Value = crate::json::read(document)?;
    let at = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let error = |name: &str| at(&format!("/provisioningStatusInfo/errorInformation/{name}"));
    let changes = entry.get("modifiedProperties").and_then(Value::as_array);
    let changes: Vec<String> = changes.into_iter().flatten().map(change).collect();
    Ok(ReportEntry {
        date_time: at("/activityDateTime").unwrap_or_default(),
        action: at("/provisioningAction").unwrap_or_default(),
        status: at("/provisioningStatusInfo/status").unwrap_or_default(),
        object_type: at("/sourceIdentity/identityType"),
        source_id: at("/sourceIdentity/id").unwrap_or_default(),
        source_display_name: at("/sourceIdentity/displayName").unwrap_or_default(),
        target_id: at("/targetIdentity/id").filter(|id| !id.is_empty()),
        changes: changes.join("; "),
        error_code: error("errorCode"),
        reason: error("reason"),
        recommended_action: error("recommendedAction"),
    })
}

/// A report (the API's `ActivityReport`) as CSV (RFC 4180), one line an action.
pub fn to_csv(report: &Value) -> String {
    const COLUMNS: [&str; 10] = [
        "dateTime",
        "action",
        "status",
        "sourceId",
        "sourceDisplayName",
        "targetId",
        "changes",
        "errorCode",
        "reason",
        "recommendedAction",
    ];
    let mut text = COLUMNS.join(",");
    text.push_str("\r\n");
    for entry in report.get("entries").and_then(Value::as_array).into_iter().flatten() {
        let cells = COLUMNS.map(|name| entry.get(name).and_then(Value::as_str).unwrap_or(""));
        row(&mut text, &cells);
    }
    text
}

/// First line of a CSV of the log.
pub const LOG_HEADER: &str = "dateTime,action,status,application,sourceId,sourceDisplayName,targetId,changes,errorCode,reason,recommendedAction,jobId,cycleId,changeId,durationInMilliseconds\r\n";

/// An entry of the log (Graph's `provisioningObjectSummary`) as a line of CSV.
pub fn log_line(entry: &Value) -> String {
    let at = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str).unwrap_or("");
    let changes = entry.get("modifiedProperties").and_then(Value::as_array);
    let changes: Vec<String> = changes.into_iter().flatten().map(change).collect();
    let mut text = String::new();
    row(
        &mut text,
        &[
            at("/activityDateTime"),
            at("/provisioningAction"),
            at("/provisioningStatusInfo/status"),
            at("/servicePrincipal/displayName"),
            at("/sourceIdentity/id"),
            at("/sourceIdentity/displayName"),
            at("/targetIdentity/id"),
            &changes.join("; "),
            at("/provisioningStatusInfo/errorInformation/errorCode"),
            at("/provisioningStatusInfo/errorInformation/reason"),
            at("/provisioningStatusInfo/errorInformation/recommendedAction"),
            at("/jobId"),
            at("/cycleId"),
            at("/changeId"),
            &entry.get("durationInMilliseconds").map(Value::to_string).unwrap_or_default(),
        ],
    );
    text
}

/// `name: old → new` of a `modifiedProperty`.
fn change(property: &Value) -> String {
    let text = |name: &str| property.get(name).and_then(Value::as_str);
    format!(
        "{}: {} → {}",
        text("displayName").unwrap_or_default(),
        text("oldValue").unwrap_or("∅"),
        text("newValue").unwrap_or("∅")
    )
}

/// A line of CSV. A spreadsheet runs a cell that begins like a formula, so such a cell gets an apostrophe in front.
pub fn row(text: &mut String, cells: &[&str]) {
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
    use serde_json::json;

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
    fn pieces_are_bounded_and_make_the_text() {
        let mut pieces = Pieces::default();
        let line = "x".repeat(1_000);
        for _ in 0..200 {
            pieces.push(&line);
        }
        pieces.push(&"y".repeat(PIECE + 1));
        assert!(pieces.0.iter().rev().skip(1).all(|piece| piece.capacity() <= PIECE), "a piece grew");
        assert_eq!(pieces.0.concat().len(), 200_000 + PIECE + 1);
    }

    #[test]
    fn changes_are_told_with_both_values() {
        let check = |property: Value, expected: &str| assert_eq!(change(&property), expected);
        check(
            json!({"displayName": "active", "oldValue": "true", "newValue": "false"}),
            "active: true → false",
        );
        check(json!({"displayName": "title", "oldValue": null, "newValue": "CEO"}), "title: ∅ → CEO");
    }

    #[test]
    fn entries_become_lines() {
        let entry = json!({
            "activityDateTime": "2026-11-24T06:00:00Z",
            "provisioningAction": "create",
            "provisioningStatusInfo": {
                "status": "failure",
                "errorInformation": { "errorCode": "Conflict", "reason": "taken", "recommendedAction": "change it" },
            },
            "modifiedProperties": [{ "displayName": "userName", "newValue": "ada" }],
            "sourceIdentity": { "id": "s", "displayName": "Ada", "identityType": "User" },
            "targetIdentity": { "id": "" },
            "durationInMilliseconds": 7,
        });
        let line = line(&entry.to_string()).expect("a line");
        assert_eq!((line.action.as_str(), line.target_id), ("create", None));
        assert_eq!(line.error_code.as_deref(), Some("Conflict"));
        assert_eq!(line.object_type.as_deref(), Some("User"));
        assert_eq!(
            log_line(&entry),
            "2026-11-24T06:00:00Z,create,failure,,s,Ada,,userName: ∅ → ada,Conflict,taken,change it,,,,7\r\n"
        );
    }
}
