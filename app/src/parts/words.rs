//! The API's codes in the words of the screen.

use crate::text::capitalize;
use crate::ui::badge::{Tone, badge};
use leptos::prelude::AnyView;

/// State of a job: `status.code`.
pub(crate) fn job_state(code: &str) -> (Tone, &'static str) {
    match code {
        "Active" => (Tone::Good, "Active"),
        "Paused" => (Tone::Warning, "Paused"),
        "Quarantine" => (Tone::Bad, "Quarantine"),
        "NotConfigured" => (Tone::Neutral, "Not configured"),
        "NotRun" => (Tone::Neutral, "Not started"),
        _ => (Tone::Neutral, "Unknown"),
    }
}

/// State of a job, as a badge.
pub(crate) fn job_badge(code: &str) -> AnyView {
    let (tone, word) = job_state(code);
    badge(tone, word)
}

/// State of a cycle or plan, as a badge.
pub(crate) fn cycle_badge(state: &str) -> AnyView {
    match state {
        "running" => badge(Tone::Info, "Running"),
        "succeeded" => badge(Tone::Good, "Succeeded"),
        "finished" => badge(Tone::Good, "Finished"),
        "entryLevelErrors" => badge(Tone::Warning, "Finished with errors"),
        "failed" => badge(Tone::Bad, "Failed"),
        other => badge(Tone::Neutral, capitalize(other)),
    }
}

/// Outcome of a log entry or step, as a badge.
pub(crate) fn status_badge(status: &str) -> AnyView {
    let tone = match status {
        "success" => Tone::Good,
        "failure" => Tone::Bad,
        "warning" => Tone::Warning,
        _ => Tone::Neutral,
    };
    badge(tone, capitalize(status))
}

/// Actions to filter by, and their names.
pub(crate) const ACTIONS: [(&str, &str); 7] = [
    ("", "All"),
    ("create", "Create"),
    ("update", "Update"),
    ("disable", "Disable"),
    ("delete", "Delete"),
    ("stageddelete", "Staged delete"),
    ("other", "Other"),
];

/// `provisioningAction` as a word.
pub(crate) fn action(action: &str) -> String {
    match action {
        "stageddelete" => "Staged delete".to_owned(),
        other => capitalize(other),
    }
}

/// Kind of a cycle as words.
pub(crate) fn cycle_kind(kind: &str) -> String {
    format!("{} cycle", capitalize(kind))
}
