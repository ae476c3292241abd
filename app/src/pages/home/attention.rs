//! What cannot go on without somebody: each line says what, and leads to where it is repaired.

use crate::api::odata::with_query;
use crate::api::{ApiError, endpoints};
use crate::app::use_session;
use crate::browser;
use crate::cache::{Remote, use_client};
use crate::parts::remote::failure;
use crate::paths::{self, ApplicationTab, Page};
use crate::text::count;
use crate::ui::icon::icon;
use crate::ui::live::live;
use crate::ui::panel::panel;
use crate::ui::state::skeleton;
use crate::ui::time::time_or;
use api::application::ServicePrincipal;
use api::collection::Collection;
use api::inlet::Inlet;
use api::job::SynchronizationJob;
use leptos::prelude::*;

/// Credentials are told about so many days before they end.
const EXPIRY_DAYS: i64 = 30;

/// A line: whether it is bad or a warning, what, where, and a time that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Concern {
    bad: bool,
    text: String,
    href: String,
    when: String,
}

fn concern(bad: bool, text: String, href: String, when: &str) -> Concern {
    Concern { bad, text, href, when: when.to_owned() }
}

/// What is to be said about a job.
fn of_job(
    application: &str,
    name: &str,
    job: &SynchronizationJob,
    soon: impl Fn(&str) -> bool,
) -> Vec<Concern> {
    let to = |tab| paths::application(application, tab);
    let status = &job.status;
    let mut found = Vec::new();
    let last = status.last_execution.as_ref();
    if let Some(quarantine) = &status.quarantine {
        let since = &quarantine.current_began;
        if quarantine.reason == "TooManyDeletes" {
            let text = format!("{name}: deletions are held and wait for a decision");
            found.push(concern(true, text, to(ApplicationTab::Held), since));
        } else {
            let text = format!("{name} is in quarantine");
            found.push(concern(true, text, to(ApplicationTab::Overview), since));
        }
    } else if let Some(last) =
        last.filter(|last| !matches!(last.state.as_str(), "Succeeded" | "EntryLevelErrors"))
    {
        let text = format!("{name}: the last cycle failed");
        found.push(concern(true, text, to(ApplicationTab::Overview), &last.time_ended));
    }
    if let Some(last) = last.filter(|last| last.count_escrowed > 0) {
        let failed = count(last.count_escrowed, "object", "objects");
        let href = with_query(&to(ApplicationTab::Logs), &[("status", "failure")]);
        found.push(concern(
            false,
            format!("{name}: {failed} failed in the last cycle"),
            href,
            &last.time_ended,
        ));
    }
    if let Some(end) = status.credentials_expire_date_time.as_deref().filter(|end| soon(end)) {
        let text = format!("{name}: its credentials expire");
        found.push(concern(false, text, to(ApplicationTab::Provisioning), end));
    }
    found
}

/// What is to be said about an inlet.
fn of_inlet(inlet: &Inlet) -> Option<Concern> {
    let (name, href) = (&inlet.display_name, Page::Inlet(inlet.id.clone()).path());
    let error = inlet.status.last_error.as_ref();
    let when = error.map(|error| error.date_time.as_str()).unwrap_or_default();
    if let Some(held) = &inlet.status.held_removals {
        let people = count(held.users, "person", "people");
        let groups = count(held.groups, "group", "groups");
        let text = format!("Inlet {name}: the removal of {people} and {groups} is held");
        return Some(concern(true, text, href, when));
    }
    error.map(|error| concern(true, format!("Inlet {name}: {}", error.message), href, when))
}

/// The panel. It stays, so that its absence is not taken for good news.
pub(super) fn attention(directory: &str, applications: Remote<Collection<ServicePrincipal>>) -> AnyView {
    let address = endpoints::inlets(directory);
    let inlets = Remote::<Collection<Inlet>>::new(move || address.clone());
    let content = live(move || {
        let known = match applications.get() {
            None => return skeleton(),
            Some(Err(error)) => return retry(&error),
            Some(Ok(known)) => known.value,
        };
        let mut jobs = Vec::new();
        for application in known {
            let address = endpoints::jobs(&application.id);
            let remote = Remote::<Collection<SynchronizationJob>>::new(move || address.clone());
            jobs.push((application.id, application.display_name, remote));
        }
        live(move || list(&jobs, inlets))
    });
    panel("Needs attention", content)
}

