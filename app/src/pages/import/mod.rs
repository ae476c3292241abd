//! CSV import into the workforce directory: first what it would do, then the import.

mod columns;
mod outcome;

use crate::api::{ApiError, decode, endpoints};
use crate::app::use_session;
use crate::cache::{Client, Remote, poll, use_client};
use crate::parts::create::Sending;
use crate::paths::Page;
use crate::text::count;
use crate::ui::button::{Button, Submit};
use crate::ui::confirm::{Outcome, use_confirm};
use crate::ui::field::CheckField;
use crate::ui::live::{handler, live_option, live_text, on_change};
use crate::ui::page::PageHead;
use crate::ui::panel::Panel;
use crate::ui::state::message;
use crate::ui::unique_id;
use api::directory::{ImportPreview, ImportProgress, ImportResult};
use leptos::html;
use leptos::prelude::*;

/// Columns that a file may have, beside the directory's own extensions.
const COLUMNS: &str = "userPrincipalName, displayName, givenName, surname, jobTitle, department, employeeId, manager, \
                       mail, accountEnabled, usageLocation, streetAddress, city, state, postalCode, country, \
                       telephoneNumber, mobile, preferredLanguage, companyName, officeLocation";

/// Percent between two states of the progress.
const STEP: u64 = 10;

/// What is chosen, on its way, and known.
#[derive(Clone, Copy)]
struct Form {
    client: Client,
    directory: StoredValue<String>,
    file: NodeRef<html::Input>,
    remove_missing: RwSignal<bool>,
    force: RwSignal<bool>,
    sending: Sending,
    /// How many percent of the file are with the server; nothing when none is on its way.
    sent: RwSignal<Option<u64>>,
    /// What would be done, and the file of which that is said.
    preview: RwSignal<Option<ImportPreview>>,
    previewed: StoredValue<Option<web_sys::File>, LocalStorage>,
    result: RwSignal<Option<ImportResult>>,
    /// Headers of a file that say too little, a line each; empty when they do not.
    unclear: RwSignal<String>,
}

