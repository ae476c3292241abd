//! Reading values out of a resource that the target returned, and comparing them with wanted ones.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::path::{ElementFilter, ElementValue, TargetPath};
use crate::date;
use crate::schema::AttributeType;

/// The value at a path. Names are compared without regard to case (RFC 7643, section 2.1); null
/// and the empty array are no value.
pub fn current_value<'a>(resource: &'a Json, path: &TargetPath) -> Option<&'a Json> {
    let attribute = attribute(resource, path)?;
    let holder = match &path.element {
        Some(filter) => element(attribute, filter)?,
        None => attribute,
    };
    let value = match (&path.sub, holder) {
        (Some(sub), Json::Object(members)) => member(members, sub)?,
        (Some(sub), Json::Array(items)) => member(items.first()?.as_object()?, sub)?,
        (Some(_), _) => return None,
        (None, value) => value,
    };
    let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    (!empty).then_some(value)
}

/// Whether an account that a search found has the value that was searched for; none if it does not show the
/// attribute. Of several elements any will do; texts may differ in case.
pub fn has_value(resource: &Json, path: &TargetPath, wanted: &Json, kind: AttributeType) -> Option<bool> {
    let found = attribute(resource, path)?;
    let elements = found.as_array().map_or(std::slice::from_ref(found), Vec::as_slice);
    let mut values = elements.iter().filter_map(|element| match (&path.sub, element) {
        (Some(sub), Json::Object(members)) => member(members, sub),
        (Some(_), _) => None,
        (None, value) => Some(value),
    });
    let mut told = None;
    values.any(|value| {
        if value.is_null() {
            return false;
        }
        let fits = equal_values(wanted, value, kind, false);
        told = Some(fits);
        fits
    });
    told
}

/// Whether the element that the path names is there.
pub(super) fn has_element(resource: &Json, path: &TargetPath) -> bool {
    match (&path.element, attribute(resource, path)) {
        (Some(filter), Some(attribute)) => element(attribute, filter).is_some(),
        (None, found) => found.is_some(),
        (Some(_), None) => false,
    }
}

fn attribute<'a>(resource: &'a Json, path: &TargetPath) -> Option<&'a Json> {
    let root = resource.as_object()?;
    let holder = match path.extension() {
        Some(schema) => member(root, schema)?.as_object()?,
        None => root,
    };
    member(holder, &path.attribute)
}

fn member<'a>(members: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    members.get(name).or_else(|| {
        members.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

fn element<'a>(attribute: &'a Json, filter: &ElementFilter) -> Option<&'a Json> {
    attribute.as_array()?.iter().find(|item| {
        let Some(value) = item.as_object().and_then(|members| member(members, &filter.attribute)) else {
            return false;
        };
        match &filter.value {
            ElementValue::Text(text) => value.as_str().is_some_and(|value| value.eq_ignore_ascii_case(text)),
            ElementValue::Boolean(wanted) => boolean(value) == Some(*wanted),
        }
    })
}

/// The id in a reference, whatever form the target gave it: `{"value": id}`, a bare text, or an
/// array of one.
pub(crate) fn reference_id(value: &Json) -> Option<&str> {
    match value {
        Json::String(id) => Some(id.as_str()),
        Json::Object(members) => member(members, "value")?.as_str(),
        Json::Array(items) => reference_id(items.first()?),
        _ => None,
    }
    .filter(|id| !id.is_empty())
}

fn boolean(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(value) => Some(*value),
        Json::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Json::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Whether the target's value is the wanted one. Arrays are sets; of complex values only the
/// wanted members count; texts differ in case only if the attribute says so.
pub fn equal_values(wanted: &Json, current: &Json, kind: AttributeType, case_exact: bool) -> bool {
    match (wanted, current) {
        (Json::Array(wanted), Json::Array(current)) => {
            let fits =
                |wanted: &Json| current.iter().any(|item| equal_values(wanted, item, kind, case_exact));
            wanted.len() == current.len() && wanted.iter().all(fits)
        }
        (Json::Object(wanted), Json::Object(current)) => wanted.iter().all(|(name, wanted)| {
            member(current, name).is_some_and(|current| equal_values(wanted, current, kind, case_exact))
        }),
        // A list of plain values, returned as complex ones.
        (wanted, Json::Object(current)) if !wanted.is_array() => {
            member(current, "value").is_some_and(|value| equal_values(wanted, value, kind, case_exact))
        }
        _ => equal_single(wanted, current, kind, case_exact),
    }
}

fn equal_single(wanted: &Json, current: &Json, kind: AttributeType, case_exact: bool) -> bool {
    if wanted == current {
        return true;
    }
    let text = |value: &Json| match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    };
    if let (Some(wanted), Some(current)) = (boolean(wanted), boolean(current)) {
        return wanted == current;
    }
    let (Some(wanted), Some(current)) = (text(wanted), text(current)) else { return false };
    match kind {
        AttributeType::DateTime => {
            matches!((date::parse(&wanted), date::parse(&current)), (Some(a), Some(b)) if a == b)
        }
        _ if case_exact => wanted == current,
        _ => wanted == current || wanted.to_lowercase() == current.to_lowercase(),
    }
}

/// Wanted values that the target does not have yet.
pub(super) fn missing_values(
    wanted: &[Json],
    current: Option<&Json>,
    kind: AttributeType,
    case_exact: bool,
) -> Vec<Json> {
    let empty = Vec::new();
    let current = current.and_then(Json::as_array).unwrap_or(&empty);
    let mut seen = BTreeSet::new();
    wanted
        .iter()
        .filter(|wanted| !current.iter().any(|item| equal_values(wanted, item, kind, case_exact)))
        .filter(|wanted| seen.insert(wanted.to_string()))
        .cloned()
        .collect()
}
