//! Where the visitor is: the address as a signal, links that load no page, and steps back and forth.
//!
//! `leptos_router` finds one of many routes; here [`Page`](crate::paths::Page) does that, and what is left of a
//! router is this file (ARCHITECTURE.md says what that saves).

use crate::text::decode;
use crate::ui::live::memo;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

/// Tells whether it keeps the visitor from following a link, whose address it gets.
type Hold = Callback<String, bool>;

/// The address, in the context of the whole application.
#[derive(Clone, Copy)]
pub(crate) struct Router {
    /// Path and query in one, so that both change at once.
    address: RwSignal<(String, String)>,
    /// The path.
    pub(crate) path: Memo<String>,
    /// The query, without the question mark.
    pub(crate) query: Memo<String>,
    hold: StoredValue<Option<Hold>>,
}

/// The router of this application.
pub(crate) fn use_router() -> Router {
    use_context::<Router>().unwrap_or_else(Router::new)
}

impl Router {
    fn new() -> Self {
        let address = RwSignal::new(current());
        let path = memo(move || address.read().0.clone());
        let query = memo(move || address.read().1.clone());
        Self { address, path, query, hold: StoredValue::new(None) }
    }

    /// To be called once, by the application: follows links and the browser's history.
    pub(crate) fn start() -> Self {
        let router = Self::new();
        let click = window_event_listener(ev::click, move |event| {
            let Some(link) = link_of(&event) else { return };
            event.prevent_default();
            router.follow(&link);
        });
        let step = window_event_listener(ev::popstate, move |_| router.address.set(current()));
        on_cleanup(move || {
            click.remove();
            step.remove();
        });
        router
    }

    /// Goes to an address as a link does: unless something holds the visitor here.
    pub(crate) fn follow(self, link: &str) {
        let held = self.hold.get_value().is_some_and(|hold| hold.run(link.to_owned()));
        if !held {
            self.go(link, false);
        }
    }

    /// Goes to an address; with `replace` in place of the one before. Another page begins at its top.
    pub(crate) fn go(self, address: &str, replace: bool) {
        let (before, after) = (self.address.get_untracked(), split(address));
        let Some(window) = web_sys::window().filter(|_| before != after) else { return };
        let Ok(history) = window.history() else { return };
        let _ = if replace {
            history.replace_state_with_url(&JsValue::NULL, "", Some(address))
        } else {
            history.push_state_with_url(&JsValue::NULL, "", Some(address))
        };
        let is_other_page = before.0 != after.0;
        self.address.set(after);
        if is_other_page {
            window.scroll_to_with_x_and_y(0.0, 0.0);
        }
    }

    /// Until the owner ends, links are followed only when `hold` lets them.
    pub(crate) fn hold(self, hold: Hold) {
        self.hold.set_value(Some(hold));
        on_cleanup(move || {
            let _ = self.hold.try_set_value(None);
        });
    }
}

/// The browser's address.
fn current() -> (String, String) {
    let location = web_sys::window().map(|window| window.location());
    let part = |part: Option<Result<String, JsValue>>| part.and_then(Result::ok).unwrap_or_default();
    let path = part(location.as_ref().map(web_sys::Location::pathname));
    let query = part(location.as_ref().map(web_sys::Location::search));
    (path, query.trim_start_matches('?').to_owned())
}

/// The address of the portal's own link that was clicked, if it was one.
fn link_of(event: &web_sys::MouseEvent) -> Option<String> {
    let is_plain = event.button() == 0
        && !(event.default_prevented()
            || event.ctrl_key()
            || event.meta_key()
            || event.shift_key()
            || event.alt_key());
    let target = event.target().filter(|_| is_plain)?.dyn_into::<web_sys::Element>().ok()?;
    let link = target.closest("a[href^='/']:not([download], [target])").ok()??;
    link.get_attribute("href")
}

/// Path and query of an address.
fn split(address: &str) -> (String, String) {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    (path.to_owned(), query.to_owned())
}

/// Names and values of a query, in order.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    let pairs = parts.map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(name), decode(&value.replace('+', " ")))
    });
    pairs.collect()
}

/// A value of a query; empty when it is absent.
pub(crate) fn value(query: &str, name: &str) -> String {
    pairs(query).into_iter().find(|(known, _)| known == name).map(|(_, value)| value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_split() {
        assert_eq!(split("/a/b?x=1?2"), ("/a/b".to_owned(), "x=1?2".to_owned()));
        assert_eq!(split("/"), ("/".to_owned(), String::new()));
    }

    #[test]
    fn values_of_a_query_are_decoded() {
        let query = "q=Ada+L%20%26%2B&empty=&flag&q=second";
        assert_eq!(value(query, "q"), "Ada L &+");
        assert_eq!(value(query, "empty"), "");
        assert_eq!(value(query, "other"), "");
        assert_eq!(pairs(query).len(), 4);
        assert_eq!(pairs(""), []);
    }
}
