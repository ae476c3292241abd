//! One entry of the log, at the side: steps, changed properties, what to do, and the raw record.

use super::query::LogQuery;
use crate::api::odata::with_query;
use crate::api::{endpoints, read_as};
use crate::browser;
use crate::cache::Remote;
use crate::pages::audit::change_list;
use crate::parts::query::{Query, drawer};
use crate::parts::remote::{failure, show};
use crate::parts::words::{action, status_badge};
use crate::paths::Page;
use crate::text::{capitalize, duration};
use crate::ui::dialog::Dialog;
use crate::ui::panel::{facts, plain};
use crate::ui::state::empty;
use crate::ui::tabs::Tabs;
use crate::ui::time::absolute;
use api::collection::Collection;
use api::log::{ProvisioningObjectSummary, ProvisioningStep};
use leptos::prelude::*;
use serde_json::Value;

const TABS: &[&str] = &["Steps", "Modified properties", "Troubleshooting", "Raw"];

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
            _ => {
                let text = browser::pretty(&raw.to_string());
                view! { <pre><code>{text}</code></pre> }.into_any()
            }
        })
    });
    view! { {summary} <Tabs label="Details" names=TABS chosen=chosen content=content /> }.into_any()
}

fn code(text: &str) -> AnyView {
    let text = if text.is_empty() { "–".to_owned() } else { text.to_owned() };
    view! { <code>{text}</code> }.into_any()
}

fn steps(steps: &[ProvisioningStep]) -> AnyView {
    let items = steps.iter().map(|step| {
        let title = step_word(&step.provisioning_step_type);
        let description = step.description.clone();
        let details = step.details.iter().map(|(name, value)| {
            let line = format!("{name}: {}", crate::api::scim::plain(value));
            view! { <li><code>{line}</code></li> }.into_any()
        });
        let details = details.collect::<Vec<_>>();
        view! {
            <li>
                <div class="step-head"><h3>{title}</h3>{status_badge(&step.status)}</div>
                <p>{description}</p>
                <ul class="hint">{details}</ul>
            </li>
        }
        .into_any()
    });
    let items = items.collect::<Vec<_>>();
    view! { <ol class="steps">{items}</ol> }.into_any()
}

fn step_word(kind: &str) -> String {
    match kind {
        "import" => "Import".to_owned(),
        "scoping" => "Determine scope".to_owned(),
        "matching" => "Match".to_owned(),
        "processing" => "Process".to_owned(),
        "referenceResolution" => "Resolve references".to_owned(),
        "export" => "Perform action".to_owned(),
        other => capitalize(other),
    }
}

fn troubleshooting(entry: &ProvisioningObjectSummary) -> AnyView {
    let Some(error) = &entry.provisioning_status_info.error_information else {
        return empty("Nothing to repair", "This entry succeeded.", None);
    };
    let mut rows = vec![("Error code", code(&error.error_code)), ("Reason", plain(error.reason.clone()))];
    if let Some(more) = &error.additional_details {
        rows.push(("Details", plain(more.clone())));
    }
    let advice = error.recommended_action.clone().unwrap_or_else(|| "Nothing has to be done.".to_owned());
    rows.push(("Recommended action", plain(advice)));
    facts(rows)
}
