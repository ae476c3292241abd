//! Application → Provision on demand: one person, or a group with some members, now, or a preview that writes nothing, told step by step.

mod answer;

use crate::api::{endpoints, scim};
use crate::app::use_session;
use crate::cache::{Remote, poll};
use crate::pages::audit::change_list;
use crate::parts::act::{Change, use_act};
use crate::parts::application::{ApplicationData, ApplicationHead};
use crate::parts::create::Sending;
use crate::parts::entry::{advice, code, steps};
use crate::parts::picker::{Choice, GROUP, Pick, Picker};
use crate::parts::query::{Query, use_query};
use crate::parts::words::{action, status_badge};
use crate::paths::{self, ApplicationTab, Page};
use crate::ui::button::{Button, link_button};
use crate::ui::icon::icon;
use crate::ui::live::{live_option, memo, on_change};
use crate::ui::panel::{Panel, facts, plain};
use crate::ui::state::{Failure, empty, message};
use answer::{Answer, Outcome, request};
use leptos::prelude::*;
use serde_json::Value;

/// Members of a group at most, as the API has it.
const MEMBERS: usize = 5;

/// The page.
#[component]
pub(crate) fn OnDemand(
    /// The application's id.
    id: String,
) -> impl IntoView {
    let data = ApplicationData::new(&id);
    let state = memo(move || data.job().map_or_else(|| "NotConfigured".to_owned(), |job| job.status.code));
    let running = memo(move || data.job().is_some_and(|job| job.status.current_cycle.is_some()));
    let prefix = endpoints::jobs(&id);
    poll(move || prefix.clone(), move || running.get_untracked());
    let chosen = subject(use_query());
    let members = RwSignal::new(Vec::<Choice>::new());
    let is_group = memo(move || chosen.read().first().is_some_and(Choice::is_group));
    let answer = RwSignal::new(Value::Null);
    let sending = Sending::new();
    on_change(move || {
        chosen.track();
        members.track();
        answer.set(Value::Null);
        sending.error.set(String::new());
    });
    // What the server refuses may have to do with a cycle that began meanwhile.
    on_change(move || {
        if !sending.error.read().is_empty() {
            data.jobs.reload();
        }
    });
    on_change(move || {
        if !running.get() {
            sending.error.set(String::new());
        }
    });
    let blocked = memo(move || {
        if !data.jobs.is_known() {
            "Loading…"
        } else if *state.read() == "NotConfigured" {
            "Save Tenant URL and Secret Token under Provisioning first"
        } else if running.get() {
            "A cycle is running"
        } else if chosen.read().is_empty() {
            "Choose a person or group first"
        } else {
            ""
        }
        .to_owned()
    });
    let act = use_act();
    let of = StoredValue::new(id.clone());
    let send = move |preview: bool| {
        let Some(person) = chosen.get_untracked().into_iter().next() else { return };
        let below = if preview { "provisionOnDemand?preview=true" } else { "provisionOnDemand" };
        let path = endpoints::job(&of.get_value(), &untrack(|| data.job_id()), below);
        let mut change = Change::post(path, &request(&person, &members.read_untracked()));
        if !preview {
            change = change.stale(endpoints::provisioning_logs()).stale(endpoints::jobs(&of.get_value()));
        }
        answer.set(Value::Null);
        act.send_then(sending, change, move |value| {
            answer.set(scim::object([
                ("preview", preview.into()),
                ("id", person.id.into()),
                ("person", person.name.into()),
                ("answer", value.clone()),
            ]));
        });
    };
    let (preview, provision) = (Callback::new(move |()| send(true)), Callback::new(move |()| send(false)));
    let waiting = move || {
        let text =
            "A cycle is running. Provisioning on demand is possible when it has ended; this page follows it.";
        if running.get() { text.to_owned() } else { String::new() }
    };
    let directory = use_session().workforce_directory_id;
    let of_group = directory.clone();
    let with_members = live_option(move || {
        is_group.get().then(|| {
            view! {
                <p>"Choose up to 5 of its members. They are provisioned first, and the group gets these and no others now."</p>
                <Picker label="Search members" directory=of_group.clone() pick=Pick::Few(MEMBERS) chosen=members />
            }
            .into_any()
        })
    });
    let connect = paths::application(&id, ApplicationTab::Provisioning);
    let unconnected = live_option(move || {
        let missing = data.jobs.is_known() && *state.read() == "NotConfigured";
        missing.then(|| {
            let next = link_button("Go to Provisioning", "next", "", connect.clone());
            empty(
                "Not connected yet",
                "Save the application's Tenant URL and Secret Token first.",
                Some(next),
            )
        })
    });
    view! {
        <ApplicationHead id=id data=data tab=ApplicationTab::OnDemand />
        {unconnected}
        {message("", waiting)}
        <Panel title="Person or group">
            <p>
                "Provision one person, or a group with some members, now instead of with the next cycle. Scope and mappings apply as in a cycle. "
                <strong>"Preview"</strong>" goes through the same steps and writes nothing."
            </p>
            <Picker label="Search people and groups" directory=directory pick=Pick::One chosen=chosen />
            {with_members}
            <div class="actions">
                <Button label="Provision" icon_name="play" class="primary" on_click=provision busy=sending.busy blocked=blocked changes=true />
                <Button label="Preview" icon_name="info" on_click=preview busy=sending.busy blocked=blocked changes=true />
            </div>
            {message("bad", move || sending.error.get())}
        </Panel>
        {message("", move || Answer::read(&answer.read()).map(|answer| answer.sentence()).unwrap_or_default())}
        {live_option(move || outcome(&answer.read(), of))}
    }
    .into_any()
}

