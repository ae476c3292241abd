//! A remote value on the screen: on its way, failed, or there.

use crate::api::{ApiError, FromJson};
use crate::cache::Remote;
use crate::ui::button::link_button;
use crate::ui::live::{live, memo};
use crate::ui::state::{Failure, empty, skeleton};
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

/// Shows a value as it was when it came, for forms: what arrives later does not undo what was typed.
pub(crate) fn show_once<T: FromJson + 'static>(
    remote: Remote<T>,
    render: impl Fn(T) -> AnyView + Send + 'static,
) -> AnyView {
    let known = memo(move || remote.is_known());
    let failed = memo(move || remote.error().is_some());
    live(move || {
        let (known, _) = (known.get(), failed.get());
        match untrack(|| remote.get()) {
            Some(Err(error)) => failure(&error, Callback::new(move |()| remote.reload())),
            Some(Ok(value)) if known => render(value),
            _ => skeleton(),
        }
    })
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
