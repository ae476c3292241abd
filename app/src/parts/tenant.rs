//! A directory, and what all pages of a Peakon tenant begin with.

use crate::api::endpoints;
use crate::cache::Remote;
use crate::paths::{Page, TenantTab};
use crate::ui::page::{PageHead, subnav};
use api::directory::Directory;
use leptos::prelude::*;

/// Follows a directory.
pub(crate) fn directory(id: &str) -> Remote<Directory> {
    let address = endpoints::directory(id);
    Remote::new(move || address.clone())
}

/// Head and navigation of a page of a tenant.
#[component]
pub(crate) fn TenantHead(
    /// The directory's id.
    id: String,
    /// The directory.
    directory: Remote<Directory>,
    /// The page.
    tab: TenantTab,
    /// What can be done.
    #[prop(optional)]
    actions: Option<AnyView>,
) -> impl IntoView {
    let links = TenantTab::ALL.map(|target| {
        let href = Page::Tenant(id.clone(), target).path();
        (target.title(), href, target == tab)
    });
    let home = Page::Tenant(id, TenantTab::EmployeeProvisioning).path();
    let trail = Signal::derive(move || {
        let name = directory.value().map_or_else(|| "Tenant".to_owned(), |directory| directory.display_name);
        let mut trail = vec![("Peakon admin console".to_owned(), Page::Tenants.path()), (name, home.clone())];
        if tab == TenantTab::EmployeeProvisioning {
            trail.push(("Configuration".to_owned(), home.clone()));
            trail.push(("Integrations".to_owned(), home.clone()));
        }
        trail
    });
    let actions = actions.unwrap_or_else(|| ().into_any());
    view! {
        <PageHead title=tab.title() trail=trail actions=actions />
        {subnav("Tenant", links)}
    }
    .into_any()
}
