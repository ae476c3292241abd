//! CSV import into the workforce directory: first what it would do, then the import.

mod columns;
mod outcome;
mod recent;
mod under_way;
mod wanted;

use crate::api::{ApiError, endpoints, parse, read_as};
use crate::app::use_session;
use crate::cache::{Client, Remote, use_client};
use crate::parts::create::Sending;
use crate::paths::Page;
use crate::text::count;
use crate::ui::button::{Button, Submit};
use crate::ui::confirm::{Outcome, use_confirm};
use crate::ui::field::CheckField;
use crate::ui::live::{handler, live_option, memo, on_change};
use crate::ui::page::PageHead;
use crate::ui::panel::Panel;
use crate::ui::state::message;
use crate::ui::unique_id;
use api::collection::Collection;
use api::directory::{ImportPreview, ImportRecord, ImportResult};
use leptos::html;
use leptos::prelude::*;
use serde_json::Value;
use wanted::{CHANGED, UNKNOWN, Wanted};

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
    /// What would be done.
    preview: RwSignal<Option<ImportPreview>>,
    /// What that was asked with; nothing of a preview that was found under way, whose file is not known here.
    previewed: StoredValue<Option<Wanted>, LocalStorage>,
    result: RwSignal<Option<ImportResult>>,
    /// The import that the server works on.
    running: RwSignal<Option<ImportRecord>>,
    /// Whether the server did not say how far that is when it was asked last.
    silent: RwSignal<bool>,
    /// The last ones, and the very last as it was when the page was opened.
    imports: Remote<Collection<ImportRecord>>,
    last: RwSignal<Option<ImportRecord>>,
    /// Headers of a file that say too little, a line each; empty when they do not.
    unclear: RwSignal<String>,
}

