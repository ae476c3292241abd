//! The way through a list that is read page by page; where it is stands in the address.

use crate::parts::query::Query;
use crate::ui::button::Button;
use crate::ui::state::empty;
use leptos::prelude::*;

/// What the two ways are called, and why one is not open.
struct Words {
    first: &'static str,
    at_first: &'static str,
    next: &'static str,
    at_last: &'static str,
}

const NEWEST_FIRST: Words = Words {
    first: "Newest",
    at_first: "These are the newest",
    next: "Older",
    at_last: "There is nothing older",
};

const IN_ORDER: Words = Words {
    first: "First",
    at_first: "This is the first page",
    next: "Next",
    at_last: "This is the last page",
};

/// For a list whose newest come first.
pub(crate) fn older(query: Query, next: Option<String>) -> AnyView {
    ways(query, next, &NEWEST_FIRST)
}

/// For a list in an order of its own.
pub(crate) fn pages(query: Query, next: Option<String>) -> AnyView {
    ways(query, next, &IN_ORDER)
}

/// A later page that is empty: the list became shorter than it was when the address was made.
pub(crate) fn past_the_end(query: Query) -> AnyView {
    let back = Callback::new(move |()| query.set(&[("skiptoken", "")], true));
    let button = view! { <Button label="First page" on_click=back /> };
    empty("The list ends before this page", "It became shorter meanwhile.", Some(button.into_any()))
}

/// Nothing where there is one page; `next` is the token of the next one.
fn ways(query: Query, next: Option<String>, words: &Words) -> AnyView {
    let at_start = query.get("skiptoken").is_empty();
    if at_start && next.is_none() {
        return ().into_any();
    }
    let start = if at_start { words.at_first } else { "" };
    let end = if next.is_none() { words.at_last } else { "" };
    let first = Callback::new(move |()| query.set(&[("skiptoken", "")], false));
    let on = Callback::new(move |()| {
        if let Some(token) = &next {
            query.set(&[("skiptoken", token)], false);
        }
    });
    view! {
        <div class="actions">
            <Button label=words.first on_click=first blocked=start.to_owned() />
            <Button label=words.next on_click=on blocked=end.to_owned() />
        </div>
    }
    .into_any()
}
