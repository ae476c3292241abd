//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn Groups() -> impl IntoView {
    view! { <h1>"Groups"</h1> }
}
#[component]
pub(crate) fn Group(id: String) -> impl IntoView {
    let _ = id;
    view! { <h1>"Group"</h1> }
}
