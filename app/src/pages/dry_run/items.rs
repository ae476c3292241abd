//! The objects of a plan: read page by page for the list, and as a file.

use crate::api::odata::{skip_token, with_query};
use crate::api::scim::text;
use crate::api::{Body, Method, parse};
use crate::browser;
use crate::cache::{Client, use_client};
use crate::parts::create::Sending;
use crate::ui::button::Button;
use crate::ui::confirm::Outcome;
use crate::ui::live::on_change;
use crate::ui::state::message;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

/// Objects of one request.
const PAGE: &str = "1000";
/// Objects that the list holds; the file has all of them.
pub(crate) const LIMIT: usize = 10_000;

/// The objects of the plan on the screen.
#[derive(Clone, Copy)]
pub(crate) struct Items {
    /// In the order of the plan.
    pub(crate) list: RwSignal<Value>,
    /// Whether more are on their way.
    pub(crate) loading: RwSignal<bool>,
    /// Whether the plan has more than [`LIMIT`].
    pub(crate) cut: RwSignal<bool>,
    /// Why they could not be read.
    pub(crate) error: RwSignal<String>,
}

impl Items {
    /// Reads the objects of the plan at an address, which may change or be empty.
    pub(crate) fn follow(address: Memo<String>) -> Self {
        let client = use_client();
        let items = Self {
            list: RwSignal::new(Value::Null),
            loading: RwSignal::new(false),
            cut: RwSignal::new(false),
            error: RwSignal::new(String::new()),
        };
        on_change(move || {
            let wanted = address.get();
            items.list.set(Value::Array(Vec::new()));
            items.cut.set(false);
            items.error.set(String::new());
            items.loading.set(!wanted.is_empty());
            if wanted.is_empty() {
                return;
            }
            let path = wanted.clone();
            // Whether another plan, or another page of the portal, is on the screen meanwhile.
            let is_over = move || address.try_get_untracked().is_none_or(|now| now != wanted);
            let over = is_over.clone();
            let take = move |page: Value, more: bool| !over() && items.take(page, more);
            let reading = pages(client, path, Box::new(take));
            spawn_local(async move {
                let read = reading.await;
                if !is_over() {
                    items.error.set(read.err().unwrap_or_default());
                    items.loading.set(false);
                }
            });
        });
        items
    }

    /// Adds a page; true when there is room for another.
    fn take(self, mut page: Value, more: bool) -> bool {
        let objects = page.get_mut("value").map(Value::take);
        let mut many = 0;
        self.list.update(|list| {
            if let (Value::Array(list), Some(Value::Array(mut objects))) = (list, objects) {
                list.append(&mut objects);
                many = list.len();
            }
        });
        let full = many >= LIMIT;
        self.cut.set(full && more);
        !full
    }
}

/// Reads the pages of a plan one after the other, until there is none or `take` wants no more. It gets a page, and
/// whether there is another.
fn pages(client: Client, address: String, mut take: Box<dyn FnMut(Value, bool) -> bool>) -> Outcome {
    Box::pin(async move {
        let mut token = Some(String::new());
        while let Some(at) = token {
            let path = with_query(&address, &[("$top", PAGE), ("$skiptoken", &at)]);
            let answer = client.send(Method::Get, &path, Body::Empty).await;
            let page = answer.and_then(|text| parse(&text)).map_err(|error| error.text())?;
            token = skip_token(&text(&page, &["@odata.nextLink"]));
            if !take(page, token.is_some()) {
                break;
            }
        }
        Ok(())
    })
}

/// A button that saves the whole plan as a file of this name.
pub(crate) fn export(address: Memo<String>, name: &'static str) -> AnyView {
    let (client, sending) = (use_client(), Sending::new());
    let save = Callback::new(move |()| {
        let mut parts = Vec::new();
        let take = move |page: Value, more: bool| {
            parts.push(part(page, parts.is_empty()));
            if !more {
                parts.push("]}".to_owned());
                browser::save(name, "application/json", &parts);
            }
            true
        };
        sending.run(pages(client, address.get_untracked(), Box::new(take)));
    });
    view! {
        <Button label="Download JSON" icon_name="download" on_click=save busy=sending.busy />
        {message("bad", move || sending.error.get())}
    }
    .into_any()
}

/// The text of a page as a part of one document: the first with the plan's own members, the others with objects only.
fn part(mut page: Value, first: bool) -> String {
    let Some(members) = page.as_object_mut() else { return String::new() };
    let objects = members.remove("value").unwrap_or_default().to_string();
    members.remove("@odata.nextLink");
    let objects = objects.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or_default();
    if first {
        let head = page.to_string();
        return [head.strip_suffix('}').unwrap_or_default(), ",\"value\":[", objects].concat();
    }
    [",", objects].concat()
}

#[cfg(test)]
mod tests {
    use super::part;
    use serde_json::{Value, json};

    #[test]
    fn pages_are_joined_to_one_document() {
        let page = |numbers: Value| json!({"id": "p", "value": numbers, "@odata.nextLink": "n"});
        let text =
            [part(page(json!([1, [2]])), true), part(page(json!([3])), false), "]}".to_owned()].concat();
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read, json!({"id": "p", "value": [1, [2], 3]}));
        let none = [part(page(json!([])), true), "]}".to_owned()].concat();
        assert_eq!(serde_json::from_str::<Value>(&none).unwrap(), json!({"id": "p", "value": []}));
    }
}
