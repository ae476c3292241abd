//! Imports as the management API and the audit log tell of them.

use api::audit::AuditInitiator;
use api::directory::{
    ImportChange, ImportColumn, ImportCounts, ImportError, ImportPreview, ImportRecord, ImportResult,
};
use api::error::ErrorDetail;
use inlets::csv::{FileError, PlannedChange, Report};
use store::directory::import::{Finished, ImportRecord as Kept, ImportState, Reached, Stop};

use crate::audit::Entry;
use crate::error::ApiError;
use crate::platform::clock;

/// How far a kept import is, or came. At its beginning that is not kept.
pub(super) fn counts_of(record: &Kept) -> Result<ImportCounts, ApiError> {
    let mut counts: ImportCounts = crate::json::read(&record.progress)?;
    if counts.phase.is_empty() {
        "rows".clone_into(&mut counts.phase);
        counts.total_bytes = record.bytes;
    }
    Ok(counts)
}

/// How far an import is, which was so far before.
pub(super) fn counts(
    before: &ImportCounts,
    total_bytes: u64,
    reached: &Reached,
    report: &Report,
) -> ImportCounts {
    ImportCounts {
        phase: reached.phase.to_owned(),
        bytes: reached.bytes,
        total_bytes,
        rows: reached.rows,
        checked: reached.checked,
        ..with_report(before.clone(), report)
    }
}

/// The counts with those of a report.
pub(super) fn with_report(counts: ImportCounts, report: &Report) -> ImportCounts {
    let Report { created, updated, failed, removed, .. } = *report;
    ImportCounts { created, updated, failed, removed, ..counts }
}

/// An import, but for its result and error.
pub(super) fn record(kept: &Kept, progress: ImportCounts) -> Result<ImportRecord, ApiError> {
    let by: AuditInitiator = crate::json::read(&kept.started_by)?;
    Ok(ImportRecord {
        id: kept.id.clone(),
        state: kept.state.word().to_owned(),
        preview: kept.options.preview,
        remove_missing: kept.options.remove_missing,
        started_date_time: clock::rfc3339(kept.started_ms),
        ended_date_time: kept.ended_ms.map(clock::rfc3339),
        started_by: by.display_name,
        progress,
        result: None,
        error: None,
    })
}

/// The result as JSON: of a preview with what would be done.
pub(super) fn result(finished: Finished, preview: bool) -> Result<String, ApiError> {
    let Finished { report, changes, columns, encoding } = finished;
    let errors = report.errors.into_iter().map(|error| ImportError {
        line: error.line,
        column: error.column,
        message: error.message,
    });
    let result = ImportResult {
        created: report.created,
        updated: report.updated,
        unchanged: report.unchanged,
        failed: report.failed,
        removed: report.removed,
        from_inlets: report.from_inlets,
        errors: errors.collect(),
        encoding: encoding.to_owned(),
    };
    if !preview {
        return Ok(crate::json::write(&result)?);
    }
    let change = |change: PlannedChange| ImportChange {
        line: change.line,
        user_principal_name: change.user_name,
        action: change.action.word().to_owned(),
        attributes: change.attributes,
    };
    let columns = columns.into_iter().map(|(header, attribute)| ImportColumn { header, attribute });
    Ok(crate::json::write(&ImportPreview {
        result,
        changes: changes.into_iter().map(change).collect(),
        columns: columns.collect(),
    })?)
}

/// The entry in the audit log.
pub(super) fn audit(
    kept: &Kept,
    directory: (&str, &str),
    state: ImportState,
    counts: &ImportCounts,
    error: Option<&ApiError>,
    ended_ms: i64,
) -> Result<String, ApiError> {
    let mut entry = Entry::directory("Import people", directory.0, directory.1)
        .set("created", &counts.created.to_string())
        .set("updated", &counts.updated.to_string())
        .set("removed", &counts.removed.to_string())
        .set("failed", &counts.failed.to_string());
    if state != ImportState::Finished {
        entry = entry.failed().set("state", state.word());
    }
    if let Some(error) = error.filter(|_| state == ImportState::Failed) {
        entry = entry.set("error", &error.code);
    }
    let by: AuditInitiator = crate::json::read(&kept.started_by)?;
    Ok(crate::json::write(&entry.document(kept.id.clone(), ended_ms, by))?)
}

