//! Peakon admin console: Configuration → Integrations → Employee Provisioning.

use crate::api::endpoints;
use crate::parts::access::{Words, access};
use crate::parts::act::{Asking, Change, Question, asking};
use crate::parts::requests::requests;
use crate::parts::tenant::{TenantHead, directory};
use crate::paths::{Page, TenantTab};
use crate::ui::live::live_option;
use crate::ui::panel::Panel;
use api::directory::Directory;
use leptos::prelude::*;

const WORDS: Words = Words {
    title: "Employee provisioning",
    why: "An identity provider keeps the employees of this tenant in step over SCIM 2.0. Give it this URL as its Tenant \
          URL, and a bearer token as its Secret Token.",
    enable: "Enable employee provisioning",
    enabled: "Employee provisioning is enabled",
    disable: "Disable employee provisioning",
    disabled: "Employee provisioning is disabled",
};

/// The page of the integration.
#[component]
pub(crate) fn EmployeeProvisioning(
    /// The directory's id.
    id: String,
) -> impl IntoView {
    let remote = directory(&id);
    let panels = access(&id, remote, &WORDS);
    view! {
        <TenantHead id=id directory=remote tab=TenantTab::EmployeeProvisioning />
        {panels}
        {live_option(move || remote.value().map(danger))}
    }
    .into_any()
}

fn danger(directory: Directory) -> AnyView {
    let name = directory.display_name;
    let people = directory.user_count.unwrap_or_default();
    let effect = format!(
        "Its {}, all its bearer tokens and OAuth clients are deleted for good. Applications that provision to it fail \
         from now on.",
        crate::text::count(people, "employee", "employees")
    );
    let delete = asking(Asking {
        label: "Delete tenant",
        name: None,
        class: "danger",
        icon: "remove",
        question: Question { title: format!("Delete the tenant {name}?"), effect, verb: "Delete tenant" },
        change: Change::delete(endpoints::directory(&directory.id))
            .said(format!("{name} was deleted"))
            .goto(Page::Tenants.path())
            .stale(endpoints::directories()),
    });
    view! {
        <Panel title="Delete tenant">
            <p class="faint">"A deleted tenant cannot be brought back."</p>
            <div class="actions">{delete}</div>
        </Panel>
    }
    .into_any()
}

/// What SCIM clients asked of the tenant.
#[component]
pub(crate) fn Requests(
    /// The directory's id.
    id: String,
) -> impl IntoView {
    let list = requests(&id);
    view! {
        <TenantHead id=id.clone() directory=directory(&id) tab=TenantTab::Requests />
        {list}
    }
    .into_any()
}
