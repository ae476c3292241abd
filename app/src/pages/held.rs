//! Application → Held deletions: what accidental-deletion prevention holds, and the decision about it.

use crate::api::odata::{literal, skip_token, with_query};
use crate::api::scim::{self, object};
use crate::api::{ApiError, endpoints};
use crate::cache::{Remote, use_client, watch};
use crate::parts::application::{ApplicationData, ApplicationHead};
use crate::parts::directory_list::options;
use crate::parts::paging::older;
use crate::parts::query::{Query, selected, use_query};
use crate::parts::remote::{failure, show};
use crate::parts::words::action;
use crate::paths::{self, ApplicationTab, Page};
use crate::text::count;
use crate::ui::badge::{Tone, badge};
use crate::ui::button::{Button, link_button};
use crate::ui::confirm::{Outcome, use_confirm};
use crate::ui::field::SelectField;
use crate::ui::live::{handler, live, live_option, memo, on_change};
use crate::ui::panel::panel;
use crate::ui::state::{empty, skeleton};
use crate::ui::table;
use crate::ui::time::time;
use crate::ui::toast::use_toasts;
use leptos::prelude::*;
use serde_json::Value;

/// Rows of a page of the list.
const PAGE: &str = "50";

/// Ids of the chosen rows, a line each.
type Chosen = RwSignal<String>;

/// The page.
#[component]
pub(crate) fn Held(
    /// The application's id.
    id: String,
) -> impl IntoView {
    let data = ApplicationData::new(&id);
    let query = use_query();
    let of = StoredValue::new(id.clone());
    let address = memo(move || {
        let job = data.job_id();
        if job.is_empty() { job } else { endpoints::job(&of.get_value(), &job, "stagedDeletions") }
    });
    let list = Remote::<Value>::keeping(move || read(&address.read(), &query.get("status"), query));
    // All that are undecided, whatever the list shows.
    let held = Remote::<Value>::new(move || {
        let filter = [("$count", "true"), ("$top", "1"), ("$filter", "status eq 'held'")];
        if address.read().is_empty() { String::new() } else { with_query(&address.read(), &filter) }
    });
    let chosen = Chosen::new(String::new());
    on_change(move || {
        let _ = (query.get("status"), query.get("skiptoken"));
        chosen.set(String::new());
    });
    let running = memo(move || data.job().is_some_and(|job| job.status.current_cycle.is_some()));
    let prefix = endpoints::jobs(&id);
    let watched = watch(move || prefix.clone(), move || running.get_untracked());

    let client = use_client();
    let content = live(move || match data.known_job().map(|job| job.is_empty()) {
        None => skeleton(),
        Some(true) => nothing(of),
        // Both answers or neither: without the number of those that are undecided nobody can decide.
        Some(false) if held.error().is_some() => {
            let error = held.error().unwrap_or_else(|| ApiError::unreadable(""));
            let again = move |()| client.invalidate(&address.get_untracked());
            failure(&error, Callback::new(again))
        }
        Some(false) => show(list, move |list| {
            let rows = scim::values(&list, "value");
            if rows.is_empty() {
                return if untrack(|| query.get("status")).is_empty() {
                    nothing(of)
                } else {
                    no_match(query)
                };
            }
            let rows = rows.iter().map(|deletion| row(deletion, chosen)).collect();
            let columns = &["Choose", "Name", "Type", "Would", "Decision", "Held"];
            let next = skip_token(&scim::text(&list, &["@odata.nextLink"]));
            view! { {table::table("Held deletions", columns, rows)} {older(query, next)} }.into_any()
        }),
    });
    let status = selected(query, "status");
    let states =
        options(&[("", "All"), ("held", "Undecided"), ("approved", "Approved"), ("rejected", "Rejected")]);
    let decision = Decision { data, of, address, chosen, held, watched };
    let mut buttons = Vec::new();
    for (approve, all) in [(true, false), (false, false), (true, true), (false, true)] {
        buttons.push(decision.button(approve, all));
    }
    let accounts =
        view! { <div class="actions" role="group" aria-label="Decide">{buttons}</div>{content} }.into_any();
    // Only where somebody is, or was: a list that a filter leaves empty is none of which nothing is known.
    let some = memo(move || {
        let listed = list.value().is_some_and(|list| !scim::values(&list, "value").is_empty());
        listed || !query.get("status").is_empty()
    });
    let why = live_option(move || {
        some.get().then(|| {
            view! {
                <p>
                    "More accounts were to be disabled or deleted at once than is allowed, so nobody's was. Decide about each: \
                    what you approve is done by the next cycle, which begins at once while provisioning is on; who is rejected \
                    keeps the account. The quarantine ends when nobody is left undecided."
                </p>
            }
            .into_any()
        })
    });
    view! {
        <ApplicationHead id=id data=data tab=ApplicationTab::Held />
        {why}
        <div class="toolbar" role="search"><SelectField label="Show" value=status options=states /></div>
        {panel("Accounts", accounts)}
    }
    .into_any()
}

/// The address of a page of the list.
fn read(address: &str, status: &str, query: Query) -> String {
    if address.is_empty() {
        return String::new();
    }
    let filter = if status.is_empty() { String::new() } else { format!("status eq {}", literal(status)) };
    with_query(address, &[("$filter", &filter), ("$top", PAGE), ("$skiptoken", &query.get("skiptoken"))])
}

/// What the buttons need to know.
#[derive(Clone, Copy)]
struct Decision {
    data: ApplicationData,
    of: StoredValue<String>,
    address: Memo<String>,
    chosen: Chosen,
    /// One of those that are undecided, and how many they are.
    held: Remote<Value>,
    watched: RwSignal<u8>,
}

