//! Whom a person reports to.

use crate::api::{endpoints, scim};
use crate::cache::Remote;
use crate::parts::act::{Change, use_act};
use crate::parts::create::{Sending, dialog_end};
use crate::parts::picker::{Choice, Pick, Picker};
use crate::paths::Page;
use crate::ui::button::Button;
use crate::ui::dialog::Dialog;
use crate::ui::live::live;
use leptos::prelude::*;
use serde_json::Value;

/// Shows the manager and changes them.
#[component]
pub(crate) fn Manager(person: Value, directory: String, address: String) -> impl IntoView {
    let act = use_act();
    let now = RwSignal::new(scim::text(&person, &[scim::ENTERPRISE, "manager", "value"]));
    let open = RwSignal::new(false);
    let sending = Sending::within(open);
    let chosen = RwSignal::new(Vec::<Choice>::new());
    let of = directory.clone();
    let manager = Remote::<Value>::new(move || {
        let id = now.get();
        if id.is_empty() { id } else { endpoints::scim_one(&of, "Users", &id) }
    });
    let shown = live(move || {
        let id = now.get();
        if id.is_empty() {
            return view! { <p class="faint">"Nobody."</p> }.into_any();
        }
        let name = manager.value().map_or_else(|| id.clone(), |manager| scim::name(&manager));
        view! { <p><a href=Page::Person(id).path()>{name}</a></p> }.into_any()
    });
    let directory = StoredValue::new(directory);
    let save = Callback::new(move |()| {
        let id = chosen.with_untracked(|chosen| chosen.first().map(|choice| choice.id.clone()));
        let path = format!("{}:manager", scim::ENTERPRISE);
        let operation = match &id {
            Some(id) => scim::operation("replace", &path, scim::object([("value", id.as_str().into())])),
            None => scim::removal(&path),
        };
        let request = Change::scim_patch(address.clone(), vec![operation])
            .said("Manager saved")
            .stale(address.clone())
            .close(open);
        act.send_then(sending, request, move |_| now.set(id.unwrap_or_default()));
    });
    let change = Callback::new(move |()| {
        chosen.set(Vec::new());
        sending.error.set(String::new());
        open.set(true);
    });
    view! {
        {shown}
        <div class="actions"><Button label="Change manager" icon_name="edit" on_click=change changes=true /></div>
        <Dialog open=open title="Change manager">
            <Picker label="Search people" directory=directory.get_value() pick=Pick::Person chosen=chosen />
            <p class="hint">"With nobody chosen, the person has no manager."</p>
            {dialog_end("Save", sending, open, save)}
        </Dialog>
    }
    .into_any()
}
