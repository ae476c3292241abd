//! Application → Users and groups: who is assigned, and with which role.

mod add;

use crate::api::endpoints;
use crate::app::use_session;
use crate::cache::Remote;
use crate::parts::act::{Asking, Change, Question, asking};
use crate::parts::application::{ApplicationData, ApplicationHead};
use crate::parts::remote::show;
use crate::paths::{ApplicationTab, Page};
use crate::text::count;
use crate::ui::badge::{Tone, badge};
use crate::ui::button::opener;
use crate::ui::dialog::Dialog;
use crate::ui::icon::icon;
use crate::ui::live::{live, live_option};
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use crate::ui::table;
use crate::ui::time::time;
use api::application::{AppRole, AppRoleAssignment, DEFAULT_ACCESS_ROLE, ServicePrincipal};
use api::collection::Collection;
use leptos::prelude::*;

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
    let fetched = address.clone();
    let assignments = Remote::<Collection<AppRoleAssignment>>::new(move || fetched.clone());
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
        assignment_list(&list.value, application.as_ref(), address)
    });
    let dialog = move || {
        let roles =
            data.application.value().map(|application| roles_to_choose(&application)).unwrap_or_default();
        view! {
            <add::AddAssignments
                application=application.get_value()
                directory=directory.get_value()
                address=address
                roles=roles
                open=adding
            />
        }
        .into_any()
    };
    view! {
        <ApplicationHead id=id data=data tab=ApplicationTab::Users actions=actions />
        {note}
        <Panel title="Assignments">{list}</Panel>
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

fn assignment_list(
    assignments: &[AppRoleAssignment],
    application: Option<&ServicePrincipal>,
    address: StoredValue<String>,
) -> AnyView {
    if assignments.is_empty() {
        let why = "Only who is assigned gets an account, unless the scope is all users and groups.";
        return empty("Nobody is assigned yet", why, None);
    }
    let total = u64::try_from(assignments.len()).unwrap_or_default();
    let rows =
        assignments.iter().map(|assignment| assignment_row(assignment, application, address)).collect();
    view! {
        <p class="faint">{count(total, "assignment", "assignments")}</p>
        {table::table("Assignments", &["Name", "Type", "Role", "Assigned", ""], rows)}
    }
    .into_any()
}

fn assignment_row(
    assignment: &AppRoleAssignment,
    application: Option<&ServicePrincipal>,
    address: StoredValue<String>,
) -> AnyView {
    let is_group = assignment.principal_type == "Group";
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
    let (name, resource) = (assignment.principal_display_name.clone(), &assignment.resource_display_name);
    let people = if is_group { "Members of the group go" } else { "The person goes" };
    let effect = format!(
        "{people} out of scope, unless assigned in another way as well: the next cycle disables the accounts in \
         {resource}."
    );
    let list = address.get_value();
    let button = asking(Asking {
        label: "Remove",
        name: Some(format!("Remove {name}")),
        class: "small",
        icon: "",
        question: Question { title: format!("Remove {name} from {resource}?"), effect, verb: "Remove" },
        change: Change::delete(format!("{list}/{}", crate::text::encode(&assignment.id)))
            .said(format!("{name} was removed"))
            .stale(list),
    });
    table::row(vec![
        table::heading_link(name, href),
        table::text(if is_group { "Group" } else { "User" }),
        role_cell,
        table::cell(time(&assignment.created_date_time)),
        table::buttons(button),
    ])
}
