//! Mappings in another order: by buttons, and by Alt with an arrow key from any button of a row. The focus stays with
//! the mapping, and each move is announced.

use super::{Work, edit, schema};
use crate::browser;
use crate::ui::button::Button;
use crate::ui::live::{handler, live_text};
use crate::ui::unique_id;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Buttons of a row, in their order.
const UP: usize = 0;
const DOWN: usize = 1;

/// Moves the mappings of one table.
#[derive(Clone, Copy)]
pub(super) struct Moving {
    work: Work,
    /// Id of what is around the table.
    id: StoredValue<String>,
    /// The last move in words.
    told: RwSignal<String>,
}

/// How many elements stand before this one.
fn place(element: &Element) -> usize {
    let mut count = 0;
    let mut before = element.previous_element_sibling();
    while let Some(element) = before {
        count += 1;
        before = element.previous_element_sibling();
    }
    count
}

/// Row and button of an event that comes from a button of a row.
fn source(event: &web_sys::KeyboardEvent) -> Option<(usize, usize)> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let (button, row) = (target.closest("button").ok()??, target.closest("tbody tr").ok()??);
    Some((place(&row), place(&button)))
}

impl Moving {
    pub(super) fn new(work: Work) -> Self {
        Self { work, id: StoredValue::new(unique_id("mappings")), told: RwSignal::new(String::new()) }
    }

    /// The table with the keys that work in it, and what is announced.
    pub(super) fn around(self, table: AnyView) -> AnyView {
        let keys = move |event: web_sys::KeyboardEvent| {
            let upwards = match event.key().as_str() {
                "ArrowUp" => true,
                "ArrowDown" => false,
                _ => return,
            };
            let others = event.ctrl_key() || event.meta_key() || event.shift_key();
            if let Some((row, button)) = source(&event).filter(|_| event.alt_key() && !others) {
                event.prevent_default();
                self.shift(row, upwards, button);
            }
        };
        view! {
            <div id=self.id.get_value() on:keydown=handler(keys)>{table}</div>
            <p class="visually-hidden" role="status">{live_text(move || self.told.get())}</p>
        }
        .into_any()
    }

    /// The buttons of a row.
    pub(super) fn buttons(self, at: usize, is_last: bool, target: &str) -> AnyView {
        let button = |upwards: bool| {
            let (word, symbol, place, blocked, why) = if upwards {
                ("up", "up", UP, at == 0, "This mapping is the first")
            } else {
                ("down", "down", DOWN, is_last, "This mapping is the last")
            };
            let name = format!("Move {} {word}", edit::short(target));
            let act = Callback::new(move |()| self.shift(at, upwards, place));
            let blocked = if blocked { why } else { "" }.to_owned();
            view! { <Button name=name class="small quiet" icon_name=symbol on_click=act blocked=blocked /> }
                .into_any()
        };
        vec![button(true), button(false)].into_any()
    }

    /// Moves a mapping by one place, if there is one, and gives the focus to the same button of its new row.
    fn shift(self, from: usize, upwards: bool, button: usize) {
        let (name, count) = self.work.draft.with_untracked(|schema| {
            let mappings = schema::mappings(schema, self.work.chosen);
            (mappings.get(from).map(edit::target).unwrap_or_default(), mappings.len())
        });
        let name = edit::short(&name);
        let to = if upwards { from.checked_sub(1) } else { Some(from + 1).filter(|to| *to < count) };
        let Some(to) = to else {
            let end = if upwards { "first" } else { "last" };
            self.told.set(format!("{name} is the {end} already"));
            return;
        };
        self.work.draft.update(|schema| {
            schema::move_mapping(schema, self.work.chosen, from, to);
        });
        self.told.set(format!("Moved {name} to place {} of {count}", to + 1));
        // The rows are made anew.
        let id = self.id.get_value();
        request_animation_frame(move || {
            let (row, button) = (to + 1, button + 1);
            browser::focus(&format!("#{id} tbody tr:nth-child({row}) .actions > :nth-child({button})"));
        });
    }
}
