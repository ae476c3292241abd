//! Application → Mappings: which value of a person goes into which attribute of the account.

mod attributes;
mod dialog;
pub(crate) mod edit;
mod editor;
mod expression;
mod filter;
mod matches;
mod moving;
mod review;
mod schema;
mod scope;
mod transfer;
mod values;

use crate::api::endpoints;
use crate::api::scim::text;
use crate::app::use_session;
use crate::browser;
use crate::cache::Remote;
use crate::parts::application::{ApplicationData, ApplicationHead};
use crate::parts::remote::show_once;
use crate::paths::{self, ApplicationTab};
use crate::ui::badge::{Tone, badge};
use crate::ui::button::{Button, link_button};
use crate::ui::dialog::Dialog;
use crate::ui::live::{live, memo};
use crate::ui::panel::Panel;
use crate::ui::state::{empty, skeleton};
use crate::ui::table;
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
    show_once(schema, move |schema| {
        view! { <editor::Editor schema=schema address=address data=data /> }.into_any()
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

fn mapping_panel(name: String, work: Work) -> AnyView {
    let directory = StoredValue::new(use_session().workforce_directory_id);
    let add = Callback::new(move |()| {
        work.editing.set(usize::MAX);
        work.open.set(true);
    });
    let moving = moving::Moving::new(work);
    let rows = live(move || {
        let schema = work.draft.read();
        let mappings = schema::mappings(&schema, work.chosen);
        let last = mappings.len().saturating_sub(1);
        let mappings = mappings.iter().enumerate();
        let rows = mappings.map(|(at, mapping)| mapping_row(at, at == last, mapping, work, moving)).collect();
        let columns = &["Target attribute", "Type", "Source", "Matching precedence", "Apply", ""];
        table::table("Attribute mappings", columns, rows)
    });
    let title = Signal::derive(move || {
        if work.editing.get() == usize::MAX { "Add mapping" } else { "Edit mapping" }.to_owned()
    });
    let alt = if browser::is_mac() { "⌥" } else { "Alt" };
    let button = view! { <Button label="Add mapping" icon_name="add" on_click=add /> };
    view! {
        <Panel title=name actions=button.into_any()>
            {moving.around(rows)}
            <p class="hint">
                "The order is that of requests and of the log; of attributes with the same matching precedence the upper one \
                comes first. "<kbd>{alt}</kbd>" "<kbd>"↑"</kbd>" and "<kbd>{alt}</kbd>" "<kbd>"↓"</kbd>
                " move the row that has the focus."
            </p>
        </Panel>
        <Dialog open=work.open title=title class="wide">
            {live(move || view! { <dialog::EditMapping work=work directory=directory.get_value() /> }.into_any())}
        </Dialog>
    }
    .into_any()
}

fn mapping_row(at: usize, is_last: bool, mapping: &Value, work: Work, moving: moving::Moving) -> AnyView {
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
            {moving.buttons(at, is_last, &target)}
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
