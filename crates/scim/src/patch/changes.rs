//! What differs between two states of a resource, for the audit: property, old value, new value.

use serde_json::{Map, Value, json};

use crate::urn;

/// A property that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct PropertyChange {
    /// The path of the property: `displayName`, `name.givenName`, `emails[type eq "work"].value`,
    /// `urn:…:User:department`.
    pub name: String,
    /// What it was.
    pub old: Option<Value>,
    /// What it is.
    pub new: Option<Value>,
}

/// The names of the attributes that changed, without sub-attributes, each once: `name`, `urn:…:User:department`.
pub fn changed_names(changes: &[PropertyChange]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for change in changes {
        let attribute =
            if urn::is_urn(&change.name) { change.name.rfind(':').map_or(0, |colon| colon + 1) } else { 0 };
        let (urn, rest) = change.name.split_at_checked(attribute).unwrap_or(("", &change.name));
        let name = format!("{urn}{}", rest.split(['.', '[']).next().unwrap_or(rest));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// All properties that differ between two documents. Values of a multi-valued attribute are compared by their
/// `type` where that tells them apart, else the attribute is compared as a whole.
pub fn changes(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<PropertyChange> {
    let mut changes = Vec::new();
    compare_objects("", Some(before), Some(after), &mut changes);
    changes
}

fn compare_objects(
    prefix: &str,
    before: Option<&Map<String, Value>>,
    after: Option<&Map<String, Value>>,
    changes: &mut Vec<PropertyChange>,
) {
    let is_new = |name: &&String| before.is_none_or(|before| !before.contains_key(*name));
    let added = after.into_iter().flat_map(Map::keys).filter(is_new);
    for name in before.into_iter().flat_map(Map::keys).chain(added) {
        let old = before.and_then(|before| before.get(name));
        let new = after.and_then(|after| after.get(name));
        if prefix.is_empty() && urn::is_urn(name) {
            compare_objects(&format!("{name}:"), object(old), object(new), changes);
        } else {
            compare(&format!("{prefix}{name}"), old, new, changes);
        }
    }
}

fn object(value: Option<&Value>) -> Option<&Map<String, Value>> {
    value.and_then(Value::as_object)
}

fn compare(name: &str, old: Option<&Value>, new: Option<&Value>, changes: &mut Vec<PropertyChange>) {
    if old == new {
        return;
    }
    if old.is_none_or(Value::is_object) && new.is_none_or(Value::is_object) {
        compare_objects(&format!("{name}."), object(old), object(new), changes);
    } else if let (Some(old), Some(new)) = (by_type(old), by_type(new)) {
        let added = new.iter().filter(|(kind, _)| find(&old, kind).is_none());
        for (kind, _) in old.iter().chain(added) {
            let name = format!("{name}[type eq {}]", Value::from(kind.as_str()));
            let (old, new, count) = (find(&old, kind), find(&new, kind), changes.len());
            compare(&name, old, new, changes);
            if old != new && changes.len() == count {
                // A value that has nothing but its type comes or goes.
                let whole = |value: Option<&Value>| value.map(|_| json!({"type": kind}));
                changes.push(PropertyChange { name, old: whole(old), new: whole(new) });
            }
        }
    } else {
        changes.push(PropertyChange { name: name.to_owned(), old: old.cloned(), new: new.cloned() });
    }
}

fn find<'a>(list: &'a [(String, Value)], kind: &str) -> Option<&'a Value> {
    list.iter().find(|(name, _)| name == kind).map(|(_, value)| value)
}

/// The values of a multi-valued attribute by their `type`, without it, if each has one of its own.
fn by_type(values: Option<&Value>) -> Option<Vec<(String, Value)>> {
    let mut list: Vec<(String, Value)> = Vec::new();
    let values = match values {
        None => &[],
        Some(values) => values.as_array()?.as_slice(),
    };
    for value in values {
        let mut object = value.as_object()?.clone();
        let Some(Value::String(kind)) = object.shift_remove("type") else { return None };
        if list.iter().any(|(name, _)| *name == kind) {
            return None;
        }
        list.push((kind, Value::Object(object)));
    }
    Some(list)
}
