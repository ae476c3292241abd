//! Times: relative on the screen, absolute on focus and in machine form.

use super::live::live_text;
use crate::{browser, text};
use leptos::prelude::*;
use std::time::Duration;

/// Ticks every quarter of a minute, so that relative times stay true.
#[derive(Clone, Copy)]
pub(crate) struct Now(Trigger);

impl Now {
    /// To be called once, by the application.
    pub(crate) fn start() -> Self {
        let now = Trigger::new();
        let tick = move || {
            if browser::is_visible() {
                now.notify();
            }
        };
        if let Ok(handle) = set_interval_with_handle(tick, Duration::from_secs(15)) {
            on_cleanup(move || handle.clear());
        }
        Self(now)
    }
}

/// A time as `5 minutes ago`; focus or pointer shows the absolute one.
pub(crate) fn time(rfc3339: &str) -> AnyView {
    let Some(then) = browser::parse_time(rfc3339) else {
        let text = rfc3339.to_owned();
        return view! { <span>{text}</span> }.into_any();
    };
    let now = use_context::<Now>();
    let relative = live_text(move || {
        if let Some(now) = now {
            now.0.track();
        }
        text::relative(then, browser::now())
    });
    let absolute = browser::local_time(then);
    let machine = rfc3339.to_owned();
    view! { <time datetime=machine title=absolute.clone() data-absolute=absolute tabindex="0">{relative}</time> }
        .into_any()
}

/// The same, or words where there is no time.
pub(crate) fn time_or(rfc3339: Option<&str>, none: &'static str) -> AnyView {
    match rfc3339 {
        Some(text) if !text.is_empty() => time(text),
        _ => view! { <span class="faint">{none}</span> }.into_any(),
    }
}

/// A time in full, where it is what the reader came for.
pub(crate) fn absolute(rfc3339: &str) -> AnyView {
    let text = browser::parse_time(rfc3339).map_or_else(|| rfc3339.to_owned(), browser::local_time);
    let machine = rfc3339.to_owned();
    view! { <time datetime=machine>{text}</time> }.into_any()
}
