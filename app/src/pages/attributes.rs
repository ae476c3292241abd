//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn Attributes(id: String) -> impl IntoView {
    let _ = id;
    view! { <h1>"Attributes"</h1> }
}
