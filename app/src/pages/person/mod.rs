//! One person of the workforce directory: attributes, manager, groups, and what can be done.

pub(crate) mod fields;
mod manager;

use crate::api::{endpoints, scim};
use crate::app::use_session;
use crate::cache::Remote;
use crate::parts::act::{Asking, Change, Question, asking, use_act};
use crate::parts::create::Sending;
use crate::parts::guard::guard;
use crate::parts::history::past;
use crate::parts::remote::show_once;
use crate::parts::timeline::timeline;
use crate::paths::Page;
use crate::ui::badge::{Tone, badge};
use crate::ui::button::{Button, Submit};
use crate::ui::live::{handler, live_option, memo};
use crate::ui::page::PageHead;
use crate::ui::panel::{Panel, panel};
use crate::ui::state::message;
use crate::ui::table;
use crate::ui::toast::use_toasts;
use leptos::prelude::*;
use serde_json::Value;

/// The page of a person.
#[component]
pub(crate) fn Person(
    /// The person's id.
    id: String,
) -> impl IntoView {
    let directory = use_session().workforce_directory_id;
    let address = endpoints::scim_one(&directory, "Users", &id);
    let fetched = address.clone();
    let person = Remote::<Value>::new(move || fetched.clone());
    let title = Signal::derive(move || match person.value() {
        Some(person) => scim::name(&person),
        None => "Person".to_owned(),
    });
    let trail = vec![("People".to_owned(), Page::People.path())];
    let context = StoredValue::new((directory, address));
    let known = memo(move || person.value().is_some());
    let (of, source) = (id.clone(), id);
    let details = move |person: Value| {
        let (directory, address) = context.get_value();
        view! { <Details person=person directory=directory address=address /> }.into_any()
    };
    view! {
        <PageHead title=title trail=trail actions=live_option(move || person.value().map(|person| actions(person, context))) />
        {show_once(person, details)}
        {live_option(move || person.value().map(all_attributes))}
        {live_option(move || known.get().then(|| panel("Provisioning", timeline(&source, ""))))}
        {live_option(move || known.get().then(|| past(&context.with_value(|(directory, _)| directory.clone()), &of)))}
    }
    .into_any()
}

type Context = StoredValue<(String, String)>;

/// State, and what can be done with the person.
fn actions(person: Value, context: Context) -> AnyView {
    let active = scim::is_active(&person);
    let name = scim::name(&person);
    let state = if active { badge(Tone::Good, "Active") } else { badge(Tone::Neutral, "Disabled") };
    let act = use_act();
    let (directory, address) = context.get_value();
    let users = endpoints::scim(&directory, "Users");
    let operation = scim::operation("replace", "active", (!active).into());
    let change = Change::scim_patch(address.clone(), vec![operation])
        .stale(users.clone())
        .stale(endpoints::directory_part(&directory, "users/"));
    let toggle = if active {
        let effect = format!(
            "{name} stays in the directory. The next cycle disables the accounts in every application that has one."
        );
        asking(Asking {
            label: "Disable",
            name: None,
            class: "",
            icon: "",
            question: Question { title: format!("Disable {name}?"), effect, verb: "Disable" },
            change: change.said(format!("{name} was disabled")),
        })
    } else {
        let change = StoredValue::new_local(change.said(format!("{name} was enabled")));
        let enable = Callback::new(move |()| act.now(change.get_value()));
        view! { <Button label="Enable" on_click=enable changes=true /> }.into_any()
    };
    let effect = format!(
        "{name} is kept for 30 days as deleted. The next cycle disables or deletes the accounts in every application \
         that has one."
    );
    let delete = asking(Asking {
        label: "Delete",
        name: None,
        class: "danger",
        icon: "remove",
        question: Question { title: format!("Delete {name}?"), effect, verb: "Delete" },
        change: Change::delete(address)
            .said(format!("{name} was deleted"))
            .goto(Page::People.path())
            .stale(users)
            .stale(endpoints::directory(&directory)),
    });
    view! { {state}{toggle}{delete} }.into_any()
}

/// The form, the manager and the groups.
#[component]
fn Details(person: Value, directory: String, address: String) -> impl IntoView {
    let act = use_act();
    let toasts = use_toasts();
    let sending = Sending::new();
    let form = fields::Form::of(&person);
    let inputs = form.inputs(fields::Form::len());
    let saved = RwSignal::new(person.clone());
    let form = StoredValue::new(form);
    let dirty = memo(move || {
        let values = form.with_value(fields::Form::values);
        !fields::operations(&saved.read(), &values).is_empty()
    });
    guard(dirty.into());
    let (users, target) = (endpoints::scim(&directory, "Users"), address.clone());
    let past = endpoints::directory_part(&directory, "users/");
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let values = untrack(|| form.with_value(fields::Form::values));
        let operations = saved.with_untracked(|person| fields::operations(person, &values));
        if operations.is_empty() {
            toasts.show("Nothing was changed");
            return;
        }
        let change = Change::scim_patch(target.clone(), operations)
            .said("Saved. The next cycle carries the change to the applications.")
            .stale(users.clone())
            .stale(past.clone());
        act.send_then(sending, change, move |person| {
            // Others may have changed what was not touched here: it is shown, or the next save would undo it.
            if person.is_object() {
                let _ = form.try_with_value(|form| form.follow(&values, person));
                let _ = saved.try_set(person.clone());
            }
        });
    };
    let groups = groups(&person);
    view! {
        <div class="columns wide-first">
            <Panel title="Attributes">
                <form on:submit=handler(submit) class="stack">
                    <div class="form-grid">{inputs}</div>
                    {message("bad", move || sending.error.get())}
                    <div class="actions"><Submit label="Save" busy=sending.busy /></div>
                </form>
            </Panel>
            <div class="stack">
                <Panel title="Manager"><manager::Manager person=person directory=directory address=address /></Panel>
                <Panel title="Groups">{groups}</Panel>
            </div>
        </div>
    }
    .into_any()
}

fn groups(person: &Value) -> AnyView {
    let groups = scim::values(person, "groups");
    if groups.is_empty() {
        return view! { <p class="faint">"In no group."</p> }.into_any();
    }
    let items = groups.iter().map(|group| {
        let id = scim::text(group, &["value"]);
        let name = scim::text(group, &["display"]);
        let name = if name.is_empty() { id.clone() } else { name };
        view! { <li><a href=Page::Group(id).path()>{name}</a></li> }.into_any()
    });
    let items = items.collect::<Vec<_>>();
    view! { <ul class="plain-list">{items}</ul> }.into_any()
}

/// Everything that the directory knows, by SCIM path.
pub(crate) fn all_attributes(person: Value) -> AnyView {
    let rows = scim::flatten(&person).into_iter();
    let rows = rows.map(|(path, value)| table::row(vec![table::code(path), table::text(value)])).collect();
    view! {
        <details class="panel">
            <summary>"All attributes"</summary>
            {table::table("All attributes", &["SCIM path", "Value"], rows)}
        </details>
    }
    .into_any()
}