/// Why an import stopped, for whoever asked for it. `written` says whether anything was.
pub(super) fn error(stop: Stop, written: bool) -> ApiError {
    match stop {
        Stop::File(error) => file_error(&error, written),
        Stop::TooManyRemovals { missing, all } => ApiError::new(
            409,
            "TooManyRemovals",
            format!(
                "{missing} of {all} people are not in the file. Nobody was removed; the people of the file were imported. If they are to go, repeat with force=true."
            ),
        ),
        Stop::MoreRemovals { removed } => ApiError::new(
            409,
            "TooManyRemovals",
            format!(
                "While the file was imported, people were renamed or brought back, so that more are not in the file than were counted. {removed} were removed, as many as were counted, and the people of the file were imported. Make a preview and import the file again."
            ),
        ),
        Stop::Store(error) => error.into(),
    }
}

fn file_error(error: &FileError, written: bool) -> ApiError {
    let column = |(text, number): (&String, u64)| ErrorDetail {
        code: "Column".to_owned(),
        message: text.clone(),
        target: Some(format!("columns/{number}")),
    };
    let done = if written {
        "Most of the rows before that were imported; managers, groups and removals were not."
    } else {
        "Nothing was imported."
    };
    ApiError::new(400, error.code(), format!("{done} {error}"))
        .with_details(error.headers().iter().zip(1..).map(column).collect())
}

/// 413 for a file that is too long.
pub(super) fn too_large() -> ApiError {
    let message = format!("Nothing was imported. {}", FileError::TooLarge);
    ApiError::new(413, "RequestEntityTooLarge", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_told_with_what_is_wrong() {
        let check = |stop: Stop, written: bool, status: u16, code: &str, start: &str| {
            let error = error(stop, written);
            assert_eq!((error.status, error.code.as_str()), (status, code));
            assert!(error.message.starts_with(start), "{}", error.message);
        };
        let texts = vec!["Name".to_owned()];
        check(Stop::File(FileError::NoHeader { texts }), false, 400, "noHeader", "Nothing was imported.");
        check(Stop::File(FileError::TooManyRows), true, 400, "tooManyRows", "Most of the rows before that");
        check(
            Stop::TooManyRemovals { missing: 60, all: 70 },
            true,
            409,
            "TooManyRemovals",
            "60 of 70 people",
        );
        assert_eq!((too_large().status, too_large().code.as_str()), (413, "RequestEntityTooLarge"));
    }

    #[test]
    fn an_entry_says_how_far_it_came_and_who_began_it() {
        let kept = Kept {
            number: 1,
            id: "i".to_owned(),
            state: ImportState::Running,
            options: Default::default(),
            started_ms: 0,
            ended_ms: None,
            started_by: r#"{"kind":"session","displayName":"ada@contoso.com"}"#.to_owned(),
            columns: "[]".to_owned(),
            bytes: 5,
            progress: "{}".to_owned(),
            audit: None,
            resumed: 0,
        };
        let counts = ImportCounts { created: 3, ..ImportCounts::default() };
        let write = |state, error: Option<&ApiError>| {
            let text = audit(&kept, ("d", "Workforce"), state, &counts, error, 0).expect("an entry");
            crate::json::read::<serde_json::Value>(&text).expect("JSON")
        };
        let finished = write(ImportState::Finished, None);
        assert_eq!(finished["result"], "success");
        assert_eq!(finished["initiatedBy"]["displayName"], "ada@contoso.com");
        assert_eq!(finished["targetResources"][0]["modifiedProperties"][0]["newValue"], "3");
        let failed = write(ImportState::Failed, Some(&ApiError::conflict("no")));
        assert_eq!(failed["result"], "failure");
        let properties = failed["targetResources"][0]["modifiedProperties"].as_array().expect("a list");
        let last: Vec<_> = properties.iter().skip(4).map(|property| &property["newValue"]).collect();
        assert_eq!(last, ["failed", "Conflict"]);
    }
}
