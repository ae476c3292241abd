//! The list of what would be done, with filters in the address.

use super::items::{Items, LIMIT};
use crate::api::read_as;
use crate::api::scim::text;
use crate::pages::audit::change_list;
use crate::parts::directory_list::{nothing_matches, options};
use crate::parts::query::{Query, bound, selected};
use crate::parts::words::{ACTIONS, action, status_badge};
use crate::text::{fold, number};
use crate::ui::badge::{Tone, badge};
use crate::ui::button::Button;
use crate::ui::field::{SelectField, TextField};
use crate::ui::live::{handler, live, live_option};
use crate::ui::panel::Panel;
use crate::ui::state::{empty, message, skeleton};
use crate::ui::table;
use api::log::{ModifiedProperty, ProvisioningErrorInfo};
use leptos::prelude::*;
use serde_json::Value;

/// Rows are shown in steps of so many.
pub(super) const STEP: usize = 200;

const STATUSES: [(&str, &str); 5] = [
    ("", "All"),
    ("success", "Planned"),
    ("held", "Held back"),
    ("failure", "Failure"),
    ("skipped", "Skipped"),
];
/// Whether an object's action would be held back.
pub(crate) fn is_held(item: &Value) -> bool {
    item.get("held").and_then(Value::as_bool).unwrap_or(false)
}

/// What an object is filtered by: one that is held back is not among the planned.
fn state(item: &Value) -> String {
    if is_held(item) { "held".to_owned() } else { text(item, &["status"]) }
}

/// The same as a badge.
pub(crate) fn state_badge(item: &Value) -> AnyView {
    match state(item).as_str() {
        "held" => badge(Tone::Warning, "Held back"),
        "success" => badge(Tone::Info, "Planned"),
        other => status_badge(other),
    }
}

/// The object's name, or what there is.
pub(crate) fn name(item: &Value) -> String {
    let name = text(item, &["sourceDisplayName"]);
    if name.is_empty() { text(item, &["sourceId"]) } else { name }
}

/// Whether an object is among what was searched for; the name is in small letters.
fn matches(item: &Value, person: &str, status: &str, wanted: &str) -> bool {
    fold(&name(item)).contains(person)
        && (status.is_empty() || state(item) == status)
        && (wanted.is_empty() || text(item, &["action"]) == wanted)
}

/// The filters and the list.
pub(crate) fn list(items: Items, complete: Memo<bool>, query: Query) -> AnyView {
    let (person, status, act) =
        (bound(query, "person"), selected(query, "status"), selected(query, "action"));
    let many = RwSignal::new(STEP);
    let list = live(move || {
        let (person, status, act) = (fold(person.read().trim()), status.get(), act.get());
        let all = items.list.read();
        let all = all.as_array().map(Vec::as_slice).unwrap_or_default();
        if all.is_empty() && items.loading.get() {
            return skeleton();
        }
        if all.is_empty() {
            let why = "Directory and application agree: the next cycle would write nothing.";
            return none(items, complete, "Nothing to do", why);
        }
        let found: Vec<(usize, &Value)> =
            all.iter().enumerate().filter(|(_, item)| matches(item, &person, &status, &act)).collect();
        if found.is_empty() {
            return nothing_matches();
        }
        let rows = found.iter().take(many.get()).map(|(at, item)| row(*at, item, query)).collect();
        let columns = &["Identity", "Type", "Action", "Status", "Changes or reason"];
        rows_of("Planned changes", columns, rows, found.len(), many)
    });
    view! {
        <Panel title="Planned changes">
            <div class="toolbar" role="search">
                <div class="grow"><TextField label="Person or group" value=person kind="search" placeholder="Name" /></div>
                <SelectField label="Status" value=status options=options(&STATUSES) />
                <SelectField label="Action" value=act options=options(&ACTIONS) />
            </div>
            {message("bad", move || items.error.get())}
            {cut(items)}
            {list}
        </Panel>
    }
    .into_any()
}

