//! Just enough of PATCH (RFC 7644, section 3.5.2) for the requests that the engine sends.

use serde_json::{Map, Value as Json, json};

use crate::target::{ElementFilter, ElementValue, TargetPath};

/// Applies one operation.
///
/// # Errors
/// What is wrong with it, `noTarget` included: a value path whose filter matches nothing.
pub(super) fn apply(resource: &mut Json, operation: &Json) -> Result<(), String> {
    let path = operation.get("path").and_then(Json::as_str).ok_or("a path is expected")?;
    let path = TargetPath::parse(path).map_err(|error| error.to_string())?;
    let value = operation.get("value").cloned().unwrap_or_default();
    let root = resource.as_object_mut().ok_or("not an object")?;
    let holder = match path.extension() {
        Some(schema) => root
            .entry(schema)
            .or_insert_with(|| json!({}))
            .as_object_mut()
            .ok_or("the extension is not an object")?,
        None => root,
    };
    match operation.get("op").and_then(Json::as_str) {
        Some("add") => add(holder, &path, value),
        Some("replace") => replace(holder, &path, value),
        Some("remove") => {
            remove(holder, &path);
            Ok(())
        }
        _ => Err("an op is expected".to_owned()),
    }
}

fn add(holder: &mut Map<String, Json>, path: &TargetPath, value: Json) -> Result<(), String> {
    match (holder.get_mut(&path.attribute), value) {
        (Some(Json::Array(items)), Json::Array(new)) if path.element.is_none() => {
            for item in new {
                if !items.contains(&item) {
                    items.push(item);
                }
            }
            Ok(())
        }
        (_, value) => replace(holder, path, value),
    }
}

fn replace(holder: &mut Map<String, Json>, path: &TargetPath, value: Json) -> Result<(), String> {
    let place = holder.entry(path.attribute.as_str()).or_insert(Json::Null);
    let place = match &path.element {
        Some(filter) => place
            .as_array_mut()
            .and_then(|items| items.iter_mut().find(|item| matches(item, filter)))
            .ok_or("noTarget: no element fits the filter")?,
        None => place,
    };
    match (&path.sub, value) {
        (Some(sub), value) => {
            if place.is_null() {
                *place = json!({});
            }
            let members = place.as_object_mut().ok_or("not a complex attribute")?;
            members.insert(sub.clone(), value);
        }
        (None, value) => *place = value,
    }
    Ok(())
}

fn remove(holder: &mut Map<String, Json>, path: &TargetPath) {
    match (&path.element, &path.sub) {
        (None, None) => {
            holder.remove(&path.attribute);
        }
        (None, Some(sub)) => {
            if let Some(members) = holder.get_mut(&path.attribute).and_then(Json::as_object_mut) {
                members.remove(sub);
            }
        }
        (Some(filter), sub) => {
            let Some(items) = holder.get_mut(&path.attribute).and_then(Json::as_array_mut) else { return };
            match sub {
                None => items.retain(|item| !matches(item, filter)),
                Some(sub) => {
                    for item in items.iter_mut().filter(|item| matches(item, filter)) {
                        if let Some(members) = item.as_object_mut() {
                            members.remove(sub);
                        }
                    }
                }
            }
        }
    }
}

fn matches(item: &Json, filter: &ElementFilter) -> bool {
    let wanted = match &filter.value {
        ElementValue::Text(text) => json!(text),
        ElementValue::Boolean(value) => json!(value),
    };
    item.get(&filter.attribute) == Some(&wanted)
}
