//! The import that the server works on: how far it is, and the way to stop it. It goes on without this page.

use super::{Form, bar};
use crate::api::{ApiError, endpoints};
use crate::browser;
use crate::text::{count, number};
use crate::ui::button::Button;
use crate::ui::confirm::{Outcome, use_confirm};
use crate::ui::live::{live, live_text, memo};
use crate::ui::panel::Panel;
use crate::ui::state::message;
use api::directory::{ImportCounts, ImportRecord};
use leptos::prelude::*;
use serde_json::Value;

/// Pause between two questions how far it is, in milliseconds.
const PAUSE: i32 = 1_000;

/// So many pauses at most are between two questions to a server that does not answer.
const LONGEST: i32 = 10;

/// HTTP status of a server that wants fewer requests.
const TOO_MANY_REQUESTS: u16 = 429;

/// From this HTTP status on it is the server that failed.
const SERVER_FAILED: u16 = 500;

/// Said while the server does not say how far it is.
const SILENT: &str = "The server does not answer at the moment. It is asked again until it does; what it does with the \
                      file does not need this page.";

/// Percent between two states that are said aloud.
const STEP: u64 = 10;

/// Asks how far it is while the page can be seen, until it has ended: the result. That the server does not answer for
/// a while ends nothing.
pub(super) async fn follow(form: Form, mut record: ImportRecord) -> Result<Value, ApiError> {
    let path = form.directory.with_value(|id| path(id, &record.id));
    let mut failures = 0;
    while record.state == "running" {
        let was_left = form.running.try_set(Some(record.clone())).is_some()
            || form.silent.try_set(failures > 0).is_some();
        if was_left {
            return Err(told(0, "Left", "The page was left; the import goes on."));
        }
        browser::sleep(pause(failures)).await;
        if browser::is_visible() {
            match form.client.get::<ImportRecord>(&path).await {
                Ok(now) => (record, failures) = (now, 0),
                Err(error) if is_passing(&error) => failures += 1,
                Err(error) => {
                    let _ = form.running.try_set(None);
                    return Err(error);
                }
            }
        }
    }
    let _ = form.running.try_set(None);
    outcome(record)
}

/// Whether the import may go on all the same and can be asked for again: the network or the server failed, which says
/// nothing about it. Whoever may not ask, or asks for what is not there, gets no other answer later.
fn is_passing(error: &ApiError) -> bool {
    error.code == "Unreachable" || error.status == TOO_MANY_REQUESTS || error.status >= SERVER_FAILED
}

/// How long to wait before the next question, in milliseconds, after so many that failed.
fn pause(failures: i32) -> i32 {
    PAUSE * failures.clamp(1, LONGEST)
}

/// What came of one that has ended.
fn outcome(record: ImportRecord) -> Result<Value, ApiError> {
    match (record.result, record.error) {
        (Some(result), _) => Ok(result),
        (None, Some(error)) => {
            // A preview has counted, and written nothing.
            let message = if record.state == "cancelled" && !record.preview {
                [error.message, " ".to_owned(), written(&record.progress)].concat()
            } else {
                error.message
            };
            Err(ApiError { details: error.details, ..told(400, &error.code, &message) })
        }
        (None, None) => Err(told(0, "Unreadable", "The import has ended without a result.")),
    }
}

fn told(status: u16, code: &str, message: &str) -> ApiError {
    let (code, message) = (code.to_owned(), message.to_owned());
    ApiError { status, code, message, details: Vec::new(), request_id: None }
}

/// The address of an import.
pub(super) fn path(directory: &str, import: &str) -> String {
    endpoints::directory_part(directory, &["imports/", import].concat())
}

/// How far it is.
pub(super) fn panel(form: Form) -> AnyView {
    let confirm = use_confirm();
    let counts = move || form.running.get().map(|record| record.progress).unwrap_or_default();
    let preview = form.running.with_untracked(|record| record.as_ref().is_some_and(|record| record.preview));
    let percent = memo(move || percent(&counts()));
    let aloud = memo(move || {
        let reached = percent.get().map(|percent| format!(": {} %", percent / STEP * STEP));
        [phase(&counts().phase), &reached.unwrap_or_default()].concat()
    });
    let stop = Callback::new(move |()| {
        if preview {
            form.sending.error.set(String::new());
            leptos::task::spawn_local(async move {
                if let Err(why) = stop(form).await {
                    form.sending.error.set(why);
                }
            });
            return;
        }
        let effect = [
            &written(&untrack(counts)),
            " That stays; the rest of the file is not imported, and managers and groups may be missing. Import the file \
             again to complete it: what is there already is not changed twice.",
        ]
        .concat();
        confirm.ask("Cancel the import?", effect, "Cancel the import", move || stop(form));
    });
    let title = if preview { "The file is looked at" } else { "The file is imported" };
    let label = if preview { "Cancel preview" } else { "Cancel import" };
    view! {
        <Panel title=title>
            {live(move || bar(percent.get()))}
            <p role="status">{live_text(move || aloud.get())}</p>
            {message("warning", move || if form.silent.get() { SILENT.to_owned() } else { String::new() })}
            <p class="hint">{live_text(move || far(&counts(), preview))}" It goes on when you leave the page."</p>
            <div class="actions"><Button label=label on_click=stop changes=true /></div>
        </Panel>
    }
    .into_any()
}

