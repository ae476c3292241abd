//! Deleted people: who left the workforce directory in the last 30 days, and the way back.

use crate::api::endpoints;
use crate::api::odata::{skip_token, with_query};
use crate::app::use_session;
use crate::cache::Remote;
use crate::parts::act::{Change, use_act};
use crate::parts::create::Sending;
use crate::parts::paging::older;
use crate::parts::query::use_query;
use crate::parts::remote::show;
use crate::paths::Page;
use crate::ui::button::Button;
use crate::ui::page::PageHead;
use crate::ui::panel::Panel;
use crate::ui::state::{empty, message};
use crate::ui::table;
use crate::ui::time::time;
use api::collection::Collection;
use api::directory::DeletedItem;
use leptos::prelude::*;
use serde_json::Value;

/// The list, the last deleted first.
#[component]
pub(crate) fn Deleted() -> impl IntoView {
    let directory = StoredValue::new(use_session().workforce_directory_id);
    let query = use_query();
    let items = Remote::<Collection<DeletedItem>>::keeping(move || {
        let path = directory.with_value(|id| endpoints::directory_part(id, "deletedItems"));
        with_query(&path, &[("$top", "50"), ("$skiptoken", &query.get("skiptoken"))])
    });
    let sending = Sending::new();
    let list = show(items, move |list: Collection<DeletedItem>| {
        if list.value.is_empty() {
            let why =
                "Who is deleted from the workforce directory stays here for 30 days and can be brought back.";
            return empty("Nobody was deleted", why, None);
        }
        let next = list.next_link.as_deref().and_then(skip_token);
        let rows = list.value.into_iter().map(|item| item_row(item, directory, sending)).collect();
        let columns = &["Name", "User name", "Type", "Deleted", "Removed for good", ""];
        view! { {table::table("Deleted people", columns, rows)} {older(query, next)} }.into_any()
    });
    view! {
        <PageHead title="Deleted people" trail=vec![("People".to_owned(), Page::People.path())] />
        <p class="faint">
            "Whoever is restored comes back with manager and groups, and the next cycle enables the accounts in the \
             applications again."
        </p>
        {message("bad", move || sending.error.get())}
        <Panel title="Kept for 30 days">{list}</Panel>
    }
    .into_any()
}

fn item_row(item: DeletedItem, directory: StoredValue<String>, sending: Sending) -> AnyView {
    let act = use_act();
    let (id, name) = (item.id, item.display_name.clone());
    let label = format!("Restore {name}");
    let restore = Callback::new(move |()| {
        let directory = directory.get_value();
        let path = ["deletedItems/", &crate::text::encode(&id), "/restore"].concat();
        let change = Change::post(endpoints::directory_part(&directory, &path), &Value::Null)
            .said(format!("{name} was restored"))
            .stale(endpoints::directory(&directory))
            .stale(endpoints::scim(&directory, ""));
        act.send(sending, change);
    });
    let button = view! { <Button label="Restore" name=label class="small" icon_name="restart" on_click=restore changes=true /> };
    table::row(vec![
        table::heading(item.display_name),
        table::text(item.user_name.unwrap_or_default()),
        table::text(if item.kind == "group" { "Group" } else { "User" }),
        table::cell(time(&item.deleted_date_time)),
        table::cell(time(&item.purge_date_time)),
        table::buttons(button.into_any()),
    ])
}
