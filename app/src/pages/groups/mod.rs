//! Groups of the workforce directory.

mod group;

pub(crate) use group::Group;

use crate::api::{endpoints, scim};
use crate::app::use_session;
use crate::parts::act::{Change, use_act};
use crate::parts::create::{NameForm, Sending};
use crate::parts::directory_list::GroupList;
use crate::paths::Page;
use crate::ui::button::opener;
use crate::ui::dialog::Dialog;
use crate::ui::page::PageHead;
use crate::ui::panel::Panel;
use leptos::prelude::*;
use serde_json::Value;

/// The list of groups.
#[component]
pub(crate) fn Groups() -> impl IntoView {
    let directory = use_session().workforce_directory_id;
    let adding = RwSignal::new(false);
    let actions = opener("Add group", "add", "primary", adding);
    let target = StoredValue::new(directory.clone());
    view! {
        <PageHead title="Groups" actions=actions />
        <Panel title="Workforce directory">
            <GroupList directory=directory link=Callback::new(|id: String| Page::Group(id).path()) />
        </Panel>
        <Dialog open=adding title="Add group"><AddGroup directory=target.get_value() open=adding /></Dialog>
    }
    .into_any()
}

#[component]
fn AddGroup(directory: String, open: RwSignal<bool>) -> impl IntoView {
    let act = use_act();
    let sending = Sending::new();
    let create = Callback::new(move |name: String| {
        let group =
            scim::object([("schemas", vec![Value::from(scim::GROUP)].into()), ("displayName", name.into())]);
        let address = endpoints::scim(&directory, "Groups");
        let change = Change::scim_post(address.clone(), &group)
            .stale(address)
            .stale(endpoints::directory(&directory))
            .close(open);
        act.send_then(sending, change, move |group| act.goto(&Page::Group(scim::id(group)).path()));
    });
    let name = RwSignal::new(String::new());
    view! { <NameForm label="Name" name=name verb="Add group" sending=sending open=open on_submit=create /> }
}
