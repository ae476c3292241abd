//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn Person(id: String) -> impl IntoView {
    let _ = id;
    view! { <h1>"Person"</h1> }
}
