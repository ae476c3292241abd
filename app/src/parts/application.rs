//! What all pages of an application begin with: the application, its job, the head and the navigation.

use crate::api::endpoints;
use crate::cache::Remote;
use crate::paths::{self, ApplicationTab, Page};
use crate::ui::live::memo;
use crate::ui::page::PageHead;
use api::application::ServicePrincipal;
use api::collection::Collection;
use api::job::SynchronizationJob;
use leptos::prelude::*;

/// An application and its synchronization job, if it has one yet.
#[derive(Clone, Copy)]
pub(crate) struct ApplicationData {
    /// The service principal.
    pub(crate) application: Remote<ServicePrincipal>,
    /// Its jobs: none or one.
    pub(crate) jobs: Remote<Collection<SynchronizationJob>>,
}

impl ApplicationData {
    /// Follows an application.
    pub(crate) fn new(id: &str) -> Self {
        let (one, two) = (endpoints::application(id), endpoints::jobs(id));
        Self { application: Remote::new(move || one.clone()), jobs: Remote::new(move || two.clone()) }
    }

    /// The job, when there is one.
    pub(crate) fn job(self) -> Option<SynchronizationJob> {
        self.jobs.value().and_then(|jobs| jobs.value.into_iter().next())
    }

    /// The job's id; empty when there is none or it is not known yet.
    pub(crate) fn job_id(self) -> String {
        self.job().map(|job| job.id).unwrap_or_default()
    }

    /// The job's id, empty when there is none; nothing while it is not known.
    pub(crate) fn known_job(self) -> Option<String> {
        self.jobs.is_known().then(|| self.job_id())
    }

    /// The application's name; empty while it is on its way.
    pub(crate) fn name(self) -> String {
        self.application.value().map(|application| application.display_name).unwrap_or_default()
    }
}

/// Head and navigation of a page of an application.
#[component]
pub(crate) fn ApplicationHead(
    /// The application's id.
    id: String,
    /// The application.
    data: ApplicationData,
    /// The page.
    tab: ApplicationTab,
    /// What can be done.
    #[prop(optional)]
    actions: Option<AnyView>,
) -> impl IntoView {
    let links = ApplicationTab::ALL.map(|target| {
        let href = paths::application(&id, target);
        let current = (target == tab).then_some("page");
        view! { <li><a href=href aria-current=current>{target.title()}</a></li> }.into_any()
    });
    let overview = paths::application(&id, ApplicationTab::Overview);
    let list = Page::Applications.path();
    let name = memo(move || data.name());
    let trail = Signal::derive(move || {
        let name = name.get();
        let name = if name.is_empty() { "Application".to_owned() } else { name };
        vec![("Enterprise applications".to_owned(), list.clone()), (name, overview.clone())]
    });
    let actions = actions.unwrap_or_else(|| ().into_any());
    view! {
        <PageHead title=tab.title() trail=trail actions=actions />
        <nav aria-label="Application" class="subnav"><ul>{links.into_iter().collect::<Vec<_>>()}</ul></nav>
    }
    .into_any()
}
