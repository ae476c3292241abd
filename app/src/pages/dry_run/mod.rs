//! Application → Dry run: the plan of the next cycle, of which nothing is written.

mod drawer;
pub(crate) mod items;
pub(crate) mod list;
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

/// The page.
#[component]
pub(crate) fn DryRun(
    /// The application's id.
    id: String,
) -> impl IntoView {
    let data = ApplicationData::new(&id);
    let query = use_query();
    let of = StoredValue::new(id.clone());
    let address = move || {
        let job = data.job_id();
        if job.is_empty() { job } else { endpoints::job(&of.get_value(), &job, "plans") }
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
        let path = endpoints::job(&id, &untrack(|| data.job_id()), "plan");
        let change = Change::post(path, &Value::Null).stale(endpoints::jobs(&id));
        act.send_then(sending, change, move |plan| {
            query.set(&[("plan", &scim::id(plan)), ("open", "")], false);
        });
    });
    let blocked = memo(move || blocked(data, planning.get(), cycling.get()).to_owned());
    let start = view! { <Button label="Plan the next cycle" icon_name="play" class="primary" on_click=begin busy=sending.busy blocked=blocked /> };
    let waiting = move || {
        let text = "A cycle is running, so what the next one does is not known yet. This page follows it.";
        if cycling.get() { text.to_owned() } else { String::new() }
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
                Value::Null => nothing(query),
                plan => plan::view(&plan, of, data, finished),
            },
            _ => skeleton(),
        }
    });
    // Apart from the plan, which is made again while a cycle runs: the filters keep the focus.
    let is_finished = memo(move || !finished.read().is_empty());
    let objects = live_option(move || is_finished.get().then(|| list::list(items, query)));
    let others = live_option(move || list().filter(|list| list.len() > 1).map(|list| plan::kept(&list, of)));
    view! {
        <ApplicationHead id=id data=data tab=ApplicationTab::DryRun actions=start.into_any() />
        <p>
            "A dry run tells what the next cycle would do, person by person, with the requests that it would send. It reads \
            the directory and the application, and writes nothing. Plans are kept for a day, the last five of them."
        </p>
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
pub(crate) fn blocked(data: ApplicationData, planning: bool, cycling: bool) -> &'static str {
    match data.job().map(|job| job.status.code) {
        None if !data.jobs.is_known() => "Loading…",
        None => "Save Tenant URL and Secret Token under Provisioning first",
        Some(code) if code == "NotConfigured" => "Save Tenant URL and Secret Token under Provisioning first",
        Some(_) if cycling => "A cycle is running",
        Some(_) if planning => "A plan is being made",
        Some(_) => "",
    }
}

pub(crate) fn unconnected(application: &str) -> AnyView {
    let connect = paths::application(application, ApplicationTab::Provisioning);
    let next = link_button("Go to Provisioning", "next", "", connect);
    empty("Not connected yet", "Save the application's Tenant URL and Secret Token first.", Some(next))
}

/// No plan: none was made, or the address names one that is gone.
fn nothing(query: Query) -> AnyView {
    if query.get("plan").is_empty() {
        return empty("No plan yet", "Choose Plan the next cycle to see what it would do.", None);
    }
    let newest = Callback::new(move |()| query.set(&[("plan", ""), ("open", "")], true));
    let next = view! { <Button label="Show the newest plan" on_click=newest /> };
    empty(
        "This plan is not kept any more",
        "Plans are kept for a day, the last five of them.",
        Some(next.into_any()),
    )
}

/// Whether a plan is still being made.
pub(crate) fn is_running(plan: &Value) -> bool {
    scim::text(plan, &["state"]) == "running"
}
