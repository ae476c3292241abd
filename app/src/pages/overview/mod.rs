//! Application → Overview: how provisioning is, what it does now, and the commands.

mod capabilities;
mod commands;
pub(crate) mod cycle;
mod setup;

use crate::api::endpoints;
use crate::cache::{use_client, watch};
use crate::parts::act::{Asking, Change, Question, asking, use_act};
use crate::parts::application::{ApplicationData, ApplicationHead};
use crate::parts::create::Sending;
use crate::parts::interval;
use crate::parts::remote::show;
use crate::parts::words::job_badge;
use crate::paths::{self, ApplicationTab, Page};
use crate::ui::button::{Button, link_button};
use crate::ui::icon::icon;
use crate::ui::live::{live, live_option, memo};
use crate::ui::panel::{Panel, facts, plain};
use crate::ui::state::{message, together};
use crate::ui::time::{time, time_or};
use api::application::ServicePrincipal;
use api::job::{Quarantine, RestartRequest, SynchronizationJob};
use commands::Command;
use leptos::prelude::*;

/// The overview page.
#[component]
pub(crate) fn Overview(
    /// The application's id.
    id: String,
) -> impl IntoView {
    let data = ApplicationData::new(&id);
    let state = memo(move || data.job().map_or_else(|| "NotConfigured".to_owned(), |job| job.status.code));
    let running = memo(move || data.job().is_some_and(|job| job.status.current_cycle.is_some()));
    let prefix = endpoints::jobs(&id);
    let watched = watch(move || prefix.clone(), move || running.get_untracked());
    let badge = live_option(move || data.jobs.is_known().then(|| job_badge(&state.read())));
    let (client, assigned) = (use_client(), setup::counted(&id));
    let there = move || {
        let assigned = client.known(&assigned);
        assigned && data.jobs.is_known() && data.application.is_known()
    };
    let of = id.clone();
    let parts = move || {
        let (id, of) = (of.clone(), of.clone());
        let quarantine = move || data.job().and_then(|job| job.status.quarantine);
        view! {
            {live_option(move || quarantine().map(|quarantine| quarantine_banner(quarantine, &of)))}
            <setup::Setup id=id.clone() data=data state=state />
            <Commands id=id.clone() data=data state=state running=running watched=watched />
            <div class="columns">
                {live(move || cycle_panel(data, running.get()))}
                <Panel title="Schedule and statistics">
                    {show(data.jobs, |jobs| statistics(jobs.value.into_iter().next()))}
                </Panel>
            </div>
            <div class="columns">
                <capabilities::Capabilities id=id data=data />
                <Panel title="Application">{show(data.application, application)}</Panel>
            </div>
        }
        .into_any()
    };
    view! {
        <ApplicationHead id=id data=data tab=ApplicationTab::Overview actions=badge />
        {together(there, parts)}
    }
    .into_any()
}

fn cycle_panel(data: ApplicationData, running: bool) -> AnyView {
    let title = if running { "Current cycle" } else { "Last cycle" };
    let content = show(data.jobs, |jobs| cycle::current(jobs.value.into_iter().next()));
    view! { <Panel title=title>{content}</Panel> }.into_any()
}

fn quarantine_banner(quarantine: Quarantine, application: &str) -> AnyView {
    let held = (quarantine.reason == "TooManyDeletes").then(|| {
        let href = paths::application(application, ApplicationTab::Held);
        link_button("Review held deletions", "next", "primary", href)
    });
    let cause = quarantine.error.map_or(quarantine.reason, |error| error.message);
    view! {
        <div class="notice bad" role="alert">
            {icon("error")}
            <div>
                <p><strong>"Provisioning is in quarantine."</strong>" Cycles run less often until the cause is gone."</p>
                <p class="pre">{cause}</p>
                <p>"Since "{time(&quarantine.current_began)}", next attempt "{time(&quarantine.next_attempt)}"."</p>
                <p class="hint">"Repair the cause, then choose Start provisioning to try at once."</p>
                {held}
            </div>
        </div>
    }
    .into_any()
}

