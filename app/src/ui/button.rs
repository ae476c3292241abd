//! Buttons and links that look like them.

use super::icon::icon;
use crate::ui::live::{handler, live_attribute};
use leptos::prelude::*;

/// Why the person cannot change anything, in the context of the whole application. Where it is absent they can.
#[derive(Clone, Copy)]
pub(crate) struct Refusal(pub(crate) &'static str);

/// Why the person cannot change anything; empty when they can.
pub(crate) fn refusal() -> &'static str {
    use_context::<Refusal>().map_or("", |Refusal(why)| why)
}

/// A button that acts. A button that cannot act now stays reachable and says why.
#[component]
pub(crate) fn Button(
    /// What it does. Without it the button is its icon, and the name is shown while the pointer rests on it.
    #[prop(optional, into)]
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
    /// Whether its action changes something that is kept by the server: not for whoever may not.
    #[prop(optional)]
    changes: bool,
) -> impl IntoView {
    let class = format!("button {class}");
    let refused = if changes { refusal() } else { "" };
    let blocked = if refused.is_empty() { blocked } else { Signal::stored(refused.to_owned()) };
    let inert = move || busy.get() || !blocked.read().is_empty();
    let act = move |_| {
        if !inert() {
            on_click.run(());
        }
    };
    let tip = name.clone().filter(|_| label.with_untracked(String::is_empty)).unwrap_or_default();
    let title = move || {
        let why = blocked.get();
        if why.is_empty() { tip.clone() } else { why }
    };
    view! {
        <button
            type="button"
            class=class
            aria-label=name
            aria-disabled=live_attribute(move || inert().then_some("true"))
            aria-busy=live_attribute(move || busy.get().then_some("true"))
            title=title
            on:click=handler(act)
        >
            {(!icon_name.is_empty()).then(|| icon(icon_name))}
            <span>{label}</span>
        </button>
    }
    .into_any()
}

/// A button that opens a dialog, in which something is changed.
pub(crate) fn opener(
    label: &'static str,
    icon_name: &'static str,
    class: &'static str,
    open: RwSignal<bool>,
) -> AnyView {
    let on_click = Callback::new(move |()| open.set(true));
    view! { <Button label=label class=class icon_name=icon_name on_click=on_click changes=true /> }.into_any()
}

/// A button that submits its form, which changes something.
#[component]
pub(crate) fn Submit(
    /// What it does.
    #[prop(into)]
    label: String,
    /// Whether the form is under way.
    #[prop(into)]
    busy: Signal<bool>,
) -> impl IntoView {
    let refused = refusal();
    let inert = !refused.is_empty();
    // The browser submits a form by Enter through its button, too.
    let act = move |event: web_sys::MouseEvent| {
        if inert {
            event.prevent_default();
        }
    };
    view! {
        <button
            type="submit"
            class="button primary"
            aria-disabled=live_attribute(move || (inert || busy.get()).then_some("true"))
            aria-busy=live_attribute(move || busy.get().then_some("true"))
            title=inert.then_some(refused)
            on:click=handler(act)
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