impl Decision {
    /// One of the four buttons. The question names how many accounts and what happens to them.
    fn button(self, approve: bool, all: bool) -> AnyView {
        let (client, confirm, toasts) = (use_client(), use_confirm(), use_toasts());
        let label = match (approve, all) {
            (true, false) => "Approve chosen",
            (false, false) => "Reject chosen",
            (true, true) => "Approve all undecided",
            (false, true) => "Reject all undecided",
        };
        let many = move || {
            if all {
                let held = self.held.value().unwrap_or_default();
                return held.get("@odata.count").and_then(Value::as_u64).unwrap_or_default();
            }
            u64::try_from(self.chosen.read().lines().count()).unwrap_or_default()
        };
        let blocked = memo(move || {
            match (many(), all) {
                (0, true) => "Nobody is undecided",
                (0, false) => "Choose accounts in the list first",
                _ => "",
            }
            .to_owned()
        });
        let on_click = Callback::new(move |()| {
            let ids = self.chosen.get_untracked();
            let number = untrack(many);
            // All that the question names: a cycle may have held more since, and nobody has seen those.
            let body = if all {
                object([("all", true.into()), ("count", number.into())])
            } else {
                object([("ids", ids.lines().map(Value::from).collect::<Vec<_>>().into())])
            };
            let (path, verb) = if approve { ("approve", "Approve") } else { ("reject", "Reject") };
            let path = [&self.address.get_untracked(), "/", path].concat();
            let jobs = endpoints::jobs(&self.of.get_value());
            let accounts = count(number, "account", "accounts");
            let name = untrack(|| self.data.name());
            let (title, effect) = words(approve, &accounts, &name);
            let carry_out = move || -> Outcome {
                let (path, body, jobs) = (path.clone(), body.clone(), jobs.clone());
                Box::pin(async move {
                    let answer = client.post(&path, &body).await;
                    if answer.is_ok() {
                        toasts.show(if approve { "Approved" } else { "Rejected" });
                        self.chosen.set(String::new());
                        self.watched.set(8);
                    }
                    // After a refusal too: the list may be another by now. The next question names the new number.
                    client.invalidate(&jobs);
                    answer.map(|_| ()).map_err(|error| error.text())
                })
            };
            confirm.ask(title, effect, verb, carry_out);
        });
        let class = if approve { "danger" } else { "" };
        view! { <Button label=label class=class on_click=on_click blocked=blocked changes=true /> }.into_any()
    }
}

/// Title and effect of the question.
fn words(approve: bool, accounts: &str, application: &str) -> (String, String) {
    if approve {
        let effect = format!(
            "{accounts} in {application} will be disabled or deleted, each as the list says, by the next cycle. It begins at \
             once while provisioning is on. What was deleted cannot be brought back from here."
        );
        return (format!("Disable or delete {accounts}?"), effect);
    }
    let effect = format!(
        "Nothing is done to {accounts} in {application}, nor in later cycles, until the person or group is in scope \
         again. What is rejected can still be approved here."
    );
    (format!("Keep {accounts}?"), effect)
}

fn nothing(application: StoredValue<String>) -> AnyView {
    let href = application.with_value(|id| paths::application(id, ApplicationTab::Overview));
    let next = link_button("Go to the overview", "next", "", href);
    let why = "Deletions are held here when a cycle would do more of them than the limit under Provisioning.";
    empty("Nothing is held", why, Some(next))
}

fn no_match(query: Query) -> AnyView {
    let clear = Callback::new(move |()| query.set(&[("status", ""), ("skiptoken", "")], false));
    let button = view! { <Button label="Show all" on_click=clear /> };
    empty("Nothing matches", "Nobody here has this decision.", Some(button.into_any()))
}

fn row(deletion: &Value, chosen: Chosen) -> AnyView {
    let text = |path: &[&str]| scim::text(deletion, path);
    let (id, name) = (scim::id(deletion), scim::name(deletion));
    let kind = text(&["sourceIdentity", "identityType"]);
    let page = if kind == "Group" { Page::Group(id.clone()) } else { Page::Person(id.clone()) };
    let decision = match text(&["status"]).as_str() {
        "approved" => badge(Tone::Info, "Approved"),
        "rejected" => badge(Tone::Neutral, "Rejected"),
        _ => badge(Tone::Warning, "Undecided"),
    };
    let is_chosen = RwSignal::new(untrack(|| chosen.read().lines().any(|known| known == id)));
    let choose = move |event| {
        is_chosen.set(event_target_checked(&event));
        let mut kept = String::new();
        let before = chosen.get_untracked();
        for known in before.lines().filter(|known| *known != id) {
            kept.push_str(known);
            kept.push('\n');
        }
        if is_chosen.get_untracked() {
            kept.push_str(&id);
        }
        chosen.set(kept);
    };
    let label = format!("Choose {name}");
    table::row(vec![
        view! { <td><input type="checkbox" aria-label=label prop:checked=is_chosen on:change=handler(choose) /></td> }
            .into_any(),
        table::heading_link(name, page.path()),
        table::text(kind),
        table::text(action(&text(&["action"]))),
        table::cell(decision),
        table::cell(time(&text(&["heldDateTime"]))),
    ])
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn questions_name_the_effect() {
        let (title, effect) = words(true, "4 accounts", "Peakon");
        assert_eq!(title, "Disable or delete 4 accounts?");
        assert!(effect.starts_with("4 accounts in Peakon will be disabled or deleted"));
        let (title, effect) = words(false, "1 account", "Peakon");
        assert_eq!(title, "Keep 1 account?");
        assert!(effect.starts_with("Nothing is done to 1 account in Peakon, nor in later cycles"));
    }
}
