//! Application → Drift check: what somebody else changed in the application, and the way to put it right.

mod found;

use crate::api::{endpoints, scim};
use crate::cache::{Remote, poll};
use crate::pages::dry_run::items::Items;
use crate::pages::dry_run::{self, is_running, unconnected};
use crate::parts::act::{Change, use_act};
use crate::parts::application::{ApplicationData, ApplicationHead};
use crate::parts::create::Sending;
use crate::parts::query::use_query;
use crate::parts::remote::failure;
use crate::paths::ApplicationTab;
use crate::ui::button::Button;
use crate::ui::live::{live, live_option, memo};
use crate::ui::state::{empty, message, skeleton};
use leptos::prelude::*;
use serde_json::Value;

/// The page.
#[component]
pub(crate) fn Drift(
    /// The application's id.
    id: String,
) -> impl IntoView {
    let data = ApplicationData::new(&id);
    let query = use_query();
    let of = StoredValue::new(id.clone());
    let address = move || {
        let job = data.job_id();
        if job.is_empty() { job } else { endpoints::job(&of.get_value(), &job, "driftChecks") }
    };
    let checks = Remote::<Value>::new(address);
    let list = move || checks.value().map(|checks| scim::values(&checks, "value"));
    // The one that the address names, or the newest; null while there is none.
    let check = move || {
        let wanted = query.get("check");
        let mut list = list().unwrap_or_default().into_iter();
        list.find(|check| wanted.is_empty() || scim::id(check) == wanted).unwrap_or_default()
    };
    let checking = memo(move || list().unwrap_or_default().iter().any(is_running));
    let cycling = memo(move || data.job().is_some_and(|job| job.status.current_cycle.is_some()));
    let prefix = endpoints::jobs(&id);
    poll(move || prefix.clone(), move || checking.get_untracked() || cycling.get_untracked());

    let (act, sending) = (use_act(), Sending::new());
    let begin = Callback::new(move |()| {
        let id = of.get_value();
        let path = endpoints::job(&id, &untrack(|| data.job_id()), "driftChecks");
        let change = Change::post(path, &Value::Null).stale(endpoints::jobs(&id));
        act.send_then(sending, change, move |_| query.set(&[("check", "")], false));
    });
    let blocked = memo(move || {
        let why = dry_run::blocked(data, false, cycling.get());
        let is_new = || data.job().is_some_and(|job| job.status.code == "NotRun");
        match why {
            "" if checking.get() => "A check is under way",
            "" if is_new() => "Nothing was provisioned yet: start provisioning first",
            why => why,
        }
        .to_owned()
    });
    let start = view! { <Button label="Check for drift" icon_name="sync" class="primary" on_click=begin busy=sending.busy blocked=blocked /> };
    let waiting = move || {
        let text = "A cycle is running. A check is possible when it has ended; this page follows it.";
        if cycling.get() { text.to_owned() } else { String::new() }
    };
    // Of a check that is done: only then its items are read.
    let finished = memo(move || {
        let check = check();
        if check.is_null() || is_running(&check) {
            String::new()
        } else {
            format!("{}/{}", address(), scim::id(&check))
        }
    });
    let items = Items::follow(finished);
    let has_job = memo(move || data.known_job().map(|job| (!job.is_empty()).to_string()).unwrap_or_default());
    let content = live(move || {
        if let Some(error) = checks.error() {
            return failure(&error, Callback::new(move |()| checks.reload()));
        }
        match has_job.read().as_str() {
            "false" => unconnected(&of.get_value()),
            "true" if checks.is_known() => match check() {
                Value::Null => {
                    empty("No check yet", "Choose Check for drift to see what somebody else changed.", None)
                }
                check => found::summary(&check),
            },
            _ => skeleton(),
        }
    });
    let is_finished = memo(move || !finished.read().is_empty());
    let found = live_option(move || is_finished.get().then(|| found::list(items, finished, of, data)));
    let others = live_option(move || list().filter(|list| list.len() > 1).map(|list| found::kept(&list, of)));
    view! {
        <ApplicationHead id=id data=data tab=ApplicationTab::Drift actions=start.into_any() />
        <p>
            "A drift check reads every linked account in the application and compares it with what the mappings would write now. \
            It writes nothing. Members of groups are not compared."
        </p>
        {message("", waiting)}
        {message("bad", move || sending.error.get())}
        {content}
        {found}
        {others}
    }
    .into_any()
}
