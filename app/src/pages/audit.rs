//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn Audit() -> impl IntoView {
    view! { <h1>"Audit"</h1> }
}
