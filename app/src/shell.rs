//! What stands around every page: the skip link, the bar, the navigation, messages and the confirmation.

use crate::api::endpoints;
use crate::app::{use_page, use_session};
use crate::browser;
use crate::cache::use_client;
use crate::chunks::use_chunks;
use crate::keys::{Keys, Shortcuts, use_keys};
use crate::palette::Palette;
use crate::parts::ended::session_ended;
use crate::parts::remote::old_answers;
use crate::paths::Page;
use crate::ui::button::Button;
use crate::ui::confirm::ConfirmDialog;
use crate::ui::field::SelectField;
use crate::ui::icon::icon;
use crate::ui::live::{handler, live_attribute, on_change, word};
use crate::ui::panel::{facts, plain};
use crate::ui::time::time_or;
use crate::ui::toast::ToastRegion;
use api::organization::Role;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The frame of a page.
#[component]
pub(crate) fn Shell(
    /// The page.
    children: Children,
) -> impl IntoView {
    let theme = Theme(RwSignal::new(browser::theme()));
    provide_context(theme);
    provide_context(Keys::new());
    let client = use_client();
    client.retry();
    let menu_open = RwSignal::new(false);
    let page = use_page();
    on_change(move || {
        page.track();
        menu_open.set(false);
    });
    // The router takes the click of a link into the page, so the focus is moved by hand.
    let skip = |event: web_sys::MouseEvent| {
        event.prevent_default();
        browser::focus("#main");
    };
    view! {
        <a class="skip" href="#main" on:click=handler(skip)>"Skip to content"</a>
        <header class="bar">
            <button
                type="button"
                class="button quiet menu-button"
                aria-expanded=live_attribute(move || word(menu_open.get()))
                aria-controls="navigation"
                aria-label="Menu"
                on:click=handler(move |_| menu_open.update(|open| *open = !*open))
            >
                {icon("menu")}
            </button>
            <a class="brand" href="/">{icon("logo")}<span>"Rollcall"</span></a>
            <Palette chunks=use_chunks() />
            <Account />
        </header>
        <div class="frame">
            <nav id="navigation" aria-label="Main" class="side" class:open=menu_open>{navigation(page)}</nav>
            <main id="main" tabindex="-1">{reader_notice()}{old_answers(client)}{children()}</main>
        </div>
        <ToastRegion />
        <Shortcuts chunks=use_chunks() />
        <ConfirmDialog />
        {session_ended()}
    }
    .into_any()
}

/// Tells a Reader at the top of every page why nothing can be changed.
fn reader_notice() -> Option<AnyView> {
    (use_session().role == Role::Reader).then(|| {
        view! {
            <p class="notice" role="note">
                {icon("info")}
                "Your role is Reader: you can look at everything, and change nothing."
            </p>
        }
        .into_any()
    })
}

/// Part of the navigation that a page belongs to.
fn section(page: &Page) -> Page {
    match page {
        Page::Person(_) | Page::Import | Page::Deleted => Page::People,
        Page::InboundRequests => Page::Inbound,
        Page::Inlet(_) | Page::Conflicts => Page::Inlets,
        Page::Group(_) => Page::Groups,
        Page::Application(..) | Page::Report(..) => Page::Applications,
        Page::Tenant(..) => Page::Tenants,
        other => other.clone(),
    }
}

fn navigation(page: Memo<Page>) -> AnyView {
    let item = |name: &'static str, symbol: &'static str, target: Page| {
        let href = target.path();
        let current = live_attribute(move || (section(&page.read()) == target).then_some("page"));
        view! { <li><a href=href aria-current=current>{icon(symbol)}<span>{name}</span></a></li> }.into_any()
    };
    let group = |name: &'static str, items: Vec<AnyView>| {
        view! { <li><p class="side-group">{name}</p><ul>{items}</ul></li> }.into_any()
    };
    let groups = vec![
        view! { <li><ul>{item("Home", "home", Page::Home)}</ul></li> }.into_any(),
        group(
            "Workforce directory",
            vec![
                item("People", "person", Page::People),
                item("Groups", "group", Page::Groups),
                item("Inlets", "sync", Page::Inlets),
                item("Inbound provisioning", "download", Page::Inbound),
            ],
        ),
        group(
            "Provisioning",
            vec![
                item("Enterprise applications", "apps", Page::Applications),
                item("Gallery", "gallery", Page::Gallery),
                item("Audit log", "log", Page::Audit),
            ],
        ),
        group("Application directories", vec![item("Peakon admin console", "console", Page::Tenants)]),
        group("Organization", vec![item("Organization settings", "group", Page::Organization)]),
    ];
    view! { <ul class="side-list">{groups}</ul> }.into_any()
}

/// The chosen theme, in the context of the frame.
#[derive(Clone, Copy)]
struct Theme(RwSignal<String>);

/// The chosen theme: `light`, `dark`, or empty for the system's. The frame puts it on the document.
pub(crate) fn use_theme() -> RwSignal<String> {
    use_context::<Theme>().map_or_else(|| RwSignal::new(browser::theme()), |Theme(theme)| theme)
}

/// Ends the session.
pub(crate) fn sign_out() -> Callback<()> {
    let client = use_client();
    Callback::new(move |()| {
        spawn_local(async move {
            // Whatever the answer is: an expired session is signed out too.
            let _ = client.delete(&endpoints::session()).await;
            client.clear();
            browser::open("/");
        });
    })
}

/// The account button and its menu.
#[component]
fn Account() -> impl IntoView {
    let session = use_session();
    let (theme, keys) = (use_theme(), use_keys());
    on_change(move || {
        let theme = theme.get();
        if theme != browser::theme() {
            browser::set_theme(&theme);
        }
    });
    let themes = [("", "As the system"), ("light", "Light"), ("dark", "Dark")];
    let themes = themes.map(|(value, name)| (value.to_owned(), name.to_owned())).to_vec();
    let name = session.display_name.clone();
    let label = format!("Account: {name}");
    let details = facts(vec![
        ("Organization", plain(session.organization_display_name.clone())),
        ("Signed in as", plain(session.display_name)),
        ("Session ends", time_or(session.expires_date_time.as_deref(), "never")),
    ]);
    view! {
        <p class="organization">{session.organization_display_name}</p>
        <button type="button" class="button quiet" popovertarget="account" aria-label=label>
            {icon("person")}<span class="account-name">{name}</span>
        </button>
        <div id="account" popover="auto" class="menu">
            {details}
            <SelectField label="Theme" value=theme options=themes />
            // The menu closes by itself, so that the focus returns to its button and from there to it again.
            <button
                type="button"
                class="button"
                popovertarget="account"
                popovertargetaction="hide"
                aria-haspopup="dialog"
                aria-keyshortcuts=live_attribute(move || keys.letters.get().then_some("?"))
                on:click=handler(move |_| keys.open.set(true))
            >
                <span>"Keyboard shortcuts"</span>
            </button>
            <Button label="Sign out" on_click=sign_out() />
        </div>
    }
    .into_any()
}
