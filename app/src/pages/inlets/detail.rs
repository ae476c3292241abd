//! One inlet: how it is, what it does now, its log, its settings and its end.

use super::described::Described;
use super::mirrored::Ours;
use super::{counted, form, holdings, mirrored, order, words};
use crate::api::endpoints;
use crate::api::odata::{skip_token, with_query};
use crate::app::use_session;
use crate::cache::{Remote, watch};
use crate::parts::act::{Asking, Change, Question, asking, use_act};
use crate::parts::create::Sending;
use crate::parts::interval;
use crate::parts::paging::older;
use crate::parts::query::use_query;
use crate::parts::remote::show;
use crate::paths::Page;
use crate::text::encode;
use crate::ui::badge::{Tone, badge};
use crate::ui::button::{Button, opener};
use crate::ui::dialog::Dialog;
use crate::ui::icon::icon;
use crate::ui::live::{live, live_option, memo};
use crate::ui::page::PageHead;
use crate::ui::panel::{Panel, facts, plain, tiles};
use crate::ui::state::{empty, message};
use crate::ui::table;
use crate::ui::time::{time, time_or};
use api::collection::Collection;
use api::inlet::{Inlet, InletError, InletLogEntry, InletRun};
use leptos::prelude::*;
use serde_json::Value;

/// The page.
#[component]
pub(crate) fn Detail(
    /// The inlet's id.
    id: String,
) -> impl IntoView {
    let all = StoredValue::new(endpoints::inlets(&use_session().workforce_directory_id));
    let address = StoredValue::new([&all.get_value(), "/", &encode(&id)].concat());
    let inlet = Remote::<Described>::new(move || address.get_value());
    let state = memo(move || inlet.value().map(|one| one.inlet.status.state).unwrap_or_default());
    let watched = watch(move || address.get_value(), move || *state.read_untracked() == "running");
    let name = memo(move || inlet.value().map_or_else(|| "Inlet".to_owned(), |one| one.inlet.display_name));
    let trail = vec![("Inlets".to_owned(), Page::Inlets.path())];
    let editing = RwSignal::new(false);
    let badge = live(move || {
        let state = state.get();
        if state.is_empty() { ().into_any() } else { words::state(&state) }
    });
    let error = live_option(move || inlet.value().and_then(|one| one.inlet.status.last_error).map(problem));
    let ours = Ours::new(endpoints::applications);
    let held = live_option(move || {
        let one = inlet.value()?;
        let gone = one.inlet.status.held_removals.map(counted);
        let unassigned = mirrored::held(&one.mirrored, ours).join(", ");
        let waits = gone.is_some() || !unassigned.is_empty();
        waits.then(|| removals(gone, unassigned, name.get(), address, watched))
    });
    let known = memo(move || inlet.value().is_some());
    // Not made again with every answer: it has a dialog, and what is typed there would go with it.
    let mirrored = memo(move || inlet.value().map(|one| one.mirrored).unwrap_or_default());
    let commands = live_option(move || {
        known.get().then(|| {
            view! { <Commands address=address name=name state=state watched=watched editing=editing /> }
                .into_any()
        })
    });
    view! {
        <PageHead title=name trail=trail actions=badge />
        {error}
        {held}
        {commands}
        {show(inlet, |one: Described| status(one.inlet))}
        <Log address=address />
        {live_option(move || known.get().then(|| mirrored::panel(mirrored, ours, address)))}
        {show(inlet, move |one: Described| {
            view! { {beside_others(&one)} {settings(&one, all)} }.into_any()
        })}
        <Dialog open=editing title="Edit inlet" class="wide">
            {live(move || {
                let done = Callback::new(move |_| watched.set(4));
                form::form(all.get_value(), untrack(|| inlet.value()).as_ref(), editing, done)
            })}
        </Dialog>
    }
    .into_any()
}

fn problem(error: InletError) -> AnyView {
    view! {
        <div class="notice bad" role="alert">
            {icon("error")}
            <div>
                <p class="pre">{error.message}</p>
                <p class="faint"><code>{error.code}</code>", "{time(&error.date_time)}</p>
            </div>
        </div>
    }
    .into_any()
}

