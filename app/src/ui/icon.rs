//! Icons of the sprite `icons.svg`.

use leptos::prelude::*;

/// A decorative icon; its meaning must stand beside it in words.
pub(crate) fn icon(name: &str) -> AnyView {
    let href = format!("/icons.svg#{name}");
    view! { <svg class="icon" aria-hidden="true" width="16" height="16"><use href=href></use></svg> }
        .into_any()
}