/// Who or which group is chosen, also in the address: a link can bring somebody along.
fn subject(query: Query) -> RwSignal<Vec<Choice>> {
    let chosen = RwSignal::new(Vec::<Choice>::new());
    let [person, group] = ["person", "group"].map(|name| untrack(|| query.get(name)));
    let directory = use_session().workforce_directory_id;
    let is_group = person.is_empty();
    let (resource, asked) = if is_group { ("Groups", group) } else { ("Users", person) };
    let known = Remote::<Value>::new(move || {
        if asked.is_empty() { String::new() } else { endpoints::scim_one(&directory, resource, &asked) }
    });
    on_change(move || {
        if let Some(found) = known.value() {
            let detail = if is_group { GROUP.to_owned() } else { scim::text(&found, &["userName"]) };
            chosen.set(vec![Choice { id: scim::id(&found), name: scim::name(&found), detail }]);
        }
    });
    let mut first = true;
    on_change(move || {
        let one = chosen.read().first().cloned();
        let id = |group: bool| {
            one.as_ref().filter(|one| one.is_group() == group).map_or("", |one| one.id.as_str())
        };
        if !std::mem::take(&mut first) {
            query.set(&[("person", id(false)), ("group", id(true))], true);
        }
    });
    chosen
}

/// The answer, when there is one.
fn outcome(answer: &Value, application: StoredValue<String>) -> Option<AnyView> {
    (!answer.is_null()).then(|| match Answer::read(answer) {
        Ok(answer) => result(&answer, application),
        Err(error) => view! { <Failure message=error.text() request_id=None retry=None /> }.into_any(),
    })
}

/// What happened: the outcome, then steps and changed properties.
fn result(answer: &Answer, application: StoredValue<String>) -> AnyView {
    let title = if answer.preview { "Preview" } else { "Result" };
    let id = application.get_value();
    let problem = problem(answer);
    let Some(first) = answer.main() else {
        return view! { <Panel title=title>{problem}</Panel> }.into_any();
    };
    let (source, target) = (&first.source_identity, &first.target_identity);
    let name = if source.display_name.is_empty() { &answer.person } else { &source.display_name }.clone();
    let page = if source.identity_type == GROUP { Page::Group } else { Page::Person };
    let href = page(source.id.clone()).path();
    let mut links = Vec::new();
    if answer.outcome == Outcome::Skipped {
        let users = paths::application(&id, ApplicationTab::Users);
        links.push(link_button("Users and groups", "group", "", users));
    }
    if !answer.preview {
        let logs = paths::application(&id, ApplicationTab::Logs);
        let query = [("cycle", first.cycle_id.as_str())];
        let logs = crate::api::odata::with_query(&logs, &query);
        links.push(link_button("Show in the provisioning log", "log", "", logs));
    }
    let head = facts(vec![
        ("Identity", view! { <a href=href>{name}</a> }.into_any()),
        ("Action", plain(action(&first.provisioning_action))),
        ("Status", status_badge(&first.provisioning_status_info.status)),
        ("Source ID", code(&source.id)),
        ("Target ID", code(&target.id)),
    ]);
    let changes: Vec<_> = answer.entries.iter().flat_map(|entry| &entry.modified_properties).collect();
    let changes = if changes.is_empty() {
        empty("No property changed", "Nothing has to be written.", None)
    } else {
        change_list(&changes)
    };
    let steps = steps(answer.entries.iter().flat_map(|entry| &entry.provisioning_steps));
    view! {
        <Panel title=title>
            {head}
            {problem}
            {(!links.is_empty()).then(|| view! { <div class="actions">{links}</div> }.into_any())}
        </Panel>
        <div class="columns">
            <Panel title="Steps">{steps}</Panel>
            <Panel title="Modified properties">{changes}</Panel>
        </div>
    }
    .into_any()
}

/// Why it failed or was skipped, and what to do.
fn problem(answer: &Answer) -> AnyView {
    let told = answer.entries.iter().filter_map(|entry| {
        let info = entry.provisioning_status_info.error_information.as_ref();
        info.map(advice)
    });
    let told = told.collect::<Vec<_>>();
    if !told.is_empty() {
        return told.into_any();
    }
    let text = answer.error.clone();
    (!text.is_empty())
        .then(|| view! { <div class="notice bad">{icon("error")}<p class="pre">{text}</p></div> }.into_any())
        .into_any()
}
