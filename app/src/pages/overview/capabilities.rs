//! What the application says that it can do (SCIM's ServiceProviderConfig), as it was last read.

use crate::api::{endpoints, scim};
use crate::cache::Remote;
use crate::parts::application::ApplicationData;
use crate::parts::remote::show;
use crate::text::{count, number};
use crate::ui::live::{live, memo};
use crate::ui::panel::{Panel, facts, plain};
use crate::ui::time::time;
use leptos::prelude::*;
use serde_json::Value;

fn flag(value: &Value, path: &[&str]) -> bool {
    scim::text(value, path) == "true"
}

/// `Yes` with its limits, or `No`.
fn words(supported: bool, limits: &[(u64, &str)]) -> String {
    if !supported {
        return "No".to_owned();
    }
    let limits = limits.iter().filter(|(limit, _)| *limit > 0);
    let limits = limits.map(|(limit, what)| format!("{} {what}", number(*limit))).collect::<Vec<_>>();
    if limits.is_empty() { "Yes".to_owned() } else { format!("Yes, up to {}", limits.join(" and ")) }
}

/// The card. Nothing was read before the first cycle or test of the connection.
#[component]
pub(crate) fn Capabilities(id: String, data: ApplicationData) -> impl IntoView {
    let job = memo(move || {
        let connected = data.job().filter(|job| job.status.code != "NotConfigured");
        connected.map(|job| job.id).unwrap_or_default()
    });
    let path = memo(move || {
        let job = job.get();
        if job.is_empty() { job } else { endpoints::job(&id, &job, "capabilities") }
    });
    let read = Remote::<Value>::new(move || path.get());
    let unknown =
        memo(move || path.read().is_empty() || read.error().is_some_and(|error| error.status == 404));
    let content = live(move || {
        if unknown.get() {
            let text = "Not known yet. It is read by Test Connection and when a cycle begins.";
            return view! { <p class="faint">{text}</p> }.into_any();
        }
        show(read, |read| card(&read))
    });
    view! { <Panel title="What the application supports">{content}</Panel> }.into_any()
}

fn card(read: &Value) -> AnyView {
    let limit = |path: [&str; 2]| scim::text(read, &path).parse::<u64>().unwrap_or_default();
    let yes = |name: &str| plain(words(flag(read, &[name]), &[]));
    let bulk = words(
        flag(read, &["bulk", "supported"]),
        &[
            (limit(["bulk", "maxOperations"]), "operations"),
            (limit(["bulk", "maxPayloadSize"]), "bytes a request"),
        ],
    );
    let refused = flag(read, &["bulk", "refused"]);
    let bulk = if refused { "No: it offered this, and then refused it".to_owned() } else { bulk };
    let results = limit(["filter", "maxResults"]);
    let filter = words(flag(read, &["filter", "supported"]), &[]);
    let filter =
        if results > 0 { format!("{filter}, up to {}", count(results, "result", "results")) } else { filter };
    let schemes = scim::values(read, "authenticationSchemes");
    let schemes = schemes.iter().map(|scheme| scim::text(scheme, &["name"])).collect::<Vec<_>>().join(", ");
    facts(vec![
        ("Changes in part", yes("patch")),
        ("Several at once", plain(bulk)),
        ("Search by filter", plain(filter)),
        ("Sorted lists", yes("sort")),
        ("Versions (ETag)", yes("etag")),
        ("Change of password", yes("changePassword")),
        ("Authentication", plain(if schemes.is_empty() { "not said".to_owned() } else { schemes })),
        ("Read", time(&scim::text(read, &["checkedDateTime"]))),
    ])
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn limits_are_told_where_there_are_any() {
        assert_eq!(words(false, &[(5, "operations")]), "No");
        assert_eq!(words(true, &[]), "Yes");
        assert_eq!(words(true, &[(1_000, "operations"), (0, "bytes")]), "Yes, up to 1,000 operations");
    }
}
