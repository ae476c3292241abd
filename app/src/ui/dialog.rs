//! Dialogs and drawers: native `<dialog>`, which keeps the focus inside, closes on Escape and gives the
//! focus back.

use super::icon::icon;
use super::unique_id;
use crate::browser;
use crate::ui::live::{handler, live_option, on_change};
use leptos::html;
use leptos::prelude::*;

/// A modal dialog; as `drawer` it stands at the side. Its content exists only while it is open.
#[component]
pub(crate) fn Dialog(
    /// Whether it is open; becomes false when the person closes it.
    open: RwSignal<bool>,
    /// Its heading and accessible name.
    #[prop(into)]
    title: Signal<String>,
    /// `drawer`, `wide`, or nothing.
    #[prop(optional)]
    class: &'static str,
    /// The content.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let heading = unique_id("dialog");
    let labelled = heading.clone();
    // Between the moment when it is to open and the frame in which it does.
    let opening = StoredValue::new(false);
    on_change(move || {
        let open = open.get();
        opening.set_value(open);
        // The content comes in the same turn; the dialog opens in the next, so that it can place the focus.
        request_animation_frame(move || {
            let _ = opening.try_set_value(false);
            let Some(dialog) = node.try_get_untracked().flatten() else { return };
            if open && !dialog.open() {
                browser::measure_scrollbar();
                let _ = dialog.show_modal();
            } else if !open && dialog.open() {
                dialog.close();
            }
        });
    });
    let children = StoredValue::new(children);
    let content = live_option(move || {
        open.get().then(|| {
            let heading = heading.clone();
            view! {
                <div class="dialog-head">
                    <h2 id=heading tabindex="-1" autofocus>{title}</h2>
                    <button type="button" class="button quiet" aria-label="Close" on:click=handler(move |_| open.set(false))>
                        {icon("close")}
                    </button>
                </div>
                {children.with_value(|children| children())}
            }
            .into_any()
        })
    });
    // The event comes a moment after the dialog was closed; it may be open again by then, or about to be.
    let closed = move || {
        let again = node.try_get_untracked().flatten().is_some_and(|dialog| dialog.open());
        if !again && !opening.get_value() {
            open.set(false);
        }
    };
    view! {
        <dialog node_ref=node class=class aria-labelledby=labelled on:close=handler(move |_| closed())>
            {content}
        </dialog>
    }
    .into_any()
}
