//! Peakon admin console: Configuration → Integrations → Employee Provisioning.

mod tokens;

use crate::api::endpoints;
use crate::cache::use_client;
use crate::parts::remote::show;
use crate::parts::tenant::{TenantHead, directory};
use crate::paths::{Page, TenantTab};
use crate::ui::badge::{Tone, badge};
use crate::ui::button::Button;
use crate::ui::confirm::use_confirm;
use crate::ui::copy::CopyField;
use crate::ui::live::live_option;
use crate::ui::panel::Panel;
use crate::ui::toast::use_toasts;
use api::directory::{Directory, DirectoryPatch};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;

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
    let client = use_client();
    let toasts = use_toasts();
    let confirm = use_confirm();
    let enabled = directory.employee_provisioning_enabled;
    let address = StoredValue::new(endpoints::directory(&directory.id));
    let set = move |to: bool| async move {
        let patch = DirectoryPatch { employee_provisioning_enabled: Some(to), ..DirectoryPatch::default() };
        let answer = client.patch(&address.get_value(), &patch).await;
        answer.map_err(|error| error.text())?;
        client.invalidate(&endpoints::directories());
        toasts.show(if to {
            "Employee provisioning is enabled"
        } else {
            "Employee provisioning is disabled"
        });
        Ok::<(), String>(())
    };
    let name = directory.display_name;
    let toggle = Callback::new(move |()| {
        if enabled {
            let effect =
                "SCIM clients are turned away at once, whatever token they have. Accounts stay as they are.";
            confirm.ask(format!("Disable employee provisioning of {name}?"), effect, "Disable", move || {
                set(false)
            });
        } else {
            spawn_local(async move {
                if let Err(why) = set(true).await {
                    toasts.show(why);
                }
            });
        }
    });
    let state = if enabled { badge(Tone::Good, "Enabled") } else { badge(Tone::Neutral, "Disabled") };
    let class = if enabled { "" } else { "primary" };
    let label = if enabled { "Disable employee provisioning" } else { "Enable employee provisioning" };
    view! {
        <Panel title="Employee provisioning" actions=state>
            <p>
                "An identity provider keeps the employees of this tenant in step over SCIM 2.0. Give it this URL as its \
                 Tenant URL, and a bearer token as its Secret Token."
            </p>
            <CopyField label="SCIM 2.0 URL" value=directory.scim_url />
            <div class="actions"><Button label=label.to_owned() class=class on_click=toggle /></div>
        </Panel>
    }
    .into_any()
}

fn danger(directory: Directory) -> AnyView {
    let client = use_client();
    let toasts = use_toasts();
    let confirm = use_confirm();
    let navigate = use_navigate();
    let (id, name) = (directory.id, directory.display_name);
    let people = directory.user_count.unwrap_or_default();
    let delete = Callback::new(move |()| {
        let (id, name, navigate) = (id.clone(), name.clone(), navigate.clone());
        let effect = format!(
            "Its {} and all its bearer tokens are deleted for good. Applications that provision to it fail from now on.",
            crate::text::count(people, "employee", "employees")
        );
        confirm.ask(format!("Delete the tenant {name}?"), effect, "Delete tenant", move || {
            let (id, name, navigate) = (id.clone(), name.clone(), navigate.clone());
            async move {
                client.delete(&endpoints::directory(&id)).await.map_err(|error| error.text())?;
                toasts.show(format!("{name} was deleted"));
                navigate(&Page::Tenants.path(), Default::default());
                client.invalidate(&endpoints::directories());
                Ok(())
            }
        });
    });
    view! {
        <Panel title="Delete tenant">
            <p class="faint">"A deleted tenant cannot be brought back."</p>
            <div class="actions">
                <Button label="Delete tenant" class="danger" icon_name="remove" on_click=delete />
            </div>
        </Panel>
    }
    .into_any()
}
