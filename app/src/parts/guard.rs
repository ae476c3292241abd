//! Nobody leaves a page with unsaved changes by accident.

use crate::router::use_router;
use crate::ui::confirm::use_confirm;
use leptos::prelude::*;

/// While `dirty` holds, leaving asks first: the browser for the whole page, the confirmation for links and steps
/// back and forth.
pub(crate) fn guard(dirty: Signal<bool>) {
    let unload = window_event_listener(leptos::ev::beforeunload, move |event| {
        if dirty.try_get_untracked().unwrap_or(false) {
            event.prevent_default();
        }
    });
    on_cleanup(move || unload.remove());

    let (confirm, router) = (use_confirm(), use_router());
    let ask = Callback::new(move |link: String| {
        confirm.ask("Leave without saving?", "The changes on this page are lost.", "Leave", move || {
            router.go(&link, false);
            Box::pin(async { Ok(()) })
        });
    });
    router.hold(dirty, ask);
}
