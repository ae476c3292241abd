//! Groups of the workforce directory.

mod group;

pub(crate) use group::Group;

use crate::api::{Body, endpoints, parse, scim};
use crate::app::use_session;
use crate::cache::use_client;
use crate::parts::create::{NameForm, Sending};
use crate::parts::directory_list::GroupList;
use crate::paths::Page;
use crate::ui::button::Button;
use crate::ui::dialog::Dialog;
use crate::ui::page::PageHead;
use crate::ui::panel::Panel;
use gloo_net::http::Method;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use serde_json::json;

/// The list of groups.
#[component]
pub(crate) fn Groups() -> impl IntoView {
    let directory = use_session().workforce_directory_id;
    let adding = RwSignal::new(false);
    let open = Callback::new(move |()| adding.set(true));
    let actions = view! { <Button label="Add group" class="primary" icon_name="add" on_click=open /> };
    let target = StoredValue::new(directory.clone());
    view! {
        <PageHead title="Groups" actions=actions.into_any() />
        <Panel title="Workforce directory">
            <GroupList directory=directory link=Callback::new(|id: String| Page::Group(id).path()) />
        </Panel>
        <Dialog open=adding title="Add group"><AddGroup directory=target.get_value() open=adding /></Dialog>
    }
    .into_any()
}

#[component]
fn AddGroup(directory: String, open: RwSignal<bool>) -> impl IntoView {
    let client = use_client();
    let navigate = use_navigate();
    let sending = Sending::new();
    let create = Callback::new(move |name: String| {
        let group = json!({ "schemas": [scim::GROUP], "displayName": name });
        let address = endpoints::scim(&directory, "Groups");
        let (navigate, directory) = (navigate.clone(), directory.clone());
        sending.run(async move {
            let answer = client.send(Method::POST, &address, Body::scim(&group)).await;
            let group = parse(&answer.map_err(|error| error.text())?).unwrap_or_default();
            client.invalidate(&address);
            client.invalidate(&endpoints::directory(&directory));
            open.set(false);
            navigate(&Page::Group(scim::id(&group)).path(), Default::default());
            Ok(())
        });
    });
    let name = RwSignal::new(String::new());
    view! { <NameForm label="Name" name=name verb="Add group" sending=sending open=open on_submit=create /> }
}
