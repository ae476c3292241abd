//! One entry of the log, at the side: steps, changed properties, what to do, and the raw record. The entries before
//! and after it in the list are a button, or a key, away.

use super::query::LogQuery;
use crate::api::odata::with_query;
use crate::api::{endpoints, read_as};
use crate::browser;
use crate::cache::Remote;
use crate::keys::use_keys;
use crate::pages::audit::change_list;
use crate::parts::entry::{advice, code, steps};
use crate::parts::query::{Query, drawer};
use crate::parts::remote::{failure, show};
use crate::parts::timeline::timeline;
use crate::parts::words::{action, status_badge};
use crate::paths::{self, ApplicationTab, Page};
use crate::text::duration;
use crate::ui::button::{Button, link_button};
use crate::ui::dialog::Dialog;
use crate::ui::live::memo;
use crate::ui::panel::{facts, plain};
use crate::ui::state::empty;
use crate::ui::tabs::Tabs;
use crate::ui::time::absolute;
use api::collection::Collection;
use api::log::ProvisioningObjectSummary;
use leptos::ev;
use leptos::prelude::*;
use serde_json::Value;

const TABS: &[&str] = &["Steps", "Modified properties", "Troubleshooting", "Timeline", "Raw"];

/// Where an entry stands in the list.
#[derive(Clone, Debug, Default, PartialEq)]
struct Place {
    /// Its number, from 1; 0 when the list does not have it.
    number: usize,
    /// How many the list has.
    count: usize,
    /// The entry before it, if there is one.
    previous: Option<String>,
    /// The entry after it.
    next: Option<String>,
}

impl Place {
    fn of(open: &str, ids: &[String]) -> Self {
        let Some(at) = ids.iter().position(|id| id == open) else { return Self::default() };
        Self {
            number: at + 1,
            count: ids.len(),
            previous: at.checked_sub(1).and_then(|before| ids.get(before)).cloned(),
            next: ids.get(at + 1).cloned(),
        }
    }
}

/// The drawer; which entry it shows is in the address.
#[component]
pub(crate) fn Drawer(
    query: Query,
    application: StoredValue<String>,
    entries: Remote<Collection<ProvisioningObjectSummary>>,
) -> impl IntoView {
    let open = drawer(query);
    let entry = Remote::<Collection<Value>>::new(move || {
        let change = query.get("open");
        if change.is_empty() {
            return change;
        }
        let filter =
            LogQuery { application: application.get_value(), change, ..LogQuery::default() }.filter();
        with_query(&endpoints::provisioning_logs(), &[("$filter", &filter)])
    });
    let chosen = RwSignal::new(0);
    let content = move || {
        show(entry, move |list| match list.value.into_iter().next() {
            Some(raw) => match read_as(&raw) {
                Ok(entry) => details(entry, raw, chosen, &application.get_value()),
                Err(error) => failure(&error, Callback::new(move |()| entry.reload())),
            },
            None => empty("Not found", "Entries are kept for 30 days.", None),
        })
    };
    let place = memo(move || {
        let list = entries.value().map(|list| list.value).unwrap_or_default();
        let ids = list.into_iter().map(|entry| entry.change_id).collect::<Vec<_>>();
        Place::of(&query.get("open"), &ids)
    });
    // Steps within the drawer are no steps of the history: going back leads to the list.
    let go = move |to: Option<String>| {
        if let Some(to) = to {
            query.set(&[("open", &to)], true);
        }
    };
    // Of the window: right after it was opened the drawer's heading has the focus.
    let keys = use_keys();
    let listener = window_event_listener(ev::keydown, move |event| {
        if !browser::exists("dialog.drawer[open]") || browser::exists("dialog[open]:not(.drawer)") {
            return;
        }
        match keys.letter(&event).as_str() {
            "j" => go(place.get_untracked().next),
            "k" => go(place.get_untracked().previous),
            _ => {}
        }
    });
    on_cleanup(move || listener.remove());
    view! {
        <Dialog open=open title="Log entry" class="drawer">
            <div class="stack">{neighbours(place, go)}{content()}</div>
        </Dialog>
    }
}

