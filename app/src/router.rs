//! Where the visitor is: the address as a signal, links that load no page, and steps back and forth.
//!
//! `leptos_router` finds one of many routes; here [`Page`](crate::paths::Page) does that, and what is left of a
//! router is this file (ARCHITECTURE.md says what that saves).

use crate::text::decode;
use crate::ui::live::memo;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

/// What keeps the visitor on a page: as long as the signal says so, the address where they want to go is asked about.
#[derive(Clone, Copy)]
struct Hold {
    holds: Signal<bool>,
    ask: Callback<String>,
    /// Names it among others.
    number: u32,
}

/// The address, in the context of the whole application.
#[derive(Clone, Copy)]
pub(crate) struct Router {
    /// Path and query in one, so that both change at once.
    address: RwSignal<(String, String)>,
    /// The path.
    pub(crate) path: Memo<String>,
    /// The query, without the question mark.
    pub(crate) query: Memo<String>,
    holds: StoredValue<Vec<Hold>>,
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
        Self { address, path, query, holds: StoredValue::new(Vec::new()) }
    }

    /// To be called once, by the application: follows links and the browser's history.
    pub(crate) fn start() -> Self {
        let router = Self::new();
        let click = window_event_listener(ev::click, move |event| {
            let Some(link) = link_of(&event) else { return };
            event.prevent_default();
            router.follow(&link);
        });
        let step = window_event_listener(ev::popstate, move |_| router.stepped());
        on_cleanup(move || {
            click.remove();
            step.remove();
        });
        router
    }

    /// Goes to an address as a link does: unless something holds the visitor here.
    pub(crate) fn follow(self, link: &str) {
        match self.held() {
            Some(hold) => hold.ask.run(link.to_owned()),
            None => self.go(link, false),
        }
    }

    /// The browser stepped back or forth. The page is another one already as far as the browser knows, so that the
    /// address of one that is held is put on top of it.
    fn stepped(self) {
        let (here, wanted) = (self.address.get_untracked(), current());
        // Another query is the same page, with what was typed there.
        let held = self.held().filter(|_| here.0 != wanted.0);
        let history = web_sys::window().and_then(|window| window.history().ok());
        match (held, history) {
            (Some(hold), Some(history)) => {
                let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&joined(&here)));
                hold.ask.run(joined(&wanted));
            }
            _ => self.address.set(wanted),
        }
    }

    /// What holds the visitor here, if anything does.
    fn held(self) -> Option<Hold> {
        let holds = self.holds.get_value();
        holds.into_iter().find(|hold| hold.holds.try_get_untracked().unwrap_or(false))
    }

    /// Whether leaving would lose something.
    pub(crate) fn is_held(self) -> bool {
        self.held().is_some()
    }

    /// Holds the visitor no more, whatever is lost.
    pub(crate) fn let_go(self) {
        self.holds.set_value(Vec::new());
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

    /// Until the owner ends, and while `holds` says so, `ask` is asked instead of leaving the page.
    pub(crate) fn hold(self, holds: Signal<bool>, ask: Callback<String>) {
        let number = self.holds.with_value(|all| all.last().map_or(0, |last| last.number.wrapping_add(1)));
        self.holds.update_value(|all| all.push(Hold { holds, ask, number }));
        on_cleanup(move || {
            let _ = self.holds.try_update_value(|all| all.retain(|one| one.number != number));
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

/// The address of a path and a query.
fn joined((path, query): &(String, String)) -> String {
    if query.is_empty() { path.clone() } else { [path, "?", query].concat() }
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
        assert!(["/a/b?x=1?2", "/"].into_iter().all(|address| joined(&split(address)) == address));
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
