//! What is left to do before provisioning can start.

use crate::api::endpoints;
use crate::api::odata::with_query;
use crate::cache::Remote;
use crate::parts::application::ApplicationData;
use crate::paths::{self, ApplicationTab};
use crate::text::count;
use crate::ui::icon::icon;
use crate::ui::live::live_option;
use crate::ui::panel::Panel;
use api::application::AppRoleAssignment;
use api::collection::Collection;
use leptos::prelude::*;

/// Where the number of assignments is.
pub(super) fn counted(application: &str) -> String {
    with_query(&endpoints::assignments(application), &[("$top", "1"), ("$count", "true")])
}

/// The checklist; it goes away when provisioning was started once.
#[component]
pub(crate) fn Setup(id: String, data: ApplicationData, state: Memo<String>) -> impl IntoView {
    let address = counted(&id);
    let assignments = Remote::<Collection<AppRoleAssignment>>::new(move || address.clone());
    live_option(move || {
        if !data.jobs.is_known() {
            return None;
        }
        let state = state.get();
        if !matches!(state.as_str(), "NotConfigured" | "NotRun") {
            return None;
        }
        let assigned = assignments.value().and_then(|list| list.count).unwrap_or_default();
        let assigned_text = count(assigned, "assignment", "assignments");
        let connected = state == "NotRun";
        let items = vec![
            item(
                "Assign users and groups",
                assigned_text,
                assigned > 0,
                paths::application(&id, ApplicationTab::Users),
            ),
            item(
                "Connect",
                if connected { "Credentials are saved" } else { "Tenant URL and Secret Token are missing" }
                    .to_owned(),
                connected,
                paths::application(&id, ApplicationTab::Provisioning),
            ),
            item(
                "Review the mappings",
                "The defaults are ready to use".to_owned(),
                connected,
                paths::application(&id, ApplicationTab::Mappings),
            ),
            item("Start provisioning", "With the button below".to_owned(), false, String::new()),
        ];
        Some(view! { <Panel title="Set up"><ol class="checklist">{items}</ol></Panel> }.into_any())
    })
}

fn item(title: &'static str, state: String, done: bool, href: String) -> AnyView {
    let (class, symbol, word) = if done { ("done", "check", "Done: ") } else { ("", "circle", "To do: ") };
    let title = if href.is_empty() {
        view! { <span>{title}</span> }.into_any()
    } else {
        view! { <a href=href>{title}</a> }.into_any()
    };
    view! {
        <li class=class>
            {icon(symbol)}
            <div><span class="visually-hidden">{word}</span>{title}<p class="hint">{state}</p></div>
        </li>
    }
    .into_any()
}
