//! A remote value on the screen: on its way, failed, or there.

use crate::api::{ApiError, FromJson};
use crate::cache::{Client, Remote};
use crate::ui::button::link_button;
use crate::ui::live::{live, memo, memo_with, on_change};
use crate::ui::state::{Failure, empty, message, skeleton};
use leptos::prelude::*;

/// Shows a value and follows it.
pub(crate) fn show<T: FromJson + 'static>(
    remote: Remote<T>,
    render: impl Fn(T) -> AnyView + Send + 'static,
) -> AnyView {
    live(move || match remote.get() {
        None => skeleton(),
        Some(Err(error)) => failure(&error, Callback::new(move |()| remote.reload())),
        Some(Ok(value)) => render(value),
    })
}

/// Shows a value as it was when it came, for forms: what arrives later does not undo what was typed. A form never
/// begins with what is only remembered, which somebody may have changed since.
pub(crate) fn show_once<T: FromJson + 'static>(
    remote: Remote<T>,
    render: impl Fn(T) -> AnyView + Send + 'static,
) -> AnyView {
    // A dialog is opened long after its page.
    on_change(move || remote.freshen());
    let good = move || remote.is_known() && remote.error().is_none();
    let begun =
        memo_with(move |before: Option<&bool>| good() && (before == Some(&true) || remote.is_current()));
    // Each attempt has a request of its own: the same is not told anew.
    let trouble = memo_with(move |before: Option<&Option<ApiError>>| match (before, remote.trouble()) {
        (Some(Some(before)), Some(now)) if (before.status, &before.message) == (now.status, &now.message) => {
            Some(before.clone())
        }
        (_, now) => now,
    });
    live(move || {
        let retry = Callback::new(move |()| remote.reload());
        let value = if begun.get() { untrack(|| remote.get()) } else { None };
        match value {
            Some(Ok(value)) => render(value),
            Some(Err(error)) => failure(&error, retry),
            None => trouble.get().map_or_else(skeleton, |error| failure(&error, retry)),
        }
    })
}

/// Tells that something on the page is old, because it could not be fetched again.
pub(crate) fn old_answers(client: Client) -> AnyView {
    let text = "Part of this page could not be refreshed and may be out of date. It is tried again every few seconds.";
    let troubled = memo(move || client.is_troubled());
    message("warning", move || if troubled.get() { text.to_owned() } else { String::new() })
}

/// Why a value is not there.
pub(crate) fn failure(error: &ApiError, retry: Callback<()>) -> AnyView {
    let home = || Some(link_button("Go to the start", "home", "", "/".to_owned()));
    match error.status {
        404 => empty("Not found", &format!("{} It may have been deleted.", error.message), home()),
        403 => empty("No permission", &error.message, home()),
        _ => view! { <Failure message=error.text() request_id=error.request_id.clone() retry=Some(retry) /> }
            .into_any(),
    }
}
