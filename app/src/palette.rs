//! The command palette: Ctrl+K (or Cmd+K), a part of a name, Enter.
//!
//! Made of parts that the portal has anyway; the roles of a list box are put on the field when it is there. That
//! keeps it small.

use crate::api::endpoints;
use crate::browser;
use crate::cache::Remote;
use crate::paths::{ApplicationTab, Page, application};
use crate::router::use_router;
use crate::ui::button::Button;
use crate::ui::dialog::Dialog;
use crate::ui::field::TextField;
use crate::ui::live::{handler, live, on_change, word};
use crate::ui::state::message;
use api::application::ServicePrincipal;
use api::collection::Collection;
use leptos::ev;
use leptos::prelude::*;

/// How many places are offered at once.
const MOST: usize = 10;

/// A name and the address that it leads to.
type Place = (String, String);

/// Pages of their own, by the names that the navigation gives them.
fn pages() -> [(&'static str, Page); 13] {
    [
        ("Home", Page::Home),
        ("People", Page::People),
        ("Import CSV", Page::Import),
        ("Deleted people", Page::Deleted),
        ("Groups", Page::Groups),
        ("Inlets", Page::Inlets),
        ("Inbound provisioning", Page::Inbound),
        ("Inbound provisioning: requests", Page::InboundRequests),
        ("Enterprise applications", Page::Applications),
        ("Gallery", Page::Gallery),
        ("Audit log", Page::Audit),
        ("Peakon admin console", Page::Tenants),
        ("Organization settings", Page::Organization),
    ]
}

/// The places whose names hold every word of a text, the best known first.
fn matching(text: &str, applications: &[ServicePrincipal]) -> Vec<Place> {
    let text = text.to_lowercase();
    let mut found = Vec::new();
    let mut offer = |name: String, address: String| {
        let known = name.to_lowercase();
        if found.len() < MOST && text.split_whitespace().all(|word| known.contains(word)) {
            found.push((name, address));
        }
    };
    for (name, page) in pages() {
        offer(name.to_owned(), page.path());
    }
    for each in applications {
        offer(each.display_name.clone(), application(&each.id, ApplicationTab::Overview));
        for tab in ApplicationTab::ALL {
            offer(format!("{}: {}", each.display_name, tab.title()), application(&each.id, tab));
        }
    }
    found
}

/// What the field is to whoever hears the page.
const FIELD: [(&str, &str); 4] = [
    ("role", "combobox"),
    ("aria-expanded", "true"),
    ("aria-controls", "palette"),
    ("aria-autocomplete", "list"),
];

/// The field, while the dialog is open.
const FIELD_PLACE: &str = ".palette input";

/// The button that opens the palette, and the palette.
#[component]
pub(crate) fn Palette() -> impl IntoView {
    let open = RwSignal::new(false);
    let text = RwSignal::new(String::new());
    let at = RwSignal::new(0_usize);
    let router = use_router();
    let applications = Remote::<Collection<ServicePrincipal>>::new(move || {
        if open.get() { endpoints::applications() } else { String::new() }
    });
    let places = move || {
        let applications = applications.value().map(|list| list.value).unwrap_or_default();
        matching(&text.read(), &applications)
    };
    let start = move || {
        text.set(String::new());
        open.set(true);
        // The dialog opens in the next frame, and gives the focus to its heading.
        request_animation_frame(move || {
            request_animation_frame(move || {
                browser::focus(FIELD_PLACE);
                for (name, value) in FIELD {
                    browser::set_attribute(FIELD_PLACE, name, value);
                }
                at.set(0);
            });
        });
    };
    window_event_listener(ev::keydown, move |event| {
        let is_it = (event.ctrl_key() || event.meta_key()) && !event.shift_key() && !event.alt_key();
        if is_it && event.key() == "k" {
            event.prevent_default();
            // What another dialog holds is not left by a shortcut.
            if !browser::exists("dialog[open]") {
                start();
            }
        }
    });
    on_change(move || {
        text.track();
        at.set(0);
    });
    on_change(move || browser::set_attribute(FIELD_PLACE, "aria-activedescendant", &option_id(at.get())));
    let go = move |chosen: usize| {
        let place = untrack(places).into_iter().nth(chosen);
        if let Some((_, address)) = place {
            open.set(false);
            router.follow(&address);
        }
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        let last = untrack(places).len().saturating_sub(1);
        let now = at.get_untracked();
        match event.key().as_str() {
            "ArrowDown" => at.set(if now >= last { 0 } else { now + 1 }),
            "ArrowUp" => at.set(now.checked_sub(1).unwrap_or(last)),
            "Enter" => go(now),
            _ => return,
        }
        event.prevent_default();
    };
    let options = move || {
        let mut options = Vec::new();
        for (index, (name, _)) in places().into_iter().enumerate() {
            let chosen = word(at.get() == index);
            let act = handler(move |_| go(index));
            let id = option_id(index);
            options.push(
                view! { <li role="option" id=id aria-selected=chosen on:click=act>{name}</li> }.into_any(),
            );
        }
        options.into_any()
    };
    let nothing = move || if places().is_empty() { "Nothing has such a name." } else { "" }.to_owned();
    view! {
        <Button
            label="Go to"
            name="Go to a page or application"
            class="quiet"
            icon_name="gallery"
            on_click=Callback::new(move |()| start())
        />
        <Dialog open=open title="Go to" class="palette">
            <div on:keydown=handler(on_key)>
                <TextField label="Page or application" value=text hint="Ctrl+K opens this anywhere." />
            </div>
            <ul id="palette" class="choices" role="listbox" aria-label="Places">{live(options)}</ul>
            {message("", nothing)}
        </Dialog>
    }
    .into_any()
}

fn option_id(index: usize) -> String {
    format!("place-{index}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_by_every_word() {
        let names = |text: &str| matching(text, &[]).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names("INBOUND req"), ["Inbound provisioning: requests"]);
        assert_eq!(names("import people"), Vec::<String>::new());
        assert_eq!(names("").len(), MOST);
    }
}
