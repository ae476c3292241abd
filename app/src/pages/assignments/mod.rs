//! Application → Users and groups: who is assigned, and with which role.

mod add;
mod reach;

use crate::api::endpoints;
use crate::api::odata::{skip_token, with_query};
use crate::app::use_session;
use crate::cache::{Remote, use_client};
use crate::parts::act::{Change, Question, use_act};
use crate::parts::application::{ApplicationData, ApplicationHead};
use crate::parts::paging::{pages, past_the_end};
use crate::parts::query::use_query;
use crate::parts::remote::{show, show_once};
use crate::paths::{ApplicationTab, Page};
use crate::text::count;
use crate::ui::badge::{Tone, badge};
use crate::ui::button::{Button, opener};
use crate::ui::dialog::Dialog;
use crate::ui::icon::icon;
use crate::ui::live::{live, live_option};
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use crate::ui::table;
use crate::ui::time::time;
use api::application::{AppRole, AppRoleAssignment, DEFAULT_ACCESS_ROLE, ServicePrincipal};
use api::collection::Collection;
use api::job::Secrets;
use leptos::prelude::*;
use leptos::task::spawn_local;
use reach::Fate;
use serde_json::Value;

/// Assignments of a page of the list.
const PAGE: &str = "200";

/// The name of a role.
fn role_name(roles: &[AppRole], id: &str) -> String {
    let known = roles.iter().find(|role| role.id == id);
    match known {
        Some(role) => role.display_name.clone(),
        None if id == DEFAULT_ACCESS_ROLE => "Default Access".to_owned(),
        None => id.to_owned(),
    }
}

/// The page of assignments.
#[component]
pub(crate) fn Assignments(
    /// The application's id.
    id: String,
) -> impl IntoView {
    let data = ApplicationData::new(&id);
    let address = endpoints::assignments(&id);
    let (query, of) = (use_query(), address.clone());
    let assignments = Remote::<Collection<AppRoleAssignment>>::keeping(move || {
        let at = query.get("skiptoken");
        with_query(&of, &[("$top", PAGE), ("$count", "true"), ("$skiptoken", &at)])
    });
    let (reached, settings) = (format!("{address}/reach"), endpoints::secrets(&id));
    let reach = Remote::<Value>::new(move || reached.clone());
    let secrets = Remote::<Secrets>::new(move || settings.clone());
    let adding = RwSignal::new(false);
    let actions = opener("Add user/group", "add", "primary", adding);
    let directory = StoredValue::new(use_session().workforce_directory_id);
    let (address, application) = (StoredValue::new(address), StoredValue::new(id.clone()));
    let note = live_option(move || {
        data.application.value().filter(|application| application.excludes_default_access).map(|application| {
            let text = format!(
                "{} leaves out whoever has only the role Default Access. Assign another role to give an account.",
                application.display_name
            );
            view! { <div class="notice">{icon("info")}<p>{text}</p></div> }.into_any()
        })
    });
    let list = show(assignments, move |list| {
        let application = data.application.value();
        let removal = Removal { address, data, secrets };
        if list.value.is_empty() && !untrack(|| query.get("skiptoken")).is_empty() {
            return past_the_end(query);
        }
        let next = list.next_link.as_deref().and_then(skip_token);
        view! { {assignment_list(&list, application.as_ref(), removal)} {pages(query, next)} }.into_any()
    });
    // Made once: what is known later does not undo what was typed.
    let dialog = move || {
        show_once(data.application, move |known: ServicePrincipal| {
            view! {
                <add::AddAssignments
                    application=application.get_value()
                    directory=directory.get_value()
                    address=address
                    roles=roles_to_choose(&known)
                    open=adding
                />
            }
            .into_any()
        })
    };
    view! {
        <ApplicationHead id=id data=data tab=ApplicationTab::Users actions=actions />
        {note}
        <Panel title="Assignments">{reach::summary(reach, secrets)}{list}</Panel>
        <Dialog open=adding title="Add user/group">{live(dialog)}</Dialog>
    }
    .into_any()
}

