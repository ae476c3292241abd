//! Shortcuts of one letter, and the list of all shortcuts, which `?` opens. What the list shows is loaded apart
//! (`list`).
//!
//! Speech input and a slip of the hand press single letters by mistake, so they can be turned off (WCAG 2.1.4). None
//! of them acts while somebody writes, with another key held down, or above a dialog that does not know it.

mod list;

pub(crate) use list::list;

use crate::browser;
use crate::chunks::Chunks;
use crate::ui::dialog::Dialog;
use crate::ui::live::live;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Under this name the browser remembers that letters are turned off.
const REMEMBERED: &str = "letter-keys";

/// The shortcuts of this visit, in the context of the frame.
#[derive(Clone, Copy)]
pub(crate) struct Keys {
    /// Whether the list is open.
    pub(crate) open: RwSignal<bool>,
    /// Whether single letters do something.
    pub(crate) letters: RwSignal<bool>,
}

/// The shortcuts of this visit.
pub(crate) fn use_keys() -> Keys {
    use_context::<Keys>().unwrap_or_else(Keys::new)
}

impl Keys {
    /// To be called once, by the frame.
    pub(crate) fn new() -> Self {
        let letters = browser::remembered(REMEMBERED).is_empty();
        Self { open: RwSignal::new(false), letters: RwSignal::new(letters) }
    }

    /// The letter that a key event is; empty when it is none, or not meant as a shortcut.
    pub(crate) fn letter(self, event: &web_sys::KeyboardEvent) -> String {
        let held = event.ctrl_key() || event.alt_key() || event.meta_key();
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let writes = target.is_some_and(|target| {
            target.closest("input, select, textarea, [contenteditable]").ok().flatten().is_some()
        });
        if held || writes || event.default_prevented() || !self.letters.get_untracked() {
            return String::new();
        }
        event.key()
    }
}

/// The list of shortcuts, and the key that opens it.
#[component]
pub(crate) fn Shortcuts(
    /// What is loaded apart.
    chunks: Chunks,
) -> impl IntoView {
    let keys = use_keys();
    let listener = window_event_listener(ev::keydown, move |event| {
        if keys.letter(&event) == "?" && !browser::exists("dialog[open]") {
            event.prevent_default();
            keys.open.set(true);
        }
    });
    on_cleanup(move || listener.remove());
    view! {
        <Dialog open=keys.open title="Keyboard shortcuts">{live(move || chunks.shortcuts())}</Dialog>
    }
    .into_any()
}
