//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn Mappings(id: String) -> impl IntoView {
    let _ = id;
    view! { <h1>"Mappings"</h1> }
}
