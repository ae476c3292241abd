//! Application → Insights: what the provisioning log comes to. Every chart stands in or above the table of its numbers,
//! and every number leads to the entries it counts.

use crate::api::odata::{literal, with_query};
use crate::api::{endpoints, scim};
use crate::browser;
use crate::cache::Remote;
use crate::parts::application::{ApplicationData, ApplicationHead};
use crate::parts::directory_list::options;
use crate::parts::query::{selected, use_query};
use crate::parts::remote::show;
use crate::parts::words::{action, status_badge};
use crate::paths::{self, ApplicationTab};
use crate::text::{distinct, duration, number};
use crate::ui::button::link_button;
use crate::ui::field::SelectField;
use crate::ui::live::memo;
use crate::ui::panel::{panel, tiles};
use crate::ui::state::empty;
use crate::ui::table;
use leptos::prelude::*;
use serde_json::Value;

/// Outcomes of an entry, from the bottom of a bar upwards.
const STATUSES: [&str; 4] = ["success", "skipped", "warning", "failure"];
/// Length of a whole bar; drawn to the width that there is.
const WHOLE: u64 = 1000;
const DAY: i64 = 86_400_000;

/// The page.
#[component]
pub(crate) fn Insights(
    /// The application's id.
    id: String,
) -> impl IntoView {
    let data = ApplicationData::new(&id);
    let query = use_query();
    let of = StoredValue::new(id.clone());
    let path = memo(move || {
        let mut filter = format!("servicePrincipal/id eq {}", literal(&of.get_value()));
        let days = match query.get("days").as_str() {
            "7" => 7,
            "90" => 90,
            _ => 0,
        };
        if days > 0 {
            let from = browser::rfc3339(browser::now().saturating_sub(days * DAY));
            filter.push_str(" and activityDateTime ge ");
            filter.push_str(from.get(..10).unwrap_or_default());
            filter.push_str("T00:00:00Z");
        }
        with_query(&endpoints::log_statistics(), &[("$filter", &filter)])
    });
    let statistics = Remote::<Value>::new(move || path.get());
    let content = show(statistics, move |found| charts(&found, &of.get_value()));
    let days = selected(query, "days");
    let periods = options(&[("7", "Last 7 days"), ("", "Last 30 days"), ("90", "Last 90 days")]);
    view! {
        <ApplicationHead id=id data=data tab=ApplicationTab::Insights />
        <div class="toolbar" role="search"><SelectField label="Period" value=days options=periods /></div>
        {content}
    }
    .into_any()
}

/// The sum of the counts whose properties have these values.
fn sum(counts: &[Value], wanted: &[(&str, &str)]) -> u64 {
    let fits = |line: &&Value| wanted.iter().all(|(name, value)| scim::text(line, &[name]) == *value);
    counts.iter().filter(fits).map(|line| amount(line, "count")).sum()
}

fn amount(line: &Value, name: &str) -> u64 {
    line.get(name).and_then(Value::as_u64).unwrap_or_default()
}

fn charts(found: &Value, application: &str) -> AnyView {
    let counts = scim::values(found, "counts");
    let log = paths::application(application, ApplicationTab::Logs);
    if counts.is_empty() {
        let href = paths::application(application, ApplicationTab::Overview);
        let next = link_button("Go to the overview", "next", "", href);
        return empty("No entries in this time", "Every cycle adds to these numbers.", Some(next));
    }
    let of = |status| sum(&counts, &[("status", status)]);
    let (good, failed) = (of("success"), of("failure"));
    let cut = scim::text(found, &["truncated"]) == "true";
    let cut = cut.then(|| view! { <p class="hint">"Only the newest entries are counted."</p> }.into_any());
    let errors = scim::values(found, "errors");
    let durations = scim::values(found, "durations");
    let summary = tiles(&[
        ("Entries", sum(&counts, &[])),
        ("Percent that succeeded", (good * 100).checked_div(good + failed).unwrap_or(100)),
        ("Skipped", of("skipped")),
        ("Failed", failed),
    ]);
    // The period that is counted: the log shows the entries of the same.
    let from = scim::text(found, &["from"]);
    let log = Log { path: &log, since: from.get(..10).unwrap_or_default() };
    let by_error = panel("Most frequent errors", by_error(&errors, log));
    let by_duration = panel("Durations", by_duration(&durations, log));
    let columns = view! { <div class="columns">{vec![by_error, by_duration]}</div> }.into_any();
    let (by_day, by_action) = (by_day(&counts, log), by_action(&counts, log));
    vec![summary, cut.into_any(), panel("By day", by_day), panel("By action", by_action), columns].into_any()
}

