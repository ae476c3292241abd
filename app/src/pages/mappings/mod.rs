//! Application → Mappings: which value of a person goes into which attribute of the account.

mod dialog;
pub(crate) mod edit;
mod expression;
mod sample;
mod schema;

use crate::api::endpoints;
use crate::api::scim::text;
use crate::app::use_session;
use crate::cache::{Remote, use_client};
use crate::parts::application::{ApplicationData, ApplicationHead};
use crate::parts::create::Sending;
use crate::parts::guard::guard;
use crate::parts::remote::show_once;
use crate::paths::{self, ApplicationTab};
use crate::ui::badge::{Tone, badge};
use crate::ui::button::{Button, link_button};
use crate::ui::confirm::use_confirm;
use crate::ui::dialog::Dialog;
use crate::ui::live::{live, live_option, memo};
use crate::ui::panel::Panel;
use crate::ui::state::{empty, message, skeleton};
use crate::ui::table;
use crate::ui::toast::use_toasts;
use edit::{Draft, Kind};
use leptos::prelude::*;
use serde_json::Value;

/// The mappings page.
#[component]
pub(crate) fn Mappings(
    /// The application's id.
    id: String,
) -> impl IntoView {
    let data = ApplicationData::new(&id);
    let job = memo(move || data.known_job());
    let of = id.clone();
    let content = live(move || match job.get() {
        None => skeleton(),
        Some(job) if job.is_empty() => {
            let href = paths::application(&of, ApplicationTab::Provisioning);
            let next = link_button("Connect", "next", "primary", href);
            empty(
                "No mappings yet",
                "They come with the provisioning job, which is made when you connect.",
                Some(next),
            )
        }
        Some(job) => view! { <Loaded id=of.clone() job=job data=data /> }.into_any(),
    });
    view! {
        <ApplicationHead id=id data=data tab=ApplicationTab::Mappings />
        {content}
    }
    .into_any()
}

#[component]
fn Loaded(id: String, job: String, data: ApplicationData) -> impl IntoView {
    let address = endpoints::job(&id, &job, "schema");
    let fetched = address.clone();
    let schema = Remote::<Value>::new(move || fetched.clone());
    let address = StoredValue::new(address);
    // Counts up when the stored schema was read again on purpose: then the editor starts anew.
    let edition = RwSignal::new(0_u32);
    live(move || {
        edition.track();
        show_once(schema, move |schema| {
            view! { <Editor schema=schema address=address edition=edition data=data /> }.into_any()
        })
    })
}

/// What the editor works on.
#[derive(Clone, Copy)]
pub(crate) struct Work {
    /// As it is on the screen.
    pub(crate) draft: RwSignal<Value>,
    /// Which object mapping is shown, by position over all rules.
    pub(crate) chosen: usize,
    /// Which mapping the dialog edits; past the end for a new one.
    pub(crate) editing: RwSignal<usize>,
    /// The dialog.
    pub(crate) open: RwSignal<bool>,
    /// Where the schema is.
    pub(crate) address: StoredValue<String>,
}

