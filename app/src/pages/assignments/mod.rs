//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn Assignments(id: String) -> impl IntoView {
    let _ = id;
    view! { <h1>"Assignments"</h1> }
}
