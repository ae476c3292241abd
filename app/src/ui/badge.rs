//! A state in one word, with an icon so that colour is not the only cue.

use super::icon::icon;
use leptos::prelude::*;

/// How a state is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Neutral,
    Good,
    Info,
    Warning,
    Bad,
}

/// A word with a tone.
pub(crate) fn badge(tone: Tone, text: impl Into<String>) -> AnyView {
    let (class, name) = match tone {
        Tone::Neutral => ("badge", "dot"),
        Tone::Good => ("badge good", "check"),
        Tone::Info => ("badge info", "sync"),
        Tone::Warning => ("badge warning", "warning"),
        Tone::Bad => ("badge bad", "error"),
    };
    let text: String = text.into();
    view! { <span class=class>{icon(name)}{text}</span> }.into_any()
}
