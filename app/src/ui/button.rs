//! Buttons and links that look like them.

use super::icon::icon;
use crate::ui::live::{handler, live_attribute};
use leptos::prelude::*;

/// A button that acts. A button that cannot act now stays reachable and says why.
#[component]
pub(crate) fn Button(
    /// What it does.
    #[prop(into)]
    label: Signal<String>,
    /// Its action.
    on_click: Callback<()>,
    /// `primary`, `danger`, `quiet`, or nothing.
    #[prop(optional)]
    class: &'static str,
    /// An icon of the sprite.
    #[prop(optional)]
    icon_name: &'static str,
    /// A longer name, where the label alone is not clear (`Remove` of which row?).
    #[prop(optional, into)]
    name: Option<String>,
    /// Whether its action is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Why it cannot act now; empty when it can.
    #[prop(optional, into)]
    blocked: Signal<String>,
) -> impl IntoView {
    let class = format!("button {class}");
    let inert = move || busy.get() || !blocked.read().is_empty();
    let act = move |_| {
        if !inert() {
            on_click.run(());
        }
    };
    view! {
        <button
            type="button"
            class=class
            aria-label=name
            aria-disabled=live_attribute(move || inert().then_some("true"))
            aria-busy=live_attribute(move || busy.get().then_some("true"))
            title=blocked
            on:click=handler(act)
        >
            {(!icon_name.is_empty()).then(|| icon(icon_name))}
            <span>{label}</span>
        </button>
    }
    .into_any()
}

/// A button that opens a dialog.
pub(crate) fn opener(
    label: &'static str,
    icon_name: &'static str,
    class: &'static str,
    open: RwSignal<bool>,
) -> AnyView {
    let on_click = Callback::new(move |()| open.set(true));
    view! { <Button label=label class=class icon_name=icon_name on_click=on_click /> }.into_any()
}

/// A button that submits its form.
#[component]
pub(crate) fn Submit(
    /// What it does.
    #[prop(into)]
    label: String,
    /// Whether the form is under way.
    #[prop(into)]
    busy: Signal<bool>,
) -> impl IntoView {
    view! {
        <button
            type="submit"
            class="button primary"
            aria-disabled=live_attribute(move || busy.get().then_some("true"))
            aria-busy=live_attribute(move || busy.get().then_some("true"))
        >
            <span>{label}</span>
        </button>
    }
    .into_any()
}

/// A link that looks like a button.
pub(crate) fn link_button(
    label: &'static str,
    icon_name: &'static str,
    class: &str,
    href: String,
) -> AnyView {
    let class = format!("button {class}");
    view! { <a class=class href=href>{(!icon_name.is_empty()).then(|| icon(icon_name))}<span>{label}</span></a> }
        .into_any()
}

/// A link that downloads what it leads to.
pub(crate) fn download(label: &'static str, href: String) -> AnyView {
    view! { <a class="button" href=href download rel="external">{icon("download")}<span>{label}</span></a> }
        .into_any()
}
