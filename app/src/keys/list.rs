//! The list of shortcuts while it is open: those of the page first, then those that work everywhere, then the others.

use super::{REMEMBERED, use_keys};
use crate::app::use_page;
use crate::browser;
use crate::paths::{ApplicationTab, Page};
use crate::ui::field::CheckField;
use crate::ui::live::{live_text, on_change};
use leptos::prelude::*;

/// Keys, what they do, and whether they are letters that can be turned off.
type Shortcut = (&'static [&'static str], &'static str, bool);

/// Stands for the key of commands: Ctrl, or ⌘ on a Mac.
const COMMAND: &str = "Ctrl";
/// Stands for Alt, which a Mac calls Option.
const ALT: &str = "Alt";

const EVERYWHERE: &[Shortcut] = &[
    (&[COMMAND, "K"], "Search, or go to a page, a person, a group or a command", false),
    (&["?"], "Show this list", true),
    (&["Esc"], "Close a dialog, a drawer or a menu", false),
    (&["↑", "↓"], "Choose among what a search found", false),
    (&["←", "→", "Home", "End"], "Go from tab to tab", false),
];
const LOG: &[Shortcut] = &[
    (&["j"], "The next entry, while an entry is open", true),
    (&["k"], "The entry before, while an entry is open", true),
];
const MAPPINGS: &[Shortcut] = &[
    (&[ALT, "↑"], "Move a mapping up, from any button of its row", false),
    (&[ALT, "↓"], "Move a mapping down, from any button of its row", false),
];

/// The sections of a page: their headings and shortcuts.
fn sections(page: &Page) -> [(&'static str, &'static [Shortcut]); 3] {
    let (log, mappings) = ("Provisioning logs", "Mappings");
    match page {
        Page::Application(_, ApplicationTab::Logs) => {
            [("On this page", LOG), ("Everywhere", EVERYWHERE), (mappings, MAPPINGS)]
        }
        Page::Application(_, ApplicationTab::Mappings) => {
            [("On this page", MAPPINGS), ("Everywhere", EVERYWHERE), (log, LOG)]
        }
        _ => [("Everywhere", EVERYWHERE), (log, LOG), (mappings, MAPPINGS)],
    }
}

/// A key as this keyboard calls it.
fn called(key: &'static str, mac: bool) -> &'static str {
    match key {
        COMMAND if mac => "⌘",
        ALT if mac => "⌥",
        other => other,
    }
}

/// What the dialog shows.
pub(crate) fn list() -> AnyView {
    let letters = use_keys().letters;
    let page = use_page().get_untracked();
    on_change(move || browser::remember(REMEMBERED, if letters.get() { "" } else { "off" }));
    let mac = browser::is_mac();
    let mut shown = Vec::new();
    for (heading, shortcuts) in sections(&page) {
        let mut rows = Vec::new();
        for (keys, does, letter) in shortcuts {
            let mut names = Vec::new();
            for key in *keys {
                names.push(view! { <kbd>{called(key, mac)}</kbd>" " }.into_any());
            }
            let off = move || if *letter && !letters.get() { " (turned off)" } else { "" }.to_owned();
            rows.push(view! { <div><dt>{names}</dt><dd>{*does}{live_text(off)}</dd></div> }.into_any());
        }
        shown.push(
            view! { <section class="shortcuts"><h3>{heading}</h3><dl class="facts">{rows}</dl></section> }
                .into_any(),
        );
    }
    view! {
        {shown}
        <CheckField
            label="Shortcuts of a single letter"
            value=letters
            hint="Turn ?, j and k off if they get in your way, for example with speech input. This browser remembers it; the account menu still leads here."
        />
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headings(page: &Page) -> [&'static str; 3] {
        sections(page).map(|(heading, _)| heading)
    }

    #[test]
    fn what_works_on_the_page_comes_first() {
        let of = |tab| Page::Application("a".to_owned(), tab);
        assert_eq!(headings(&of(ApplicationTab::Logs)), ["On this page", "Everywhere", "Mappings"]);
        assert_eq!(
            headings(&of(ApplicationTab::Mappings)),
            ["On this page", "Everywhere", "Provisioning logs"]
        );
        assert_eq!(headings(&Page::Home), ["Everywhere", "Provisioning logs", "Mappings"]);
    }

    #[test]
    fn every_letter_can_be_turned_off() {
        for (keys, does, letter) in [EVERYWHERE, LOG, MAPPINGS].concat() {
            let single = matches!(keys, [key] if key.chars().count() == 1);
            assert_eq!(letter, single, "{does}");
        }
    }

    #[test]
    fn keys_are_called_as_on_the_keyboard() {
        assert_eq!([called(COMMAND, true), called(ALT, true), called("K", true)], ["⌘", "⌥", "K"]);
        assert_eq!(called(COMMAND, false), "Ctrl");
    }
}
