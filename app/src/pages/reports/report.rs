//! The activity report of a cycle: counts, errors, and every action.

use crate::api::endpoints;
use crate::api::odata::with_query;
use crate::cache::{Remote, poll};
use crate::pages::audit::change_list;
use crate::pages::overview::cycle::counts;
use crate::parts::application::ApplicationData;
use crate::parts::directory_list::{nothing_matches, options};
use crate::parts::query::{Query, bound, selected, use_query};
use crate::parts::remote::show;
use crate::parts::words::{action, cycle_badge, cycle_kind, status_badge};
use crate::paths::{self, ApplicationTab, Page};
use crate::text::{capitalize, distinct, duration, fold, number};
use crate::ui::button::{Button, download, link_button};
use crate::ui::field::{SelectField, TextField};
use crate::ui::icon::icon;
use crate::ui::live::{live, memo};
use crate::ui::page::PageHead;
use crate::ui::panel::{Panel, facts, plain};
use crate::ui::state::empty;
use crate::ui::table;
use crate::ui::time::absolute;
use api::cycle::{ActivityReport, ReportEntry};
use api::log::ModifiedProperty;
use leptos::prelude::*;

/// Actions are shown in steps of so many.
const STEP: usize = 200;

/// The page of a report.
#[component]
pub(crate) fn Report(
    /// The application's id.
    application: String,
    /// The cycle's id.
    cycle: String,
) -> impl IntoView {
    let data = ApplicationData::new(&application);
    let place = StoredValue::new((application.clone(), cycle));
    let address = move |kind: &'static str| {
        let job = data.job_id();
        let (application, cycle) = place.get_value();
        if job.is_empty() { job } else { endpoints::report(&application, &job, &cycle, kind) }
    };
    let report = Remote::<ActivityReport>::new(move || address(""));
    let running = memo(move || report.value().is_some_and(|report| report.cycle.state == "running"));
    let prefix = endpoints::jobs(&application);
    poll(move || prefix.clone(), move || running.get_untracked());
    let trail = Signal::derive(move || {
        let (application, _) = place.get_value();
        vec![
            ("Enterprise applications".to_owned(), Page::Applications.path()),
            (data.name(), paths::application(&application, ApplicationTab::Overview)),
            ("Activity reports".to_owned(), paths::application(&application, ApplicationTab::Reports)),
        ]
    });
    let downloads = live(move || {
        vec![download("Download CSV", address(".csv")), download("Download JSON", address(""))].into_any()
    });
    let query = use_query();
    let many = RwSignal::new(STEP);
    view! {
        <PageHead title="Activity report" trail=trail actions=downloads />
        {data.failure()}
        {show(report, move |report| report_view(report, query, many, place))}
    }
    .into_any()
}

fn report_view(
    report: ActivityReport,
    query: Query,
    many: RwSignal<usize>,
    place: StoredValue<(String, String)>,
) -> AnyView {
    let cycle = &report.cycle;
    let ended = cycle.ended_date_time.as_deref().map_or_else(|| plain("still running"), absolute);
    let head = facts(vec![
        ("Application", plain(report.service_principal_display_name.clone())),
        ("Cycle", plain(cycle_kind(&cycle.kind))),
        ("State", cycle_badge(&cycle.state)),
        ("Started", absolute(&cycle.started_date_time)),
        ("Ended", ended),
        ("Duration", plain(duration(report.duration_in_milliseconds))),
    ]);
    let failure = cycle.error.clone().map(|error| {
        view! { <div class="notice bad">{icon("error")}<p class="pre">{error.code}": "{error.message}</p></div> }.into_any()
    });
    let errors = (!report.errors.is_empty()).then(|| {
        let rows = report
            .errors
            .iter()
            .map(|error| table::row(vec![table::code(error.code.clone()), table::number(error.count)]));
        let rows = rows.collect();
        view! { <Panel title="Errors">{table::table("Errors", &["Code", "#Count"], rows)}</Panel> }.into_any()
    });
    let (application, cycle_id) = place.get_value();
    let logs = paths::application(&application, ApplicationTab::Logs);
    let logs =
        link_button("Show in the provisioning log", "log", "", with_query(&logs, &[("cycle", &cycle_id)]));
    let tiles = counts(&cycle.counts);
    view! {
        {failure}
        <div class="columns"><Panel title="Cycle">{head}</Panel><Panel title="Counts">{tiles}</Panel></div>
        {errors}
        <Panel title="Actions" actions=logs><Entries entries=report.entries truncated=report.truncated query=query many=many /></Panel>
    }
    .into_any()
}

/// Whether an entry is among what was searched for; the person's name is in small letters.
fn matches(entry: &ReportEntry, person: &str, status: &str, wanted: &str) -> bool {
    fold(&entry.source_display_name).contains(person)
        && (status.is_empty() || entry.status == status)
        && (wanted.is_empty() || entry.action == wanted)
}

