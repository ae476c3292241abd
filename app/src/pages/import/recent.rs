//! Imports before this one: whoever opens the page sees the one that runs, or what came of the last, import or preview.

use super::outcome::errors;
use super::under_way::{path, written};
use super::{Form, read_as};
use crate::cache::Remote;
use crate::parts::words::cycle_badge;
use crate::ui::live::{live_option, on_change};
use crate::ui::panel::{Panel, facts, plain};
use crate::ui::table;
use crate::ui::time::{absolute, time};
use api::collection::Collection;
use api::directory::{ImportRecord, ImportResult};
use leptos::prelude::*;

/// Follows the import that runs, or shows the last one. Once, when the list is there.
pub(super) fn on_arrival(form: Form) {
    let arrived = StoredValue::new(false);
    on_change(move || {
        let Some(list) = form.imports.value() else { return };
        if arrived.get_value() {
            return;
        }
        arrived.set_value(true);
        // Whoever was quicker than the list sends a file already, or follows what became of it.
        if form.sending.busy.get_untracked() || form.running.with_untracked(Option::is_some) {
            return;
        }
        let Some(newest) = list.value.into_iter().next() else { return };
        if newest.state == "running" {
            form.follow(newest, None);
            return;
        }
        leptos::task::spawn_local(async move {
            let path = form.directory.with_value(|id| path(id, &newest.id));
            // It may be forgotten by now; then there is nothing to show.
            let Ok(whole) = form.client.get::<ImportRecord>(&path).await else { return };
            let is_free = form.sending.busy.try_get_untracked() == Some(false)
                && form.running.try_with_untracked(Option::is_none) == Some(true);
            if !is_free || form.result.try_get_untracked() != Some(None) {
                return;
            }
            if whole.preview {
                // As when it is found under way: of a file that is not known here.
                let preview = whole.result.as_ref().and_then(|result| read_as(result).ok());
                form.preview.set(preview);
            }
            form.last.set(Some(whole));
        });
    });
}

/// What came of the last one. What a preview found is shown below as that of a new one is.
pub(super) fn last(record: ImportRecord) -> AnyView {
    let ended = record.ended_date_time.unwrap_or_default();
    let mut rows = vec![
        ("Ended", absolute(&ended)),
        ("By", plain(record.started_by)),
        ("State", cycle_badge(&record.state)),
    ];
    if !record.preview {
        rows.push(("People", plain(written(&record.progress))));
    }
    if let Some(error) = record.error {
        rows.push(("Why", plain(error.message)));
    }
    if record.preview {
        return view! { <Panel title="Last preview">{facts(rows)}</Panel> }.into_any();
    }
    let result: Option<ImportResult> = record.result.as_ref().and_then(|result| read_as(result).ok());
    let errors = result.and_then(|result| errors("Rows that did not go in", result));
    view! { <Panel title="Last import">{facts(rows)}</Panel> {errors} }.into_any()
}

/// The last imports and previews.
pub(super) fn list(imports: Remote<Collection<ImportRecord>>) -> AnyView {
    live_option(move || {
        let list = imports.value()?.value;
        if list.is_empty() {
            return None;
        }
        let rows = list.iter().map(|record| {
            let what = if record.preview { "Preview" } else { "Import" };
            let counts = &record.progress;
            table::row(vec![
                table::cell(time(&record.started_date_time)),
                table::text(what),
                table::text(record.started_by.clone()),
                table::cell(cycle_badge(&record.state)),
                table::number(counts.created),
                table::number(counts.updated),
                table::number(counts.removed),
                table::number(counts.failed),
            ])
        });
        let rows = rows.collect();
        let columns = &["Begun", "What", "By", "State", "#Created", "#Updated", "#Deleted", "#With errors"];
        let table = table::table("Recent imports", columns, rows);
        Some(view! { <Panel title="Recent imports">{table}</Panel> }.into_any())
    })
}
