//! What a drift check found, and the button that repairs it.

use super::is_running;
use super::items::{Items, export};
use super::list::{STEP, cut, name, none, reason_and_changes, rows_of};
use super::plan::{notice, progress};
use crate::api::endpoints;
use crate::api::scim::{object, text, values};
use crate::parts::act::{Asking, Change, Question, asking};
use crate::parts::application::ApplicationData;
use crate::parts::words::cycle_badge;
use crate::paths::{self, ApplicationTab, Page};
use crate::text::count;
use crate::ui::badge::{Tone, badge};
use crate::ui::live::{live, live_option, memo};
use crate::ui::panel::{Panel, facts, plain};
use crate::ui::state::{message, skeleton};
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
    complete: Memo<bool>,
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
        if all.is_empty() {
            return none(items, complete, "No drift", "The accounts are as the mappings would write them.");
        }
        let rows = all.iter().take(many.get()).map(row).collect();
        let columns = &["Identity", "Type", "Drift", "In the application, and as it should be"];
        rows_of("Drift", columns, rows, all.len(), many)
    });
    let has = move |which: fn(&Value) -> bool| {
        memo(move || items.list.read().as_array().is_some_and(|all| all.iter().any(which)))
    };
    let (some, guests) = (has(|_| true), has(|item| members(item, "added").is_some()));
    let actions = live_option(move || {
        some.get().then(|| {
            let file = export(address, "drift.json");
            let (address, application, name) = (address.read(), application.get_value(), data.name());
            let take_out = guests.get().then(|| repair(&address, &application, &name, true));
            view! { {file} {repair(&address, &application, &name, false)} {take_out} }.into_any()
        })
    });
    view! {
        <Panel title="Drift" actions=actions>
            {message("bad", move || items.error.get())}
            {cut(items)}
            {rows}
        </Panel>
    }
    .into_any()
}

/// The button that asks, then has the next cycle write what the mappings say; with `take_out` also without the members
/// that somebody added.
fn repair(address: &str, application: &str, name: &str, take_out: bool) -> AnyView {
    let (label, guests) = if take_out {
        ("Repair, and take out added members", "are taken out, also accounts that Rollcall knows nothing of")
    } else {
        ("Repair", "stay")
    };
    let body = if take_out { object([("removeAddedMembers", true.into())]) } else { Value::Null };
    asking(Asking {
        label,
        name: None,
        class: "danger",
        icon: "check",
        question: Question {
            title: format!("Repair the drift of {name}?"),
            effect: format!(
                "A cycle begins now. What somebody changed in {name} is overwritten with what the mappings say, and missing \
                 accounts and members are put back. Members that somebody added to a group in {name} {guests}. It cannot be undone."
            ),
            verb: label,
        },
        change: Change::post(format!("{address}/repair"), &body)
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
    let members = MEMBERS.iter().filter_map(|(change, label)| {
        members(item, change).map(|value| ModifiedProperty {
            display_name: (*label).to_owned(),
            old_value: (*change == "added").then(|| value.clone()),
            new_value: (*change == "removed").then_some(value),
        })
    });
    differences.chain(members).collect()
}

/// What happened to a group's members by hand, and how it is told.
const MEMBERS: [(&str, &str); 2] =
    [("added", "members added by hand"), ("removed", "members taken out by hand")];

/// Who came to a group or went, by hand: the first names, and how many others; nothing when nobody did.
fn members(item: &Value, change: &str) -> Option<String> {
    let told = item.get("members")?.get(change)?;
    let all = told.get("count").and_then(Value::as_u64).filter(|all| *all > 0)?;
    let names = values(told, "names").into_iter().filter_map(|name| name.as_str().map(str::to_owned));
    let names = names.collect::<Vec<_>>();
    let others = all.saturating_sub(names.len() as u64);
    let more = if others > 0 { format!(" and {others} more") } else { String::new() };
    Some(names.join(", ") + &more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_that_came_or_went_are_told() {
        let check = |members: Value, expected: &[(&str, Option<&str>, Option<&str>)]| {
            let found = differences(&json!({"attributes": [], "members": members}));
            let found = found
                .iter()
                .map(|one| (one.display_name.as_str(), one.old_value.as_deref(), one.new_value.as_deref()));
            assert_eq!(found.collect::<Vec<_>>(), expected);
        };
        check(Value::Null, &[]);
        check(json!({"added": {"count": 0, "names": []}, "removed": {"count": 0, "names": []}}), &[]);
        check(
            json!({"added": {"count": 7, "names": ["A", "B"]}, "removed": {"count": 1, "names": ["C"]}}),
            &[
                ("members added by hand", Some("A, B and 5 more"), None),
                ("members taken out by hand", None, Some("C")),
            ],
        );
    }

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