/// Removals that wait for a person: of whoever is gone, and of assignments (none: empty). One answer lets all of them
/// through.
fn removals(
    gone: Option<String>,
    unassigned: String,
    name: String,
    address: StoredValue<String>,
    watched: RwSignal<u8>,
) -> AnyView {
    let act = use_act();
    let (what, verb, label) = match gone {
        Some(_) => ("Delete who is gone from", "Delete", "Delete them"),
        None => ("Remove assignments that are gone from", "Remove", "Remove them"),
    };
    let mut effects = Vec::new();
    let mut told = Vec::new();
    if let Some(gone) = gone {
        effects.push(format!(
            "{gone} are deleted from the workforce directory (kept for 30 days). The next cycle disables or deletes their \
             accounts in every application."
        ));
        told.push(
            [&gone, " are not in the tenant any more. These are so many that nobody was deleted"].concat(),
        );
    }
    if !unassigned.is_empty() {
        effects.push(format!(
            "{unassigned} are removed. The next cycle disables or deletes the accounts there of whoever has no other \
             assignment."
        ));
        told.push(
            [&unassigned, " are not in the tenant any more. These are so many that nobody was unassigned"]
                .concat(),
        );
    }
    let told = told.into_iter().map(|told| {
        view! { <p>{told}": they wait for you. If it was a mistake in the tenant, repair it there."</p> }
            .into_any()
    });
    let told = told.collect::<Vec<_>>();
    let effect = effects.join(" ");
    let allow = Callback::new(move |()| {
        let question = Question { title: format!("{what} {name}?"), effect: effect.clone(), verb };
        let address = address.get_value();
        let path = [&address, "/run?allowRemovals=true"].concat();
        watched.set(8);
        act.ask(question, Change::post(path, &Value::Null).said("A round was started").stale(address));
    });
    view! {
        <div class="notice warning" role="note">
            {icon("warning")}
            <div>
                {told}
                <Button label=label class="danger" on_click=allow changes=true />
            </div>
        </div>
    }
    .into_any()
}

/// Run now, pause, reset and edit. A button that cannot act now says why.
#[component]
fn Commands(
    address: StoredValue<String>,
    name: Memo<String>,
    state: Memo<String>,
    watched: RwSignal<u8>,
    editing: RwSignal<bool>,
) -> impl IntoView {
    let act = use_act();
    let sending = Sending::new();
    let give = move |command: &str, said: &str| {
        watched.set(8);
        let address = address.get_value();
        Change::post([&address, "/", command].concat(), &Value::Null).said(said).stale(address)
    };
    let run = Callback::new(move |()| act.send(sending, give("run", "A round was started")));
    let pause = Callback::new(move |()| act.send(sending, give("pause", "The inlet is paused")));
    let reset = Callback::new(move |()| {
        let effect = "Everything is read again from the tenant, beginning now, which takes as long as the first round. \
                      People and groups that are not in the tenant any more are deleted from the workforce directory \
                      (kept for 30 days).";
        let title = format!("Reset {}?", name.get_untracked());
        let question = Question { title, effect: effect.to_owned(), verb: "Reset" };
        act.ask(question, give("reset", "Everything is read again"));
    });
    let why = |state: &str, which: &str, why: &'static str| if state == which { why } else { "" }.to_owned();
    let running = memo(move || why(&state.read(), "running", "A round is running"));
    let paused = memo(move || why(&state.read(), "paused", "The inlet is paused already"));
    view! {
        <div class="actions" role="group" aria-label="Inlet">
            <Button label="Run now" icon_name="play" class="primary" on_click=run blocked=running changes=true />
            <Button label="Pause" icon_name="pause" on_click=pause blocked=paused changes=true />
            <Button label="Reset" icon_name="restart" on_click=reset changes=true />
            {opener("Edit", "edit", "", editing)}
        </div>
        {message("bad", move || sending.error.get())}
    }
    .into_any()
}

/// The round under way or the last one, and what is known.
fn status(inlet: Inlet) -> AnyView {
    let holds = holdings(&inlet);
    let status = inlet.status;
    let last = status.last_run.as_ref().and_then(|run| run.ended_date_time.as_deref());
    let rows = facts(vec![
        ("Last run", time_or(last, "never")),
        ("Next run", time_or(status.next_run_date_time.as_deref(), "not planned")),
        ("Interval", plain(interval::words(&inlet.interval))),
        ("In the directory", plain(holds)),
    ]);
    let (title, round) = match (status.current_run, status.last_run) {
        (Some(run), _) => ("Current round", Some(round(run, status.state == "running"))),
        (None, Some(run)) => ("Last round", Some(round(run, false))),
        (None, None) => ("Last round", None),
    };
    let round = round
        .unwrap_or_else(|| empty("No round has ended yet", "The first one reads the whole tenant.", None));
    view! {
        <div class="columns">
            <Panel title=title>{round}</Panel>
            <Panel title="Schedule">{rows}</Panel>
        </div>
    }
    .into_any()
}

/// A round; `runs` tells one that is being read from one that waits.
fn round(run: InletRun, runs: bool) -> AnyView {
    let kind = if run.kind == "full" { "Everything is read" } else { "Changes are read" };
    let head = match &run.ended_date_time {
        Some(ended) => view! { <p>{kind}", ended "{time(ended)}"."</p> }.into_any(),
        None => {
            let phase = words::phase(&run.phase);
            view! {
                <p>{kind}", started "{time(&run.started_date_time)}"."</p>
                {if runs { progress(phase) } else { view! { <p class="hint">"Stopped at: "{phase}</p> }.into_any() }}
            }
            .into_any()
        }
    };
    view! {
        {head}
        {tiles(&[
            ("Pages", run.pages),
            ("People read", run.users_read),
            ("Groups read", run.groups_read),
            ("Created", run.created),
            ("Joined", run.joined),
            ("Updated", run.updated),
            ("Unchanged", run.unchanged),
            ("Restored", run.restored),
            ("Deleted", run.deleted),
            ("Failed", run.failed),
            ("Members added", run.members_added),
            ("Members removed", run.members_removed),
        ])}
    }
    .into_any()
}

