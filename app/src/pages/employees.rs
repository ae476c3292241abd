//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn Employees(id: String) -> impl IntoView {
    let _ = id;
    view! { <h1>"Employees"</h1> }
}
