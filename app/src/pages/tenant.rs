//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn EmployeeProvisioning(id: String) -> impl IntoView {
    let _ = id;
    view! { <h1>"EmployeeProvisioning"</h1> }
}
