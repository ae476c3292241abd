//! The application: one session, one page at a time.

use crate::api::{ApiError, endpoints};
use crate::cache::{Client, Remote};
use crate::chunks::{Chunks, use_chunks};
use crate::focus;
use crate::pages;
use crate::paths::Page;
use crate::router::{Router, use_router};
use crate::shell::Shell;
use crate::ui::button::Refusal;
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
    let chunks = Chunks::new();
    provide_context(chunks);
    chunks.begin(&use_page().get_untracked());
    focus::keep();
    view! { <Gate /> }
}

/// Lets in whoever is signed in.
#[component]
fn Gate() -> impl IntoView {
    let client = crate::cache::use_client();
    let session = Remote::<Session>::new(endpoints::session);
    let router = use_router();
    // What is typed and not saved is not taken away: the frame tells then that the session has ended.
    let state = memo(move || {
        let out = client.signed_out.get() && !router.is_held();
        if out { Entry::SignedOut } else { Entry::of(session.get()) }
    });
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
            if session.role == Role::Reader {
                provide_context(Refusal("Your role is Reader"));
            }
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
    let (page, chunks) = (use_page(), use_chunks());
    chunks.load_all();
    live(move || chunks.view(page.get()))
}
