//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn Provisioning(id: String) -> impl IntoView {
    let _ = id;
    view! { <h1>"Provisioning"</h1> }
}