/// The way to the entries before and after. The keys are those of the drawer alone, so they are in nobody's way
/// elsewhere, and they can be turned off (WCAG 2.1.4).
fn neighbours(place: Memo<Place>, go: impl Fn(Option<String>) + Copy + Send + Sync + 'static) -> AnyView {
    let previous = Callback::new(move |()| go(place.get_untracked().previous));
    let next = Callback::new(move |()| go(place.get_untracked().next));
    let missing = |to: &Option<String>, why: &str| if to.is_some() { String::new() } else { why.to_owned() };
    let first = memo(move || missing(&place.read().previous, "This is the first entry of the list"));
    let last = memo(move || missing(&place.read().next, "This is the last entry of the list"));
    let at = move || {
        let place = place.read();
        if place.number == 0 { String::new() } else { format!("{} of {}", place.number, place.count) }
    };
    // The list of shortcuts, where they are turned off, does not open above the drawer.
    let letters = use_keys().letters.get_untracked();
    let name = |name: &str, key: &str| if letters { format!("{name} ({key})") } else { name.to_owned() };
    let keys = letters.then(|| {
        view! {
            <span class="hint keys" aria-hidden="true">
                <span><kbd>"k"</kbd>" previous"</span>
                <span><kbd>"j"</kbd>" next"</span>
            </span>
        }
        .into_any()
    });
    view! {
        <div class="actions">
            <Button label="Previous" name=name("Previous entry", "k") class="quiet" on_click=previous blocked=first />
            <Button label="Next" name=name("Next entry", "j") class="quiet" on_click=next blocked=last />
            <span class="hint" role="status">{at}</span>
            {keys}
        </div>
    }
    .into_any()
}

fn details(
    entry: ProvisioningObjectSummary,
    raw: Value,
    chosen: RwSignal<usize>,
    application: &str,
) -> AnyView {
    let source = &entry.source_identity;
    let person = if source.identity_type == "Group" {
        Page::Group(source.id.clone())
    } else {
        Page::Person(source.id.clone())
    };
    let name = if source.display_name.is_empty() { source.id.clone() } else { source.display_name.clone() };
    let summary = facts(vec![
        ("Identity", view! { <a href=person.path()>{name}</a> }.into_any()),
        ("Status", status_badge(&entry.provisioning_status_info.status)),
        ("Action", plain(action(&entry.provisioning_action))),
        ("Date", absolute(&entry.activity_date_time)),
        ("Duration", plain(duration(entry.duration_in_milliseconds))),
        ("Source ID", code(&entry.source_identity.id)),
        ("Target ID", code(&entry.target_identity.id)),
    ]);
    let kind = if source.identity_type == "Group" { "group" } else { "person" };
    let again = with_query(&paths::application(application, ApplicationTab::OnDemand), &[(kind, &source.id)]);
    let again = link_button("Provision on demand", "play", "", again);
    let entry = StoredValue::new(entry);
    let content = Callback::new(move |tab: usize| {
        entry.with_value(|entry| match tab {
            0 => steps(&entry.provisioning_steps),
            1 if entry.modified_properties.is_empty() => {
                empty("No property changed", "Nothing had to be written for this object.", None)
            }
            1 => change_list(&entry.modified_properties.iter().collect::<Vec<_>>()),
            2 => troubleshooting(entry),
            3 => timeline(&entry.source_identity.id, &entry.service_principal.id),
            _ => {
                let text = browser::pretty(&raw.to_string());
                view! { <pre><code>{text}</code></pre> }.into_any()
            }
        })
    });
    view! { {summary} <div class="actions">{again}</div> <Tabs label="Details" names=TABS chosen=chosen content=content /> }.into_any()
}

fn troubleshooting(entry: &ProvisioningObjectSummary) -> AnyView {
    entry
        .provisioning_status_info
        .error_information
        .as_ref()
        .map_or_else(|| empty("Nothing to repair", "This entry succeeded.", None), advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_have_neighbours_in_the_list() {
        let ids = ["a", "b", "c"].map(str::to_owned);
        let check = |open: &str, expected: (usize, Option<&str>, Option<&str>)| {
            let place = Place::of(open, &ids);
            assert_eq!((place.number, place.previous.as_deref(), place.next.as_deref()), expected);
        };
        check("a", (1, None, Some("b")));
        check("b", (2, Some("a"), Some("c")));
        check("c", (3, Some("b"), None));
        check("x", (0, None, None));
        assert_eq!(Place::of("a", &[]), Place::default());
    }
}
