//! Application → Dry run: the plan of the next cycle, of which nothing is written. Application → Drift check: what
//! somebody else changed in the application. A check is a plan too, so both are one page with other words.

mod drawer;
mod drift;
mod items;
mod list;
mod plan;

use crate::api::{endpoints, scim};
use crate::cache::{Remote, poll};
use crate::parts::act::{Change, use_act};
use crate::parts::application::{ApplicationData, ApplicationHead};
use crate::parts::create::Sending;
use crate::parts::query::{Query, use_query};
use crate::parts::remote::failure;
use crate::paths::{self, ApplicationTab};
use crate::ui::button::{Button, link_button};
use crate::ui::live::{live, live_option, memo};
use crate::ui::state::{empty, message, skeleton};
use items::Items;
use leptos::prelude::*;
use serde_json::Value;

/// What differs between the two pages.
struct Words {
    tab: ApplicationTab,
    /// Below the job: where they are, and where one is begun.
    list: &'static str,
    begin: &'static str,
    start: &'static str,
    about: &'static str,
    waiting: &'static str,
    /// Why one cannot be begun: of a job that never ran, and while another is under way.
    new_job: &'static str,
    running: &'static str,
    none: &'static str,
    next: &'static str,
    gone: &'static str,
    newest: &'static str,
}

const PLAN: Words = Words {
    tab: ApplicationTab::DryRun,
    list: "plans",
    begin: "plan",
    start: "Plan the next cycle",
    about: "A dry run tells what the next cycle would do, person by person, with the requests that it would send. It reads \
            the directory and the application, and writes nothing. Plans are kept for a day, the last five of them.",
    waiting: "A cycle is running, so what the next one does is not known yet. This page follows it.",
    new_job: "",
    running: "A plan is being made",
    none: "No plan yet",
    next: "Choose Plan the next cycle to see what it would do.",
    gone: "This plan is not kept any more",
    newest: "Show the newest plan",
};

const DRIFT: Words = Words {
    tab: ApplicationTab::Drift,
    list: "driftChecks",
    begin: "driftChecks",
    start: "Check for drift",
    about: "A drift check reads every linked account in the application and compares it with what the mappings would write \
            now. It writes nothing. The members of groups are compared, too. Checks are kept like plans, and with them.",
    waiting: "A cycle is running. A check is possible when it has ended; this page follows it.",
    new_job: "Nothing was provisioned yet: start provisioning first",
    running: "A check is under way",
    none: "No check yet",
    next: "Choose Check for drift to see what somebody else changed.",
    gone: "This check is not kept any more",
    newest: "Show the newest check",
};

