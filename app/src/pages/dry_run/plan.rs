//! A plan as a whole: what it comes to, how long it is kept, and the others that are.

use super::is_running;
use super::items::export;
use crate::api::odata::with_query;
use crate::api::scim::{id, text};
use crate::api::{endpoints, read_as};
use crate::pages::overview::cycle::counts;
use crate::parts::act::{Asking, Change, Question, asking};
use crate::parts::application::ApplicationData;
use crate::parts::words::{cycle_badge, cycle_kind};
use crate::paths::{self, ApplicationTab};
use crate::text::count;
use crate::ui::icon::icon;
use crate::ui::panel::{Panel, facts, plain};
use crate::ui::table;
use crate::ui::time::{absolute, time};
use api::cycle::CycleCounts;
use leptos::prelude::*;
use serde_json::Value;

/// What a plan comes to.
pub(crate) fn view(
    plan: &Value,
    application: StoredValue<String>,
    data: ApplicationData,
    finished: Memo<String>,
) -> AnyView {
    let running = is_running(plan);
    let (page, job, name) = untrack(|| (application.get_value(), data.job_id(), data.name()));
    let get = |property: &str| text(plan, &[property]);
    let ended = get("endedDateTime");
    let head = facts(vec![
        ("Plan of", plain(cycle_kind(&get("kind")))),
        ("State", cycle_badge(&get("state"))),
        ("Begun", absolute(&get("createdDateTime"))),
        ("Ended", if ended.is_empty() { plain("still being made") } else { absolute(&ended) }),
        ("Kept until", absolute(&get("expirationDateTime"))),
        ("Tenant URL", table::technical(&get("baseAddress"))),
    ]);
    let verb = if running { "Cancel plan" } else { "Delete plan" };
    let delete = asking(Asking {
        label: verb,
        name: None,
        class: "",
        icon: "remove",
        question: Question {
            title: format!("{verb} of {name}?"),
            effect: "Only the plan goes. Neither the application nor the job changes.".to_owned(),
            verb,
        },
        change: Change::delete(endpoints::job(&page, &job, &format!("plans/{}", id(plan))))
            .said("The plan was deleted")
            .goto(paths::application(&page, ApplicationTab::DryRun))
            .stale(endpoints::jobs(&page)),
    });
    let actions = if running { delete } else { vec![export(finished, "plan.json"), delete].into_any() };
    let all = plan.get("counts").and_then(|counts| read_as::<CycleCounts>(counts).ok()).unwrap_or_default();
    let progress =
        running.then(|| progress("Progress of the plan", count(all.imported, "object", "objects") + " read"));
    let (statement, counts) = (statement(plan, &name), counts(&all));
    view! {
        <Panel title="Plan" actions=actions>
            {statement}
            {progress}
            {head}
            {counts}
        </Panel>
    }
    .into_any()
}

/// What the reader should know first.
fn statement(plan: &Value, application: &str) -> AnyView {
    let why = text(plan, &["error", "message"]);
    let held = plan.get("deletionsHeld").and_then(Value::as_u64).unwrap_or_default();
    let (class, symbol, text) = match text(plan, &["state"]).as_str() {
        "failed" => ("notice bad", "error", format!("The plan could not be made. {why}")),
        "cancelled" => {
            let why = "The plan was cancelled: the job was started or restarted, or its mappings were saved, meanwhile.";
            ("notice warning", "warning", why.to_owned())
        }
        _ if held > 0 => {
            let held = count(held, "deletion", "deletions");
            let text = format!("{held} would be held back. {why} Nothing was written to {application}.");
            ("notice warning", "warning", text)
        }
        _ => {
            let text = format!("This is what the next cycle would do. Nothing was written to {application}.");
            ("notice", "info", text)
        }
    };
    notice(class, symbol, text)
}

/// Something that is to be read first.
pub(super) fn notice(class: &'static str, symbol: &'static str, text: String) -> AnyView {
    view! { <div class=class>{icon(symbol)}<p class="pre">{text}</p></div> }.into_any()
}

/// How far a plan or check is.
pub(super) fn progress(label: &'static str, far: String) -> AnyView {
    view! {
        <div>
            <progress class="wide" aria-label=label></progress>
            <p class="hint">{far}" so far. It goes on when you leave the page."</p>
        </div>
    }
    .into_any()
}

/// All plans or checks that are kept.
pub(super) fn kept(plans: &[Value], application: StoredValue<String>, tab: ApplicationTab) -> AnyView {
    let page = application.with_value(|id| paths::application(id, tab));
    let is_plan = tab == ApplicationTab::DryRun;
    let mut rows = Vec::new();
    for plan in plans {
        let href = with_query(&page, &[("plan", &id(plan))]);
        let begun = absolute(&text(plan, &["createdDateTime"]));
        rows.push(table::row(vec![
            view! { <th scope="row"><a href=href>{begun}</a></th> }.into_any(),
            table::text(if is_plan {
                cycle_kind(&text(plan, &["kind"]))
            } else {
                super::drift::checked(plan)
            }),
            table::cell(cycle_badge(&text(plan, &["state"]))),
            table::cell(time(&text(plan, &["expirationDateTime"]))),
        ]));
    }
    let (title, second) = if is_plan { ("Kept plans", "Cycle") } else { ("Kept checks", "Compared") };
    let table = table::table(title, &["Begun", second, "State", "Kept until"], rows);
    view! { <Panel title=title>{table}</Panel> }.into_any()
}
