//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn Import() -> impl IntoView {
    view! { <h1>"Import"</h1> }
}
