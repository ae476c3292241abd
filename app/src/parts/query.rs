//! The query of the address as state: filters, pages and open rows survive a reload and can be sent to others.

use crate::api::odata::with_query;
use crate::ui::live::on_change;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use std::time::Duration;

/// Goes to this page with a query; with `true` in place of the one before.
type Go = std::sync::Arc<dyn Fn(&str, bool) + Send + Sync>;

/// Reads and writes single values of the query.
#[derive(Clone, Copy)]
pub(crate) struct Query {
    map: Memo<leptos_router::params::ParamsMap>,
    go: StoredValue<Go>,
}

/// The query of the page on the screen.
pub(crate) fn use_query() -> Query {
    // Not `use_query_map`: with a single route it keeps the query of the first page.
    let location = use_location();
    let (map, path) = (location.query, location.pathname);
    let navigate = use_navigate();
    let go = move |query: &str, replace: bool| {
        let address = format!("{}{query}", path.get_untracked());
        navigate(&address, NavigateOptions { replace, scroll: false, ..NavigateOptions::default() });
    };
    Query { map, go: StoredValue::new(std::sync::Arc::new(go)) }
}

impl Query {
    /// A value; empty when it is absent.
    pub(crate) fn get(self, name: &str) -> String {
        self.map.read().get(name).unwrap_or_default()
    }

    /// Sets values and keeps the others. With `replace` the step back leads past the change.
    pub(crate) fn set(self, changes: &[(&str, &str)], replace: bool) {
        let map = self.map.get_untracked();
        let kept = map.into_iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        let kept: Vec<(String, String)> = kept.map(|(name, value)| (name.into_owned(), value)).collect();
        let mut all: Vec<(&str, &str)> =
            kept.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        all.extend_from_slice(changes);
        let query = with_query("", &all);
        self.go.with_value(|go| go(&query, replace));
    }
}

/// A signal that follows a value of the query and writes it back, for filters.
pub(crate) fn bound(query: Query, name: &'static str) -> RwSignal<String> {
    let value = RwSignal::new(untrack(|| query.get(name)));
    on_change(move || {
        let there = query.get(name);
        if there != value.get_untracked() {
            value.set(there);
        }
    });
    // Typing is one change, not one a letter.
    let mut write = debounce(Duration::from_millis(250), move |wanted: String| {
        if wanted != query.map.with_untracked(|map| map.get(name).unwrap_or_default()) {
            // Another list begins, so the place in it is forgotten.
            query.set(&[(name, &wanted), ("skiptoken", ""), ("start", "")], true);
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
