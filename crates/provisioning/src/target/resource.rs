//! The resource of a creation.

use serde_json::{Map, Value as Json, json};

use super::path::{ElementFilter, ElementValue, TargetPath};
use crate::mapping::DesiredAttribute;

/// URN of the core schema of a resource type.
pub fn core_schema(resource_type: &str) -> String {
    format!("urn:ietf:params:scim:schemas:core:2.0:{resource_type}")
}

/// The body of `POST` (RFC 7644, section 3.3): values nested by their paths, elements of one
/// multi-valued attribute merged by their filter, and `schemas` with the URN of every schema that
/// is used.
pub fn build_resource(resource_type: &str, attributes: &[DesiredAttribute]) -> Json {
    let mut schemas = vec![core_schema(resource_type)];
    let mut members = Map::new();
    for attribute in attributes {
        let Some(value) = &attribute.value else { continue };
        let path = &attribute.mapping.path;
        let holder = match path.extension() {
            None => &mut members,
            Some(schema) => {
                if !schemas.iter().any(|known| known.eq_ignore_ascii_case(schema)) {
                    schemas.push(schema.to_owned());
                }
                let Some(holder) = object(members.entry(schema)) else { continue };
                holder
            }
        };
        put(holder, path, value.clone());
    }
    let mut resource = Map::new();
    resource.insert("schemas".to_owned(), json!(schemas));
    resource.extend(members);
    Json::Object(resource)
}

fn object<'a>(entry: serde_json::map::Entry<'a>) -> Option<&'a mut Map<String, Json>> {
    entry.or_insert_with(|| json!({})).as_object_mut()
}

fn put(holder: &mut Map<String, Json>, path: &TargetPath, value: Json) {
    let entry = holder.entry(path.attribute.as_str());
    match (&path.element, &path.sub) {
        (None, None) => {
            *entry.or_insert(Json::Null) = value;
        }
        (None, Some(sub)) => {
            if let Some(members) = object(entry) {
                members.insert(sub.clone(), value);
            }
        }
        (Some(filter), sub) => {
            let Some(items) = entry.or_insert_with(|| json!([])).as_array_mut() else { return };
            put_element(items, filter, sub.as_deref(), value);
        }
    }
}

fn put_element(items: &mut Vec<Json>, filter: &ElementFilter, sub: Option<&str>, value: Json) {
    let key = filter_value(filter);
    let position = items.iter().position(|item| item.get(&filter.attribute) == Some(&key));
    let item = match position.and_then(|position| items.get_mut(position)) {
        Some(item) => item,
        None => {
            items.push(new_element(filter));
            match items.last_mut() {
                Some(item) => item,
                None => return,
            }
        }
    };
    let Some(members) = item.as_object_mut() else { return };
    match (sub, value) {
        (Some(sub), value) => {
            members.insert(sub.to_owned(), value);
        }
        (None, Json::Object(value)) => members.extend(value),
        (None, value) => {
            members.insert("value".to_owned(), value);
        }
    }
}

/// The filter's value as JSON.
pub(super) fn filter_value(filter: &ElementFilter) -> Json {
    match &filter.value {
        ElementValue::Text(text) => Json::from(text.as_str()),
        ElementValue::Boolean(value) => Json::from(*value),
    }
}

/// An element that the filter names and that has nothing else yet.
pub(super) fn new_element(filter: &ElementFilter) -> Json {
    let mut members = Map::new();
    members.insert(filter.attribute.clone(), filter_value(filter));
    Json::Object(members)
}