fn stop(form: Form) -> Outcome {
    Box::pin(async move {
        // The page may be left while the question stands.
        let running = form.running.try_get_untracked().flatten();
        let path =
            running.and_then(|record| form.directory.try_with_value(|directory| path(directory, &record.id)));
        let Some(path) = path else { return Ok(()) };
        match form.client.delete(&path).await {
            Err(error) => Err(error.text()),
            Ok(_) => Ok(()),
        }
    })
}

/// What it does at the moment.
fn phase(phase: &str) -> &'static str {
    match phase {
        "managers" => "Managers are set",
        "groups" => "Groups and their members are set",
        "missing" => "People who are not in the file are looked for",
        _ => "The rows are gone through",
    }
}

/// How much of the phase is done, if that is known.
fn percent(counts: &ImportCounts) -> Option<u64> {
    let (done, all) = match counts.phase.as_str() {
        "managers" | "groups" => (counts.checked, counts.rows),
        "missing" => return None,
        _ => (counts.bytes, counts.total_bytes),
    };
    (done * 100).checked_div(all).map(|percent| percent.min(100))
}

/// What has been done; by a preview nothing.
fn far(counts: &ImportCounts, preview: bool) -> String {
    let done = if preview { "Nothing is written.".to_owned() } else { written(counts) };
    [&count(counts.rows, "row", "rows"), " read. ", &done].concat()
}

/// Who has been written.
pub(super) fn written(counts: &ImportCounts) -> String {
    let ImportCounts { created, updated, removed, failed, .. } = *counts;
    let mut text = format!("{} created, {} updated", number(created), number(updated));
    for (value, word) in [(removed, "deleted"), (failed, "with errors")] {
        if value > 0 {
            text += &format!(", {} {word}", number(value));
        }
    }
    text + "."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_phase_has_its_own_measure() {
        let counts = |phase: &str, checked: u64| ImportCounts {
            phase: phase.to_owned(),
            bytes: 30,
            total_bytes: 120,
            rows: 50,
            checked,
            ..ImportCounts::default()
        };
        assert_eq!(percent(&counts("rows", 0)), Some(25));
        assert_eq!(percent(&counts("groups", 40)), Some(80));
        assert_eq!(percent(&counts("missing", 40)), None);
        assert_eq!(percent(&ImportCounts::default()), None);
    }

    #[test]
    fn what_is_nothing_is_not_told() {
        let counts = ImportCounts { created: 1_200, removed: 2, ..ImportCounts::default() };
        assert_eq!(written(&counts), "1,200 created, 0 updated, 2 deleted.");
        assert_eq!(far(&counts, false), "0 rows read. 1,200 created, 0 updated, 2 deleted.");
        assert_eq!(far(&counts, true), "0 rows read. Nothing is written.");
    }

    #[test]
    fn a_stopped_import_says_what_it_has_written_and_a_preview_does_not() {
        let record = |preview: bool| ImportRecord {
            id: "i".to_owned(),
            state: "cancelled".to_owned(),
            preview,
            remove_missing: false,
            started_date_time: String::new(),
            ended_date_time: None,
            started_by: String::new(),
            progress: ImportCounts { created: 7, ..ImportCounts::default() },
            result: None,
            error: serde_json::from_value(serde_json::json!({"code": "Conflict", "message": "Stopped."}))
                .ok(),
        };
        let said = |preview: bool| outcome(record(preview)).err().map(|error| error.message);
        assert_eq!(said(false).as_deref(), Some("Stopped. 7 created, 0 updated."));
        assert_eq!(said(true).as_deref(), Some("Stopped."));
    }

    #[test]
    fn only_an_answer_about_the_import_ends_its_view() {
        let passes = |status: u16, code: &str| is_passing(&told(status, code, ""));
        assert!(passes(0, "Unreachable") && passes(429, "") && passes(500, "") && passes(503, ""));
        for status in [400, 401, 403, 404] {
            assert!(!passes(status, ""), "{status}");
        }
        assert!(!passes(0, "Unreadable"));
        assert_eq!([0, 1, 2, 10, 60].map(pause), [1_000, 1_000, 2_000, 10_000, 10_000]);
    }
}