/// Roles that can be assigned. Default Access comes last, and is told apart where it gives no account.
fn roles_to_choose(application: &ServicePrincipal) -> Vec<(String, String)> {
    let own = application.app_roles.iter().filter(|role| role.is_enabled && role.id != DEFAULT_ACCESS_ROLE);
    let mut roles: Vec<(String, String)> =
        own.map(|role| (role.id.clone(), role.display_name.clone())).collect();
    let name = if application.excludes_default_access {
        "Default Access (not provisioned)"
    } else {
        "Default Access"
    };
    roles.push((DEFAULT_ACCESS_ROLE.to_owned(), name.to_owned()));
    roles
}

/// What a removal needs to know.
#[derive(Clone, Copy)]
struct Removal {
    /// Where assignments are.
    address: StoredValue<String>,
    data: ApplicationData,
    secrets: Remote<Secrets>,
}

/// Asks, having found out whom it concerns, and removes.
fn remove_button(assignment: &AppRoleAssignment, removal: Removal) -> AnyView {
    let (client, act) = (use_client(), use_act());
    let busy = RwSignal::new(false);
    let (name, resource) =
        (assignment.principal_display_name.clone(), assignment.resource_display_name.clone());
    let (label, id) = (format!("Remove {name}"), assignment.id.clone());
    let is_group = is_group(assignment);
    let on_click = Callback::new(move |()| {
        let (name, resource, id) = (name.clone(), resource.clone(), id.clone());
        busy.set(true);
        spawn_local(async move {
            let list = removal.address.try_get_value().unwrap_or_default();
            let path = with_query(&format!("{list}/reach"), &[("without", &id)]);
            let told = client.get::<Value>(&path).await;
            // The page may be another by now.
            if busy.try_set(false).is_some() {
                return;
            }
            let fate = untrack(|| Fate::now(removal.data, removal.secrets));
            let effect = match told {
                Ok(told) => reach::effect(&told, fate, &resource, is_group),
                Err(error) => {
                    let why = format!("Whom it concerns could not be found out: {}", error.text());
                    why + &reach::group(fate, &resource, is_group)
                }
            };
            let change = Change::delete(format!("{list}/{}", crate::text::encode(&id)))
                .said(format!("{name} was removed"))
                .stale(list);
            let title = format!("Remove {name} from {resource}?");
            act.ask(Question { title, effect, verb: "Remove" }, change);
        });
    });
    view! { <Button label="Remove" name=label class="small" on_click=on_click busy=busy changes=true /> }
        .into_any()
}

fn assignment_list(
    list: &Collection<AppRoleAssignment>,
    application: Option<&ServicePrincipal>,
    removal: Removal,
) -> AnyView {
    if list.value.is_empty() {
        let why = "Only who is assigned gets an account, unless the scope is all users and groups.";
        return empty("Nobody is assigned yet", why, None);
    }
    // All there are, not only those of the page.
    let shown = u64::try_from(list.value.len()).unwrap_or_default();
    let total = list.count.unwrap_or(shown);
    let rows = list.value.iter().map(|assignment| assignment_row(assignment, application, removal)).collect();
    view! {
        <p class="faint">{count(total, "assignment", "assignments")}</p>
        {table::table("Assignments", &["Name", "Type", "Role", "Assigned", ""], rows)}
    }
    .into_any()
}

/// Whether it is a group that is assigned.
fn is_group(assignment: &AppRoleAssignment) -> bool {
    assignment.principal_type == "Group"
}

fn assignment_row(
    assignment: &AppRoleAssignment,
    application: Option<&ServicePrincipal>,
    removal: Removal,
) -> AnyView {
    let is_group = is_group(assignment);
    let target = assignment.principal_id.clone();
    let href = if is_group { Page::Group(target) } else { Page::Person(target) }.path();
    let roles = application.map(|application| application.app_roles.clone()).unwrap_or_default();
    let role = role_name(&roles, &assignment.app_role_id);
    let left_out = assignment.app_role_id == DEFAULT_ACCESS_ROLE
        && application.is_some_and(|application| application.excludes_default_access);
    let role_cell = if left_out {
        view! { <td>{role}" "{badge(Tone::Warning, "Not provisioned")}</td> }.into_any()
    } else {
        table::text(role)
    };
    table::row(vec![
        table::heading_link(assignment.principal_display_name.clone(), href),
        table::text(if is_group { "Group" } else { "User" }),
        role_cell,
        table::cell(time(&assignment.created_date_time)),
        table::buttons(remove_button(assignment, removal)),
    ])
}
