//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn Logs(id: String) -> impl IntoView {
    let _ = id;
    view! { <h1>"Logs"</h1> }
}
