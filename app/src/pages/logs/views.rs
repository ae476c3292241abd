//! Saved views of a log: filters with a name, which this browser remembers.

use crate::api::odata::with_query;
use crate::browser;
use crate::parts::create::{NameForm, Sending};
use crate::parts::query::Query;
use crate::paths::{self, ApplicationTab};
use crate::text::encode;
use crate::ui::button::{Button, opener};
use crate::ui::dialog::Dialog;
use crate::ui::live::live;
use leptos::prelude::*;
use serde_json::Value;

/// As many views of a log are kept; saving another forgets the oldest.
const LIMIT: usize = 20;

/// A view: its name, and the query that it is.
type View = (String, String);

/// What was remembered; nothing of what cannot be read.
fn parse(text: &str) -> Vec<View> {
    let pair = |view: &Value| {
        let part = |at: usize| view.get(at).and_then(Value::as_str).map(str::to_owned);
        part(0).zip(part(1))
    };
    let list = serde_json::from_str::<Value>(text).unwrap_or_default();
    list.as_array().map(|list| list.iter().filter_map(pair).collect()).unwrap_or_default()
}

fn write(views: &[View]) -> String {
    let pair = |(name, query): &View| Value::Array(vec![name.as_str().into(), query.as_str().into()]);
    Value::Array(views.iter().map(pair).collect()).to_string()
}

/// With a view added, in the place of one that had its name.
fn with(mut views: Vec<View>, name: String, query: String) -> Vec<View> {
    views.retain(|(known, _)| *known != name);
    views.push((name, query));
    let surplus = views.len().saturating_sub(LIMIT);
    views.drain(..surplus);
    views
}

/// The views of an application's log, and the way to save another.
pub(super) fn views(application: &str, query: Query, filters: &'static [&'static str]) -> AnyView {
    let key = StoredValue::new(format!("log-views-{application}"));
    let log = StoredValue::new(paths::application(application, ApplicationTab::Logs));
    let views = RwSignal::new(parse(&browser::remembered(&key.get_value())));
    let change = move |changed: Vec<View>| {
        browser::remember(&key.get_value(), &write(&changed));
        views.set(changed);
    };
    let (saving, name, sending) = (RwSignal::new(false), RwSignal::new(String::new()), Sending::new());
    let save = Callback::new(move |name: String| {
        let values = untrack(|| filters.iter().map(|filter| query.get(filter)).collect::<Vec<_>>());
        let pairs = filters.iter().zip(&values).filter(|(_, value)| !value.is_empty());
        let text = pairs.map(|(filter, value)| [filter, "=", &encode(value)].concat()).collect::<Vec<_>>();
        change(with(views.get_untracked(), name, text.join("&")));
        saving.set(false);
    });
    let list = live(move || {
        let items = views.get().into_iter().map(|(name, query)| {
            let mut href = log.with_value(|log| with_query(log, &[]));
            if !query.is_empty() {
                href = [&href, "?", &query].concat();
            }
            let (label, own) = (format!("Remove the view {name}"), name.clone());
            let remove = Callback::new(move |()| {
                let mut kept = views.get_untracked();
                kept.retain(|(known, _)| *known != own);
                change(kept);
            });
            view! {
                <li>
                    <a href=href>{name}</a>
                    <Button label="Remove" name=label class="quiet" on_click=remove />
                </li>
            }
            .into_any()
        });
        let items = items.collect::<Vec<_>>();
        if items.is_empty() {
            return view! { <p class="faint">"None yet. Set filters, then save them under a name."</p> }
                .into_any();
        }
        view! { <ul class="legend" aria-label="Saved views">{items}</ul> }.into_any()
    });
    view! {
        <section class="toolbar" aria-label="Views">
            {list}
            {opener("Save view", "add", "", saving)}
        </section>
        <Dialog open=saving title="Save view">
            <NameForm
                label="Name"
                name=name
                hint="The filters as they are now. Kept in this browser only."
                verb="Save"
                sending=sending
                open=saving
                on_submit=save
            />
        </Dialog>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_remembered_and_replaced() {
        let views = with(Vec::new(), "Failures".to_owned(), "status=failure".to_owned());
        assert_eq!(parse(&write(&views)), views);
        let views = with(views, "Failures".to_owned(), "status=warning".to_owned());
        assert_eq!(views, [("Failures".to_owned(), "status=warning".to_owned())]);
        assert_eq!(parse("nonsense"), []);
        assert_eq!(parse("[1, [\"a\"]]"), []);
    }

    #[test]
    fn the_oldest_view_gives_way() {
        let views = (0..=LIMIT).fold(Vec::new(), |views, at| with(views, at.to_string(), String::new()));
        assert_eq!(views.len(), LIMIT);
        assert_eq!(views.first().map(|(name, _)| name.as_str()), Some("1"));
    }
}
