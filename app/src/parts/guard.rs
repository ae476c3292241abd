//! Nobody leaves a page with unsaved changes by accident.

use crate::router::use_router;
use crate::ui::confirm::use_confirm;
use leptos::prelude::*;

/// While `dirty` holds, leaving asks first: the browser for the whole page, the confirmation for links.
pub(crate) fn guard(dirty: Signal<bool>) {
    let unload = window_event_listener(leptos::ev::beforeunload, move |event| {
        if dirty.get_untracked() {
            event.prevent_default();
        }
    });
    on_cleanup(move || unload.remove());

    let (confirm, router) = (use_confirm(), use_router());
    router.hold(Callback::new(move |link: String| {
        let asks = dirty.try_get_untracked().unwrap_or(false);
        if asks {
            confirm.ask("Leave without saving?", "The changes on this page are lost.", "Leave", move || {
                router.go(&link, false);
                Box::pin(async { Ok(()) })
            });
        }
        asks
    }));
}
