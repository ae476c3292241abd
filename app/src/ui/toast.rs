//! Short messages about what succeeded in the background. Errors stand where they happened, never here.

use super::icon::icon;
use crate::ui::live::live;
use leptos::prelude::*;
use std::time::Duration;

/// The messages on the screen.
#[derive(Clone, Copy)]
pub(crate) struct Toasts(RwSignal<Vec<(u32, String)>>);

impl Toasts {
    /// To be called once, by the application.
    pub(crate) fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    /// Shows a message for a few seconds.
    pub(crate) fn show(self, text: impl Into<String>) {
        let text = text.into();
        let id = self.0.with_untracked(|shown| shown.last().map_or(1, |(id, _)| id.wrapping_add(1)));
        self.0.update(|shown| shown.push((id, text)));
        set_timeout(
            move || self.0.update(|shown| shown.retain(|(other, _)| *other != id)),
            Duration::from_secs(6),
        );
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
    let list = live(move || {
        let shown = toasts.0.get();
        let lines = shown
            .into_iter()
            .map(|(_, text)| view! { <p class="toast">{icon("check")}{text}</p> }.into_any());
        lines.collect::<Vec<_>>().into_any()
    });
    view! { <div class="toasts" role="status" aria-label="Messages">{list}</div> }.into_any()
}
