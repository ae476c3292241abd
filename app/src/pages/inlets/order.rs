//! The order of inlets: said in words, and changed.

use super::described::{Described, before};
use crate::api::scim::object;
use crate::parts::act::{Asking, Change, Question, asking};
use crate::paths::Page;
use crate::text::encode;
use crate::ui::button::Button;
use leptos::prelude::*;

/// Why one inlet cannot be put before another.
const NO_ROOM: &str = "There is no free precedence in between: give the inlets others in their settings";

/// What the order means.
pub(super) fn explained() -> AnyView {
    view! {
        <p class="hint">
            "When several inlets know a person, the value of the one with the lowest precedence counts, attribute by attribute, \
            unless the attribute has an order of its own; an empty value leaves it to the next. "
            <a href=Page::Conflicts.path()>"Where inlets say different things"</a>
        </p>
    }
    .into_any()
}

/// The button that lets an inlet count before the one above it; none for the first.
pub(super) fn mover(inlets: &[Described], at: usize, address: StoredValue<String>) -> AnyView {
    let above = at.checked_sub(1).and_then(|above| inlets.get(above));
    match (above, inlets.get(at)) {
        (Some(above), Some(one)) => put_before(inlets, one, above, "Move up", address, Change::stale),
        _ => ().into_any(),
    }
}

/// A button that lets one inlet count before another. `more` adds to the change.
pub(super) fn put_before(
    inlets: &[Described],
    one: &Described,
    other: &Described,
    label: &'static str,
    address: StoredValue<String>,
    more: impl Fn(Change, String) -> Change,
) -> AnyView {
    let (name, than) = (&one.inlet.display_name, &other.inlet.display_name);
    let title = format!("Let {name} count before {than}?");
    let long = format!("{label}: {name} before {than}");
    let Some(place) = before(inlets, &other.inlet.id) else {
        let nothing = Callback::new(|()| ());
        return view! { <Button label=label name=long on_click=nothing blocked=NO_ROOM.to_owned() /> }
            .into_any();
    };
    let effect = format!(
        "{name} gets the precedence {place}. Of every attribute about which both say something, the value from {name} is \
         written now, for everybody whom both know; attributes with an order of their own stay as they are."
    );
    let path = [&address.get_value(), "/", &encode(&one.inlet.id)].concat();
    let change = Change::patch(path, &object([("precedence", place.into())]))
        .said(format!("{name} counts before {than}"));
    asking(Asking {
        label,
        name: Some(long),
        class: "",
        icon: "",
        question: Question { title, effect, verb: "Change the order" },
        change: more(change, address.get_value()),
    })
}
