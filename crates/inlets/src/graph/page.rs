//! A page of a delta query: what it says, and where to read on.

use serde_json::{Map, Value};

use super::Selection;
use crate::mirror::{Change, Kind, Reference, Upsert};

/// A page.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// What it says, in its order.
    pub changes: Vec<Change>,
    /// Where the next page is; opaque.
    pub next: Link,
}

/// Where to read on. Links are opaque and are followed as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// `@odata.nextLink`: the next page of this round.
    Next(String),
    /// `@odata.deltaLink`: where the next round begins.
    Delta(String),
}

/// Why an answer is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageError {
    /// Not JSON, or no object with `value`.
    NotAPage,
    /// Neither a next link nor a delta link.
    NoLink,
}

impl std::fmt::Display for PageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotAPage => "The answer is no page of a delta query.",
            Self::NoLink => "The page has neither a next link nor a delta link.",
        })
    }
}

impl std::error::Error for PageError {}

impl Page {
    /// Reads an answer. `full`: whether it belongs to a pass over everything.
    pub fn read(body: &str, kind: Kind, selection: &Selection, full: bool) -> Result<Self, PageError> {
        let body: Value = serde_json::from_str(body).map_err(|_| PageError::NotAPage)?;
        let entries = body.get("value").and_then(Value::as_array).ok_or(PageError::NotAPage)?;
        let link = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let next = match (link("@odata.nextLink"), link("@odata.deltaLink")) {
            (Some(next), _) => Link::Next(next),
            (None, Some(delta)) => Link::Delta(delta),
            (None, None) => return Err(PageError::NoLink),
        };
        let entries = entries.iter().filter_map(Value::as_object);
        let changes = entries.filter_map(|entry| change(entry, kind, selection, full)).collect();
        Ok(Self { changes, next })
    }
}

fn change(entry: &Map<String, Value>, kind: Kind, selection: &Selection, full: bool) -> Option<Change> {
    let source_id = id(entry)?;
    if let Some(removed) = entry.get("@removed") {
        // `changed` is in the recycle bin and can be restored, `deleted` is gone.
        let permanent = removed.get("reason").and_then(Value::as_str) == Some("deleted");
        return Some(Change::Remove { source_id, permanent });
    }
    let mut upsert = Upsert { source_id, ..Upsert::default() };
    match kind {
        Kind::User => {
            upsert.attributes = selection.attributes(entry, full);
            upsert.whole = full && Selection::has_properties(entry);
            upsert.manager = manager(entry);
        }
        Kind::Group => {
            let name = entry.get("displayName").and_then(Value::as_str).map(str::trim);
            if let Some(name) = name.filter(|name| !name.is_empty()) {
                upsert.attributes.push(("displayName".to_owned(), Some(name.to_owned())));
            }
            let members = entry.get("members@delta").and_then(Value::as_array).into_iter().flatten();
            upsert.members = members.filter_map(member).collect();
        }
    }
    Some(Change::Upsert(upsert))
}

fn id(entry: &Map<String, Value>) -> Option<String> {
    entry.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()).map(str::to_owned)
}

fn reference(value: &Value) -> Option<Reference> {
    let entry = value.as_object()?;
    Some(Reference { source_id: id(entry)?, removed: entry.contains_key("@removed") })
}

/// `manager@delta` as delta queries have it; `manager` as an expanded relation would.
fn manager(entry: &Map<String, Value>) -> Vec<Reference> {
    let listed = entry.get("manager@delta").and_then(Value::as_array).into_iter().flatten();
    let expanded = entry.get("manager").filter(|value| value.is_object());
    listed.chain(expanded).filter_map(reference).collect()
}

/// A member that is a person or a group: devices, contacts and applications are not mirrored.
fn member(value: &Value) -> Option<Reference> {
    match value.get("@odata.type").and_then(Value::as_str) {
        None | Some("#microsoft.graph.user" | "#microsoft.graph.group") => reference(value),
        Some(_) => None,
    }
}
