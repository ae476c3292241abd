//! Choosing people and groups of a directory by search.

use crate::api::odata::{people_filter, scim_literal, with_query};
use crate::api::{endpoints, scim};
use crate::browser;
use crate::cache::Remote;
use crate::ui::field::TextField;
use crate::ui::icon::icon;
use crate::ui::live::{handler, live, on_change};
use crate::ui::unique_id;
use leptos::prelude::*;
use serde_json::Value;
use std::time::Duration;
use wasm_bindgen::JsCast;

/// How many of each kind are found at most.
const MOST: &str = "8";

/// [`Choice::detail`] of a group.
pub(crate) const GROUP: &str = "Group";

/// Somebody or a group that was chosen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Choice {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The user name; for a group the word that says so.
    pub(crate) detail: String,
}

/// What can be chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pick {
    /// One person.
    Person,
    /// One person or group.
    One,
    /// People, but not more than so many.
    Few(usize),
    /// Any number of people.
    People,
    /// Any number of people and groups.
    All,
}

impl Pick {
    const fn has_groups(self) -> bool {
        matches!(self, Self::All | Self::One)
    }

    /// How many can be chosen.
    const fn most(self) -> usize {
        match self {
            Self::Person | Self::One => 1,
            Self::Few(most) => most,
            Self::People | Self::All => usize::MAX,
        }
    }
}

/// A search box, what it finds, and what was chosen.
#[component]
pub(crate) fn Picker(
    /// Label of the search box.
    #[prop(into)]
    label: String,
    /// The directory.
    #[prop(into)]
    directory: String,
    /// What can be chosen.
    pick: Pick,
    /// What was chosen.
    chosen: RwSignal<Vec<Choice>>,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let search = RwSignal::new(String::new());
    let mut settle = debounce(Duration::from_millis(250), move |value: String| search.set(value));
    on_change(move || settle(text.get()));
    let users = list(directory.clone(), "Users", search);
    let groups = pick.has_groups().then(|| list(directory, "Groups", search));
    let add = move |choice: Choice| {
        chosen.update(|chosen| {
            if pick.most() == 1 {
                chosen.clear();
            }
            if chosen.len() < pick.most() && !chosen.iter().any(|other| other.id == choice.id) {
                chosen.push(choice);
            }
        });
        text.set(String::new());
    };
    let id = StoredValue::new(unique_id("picker"));
    let found = live(move || {
        let mut found = Vec::new();
        if let Some(list) = groups.and_then(Remote::value) {
            choices(&list, true, &mut found);
        }
        if let Some(list) = users.value() {
            choices(&list, false, &mut found);
        }
        let waiting = !users.is_known();
        if search.read().trim().is_empty() {
            return ().into_any();
        }
        if found.is_empty() {
            let word = if waiting { "Searching…" } else { "Nothing found. Try a part of the name." };
            return view! { <p class="hint" role="status">{word}</p> }.into_any();
        }
        let items = found.into_iter().map(|choice| {
            let (name, detail, symbol) = (choice.name.clone(), choice.detail.clone(), symbol(&choice));
            let pick = move |_| {
                // Whoever works by keyboard goes on with the next name; what was found is gone.
                let id = id.get_value();
                let keyboard = browser::exists(&format!("#{id} :focus-visible"));
                add(choice.clone());
                if keyboard {
                    browser::focus(&format!("#{id} input"));
                }
            };
            view! {
                <li><button type="button" on:click=handler(pick)>{icon(symbol)}{name}<span class="faint">{detail}</span></button></li>
            }
            .into_any()
        });
        let items = items.collect::<Vec<_>>();
        view! { <ul class="choices" aria-label="Found">{items}</ul> }.into_any()
    });
    view! {
        <div class="stack" id=id.get_value() on:keydown=handler(move |event| step(&event, &id.get_value()))>
            <TextField label=label value=text kind="search" hint="Type a part of the name, then choose." />
            {found}
            {live(move || chips(chosen))}
        </div>
    }
    .into_any()
}

/// An arrow key leads from the field into what was found, through it, and back to the field.
fn step(event: &web_sys::KeyboardEvent, picker: &str) {
    let down = match event.key().as_str() {
        "ArrowDown" => true,
        "ArrowUp" => false,
        _ => return,
    };
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let item = target.and_then(|target| target.closest(".choices li").ok().flatten());
    let moved = match item {
        Some(item) => {
            let next = if down { item.next_element_sibling() } else { item.previous_element_sibling() };
            let button = next.and_then(|next| next.first_element_child());
            match button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
                Some(button) => button.focus().is_ok(),
                None => !down && browser::focus(&format!("#{picker} input")),
            }
        }
        None => down && browser::focus(&format!("#{picker} .choices button")),
    };
    if moved {
        event.prevent_default();
    }
}

impl Choice {
    /// Whether it is a group.
    pub(crate) fn is_group(&self) -> bool {
        self.detail == GROUP
    }
}

fn symbol(choice: &Choice) -> &'static str {
    if choice.is_group() { "group" } else { "person" }
}

fn chips(chosen: RwSignal<Vec<Choice>>) -> AnyView {
    let items = chosen.get().into_iter().map(|choice| {
        let (id, name, symbol) = (choice.id.clone(), choice.name.clone(), symbol(&choice));
        let label = format!("Take out {name}");
        let take_out = move |_| chosen.update(|chosen| chosen.retain(|other| other.id != id));
        view! {
            <li>
                <button type="button" aria-label=label on:click=handler(take_out)>{icon(symbol)}" "{name}" "{icon("close")}</button>
            </li>
        }
        .into_any()
    });
    let items = items.collect::<Vec<_>>();
    view! { <ul class="chips" aria-label="Chosen">{items}</ul> }.into_any()
}

/// Where people or groups (`Users`, `Groups`) with a part of a name are asked for, so many at most.
pub(crate) fn by_name(directory: &str, resource: &str, part: &str, most: &str) -> String {
    let filter = if resource == "Users" {
        people_filter(part)
    } else {
        format!("displayName co {}", scim_literal(part))
    };
    let query = [("filter", filter.as_str()), ("count", most), ("excludedAttributes", "members")];
    with_query(&endpoints::scim(directory, resource), &query)
}

fn list(directory: String, resource: &'static str, search: RwSignal<String>) -> Remote<Value> {
    Remote::keeping(move || {
        let search = search.read();
        let search = search.trim();
        if search.is_empty() { String::new() } else { by_name(&directory, resource, search, MOST) }
    })
}

fn choices(list: &Value, groups: bool, found: &mut Vec<Choice>) {
    for resource in scim::resources(list) {
        found.push(Choice {
            id: scim::id(&resource),
            name: scim::name(&resource),
            detail: if groups { GROUP.to_owned() } else { scim::text(&resource, &["userName"]) },
        });
    }
}
