//! Tabs inside a page or drawer, with arrow keys.

use super::unique_id;
use crate::ui::live::{handler, live, live_attribute, word};
use leptos::prelude::*;

/// A tab list with its panel. The content of a tab is made when it is chosen.
#[component]
pub(crate) fn Tabs(
    /// The accessible name of the list.
    label: &'static str,
    /// The tabs' names.
    names: &'static [&'static str],
    /// Which is chosen.
    chosen: RwSignal<usize>,
    /// The content of a tab.
    content: Callback<usize, AnyView>,
) -> impl IntoView {
    let id = StoredValue::new(unique_id("tab"));
    let tab_id = move |at: usize| id.with_value(|id| format!("{id}-{at}"));
    let last = names.len().saturating_sub(1);
    let on_key = move |event: web_sys::KeyboardEvent| {
        let now = chosen.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" => {
                if now == last {
                    0
                } else {
                    now + 1
                }
            }
            "ArrowLeft" => now.checked_sub(1).unwrap_or(last),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        chosen.set(next);
        crate::browser::focus(&format!("#{}", tab_id(next)));
    };
    let tabs = names.iter().enumerate().map(|(at, name)| {
        view! {
            <button
                type="button"
                role="tab"
                id=tab_id(at)
                aria-selected=live_attribute(move || word(chosen.get() == at))
                tabindex=live_attribute(move || Some(if chosen.get() == at { "0" } else { "-1" }))
                on:click=handler(move |_| chosen.set(at))
            >
                {*name}
            </button>
        }
        .into_any()
    });
    let tabs = tabs.collect::<Vec<_>>();
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=handler(on_key)>{tabs}</div>
        <div role="tabpanel" class="tab-panel" tabindex="0" aria-labelledby=move || tab_id(chosen.get())>
            {live(move || content.run(chosen.get()))}
        </div>
    }
    .into_any()
}
