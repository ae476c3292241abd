//! Applications of the tenant whose assignments an inlet mirrors onto ours.

use crate::api::scim::{object, text, values};
use crate::cache::Remote;
use crate::parts::act::{Asking, Change, Question, asking, use_act};
use crate::parts::create::{Sending, form_end};
use crate::parts::remote::show_once;
use crate::paths::{ApplicationTab, application};
use crate::text::{count, number};
use crate::ui::button::opener;
use crate::ui::dialog::Dialog;
use crate::ui::field::{SelectField, TextField};
use crate::ui::live::{handler, live, live_text};
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use crate::ui::table;
use crate::ui::time::time_or;
use api::application::ServicePrincipal;
use api::collection::Collection;
use api::inlet::MirroredAppRoles;
use leptos::prelude::*;
use serde_json::Value;

/// Our applications.
pub(super) type Ours = Remote<Collection<ServicePrincipal>>;

/// What is sent: the whole list as the inlet has it now, without what is of one of our applications, and with more.
fn body(inlet: &Value, without: &str, more: Option<&str>) -> Value {
    let entry = |source: &str, ours: &str| {
        object([("sourceServicePrincipalId", source.into()), ("servicePrincipalId", ours.into())])
    };
    let of = |one: &Value| {
        let ours = text(one, &["servicePrincipalId"]);
        (ours != without).then(|| entry(&text(one, &["sourceServicePrincipalId"]), &ours))
    };
    let mut list: Vec<Value> = values(inlet, "appRoleAssignments").iter().filter_map(of).collect();
    list.extend(more.map(|source| entry(source, without)));
    object([("appRoleAssignments", list.into())])
}

fn name(ours: Ours, id: &str) -> String {
    let list = ours.value().map(|list| list.value).unwrap_or_default();
    list.into_iter().find(|one| one.id == id).map_or_else(|| id.to_owned(), |one| one.display_name)
}

/// Assignments that are gone in the tenant and wait for a person here: how many of which applications.
pub(super) fn held(all: &[MirroredAppRoles], ours: Ours) -> Vec<String> {
    let waiting = all.iter().filter_map(|one| {
        let held = one.status.as_ref()?.held;
        let told = || {
            let held = count(held, "assignment", "assignments");
            [&held, " of ", &name(ours, &one.mirror.service_principal_id)].concat()
        };
        (held > 0).then(told)
    });
    waiting.collect()
}

/// The list, with a way to add to it and to take from it. `address` is the inlet's. What a round changes in the list
/// leaves the dialog alone: somebody may be typing in it.
pub(super) fn panel(
    mirrored: Memo<Vec<MirroredAppRoles>>,
    ours: Ours,
    address: StoredValue<String>,
) -> AnyView {
    let adding = RwSignal::new(false);
    let list = live(move || {
        let all = mirrored.get();
        if all.is_empty() {
            let why = "Who is assigned to an application in the tenant can be assigned to one of yours here, in each round.";
            return empty("No application is mirrored", why, None);
        }
        let rows = all.iter().map(|one| row(one, ours, address)).collect();
        let columns =
            &["Application", "Object ID in the tenant", "Assigned", "Waiting", "Last round", "Last read", ""];
        table::table("Mirrored applications", columns, rows)
    });
    let add = opener("Mirror an application", "add", "", adding);
    view! {
        <Panel title="Assignments from the tenant" actions=add>{list}</Panel>
        <Dialog open=adding title="Mirror an application">
            {live(move || show_once(ours, move |list| form(list, mirrored, address, adding)))}
        </Dialog>
    }
    .into_any()
}

