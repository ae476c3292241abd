//! What a drift check found, and the checks that are kept.

use crate::api::endpoints;
use crate::api::odata::with_query;
use crate::api::scim::{id, text, values};
use crate::pages::dry_run::is_running;
use crate::pages::dry_run::items::{Items, LIMIT};
use crate::pages::dry_run::list::{error, name};
use crate::parts::act::{Asking, Change, Question, asking};
use crate::parts::application::ApplicationData;
use crate::parts::words::cycle_badge;
use crate::paths::{self, ApplicationTab, Page};
use crate::text::{count, number};
use crate::ui::badge::{Tone, badge};
use crate::ui::button::Button;
use crate::ui::icon::icon;
use crate::ui::live::{live, live_option};
use crate::ui::panel::{Panel, facts, plain};
use crate::ui::state::{empty, message, skeleton};
use crate::ui::table;
use crate::ui::time::{absolute, time};
use leptos::prelude::*;
use serde_json::Value;

/// Rows are shown in steps of so many.
const STEP: usize = 200;

fn checked(check: &Value) -> String {
    count(check.get("checked").and_then(Value::as_u64).unwrap_or_default(), "account", "accounts")
}

/// A check as a whole.
pub(super) fn summary(check: &Value) -> AnyView {
    let get = |property: &str| text(check, &[property]);
    let progress = is_running(check).then(|| {
        let checked = checked(check);
        view! {
            <div>
                <progress class="wide" aria-label="Progress of the check"></progress>
                <p class="hint">{checked}" compared so far. It goes on when you leave the page."</p>
            </div>
        }
        .into_any()
    });
    let why = text(check, &["error", "message"]);
    let state = get("state");
    let problem = matches!(state.as_str(), "failed" | "cancelled").then(|| {
        let text = format!("The check did not come to its end. {why}");
        view! { <div class="notice bad">{icon("error")}<p class="pre">{text}</p></div> }.into_any()
    });
    let ended = get("endedDateTime");
    let head = facts(vec![
        ("State", cycle_badge(&state)),
        ("Compared", plain(checked(check))),
        ("Begun", absolute(&get("createdDateTime"))),
        ("Ended", if ended.is_empty() { plain("still under way") } else { absolute(&ended) }),
        ("Kept until", absolute(&get("expirationDateTime"))),
    ]);
    view! { <Panel title="Check">{problem}{progress}{head}</Panel> }.into_any()
}

/// What was found by the check at an address, and the button that repairs it.
pub(super) fn list(
    items: Items,
    address: Memo<String>,
    application: StoredValue<String>,
    data: ApplicationData,
) -> AnyView {
    let many = RwSignal::new(STEP);
    let rows = live(move || {
        let all = items.list.read();
        let all = all.as_array().map(Vec::as_slice).unwrap_or_default();
        if all.is_empty() && items.loading.get() {
            return skeleton();
        }
        if all.is_empty() && !items.error.read().is_empty() {
            return ().into_any();
        }
        if all.is_empty() {
            return empty("No drift", "The accounts are as the mappings would write them.", None);
        }
        let rows = all.iter().take(many.get()).map(row).collect();
        let total = u64::try_from(all.len()).unwrap_or_default();
        let shown = u64::try_from(all.len().min(many.get())).unwrap_or_default();
        let more = (total > shown).then(|| {
            let act = Callback::new(move |()| many.update(|many| *many += STEP));
            view! { <Button label="Show more" on_click=act /> }.into_any()
        });
        let cut = items.cut.get().then(|| {
            let most = number(u64::try_from(LIMIT).unwrap_or_default());
            view! { <p class="hint">"The list holds the first "{most}" objects; a repair is of all."</p> }
                .into_any()
        });
        let columns = &["Identity", "Type", "Drift", "What is different"];
        view! {
            <p role="status">{number(shown)}" of "{number(total)}" objects shown"</p>
            {cut}
            <div class="entries">{table::table("Drift", columns, rows)}</div>
            {more}
        }
        .into_any()
    });
    let repair = live_option(move || {
        let some = items.list.read().as_array().is_some_and(|all| !all.is_empty());
        some.then(|| repair(&address.read(), &application.get_value(), &data.name()))
    });
    view! {
        <Panel title="Drift" actions=repair.into_any()>
            {message("bad", move || items.error.get())}
            {rows}
        </Panel>
    }
    .into_any()
}

/// The button that asks, then has the next cycle write what the mappings say.
fn repair(address: &str, application: &str, name: &str) -> AnyView {
    asking(Asking {
        label: "Repair",
        name: None,
        class: "danger",
        icon: "check",
        question: Question {
            title: format!("Repair the drift of {name}?"),
            effect: format!(
                "A cycle begins now. What somebody changed in {name} is overwritten with what the mappings say, and missing \
                 accounts are created again. It cannot be undone."
            ),
            verb: "Repair",
        },
        change: Change::post(format!("{address}/repair"), &Value::Null)
            .said("The repair has begun")
            .goto(paths::application(application, ApplicationTab::Overview))
            .stale(endpoints::jobs(application)),
    })
}

fn row(item: &Value) -> AnyView {
    let source = text(item, &["sourceId"]);
    let kind = text(item, &["objectType"]);
    let page = if kind == "Group" { Page::Group } else { Page::Person };
    let drift = match text(item, &["kind"]).as_str() {
        "missing" => badge(Tone::Bad, "Missing"),
        "changed" => badge(Tone::Warning, "Changed"),
        _ => badge(Tone::Neutral, "Not read"),
    };
    let reason = error(item).map(|error| view! { <p>{error.error_code}": "{error.reason}</p> }.into_any());
    let or_empty = |text: String| if text.is_empty() { "(empty)".to_owned() } else { text };
    let lines = values(item, "attributes").into_iter().map(|attribute| {
        let get = |name: &str| or_empty(text(&attribute, &[name]));
        view! {
            <li class="change">
                {table::technical(&get("attribute"))}": is "<strong>{get("found")}</strong>", should be "<strong>{get("wanted")}</strong>
            </li>
        }
        .into_any()
    });
    let lines = lines.collect::<Vec<_>>();
    let lines = (!lines.is_empty()).then(|| view! { <ul>{lines}</ul> }.into_any());
    table::row(vec![
        table::heading_link(name(item), page(source).path()),
        table::text(kind),
        table::cell(drift),
        table::cell(view! { {reason}{lines} }.into_any()),
    ])
}

/// All checks that are kept.
pub(super) fn kept(checks: &[Value], application: StoredValue<String>) -> AnyView {
    let page = application.with_value(|id| paths::application(id, ApplicationTab::Drift));
    let rows = checks.iter().map(|check| {
        let href = with_query(&page, &[("check", &id(check))]);
        let begun = absolute(&text(check, &["createdDateTime"]));
        table::row(vec![
            view! { <th scope="row"><a href=href>{begun}</a></th> }.into_any(),
            table::cell(cycle_badge(&text(check, &["state"]))),
            table::text(checked(check)),
            table::cell(time(&text(check, &["expirationDateTime"]))),
        ])
    });
    let rows = rows.collect();
    let table = table::table("Kept checks", &["Begun", "State", "Compared", "Kept until"], rows);
    view! { <Panel title="Kept checks">{table}</Panel> }.into_any()
}
