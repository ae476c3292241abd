//! The Peakon admin console's front door: the tenants, each an application directory.

use crate::api::{endpoints, scim};
use crate::cache::Remote;
use crate::parts::act::{Change, use_act};
use crate::parts::create::{NameForm, Sending};
use crate::parts::remote::show;
use crate::paths::{Page, TenantTab};
use crate::ui::badge::{Tone, badge};
use crate::ui::button::opener;
use crate::ui::dialog::Dialog;
use crate::ui::page::PageHead;
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use crate::ui::table;
use crate::ui::time::time;
use api::collection::Collection;
use api::directory::{Directory, DirectoryProfile, DirectoryRequest};
use leptos::prelude::*;

/// The list of tenants.
#[component]
pub(crate) fn Tenants() -> impl IntoView {
    let directories = Remote::<Collection<Directory>>::new(endpoints::directories);
    let adding = RwSignal::new(false);
    let actions = opener("Create Peakon tenant", "add", "primary", adding);
    view! {
        <PageHead title="Peakon admin console" actions=actions />
        <p class="faint">
            "A tenant holds the accounts of one Peakon company and is reached over SCIM 2.0 with a bearer token."
        </p>
        <Panel title="Peakon tenants">{show(directories, tenant_table)}</Panel>
        <Dialog open=adding title="Create Peakon tenant"><CreateTenant open=adding /></Dialog>
    }
    .into_any()
}

fn tenant_table(list: Collection<Directory>) -> AnyView {
    let tenants =
        list.value.into_iter().filter(|directory| directory.profile == DirectoryProfile::Application);
    let rows: Vec<AnyView> = tenants.map(tenant_row).collect();
    if rows.is_empty() {
        return empty("No tenant yet", "Create one to get a SCIM 2.0 URL and a bearer token.", None);
    }
    table::table("Peakon tenants", &["Name", "Employee provisioning", "Created"], rows)
}

fn tenant_row(directory: Directory) -> AnyView {
    let state = if directory.employee_provisioning_enabled {
        badge(Tone::Good, "Enabled")
    } else {
        badge(Tone::Neutral, "Disabled")
    };
    let href = Page::Tenant(directory.id, TenantTab::EmployeeProvisioning).path();
    table::row(vec![
        table::heading_link(directory.display_name, href),
        table::cell(state),
        table::cell(time(&directory.created_date_time)),
    ])
}

#[component]
fn CreateTenant(open: RwSignal<bool>) -> impl IntoView {
    let act = use_act();
    let sending = Sending::new();
    let create = Callback::new(move |name: String| {
        let request = DirectoryRequest {
            display_name: name,
            profile: DirectoryProfile::Application,
            employee_provisioning_enabled: false,
        };
        let change =
            Change::post(endpoints::directories(), &request).stale(endpoints::directories()).close(open);
        act.send_then(sending, change, move |created| {
            act.goto(&Page::Tenant(scim::id(created), TenantTab::EmployeeProvisioning).path());
        });
    });
    let name = RwSignal::new(String::new());
    view! {
        <NameForm
            label="Name"
            name=name
            hint="The company's name in Peakon."
            verb="Create"
            sending=sending
            open=open
            on_submit=create
        />
    }
}
