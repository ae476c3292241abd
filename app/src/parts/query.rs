//! The query of the address as state: filters, pages and open rows survive a reload and can be sent to others.

use crate::api::odata::with_query;
use crate::router::{Router, pairs, use_router, value};
use crate::ui::live::{memo, on_change};
use leptos::prelude::*;
use std::time::Duration;

/// Reads and writes single values of the query.
#[derive(Clone, Copy)]
pub(crate) struct Query(Router);

/// The query of the page on the screen.
pub(crate) fn use_query() -> Query {
    Query(use_router())
}

impl Query {
    /// A value; empty when it is absent.
    pub(crate) fn get(self, name: &str) -> String {
        value(&self.0.query.read(), name)
    }

    /// Sets values and keeps the others. With `replace` the step back leads past the change.
    pub(crate) fn set(self, changes: &[(&str, &str)], replace: bool) {
        let mut kept = pairs(&self.0.query.get_untracked());
        kept.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        let mut all: Vec<(&str, &str)> =
            kept.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        all.extend_from_slice(changes);
        self.0.go(&with_query(&self.0.path.get_untracked(), &all), replace);
    }
}

/// How long typing must rest before it is written. Whoever typed the last letter waits for it, so it is short; whoever
/// types slowly asks once a letter, and each answer takes the place of the one before.
const TYPING: Duration = Duration::from_millis(100);

/// A signal that follows a value of the query and writes it back, for filters that are typed: one change a word, not
/// one a letter.
pub(crate) fn bound(query: Query, name: &'static str) -> RwSignal<String> {
    tied(query, name, Box::new(debounce(TYPING, move |wanted: String| write(query, name, &wanted))))
}

/// The same for filters that are chosen from a list: written at once.
pub(crate) fn selected(query: Query, name: &'static str) -> RwSignal<String> {
    tied(query, name, Box::new(move |wanted: String| write(query, name, &wanted)))
}

/// Another list begins with another filter, so the place in it is forgotten.
fn write(query: Query, name: &str, wanted: &str) {
    if wanted != untrack(|| query.get(name)) {
        query.set(&[(name, wanted), ("skiptoken", ""), ("start", "")], true);
    }
}

fn tied(query: Query, name: &'static str, mut write: Box<dyn FnMut(String)>) -> RwSignal<String> {
    let value = RwSignal::new(untrack(|| query.get(name)));
    // Only its own value: when another one is written, what was typed here a moment ago is not there yet.
    let there = memo(move || query.get(name));
    on_change(move || {
        let there = there.get();
        if there != value.get_untracked() {
            value.set(there);
        }
    });
    let mut first = true;
    on_change(move || {
        let wanted = value.get();
        if !std::mem::take(&mut first) {
            write(wanted);
        }
    });
    value
}

/// Whether a drawer is open: while the address says what it shows, in the value `open`.
pub(crate) fn drawer(query: Query) -> RwSignal<bool> {
    let open = RwSignal::new(false);
    on_change(move || open.set(!query.get("open").is_empty()));
    let mut was = false;
    on_change(move || {
        let now = open.get();
        if std::mem::replace(&mut was, now) && !now {
            query.set(&[("open", "")], true);
        }
    });
    open
}
