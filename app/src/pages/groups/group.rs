//! One group and its members.

use crate::api::odata::scim_literal;
use crate::api::{endpoints, scim};
use crate::app::use_session;
use crate::cache::Remote;
use crate::parts::act::{Asking, Change, Question, asking, use_act};
use crate::parts::create::{Sending, dialog_end};
use crate::parts::picker::{Choice, Pick, Picker};
use crate::parts::remote::show;
use crate::paths::Page;
use crate::text::count;
use crate::ui::button::{Button, opener};
use crate::ui::dialog::Dialog;
use crate::ui::live::live;
use crate::ui::page::PageHead;
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use crate::ui::table;
use leptos::prelude::*;
use serde_json::Value;

/// Members are shown in steps of so many.
const STEP: usize = 200;

/// What the page shows. Names of members are given only to who asks for them.
const SHOWN: &str = "displayName,members.value,members.type,members.display";

#[derive(Clone)]
struct Place {
    directory: String,
    address: String,
}

impl Place {
    /// Operations on the group, and what they touch: the group, and the groups of its members.
    fn patch(self, operations: Vec<Value>) -> Change {
        Change::scim_patch(self.address, operations).stale(endpoints::scim(&self.directory, ""))
    }
}

/// The page of a group.
#[component]
pub(crate) fn Group(
    /// The group's id.
    id: String,
) -> impl IntoView {
    let directory = use_session().workforce_directory_id;
    let address = endpoints::scim_one(&directory, "Groups", &id);
    let fetched = format!("{address}?attributes={SHOWN}");
    let group = Remote::<Value>::new(move || fetched.clone());
    let place = StoredValue::new(Place { directory, address });
    let title =
        Signal::derive(move || group.value().map_or_else(|| "Group".to_owned(), |group| scim::name(&group)));
    let trail = vec![("Groups".to_owned(), Page::Groups.path())];
    let (adding, many) = (RwSignal::new(false), RwSignal::new(STEP));
    view! {
        <PageHead title=title trail=trail />
        {show(group, move |group| members(&group, place, adding, many))}
        <Dialog open=adding title="Add members"><AddMembers place=place open=adding /></Dialog>
    }
    .into_any()
}

fn members(
    group: &Value,
    place: StoredValue<Place>,
    adding: RwSignal<bool>,
    many: RwSignal<usize>,
) -> AnyView {
    let members = StoredValue::new(scim::values(group, "members"));
    let total = members.with_value(Vec::len);
    let name = scim::name(group);
    let actions = view! {
        {opener("Add members", "add", "primary", adding)}
        {delete_button(&name, place)}
    };
    let title = count(u64::try_from(total).unwrap_or_default(), "member", "members");
    let list = live(move || {
        if total == 0 {
            return empty("No members yet", "Add people with the button above.", None);
        }
        let rows = members.with_value(|members| {
            members.iter().take(many.get()).map(|member| member_row(member, &name, place)).collect::<Vec<_>>()
        });
        let more = (total > many.get()).then(|| {
            let act = Callback::new(move |()| many.update(|many| *many += STEP));
            view! { <Button label="Show more" on_click=act /> }.into_any()
        });
        view! { {table::table("Members", &["Name", ""], rows)} {more} }.into_any()
    });
    view! { <Panel title=title actions=actions.into_any()>{list}</Panel> }.into_any()
}

fn member_row(member: &Value, group: &str, place: StoredValue<Place>) -> AnyView {
    let id = scim::text(member, &["value"]);
    let name = scim::text(member, &["display"]);
    let name = if name.is_empty() { id.clone() } else { name };
    let path = format!("members[value eq {}]", scim_literal(&id));
    let effect =
        format!("{name} leaves {group}, and loses every application that is assigned through it alone.");
    let button = asking(Asking {
        label: "Remove",
        name: Some(format!("Remove {name}")),
        class: "small",
        icon: "",
        question: Question { title: format!("Remove {name}?"), effect, verb: "Remove" },
        change: place.get_value().patch(vec![scim::removal(&path)]).said(format!("{name} was removed")),
    });
    let is_group = scim::text(member, &["type"]) == "Group";
    let href = if is_group { Page::Group(id) } else { Page::Person(id) }.path();
    table::row(vec![table::heading_link(name, href), table::buttons(button)])
}

fn delete_button(name: &str, place: StoredValue<Place>) -> AnyView {
    let Place { directory, address } = place.get_value();
    let effect = "Its members stay in the directory, but lose every application that is assigned through this group alone. \
                  Where the group itself is provisioned, it is deleted in the application, unless that is set to leave \
                  accounts as they are.";
    asking(Asking {
        label: "Delete",
        name: None,
        class: "danger",
        icon: "remove",
        question: Question { title: format!("Delete {name}?"), effect: effect.to_owned(), verb: "Delete" },
        change: Change::delete(address)
            .said(format!("{name} was deleted"))
            .goto(Page::Groups.path())
            .stale(endpoints::scim(&directory, "Groups"))
            .stale(endpoints::directory(&directory)),
    })
}

#[component]
fn AddMembers(place: StoredValue<Place>, open: RwSignal<bool>) -> impl IntoView {
    let act = use_act();
    let chosen = RwSignal::new(Vec::<Choice>::new());
    let sending = Sending::new();
    let add = Callback::new(move |()| {
        let members = chosen.get_untracked();
        if members.is_empty() {
            sending.error.set("Choose at least one person.".to_owned());
            return;
        }
        let total = u64::try_from(members.len()).unwrap_or_default();
        let values = members.into_iter().map(|choice| scim::object([("value", choice.id.into())]));
        let values: Vec<Value> = values.collect();
        let change = place
            .get_value()
            .patch(vec![scim::operation("add", "members", values.into())])
            .said(format!("{} added", count(total, "member", "members")))
            .close(open);
        act.send(sending, change);
    });
    view! {
        <Picker label="Search people" directory=place.with_value(|place| place.directory.clone()) pick=Pick::People chosen=chosen />
        {dialog_end("Add", sending, open, add)}
    }
    .into_any()
}
