//! Short messages about what succeeded in the background, and errors whose place on the screen is gone. Other errors
//! stand where they happened, never here.

use super::icon::icon;
use crate::ui::live::{handler, live};
use leptos::prelude::*;
use std::time::Duration;

/// For how long a message about a success is shown.
const SHOWN: Duration = Duration::from_secs(6);

#[derive(Clone)]
struct Toast {
    id: u32,
    text: String,
    is_error: bool,
}

/// The messages on the screen.
#[derive(Clone, Copy)]
pub(crate) struct Toasts(RwSignal<Vec<Toast>>);

impl Toasts {
    /// To be called once, by the application.
    pub(crate) fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    /// Shows a message for a few seconds.
    pub(crate) fn show(self, text: impl Into<String>) {
        let id = self.add(text.into(), false);
        set_timeout(move || self.remove(id), SHOWN);
    }

    /// Shows an error until somebody has read it and takes it away.
    pub(crate) fn fail(self, text: impl Into<String>) {
        self.add(text.into(), true);
    }

    fn add(self, text: String, is_error: bool) -> u32 {
        let id = self.0.with_untracked(|shown| shown.last().map_or(1, |last| last.id.wrapping_add(1)));
        self.0.update(|shown| shown.push(Toast { id, text, is_error }));
        id
    }

    fn remove(self, id: u32) {
        self.0.update(|shown| shown.retain(|one| one.id != id));
    }
}

/// The messages of this application.
pub(crate) fn use_toasts() -> Toasts {
    use_context::<Toasts>().unwrap_or_else(Toasts::new)
}

/// Where the messages appear.
#[component]
pub(crate) fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    let list = move |is_error: bool| {
        live(move || {
            let shown = toasts.0.get().into_iter().filter(|one| one.is_error == is_error);
            shown.map(|one| toast(toasts, one)).collect::<Vec<_>>().into_any()
        })
    };
    view! {
        <div class="toasts">
            <div role="alert" aria-label="Errors">{list(true)}</div>
            <div role="status" aria-label="Messages">{list(false)}</div>
        </div>
    }
    .into_any()
}

fn toast(toasts: Toasts, toast: Toast) -> AnyView {
    let Toast { id, text, is_error } = toast;
    if !is_error {
        return view! { <p class="toast">{icon("check")}{text}</p> }.into_any();
    }
    view! {
        <div class="toast bad">
            {icon("error")}
            <p class="pre">{text}</p>
            <button
                type="button"
                class="button quiet"
                aria-label="Dismiss"
                on:click=handler(move |_| toasts.remove(id))
            >
                {icon("close")}
            </button>
        </div>
    }
    .into_any()
}
