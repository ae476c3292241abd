//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn Tenants() -> impl IntoView {
    view! { <h1>"Tenants"</h1> }
}
