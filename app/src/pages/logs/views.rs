//! Saved views of a log: filters with a name, which this browser remembers.

use crate::browser;
use crate::parts::query::Query;
use crate::paths::{self, ApplicationTab};
use crate::text::encode;
use crate::ui::button::Button;
use crate::ui::field::TextField;
use crate::ui::live::live;
use leptos::prelude::*;

/// As many views of a log are kept; saving another forgets the oldest.
const LIMIT: usize = 20;

/// A view: its name, and the query that it is.
type View = (String, String);

/// What was remembered: a line each, name and query apart by a tab, which neither of them has.
fn parse(text: &str) -> Vec<View> {
    let mut views = Vec::new();
    for (name, query) in text.lines().filter_map(|line| line.split_once('\t')) {
        views.push((name.to_owned(), query.to_owned()));
    }
    views
}

/// What is remembered from now on: without the view of a name, and with another of that name if there is one.
fn changed(text: &str, name: &str, added: Option<&str>) -> String {
    let mut views = parse(text);
    views.retain(|(known, _)| known != name);
    if let Some(query) = added {
        views.push((name.replace('\t', " "), query.to_owned()));
    }
    let surplus = views.len().saturating_sub(LIMIT);
    let mut kept = String::new();
    for (name, query) in views.iter().skip(surplus) {
        for part in [name, "\t", query, "\n"] {
            kept.push_str(part);
        }
    }
    kept
}

/// The views of an application's log, and the way to save another.
pub(super) fn views(application: &str, query: Query, filters: &'static [&'static str]) -> AnyView {
    let key = StoredValue::new(format!("log-views-{application}"));
    let log = StoredValue::new(paths::application(application, ApplicationTab::Logs));
    let views = RwSignal::new(browser::remembered(&key.get_value()));
    let change = move |name: &str, added: Option<&str>| {
        let text = changed(&views.get_untracked(), name, added);
        browser::remember(&key.get_value(), &text);
        views.set(text);
    };
    let name = RwSignal::new(String::new());
    let save = Callback::new(move |()| {
        let mut text = String::new();
        for filter in filters {
            let value = untrack(|| query.get(filter));
            if !value.is_empty() {
                for part in [if text.is_empty() { "" } else { "&" }, filter, "=", &encode(&value)] {
                    text.push_str(part);
                }
            }
        }
        // Without a name it is called what it is.
        let called = name.get_untracked();
        let called = [called.trim(), &text, "Everything"].into_iter().find(|name| !name.is_empty());
        change(called.unwrap_or_default(), Some(&text));
        name.set(String::new());
    });
    let list = live(move || {
        let mut items = Vec::new();
        for (name, query) in parse(&views.read()) {
            let href = log.with_value(|log| [log, "?", &query].concat());
            let (label, own) = (format!("Remove the view {name}"), name.clone());
            let remove = Callback::new(move |()| change(&own, None));
            let button =
                view! { <Button label="Remove" name=label class="quiet" on_click=remove /> }.into_any();
            items.push(view! { <li><a href=href>{name}</a>{button}</li> }.into_any());
        }
        if items.is_empty() {
            return view! { <p class="faint">"No view is saved yet. Set filters, then save them under a name; this browser keeps them."</p> }
                .into_any();
        }
        view! { <ul class="legend" aria-label="Saved views">{items}</ul> }.into_any()
    });
    view! {
        <section class="toolbar" aria-label="Views">
            {list}
            <TextField label="Name of a view" value=name placeholder="The filters as they are now" />
            <Button label="Save view" icon_name="add" on_click=save />
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_remembered_replaced_and_removed() {
        let text = changed("", "Failures", Some("status=failure"));
        let text = changed(&text, "Failures", Some("status=warning"));
        assert_eq!(parse(&text), [("Failures".to_owned(), "status=warning".to_owned())]);
        assert_eq!(changed(&text, "Failures", None), "");
        assert_eq!(parse("nonsense"), []);
    }

    #[test]
    fn the_oldest_view_gives_way() {
        let text = (0..=LIMIT).fold(String::new(), |text, at| changed(&text, &at.to_string(), Some("")));
        assert_eq!(parse(&text).len(), LIMIT);
        assert_eq!(parse(&text).first().map(|(name, _)| name.as_str()), Some("1"));
    }
}
