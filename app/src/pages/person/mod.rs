//! One person of the workforce directory: attributes, manager, groups, and what can be done.

pub(crate) mod fields;
mod manager;

use crate::api::{Body, endpoints, scim};
use crate::app::use_session;
use crate::cache::{Remote, use_client};
use crate::parts::create::Sending;
use crate::parts::remote::{show, show_once};
use crate::paths::Page;
use crate::ui::badge::{Tone, badge};
use crate::ui::button::{Button, Submit};
use crate::ui::confirm::use_confirm;
use crate::ui::live::{handler, live_option};
use crate::ui::page::PageHead;
use crate::ui::panel::Panel;
use crate::ui::state::message;
use crate::ui::table;
use crate::ui::toast::use_toasts;
use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;
use serde_json::{Value, json};

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
    let details = move |person: Value| {
        let (directory, address) = context.get_value();
        view! { <Details person=person directory=directory address=address /> }.into_any()
    };
    view! {
        <PageHead title=title trail=trail />
        {show(person, move |person| actions(person, context))}
        {show_once(person, details)}
        {live_option(move || person.value().map(all_attributes))}
    }
    .into_any()
}

type Context = StoredValue<(String, String)>;

/// State, and what can be done with the person.
fn actions(person: Value, context: Context) -> AnyView {
    let active = scim::is_active(&person);
    let name = scim::name(&person);
    let state = if active { badge(Tone::Good, "Active") } else { badge(Tone::Neutral, "Disabled") };
    let client = use_client();
    let toasts = use_toasts();
    let confirm = use_confirm();
    let navigate = use_navigate();
    let set_active = move |to: bool, done: String| async move {
        let (directory, address) = context.get_value();
        let operations = vec![json!({ "op": "replace", "path": "active", "value": to })];
        let answer = client.send(Method::PATCH, &address, Body::scim(&scim::patch(operations))).await;
        answer.map_err(|error| error.text())?;
        client.invalidate(&endpoints::scim(&directory, "Users"));
        toasts.show(done);
        Ok(())
    };
    let who = name.clone();
    let toggle = Callback::new(move |()| {
        let who = who.clone();
        if active {
            let effect = format!(
                "{who} stays in the directory. The next cycle disables the accounts in every application that has one."
            );
            confirm.ask(format!("Disable {who}?"), effect, "Disable", move || {
                set_active(false, format!("{who} was disabled"))
            });
        } else {
            spawn_local(async move {
                let _ = set_active(true, format!("{who} was enabled")).await;
            });
        }
    });
    let delete = Callback::new(move |()| {
        let who = name.clone();
        let navigate = navigate.clone();
        let effect = format!(
            "{who} is kept for 30 days as deleted. The next cycle disables or deletes the accounts in every \
             application that has one."
        );
        confirm.ask(format!("Delete {who}?"), effect, "Delete", move || {
            let (who, navigate) = (who.clone(), navigate.clone());
            async move {
                let (directory, address) = context.get_value();
                client.delete(&address).await.map_err(|error| error.text())?;
                client.invalidate(&format!("{}?", endpoints::scim(&directory, "Users")));
                client.invalidate(&endpoints::directory(&directory));
                toasts.show(format!("{who} was deleted"));
                navigate(&Page::People.path(), Default::default());
                Ok(())
            }
        });
    });
    let label = if active { "Disable" } else { "Enable" }.to_owned();
    view! {
        <div class="actions">
            {state}
            <Button label=label on_click=toggle />
            <Button label="Delete" class="danger" icon_name="remove" on_click=delete />
        </div>
    }
    .into_any()
}

/// The form, the manager and the groups.
#[component]
fn Details(person: Value, directory: String, address: String) -> impl IntoView {
    let client = use_client();
    let toasts = use_toasts();
    let sending = Sending::new();
    let form = fields::Form::of(&person);
    let inputs = form.inputs(fields::Form::len());
    let saved = StoredValue::new(person.clone());
    let (users, target) = (endpoints::scim(&directory, "Users"), address.clone());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let operations = saved.with_value(|person| fields::operations(person, &form.values()));
        if operations.is_empty() {
            toasts.show("Nothing was changed");
            return;
        }
        let (address, users) = (target.clone(), users.clone());
        sending.run(async move {
            let body = Body::scim(&scim::patch(operations));
            client.send(Method::PATCH, &address, body).await.map_err(|error| error.text())?;
            if let Ok(person) = client.get(&address).await {
                saved.set_value(person);
            }
            client.invalidate(&users);
            toasts.show("Saved. The next cycle carries the change to the applications.");
            Ok(())
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
