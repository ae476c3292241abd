//! One group and its members.

use crate::api::odata::scim_literal;
use crate::api::{Body, endpoints, scim};
use crate::app::use_session;
use crate::cache::{Client, Remote, use_client};
use crate::parts::create::Sending;
use crate::parts::picker::{Choice, Pick, Picker};
use crate::parts::remote::show;
use crate::paths::Page;
use crate::text::count;
use crate::ui::button::Button;
use crate::ui::confirm::use_confirm;
use crate::ui::dialog::Dialog;
use crate::ui::live::live;
use crate::ui::page::PageHead;
use crate::ui::panel::Panel;
use crate::ui::state::{empty, message};
use crate::ui::table;
use crate::ui::toast::use_toasts;
use gloo_net::http::Method;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use serde_json::{Value, json};

/// Members are shown in steps of so many.
const STEP: usize = 200;

#[derive(Clone)]
struct Place {
    directory: String,
    address: String,
}

impl Place {
    /// Sends operations on the group and forgets what they touch.
    async fn patch(self, client: Client, operations: Vec<Value>) -> Result<(), String> {
        let answer = client.send(Method::PATCH, &self.address, Body::scim(&scim::patch(operations))).await;
        answer.map_err(|error| error.text())?;
        client.invalidate(&endpoints::scim(&self.directory, ""));
        Ok(())
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
    let fetched = address.clone();
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
        <Button label="Add members" class="primary" icon_name="add" on_click=Callback::new(move |()| adding.set(true)) />
        {delete_button(name.clone(), place)}
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
    let client = use_client();
    let toasts = use_toasts();
    let confirm = use_confirm();
    let id = scim::text(member, &["value"]);
    let name = scim::text(member, &["display"]);
    let name = if name.is_empty() { id.clone() } else { name };
    let (label, href) = (format!("Remove {name}"), Page::Person(id.clone()).path());
    let (who, group) = (name.clone(), group.to_owned());
    let remove = Callback::new(move |()| {
        let (id, who, group) = (id.clone(), who.clone(), group.clone());
        let effect =
            format!("{who} leaves {group}, and loses every application that is assigned through it alone.");
        confirm.ask(format!("Remove {who}?"), effect, "Remove", move || {
            let path = format!("members[value eq {}]", scim_literal(&id));
            let who = who.clone();
            async move {
                place.get_value().patch(client, vec![json!({ "op": "remove", "path": path })]).await?;
                toasts.show(format!("{who} was removed"));
                Ok(())
            }
        });
    });
    let button = view! { <Button label="Remove" name=label class="small" on_click=remove /> };
    table::row(vec![table::heading_link(name, href), view! { <td class="number">{button}</td> }.into_any()])
}

fn delete_button(name: String, place: StoredValue<Place>) -> AnyView {
    let client = use_client();
    let toasts = use_toasts();
    let confirm = use_confirm();
    let navigate = use_navigate();
    let delete = Callback::new(move |()| {
        let (name, navigate) = (name.clone(), navigate.clone());
        let effect = "Its members stay in the directory, but lose every application that is assigned through this group alone.";
        confirm.ask(format!("Delete {name}?"), effect, "Delete", move || {
            let (name, navigate) = (name.clone(), navigate.clone());
            async move {
                let Place { directory, address } = place.get_value();
                client.delete(&address).await.map_err(|error| error.text())?;
                client.invalidate(&format!("{}?", endpoints::scim(&directory, "Groups")));
                client.invalidate(&endpoints::directory(&directory));
                toasts.show(format!("{name} was deleted"));
                navigate(&Page::Groups.path(), Default::default());
                Ok(())
            }
        });
    });
    view! { <Button label="Delete" class="danger" icon_name="remove" on_click=delete /> }.into_any()
}

#[component]
fn AddMembers(place: StoredValue<Place>, open: RwSignal<bool>) -> impl IntoView {
    let client = use_client();
    let toasts = use_toasts();
    let chosen = RwSignal::new(Vec::<Choice>::new());
    let sending = Sending::new();
    let add = Callback::new(move |()| {
        let members = chosen.get_untracked();
        if members.is_empty() {
            sending.error.set("Choose at least one person.".to_owned());
            return;
        }
        let total = u64::try_from(members.len()).unwrap_or_default();
        let values: Vec<Value> = members.into_iter().map(|choice| json!({ "value": choice.id })).collect();
        sending.run(async move {
            let operations = vec![json!({ "op": "add", "path": "members", "value": values })];
            place.get_value().patch(client, operations).await?;
            toasts.show(format!("{} added", count(total, "member", "members")));
            open.set(false);
            Ok(())
        });
    });
    view! {
        <Picker label="Search people" directory=place.with_value(|place| place.directory.clone()) pick=Pick::People chosen=chosen />
        {message("bad", move || sending.error.get())}
        <footer class="actions">
            <Button label="Add" class="primary" on_click=add busy=sending.busy />
            <Button label="Cancel" on_click=Callback::new(move |()| open.set(false)) />
        </footer>
    }
    .into_any()
}
