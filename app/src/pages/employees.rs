//! The employees of a Peakon tenant, as the tenant has them.

use crate::api::odata::with_query;
use crate::api::{endpoints, scim};
use crate::cache::Remote;
use crate::pages::person::all_attributes;
use crate::parts::directory_list::PeopleList;
use crate::parts::history::past;
use crate::parts::query::{drawer, use_query};
use crate::parts::remote::show;
use crate::parts::tenant::{TenantHead, directory};
use crate::paths::{Page, TenantTab};
use crate::ui::dialog::Dialog;
use crate::ui::live::live;
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use leptos::prelude::*;
use serde_json::Value;

/// The list, with a drawer for one employee; which one is in the address.
#[component]
pub(crate) fn Employees(
    /// The directory's id.
    id: String,
) -> impl IntoView {
    let remote = directory(&id);
    let query = use_query();
    let open = drawer(query);
    let of = id.clone();
    let tenant = StoredValue::new(id.clone());
    let employee = Remote::<Value>::new(move || {
        let open = query.get("open");
        if open.is_empty() { open } else { endpoints::scim_one(&of, "Users", &open) }
    });
    let title = Signal::derive(move || match employee.value() {
        Some(employee) => scim::name(&employee),
        None => "Employee".to_owned(),
    });
    let none = || {
        let why = "They appear when an identity provider creates them over SCIM: start provisioning of an application \
                   that is connected to this tenant.";
        empty("No employees yet", why, None)
    };
    let page = Page::Tenant(id.clone(), TenantTab::Employees).path();
    // The list stays as it is: its filters, its order and the place in it.
    let link = Callback::new(move |id: String| {
        let [search, state, sort, start] = ["q", "state", "sort", "start"].map(|name| query.get(name));
        with_query(
            &page,
            &[("open", &id), ("q", &search), ("state", &state), ("sort", &sort), ("start", &start)],
        )
    });
    view! {
        <TenantHead id=id.clone() directory=remote tab=TenantTab::Employees />
        <Panel title="Employees">
            <PeopleList directory=id words=("employee", "employees") link=link none=none />
        </Panel>
        <Dialog open=open title=title class="drawer">
            {live(move || show(employee, all_attributes))}
            {live(move || {
                let open = query.get("open");
                if open.is_empty() { ().into_any() } else { past(&tenant.get_value(), &open) }
            })}
        </Dialog>
    }
    .into_any()
}