/// The import page.
#[component]
pub(crate) fn Import() -> impl IntoView {
    let form = Form {
        client: use_client(),
        directory: StoredValue::new(use_session().workforce_directory_id),
        file: NodeRef::new(),
        remove_missing: RwSignal::new(false),
        force: RwSignal::new(false),
        sending: Sending::new(),
        sent: RwSignal::new(None),
        preview: RwSignal::new(None),
        previewed: StoredValue::new_local(None),
        result: RwSignal::new(None),
        unclear: RwSignal::new(String::new()),
    };
    // What was previewed is not what would be imported any more.
    on_change(move || {
        form.remove_missing.track();
        form.force.track();
        form.preview.set(None);
    });
    let trail = vec![("People".to_owned(), Page::People.path())];
    let shown = live_option(move || form.preview.get().map(|preview| previewed(form, preview)));
    let result = live_option(move || form.result.get().map(outcome::finished));
    let unclear = live_option(move || {
        let headers = form.unclear.get();
        let columns: Vec<_> =
            headers.lines().map(|header| (header.to_owned(), columns::OWN.to_owned())).collect();
        (!columns.is_empty()).then(|| {
            view! { <Panel title="What the columns mean">{columns::chooser(form, columns)}</Panel> }
                .into_any()
        })
    });
    view! {
        <PageHead title="Import CSV" trail=trail />
        <Panel title="File"><ImportForm form=form /></Panel>
        <div role="status">{live_option(move || form.sent.get().map(|percent| progress(form, percent)))}</div>
        {shown}
        {message("bad", move || form.sending.error.get())}
        {unclear}
        <div role="status" class="stack">{result}</div>
        <details class="panel">
            <summary>"What the file looks like"</summary>
            <p>
                "UTF-8 with a header line; other headers can be given a meaning after Preview. "<code>"userPrincipalName"</code>" tells the people apart and must be there. \
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
fn ImportForm(form: Form) -> impl IntoView {
    let id = unique_id("file");
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if form.chosen().is_none() {
            form.sending.error.set("Choose a CSV file first.".to_owned());
            return;
        }
        form.sending.run(form.look());
    };
    view! {
        <form on:submit=handler(submit) class="form">
            <div class="field">
                <label for=id.clone()>"CSV file"</label>
                <input
                    id=id
                    node_ref=form.file
                    type="file"
                    accept=".csv,text/csv"
                    on:change=handler(move |_| {
                        form.preview.set(None);
                        form.unclear.set(String::new());
                    })
                />
            </div>
            <CheckField
                label="Delete people who are not in the file"
                value=form.remove_missing
                hint="For a file that holds the whole company. They are kept for 30 days."
            />
            <CheckField
                label="Delete them however many they are"
                value=form.force
                hint="Otherwise nobody is deleted when more than 50 people and a fifth of the directory are not in the file."
            />
            <div class="actions">
                <Submit label="Preview" busy=form.sending.busy />
                <span class="faint">"Nothing is written until you have seen what would change."</span>
            </div>
        </form>
    }
    .into_any()
}

impl Form {
    /// The file, when one is chosen.
    fn chosen(self) -> Option<web_sys::File> {
        self.file.get_untracked().and_then(|input| input.files()).and_then(|files| files.get(0))
    }

    /// Asks what the file would change. When its headers say too little, they are shown to be chosen for.
    fn look(self) -> Outcome {
        Box::pin(async move {
            self.preview.set(None);
            self.result.set(None);
            self.unclear.set(String::new());
            let Some(chosen) = self.chosen() else { return Ok(()) };
            let answer = match self.send(chosen.clone(), true).await {
                Err(error) if matches!(error.code.as_str(), "noHeader" | "noKeyColumn") => {
                    let headers = error.details.into_iter().map(|detail| detail.message.replace('\n', " "));
                    self.unclear.set(headers.collect::<Vec<_>>().join("\n"));
                    return Err(error.message);
                }
                answer => answer.map_err(|error| error.text())?,
            };
            let preview = decode::<ImportPreview>(&answer).map_err(|error| error.text())?;
            self.previewed.set_value(Some(chosen));
            self.preview.set(Some(preview));
            Ok(())
        })
    }

    /// Sends the file; the text of the answer.
    async fn send(self, file: web_sys::File, preview: bool) -> Result<String, ApiError> {
        let mut query = Vec::new();
        for (name, value) in [
            ("preview", preview),
            ("removeMissing", self.remove_missing.get_untracked()),
            ("force", self.remove_missing.get_untracked() && self.force.get_untracked()),
        ] {
            if value {
                query.push([name, "=true"].concat());
            }
        }
        let path = ["import?", &query.join("&")].concat();
        let path = endpoints::directory_part(&self.directory.get_value(), &path);
        self.sent.set(Some(0));
        // In steps, because each is also said aloud. The page may be left meanwhile.
        let progress = move |percent: u64| {
            let reached = Some(percent / STEP * STEP);
            if self.sent.try_get_untracked().is_some_and(|known| known != reached) {
                self.sent.set(reached);
            }
        };
        let answer = self.client.upload(path, "text/csv", file, progress).await;
        let _ = self.sent.try_set(None);
        answer
    }

    /// Imports what was previewed.
    fn import(self) -> Outcome {
        Box::pin(async move {
            let Some(file) = self.previewed.get_value() else { return Ok(()) };
            let answer = self.send(file, false).await.map_err(|error| error.text());
            let directory = self.directory.get_value();
            for prefix in [endpoints::directory(&directory), endpoints::scim(&directory, "")] {
                self.client.invalidate(&prefix);
            }
            self.preview.set(None);
            self.result.set(Some(decode(&answer?).map_err(|error| error.text())?));
            Ok(())
        })
    }
}

/// How far the file is.
fn progress(form: Form, percent: u64) -> AnyView {
    let text = if percent < 100 {
        format!("{percent} % of the file is sent.").into_any()
    } else {
        let path = form.directory.with_value(|id| endpoints::directory_part(id, "import"));
        let address = path.clone();
        let state = Remote::<ImportProgress>::new(move || address.clone());
        poll(move || path.clone(), || true);
        live_text(move || {
            let rows = state.value().map(|state| state.rows).filter(|rows| *rows > 0);
            let rows =
                rows.map(|rows| format!(": {} so far", count(rows, "row", "rows"))).unwrap_or_default();
            format!("The file is sent; the directory goes through it{rows}…")
        })
    };
    // A bar without a value says that something goes on.
    let value = (percent < 100).then(|| percent.to_string());
    view! {
        <div class="panel">
            <progress class="wide" value=value max="100" aria-label="Progress of the file"></progress>
            <p class="hint">{text}</p>
        </div>
    }
    .into_any()
}

/// What would be done, and the button that does it.
fn previewed(form: Form, preview: ImportPreview) -> AnyView {
    let confirm = use_confirm();
    let removed = preview.result.removed;
    let import = Callback::new(move |()| {
        if removed == 0 {
            form.sending.run(form.import());
            return;
        }
        let effect = format!(
            "{} not in the file and deleted from the workforce directory (kept for 30 days). The next cycle disables or \
             deletes their accounts in every application.",
            count(removed, "person is", "people are")
        );
        confirm.ask("Delete people who are not in the file?", effect, "Import and delete", move || {
            form.import()
        });
    });
    let writes = preview.result.created + preview.result.updated + removed;
    let label = format!("Import {}", count(writes, "change", "changes"));
    let blocked = if writes == 0 { "The file changes nothing" } else { "" };
    let button = view! {
        <div class="actions">
            <Button
                label=label
                class="primary"
                icon_name="upload"
                on_click=import
                busy=form.sending.busy
                blocked=blocked.to_owned()
            />
            <span class="faint">{format!("{} in the file", count(read(&preview.result), "person", "people"))}</span>
        </div>
    };
    outcome::preview(form, preview, button.into_any())
}

/// Rows of a file.
fn read(result: &ImportResult) -> u64 {
    result.created + result.updated + result.unchanged + result.failed
}
