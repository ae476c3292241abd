//! The application: one session, one page at a time.

use crate::api::{ApiError, endpoints};
use crate::cache::{Client, Remote};
use crate::focus;
use crate::pages;
use crate::paths::{ApplicationTab, Page, TenantTab};
use crate::router::{Router, use_router};
use crate::shell::Shell;
use crate::ui::confirm::Confirm;
use crate::ui::live::{live, memo};
use crate::ui::state::{Failure, skeleton};
use crate::ui::time::Now;
use crate::ui::toast::Toasts;
use api::organization::Role;
use api::session::Session;
use leptos::prelude::*;

/// The root: everything that lives as long as the browser's page.
#[component]
pub(crate) fn App() -> impl IntoView {
    provide_context(Client::new());
    provide_context(Toasts::new());
    provide_context(Confirm::new());
    provide_context(Now::start());
    provide_context(Router::start());
    focus::keep();
    view! { <Gate /> }
}

/// Lets in whoever is signed in.
#[component]
fn Gate() -> impl IntoView {
    let client = crate::cache::use_client();
    let session = Remote::<Session>::new(endpoints::session);
    let state =
        memo(move || if client.signed_out.get() { Entry::SignedOut } else { Entry::of(session.get()) });
    live(move || match state.get() {
        Entry::Waiting => view! { <main id="main" class="lone" tabindex="-1">{skeleton()}</main> }.into_any(),
        Entry::SignedOut => view! { <pages::signed_out::SignedOut /> }.into_any(),
        Entry::Failed(error) => {
            let retry = Callback::new(move |()| session.reload());
            view! {
                <main id="main" class="lone" tabindex="-1">
                    <h1>"Rollcall cannot be reached"</h1>
                    <Failure message=error.text() request_id=error.request_id retry=Some(retry) />
                </main>
            }
            .into_any()
        }
        Entry::Open(session) => {
            provide_context(session);
            view! { <Shell><Pages /></Shell> }.into_any()
        }
    })
}

#[derive(Clone, PartialEq)]
enum Entry {
    Waiting,
    SignedOut,
    Failed(ApiError),
    Open(Session),
}

impl Entry {
    fn of(answer: Option<Result<Session, ApiError>>) -> Self {
        match answer {
            None => Self::Waiting,
            Some(Ok(session)) => Self::Open(session),
            Some(Err(error)) if error.is_unauthorized() => Self::SignedOut,
            Some(Err(error)) => Self::Failed(error),
        }
    }
}

/// Who is signed in.
pub(crate) fn use_session() -> Session {
    use_context::<Session>().unwrap_or_else(|| Session {
        display_name: String::new(),
        role: Role::Administrator,
        organization_id: String::new(),
        organization_display_name: String::new(),
        workforce_directory_id: String::new(),
        expires_date_time: None,
    })
}

/// The page of the address.
pub(crate) fn use_page() -> Memo<Page> {
    let path = use_router().path;
    memo(move || Page::parse(&path.read()))
}

#[component]
fn Pages() -> impl IntoView {
    let page = use_page();
    live(move || match page.get() {
        Page::Home => view! { <pages::home::Home /> }.into_any(),
        Page::People => view! { <pages::people::People /> }.into_any(),
        Page::Person(id) => view! { <pages::person::Person id=id /> }.into_any(),
        Page::Import => view! { <pages::import::Import /> }.into_any(),
        Page::Deleted => view! { <pages::deleted::Deleted /> }.into_any(),
        Page::Inbound => view! { <pages::inbound::Inbound /> }.into_any(),
        Page::InboundRequests => view! { <pages::inbound::Requests /> }.into_any(),
        Page::Inlets => view! { <pages::inlets::Inlets /> }.into_any(),
        Page::Inlet(id) => view! { <pages::inlets::detail::Detail id=id /> }.into_any(),
        Page::Groups => view! { <pages::groups::Groups /> }.into_any(),
        Page::Group(id) => view! { <pages::groups::Group id=id /> }.into_any(),
        Page::Applications => view! { <pages::applications::Applications /> }.into_any(),
        Page::Gallery => view! { <pages::gallery::Gallery /> }.into_any(),
        Page::Application(id, tab) => application(id, tab),
        Page::Report(id, cycle) => view! { <pages::reports::Report application=id cycle=cycle /> }.into_any(),
        Page::Tenants => view! { <pages::tenants::Tenants /> }.into_any(),
        Page::Tenant(id, tab) => tenant(id, tab),
        Page::Audit => view! { <pages::audit::Audit /> }.into_any(),
        Page::Organization => view! { <pages::organization::Organization /> }.into_any(),
        Page::Unknown => view! { <pages::unknown::Unknown /> }.into_any(),
    })
}

fn application(id: String, tab: ApplicationTab) -> AnyView {
    match tab {
        ApplicationTab::Overview => view! { <pages::overview::Overview id=id /> }.into_any(),
        ApplicationTab::Provisioning => view! { <pages::provisioning::Provisioning id=id /> }.into_any(),
        ApplicationTab::Mappings => view! { <pages::mappings::Mappings id=id /> }.into_any(),
        ApplicationTab::Users => view! { <pages::assignments::Assignments id=id /> }.into_any(),
        ApplicationTab::OnDemand => view! { <pages::on_demand::OnDemand id=id /> }.into_any(),
        ApplicationTab::DryRun => view! { <pages::dry_run::DryRun id=id /> }.into_any(),
        ApplicationTab::Drift => view! { <pages::dry_run::DryRun id=id drift=true /> }.into_any(),
        ApplicationTab::Logs => view! { <pages::logs::Logs id=id /> }.into_any(),
        ApplicationTab::Reports => view! { <pages::reports::Reports id=id /> }.into_any(),
        ApplicationTab::Insights => view! { <pages::insights::Insights id=id /> }.into_any(),
        ApplicationTab::Held => view! { <pages::held::Held id=id /> }.into_any(),
    }
}

fn tenant(id: String, tab: TenantTab) -> AnyView {
    match tab {
        TenantTab::EmployeeProvisioning => view! { <pages::tenant::EmployeeProvisioning id=id /> }.into_any(),
        TenantTab::Employees => view! { <pages::employees::Employees id=id /> }.into_any(),
        TenantTab::Requests => view! { <pages::tenant::Requests id=id /> }.into_any(),
        TenantTab::Attributes => view! { <pages::attributes::Attributes id=id /> }.into_any(),
    }
}