fn row(one: &MirroredAppRoles, ours: Ours, address: StoredValue<String>) -> AnyView {
    let id = StoredValue::new(one.mirror.service_principal_id.clone());
    let href = application(&id.get_value(), ApplicationTab::Users);
    let title = live_text(move || name(ours, &id.get_value()));
    let known = untrack(|| name(ours, &id.get_value()));
    let effect = "Who is assigned stays assigned, as if somebody had done it by hand; nothing keeps it in step with the tenant \
                  any more.";
    let stop = asking(Asking {
        label: "Stop",
        name: Some(format!("Stop mirroring {}", one.mirror.source_service_principal_id)),
        class: "small",
        icon: "",
        question: Question {
            title: format!("Stop mirroring assignments of {known}?"),
            effect: effect.to_owned(),
            verb: "Stop mirroring",
        },
        change: Change::patch_over(address.get_value(), move |inlet| body(inlet, &id.get_value(), None))
            .said("The application is no longer mirrored")
            .stale(address.get_value()),
    });
    let status = one.status.as_ref();
    let figure = |read: fn(&api::inlet::AppRoleMirrorStatus) -> u64| {
        status.map_or("–".to_owned(), |status| number(read(status)))
    };
    let last = status.map_or_else(String::new, |status| {
        let held = if status.held > 0 { format!(", {} held", number(status.held)) } else { String::new() };
        format!("{} added, {} removed{held}", number(status.added), number(status.removed))
    });
    let error = status.and_then(|status| status.last_error.as_ref()).map(|error| error.message.clone());
    let roles = status.map(|status| status.unknown_roles.join(", ")).filter(|roles| !roles.is_empty());
    let roles = roles.map(|roles| format!("Unknown roles: {roles}"));
    let notes =
        [error, roles].into_iter().flatten().map(|text| view! { <p class="hint">{text}</p> }.into_any());
    let notes = notes.collect::<Vec<_>>();
    let read = time_or(status.and_then(|status| status.last_run_date_time.as_deref()), "never");
    table::row(vec![
        view! { <th scope="row"><a href=href>{title}</a></th> }.into_any(),
        table::code(one.mirror.source_service_principal_id.clone()),
        table::text(figure(|status| status.assigned)),
        table::text(figure(|status| status.waiting)),
        table::text(last),
        table::cell(view! { {read}{notes} }.into_any()),
        table::buttons(stop),
    ])
}

fn form(
    list: Collection<ServicePrincipal>,
    mirrored: Memo<Vec<MirroredAppRoles>>,
    address: StoredValue<String>,
    open: RwSignal<bool>,
) -> AnyView {
    let act = use_act();
    let sending = Sending::new();
    let known = mirrored.get_untracked();
    let taken = |id: &str| known.iter().any(|one| one.mirror.service_principal_id == id);
    let free: Vec<(String, String)> =
        list.value.into_iter().filter(|one| !taken(&one.id)).map(|one| (one.id, one.display_name)).collect();
    if free.is_empty() {
        let why =
            "Each of your applications is mirrored already, or there is none: add one from the gallery.";
        return empty("No application to choose", why, None);
    }
    let source = RwSignal::new(String::new());
    let ours = RwSignal::new(free.first().map(|(id, _)| id.clone()).unwrap_or_default());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let id = source.get_untracked().trim().to_owned();
        if id.is_empty() {
            sending.error.set("Enter the Object ID of the enterprise application.".to_owned());
            return;
        }
        let (address, ours) = (address.get_value(), ours.get_untracked());
        let change = Change::patch_over(address.clone(), move |inlet| body(inlet, &ours, Some(&id)))
            .said("The application is mirrored from the next round on");
        act.send(sending, change.stale(address).close(open));
    };
    view! {
        <form on:submit=handler(submit) class="stack" novalidate>
            <p class="hint">"The app registration needs the permission "<code>"Application.Read.All"</code>" as well."</p>
            <TextField
                label="Object ID in the tenant"
                value=source
                required=true
                hint="Of the enterprise application (service principal), not of the app registration."
            />
            <SelectField label="Application here" value=ours options=free />
            {form_end("Mirror", sending, open)}
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_others_mirror_stays() {
        let one = |source: &str, ours: &str| json!({"sourceServicePrincipalId": source, "servicePrincipalId": ours});
        let mut kept = one("s1", "a");
        kept["status"] = json!({"assigned": 3});
        let inlet = json!({"id": "i", "appRoleAssignments": [kept, one("s2", "b")]});
        let check = |without: &str, more: Option<&str>, expected: Value| {
            assert_eq!(body(&inlet, without, more), json!({"appRoleAssignments": expected}));
        };
        check("a", None, json!([one("s2", "b")]));
        check("c", Some("s3"), json!([one("s1", "a"), one("s2", "b"), one("s3", "c")]));
        check("c", None, json!([one("s1", "a"), one("s2", "b")]));
    }
}
