//! One object of a plan, at the side: the requests that would be sent, the changed properties and the steps.

use super::items::Items;
use super::list::{changes, error, is_held, name, state_badge};
use crate::api::read_as;
use crate::api::scim::{plain as written, text};
use crate::pages::audit::change_list;
use crate::parts::entry::{advice, code, request, steps};
use crate::parts::query::{Query, drawer};
use crate::parts::words::action;
use crate::paths::Page;
use crate::ui::dialog::Dialog;
use crate::ui::icon::icon;
use crate::ui::live::live;
use crate::ui::panel::{facts, plain};
use crate::ui::state::{empty, skeleton};
use crate::ui::tabs::Tabs;
use api::log::ProvisioningStep;
use leptos::prelude::*;
use serde_json::Value;

const TABS: &[&str] = &["Requests", "Modified properties", "Steps"];

/// The drawer; the address has the place of its object in the plan. `plan` is null while none is shown.
#[component]
pub(crate) fn Drawer(query: Query, items: Items, plan: Callback<(), Value>) -> impl IntoView {
    let open = drawer(query);
    let chosen = RwSignal::new(0);
    let content = move || {
        live(move || {
            let at = query.get("open").parse::<usize>().ok();
            let item = at.and_then(|at| items.list.read().get(at).cloned());
            match item {
                Some(item) => details(item, plan.run(()), chosen),
                None if items.loading.get() => skeleton(),
                None => empty("Not found", "This plan does not have it.", None),
            }
        })
    };
    view! { <Dialog open=open title="Planned change" class="drawer">{content}</Dialog> }
}

fn details(item: Value, plan: Value, chosen: RwSignal<usize>) -> AnyView {
    let id = text(&item, &["sourceId"]);
    let source = code(&id);
    let page = if text(&item, &["objectType"]) == "Group" { Page::Group(id) } else { Page::Person(id) };
    let identity = name(&item);
    let summary = facts(vec![
        ("Identity", view! { <a href=page.path()>{identity}</a> }.into_any()),
        ("Status", state_badge(&item)),
        ("Action", plain(action(&text(&item, &["action"])))),
        ("Source ID", source),
        ("Target ID", code(&text(&item, &["targetId"]))),
    ]);
    let held = is_held(&item).then(|| {
        view! {
            <p class="notice warning">
                {icon("warning")}
                "Too many accounts would be disabled or deleted in one cycle, so this one would be held back."
            </p>
        }
        .into_any()
    });
    let problem = error(&item).map(|error| advice(&error));
    let content = Callback::new(move |tab: usize| match tab {
        0 => requests(&item, &plan),
        1 => {
            let changes = changes(&item);
            if changes.is_empty() {
                return empty("No property would change", "Nothing has to be written for this object.", None);
            }
            change_list(&changes.iter().collect::<Vec<_>>())
        }
        _ => {
            let all =
                item.get("provisioningSteps").and_then(|all| read_as::<Vec<ProvisioningStep>>(all).ok());
            steps(&all.unwrap_or_default())
        }
    });
    view! { {summary} {held} {problem} <Tabs label="Details" names=TABS chosen=chosen content=content /> }
        .into_any()
}

/// The requests as they would be sent.
fn requests(item: &Value, plan: &Value) -> AnyView {
    let all = item.get("requests").and_then(Value::as_array).filter(|all| !all.is_empty());
    let Some(all) = all else {
        return empty("No request", "Nothing would be sent for this object.", None);
    };
    let headers = plan.get("requestHeaders").and_then(Value::as_object).into_iter().flatten();
    let headers = headers.map(|(name, value)| [name, ": ", &written(value)].concat());
    let headers = headers.collect::<Vec<_>>().join("\n");
    let base = text(plan, &["baseAddress"]);
    let texts = all.iter().map(|each| {
        let url = [base.as_str(), &text(each, &["path"])].concat();
        request(&text(each, &["method"]), &url, &headers, &text(each, &["body"]))
    });
    let texts = texts.collect::<Vec<_>>();
    view! {
        <p class="hint">"As they would be sent. The credential is masked, and so are values of mappings that are redacted."</p>
        {texts}
    }
    .into_any()
}
