//! Organization settings: who may sign in, and the keys of the management API.

mod keys;
mod members;

use crate::app::use_session;
use crate::ui::page::PageHead;
use crate::ui::panel::{Panel, facts, plain};
use api::organization::Role;
use leptos::prelude::*;

/// The page.
#[component]
pub(crate) fn Organization() -> impl IntoView {
    let session = use_session();
    let facts = facts(vec![
        ("Name", plain(session.organization_display_name)),
        ("Organization ID", view! { <code>{session.organization_id}</code> }.into_any()),
        ("You are", plain(format!("{} ({})", session.display_name, role_name(session.role)))),
    ]);
    view! {
        <PageHead title="Organization settings" />
        <Panel title="Organization">{facts}</Panel>
        {members::panel()}
        {keys::panel()}
    }
    .into_any()
}

/// Roles, and their names.
const ROLES: [(&str, &str); 2] =
    [("administrator", "Administrator"), ("reader", "Reader: may look, and change nothing")];

/// A role's name.
const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Administrator => "Administrator",
        Role::Reader => "Reader",
    }
}

/// The role of a select.
fn chosen(role: &str) -> Role {
    if role == "reader" { Role::Reader } else { Role::Administrator }
}
