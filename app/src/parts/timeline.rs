//! What was done about one person or group, in the order of time, from the provisioning log.

use crate::api::endpoints;
use crate::api::odata::{literal, with_query};
use crate::cache::Remote;
use crate::parts::remote::show;
use crate::parts::words::{action, status_badge};
use crate::paths::{self, ApplicationTab};
use crate::ui::state::empty;
use crate::ui::time::time;
use api::collection::Collection;
use api::log::ProvisioningObjectSummary;
use leptos::prelude::*;

/// Entries that are shown.
const SHOWN: &str = "50";

/// The timeline of a person or group: in one application, or in all of them while `application` is empty.
pub(crate) fn timeline(source: &str, application: &str) -> AnyView {
    let mut filter = format!("sourceIdentity/id eq {}", literal(source));
    if !application.is_empty() {
        filter = format!("servicePrincipal/id eq {} and {filter}", literal(application));
    }
    let address = with_query(&endpoints::provisioning_logs(), &[("$filter", &filter), ("$top", SHOWN)]);
    let entries = Remote::<Collection<ProvisioningObjectSummary>>::new(move || address.clone());
    show(entries, |list| {
        if list.value.is_empty() {
            return empty("Nothing yet", "What cycles do is shown here for 30 days.", None);
        }
        let more = list.next_link.is_some().then(|| {
            view! { <p class="hint">"These are the newest "{SHOWN}". Older ones are in the log."</p> }
                .into_any()
        });
        let items = list.value.into_iter().map(moment).collect::<Vec<_>>();
        view! { <ol class="timeline" aria-label="Timeline">{items}</ol>{more} }.into_any()
    })
}

fn moment(entry: ProvisioningObjectSummary) -> AnyView {
    let log = paths::application(&entry.service_principal.id, ApplicationTab::Logs);
    let href = with_query(&log, &[("source", &entry.source_identity.id), ("open", &entry.change_id)]);
    let what = format!("{} in {}", action(&entry.provisioning_action), entry.service_principal.display_name);
    let reason = entry.provisioning_status_info.error_information.map(|error| {
        let text = format!("{}: {}", error.error_code, error.reason);
        view! { <p class="hint">{text}</p> }.into_any()
    });
    let changed = entry.modified_properties.iter().map(|change| change.display_name.as_str());
    let changed = changed.collect::<Vec<_>>().join(", ");
    let changed = (!changed.is_empty()).then(|| view! { <p class="hint">{changed}</p> }.into_any());
    view! {
        <li>
            <p>{status_badge(&entry.provisioning_status_info.status)}" "<a href=href>{what}</a>" "{time(&entry.activity_date_time)}</p>
            {reason}
            {changed}
        </li>
    }
    .into_any()
}
