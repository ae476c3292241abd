//! The palette while it is open: a combobox over a list box, with the focus in the field all the time.

use super::Opened;
use super::places::{Place, Target, found, matching};
use crate::api::endpoints;
use crate::app::{use_page, use_session};
use crate::browser;
use crate::cache::Remote;
use crate::keys::use_keys;
use crate::parts::picker::by_name;
use crate::router::use_router;
use crate::shell::{sign_out, use_theme};
use crate::text::count;
use crate::ui::icon::icon;
use crate::ui::live::{handler, live, live_attribute, live_text, memo, on_change, word};
use api::application::ServicePrincipal;
use api::collection::Collection;
use leptos::prelude::*;
use serde_json::Value;
use std::time::Duration;

/// From so many letters on people and groups are searched too.
const LETTERS: usize = 2;

/// How many of them are asked for.
const PEOPLE: &str = "6";
const GROUPS: &str = "3";

const FIELD: &str = "#palette-field";

fn option_id(at: usize) -> String {
    format!("place-{at}")
}

/// The field, and what it finds.
pub(crate) fn content() -> AnyView {
    let page = use_page().get_untracked();
    let text = RwSignal::new(String::new());
    let at = RwSignal::new(0_usize);
    let search = RwSignal::new(String::new());
    let mut settle = debounce(Duration::from_millis(200), move |value: String| {
        let _ = search.try_set(value);
    });
    on_change(move || {
        at.set(0);
        settle(text.get());
    });
    let directory = use_session().workforce_directory_id;
    let (groups, people) =
        (searched(directory.clone(), "Groups", GROUPS, search), searched(directory, "Users", PEOPLE, search));
    let applications = Remote::<Collection<ServicePrincipal>>::new(endpoints::applications);
    let places = memo(move || {
        let known = applications.value().map(|list| list.value).unwrap_or_default();
        let mut places = matching(&text.read(), &page, &known);
        for (list, groups) in [(groups, true), (people, false)] {
            places.extend(list.value().map(|list| found(&list, groups)).unwrap_or_default());
        }
        places
    });
    let searching = memo(move || {
        let wanted = text.read().trim().chars().count() >= LETTERS;
        let behind = *text.read() != *search.read();
        let known = [people.is_known(), groups.is_known()] == [true; 2];
        wanted && (behind || !known)
    });
    let go = chooser();
    let choose = move |at: usize| {
        if let Some(place) = places.get_untracked().into_iter().nth(at) {
            go(place);
        }
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        let last = places.read_untracked().len().saturating_sub(1);
        let now = at.get_untracked().min(last);
        match event.key().as_str() {
            "ArrowDown" => at.set(if now >= last { 0 } else { now + 1 }),
            "ArrowUp" => at.set(now.checked_sub(1).unwrap_or(last)),
            // The one of an input method chooses letters.
            "Enter" if !event.is_composing() => choose(now),
            _ => return,
        }
        event.prevent_default();
        browser::scroll_to(&["#", &option_id(at.get_untracked())].concat());
    };
    let chosen = move || at.get().min(places.read().len().saturating_sub(1));
    let options = move || {
        let mut options = Vec::new();
        for (index, place) in places.get().into_iter().enumerate() {
            options.push(option(index, place, chosen, choose));
        }
        options.into_any()
    };
    let told = move || {
        let (searching, found) = (searching.get(), places.read().len());
        match found {
            _ if searching => "Searching…".to_owned(),
            0 => "Nothing has such a name.".to_owned(),
            _ => count(u64::try_from(found).unwrap_or_default(), "result", "results"),
        }
    };
    // The dialog opens in the next frame, and gives the focus to its heading.
    request_animation_frame(|| {
        request_animation_frame(|| {
            browser::focus(FIELD);
        });
    });
    view! {
        <div class="field">
            <label for="palette-field">"Page, application, person, group or command"</label>
            <input
                id="palette-field"
                type="text"
                role="combobox"
                autocomplete="off"
                spellcheck="false"
                aria-autocomplete="list"
                aria-controls="palette-list"
                aria-expanded=live_attribute(move || word(!places.read().is_empty()))
                aria-activedescendant=move || (!places.read().is_empty()).then(|| option_id(chosen()))
                prop:value=text
                on:input=handler(move |event| text.set(event_target_value(&event)))
                on:keydown=handler(on_key)
            />
        </div>
        <ul id="palette-list" class="choices" role="listbox" aria-label="Results">{live(options)}</ul>
        <div class="palette-foot hint">
            <span role="status">{live_text(told)}</span>
            <span><kbd>"↑"</kbd><kbd>"↓"</kbd>" choose"</span>
            <span><kbd>"Enter"</kbd>" go"</span>
            <span><kbd>"Esc"</kbd>" close"</span>
        </div>
    }
    .into_any()
}

fn option(
    index: usize,
    place: Place,
    chosen: impl Fn() -> usize + Copy + Send + 'static,
    choose: impl Fn(usize) + 'static,
) -> AnyView {
    let Place { icon: symbol, name, detail, .. } = place;
    view! {
        <li
            role="option"
            id=option_id(index)
            aria-selected=live_attribute(move || word(chosen() == index))
            on:click=handler(move |_| choose(index))
        >
            {icon(symbol)}<span class="place">{name}</span>" "<span class="faint">{detail}</span>
        </li>
    }
    .into_any()
}

/// Closes the palette, then does what was chosen.
fn chooser() -> impl Fn(Place) + Copy + Send + Sync + 'static {
    let open = use_context::<Opened>();
    let (router, theme, keys) = (use_router(), use_theme(), use_keys());
    let leave = sign_out();
    move |place| {
        if let Some(Opened(open)) = open {
            open.set(false);
        }
        match place.target {
            Target::Go(address) => router.follow(&address),
            Target::Theme(wanted) => theme.set(wanted.to_owned()),
            Target::Shortcuts => keys.open.set(true),
            Target::SignOut => leave.run(()),
        }
    }
}

/// People or groups of the directory by a part of their name.
fn searched(
    directory: String,
    resource: &'static str,
    most: &'static str,
    search: RwSignal<String>,
) -> Remote<Value> {
    Remote::keeping(move || {
        let search = search.read();
        let search = search.trim();
        if search.chars().count() < LETTERS {
            String::new()
        } else {
            by_name(&directory, resource, search, most)
        }
    })
}
