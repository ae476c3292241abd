//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn Overview(id: String) -> impl IntoView {
    let _ = id;
    view! { <h1>"Overview"</h1> }
}
