//! What a page shows while there is nothing to show: loading, empty, failed.

use super::button::Button;
use super::icon::icon;
use crate::ui::live::{live, live_option, memo_with};
use leptos::prelude::*;
use std::time::Duration;

/// For how long parts that come one by one wait for each other.
const TOGETHER: Duration = Duration::from_secs(1);

/// Bars that keep the layout while something is on its way.
pub(crate) fn skeleton() -> AnyView {
    view! {
        <div class="skeleton" role="status">
            <span class="visually-hidden">"Loading…"</span>
            <div class="bar wide"></div>
            <div class="bar"></div>
            <div class="bar"></div>
            <div class="bar short"></div>
        </div>
    }
    .into_any()
}

/// Parts that come at once, so that none moves another that is read already: bars until everything is `there`, or
/// has taken long enough. What is shown stays.
pub(crate) fn together(
    there: impl Fn() -> bool + Send + Sync + 'static,
    parts: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    let late = RwSignal::new(false);
    set_timeout(
        move || {
            let _ = late.try_set(true);
        },
        TOGETHER,
    );
    let shown = memo_with(move |before: Option<&bool>| before == Some(&true) || late.get() || there());
    live(move || if shown.get() { parts() } else { skeleton() })
}

/// Nothing is there: why, and what to do next.
pub(crate) fn empty(title: &str, why: &str, next: Option<AnyView>) -> AnyView {
    let (title, why) = (title.to_owned(), why.to_owned());
    view! {
        <div class="empty">
            {icon("empty")}
            <p class="empty-title">{title}</p>
            <p>{why}</p>
            {next}
        </div>
    }
    .into_any()
}

/// Something failed, and can be tried again.
#[component]
pub(crate) fn Failure(
    /// What happened and what to do.
    #[prop(into)]
    message: String,
    /// Names the request in the server's log.
    #[prop(optional_no_strip)]
    request_id: Option<String>,
    /// Tries again.
    #[prop(optional_no_strip)]
    retry: Option<Callback<()>>,
) -> impl IntoView {
    view! {
        <div class="notice bad" role="alert">
            {icon("error")}
            <div>
                <p class="pre">{message}</p>
                {request_id.map(|id| view! { <p class="faint">"Request " <code>{id}</code></p> }.into_any())}
                {retry.map(|retry| view! { <Button label="Try again" on_click=retry /> }.into_any())}
            </div>
        </div>
    }
    .into_any()
}

/// A message that belongs to a form or a page; shows nothing when it is empty.
pub(crate) fn message(class: &'static str, text: impl Fn() -> String + Send + 'static) -> AnyView {
    let role = if class.contains("bad") { "alert" } else { "status" };
    let class = format!("notice {class}");
    let name = if role == "alert" { "error" } else { "info" };
    let content = live_option(move || {
        let text = text();
        let class = class.clone();
        (!text.is_empty())
            .then(|| view! { <div class=class>{icon(name)}<p class="pre">{text}</p></div> }.into_any())
    });
    view! { <div role=role>{content}</div> }.into_any()
}
