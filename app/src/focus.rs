//! The focus is not lost when what has it goes away: a row that was deleted, a button that did its work.

use crate::browser;
use leptos::ev;
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement};

/// How often it is looked whether the focus is still somewhere.
const LOOK: Duration = Duration::from_millis(250);

/// To be called once, by the application. Whoever works by keyboard goes on at the heading of the part where the
/// focus was; whoever clicks is left alone, since that would scroll the page away.
pub(crate) fn keep() {
    let way = Rc::new(RefCell::new(Vec::<Element>::new()));
    let noted = Rc::clone(&way);
    window_event_listener(ev::focusin, move |event| {
        let mut next = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let mut elements = noted.borrow_mut();
        elements.clear();
        if next.as_ref().is_some_and(|element| !element.matches(":focus-visible").unwrap_or(false)) {
            return;
        }
        while let Some(element) = next {
            next = element.parent_element();
            elements.push(element);
        }
    });
    set_interval(
        move || {
            // Taken out: the focus that is given below is noted in its place.
            let elements = way.take();
            let lost = elements.first().is_some_and(|element| !is_shown(element));
            if lost && browser::has_no_focus() {
                // Who had no focus before a dialog is where they were on the page.
                let in_place = elements.iter().any(|element| element.tag_name() == "DIALOG");
                for element in &elements {
                    if is_shown(element) && focus_heading(element, in_place) {
                        break;
                    }
                }
            } else {
                *way.borrow_mut() = elements;
            }
        },
        LOOK,
    );
}

fn is_shown(element: &Element) -> bool {
    element.is_connected()
        && element.dyn_ref::<HtmlElement>().is_none_or(|element| element.offset_height() > 0)
}

/// Focuses the heading within an element, `in_place` without scrolling to it; tells whether there is one.
fn focus_heading(element: &Element, in_place: bool) -> bool {
    let heading = element.query_selector("h1, h2, h3").ok().flatten();
    let heading = heading.filter(is_shown).and_then(|heading| heading.dyn_into::<HtmlElement>().ok());
    heading.is_some_and(|heading| {
        heading.set_tab_index(-1);
        let options = FocusOptions::new();
        options.set_prevent_scroll(in_place);
        heading.focus_with_options(&options).is_ok()
    })
}
