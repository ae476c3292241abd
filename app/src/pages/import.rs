//! CSV import into the workforce directory.

use crate::api::{endpoints, read_as};
use crate::app::use_session;
use crate::parts::act::{Change, Question, use_act};
use crate::parts::create::Sending;
use crate::paths::Page;
use crate::text::number;
use crate::ui::button::{Submit, link_button};
use crate::ui::field::CheckField;
use crate::ui::live::{handler, live_option};
use crate::ui::page::PageHead;
use crate::ui::panel::{Panel, tiles};
use crate::ui::state::message;
use crate::ui::table;
use crate::ui::unique_id;
use api::directory::ImportResult;
use leptos::html;
use leptos::prelude::*;
use serde_json::Value;

/// Columns that a file may have, beside the directory's own extensions.
const COLUMNS: &str = "userPrincipalName, displayName, givenName, surname, jobTitle, department, employeeId, manager, \
                       mail, accountEnabled, usageLocation, streetAddress, city, state, postalCode, country, \
                       telephoneNumber, mobile, preferredLanguage, companyName, officeLocation";

/// The import page.
#[component]
pub(crate) fn Import() -> impl IntoView {
    let result = RwSignal::new(None::<ImportResult>);
    let trail = vec![("People".to_owned(), Page::People.path())];
    let shown = live_option(move || result.get().map(outcome));
    view! {
        <PageHead title="Import CSV" trail=trail />
        <Panel title="File"><ImportForm result=result /></Panel>
        <div role="status" class="stack">{shown}</div>
        <details class="panel">
            <summary>"What the file looks like"</summary>
            <p>
                "UTF-8 with a header line. "<code>"userPrincipalName"</code>" tells the people apart and must be there. \
                Header names may also have the long form "<code>"Name [displayName] Required"</code>". \
                "<code>"manager"</code>" is the manager's user name. Every column that begins with "
                <code>"extension_"</code>" becomes an attribute of that name."
            </p>
            <p>"Columns: "<code>{COLUMNS}</code></p>
        </details>
    }
    .into_any()
}

#[component]
fn ImportForm(result: RwSignal<Option<ImportResult>>) -> impl IntoView {
    let directory = use_session().workforce_directory_id;
    let act = use_act();
    let sending = Sending::new();
    let file = NodeRef::<html::Input>::new();
    let remove_missing = RwSignal::new(false);
    let force = RwSignal::new(false);
    let id = unique_id("file");
    let done = move |answer: &Value| match read_as(answer) {
        Ok(outcome) => result.set(Some(outcome)),
        Err(error) => sending.error.set(error.text()),
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let chosen = file.get_untracked().and_then(|input| input.files()).and_then(|files| files.get(0));
        let Some(chosen) = chosen else {
            sending.error.set("Choose a CSV file first.".to_owned());
            return;
        };
        result.set(None);
        let name = chosen.name();
        let query = match (remove_missing.get_untracked(), force.get_untracked()) {
            (false, _) => "import",
            (true, false) => "import?removeMissing=true",
            (true, true) => "import?removeMissing=true&force=true",
        };
        let change = Change::file(endpoints::directory_part(&directory, query), "text/csv", chosen)
            .stale(endpoints::directory(&directory))
            .stale(endpoints::scim(&directory, ""));
        if !remove_missing.get_untracked() {
            act.send_then(sending, change, done);
            return;
        }
        let effect = format!(
            "Everybody who is not in {name} is deleted from the workforce directory (kept for 30 days). The next cycle \
             disables or deletes their accounts in every application."
        );
        let title = "Delete people who are not in the file?".to_owned();
        act.ask_then(Question { title, effect, verb: "Import and delete" }, change, done);
    };
    view! {
        <form on:submit=handler(submit) class="form">
            <div class="field">
                <label for=id.clone()>"CSV file"</label>
                <input id=id node_ref=file type="file" accept=".csv,text/csv" />
            </div>
            <CheckField
                label="Delete people who are not in the file"
                value=remove_missing
                hint="For a file that holds the whole company. They are kept for 30 days."
            />
            <CheckField
                label="Delete them however many they are"
                value=force
                hint="Otherwise nobody is deleted when more than 50 people and a fifth of the directory are not in the file."
            />
            {message("bad", move || sending.error.get())}
            <div class="actions"><Submit label="Import" busy=sending.busy /></div>
        </form>
    }
    .into_any()
}

fn outcome(result: ImportResult) -> AnyView {
    let counts = tiles(&[
        ("Created", result.created),
        ("Updated", result.updated),
        ("Unchanged", result.unchanged),
        ("Deleted", result.removed),
        ("Failed", result.failed),
    ]);
    let failed = usize::try_from(result.failed).unwrap_or(usize::MAX);
    let more = (failed > result.errors.len()).then(|| {
        let shown = u64::try_from(result.errors.len()).unwrap_or_default();
        let text = format!("The first {} problems of {} are shown.", number(shown), number(result.failed));
        view! { <p class="hint">{text}</p> }.into_any()
    });
    let errors = (!result.errors.is_empty()).then(|| {
        let rows = result.errors.into_iter().map(|error| {
            table::row(vec![
                table::number(error.line),
                table::number(error.column),
                table::text(error.message),
            ])
        });
        let rows = rows.collect();
        view! {
            <Panel title="Rows that did not go in">
                {table::table("Rows that did not go in", &["#Line", "#Column", "What is wrong"], rows)}
                {more}
            </Panel>
        }
        .into_any()
    });
    view! {
        <Panel title="Import finished">
            {counts}
            <div class="actions">{link_button("Show people", "person", "", Page::People.path())}</div>
        </Panel>
        {errors}
    }
    .into_any()
}
