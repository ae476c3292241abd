//! What all pages of an application begin with: the application, its job, the head and the navigation.

use crate::api::endpoints;
use crate::cache::Remote;
use crate::parts::remote::failure;
use crate::paths::{self, ApplicationTab, Page};
use crate::ui::live::{live_option, memo};
use crate::ui::page::{PageHead, subnav};
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

    /// Why neither is there; stands in place of what follows it on the page, which would take it for unconnected.
    pub(crate) fn failure(self) -> AnyView {
        live_option(move || {
            let error = self.jobs.error().or_else(|| self.application.error())?;
            let retry = Callback::new(move |()| {
                self.application.reload();
                self.jobs.reload();
            });
            Some(view! { <div class="instead">{failure(&error, retry)}</div> }.into_any())
        })
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
    // Held deletions are seldom there: the ways to them are the banner of the overview and the start.
    let shown =
        ApplicationTab::ALL.into_iter().filter(|target| *target != ApplicationTab::Held || *target == tab);
    let links = shown.map(|target| (target.title(), paths::application(&id, target), target == tab));
    let links = links.collect::<Vec<_>>();
    let overview = paths::application(&id, ApplicationTab::Overview);
    let list = Page::Applications.path();
    let name = memo(move || data.name());
    let name = move || {
        let name = name.get();
        if name.is_empty() { "Application".to_owned() } else { name }
    };
    // The overview bears the application's name; the other pages have it above theirs.
    let is_overview = tab == ApplicationTab::Overview;
    let title = Signal::derive(move || if is_overview { name() } else { tab.title().to_owned() });
    let trail = Signal::derive(move || {
        let mut trail = vec![("Enterprise applications".to_owned(), list.clone())];
        if !is_overview {
            trail.push((name(), overview.clone()));
        }
        trail
    });
    let actions = actions.unwrap_or_else(|| ().into_any());
    view! {
        <PageHead title=title trail=trail actions=actions />
        {subnav("Application", links)}
        {data.failure()}
    }
    .into_any()
}
