//! The cycle that runs, or the last one.

use crate::parts::words::{cycle_badge, cycle_kind};
use crate::text::number;
use crate::ui::panel::tiles;
use crate::ui::state::empty;
use crate::ui::time::time;
use api::cycle::{Cycle, CycleCounts};
use api::job::{Progress, SynchronizationJob, TaskExecution};
use leptos::prelude::*;

/// What the panel shows.
pub(crate) fn current(job: Option<SynchronizationJob>) -> AnyView {
    let Some(job) = job else {
        return empty("Not configured", "Connect the application under Provisioning.", None);
    };
    match (job.status.current_cycle, job.status.last_execution) {
        (Some(cycle), _) => running(cycle, job.status.progress),
        (None, Some(last)) => ended(last),
        (None, None) => empty("No cycle has run yet", "Start provisioning to run the initial cycle.", None),
    }
}

fn running(cycle: Cycle, progress: Vec<Progress>) -> AnyView {
    let bars = progress.into_iter().map(bar).collect::<Vec<_>>();
    let bars = if bars.is_empty() {
        vec![view! { <progress class="wide" aria-label="Progress of the cycle"></progress> }.into_any()]
    } else {
        bars
    };
    view! {
        <p>{cycle_badge(&cycle.state)}" "{cycle_kind(&cycle.kind)}", started "{time(&cycle.started_date_time)}</p>
        {bars}
        {counts(&cycle.counts)}
    }
    .into_any()
}

fn bar(progress: Progress) -> AnyView {
    let (done, all) = (progress.completed_units, progress.total_units);
    let label = format!("Progress of the cycle: {}", progress.units);
    view! {
        <div>
            <progress class="wide" value=done.to_string() max=all.max(1).to_string() aria-label=label></progress>
            <p class="hint">{number(done)}" of "{number(all)}" "{progress.units}</p>
        </div>
    }
    .into_any()
}

fn ended(last: TaskExecution) -> AnyView {
    let state = match last.state.as_str() {
        "Succeeded" => "succeeded",
        "EntryLevelErrors" => "entryLevelErrors",
        _ => "failed",
    };
    let error = last
        .error
        .map(|error| view! { <p class="notice bad pre">{error.code}": "{error.message}</p> }.into_any());
    view! {
        <p>{cycle_badge(state)}" ended "{time(&last.time_ended)}"."</p>
        {error}
        {tiles(&[
            ("Read", last.count_imported),
            ("In scope", last.count_entitled_for_provisioning),
            ("Written", last.count_exported),
            ("Failed", last.count_escrowed),
        ])}
    }
    .into_any()
}

/// Everything that a cycle counts.
pub(crate) fn counts(counts: &CycleCounts) -> AnyView {
    tiles(&[
        ("Read", counts.imported),
        ("In scope", counts.in_scope),
        ("Created", counts.created),
        ("Updated", counts.updated),
        ("Disabled", counts.disabled),
        ("Deleted", counts.deleted),
        ("Unchanged", counts.unchanged),
        ("Skipped", counts.skipped),
        ("Failed", counts.failed),
        ("References", counts.references),
        ("Requests", counts.requests),
    ])
}
