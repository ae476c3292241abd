//! Reading SCIM resources. They are kept as JSON: a page shows what is there, known or not.

use serde_json::{Map, Value};

pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The text at a path of attribute names, or nothing. Numbers and booleans are written out.
pub(crate) fn text(resource: &Value, path: &[&str]) -> String {
    let mut value = resource;
    for name in path {
        match value.get(name) {
            Some(inner) => value = inner,
            None => return String::new(),
        }
    }
    plain(value)
}

/// A value as text.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

pub(crate) fn id(resource: &Value) -> String {
    text(resource, &["id"])
}

/// The display name, or the next best.
pub(crate) fn name(resource: &Value) -> String {
    let candidates = [
        text(resource, &["displayName"]),
        format!("{} {}", text(resource, &["name", "givenName"]), text(resource, &["name", "familyName"])),
        text(resource, &["userName"]),
        id(resource),
    ];
    candidates.into_iter().find(|candidate| !candidate.trim().is_empty()).unwrap_or_default()
}

/// Whether a user is active; one without the attribute is.
pub(crate) fn is_active(resource: &Value) -> bool {
    resource.get("active").and_then(Value::as_bool).unwrap_or(true)
}

/// `Resources` of a list response.
pub(crate) fn resources(list: &Value) -> Vec<Value> {
    list.get("Resources").and_then(Value::as_array).cloned().unwrap_or_default()
}

/// `totalResults` of a list response.
pub(crate) fn total(list: &Value) -> u64 {
    list.get("totalResults").and_then(Value::as_u64).unwrap_or_default()
}

/// The members of a multi-valued attribute.
pub(crate) fn values(resource: &Value, name: &str) -> Vec<Value> {
    resource.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// The element of a multi-valued attribute that has a type, e.g. the work address.
pub(crate) fn typed<'a>(resource: &'a Value, attribute: &str, kind: &str) -> Option<&'a Value> {
    let elements = resource.get(attribute)?.as_array()?;
    elements.iter().find(|element| element.get("type").and_then(Value::as_str) == Some(kind))
}

/// A PATCH request of operations.
pub(crate) fn patch(operations: Vec<Value>) -> Value {
    object([("schemas", vec![Value::from(PATCH)].into()), ("Operations", operations.into())])
}

/// An object of names and values. (`json!` writes every value anew; these are moved.)
pub(crate) fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let mut object = Map::new();
    for (name, value) in entries {
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}

/// A PATCH operation that gives a value.
pub(crate) fn operation(op: &str, path: &str, value: Value) -> Value {
    object([("op", op.into()), ("path", path.into()), ("value", value)])
}

/// A PATCH operation that removes.
pub(crate) fn removal(path: &str) -> Value {
    object([("op", "remove".into()), ("path", path.into())])
}

/// Attributes as lines `path: value`, for people; schemas and meta are left out.
pub(crate) fn flatten(resource: &Value) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    if let Some(object) = resource.as_object() {
        for (name, value) in object {
            if !matches!(name.as_str(), "schemas" | "meta" | "groups" | "members") {
                flatten_into(name.clone(), value, &mut lines);
            }
        }
    }
    lines
}

fn flatten_into(path: String, value: &Value, lines: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            let separator = if path.starts_with("urn:") && !path.contains("User:") { ':' } else { '.' };
            for (name, value) in object {
                flatten_into(format!("{path}{separator}{name}"), value, lines);
            }
        }
        Value::Array(elements) => {
            for (at, element) in elements.iter().enumerate() {
                let kind = element.get("type").and_then(Value::as_str);
                let key = kind.map_or_else(|| at.to_string(), |kind| format!("type eq \"{kind}\""));
                flatten_into(format!("{path}[{key}]"), element, lines);
            }
        }
        other => lines.push((path, plain(other))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_fall_back() {
        assert_eq!(name(&json!({"displayName": "Ada"})), "Ada");
        assert_eq!(name(&json!({"name": {"givenName": "Ada", "familyName": "L"}})), "Ada L");
        assert_eq!(name(&json!({"userName": "ada@x", "id": "1"})), "ada@x");
    }

    #[test]
    fn attributes_are_flattened_with_their_paths() {
        let lines = flatten(&json!({
            "schemas": [], "id": "1",
            "emails": [{"type": "work", "value": "a@x"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "IT", "manager": {"value": "2"}}
        }));
        let paths: Vec<&str> = lines.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "id",
                "emails[type eq \"work\"].type",
                "emails[type eq \"work\"].value",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"
            ]
        );
    }
}
