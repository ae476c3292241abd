//! What a drift check found, and the button that repairs it.

use super::is_running;
use super::items::Items;
use super::list::{STEP, name, reason_and_changes, rows_of};
use super::plan::{notice, progress};
use crate::api::endpoints;
use crate::api::scim::{text, values};
use crate::parts::act::{Asking, Change, Question, asking};
use crate::parts::application::ApplicationData;
use crate::parts::words::cycle_badge;
use crate::paths::{self, ApplicationTab, Page};
use crate::text::count;
use crate::ui::badge::{Tone, badge};
use crate::ui::live::{live, live_option};
use crate::ui::panel::{Panel, facts, plain};
use crate::ui::state::{empty, message, skeleton};
use crate::ui::table;
use crate::ui::time::absolute;
use api::log::ModifiedProperty;
use leptos::prelude::*;
use serde_json::Value;

/// How many accounts a check has compared.
pub(super) fn checked(check: &Value) -> String {
    count(check.get("checked").and_then(Value::as_u64).unwrap_or_default(), "account", "accounts")
}

/// A check as a whole.
pub(super) fn summary(check: &Value) -> AnyView {
    let get = |property: &str| text(check, &[property]);
    let progress = is_running(check).then(|| progress("Progress of the check", checked(check) + " compared"));
    let state = get("state");
    let problem = matches!(state.as_str(), "failed" | "cancelled").then(|| {
        let why = text(check, &["error", "message"]);
        notice("notice bad", "error", format!("The check did not come to its end. {why}"))
    });
    let ended = get("endedDateTime");
    let head = facts(vec![
        ("State", cycle_badge(&state)),
        ("Compared", plain(checked(check))),
        ("Begun", absolute(&get("createdDateTime"))),
        ("Ended", if ended.is_empty() { plain("still under way") } else { absolute(&ended) }),
        ("Kept until", absolute(&get("expirationDateTime"))),
    ]);
    view! { <Panel title="Check">{problem}{progress}{head}</Panel> }.into_any()
}

/// What was found by the check at an address.
pub(super) fn list(
    items: Items,
    address: Memo<String>,
    application: StoredValue<String>,
    data: ApplicationData,
) -> AnyView {
    let many = RwSignal::new(STEP);
    let rows = live(move || {
        let all = items.list.read();
        let all = all.as_array().map(Vec::as_slice).unwrap_or_default();
        if all.is_empty() && items.loading.get() {
            return skeleton();
        }
        if all.is_empty() && items.error.read().is_empty() {
            return empty("No drift", "The accounts are as the mappings would write them.", None);
        }
        let rows = all.iter().take(many.get()).map(row).collect();
        let columns = &["Identity", "Type", "Drift", "In the application, and as it should be"];
        rows_of("Drift", columns, rows, all.len(), many)
    });
    let repair = live_option(move || {
        let some = items.list.read().as_array().is_some_and(|all| !all.is_empty());
        some.then(|| repair(&address.read(), &application.get_value(), &data.name()))
    });
    view! {
        <Panel title="Drift" actions=repair>
            {message("bad", move || items.error.get())}
            {rows}
        </Panel>
    }
    .into_any()
}

/// The button that asks, then has the next cycle write what the mappings say.
fn repair(address: &str, application: &str, name: &str) -> AnyView {
    asking(Asking {
        label: "Repair",
        name: None,
        class: "danger",
        icon: "check",
        question: Question {
            title: format!("Repair the drift of {name}?"),
            effect: format!(
                "A cycle begins now. What somebody changed in {name} is overwritten with what the mappings say, and missing \
                 accounts are created again. It cannot be undone."
            ),
            verb: "Repair",
        },
        change: Change::post(format!("{address}/repair"), &Value::Null)
            .said("The repair has begun")
            .goto(paths::application(application, ApplicationTab::Overview))
            .stale(endpoints::jobs(application)),
    })
}

fn row(item: &Value) -> AnyView {
    let (source, kind) = (text(item, &["sourceId"]), text(item, &["objectType"]));
    let page = if kind == "Group" { Page::Group } else { Page::Person };
    let drift = match text(item, &["kind"]).as_str() {
        "missing" => badge(Tone::Bad, "Missing"),
        "changed" => badge(Tone::Warning, "Changed"),
        _ => badge(Tone::Neutral, "Not read"),
    };
    table::row(vec![
        table::heading_link(name(item), page(source).path()),
        table::text(kind),
        table::cell(drift),
        reason_and_changes(item, &differences(item)),
    ])
}

/// What the application has, and what it should have.
fn differences(item: &Value) -> Vec<ModifiedProperty> {
    let get = |attribute: &Value, name: &str| Some(text(attribute, &[name])).filter(|text| !text.is_empty());
    let differences = values(item, "attributes").into_iter().map(|attribute| ModifiedProperty {
        display_name: text(&attribute, &["attribute"]),
        old_value: get(&attribute, "found"),
        new_value: get(&attribute, "wanted"),
    });
    differences.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_there_comes_before_what_should_be() {
        let item = json!({"attributes": [{"attribute": "title", "wanted": "Chief", "found": ""}]});
        let [one] = differences(&item).try_into().unwrap();
        assert_eq!(
            (one.display_name.as_str(), one.old_value, one.new_value.as_deref()),
            ("title", None, Some("Chief"))
        );
    }
}
