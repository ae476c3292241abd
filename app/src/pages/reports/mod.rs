//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn Reports(id: String) -> impl IntoView {
    let _ = id;
    view! { <h1>"Reports"</h1> }
}
#[component]
pub(crate) fn Report(application: String, cycle: String) -> impl IntoView {
    let _ = application;
    let _ = cycle;
    view! { <h1>"Report"</h1> }
}