/// The log that numbers lead to.
#[derive(Clone, Copy)]
struct Log<'a> {
    path: &'a str,
    /// The first day of the period.
    since: &'a str,
}

impl Log<'_> {
    /// The entries of the period with these values; those of one day are within it.
    fn of(self, query: &[(&str, &str)]) -> String {
        let since = if query.iter().any(|(name, _)| *name == "day") { "" } else { self.since };
        with_query(self.path, &[query, &[("since", since)]].concat())
    }
}

/// A number that leads to its entries.
fn linked(value: u64, href: String) -> AnyView {
    if value == 0 {
        return table::number(value);
    }
    view! { <td class="number"><a href=href>{number(value)}</a></td> }.into_any()
}

/// A drawing. It repeats the table beside it, so that it is for the eye and the pointer only.
fn drawing(class: &'static str, height: u64, shapes: String) -> AnyView {
    let markup = format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {WHOLE} {height}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">{shapes}</svg>"
    );
    view! { <div inner_html=markup></div> }.into_any()
}

/// A rectangle that leads somewhere. Names and addresses come from [`STATUSES`] and [`with_query`]: no markup is in them.
fn shape(class: &str, at: (u64, u64), size: (u64, u64), href: &str) -> String {
    let ((x, y), (width, height)) = (at, size);
    let href = href.replace('&', "&amp;");
    format!(
        "<a href=\"{href}\" tabindex=\"-1\"><rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/></a>"
    )
}

/// A bar of parts, in a cell.
fn bar(parts: &[(&str, u64, String)], most: u64) -> AnyView {
    let (mut shapes, mut at) = (String::new(), 0);
    for (class, value, href) in parts.iter().filter(|(_, value, _)| *value > 0) {
        let width = (value * WHOLE / most.max(1)).max(4);
        shapes.push_str(&shape(class, (at, 0), (width, 10), href));
        at += width;
    }
    view! { <td class="bar-cell">{drawing("bar-chart", 10, shapes)}</td> }.into_any()
}

/// The outcomes of the entries that have a value, as numbers and as parts of a bar.
fn outcomes(counts: &[Value], by: (&str, &str), link: (Log, &str)) -> Vec<(&'static str, u64, String)> {
    let (log, name) = link;
    let mut parts = Vec::new();
    for status in STATUSES {
        let value = sum(counts, &[by, ("status", status)]);
        parts.push((status, value, log.of(&[(name, by.1), ("status", status)])));
    }
    parts
}

fn total(parts: &[(&str, u64, String)]) -> u64 {
    parts.iter().map(|(_, value, _)| value).sum()
}

fn legend() -> AnyView {
    let mut items = Vec::new();
    for status in STATUSES {
        items.push(status_badge(status));
    }
    view! { <div class="legend">{items}</div> }.into_any()
}

fn by_day(counts: &[Value], log: Log) -> AnyView {
    let dates = counts.iter().map(|line| scim::text(line, &["date"])).collect::<Vec<_>>();
    // They come in the order of time.
    let dates = distinct(dates.iter());
    let days = dates.iter().map(|date| outcomes(counts, ("date", date), (log, "day"))).collect::<Vec<_>>();
    let most = days.iter().map(|parts| total(parts)).max().unwrap_or_default().max(1);
    let step = WHOLE / u64::try_from(days.len()).unwrap_or(1).max(1);
    let (mut shapes, mut x) = (String::new(), 0);
    for parts in &days {
        let mut top = 200;
        for (class, value, href) in parts.iter().filter(|(_, value, _)| *value > 0) {
            let height = (value * 200 / most).clamp(2, top);
            top -= height;
            shapes.push_str(&shape(class, (x, top), (step.clamp(3, 100) - 2, height), href));
        }
        x += step.min(100);
    }
    let rows = dates.into_iter().zip(days).rev().map(|(date, parts)| {
        let mut cells = vec![table::heading_link(date.clone(), log.of(&[("day", &date)]))];
        cells.extend(parts.into_iter().map(|(_, value, href)| linked(value, href)));
        table::row(cells)
    });
    let columns = &["Day (UTC)", "#Success", "#Skipped", "#Warning", "#Failure"];
    view! {
        {legend()}
        {drawing("day-chart", 200, shapes)}
        {table::table("Entries by day", columns, rows.collect())}
    }
    .into_any()
}

