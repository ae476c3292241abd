//! A value to copy.

use super::icon::icon;
use super::unique_id;
use crate::browser;
use crate::ui::live::handler;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// A read-only value with a button that copies it, and says so.
#[component]
pub(crate) fn CopyField(
    /// Its label.
    #[prop(into)]
    label: String,
    /// What is copied.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let id = unique_id("copy");
    let said = RwSignal::new(String::new());
    let text = value.clone();
    let act = move |_| {
        let text = text.clone();
        spawn_local(async move {
            let done = browser::copy(&text).await;
            said.set(
                if done { "Copied" } else { "Not allowed here: select the text and copy it" }.to_owned(),
            );
            set_timeout(move || said.set(String::new()), Duration::from_secs(4));
        });
    };
    let name = format!("Copy {label}");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <div class="with-button">
                <input id=id type="text" class="code" readonly prop:value=value />
                <button type="button" class="button" aria-label=name on:click=handler(act)>{icon("copy")}<span>"Copy"</span></button>
            </div>
            <p class="hint" role="status">{said}</p>
        </div>
    }
    .into_any()
}
