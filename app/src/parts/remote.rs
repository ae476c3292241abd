//! A remote value on the screen: on its way, failed, or there.

use crate::api::ApiError;
use crate::cache::Remote;
use crate::ui::button::link_button;
use crate::ui::state::{Failure, empty, skeleton};
use leptos::prelude::*;
use serde::de::DeserializeOwned;

/// Shows a value and follows it.
pub(crate) fn show<T>(remote: Remote<T>, render: impl Fn(T) -> AnyView + Send + 'static) -> AnyView
where
    T: Clone + PartialEq + DeserializeOwned + Send + Sync + 'static,
{
    let data = remote.data;
    (move || match data.get() {
        None => skeleton(),
        Some(Err(error)) => failure(&error, Callback::new(move |()| remote.reload())),
        Some(Ok(value)) => render(value),
    })
    .into_any()
}

/// Shows a value as it was when it came, for forms: what arrives later does not undo what was typed.
pub(crate) fn show_once<T>(remote: Remote<T>, render: impl Fn(T) -> AnyView + Send + 'static) -> AnyView
where
    T: Clone + PartialEq + DeserializeOwned + Send + Sync + 'static,
{
    let data = remote.data;
    let state = Memo::new(move |_| match &*data.read() {
        None => Some(None),
        Some(Err(error)) => Some(Some(error.clone())),
        Some(Ok(_)) => None,
    });
    (move || match state.get() {
        Some(None) => skeleton(),
        Some(Some(error)) => failure(&error, Callback::new(move |()| remote.reload())),
        None => match data.get_untracked() {
            Some(Ok(value)) => render(value),
            _ => skeleton(),
        },
    })
    .into_any()
}

/// Why a value is not there.
pub(crate) fn failure(error: &ApiError, retry: Callback<()>) -> AnyView {
    match error.status {
        404 => {
            let home = link_button("Go to the start", "home", "", "/".to_owned());
            empty("Not found", &format!("{} It may have been deleted.", error.message), Some(home))
        }
        403 => empty("No permission", &error.message, None),
        _ => view! { <Failure message=error.text() request_id=error.request_id.clone() retry=Some(retry) /> }
            .into_any(),
    }
}