fn by_action(counts: &[Value], log: Log) -> AnyView {
    let actions = counts.iter().map(|line| scim::text(line, &["provisioningAction"])).collect::<Vec<_>>();
    let lines = distinct(actions.iter()).into_iter().map(|name| {
        let parts = outcomes(counts, ("provisioningAction", &name), (log, "action"));
        (name, parts)
    });
    let lines = lines.collect::<Vec<_>>();
    let most = lines.iter().map(|(_, parts)| total(parts)).max().unwrap_or_default();
    let rows = lines.into_iter().map(|(name, parts)| {
        let href = log.of(&[("action", &name)]);
        let mut cells = vec![table::heading_link(action(&name), href), bar(&parts, most)];
        cells.extend(parts.into_iter().map(|(_, value, href)| linked(value, href)));
        table::row(cells)
    });
    let columns = &["Action", "Share", "#Success", "#Skipped", "#Warning", "#Failure"];
    table::table("Entries by action", columns, rows.collect())
}

fn by_error(errors: &[Value], log: Log) -> AnyView {
    if errors.is_empty() {
        return view! { <p class="faint">"No error in this time."</p> }.into_any();
    }
    let most = errors.iter().map(|line| amount(line, "count")).max().unwrap_or_default();
    let rows = errors.iter().map(|line| {
        let code = scim::text(line, &["errorCode"]);
        let href = log.of(&[("error", &code)]);
        let value = amount(line, "count");
        let example = log.of(&[("error", &code), ("open", &scim::text(line, &["example", "changeId"]))]);
        let name = format!("Example of {code}");
        table::row(vec![
            table::heading_link(code, href.clone()),
            bar(&[("failure", value, href.clone())], most),
            linked(value, href),
            view! { <td><a href=example aria-label=name>"Example"</a></td> }.into_any(),
        ])
    });
    table::table("Most frequent errors", &["Error code", "Share", "#Entries", "Newest"], rows.collect())
}

fn by_duration(durations: &[Value], log: Log) -> AnyView {
    if durations.is_empty() {
        return view! { <p class="faint">"Nothing was measured in this time."</p> }.into_any();
    }
    let most = durations.iter().map(|line| amount(line, "p95InMilliseconds")).max().unwrap_or_default();
    let rows = durations.iter().map(|line| {
        let name = scim::text(line, &["provisioningAction"]);
        let href = log.of(&[("action", &name)]);
        let (middle, slow) = (amount(line, "p50InMilliseconds"), amount(line, "p95InMilliseconds"));
        let time = |value: u64| {
            let text = duration(i64::try_from(value).unwrap_or(i64::MAX));
            view! { <td class="number">{text}</td> }.into_any()
        };
        let parts = [("half", middle, href.clone()), ("slow", slow.saturating_sub(middle), href.clone())];
        table::row(vec![
            table::heading_link(action(&name), href),
            bar(&parts, most),
            time(middle),
            time(slow),
            table::number(amount(line, "count")),
        ])
    });
    let columns = &["Action", "Median and 95%", "#Median", "#95%", "#Entries"];
    table::table("Durations", columns, rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn counts_add_up_by_what_is_asked_for() {
        let line =
            |date: &str, status: &str, count: u64| json!({"date": date, "status": status, "count": count});
        let counts = [line("1", "success", 3), line("1", "failure", 2), line("2", "success", 5)];
        assert_eq!(sum(&counts, &[]), 10);
        assert_eq!(sum(&counts, &[("status", "success")]), 8);
        let log = Log { path: "/logs", since: "2026-01-02" };
        let parts = outcomes(&counts, ("date", "1"), (log, "day"));
        assert_eq!(total(&parts), 5);
        assert_eq!(parts.first().map(|(_, _, href)| href.as_str()), Some("/logs?day=1&status=success"));
        assert_eq!(log.of(&[("error", "Timeout")]), "/logs?error=Timeout&since=2026-01-02");
    }

    #[test]
    fn addresses_in_a_drawing_are_escaped() {
        let text = shape("failure", (1, 2), (3, 4), "/logs?a=1&b=%22");
        assert!(text.contains("href=\"/logs?a=1&amp;b=%22\""));
    }
}
