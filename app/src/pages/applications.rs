//! Stub.
use leptos::prelude::*;
#[component]
pub(crate) fn Applications() -> impl IntoView {
    view! { <h1>"Applications"</h1> }
}
