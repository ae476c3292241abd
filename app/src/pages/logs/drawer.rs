//! One entry of the log, at the side: steps, changed properties, what to do, and the raw record.

use super::query::LogQuery;
use crate::api::odata::with_query;
use crate::api::{endpoints, read_as};
use crate::browser;
use crate::cache::Remote;
use crate::pages::audit::change_list;
use crate::parts::entry::{advice, code, steps};
use crate::parts::query::{Query, drawer};
use crate::parts::remote::{failure, show};
use crate::parts::timeline::timeline;
use crate::parts::words::{action, status_badge};
use crate::paths::Page;
use crate::text::duration;
use crate::ui::dialog::Dialog;
use crate::ui::panel::{facts, plain};
use crate::ui::state::empty;
use crate::ui::tabs::Tabs;
use crate::ui::time::absolute;
use api::collection::Collection;
use api::log::ProvisioningObjectSummary;
use leptos::prelude::*;
use serde_json::Value;

const TABS: &[&str] = &["Steps", "Modified properties", "Troubleshooting", "Timeline", "Raw"];

/// The drawer; which entry it shows is in the address.
#[component]
pub(crate) fn Drawer(query: Query, application: StoredValue<String>) -> impl IntoView {
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
                Ok(entry) => details(entry, raw, chosen),
                Err(error) => failure(&error, Callback::new(move |()| entry.reload())),
            },
            None => empty("Not found", "Entries are kept for 30 days.", None),
        })
    };
    view! { <Dialog open=open title="Log entry" class="drawer">{content}</Dialog> }
}

fn details(entry: ProvisioningObjectSummary, raw: Value, chosen: RwSignal<usize>) -> AnyView {
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
    view! { {summary} <Tabs label="Details" names=TABS chosen=chosen content=content /> }.into_any()
}

fn troubleshooting(entry: &ProvisioningObjectSummary) -> AnyView {
    entry
        .provisioning_status_info
        .error_information
        .as_ref()
        .map_or_else(|| empty("Nothing to repair", "This entry succeeded.", None), advice)
}