fn progress(phase: &'static str) -> AnyView {
    view! {
        <div>
            <progress class="wide" aria-label="Progress of the round"></progress>
            <p class="hint">{phase}"…"</p>
        </div>
    }
    .into_any()
}

/// What happened, newest first.
#[component]
fn Log(address: StoredValue<String>) -> impl IntoView {
    let query = use_query();
    let entries = Remote::<Collection<InletLogEntry>>::keeping(move || {
        let path = [&address.get_value(), "/log"].concat();
        with_query(&path, &[("$top", "50"), ("$skiptoken", &query.get("skiptoken"))])
    });
    let list = show(entries, move |list: Collection<InletLogEntry>| {
        if list.value.is_empty() {
            let why = "Rounds, and what goes wrong in them, are listed here and kept for 30 days.";
            return empty("Nothing happened yet", why, None);
        }
        let next = list.next_link.as_deref().and_then(skip_token);
        let rows = list.value.into_iter().map(|entry| {
            table::row(vec![
                table::cell(time(&entry.date_time)),
                table::cell(words::level(&entry.level)),
                table::code(entry.code),
                table::text(entry.message),
                table::code(entry.source_id.unwrap_or_default()),
            ])
        });
        let rows = rows.collect();
        let columns = &["Date", "Level", "Code", "What happened", "Source ID"];
        view! { {table::table("Inlet log", columns, rows)} {older(query, next)} }.into_any()
    });
    view! { <Panel title="Log">{list}</Panel> }.into_any()
}

/// Whose word counts, how people are found, and what is read.
fn beside_others(one: &Described) -> AnyView {
    let read = one.attributes();
    let read = if read.is_empty() { "all".to_owned() } else { read.join(", ") };
    let join = one.rules.join_by.as_deref().unwrap_or_default();
    let facts = facts(vec![
        ("Find people by", plain(words::join(join))),
        ("Precedence", plain(one.precedence().to_string())),
        ("Attributes that are read", plain(read)),
    ]);
    view! { <Panel title="Beside other inlets">{facts}{order::explained()}</Panel> }.into_any()
}

/// With what it signs in.
fn credential(one: &Described) -> (&'static str, AnyView) {
    let Some(key) = &one.certificate else {
        return ("Client secret", plain("saved, never shown"));
    };
    let thumbprint = key.thumbprint.clone();
    let (tone, word) = match key.state.as_str() {
        "valid" => (Tone::Good, "Valid"),
        "expiring" => (Tone::Warning, "Expires soon"),
        _ => (Tone::Bad, "Expired"),
    };
    let text = view! {
        <span>{badge(tone, word)}" until "{time(&key.end_date_time)}", thumbprint "<code>{thumbprint}</code></span>
    };
    ("Certificate", text.into_any())
}

/// What is set up, and the end.
fn settings(one: &Described, all: StoredValue<String>) -> AnyView {
    let inlet = &one.inlet;
    let code = |text: &str| {
        let text = text.to_owned();
        view! { <code>{text}</code> }.into_any()
    };
    let extensions = inlet.extension_attributes.join(", ");
    let name = inlet.display_name.clone();
    let effect = format!(
        "What came from it stays in the workforce directory ({}), but nothing keeps it in step with the tenant any more. \
         The log and the saved secret are deleted.",
        holdings(inlet)
    );
    let delete = asking(Asking {
        label: "Delete inlet",
        name: None,
        class: "danger",
        icon: "remove",
        question: Question { title: format!("Delete the inlet {name}?"), effect, verb: "Delete inlet" },
        change: Change::delete([&all.get_value(), "/", &encode(&inlet.id)].concat())
            .said(format!("{name} was deleted"))
            .goto(Page::Inlets.path())
            .stale(all.get_value()),
    });
    let facts = facts(vec![
        ("Tenant ID", code(&inlet.tenant_id)),
        ("Client ID", code(&inlet.client_id)),
        credential(one),
        ("Cloud", plain(words::cloud(&inlet.cloud))),
        ("Microsoft Graph", code(&inlet.graph_origin)),
        ("Extension attributes", plain(if extensions.is_empty() { "none".to_owned() } else { extensions })),
        ("Added", time(&inlet.created_date_time)),
    ]);
    view! {
        <Panel title="Settings">
            {facts}
            <div class="actions">{delete}</div>
        </Panel>
    }
    .into_any()
}
