//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn People() -> impl IntoView {
    view! { <h1>"People"</h1> }
}
