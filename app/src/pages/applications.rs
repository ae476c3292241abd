//! Enterprise applications: what was added to the organization.

use crate::api::endpoints;
use crate::cache::{Remote, use_client};
use crate::pages::home::{application_table, jobs_known};
use crate::parts::remote::show;
use crate::paths::Page;
use crate::ui::button::link_button;
use crate::ui::page::PageHead;
use crate::ui::panel::Panel;
use crate::ui::state::together;
use api::application::ServicePrincipal;
use api::collection::Collection;
use leptos::prelude::*;

/// The list of applications.
#[component]
pub(crate) fn Applications() -> impl IntoView {
    let applications = Remote::<Collection<ServicePrincipal>>::new(endpoints::applications);
    let client = use_client();
    let actions = link_button("Add application", "add", "primary", Page::Gallery.path());
    view! {
        <PageHead title="Enterprise applications" actions=actions />
        <Panel title="Applications">
            {together(move || jobs_known(client, applications), move || show(applications, application_table))}
        </Panel>
    }
    .into_any()
}
