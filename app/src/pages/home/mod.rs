//! The start: applications with their health, what is left to set up, and what the directory holds.

mod attention;
mod guide;
mod sample;

use crate::api::endpoints;
use crate::app::use_session;
use crate::cache::{Client, Remote, use_client};
use crate::parts::remote::show;
use crate::parts::words::job_badge;
use crate::paths::{self, ApplicationTab, Page};
use crate::ui::button::link_button;
use crate::ui::icon::icon;
use crate::ui::live::{live, live_option, memo};
use crate::ui::page::PageHead;
use crate::ui::panel::{Panel, tiles};
use crate::ui::state::{empty, together};
use crate::ui::table;
use crate::ui::time::time_or;
use api::application::{AppRoleAssignment, ServicePrincipal};
use api::collection::Collection;
use api::directory::{Directory, DirectoryProfile};
use api::job::SynchronizationJob;
use guide::Progress;
use leptos::prelude::*;

/// The start page.
#[component]
pub(crate) fn Home() -> impl IntoView {
    let session = use_session();
    let workforce = endpoints::directory(&session.workforce_directory_id);
    let workforce = Remote::<Directory>::new(move || workforce.clone());
    let directories = Remote::<Collection<Directory>>::new(endpoints::directories);
    let applications = Remote::<Collection<ServicePrincipal>>::new(endpoints::applications);
    let client = use_client();
    let directory = session.workforce_directory_id.clone();
    let there = move || {
        // All are asked for at once, whatever is known already.
        let known = [
            workforce.is_known(),
            directories.is_known(),
            client.known(&endpoints::inlets(&directory)),
            jobs_known(client, applications),
            first_of(applications).is_none_or(|id| client.known(&endpoints::assignments(&id))),
        ];
        known.into_iter().all(|known| known)
    };
    let parts = move || {
        let gallery = link_button("Add application", "add", "", Page::Gallery.path());
        view! {
            {guide_panel(workforce, directories, applications)}
            {attention::attention(&session.workforce_directory_id, applications)}
            <Panel title="Applications" actions=gallery>{show(applications, application_table)}</Panel>
            <Panel title="Workforce directory">{show(workforce, counts)}</Panel>
        }
        .into_any()
    };
    view! {
        <PageHead title="Home" />
        {together(there, parts)}
    }
    .into_any()
}

/// Whether the jobs of all applications are known.
pub(crate) fn jobs_known(client: Client, applications: Remote<Collection<ServicePrincipal>>) -> bool {
    let list = applications.value().map(|list| list.value).unwrap_or_default();
    // No short cut: all are asked for at once.
    let unknown = list.iter().filter(|application| !client.known(&endpoints::jobs(&application.id))).count();
    applications.is_known() && unknown == 0
}

/// The application that the guide looks at.
fn first_of(applications: Remote<Collection<ServicePrincipal>>) -> Option<String> {
    applications.value().and_then(|list| list.value.into_iter().next()).map(|application| application.id)
}

fn counts(directory: Directory) -> AnyView {
    let people = link_button("Show people", "person", "", Page::People.path());
    let import = link_button("Import CSV", "upload", "", Page::Import.path());
    view! {
        {tiles(&[
            ("People", directory.user_count.unwrap_or_default()),
            ("Groups", directory.group_count.unwrap_or_default()),
        ])}
        <div class="actions">{people}{import}</div>
    }
    .into_any()
}

/// Applications with the health of their jobs.
pub(crate) fn application_table(list: Collection<ServicePrincipal>) -> AnyView {
    if list.value.is_empty() {
        let next = link_button("Browse the gallery", "gallery", "primary", Page::Gallery.path());
        return empty("No applications yet", "Add the first one from the gallery.", Some(next));
    }
    let rows = list
        .value
        .into_iter()
        .map(|application| view! { <ApplicationRow application=application /> }.into_any());
    table::table("Applications", &["Name", "Provisioning", "Last cycle", "Next cycle"], rows.collect())
}

fn cells(state: AnyView, last: AnyView, next: AnyView) -> AnyView {
    vec![state, last, next].into_any()
}