/// Asks for everything again that the panel is made of.
fn retry(error: &ApiError) -> AnyView {
    let (client, directory) = (use_client(), use_session().workforce_directory_id);
    let again = Callback::new(move |()| {
        client.invalidate(&endpoints::applications());
        client.invalidate(&endpoints::inlets(&directory));
    });
    failure(error, again)
}

/// An application's id and name, and its jobs.
type Jobs = (String, String, Remote<Collection<SynchronizationJob>>);

fn list(jobs: &[Jobs], inlets: Remote<Collection<Inlet>>) -> AnyView {
    let soon = |end: &str| {
        browser::parse_time(end).is_some_and(|end| end - browser::now() < EXPIRY_DAYS * 86_400_000)
    };
    let mut found = Vec::new();
    for (id, name, jobs) in jobs {
        match jobs.get() {
            None => return skeleton(),
            Some(Err(error)) => return retry(&error),
            Some(Ok(list)) => found.extend(list.value.iter().flat_map(|job| of_job(id, name, job, soon))),
        }
    }
    match inlets.get() {
        None => return skeleton(),
        Some(Err(error)) => return retry(&error),
        Some(Ok(list)) => found.extend(list.value.iter().filter_map(of_inlet)),
    }
    if found.is_empty() {
        return view! { <p class="faint">"Nothing: no quarantine, no failure, nothing held."</p> }.into_any();
    }
    // What is bad comes first; each keeps its place otherwise.
    let mut items = Vec::new();
    for bad in [true, false] {
        for concern in found.iter().filter(|concern| concern.bad == bad) {
            let (symbol, class) = if bad { ("error", "bad") } else { ("warning", "warning") };
            let (href, text) = (concern.href.clone(), concern.text.clone());
            let when = time_or(Some(&concern.when), "");
            items.push(
                view! { <li class=class>{icon(symbol)}<div><a href=href>{text}</a><p class="hint">{when}</p></div></li> }
                    .into_any(),
            );
        }
    }
    view! { <ul class="checklist" aria-label="Needs attention">{items}</ul> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn job(status: &Value) -> SynchronizationJob {
        serde_json::from_value(json!({"id": "j", "templateId": "t", "synchronizationJobSettings": [],
            "schedule": {"expiration": null, "interval": "PT40M", "state": "Active"}, "status": status}))
        .unwrap()
    }

    fn status(changes: Value) -> Value {
        let mut status = json!({"code": "Active", "countSuccessiveCompleteFailures": 0, "escrowsPruned": false,
            "lastExecution": null, "lastSuccessfulExecution": null, "lastSuccessfulExecutionWithExports": null,
            "progress": [], "quarantine": null, "steadyStateFirstAchievedTime": null,
            "steadyStateLastAchievedTime": null, "synchronizedEntryCountByType": [], "currentCycle": null,
            "nextExecutionDateTime": null, "credentialsExpireDateTime": null, "notificationError": null});
        if let (Some(status), Value::Object(changes)) = (status.as_object_mut(), changes) {
            status.extend(changes);
        }
        status
    }

    #[test]
    fn a_healthy_job_is_no_concern() {
        assert_eq!(of_job("a", "Peakon", &job(&status(json!({}))), |_| true), []);
    }

    #[test]
    fn held_deletions_lead_to_the_decision() {
        let quarantine = json!({"currentBegan": "b", "nextAttempt": "n", "reason": "TooManyDeletes",
            "seriesBegan": "s", "seriesCount": 1, "error": null});
        let found = of_job("a", "Peakon", &job(&status(json!({"quarantine": quarantine}))), |_| true);
        assert_eq!(found.len(), 1);
        assert_eq!(found.first().map(|found| found.href.as_str()), Some("/applications/a/held-deletions"));
    }

    #[test]
    fn credentials_are_told_about_only_before_their_end() {
        let job = job(&status(json!({"credentialsExpireDateTime": "soon"})));
        assert_eq!(of_job("a", "Peakon", &job, |end| end == "soon").len(), 1);
        assert_eq!(of_job("a", "Peakon", &job, |_| false).len(), 0);
    }
}