#[component]
fn Editor(
    schema: Value,
    address: StoredValue<String>,
    edition: RwSignal<u32>,
    data: ApplicationData,
) -> impl IntoView {
    let client = use_client();
    let toasts = use_toasts();
    let confirm = use_confirm();
    let sending = Sending::new();
    let (draft, saved) = (RwSignal::new(schema.clone()), RwSignal::new(schema));
    let names: Vec<String> = draft.with_untracked(|schema| {
        schema::objects(schema).into_iter().map(|object| text(object, &["name"])).collect()
    });
    let count = names.len();
    let changes = memo(move || {
        let (before, after) = (saved.read(), draft.read());
        let mut changes = Vec::new();
        for at in 0..count {
            changes.extend(edit::changes(schema::mappings(&before, at), schema::mappings(&after, at)));
        }
        changes
    });
    guard(Signal::derive(move || !changes.read().is_empty()));
    let save = Callback::new(move |()| {
        sending.run(async move {
            let schema = draft.get_untracked();
            match client.put(&address.get_value(), &schema).await {
                Ok(_) => {}
                Err(error) if error.status == 409 => {
                    return Err(format!(
                        "{}\nYour changes are still here. Discard them to load what is stored now, then make them again.",
                        error.text()
                    ));
                }
                Err(error) => return Err(error.text()),
            }
            // The stored schema has a new version, and the server's reading of the expressions.
            let stored: Value = client.get(&address.try_get_value().unwrap_or_default()).await.map_err(|error| error.text())?;
            draft.set(stored.clone());
            saved.set(stored);
            client.invalidate(&address.try_get_value().unwrap_or_default());
            toasts.show("Mappings saved. The next cycle looks at everybody again.");
            Ok(())
        });
    });
    let reload = move || async move {
        let stored: Value =
            client.get(&address.try_get_value().unwrap_or_default()).await.map_err(|error| error.text())?;
        client.invalidate(&address.try_get_value().unwrap_or_default());
        draft.set(stored.clone());
        saved.set(stored);
        sending.error.set(String::new());
        Ok::<(), String>(())
    };
    let discard = Callback::new(move |()| sending.run(reload()));
    let restore = Callback::new(move |()| {
        let effect = "All changes of the mappings are lost. The next cycle looks at everybody again with the defaults.";
        confirm.ask(
            format!("Restore the default mappings of {}?", untrack(|| data.name())),
            effect,
            "Restore defaults",
            move || {
                Box::pin(async move {
                    client.delete(&address.get_value()).await.map_err(|error| error.text())?;
                    reload().await?;
                    toasts.show("The default mappings are back");
                    edition.update(|edition| *edition += 1);
                    Ok(())
                })
            },
        );
    });
    let panels = names.into_iter().enumerate().map(|(at, name)| {
        let work = Work { draft, chosen: at, editing: RwSignal::new(0), open: RwSignal::new(false), address };
        mapping_panel(name, work)
    });
    let panels = panels.collect::<Vec<_>>();
    let list = live_option(move || {
        let lines = changes
            .get()
            .into_iter()
            .map(|line| view! { <li class="change"><code>{line}</code></li> }.into_any());
        let lines = lines.collect::<Vec<_>>();
        (!lines.is_empty())
            .then(|| view! { <Panel title="Changes not saved yet"><ul>{lines}</ul></Panel> }.into_any())
    });
    let nothing =
        Signal::derive(move || if changes.read().is_empty() { "Nothing was changed" } else { "" }.to_owned());
    view! {
        {panels}
        {list}
        {message("bad", move || sending.error.get())}
        <div class="unsaved">
            <Button label="Save" class="primary" on_click=save busy=sending.busy blocked=nothing />
            <Button label="Discard changes" on_click=discard blocked=nothing />
            <Button label="Restore defaults" class="danger" icon_name="restart" on_click=restore />
        </div>
    }
    .into_any()
}

fn mapping_panel(name: String, work: Work) -> AnyView {
    let directory = StoredValue::new(use_session().workforce_directory_id);
    let add = Callback::new(move |()| {
        work.editing.set(usize::MAX);
        work.open.set(true);
    });
    let rows = live(move || {
        let schema = work.draft.read();
        let mappings = schema::mappings(&schema, work.chosen).iter().enumerate();
        let rows = mappings.map(|(at, mapping)| mapping_row(at, mapping, work)).collect();
        let columns = &["Target attribute", "Type", "Source", "Matching precedence", "Apply", ""];
        table::table("Attribute mappings", columns, rows)
    });
    let title = Signal::derive(move || {
        if work.editing.get() == usize::MAX { "Add mapping" } else { "Edit mapping" }.to_owned()
    });
    let button = view! { <Button label="Add mapping" icon_name="add" on_click=add /> };
    view! {
        <Panel title=name actions=button.into_any()>{rows}</Panel>
        <Dialog open=work.open title=title class="wide">
            {live(move || view! { <dialog::EditMapping work=work directory=directory.get_value() /> }.into_any())}
        </Dialog>
    }
    .into_any()
}

fn mapping_row(at: usize, mapping: &Value, work: Work) -> AnyView {
    let target = edit::target(mapping);
    let kind = Draft::of(mapping).kind;
    let matching = edit::precedence(mapping);
    let (edit_label, remove_label) = (format!("Edit {target}"), format!("Remove {target}"));
    let edit = Callback::new(move |()| {
        work.editing.set(at);
        work.open.set(true);
    });
    // Nothing is lost yet: it is written with Save, and Discard brings it back.
    let remove = Callback::new(move |()| {
        work.draft.update(|schema| {
            if let Some(mappings) = schema::mappings_mut(schema, work.chosen).filter(|list| at < list.len()) {
                mappings.remove(at);
            }
        });
    });
    let matching_cell = if matching == 0 {
        table::text("")
    } else {
        table::cell(badge(Tone::Info, format!("Matching, {matching}")))
    };
    let kind = if kind == Kind::None { "Default value" } else { kind.word() };
    let buttons = view! {
        <div class="actions">
            <Button label="Edit" name=edit_label class="small" on_click=edit />
            <Button label="Remove" name=remove_label class="small" on_click=remove />
        </div>
    };
    table::row(vec![
        view! { <th scope="row">{table::technical(&target)}</th> }.into_any(),
        table::text(kind),
        table::code(edit::shown(mapping)),
        matching_cell,
        table::text(edit::applies(&text(mapping, &["flowType"]))),
        table::cell(buttons.into_any()),
    ])
}