/// That there are more objects than the list holds, and where they are.
pub(super) fn cut(items: Items) -> AnyView {
    live_option(move || {
        items.cut.get().then(|| {
            let most = number(u64::try_from(LIMIT).unwrap_or_default());
            view! { <p class="hint">"The list holds the first "{most}" objects. Download JSON has all of them."</p> }
                .into_any()
        })
    })
}

/// What an empty list says: that all is well, with why, if the plan or check came to its end and its objects could be
/// read. An error stands above the list already.
pub(super) fn none(items: Items, complete: Memo<bool>, well: &str, why: &str) -> AnyView {
    if !items.error.read().is_empty() {
        return ().into_any();
    }
    if complete.get() {
        return empty(well, why, None);
    }
    empty(
        "Nothing is known",
        "It did not come to its end, so an empty list does not say that all is well.",
        None,
    )
}

/// The rows that are shown, of how many, and the button that shows more.
pub(super) fn rows_of(
    title: &'static str,
    columns: &[&'static str],
    rows: Vec<AnyView>,
    all: usize,
    many: RwSignal<usize>,
) -> AnyView {
    let [shown, total] = [rows.len(), all].map(|count| u64::try_from(count).unwrap_or_default());
    let more = (total > shown).then(|| {
        let act = Callback::new(move |()| many.update(|many| *many += STEP));
        view! { <Button label="Show more" on_click=act /> }.into_any()
    });
    view! {
        <p role="status">{number(shown)}" of "{number(total)}" objects shown"</p>
        <div class="entries">{table::table(title, columns, rows)}</div>
        {more}
    }
    .into_any()
}

/// An object's row below its name: why it failed, and what changes.
pub(super) fn reason_and_changes(item: &Value, changes: &[ModifiedProperty]) -> AnyView {
    let reason = error(item).map(|error| format!("{}: {}", error.error_code, error.reason));
    let reason = reason.map(|reason| view! { <p>{reason}</p> }.into_any());
    table::cell(view! { {reason} {change_list(&changes.iter().collect::<Vec<_>>())} }.into_any())
}

/// Changed properties of an object.
pub(crate) fn changes(item: &Value) -> Vec<ModifiedProperty> {
    item.get("modifiedProperties").and_then(|changes| read_as(changes).ok()).unwrap_or_default()
}

/// Why an object cannot be provisioned.
pub(crate) fn error(item: &Value) -> Option<ProvisioningErrorInfo> {
    item.get("errorInformation").and_then(|error| read_as(error).ok())
}

fn row(at: usize, item: &Value, query: Query) -> AnyView {
    let open = move |_| query.set(&[("open", &at.to_string())], false);
    let (name, changes) = (name(item), changes(item));
    let label = format!("{name}: details");
    table::row(vec![
        view! {
            <th scope="row">
                <button type="button" class="linklike" aria-label=label aria-haspopup="dialog" on:click=handler(open)>{name}</button>
            </th>
        }
        .into_any(),
        table::text(text(item, &["objectType"])),
        table::text(action(&text(item, &["action"]))),
        table::cell(state_badge(item)),
        reason_and_changes(item, &changes),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn item(name: &str, action: &str, held: bool) -> Value {
        let changes = json!([{"displayName": "title", "oldValue": null, "newValue": "x"}]);
        json!({"action": action, "status": "success", "sourceId": "s", "sourceDisplayName": name, "held": held,
            "modifiedProperties": changes})
    }

    #[test]
    fn held_deletions_are_a_status_of_their_own() {
        let (plain, held) = (item("Ada", "disable", false), item("Bob", "disable", true));
        assert!(matches(&plain, "", "success", "disable") && !matches(&plain, "", "held", ""));
        assert!(matches(&held, "bo", "held", "") && !matches(&held, "", "success", ""));
        assert!(!matches(&plain, "bob", "", "") && !matches(&plain, "", "", "create"));
    }

    #[test]
    fn what_is_missing_is_empty() {
        let item = item("", "create", false);
        assert_eq!((name(&item).as_str(), changes(&item).len(), error(&item)), ("s", 1, None));
    }
}