/// The buttons. One that cannot act now says why.
#[component]
fn Commands(
    id: String,
    data: ApplicationData,
    state: Memo<String>,
    running: Memo<bool>,
    watched: RwSignal<u8>,
) -> impl IntoView {
    let act = use_act();
    let sending = Sending::new();
    let id = StoredValue::new(id);
    let give = move |command: Command| {
        let id = id.get_value();
        let path = endpoints::job(&id, &untrack(|| data.job_id()), command.action());
        let change =
            Change::post(path, &RestartRequest::default()).said(command.done()).stale(endpoints::jobs(&id));
        watched.set(8);
        if command == Command::Restart {
            let effect = "The memory of what was done so far (watermark and waiting retries) is forgotten, and an initial \
                          cycle looks at everybody again. Accounts are matched, never created twice.";
            let title = format!("Restart provisioning of {}?", untrack(|| data.name()));
            act.ask(Question { title, effect: effect.to_owned(), verb: "Restart" }, change);
        } else {
            act.send(sending, change);
        }
    };
    let buttons = Command::ALL.map(|command| {
        let blocked = Signal::derive(move || {
            if !data.jobs.is_known() {
                return "Loading…".to_owned();
            }
            command.blocked(&state.read(), running.get()).to_owned()
        });
        let class = if matches!(command, Command::Start | Command::RunNow) { "primary" } else { "" };
        let on_click = Callback::new(move |()| give(command));
        view! { <Button label=command.label() icon_name=command.icon() class=class on_click=on_click blocked=blocked changes=true /> }
            .into_any()
    });
    let buttons = buttons.into_iter().collect::<Vec<_>>();
    view! {
        <div class="actions" role="group" aria-label="Provisioning">{buttons}</div>
        {message("bad", move || sending.error.get())}
    }
    .into_any()
}

fn statistics(job: Option<SynchronizationJob>) -> AnyView {
    let Some(job) = job else {
        return view! { <p class="faint">"Provisioning is not configured yet."</p> }.into_any();
    };
    let status = job.status;
    let last = status.last_execution.as_ref().map(|run| run.time_ended.as_str());
    let good = status.last_successful_execution.as_ref().map(|run| run.time_ended.as_str());
    let linked = status.synchronized_entry_count_by_type.iter();
    let linked = linked.map(|entry| {
        crate::text::count(
            entry.value,
            &entry.key.to_ascii_lowercase(),
            &format!("{}s", entry.key.to_ascii_lowercase()),
        )
    });
    let linked = linked.collect::<Vec<_>>().join(", ");
    facts(vec![
        ("Next cycle", time_or(status.next_execution_date_time.as_deref(), "not planned")),
        ("Interval", plain(interval::words(&job.schedule.interval))),
        ("Last cycle", time_or(last, "never")),
        ("Last success", time_or(good, "never")),
        ("Linked accounts", plain(if linked.is_empty() { "none".to_owned() } else { linked })),
        ("Job ID", view! { <code>{job.id}</code> }.into_any()),
    ])
}

/// Links onward, and the end.
fn application(application: ServicePrincipal) -> AnyView {
    let (id, name) = (application.id, application.display_name);
    let links = vec![
        link_button("Provisioning logs", "log", "", paths::application(&id, ApplicationTab::Logs)),
        link_button("Activity reports", "log", "", paths::application(&id, ApplicationTab::Reports)),
    ];
    let effect = "Its provisioning job, links, logs and assignments are deleted for good. The accounts in the application \
                  itself stay as they are.";
    let delete = asking(Asking {
        label: "Delete application",
        name: None,
        class: "danger",
        icon: "remove",
        question: Question {
            title: format!("Delete the application {name}?"),
            effect: effect.to_owned(),
            verb: "Delete application",
        },
        change: Change::delete(endpoints::application(&id))
            .said(format!("{name} was deleted"))
            .goto(Page::Applications.path())
            .stale(endpoints::applications()),
    });
    view! {
        {facts(vec![
            ("Added", time(&application.created_date_time)),
            ("Application ID", view! { <code>{application.app_id}</code> }.into_any()),
        ])}
        <div class="actions">
            {links}
            {delete}
        </div>
    }
    .into_any()
}
