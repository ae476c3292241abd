//! The head of a page: where it is, what it is called, what can be done.

use crate::browser;
use crate::ui::live::{live_option, on_change};
use leptos::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// The first page of a visit leaves the focus to the browser; every later one moves it to the heading.
static NAVIGATED: AtomicBool = AtomicBool::new(false);

/// Breadcrumb, heading and actions of a page. Names the document, and takes the focus after a navigation.
#[component]
pub(crate) fn PageHead(
    /// The heading.
    #[prop(into)]
    title: Signal<String>,
    /// Where it belongs: names and addresses, from the outside in.
    #[prop(optional, into)]
    trail: Signal<Vec<(String, String)>>,
    /// What can be done.
    #[prop(optional)]
    actions: Option<AnyView>,
) -> impl IntoView {
    on_change(move || {
        let trail = trail.read();
        let context = trail.iter().rev().map(|(name, _)| format!(" – {name}")).collect::<String>();
        browser::set_title(&format!("{}{context} – Rollcall", title.read()));
    });
    if NAVIGATED.swap(true, Ordering::Relaxed) {
        request_animation_frame(|| {
            browser::focus("main h1");
        });
    }
    let crumbs = live_option(move || {
        let links =
            trail.get().into_iter().map(|(name, href)| view! { <li><a href=href>{name}</a></li> }.into_any());
        let links = links.collect::<Vec<_>>();
        (!links.is_empty()).then(|| {
            view! { <nav aria-label="Breadcrumb" class="breadcrumb"><ol>{links}</ol></nav> }.into_any()
        })
    });
    view! {
        <header class="page-head">
            {crumbs}
            <div class="page-title">
                <h1 tabindex="-1">{title}</h1>
                {actions.map(|actions| view! { <div class="actions">{actions}</div> }.into_any())}
            </div>
        </header>
    }
    .into_any()
}

/// The way to the neighbours of a page: names, addresses, and which of them it is itself.
pub(crate) fn subnav(
    label: &'static str,
    links: impl IntoIterator<Item = (&'static str, String, bool)>,
) -> AnyView {
    let links = links.into_iter().map(|(name, href, is_here)| {
        let current = is_here.then_some("page");
        view! { <li><a href=href aria-current=current>{name}</a></li> }.into_any()
    });
    let links = links.collect::<Vec<_>>();
    // On a narrow screen the list scrolls sideways; the current page should not stand outside.
    request_animation_frame(|| browser::reveal(".subnav [aria-current]"));
    view! { <nav aria-label=label class="subnav"><ul>{links}</ul></nav> }.into_any()
}
