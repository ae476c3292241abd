//! Application → Provisioning logs: one entry per object and cycle, with filters in the address.

mod drawer;
mod query;
mod views;

use crate::api::endpoints;
use crate::api::odata::{skip_token, with_query};
use crate::cache::Remote;
use crate::parts::application::{ApplicationData, ApplicationHead};
use crate::parts::directory_list::options;
use crate::parts::paging::older;
use crate::parts::query::{Query, bound, selected, use_query};
use crate::parts::remote::show;
use crate::parts::words::{ACTIONS, action, cycle_kind, status_badge};
use crate::paths::{self, ApplicationTab};
use crate::ui::button::{Button, download, link_button};
use crate::ui::field::{SelectField, TextField};
use crate::ui::icon::icon;
use crate::ui::live::{handler, live, live_option};
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use crate::ui::table;
use crate::ui::time::time;
use api::collection::Collection;
use api::cycle::Cycle;
use api::log::ProvisioningObjectSummary;
use leptos::prelude::*;
use query::LogQuery;

const PAGE: &str = "50";
/// The filters, as the address names them.
const FILTERS: &[&str] = &["status", "action", "person", "cycle", "source", "error", "day", "since"];

/// The filters as the address has them.
fn read(query: Query, application: &str) -> LogQuery {
    LogQuery {
        application: application.to_owned(),
        status: query.get("status"),
        action: query.get("action"),
        person: query.get("person"),
        cycle: query.get("cycle"),
        source: query.get("source"),
        error: query.get("error"),
        day: query.get("day"),
        since: query.get("since"),
        change: String::new(),
    }
}

/// The log page.
#[component]
pub(crate) fn Logs(
    /// The application's id.
    id: String,
) -> impl IntoView {
    let data = ApplicationData::new(&id);
    let query = use_query();
    let application = StoredValue::new(id.clone());
    let filters = move || application.with_value(|id| read(query, id));
    let entries = Remote::<Collection<ProvisioningObjectSummary>>::keeping(move || {
        let filter = filters().filter();
        let token = query.get("skiptoken");
        with_query(
            &endpoints::provisioning_logs(),
            &[("$filter", &filter), ("$top", PAGE), ("$skiptoken", &token)],
        )
    });
    let list = show(entries, move |list: Collection<ProvisioningObjectSummary>| {
        let next = list.next_link.as_deref().and_then(skip_token);
        if list.value.is_empty() {
            return match next {
                // The server looks at a part of a long log at once.
                Some(_) => {
                    let why = "Nothing among the entries that were looked at has all of these values; older ones may.";
                    view! { {empty("Nothing found so far", why, None)} {older(query, next)} }.into_any()
                }
                None => nothing(filters().is_narrowed(), query, application),
            };
        }
        let rows = list.value.iter().map(|entry| entry_row(entry, query)).collect();
        let columns = &["Date", "Identity", "Action", "Status", "Reason"];
        view! { {table::table("Provisioning logs", columns, rows)} {older(query, next)} }.into_any()
    });
    let downloads = live(move || {
        let filter = filters().filter();
        let link = |format| {
            with_query(&endpoints::provisioning_logs(), &[("$filter", &filter), ("$format", format)])
        };
        vec![download("Download CSV", link("csv")), download("Download JSON", link("json"))].into_any()
    });
    let refresh = Callback::new(move |()| entries.reload());
    let actions = view! { <Button label="Refresh" icon_name="sync" on_click=refresh /> {downloads} };
    view! {
        <ApplicationHead id=id.clone() data=data tab=ApplicationTab::Logs actions=actions.into_any() />
        <Filters application=id.clone() data=data query=query />
        {live_option(move || chips(query))}
        {views::views(&id, query, FILTERS)}
        <Panel title="Entries">{list}</Panel>
        <drawer::Drawer query=query application=application entries=entries />
    }
    .into_any()
}

