//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn Gallery() -> impl IntoView {
    view! { <h1>"Gallery"</h1> }
}
