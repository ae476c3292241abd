//! What an import would do, and what it did.

use super::Form;
use super::columns::chooser;
use crate::parts::directory_list::{nothing_found, options};
use crate::paths::Page;
use crate::text::{count, number};
use crate::ui::badge::{Tone, badge};
use crate::ui::button::link_button;
use crate::ui::field::SelectField;
use crate::ui::icon::icon;
use crate::ui::live::live;
use crate::ui::panel::{Panel, tiles};
use crate::ui::table;
use api::directory::{ImportChange, ImportColumn, ImportError, ImportPreview, ImportResult};
use leptos::prelude::*;

/// Rows of a table of changes at most; the counts above it are of all.
const SHOWN: usize = 200;

/// The encoding that is a guess.
const GUESS: &str = "windows-1252";

/// The preview. `button` does what is previewed.
pub(super) fn preview(form: Form, preview: ImportPreview, button: AnyView) -> AnyView {
    let ImportPreview { result, changes, columns } = preview;
    let columns = column_list(form, columns, &result.encoding);
    let guessed = (result.encoding == GUESS).then(|| {
        let text = "The file is not UTF-8, so it was read as Windows-1252 (Latin-1), which is a guess. Look at names with \
                    accents below; if they are wrong, save the file as \"CSV UTF-8\".";
        view! { <div class="notice warning">{icon("warning")}<p>{text}</p></div> }.into_any()
    });
    let known = (result.from_inlets > 0).then(|| {
        let people = count(
            result.from_inlets,
            "person who would change or be deleted comes",
            "people who would change or be deleted come",
        );
        let text = "from an inlet as well. What the file says about them lasts until the inlet says something else, and an \
                    inlet that reads everything brings back whom it has. Change them at the source, or leave them out of \
                    the file.";
        view! { <div class="notice warning">{icon("warning")}<p>{people}" "{text}</p></div> }.into_any()
    });
    let counts = tiles(&[
        ("To create", result.created),
        ("To update", result.updated),
        ("Unchanged", result.unchanged),
        ("To delete", result.removed),
        ("With errors", result.failed),
    ]);
    let all = result.created + result.updated + result.removed;
    let table = (!changes.is_empty()).then(|| change_table(changes, all));
    view! {
        <Panel title="Preview: nothing is written yet">{guessed}{known}{counts}{button}</Panel>
        {errors("Rows that would not go in", result)}
        {table}
        {columns}
    }
    .into_any()
}

/// What each column was taken for, and the way to change that.
fn column_list(form: Form, columns: Vec<ImportColumn>, encoding: &str) -> AnyView {
    let title = format!("Columns of the file ({encoding})");
    let columns = columns.into_iter().map(|column| (column.header, column.attribute)).collect();
    view! {
        <details class="panel">
            <summary>{title}</summary>
            <div class="stack">{chooser(form, columns)}</div>
        </details>
    }
    .into_any()
}

fn change_table(changes: Vec<ImportChange>, all: u64) -> AnyView {
    let action = RwSignal::new(String::new());
    let kinds = options(&[("", "All"), ("create", "Create"), ("update", "Update"), ("remove", "Delete")]);
    let known = changes.len();
    let rows = live(move || {
        let wanted = action.get();
        let fitting = changes.iter().filter(|change| wanted.is_empty() || change.action == wanted);
        let fitting: Vec<&ImportChange> = fitting.collect();
        if fitting.is_empty() {
            return nothing_found();
        }
        let rows = fitting.iter().take(SHOWN).map(|change| change_row(change)).collect();
        let cut = (fitting.len() > SHOWN || u64::try_from(known).unwrap_or_default() < all).then(|| {
            let shown = u64::try_from(fitting.len().min(SHOWN)).unwrap_or_default();
            let text = format!("{} of {} changes are shown.", number(shown), number(all));
            view! { <p class="hint">{text}</p> }.into_any()
        });
        let columns = &["#Line", "User name", "What happens", "Attributes"];
        view! { {table::table("Changes", columns, rows)} {cut} }.into_any()
    });
    view! {
        <Panel title="Changes">
            <div class="toolbar"><SelectField label="Show" value=action options=kinds /></div>
            {rows}
        </Panel>
    }
    .into_any()
}

fn change_row(change: &ImportChange) -> AnyView {
    let what = match change.action.as_str() {
        "create" => badge(Tone::Good, "Create"),
        "remove" => badge(Tone::Bad, "Delete"),
        _ if change.attributes.is_empty() => badge(Tone::Info, "Restore"),
        _ => badge(Tone::Info, "Update"),
    };
    let line = change.line.map(number).unwrap_or_else(|| "–".to_owned());
    table::row(vec![
        view! { <td class="number">{line}</td> }.into_any(),
        table::heading(change.user_principal_name.clone()),
        table::cell(what),
        table::text(change.attributes.join(", ")),
    ])
}

/// What became of an import.
pub(super) fn finished(result: ImportResult) -> AnyView {
    let counts = tiles(&[
        ("Created", result.created),
        ("Updated", result.updated),
        ("Unchanged", result.unchanged),
        ("Deleted", result.removed),
        ("Failed", result.failed),
    ]);
    view! {
        <Panel title="Import finished">
            {counts}
            <div class="actions">{link_button("Show people", "person", "", Page::People.path())}</div>
        </Panel>
        {errors("Rows that did not go in", result)}
    }
    .into_any()
}

/// What is wrong with which row; nothing when nothing is.
pub(super) fn errors(title: &'static str, result: ImportResult) -> Option<AnyView> {
    if result.errors.is_empty() {
        return None;
    }
    let failed = usize::try_from(result.failed).unwrap_or(usize::MAX);
    let more = (failed > result.errors.len()).then(|| {
        let shown = u64::try_from(result.errors.len()).unwrap_or_default();
        let text = format!("The first {} problems of {} are shown.", number(shown), number(result.failed));
        view! { <p class="hint">{text}</p> }.into_any()
    });
    let rows = result.errors.into_iter().map(|error: ImportError| {
        table::row(vec![table::number(error.line), table::number(error.column), table::text(error.message)])
    });
    let rows = rows.collect();
    let columns = &["#Line", "#Column", "What is wrong"];
    Some(view! { <Panel title=title>{table::table(title, columns, rows)}{more}</Panel> }.into_any())
}
