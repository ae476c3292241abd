//! What happened to a person of a directory, newest first, read further back on demand.

use crate::api::odata::{skip_token, with_query};
use crate::api::{endpoints, read_as};
use crate::cache::{Remote, use_client};
use crate::parts::create::Sending;
use crate::parts::remote::show;
use crate::ui::badge::{Tone, badge};
use crate::ui::button::Button;
use crate::ui::live::{live, live_option};
use crate::ui::state::{empty, message};
use crate::ui::table;
use crate::ui::time::time;
use api::activity::HistoryEntry;
use api::collection::Collection;
use leptos::prelude::*;

/// The history of a person.
fn history(directory: &str, id: &str) -> AnyView {
    let below = ["users/", &crate::text::encode(id), "/history"].concat();
    let address = endpoints::directory_part(directory, &below);
    let first = address.clone();
    let page = Remote::<Collection<HistoryEntry>>::new(move || with_query(&first, &[("$top", "50")]));
    show(page, move |list: Collection<HistoryEntry>| entries(address.clone(), list))
}

/// The same in a box that opens.
pub(crate) fn past(directory: &str, id: &str) -> AnyView {
    let list = history(directory, id);
    view! { <details class="panel" open><summary>"Change history"</summary>{list}</details> }.into_any()
}

fn entries(address: String, list: Collection<HistoryEntry>) -> AnyView {
    let client = use_client();
    let sending = Sending::new();
    let next = RwSignal::new(list.next_link.as_deref().and_then(skip_token));
    let shown = RwSignal::new(list.value);
    let back = Callback::new(move |()| {
        let Some(token) = next.get_untracked() else { return };
        let path = with_query(&address, &[("$top", "50"), ("$skiptoken", &token)]);
        sending.run(async move {
            let answer = client.get::<serde_json::Value>(&path).await.map_err(|error| error.text())?;
            let page = read_as::<Collection<HistoryEntry>>(&answer).map_err(|error| error.text())?;
            shown.update(|shown| shown.extend(page.value));
            next.set(page.next_link.as_deref().and_then(skip_token));
            Ok(())
        });
    });
    let rows = live(move || {
        let shown = shown.get();
        if shown.is_empty() {
            let why = "Changes are kept for 30 days.";
            return empty("Nothing happened lately", why, None);
        }
        let rows = shown.into_iter().map(entry_row).collect();
        table::table("Change history", &["Date", "What happened", "By"], rows)
    });
    let further = live_option(move || {
        next.read().is_some().then(|| {
            view! {
                <div class="actions"><Button label="Look further back" on_click=back busy=sending.busy /></div>
            }
            .into_any()
        })
    });
    view! {
        {rows}
        {further}
        {message("bad", move || sending.error.get())}
    }
    .into_any()
}

fn entry_row(entry: HistoryEntry) -> AnyView {
    let (tone, word) = match entry.activity.as_str() {
        "create" => (Tone::Good, "Created"),
        "update" => (Tone::Info, "Changed"),
        "delete" => (Tone::Bad, "Deleted"),
        "restore" => (Tone::Good, "Restored"),
        "memberAdded" => (Tone::Info, "Added to the group"),
        "memberRemoved" => (Tone::Info, "Removed from the group"),
        _ => (Tone::Neutral, "Removed for good"),
    };
    let names = entry.attributes.iter().map(|name| view! { <li>{table::technical(name)}</li> }.into_any());
    let names = names.collect::<Vec<_>>();
    let group = entry.group_display_name.or(entry.group_id).unwrap_or_default();
    let what = view! { {badge(tone, word)}" "{group} <ul>{names}</ul> };
    table::row(vec![
        table::cell(time(&entry.date_time)),
        table::cell(what.into_any()),
        table::text(entry.client.unwrap_or_else(|| "–".to_owned())),
    ])
}
