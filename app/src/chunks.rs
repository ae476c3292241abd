//! Pages that are loaded apart: the first view does not wait for what it does not show.
//!
//! The build cuts the portal's WebAssembly at the functions marked with `wasm_split` (scripts/lib/portal.mjs). What
//! only one chunk needs is in its file, what several need in files between them, everything else in the first. Once
//! a view is there, the other chunks follow by themselves, so that the next page is there when it is asked for, and a
//! portal that stays open over a deployment has all of its own version.

use crate::browser;
use crate::keys;
use crate::pages;
use crate::palette;
use crate::paths::{ApplicationTab, Page, TenantTab};
use crate::ui::state::{Failure, skeleton};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// Makes the view of a page.
type Build = fn(Page) -> AnyView;

/// Pages that come in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chunk {
    /// What is set up, tried and read about an application.
    Application,
    /// Mappings, expressions and scoping filters.
    Mappings,
    /// People, groups, and where they come from.
    Directory,
    /// Applications' own directories; the audit log, members, roles and keys; and what the command palette and the
    /// list of shortcuts show. All are small, and a file more would cut what the files share into twice as many.
    Organization,
}

impl Chunk {
    const ALL: [Self; 4] = [Self::Application, Self::Mappings, Self::Directory, Self::Organization];

    /// The chunk of a page; none for pages that are there from the beginning.
    const fn of(page: &Page) -> Option<Self> {
        match page {
            Page::Home
            | Page::Applications
            | Page::Unknown
            | Page::Application(_, ApplicationTab::Overview) => None,
            Page::Application(_, ApplicationTab::Mappings) => Some(Self::Mappings),
            Page::Gallery | Page::Application(..) | Page::Report(..) => Some(Self::Application),
            Page::People
            | Page::Person(_)
            | Page::Import
            | Page::Deleted
            | Page::Inbound
            | Page::InboundRequests
            | Page::Inlets
            | Page::Inlet(_)
            | Page::Conflicts
            | Page::Groups
            | Page::Group(_) => Some(Self::Directory),
            Page::Tenants | Page::Tenant(..) | Page::Audit | Page::Organization => Some(Self::Organization),
        }
    }

    async fn load(self) -> Result<Build, SplitLoaderError> {
        match self {
            Self::Application => application().await,
            Self::Mappings => mappings().await,
            Self::Directory => directory().await,
            Self::Organization => organization().await,
        }
    }
}

/// Stands for the command palette, which is no page of its own.
const PALETTE: Page = Page::Unknown;

/// Stands for the list of shortcuts, which is none either.
const SHORTCUTS: Page = Page::Home;

/// How long the chunks that are not shown wait for what the first view asks of the server.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// How far a chunk is.
#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Absent,
    Loading,
    /// The file did not come, or is of another version.
    Failed,
    Ready(Build),
}

/// The chunks of this visit, in the context of the whole application.
#[derive(Clone, Copy)]
pub(crate) struct Chunks([RwSignal<State>; Chunk::ALL.len()]);

/// The chunks of this visit.
pub(crate) fn use_chunks() -> Chunks {
    use_context::<Chunks>().unwrap_or_else(Chunks::new)
}

impl Chunks {
    pub(crate) fn new() -> Self {
        Self(Chunk::ALL.map(|_| RwSignal::new(State::Absent)))
    }

    fn state(self, chunk: Chunk) -> RwSignal<State> {
        let [application, mappings, directory, organization] = self.0;
        match chunk {
            Chunk::Application => application,
            Chunk::Mappings => mappings,
            Chunk::Directory => directory,
            Chunk::Organization => organization,
        }
    }

    /// Loads a chunk, unless it is there or on its way. If it does not come, its state is `otherwise`.
    fn load(self, chunk: Chunk, otherwise: State) {
        let state = self.state(chunk);
        if matches!(state.get_untracked(), State::Loading | State::Ready(_)) {
            return;
        }
        state.set(State::Loading);
        spawn_local(async move {
            let loaded = chunk.load().await;
            let _ = state.try_set(loaded.map_or(otherwise, State::Ready));
        });
    }

    /// Loads the chunk of the first page, while it is asked who is there.
    pub(crate) fn begin(self, page: &Page) {
        if let Some(chunk) = Chunk::of(page) {
            self.load(chunk, State::Absent);
        }
    }

    /// Loads what is not there yet, once the first view has had its turn. What does not come is tried again when
    /// it is asked for.
    pub(crate) fn load_all(self) {
        set_timeout(
            move || Chunk::ALL.into_iter().for_each(|chunk| self.load(chunk, State::Absent)),
            PATIENCE,
        );
    }

    /// The view of a page: itself, or what is said until its chunk is there.
    pub(crate) fn view(self, page: Page) -> AnyView {
        match Chunk::of(&page) {
            Some(chunk) => {
                self.part(chunk, page, || view! { <h1>"This page could not be loaded"</h1> }.into_any())
            }
            None => first(page),
        }
    }

    /// What the command palette shows.
    pub(crate) fn palette(self) -> AnyView {
        self.part(Chunk::Organization, PALETTE, || ().into_any())
    }