/// The import page.
#[component]
pub(crate) fn Import() -> impl IntoView {
    let directory = use_session().workforce_directory_id;
    let imports = endpoints::directory_part(&directory, "imports");
    let client = use_client();
    // An import of a moment ago is not in the list of the last visit.
    client.forget(&imports);
    let form = Form {
        client,
        directory: StoredValue::new(directory),
        file: NodeRef::new(),
        remove_missing: RwSignal::new(false),
        force: RwSignal::new(false),
        sending: Sending::new(),
        sent: RwSignal::new(None),
        preview: RwSignal::new(None),
        previewed: StoredValue::new_local(None),
        result: RwSignal::new(None),
        running: RwSignal::new(None),
        silent: RwSignal::new(false),
        imports: Remote::new(move || imports.clone()),
        last: RwSignal::new(None),
        unclear: RwSignal::new(String::new()),
    };
    // What was previewed is not what would be imported any more.
    on_change(move || {
        form.remove_missing.track();
        form.force.track();
        form.preview.set(None);
    });
    recent::on_arrival(form);
    let trail = vec![("People".to_owned(), Page::People.path())];
    let shown = live_option(move || form.preview.get().map(|preview| previewed(form, preview)));
    let result = live_option(move || form.result.get().map(outcome::finished));
    let last = live_option(move || form.last.get().map(recent::last));
    let is_running = memo(move || form.running.read().is_some());
    let running = live_option(move || is_running.get().then(|| under_way::panel(form)));
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
        <div role="status">{live_option(move || form.sent.get().map(progress))}</div>
        {running}
        {last}
        {shown}
        {message("bad", move || form.sending.error.get())}
        {unclear}
        <div role="status" class="stack">{result}</div>
        {recent::list(form.imports)}
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
        let refused = if form.running.with_untracked(Option::is_some) {
            "A file is being worked on. Wait until that is done, or cancel it."
        } else if form.wanted().is_none() {
            "Choose a CSV file first."
        } else {
            ""
        };
        if !refused.is_empty() {
            form.sending.error.set(refused.to_owned());
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
    /// Asks what the file would change.
    fn look(self) -> Outcome {
        Box::pin(async move {
            self.preview.set(None);
            self.result.set(None);
            self.last.set(None);
            self.previewed.set_value(None);
            self.unclear.set(String::new());
            let Some(wanted) = self.wanted() else { return Ok(()) };
            self.send(wanted, true).await
        })
    }

    /// Sends a file. What becomes of a large one is followed beside the form.
    async fn send(self, wanted: Wanted, preview: bool) -> Result<(), String> {
        let path = self.directory.with_value(|id| wanted.options.address(id, preview));
        self.sent.set(Some(0));
        // In steps, because each is also said aloud. The page may be left meanwhile.
        let progress = move |percent: u64| {
            let reached = Some(percent / STEP * STEP);
            if self.sent.try_get_untracked().is_some_and(|known| known != reached) {
                self.sent.set(reached);
            }
        };
        let answer = self.client.upload(path, "text/csv", wanted.file.clone(), progress).await;
        let _ = self.sent.try_set(None);
        let answer = answer.and_then(|text| parse(&text));
        // Either the result, or the import that goes on.
        match answer.as_ref().ok().and_then(|answer| read_as::<ImportRecord>(answer).ok()) {
            Some(record) => {
                self.follow(record, Some(wanted));
                Ok(())
            }
            None => self.ended(answer, preview, Some(wanted)),
        }
    }

    /// Follows an import that goes on by itself. `wanted` is what it was asked with, if that is known.
    fn follow(self, record: ImportRecord, wanted: Option<Wanted>) {
        let preview = record.preview;
        self.preview.set(None);
        self.last.set(None);
        leptos::task::spawn_local(async move {
            let ended = under_way::follow(self, record).await;
            if let Err(why) = self.ended(ended, preview, wanted) {
                let _ = self.sending.error.try_set(why);
            }
        });
    }

    /// Shows what came of it. When headers say too little, they are shown to be chosen for. A preview of something
    /// else than the form says by now is not shown: whoever changed the form would take it for that.
    fn ended(
        self,
        answer: Result<Value, ApiError>,
        preview: bool,
        wanted: Option<Wanted>,
    ) -> Result<(), String> {
        self.stale(preview);
        if preview && self.preview.is_disposed() {
            // The page was left: nobody waits for it any more.
            return Ok(());
        }
        let outdated = preview && wanted.is_some() && self.wanted() != wanted;
        let answer = answer.map_err(|error| {
            if !matches!(error.code.as_str(), "noHeader" | "noKeyColumn") {
                return error.text();
            }
            if outdated {
                return CHANGED.to_owned();
            }
            let headers = error.details.into_iter().map(|detail| detail.message.replace('\n', " "));
            let _ = self.unclear.try_set(headers.collect::<Vec<_>>().join("\n"));
            error.message
        })?;
        if outdated {
            return Err(CHANGED.to_owned());
        }
        if preview {
            // Together: what is shown and what an import of it sends.
            let _ = self.previewed.try_set_value(wanted);
            self.preview.set(Some(read_as(&answer).map_err(|error| error.text())?));
        } else {
            self.preview.set(None);
            self.result.set(Some(read_as(&answer).map_err(|error| error.text())?));
        }
        Ok(())
    }

    /// What an import changed is old now.
    fn stale(self, preview: bool) {
        let Some(directory) = self.directory.try_get_value() else { return };
        self.client.invalidate(&endpoints::directory_part(&directory, "imports"));
        if !preview {
            for prefix in [endpoints::directory(&directory), endpoints::scim(&directory, "")] {
                self.client.invalidate(&prefix);
            }
        }
    }

    /// Imports what was previewed, with the options of the preview.
    fn import(self, wanted: Option<Wanted>) -> Outcome {
        Box::pin(async move {
            let Some(wanted) = wanted else { return Err([UNKNOWN, "."].concat()) };
            let sent = self.send(wanted, false).await;
            self.preview.set(None);
            sent
        })
    }
}

/// How far the file is.
fn progress(percent: u64) -> AnyView {
    let text = if percent < 100 {
        format!("{percent} % of the file is sent.")
    } else {
        "The file is sent; the directory goes through it…".to_owned()
    };
    // A bar without a value says that something goes on.
    let value = (percent < 100).then_some(percent);
    view! { <div class="panel">{bar(value)}<p class="hint">{text}</p></div> }.into_any()
}

/// The bar, with percent if they are known.
fn bar(percent: Option<u64>) -> AnyView {
    let value = percent.map(|percent| percent.to_string());
    view! { <progress class="wide" value=value max="100" aria-label="Progress of the file"></progress> }
        .into_any()
}

/// What would be done, and the button that does it.
fn previewed(form: Form, preview: ImportPreview) -> AnyView {
    let confirm = use_confirm();
    let removed = preview.result.removed;
    // Of this preview alone: it is gone together with what is shown.
    let wanted = StoredValue::new_local(form.previewed.get_value());
    let begin = move || form.import(wanted.try_get_value().flatten());
    let import = Callback::new(move |()| {
        if removed == 0 {
            form.sending.run(begin());
            return;
        }
        let effect = format!(
            "{} not in the file and deleted from the workforce directory (kept for 30 days). The next cycle disables or \
             deletes their accounts in every application.",
            count(removed, "person is", "people are")
        );
        confirm.ask("Delete people who are not in the file?", effect, "Import and delete", begin);
    });
    let writes = preview.result.created + preview.result.updated + removed;
    let label = format!("Import {}", count(writes, "change", "changes"));
    let blocked = if writes == 0 {
        "The file changes nothing"
    } else if wanted.with_value(Option::is_none) {
        UNKNOWN
    } else {
        ""
    };
    let found = format!("{} in the file", count(read(&preview.result), "person", "people"));
    // Not only on the button: whoever comes back wonders why it cannot be pressed.
    let found = if blocked == UNKNOWN { [&found, ". ", UNKNOWN, " to import it."].concat() } else { found };
    let button = view! {
        <div class="actions">
            <Button
                label=label
                class="primary"
                icon_name="upload"
                on_click=import
                busy=form.sending.busy
                blocked=blocked.to_owned()
                changes=true
            />
            <span class="faint">{found}</span>
        </div>
    };
    outcome::preview(form, preview, button.into_any())
}

/// Rows of a file.
fn read(result: &ImportResult) -> u64 {
    result.created + result.updated + result.unchanged + result.failed
}
