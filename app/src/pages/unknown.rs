//! An address that no page has.

use crate::ui::button::link_button;
use crate::ui::page::PageHead;
use crate::ui::state::empty;
use leptos::prelude::*;

/// The page for an unknown address.
#[component]
pub(crate) fn Unknown() -> impl IntoView {
    let home = link_button("Go to the start", "home", "primary", "/".to_owned());
    view! {
        <PageHead title="Page not found" />
        {empty("There is no page at this address", "The link may be old, or mistyped.", Some(home))}
    }
    .into_any()
}