    /// What the list of shortcuts shows.
    pub(crate) fn shortcuts(self) -> AnyView {
        self.part(Chunk::Organization, SHORTCUTS, || ().into_any())
    }

    fn part(self, chunk: Chunk, page: Page, heading: fn() -> AnyView) -> AnyView {
        match self.state(chunk).get() {
            State::Ready(build) => build(page),
            State::Failed => {
                let retry = Callback::new(|()| browser::reload());
                view! {
                    {heading()}
                    <Failure
                        message="Either the connection was lost, or Rollcall was updated since you opened it. Trying again loads the portal anew."
                        retry=Some(retry)
                    />
                }
                .into_any()
            }
            State::Absent | State::Loading => {
                self.load(chunk, State::Failed);
                skeleton()
            }
        }
    }
}

/// The pages that are there from the beginning.
fn first(page: Page) -> AnyView {
    match page {
        Page::Home => view! { <pages::home::Home /> }.into_any(),
        Page::Applications => view! { <pages::applications::Applications /> }.into_any(),
        Page::Application(id, _) => view! { <pages::overview::Overview id=id /> }.into_any(),
        _ => view! { <pages::unknown::Unknown /> }.into_any(),
    }
}

#[wasm_split(application, fallible)]
fn application() -> Result<Build, SplitLoaderError> {
    Ok(application_page)
}

fn application_page(page: Page) -> AnyView {
    match page {
        Page::Gallery => view! { <pages::gallery::Gallery /> }.into_any(),
        Page::Report(id, cycle) => view! { <pages::reports::Report application=id cycle=cycle /> }.into_any(),
        Page::Application(id, tab) => match tab {
            ApplicationTab::Provisioning => view! { <pages::provisioning::Provisioning id=id /> }.into_any(),
            ApplicationTab::Users => view! { <pages::assignments::Assignments id=id /> }.into_any(),
            ApplicationTab::OnDemand => view! { <pages::on_demand::OnDemand id=id /> }.into_any(),
            ApplicationTab::DryRun => view! { <pages::dry_run::DryRun id=id /> }.into_any(),
            ApplicationTab::Drift => view! { <pages::dry_run::DryRun id=id drift=true /> }.into_any(),
            ApplicationTab::Logs => view! { <pages::logs::Logs id=id /> }.into_any(),
            ApplicationTab::Reports => view! { <pages::reports::Reports id=id /> }.into_any(),
            ApplicationTab::Insights => view! { <pages::insights::Insights id=id /> }.into_any(),
            ApplicationTab::Held => view! { <pages::held::Held id=id /> }.into_any(),
            ApplicationTab::Overview | ApplicationTab::Mappings => first(Page::Application(id, tab)),
        },
        page => first(page),
    }
}

#[wasm_split(mappings, fallible)]
fn mappings() -> Result<Build, SplitLoaderError> {
    Ok(mappings_page)
}

fn mappings_page(page: Page) -> AnyView {
    match page {
        Page::Application(id, _) => view! { <pages::mappings::Mappings id=id /> }.into_any(),
        page => first(page),
    }
}

#[wasm_split(directory, fallible)]
fn directory() -> Result<Build, SplitLoaderError> {
    Ok(directory_page)
}

fn directory_page(page: Page) -> AnyView {
    match page {
        Page::People => view! { <pages::people::People /> }.into_any(),
        Page::Person(id) => view! { <pages::person::Person id=id /> }.into_any(),
        Page::Import => view! { <pages::import::Import /> }.into_any(),
        Page::Deleted => view! { <pages::deleted::Deleted /> }.into_any(),
        Page::Inbound => view! { <pages::inbound::Inbound /> }.into_any(),
        Page::InboundRequests => view! { <pages::inbound::Requests /> }.into_any(),
        Page::Inlets => view! { <pages::inlets::Inlets /> }.into_any(),
        Page::Inlet(id) => view! { <pages::inlets::detail::Detail id=id /> }.into_any(),
        Page::Conflicts => view! { <pages::inlets::conflicts::Conflicts /> }.into_any(),
        Page::Groups => view! { <pages::groups::Groups /> }.into_any(),
        Page::Group(id) => view! { <pages::groups::Group id=id /> }.into_any(),
        page => first(page),
    }
}

#[wasm_split(organization, fallible)]
fn organization() -> Result<Build, SplitLoaderError> {
    Ok(organization_page)
}

fn organization_page(page: Page) -> AnyView {
    match page {
        Page::Tenants => view! { <pages::tenants::Tenants /> }.into_any(),
        Page::Tenant(id, tab) => match tab {
            TenantTab::EmployeeProvisioning => {
                view! { <pages::tenant::EmployeeProvisioning id=id /> }.into_any()
            }
            TenantTab::Employees => view! { <pages::employees::Employees id=id /> }.into_any(),
            TenantTab::Requests => view! { <pages::tenant::Requests id=id /> }.into_any(),
            TenantTab::Attributes => view! { <pages::attributes::Attributes id=id /> }.into_any(),
        },
        Page::Audit => view! { <pages::audit::Audit /> }.into_any(),
        Page::Organization => view! { <pages::organization::Organization /> }.into_any(),
        PALETTE => palette::content(),
        SHORTCUTS => keys::list(),
        page => first(page),
    }
}