/// A line of the table, with the health of its job.
#[component]
fn ApplicationRow(
    /// The application.
    application: ServicePrincipal,
) -> impl IntoView {
    let address = endpoints::jobs(&application.id);
    let jobs = Remote::<Collection<SynchronizationJob>>::new(move || address.clone());
    let health = live(move || match jobs.get() {
        None => cells(table::text("…"), table::text(""), table::text("")),
        Some(Err(error)) => cells(table::text(error.message), table::text(""), table::text("")),
        Some(Ok(jobs)) => match jobs.value.into_iter().next() {
            None => cells(table::cell(job_badge("NotConfigured")), table::text("–"), table::text("–")),
            Some(job) => {
                let last = job.status.last_execution.as_ref().map(|run| run.time_ended.as_str());
                let next = job.status.next_execution_date_time.as_deref();
                cells(
                    table::cell(job_badge(&job.status.code)),
                    table::cell(time_or(last, "never")),
                    table::cell(time_or(next, "not planned")),
                )
            }
        },
    });
    let href = paths::application(&application.id, ApplicationTab::Overview);
    view! { <tr>{table::heading_link(application.display_name, href)}{health}</tr> }.into_any()
}

/// The first-run guide; it goes away when everything is done.
fn guide_panel(
    workforce: Remote<Directory>,
    directories: Remote<Collection<Directory>>,
    applications: Remote<Collection<ServicePrincipal>>,
) -> AnyView {
    let first = memo(move || first_of(applications));
    let jobs = Remote::<Collection<SynchronizationJob>>::new(move || {
        first.get().map(|id| endpoints::jobs(&id)).unwrap_or_default()
    });
    let assignments = Remote::<Collection<AppRoleAssignment>>::new(move || {
        first.get().map(|id| endpoints::assignments(&id)).unwrap_or_default()
    });
    let known = move || {
        let ready = workforce.is_known()
            && directories.is_known()
            && applications.is_known()
            && (first.read().is_none() || (jobs.is_known() && assignments.is_known()));
        ready.then(|| Progress {
            people: workforce.value().and_then(|directory| directory.user_count).unwrap_or_default(),
            tenant: directories.value().is_some_and(|list| {
                list.value.iter().any(|directory| directory.profile == DirectoryProfile::Application)
            }),
            application: first.get(),
            assigned: assignments.value().is_some_and(|list| !list.value.is_empty()),
            job_state: jobs.value().and_then(|list| list.value.into_iter().next()).map(|job| job.status.code),
        })
    };
    let known = memo(known);
    live_option(move || {
        let steps = guide::steps(&known.get()?);
        let done = steps.iter().filter(|step| step.done).count();
        let (all, done_text) = (steps.len(), done.to_string());
        if done == all {
            return None;
        }
        let empty = steps.first().is_some_and(|step| !step.done);
        let offer = empty.then(|| sample::offer(&use_session().workforce_directory_id));
        let next = steps.iter().position(|step| !step.done);
        let items = steps.into_iter().enumerate().map(|(at, step)| guide_item(step, Some(at) == next));
        let items = items.collect::<Vec<_>>();
        Some(
            view! {
                <Panel title="Set up provisioning">
                    <p>
                        <progress value=done_text.clone() max=all.to_string() aria-label="Set-up progress"></progress>
                        " "{done_text}" of "{all}" done"
                    </p>
                    <ol class="checklist">{items}</ol>
                    {offer}
                </Panel>
            }
            .into_any(),
        )
    })
}

fn guide_item(step: guide::Step, is_next: bool) -> AnyView {
    let (class, symbol, state) = match (step.done, is_next) {
        (true, _) => ("done", "check", "Done: "),
        (false, true) => ("next", "next", "Next: "),
        (false, false) => ("", "circle", "To do: "),
    };
    view! {
        <li class=class>
            {icon(symbol)}
            <div>
                <span class="visually-hidden">{state}</span>
                <a href=step.href>{step.title}</a>
                <p class="hint">{step.why}</p>
            </div>
        </li>
    }
    .into_any()
}
