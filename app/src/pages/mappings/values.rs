//! What a condition compares with: a value, or several of which one must fit.

use crate::browser;
use crate::ui::button::Button;
use crate::ui::field::{TextArea, TextField};
use crate::ui::live::{live, live_option, live_text, memo, on_change};
use leptos::prelude::*;

/// The values of the text, a line each.
fn lines(text: &str) -> Vec<String> {
    text.split('\n').map(str::to_owned).collect()
}

/// What a pasted list says: its lines without what surrounds them, each once, and none that is there already.
fn pasted(text: &str, there: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in text.split(['\n', '\r', '\t']).map(str::trim).filter(|line| !line.is_empty()) {
        if !found.iter().chain(there).any(|known| known == line) {
            found.push(line.to_owned());
        }
    }
    found
}

/// The field, or the fields: each value can be changed and removed, others added one by one or as a list. `place` is
/// the condition's name, for the names of buttons.
pub(super) fn editor(values: RwSignal<String>, operator: RwSignal<String>, place: &str) -> AnyView {
    let place = StoredValue::new(place.to_owned());
    let id = StoredValue::new(crate::ui::unique_id("values"));
    // Fields are made anew when one comes or goes, and not while somebody types in them.
    let shape = RwSignal::new(0_u32);
    let pasting = RwSignal::new(false);
    let list = RwSignal::new(String::new());
    let set = move |changed: Vec<String>| {
        values.set(changed.join("\n"));
        shape.update(|shape| *shape += 1);
    };
    let focus = move |at: usize| {
        let id = id.get_value();
        request_animation_frame(move || {
            browser::focus(&format!("#{id} > :nth-child({}) input", at + 1));
        });
    };
    let fields = live(move || {
        shape.track();
        let all = lines(&values.read_untracked());
        let several = all.len() > 1;
        let field = |(at, value): (usize, String)| {
            let value = RwSignal::new(value);
            on_change(move || {
                let (value, mut all) = (value.get(), lines(&values.read_untracked()));
                if let Some(here) = all.get_mut(at).filter(|here| **here != value) {
                    *here = value;
                    values.set(all.join("\n"));
                }
            });
            if !several {
                return view! { <TextField label="Value" value=value /> }.into_any();
            }
            let remove = Callback::new(move |()| {
                let mut all = lines(&values.read_untracked());
                if at < all.len() {
                    all.remove(at);
                }
                focus(at.min(all.len().saturating_sub(1)));
                set(all);
            });
            let name = format!("Remove value {} of {}", at + 1, place.get_value());
            view! {
                <div class="value">
                    <TextField label=format!("Value {}", at + 1) value=value />
                    <Button name=name class="quiet" icon_name="close" on_click=remove />
                </div>
            }
            .into_any()
        };
        let fields: Vec<AnyView> = all.into_iter().enumerate().map(field).collect();
        view! { <div class="stack" id=id.get_value()>{fields}</div> }.into_any()
    });
    let add = Callback::new(move |()| {
        let mut all = lines(&values.read_untracked());
        all.push(String::new());
        focus(all.len() - 1);
        set(all);
    });
    let take = Callback::new(move |()| {
        let mut all = lines(&values.read_untracked());
        all.retain(|value| !value.is_empty());
        let more = pasted(&list.read_untracked(), &all);
        all.extend(more);
        if all.is_empty() {
            all.push(String::new());
        }
        list.set(String::new());
        pasting.set(false);
        focus(all.len() - 1);
        set(all);
    });
    let open = Callback::new(move |()| pasting.update(|open| *open = !*open));
    let paste = live_option(move || {
        pasting.get().then(|| {
            view! {
                <TextArea label="List of values, one a line" value=list />
                <div class="actions">
                    <Button label="Add these values" class="small" on_click=take />
                </div>
            }
            .into_any()
        })
    });
    let several = memo(move || values.read().contains('\n'));
    let meaning = live_text(move || {
        let negated = operator.read().starts_with("NOT") || *operator.read() == "!&";
        match (several.get(), negated) {
            (false, _) => "",
            (true, false) => "It holds when one of them fits.",
            (true, true) => "It holds when none of them fits.",
        }
        .to_owned()
    });
    let name = |what: &str| format!("{what} to {}", place.get_value());
    view! {
        <div class="stack values">
            {fields}
            <p class="hint">{meaning}</p>
            <div class="actions">
                <Button label="Add value" name=name("Add value") class="small quiet" icon_name="add" on_click=add />
                <Button label="Add a list" name=name("Add a list") class="small quiet" on_click=open />
            </div>
            {paste}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_taken_apart() {
        assert_eq!(lines("a\nb"), ["a", "b"]);
        assert_eq!(lines(""), [""]);
        let there = ["Sales".to_owned()];
        assert_eq!(pasted(" Sales \r\nIT\tHR\n\nIT", &there), ["IT", "HR"]);
    }
}
