//! The people of the workforce directory.

use crate::api::{endpoints, scim};
use crate::app::use_session;
use crate::pages::person::fields;
use crate::parts::act::{Change, use_act};
use crate::parts::create::{Sending, form_end};
use crate::parts::directory_list::PeopleList;
use crate::paths::Page;
use crate::ui::button::{link_button, opener};
use crate::ui::dialog::Dialog;
use crate::ui::field::TextField;
use crate::ui::live::handler;
use crate::ui::page::PageHead;
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use leptos::prelude::*;

/// The list of people.
#[component]
pub(crate) fn People() -> impl IntoView {
    let directory = use_session().workforce_directory_id;
    let adding = RwSignal::new(false);
    let actions = view! {
        {link_button("Deleted people", "restart", "", Page::Deleted.path())}
        {link_button("Import CSV", "upload", "", Page::Import.path())}
        {opener("Add person", "add", "primary", adding)}
    };
    let none = || {
        let import = link_button("Import CSV", "upload", "primary", Page::Import.path());
        empty(
            "Nobody is here yet",
            "Import the company's people from a CSV file, or add them one by one.",
            Some(import),
        )
    };
    let link = Callback::new(|id: String| Page::Person(id).path());
    let target = StoredValue::new(directory.clone());
    view! {
        <PageHead title="People" actions=actions.into_any() />
        <Panel title="Workforce directory">
            <PeopleList directory=directory words=("person", "people") link=link none=none />
        </Panel>
        <Dialog open=adding title="Add person" class="wide">
            <AddPerson directory=target.get_value() open=adding />
        </Dialog>
    }
    .into_any()
}

#[component]
fn AddPerson(
    /// The workforce directory.
    directory: String,
    /// The dialog.
    open: RwSignal<bool>,
) -> impl IntoView {
    let act = use_act();
    let form = fields::Form::empty();
    let sending = Sending::new();
    let inputs = form.inputs(9);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let resource = fields::new_resource(&untrack(|| form.values()));
        let address = endpoints::scim(&directory, "Users");
        let change = Change::scim_post(address.clone(), &resource)
            .said(format!("{} was added", scim::name(&resource)))
            .stale(address)
            .stale(endpoints::directory(&directory))
            .close(open);
        act.send_then(sending, change, move |person| act.goto(&Page::Person(scim::id(person)).path()));
    };
    view! {
        <form on:submit=handler(submit) class="stack">
            <div class="form-grid">{inputs}</div>
            {form_end("Add person", sending, open)}
        </form>
    }
    .into_any()
}

/// One field of a person, for both forms.
pub(crate) fn input(label: &'static str, value: RwSignal<String>, required: bool) -> AnyView {
    view! { <TextField label=label value=value required=required /> }.into_any()
}
