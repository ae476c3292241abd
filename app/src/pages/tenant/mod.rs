//! Peakon admin console: Configuration → Integrations → Employee Provisioning.

mod tokens;

use crate::api::endpoints;
use crate::parts::act::{Asking, Change, Question, asking, use_act};
use crate::parts::remote::show;
use crate::parts::tenant::{TenantHead, directory};
use crate::paths::{Page, TenantTab};
use crate::ui::badge::{Tone, badge};
use crate::ui::button::Button;
use crate::ui::copy::CopyField;
use crate::ui::live::live_option;
use crate::ui::panel::Panel;
use api::directory::{Directory, DirectoryPatch};
use leptos::prelude::*;

/// The page of the integration.
#[component]
pub(crate) fn EmployeeProvisioning(
    /// The directory's id.
    id: String,
) -> impl IntoView {
    let remote = directory(&id);
    let of_tokens = id.clone();
    view! {
        <TenantHead id=id directory=remote tab=TenantTab::EmployeeProvisioning />
        {show(remote, integration)}
        <tokens::Tokens directory=of_tokens />
        {live_option(move || remote.value().map(danger))}
    }
    .into_any()
}

/// The switch and the address.
fn integration(directory: Directory) -> AnyView {
    let act = use_act();
    let enabled = directory.employee_provisioning_enabled;
    let patch = DirectoryPatch { employee_provisioning_enabled: Some(!enabled), ..DirectoryPatch::default() };
    let change = Change::patch(endpoints::directory(&directory.id), &patch).stale(endpoints::directories());
    let button = if enabled {
        asking(Asking {
            label: "Disable employee provisioning",
            name: None,
            class: "",
            icon: "",
            question: Question {
                title: format!("Disable employee provisioning of {}?", directory.display_name),
                effect: "SCIM clients are turned away at once, whatever token they have. Accounts stay as they are."
                    .to_owned(),
                verb: "Disable",
            },
            change: change.said("Employee provisioning is disabled"),
        })
    } else {
        let change = StoredValue::new_local(change.said("Employee provisioning is enabled"));
        let enable = Callback::new(move |()| act.now(change.get_value()));
        view! { <Button label="Enable employee provisioning" class="primary" on_click=enable /> }.into_any()
    };
    let state = if enabled { badge(Tone::Good, "Enabled") } else { badge(Tone::Neutral, "Disabled") };
    view! {
        <Panel title="Employee provisioning" actions=state>
            <p>
                "An identity provider keeps the employees of this tenant in step over SCIM 2.0. Give it this URL as its \
                 Tenant URL, and a bearer token as its Secret Token."
            </p>
            <CopyField label="SCIM 2.0 URL" value=directory.scim_url />
            <div class="actions">{button}</div>
        </Panel>
    }
    .into_any()
}

fn danger(directory: Directory) -> AnyView {
    let name = directory.display_name;
    let people = directory.user_count.unwrap_or_default();
    let effect = format!(
        "Its {} and all its bearer tokens are deleted for good. Applications that provision to it fail from now on.",
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