/// The page.
#[component]
pub(crate) fn DryRun(
    /// The application's id.
    id: String,
    /// Whether it is the page of drift checks.
    #[prop(optional)]
    drift: bool,
) -> impl IntoView {
    let data = ApplicationData::new(&id);
    let query = use_query();
    let of = StoredValue::new(id.clone());
    let words = if drift { &DRIFT } else { &PLAN };
    let address = move || {
        let job = data.job_id();
        if job.is_empty() { job } else { endpoints::job(&of.get_value(), &job, words.list) }
    };
    let plans = Remote::<Value>::new(address);
    let list = move || plans.value().map(|plans| scim::values(&plans, "value"));
    // The one that the address names, or the newest; null while there is none.
    let plan = move || {
        let wanted = query.get("plan");
        let mut list = list().unwrap_or_default().into_iter();
        list.find(|plan| wanted.is_empty() || scim::id(plan) == wanted).unwrap_or_default()
    };
    let planning = memo(move || list().unwrap_or_default().iter().any(is_running));
    let cycling = memo(move || data.job().is_some_and(|job| job.status.current_cycle.is_some()));
    let prefix = endpoints::jobs(&id);
    poll(move || prefix.clone(), move || planning.get_untracked() || cycling.get_untracked());

    let (act, sending) = (use_act(), Sending::new());
    let begin = Callback::new(move |()| {
        let id = of.get_value();
        let path = endpoints::job(&id, &untrack(|| data.job_id()), words.begin);
        let change = Change::post(path, &Value::Null).stale(endpoints::jobs(&id));
        act.send_then(sending, change, move |plan| {
            query.set(&[("plan", &scim::id(plan)), ("open", "")], false);
        });
    });
    let blocked = memo(move || blocked(data, words, planning.get(), cycling.get()).to_owned());
    let start = view! { <Button label=words.start icon_name="play" class="primary" on_click=begin busy=sending.busy blocked=blocked changes=true /> };
    let waiting = move || {
        if cycling.get() { words.waiting.to_owned() } else { String::new() }
    };
    // Of a plan that is done: only then its objects are read.
    let finished = memo(move || {
        let plan = plan();
        if plan.is_null() || is_running(&plan) {
            String::new()
        } else {
            format!("{}/{}", address(), scim::id(&plan))
        }
    });
    let items = Items::follow(finished);
    let has_job = memo(move || data.known_job().map(|job| (!job.is_empty()).to_string()).unwrap_or_default());
    let content = live(move || {
        if let Some(error) = plans.error() {
            return failure(&error, Callback::new(move |()| plans.reload()));
        }
        match has_job.read().as_str() {
            "false" => unconnected(&of.get_value()),
            "true" if plans.is_known() => match plan() {
                Value::Null => nothing(query, words),
                plan if drift => drift::summary(&plan),
                plan => plan::view(&plan, of, data, finished),
            },
            _ => skeleton(),
        }
    });
    // Apart from the plan, which is made again while a cycle runs: the filters keep the focus.
    let is_finished = memo(move || !finished.read().is_empty());
    // Only one that came to its end says by an empty list that all is well.
    let complete = memo(move || scim::text(&plan(), &["state"]) == "finished");
    let objects = live_option(move || {
        is_finished.get().then(|| {
            if drift {
                drift::list(items, complete, finished, of, data)
            } else {
                list::list(items, complete, query)
            }
        })
    });
    let others = live_option(move || {
        list().filter(|list| list.len() > 1).map(|list| plan::kept(&list, of, words.tab))
    });
    view! {
        <ApplicationHead id=id data=data tab=words.tab actions=start.into_any() />
        <p>{words.about}</p>
        {message("", waiting)}
        {message("bad", move || sending.error.get())}
        {content}
        {objects}
        {others}
        <drawer::Drawer query=query items=items plan=Callback::new(move |()| plan()) />
    }
    .into_any()
}

/// Why no plan can be made now; empty when one can.
fn blocked(data: ApplicationData, words: &Words, planning: bool, cycling: bool) -> &'static str {
    match data.job().map(|job| job.status.code) {
        None if !data.jobs.is_known() => "Loading…",
        None => "Save Tenant URL and Secret Token under Provisioning first",
        Some(code) if code == "NotConfigured" => "Save Tenant URL and Secret Token under Provisioning first",
        Some(_) if cycling => "A cycle is running",
        Some(_) if planning => words.running,
        Some(code) if code == "NotRun" => words.new_job,
        Some(_) => "",
    }
}

fn unconnected(application: &str) -> AnyView {
    let connect = paths::application(application, ApplicationTab::Provisioning);
    let next = link_button("Go to Provisioning", "next", "", connect);
    empty("Not connected yet", "Save the application's Tenant URL and Secret Token first.", Some(next))
}

/// No plan: none was made, or the address names one that is gone.
fn nothing(query: Query, words: &Words) -> AnyView {
    if query.get("plan").is_empty() {
        return empty(words.none, words.next, None);
    }
    let newest = Callback::new(move |()| query.set(&[("plan", ""), ("open", "")], true));
    let next = view! { <Button label=words.newest on_click=newest /> };
    empty(words.gone, "They are kept for a day, the last five of them.", Some(next.into_any()))
}

/// Whether a plan is still being made.
fn is_running(plan: &Value) -> bool {
    scim::text(plan, &["state"]) == "running"
}