#[component]
fn Entries(entries: Vec<ReportEntry>, truncated: bool, query: Query, many: RwSignal<usize>) -> impl IntoView {
    let (person, status, act) =
        (bound(query, "person"), selected(query, "status"), selected(query, "action"));
    let words = |values: Vec<String>| {
        let mut words = options(&[("", "All")]);
        words.extend(values.into_iter().map(|value| (value.clone(), capitalize(&value))));
        words
    };
    let values = |read: fn(&ReportEntry) -> &String| distinct(entries.iter().map(read));
    let (statuses, actions) = (words(values(|entry| &entry.status)), words(values(|entry| &entry.action)));
    let entries = StoredValue::new(entries);
    let list = live(move || {
        let (person, status, act) = (fold(person.read().trim()), status.get(), act.get());
        entries.with_value(|entries| {
            if entries.is_empty() {
                return empty("Nothing was done", "Source and target were equal already.", None);
            }
            let found: Vec<&ReportEntry> =
                entries.iter().filter(|entry| matches(entry, &person, &status, &act)).collect();
            if found.is_empty() {
                return nothing_matches();
            }
            let rows = found.iter().take(many.get()).map(|entry| entry_row(entry)).collect();
            let columns = &["Date", "Identity", "Action", "Status", "Changes or reason"];
            let total = u64::try_from(found.len()).unwrap_or_default();
            let shown = u64::try_from(found.len().min(many.get())).unwrap_or_default();
            let more = (total > shown).then(|| {
                let act = Callback::new(move |()| many.update(|many| *many += STEP));
                view! { <Button label="Show more" on_click=act /> }.into_any()
            });
            view! {
                <p role="status">{number(shown)}" of "{number(total)}" actions shown"</p>
                <div class="entries">{table::table("Actions", columns, rows)}</div>
                {more}
            }
            .into_any()
        })
    });
    let cut = truncated.then(|| {
        view! { <p class="hint">"The report holds the first 10,000 actions. The provisioning log has all of them."</p> }.into_any()
    });
    view! {
        <div class="toolbar" role="search">
            <div class="grow"><TextField label="Person" value=person kind="search" placeholder="Name" /></div>
            <SelectField label="Status" value=status options=statuses />
            <SelectField label="Action" value=act options=actions />
        </div>
        {cut}
        {list}
    }
    .into_any()
}

/// One line a changed property.
fn changes(changes: &str) -> AnyView {
    let changes = changes.split("; ").filter(|change| !change.is_empty()).map(property);
    change_list(&changes.collect::<Vec<_>>().iter().collect::<Vec<_>>())
}

/// A change as the report writes it, `name: old → new` with `∅` for nothing; of a URN only the attribute.
fn property(change: &str) -> ModifiedProperty {
    let (name, values) = change.split_once(": ").unwrap_or((change, ""));
    let (old, new) = values.split_once(" → ").unwrap_or(("", values));
    let value = |text: &str| (text != "∅").then(|| text.to_owned());
    let name = name.rsplit(':').next().unwrap_or(name);
    ModifiedProperty { display_name: name.to_owned(), old_value: value(old), new_value: value(new) }
}

fn entry_row(entry: &ReportEntry) -> AnyView {
    let error = match (&entry.error_code, &entry.reason) {
        (Some(code), Some(reason)) => format!("{code}: {reason}"),
        (Some(text), None) | (None, Some(text)) => text.clone(),
        (None, None) => String::new(),
    };
    // That nothing has to be done needs no line in every row.
    let advice = entry.recommended_action.clone().filter(|advice| advice != "Nothing.").unwrap_or_default();
    let lines = [(error, ""), (advice, "hint")].into_iter().filter(|(text, _)| !text.is_empty());
    let lines = lines.map(|(text, class)| view! { <p class=class>{text}</p> }.into_any()).collect::<Vec<_>>();
    let page = if entry.object_type.as_deref() == Some("Group") { Page::Group } else { Page::Person };
    table::row(vec![
        table::cell(absolute(&entry.date_time)),
        table::heading_link(entry.source_display_name.clone(), page(entry.source_id.clone()).path()),
        table::text(action(&entry.action)),
        table::cell(status_badge(&entry.status)),
        view! { <td>{lines}{changes(&entry.changes)}</td> }.into_any(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_taken_apart() {
        let check = |change: &str, name: &str, old: Option<&str>, new: Option<&str>| {
            let property = property(change);
            assert_eq!(
                (
                    property.display_name.as_str(),
                    property.old_value.as_deref(),
                    property.new_value.as_deref()
                ),
                (name, old, new)
            );
        };
        check("userName: ∅ → ada@x", "userName", None, Some("ada@x"));
        check("urn:a:2.0:User:department: IT → HR: EU", "department", Some("IT"), Some("HR: EU"));
        check("title: CEO → ∅", "title", Some("CEO"), None);
    }

    #[test]
    fn entries_are_found_by_person_status_and_action() {
        let entry = ReportEntry {
            date_time: String::new(),
            action: "create".to_owned(),
            status: "success".to_owned(),
            object_type: None,
            source_id: String::new(),
            source_display_name: "Zoë Müller".to_owned(),
            target_id: None,
            changes: String::new(),
            error_code: None,
            reason: None,
            recommended_action: None,
        };
        assert!(matches(&entry, "müll", "", "create"));
        assert!(!matches(&entry, "", "failure", ""));
        assert!(!matches(&entry, "ada", "", ""));
    }
}
