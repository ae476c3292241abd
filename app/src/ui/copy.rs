//! Values to copy.

use super::button::Button;
use super::unique_id;
use crate::browser;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// Copies a text when it is asked to, and tells in the signal how that went, for a while.
fn copying(text: String) -> (RwSignal<String>, Callback<()>) {
    let said = RwSignal::new(String::new());
    let act = Callback::new(move |()| {
        let text = text.clone();
        spawn_local(async move {
            let done = browser::copy(&text).await;
            let told = if done { "Copied" } else { "Not allowed here: select the text and copy it" };
            let _ = said.try_set(told.to_owned());
            set_timeout(move || drop(said.try_set(String::new())), Duration::from_secs(4));
        });
    });
    (said, act)
}

/// A button that copies a text that stands elsewhere, and says so.
#[component]
pub(crate) fn CopyButton(
    /// What it does.
    label: &'static str,
    /// What is copied.
    text: String,
) -> impl IntoView {
    let (said, act) = copying(text);
    view! {
        <div class="actions">
            <Button label=label icon_name="copy" class="quiet" on_click=act />
            <span class="hint" role="status">{said}</span>
        </div>
    }
    .into_any()
}

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
    let (said, act) = copying(value.clone());
    let name = format!("Copy {label}");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <div class="with-button">
                <input id=id type="text" class="code" readonly prop:value=value />
                <Button label="Copy" icon_name="copy" name=name on_click=act />
            </div>
            <p class="hint" role="status">{said}</p>
        </div>
    }
    .into_any()
}
