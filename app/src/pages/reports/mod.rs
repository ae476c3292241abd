//! Application → Activity reports: one a cycle.

mod report;

pub(crate) use report::Report;

use crate::api::endpoints;
use crate::api::odata::{skip_token, with_query};
use crate::cache::{Remote, poll};
use crate::parts::application::{ApplicationData, ApplicationHead};
use crate::parts::paging::{older, past_the_end};
use crate::parts::query::use_query;
use crate::parts::remote::show;
use crate::parts::words::{cycle_badge, cycle_kind};
use crate::paths::{self, ApplicationTab, Page};
use crate::text::duration;
use crate::ui::button::link_button;
use crate::ui::live::{live, memo};
use crate::ui::panel::Panel;
use crate::ui::state::{empty, skeleton};
use crate::ui::table;
use crate::ui::time::time;
use api::collection::Collection;
use api::cycle::Cycle;
use leptos::prelude::*;

/// Cycles of a page of the list.
const PAGE: &str = "100";

/// The list of cycles.
#[component]
pub(crate) fn Reports(
    /// The application's id.
    id: String,
) -> impl IntoView {
    let data = ApplicationData::new(&id);
    let of = StoredValue::new(id.clone());
    let query = use_query();
    let cycles = Remote::<Collection<Cycle>>::keeping(move || {
        let job = data.job_id();
        if job.is_empty() {
            return job;
        }
        let address = endpoints::job(&of.get_value(), &job, "cycles");
        with_query(&address, &[("$top", PAGE), ("$skiptoken", &query.get("skiptoken"))])
    });
    let running = memo(move || {
        cycles.value().is_some_and(|list| list.value.iter().any(|cycle| cycle.state == "running"))
    });
    let prefix = endpoints::jobs(&id);
    poll(move || prefix.clone(), move || running.get_untracked());
    let job = memo(move || data.known_job());
    let content = live(move || match job.get().map(|id| !id.is_empty()) {
        None => skeleton(),
        Some(false) => none(&of.get_value()),
        Some(true) => show(cycles, move |list| {
            let application = of.get_value();
            let next = list.next_link.as_deref().and_then(skip_token);
            if list.value.is_empty() {
                let at_start = untrack(|| query.get("skiptoken")).is_empty();
                return if at_start { none(&application) } else { past_the_end(query) };
            }
            let rows = list.value.iter().map(|cycle| cycle_row(cycle, &application)).collect();
            let columns = &[
                "Cycle",
                "State",
                "Started",
                "Duration",
                "#In scope",
                "#Created",
                "#Updated",
                "#Disabled",
                "#Deleted",
                "#Failed",
            ];
            view! { {table::table("Activity reports", columns, rows)} {older(query, next)} }.into_any()
        }),
    });
    view! {
        <ApplicationHead id=id data=data tab=ApplicationTab::Reports />
        <Panel title="Cycles">{content}</Panel>
    }
    .into_any()
}

fn none(application: &str) -> AnyView {
    let next = link_button(
        "Go to the overview",
        "next",
        "",
        paths::application(application, ApplicationTab::Overview),
    );
    empty(
        "No cycle has run yet",
        "Start provisioning; every cycle leaves a report, kept for 30 days.",
        Some(next),
    )
}

fn cycle_row(cycle: &Cycle, application: &str) -> AnyView {
    let href = Page::Report(application.to_owned(), cycle.id.clone()).path();
    let counts = cycle.counts;
    let mut cells = vec![
        table::heading_link(cycle_kind(&cycle.kind), href),
        table::cell(cycle_badge(&cycle.state)),
        table::cell(time(&cycle.started_date_time)),
        table::text(how_long(cycle)),
    ];
    let numbers =
        [counts.in_scope, counts.created, counts.updated, counts.disabled, counts.deleted, counts.failed];
    cells.extend(numbers.map(table::number));
    table::row(cells)
}

/// How long a cycle took; nothing while it runs.
fn how_long(cycle: &Cycle) -> String {
    let ended = cycle.ended_date_time.as_deref().and_then(crate::browser::parse_time);
    let began = crate::browser::parse_time(&cycle.started_date_time);
    ended.zip(began).map_or_else(String::new, |(ended, began)| duration(ended - began))
}