#[component]
fn Filters(application: String, data: ApplicationData, query: Query) -> impl IntoView {
    let (person, status) = (bound(query, "person"), selected(query, "status"));
    let (act, cycle) = (selected(query, "action"), selected(query, "cycle"));
    let cycles = Remote::<Collection<Cycle>>::new(move || {
        let job = data.job_id();
        if job.is_empty() { job } else { endpoints::job(&application, &job, "cycles") }
    });
    let statuses = [
        ("", "All"),
        ("success", "Success"),
        ("failure", "Failure"),
        ("skipped", "Skipped"),
        ("warning", "Warning"),
    ];
    let names = move || {
        let mut names = options(&[("", "All")]);
        let cycles = cycles.value().map(|list| list.value).unwrap_or_default();
        names.extend(cycles.into_iter().map(|cycle| {
            let began = crate::browser::parse_time(&cycle.started_date_time)
                .map_or_else(|| cycle.started_date_time.clone(), crate::browser::local_time);
            (cycle.id, format!("{}, {began}", cycle_kind(&cycle.kind)))
        }));
        // A cycle that the list does not have any more can still be filtered by.
        let chosen = query.get("cycle");
        if !names.iter().any(|(id, _)| *id == chosen) {
            names.push((chosen.clone(), chosen));
        }
        names
    };
    view! {
        <div class="toolbar" role="search">
            <div class="grow"><TextField label="Person" value=person kind="search" placeholder="Name" /></div>
            <SelectField label="Status" value=status options=options(&statuses) />
            <SelectField label="Action" value=act options=options(&ACTIONS) />
            {live(move || view! { <SelectField label="Cycle" value=cycle options=names() /> }.into_any())}
        </div>
    }
    .into_any()
}

/// Filters that a link set and no field shows; each can be taken away.
fn chips(query: Query) -> Option<AnyView> {
    let names = [
        ("source", "One person or group"),
        ("error", "Error"),
        ("day", "Day (UTC)"),
        ("since", "Since (UTC)"),
    ];
    let chips = names.into_iter().filter_map(|(name, label)| {
        let value = query.get(name);
        let text = if name == "source" { label.to_owned() } else { format!("{label}: {value}") };
        let shown = format!("Remove the filter {text}");
        let remove = move |_| query.set(&[(name, ""), ("skiptoken", "")], false);
        (!value.is_empty()).then(|| {
            view! { <button type="button" aria-label=shown on:click=handler(remove)>{text}{icon("close")}</button> }
                .into_any()
        })
    });
    let chips = chips.collect::<Vec<_>>();
    (!chips.is_empty()).then(|| {
        view! { <div class="chips" role="group" aria-label="Filters of the link">{chips}</div> }.into_any()
    })
}

fn nothing(narrowed: bool, query: Query, application: StoredValue<String>) -> AnyView {
    if narrowed {
        let clear = Callback::new(move |()| {
            let mut cleared = FILTERS.iter().map(|name| (*name, "")).collect::<Vec<_>>();
            cleared.push(("skiptoken", ""));
            query.set(&cleared, false);
        });
        let button = view! { <Button label="Clear filters" on_click=clear /> };
        return empty("Nothing matches", "No entry has all of these values.", Some(button.into_any()));
    }
    let href = application.with_value(|id| paths::application(id, ApplicationTab::Overview));
    let next = link_button("Go to the overview", "next", "", href);
    empty("No entries yet", "They appear while a cycle runs, and are kept for 30 days.", Some(next))
}

fn entry_row(entry: &ProvisioningObjectSummary, query: Query) -> AnyView {
    let source = &entry.source_identity;
    let name = if source.display_name.is_empty() { source.id.clone() } else { source.display_name.clone() };
    let change = entry.change_id.clone();
    let open = move |_| query.set(&[("open", &change)], false);
    let label = format!("{name}: details");
    let error = entry.provisioning_status_info.error_information.as_ref();
    let reason = error.map(|error| format!("{}: {}", error.error_code, error.reason)).unwrap_or_default();
    table::row(vec![
        table::cell(time(&entry.activity_date_time)),
        view! {
            <th scope="row">
                <button type="button" class="linklike" aria-label=label aria-haspopup="dialog" on:click=handler(open)>{name}</button>
            </th>
        }
        .into_any(),
        table::text(action(&entry.provisioning_action)),
        table::cell(status_badge(&entry.provisioning_status_info.status)),
        table::text(reason),
    ])
}
