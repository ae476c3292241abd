//! Whom a person reports to.

use crate::api::{Body, endpoints, scim};
use crate::cache::{Remote, use_client};
use crate::parts::create::Sending;
use crate::parts::picker::{Choice, Pick, Picker};
use crate::paths::Page;
use crate::ui::button::Button;
use crate::ui::dialog::Dialog;
use crate::ui::live::live;
use crate::ui::state::message;
use crate::ui::toast::use_toasts;
use gloo_net::http::Method;
use leptos::prelude::*;
use serde_json::{Value, json};

/// Shows the manager and changes them.
#[component]
pub(crate) fn Manager(person: Value, directory: String, address: String) -> impl IntoView {
    let client = use_client();
    let toasts = use_toasts();
    let now = RwSignal::new(scim::text(&person, &[scim::ENTERPRISE, "manager", "value"]));
    let (open, sending) = (RwSignal::new(false), Sending::new());
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
            Some(id) => json!({ "op": "replace", "path": path, "value": { "value": id } }),
            None => json!({ "op": "remove", "path": path }),
        };
        let address = address.clone();
        sending.run(async move {
            let body = Body::scim(&scim::patch(vec![operation]));
            client.send(Method::PATCH, &address, body).await.map_err(|error| error.text())?;
            now.set(id.unwrap_or_default());
            client.invalidate(&address);
            toasts.show("Manager saved");
            open.set(false);
            Ok(())
        });
    });
    let change = Callback::new(move |()| {
        chosen.set(Vec::new());
        sending.error.set(String::new());
        open.set(true);
    });
    view! {
        {shown}
        <div class="actions"><Button label="Change manager" icon_name="edit" on_click=change /></div>
        <Dialog open=open title="Change manager">
            <Picker label="Search people" directory=directory.get_value() pick=Pick::Person chosen=chosen />
            <p class="hint">"With nobody chosen, the person has no manager."</p>
            {message("bad", move || sending.error.get())}
            <footer class="actions">
                <Button label="Save" class="primary" on_click=save busy=sending.busy />
                <Button label="Cancel" on_click=Callback::new(move |()| open.set(false)) />
            </footer>
        </Dialog>
    }
    .into_any()
}
