//! Just enough of PATCH (RFC 7644, section 3.5.2) for the requests that the engine sends: for targets that take a
//! whole resource by PUT, and for the simulated one.

use serde_json::{Map, Value as Json, json};

use super::path::{ElementFilter, ElementValue, TargetPath};

/// The body of `PUT`: a resource, as the target returned it, after the operations of a PATCH. `schemas` names every
/// extension that is used, and `meta` is the target's own.
///
/// # Errors
/// Which operation cannot be applied, and why.
pub fn applied(resource: &Json, patch: &Json) -> Result<Json, String> {
    let mut resource = resource.clone();
    for operation in patch.get("Operations").and_then(Json::as_array).into_iter().flatten() {
        apply(&mut resource, operation)?;
    }
    let members = resource.as_object_mut().ok_or("not an object")?;
    members.remove("meta");
    let used: Vec<String> =
        members.keys().filter(|name| name.to_ascii_lowercase().starts_with("urn:")).cloned().collect();
    if let Some(schemas) = members.entry("schemas").or_insert_with(|| json!([])).as_array_mut() {
        for urn in used {
            let is_same = |known: &Json| known.as_str().is_some_and(|known| known.eq_ignore_ascii_case(&urn));
            if !schemas.iter().any(is_same) {
                schemas.push(Json::from(urn));
            }
        }
    }
    Ok(resource)
}

/// Applies one operation.
///
/// # Errors
/// What is wrong with it, `noTarget` included: a value path whose filter matches nothing.
pub fn apply(resource: &mut Json, operation: &Json) -> Result<(), String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_becomes_the_whole_resource() {
        let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let resource = json!({
            "schemas": ["core"], "id": "1", "meta": {"version": "2"}, "active": true, "title": "x",
            "name": {"givenName": "A", "familyName": "L"}, "emails": [{"type": "work", "value": "a@x"}],
            "members": [{"value": "1"}, {"value": "2"}],
        });
        let patch = json!({"Operations": [
            {"op": "replace", "path": "active", "value": false},
            {"op": "replace", "path": "name.givenName", "value": "Ada"},
            {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "ada@x"},
            {"op": "replace", "path": format!("{urn}:department"), "value": "IT"},
            {"op": "remove", "path": "title"},
            {"op": "remove", "path": "members[value eq \"1\"]"},
            {"op": "add", "path": "members", "value": [{"value": "3"}]},
        ]});
        let expected = json!({
            "schemas": ["core", urn], "id": "1", "active": false,
            "name": {"givenName": "Ada", "familyName": "L"}, "emails": [{"type": "work", "value": "ada@x"}],
            "members": [{"value": "2"}, {"value": "3"}], (urn): {"department": "IT"},
        });
        assert_eq!(applied(&resource, &patch), Ok(expected));
        let missing =
            json!({"Operations": [{"op": "replace", "path": "emails[type eq \"home\"].value", "value": 1}]});
        assert!(applied(&resource, &missing).unwrap_err().contains("noTarget"));
    }
}
