//! The command palette: Ctrl+K or Cmd+K, a part of a name, Enter. What it holds is loaded apart (`content`).

mod content;
mod places;

pub(crate) use content::content;

use crate::browser;
use crate::chunks::Chunks;
use crate::ui::dialog::Dialog;
use crate::ui::icon::icon;
use crate::ui::live::{handler, live};
use leptos::ev;
use leptos::prelude::*;

/// Whether the palette is open, in the context of its content.
#[derive(Clone, Copy)]
struct Opened(RwSignal<bool>);

/// The button that opens the palette, and the palette.
#[component]
pub(crate) fn Palette(
    /// What is loaded apart.
    chunks: Chunks,
) -> impl IntoView {
    let open = RwSignal::new(false);
    provide_context(Opened(open));
    let keys = window_event_listener(ev::keydown, move |event| {
        let is_it = (event.ctrl_key() || event.meta_key()) && !event.shift_key() && !event.alt_key();
        if !is_it || event.key() != "k" {
            return;
        }
        event.prevent_default();
        // The page is asked, not the signal, which learns of Escape a moment later.
        if browser::exists("dialog.palette[open]") {
            open.set(false);
        } else if !browser::exists("dialog[open]") {
            // What another dialog holds is not left by a shortcut.
            open.set(true);
        }
    });
    on_cleanup(move || keys.remove());
    view! {
        <button
            type="button"
            class="button palette-button"
            aria-haspopup="dialog"
            aria-keyshortcuts="Control+K Meta+K"
            data-keys=if browser::is_mac() { "⌘ K" } else { "Ctrl K" }
            aria-label="Search or go to"
            on:click=handler(move |_| open.set(true))
        >
            {icon("gallery")}
            <span>"Search or go to"</span>
        </button>
        <Dialog open=open title="Go to" class="palette">
            {live(move || chunks.palette())}
        </Dialog>
    }
    .into_any()
}
