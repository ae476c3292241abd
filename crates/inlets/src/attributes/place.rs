//! Where in a SCIM User a source attribute lives, and how to read and write there.

use serde_json::{Map, Value, json};

use super::{ENTERPRISE_EXTENSION, OWN_EXTENSION, SetError, USER};

/// The home of one attribute. `'n` is the lifetime of an extension's name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'n> {
    /// A simple attribute of the resource itself.
    Top(&'n str),
    /// A sub-attribute of `name`.
    Name(&'n str),
    /// An attribute of the enterprise extension.
    Enterprise(&'n str),
    /// `manager.value` of the enterprise extension.
    Manager,
    /// An attribute of the own extension that has a row in the table.
    Own(&'n str),
    /// A directory extension, in the own extension; its name is case-sensitive.
    Extension(&'n str),
    /// A sub-attribute of the element of a multi-valued attribute that has this `type`.
    Element {
        /// The multi-valued attribute.
        list: &'n str,
        /// The element's `type`.
        kind: &'n str,
        /// The sub-attribute.
        sub: &'n str,
    },
    /// Not in the resource.
    Nowhere,
}

impl Place<'_> {
    pub(super) fn path(&self) -> Option<String> {
        Some(match self {
            Self::Top(name) => (*name).to_owned(),
            Self::Name(name) => format!("name.{name}"),
            Self::Enterprise(name) => format!("{ENTERPRISE_EXTENSION}:{name}"),
            Self::Manager => format!("{ENTERPRISE_EXTENSION}:manager.value"),
            Self::Own(name) | Self::Extension(name) => format!("{OWN_EXTENSION}:{name}"),
            Self::Element { list, kind, sub } => format!("{list}[type eq \"{kind}\"].{sub}"),
            Self::Nowhere => return None,
        })
    }

    pub(super) fn get<'r>(&self, resource: &'r Value) -> Option<&'r Value> {
        let resource = resource.as_object()?;
        match self {
            Self::Top(name) => member(resource, name),
            Self::Name(name) => member(member(resource, "name")?.as_object()?, name),
            Self::Enterprise(name) => member(member(resource, ENTERPRISE_EXTENSION)?.as_object()?, name),
            Self::Manager => match member(member(resource, ENTERPRISE_EXTENSION)?.as_object()?, "manager")? {
                Value::Object(manager) => member(manager, "value"),
                other => Some(other),
            },
            Self::Own(name) => member(member(resource, OWN_EXTENSION)?.as_object()?, name),
            Self::Extension(name) => member(resource, OWN_EXTENSION)?.as_object()?.get(*name),
            Self::Element { list, kind, sub } => {
                let elements = member(resource, list)?.as_array()?;
                let element = elements.iter().find(|element| is_of_type(element, kind))?;
                member(element.as_object()?, sub)
            }
            Self::Nowhere => None,
        }
    }
}

/// Writes or, with `None`, removes the value at a place.
pub(super) fn set(resource: &mut Value, place: &Place<'_>, value: Option<Value>) -> Result<(), SetError> {
    let resource = resource.as_object_mut().ok_or(SetError::NotAResource)?;
    match place {
        Place::Top(name) => put(resource, name, value),
        Place::Name(name) => within(resource, "name", |names| put(names, name, value)),
        Place::Enterprise(name) => {
            within(resource, ENTERPRISE_EXTENSION, |extension| put(extension, name, value));
            declare(resource, ENTERPRISE_EXTENSION);
        }
        Place::Manager => {
            // A new manager takes the old one's name and address away with the old id.
            let manager = value.map(|id| json!({ "value": id }));
            within(resource, ENTERPRISE_EXTENSION, |extension| put(extension, "manager", manager));
            declare(resource, ENTERPRISE_EXTENSION);
        }
        Place::Own(name) => {
            within(resource, OWN_EXTENSION, |extension| put(extension, name, value));
            declare(resource, OWN_EXTENSION);
        }
        Place::Extension(name) => {
            within(resource, OWN_EXTENSION, |extension| match value {
                Some(value) => {
                    extension.insert((*name).to_owned(), value);
                }
                None => {
                    extension.shift_remove(*name);
                }
            });
            declare(resource, OWN_EXTENSION);
        }
        Place::Element { list, kind, sub } => set_in_element(resource, list, kind, sub, value),
        Place::Nowhere => {}
    }
    Ok(())
}

fn set_in_element(
    resource: &mut Map<String, Value>,
    list: &str,
    kind: &str,
    sub: &str,
    value: Option<Value>,
) {
    let key = key_of(resource, list);
    let mut elements = match resource.get_mut(&key).map(Value::take) {
        Some(Value::Array(elements)) => elements,
        _ => Vec::new(),
    };
    let found = elements.iter_mut().find(|element| is_of_type(element, kind));
    match (found.and_then(Value::as_object_mut), value) {
        (Some(element), value) => put(element, sub, value),
        (None, Some(value)) => {
            let first_email = list == "emails" && !elements.iter().any(is_primary);
            let mut element = Map::new();
            element.insert(sub.to_owned(), value);
            element.insert("type".to_owned(), Value::from(kind));
            if first_email {
                element.insert("primary".to_owned(), Value::Bool(true));
            }
            elements.push(Value::Object(element));
        }
        (None, None) => {}
    }
    elements.retain(|element| !is_of_type(element, kind) || says_something(element));
    if elements.is_empty() {
        resource.shift_remove(&key);
    } else {
        resource.insert(key, Value::Array(elements));
    }
}

/// An element that has more than its label.
fn says_something(element: &Value) -> bool {
    element.as_object().is_some_and(|element| {
        element.keys().any(|key| !["type", "primary"].iter().any(|label| label.eq_ignore_ascii_case(key)))
    })
}

fn is_primary(element: &Value) -> bool {
    element.as_object().and_then(|element| member(element, "primary")) == Some(&Value::Bool(true))
}

fn is_of_type(element: &Value, kind: &str) -> bool {
    let label = element.as_object().and_then(|element| member(element, "type")).and_then(Value::as_str);
    label.is_some_and(|label| label.eq_ignore_ascii_case(kind))
}

/// Attribute names are case-insensitive (RFC 7643 section 2.1); almost always they are written as
/// in the schema, so that is tried first.
fn member<'r>(object: &'r Map<String, Value>, name: &str) -> Option<&'r Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn key_of(object: &Map<String, Value>, name: &str) -> String {
    let same = object.keys().find(|key| key.eq_ignore_ascii_case(name));
    same.map_or(name, String::as_str).to_owned()
}

fn put(object: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    let key = key_of(object, name);
    match value {
        Some(value) => {
            object.insert(key, value);
        }
        None => {
            object.shift_remove(&key);
        }
    }
}

/// Changes the object that is the value of `name`; makes it first and drops it when left empty.
fn within(object: &mut Map<String, Value>, name: &str, change: impl FnOnce(&mut Map<String, Value>)) {
    let key = key_of(object, name);
    let mut inner = match object.get_mut(&key).map(Value::take) {
        Some(Value::Object(inner)) => inner,
        _ => Map::new(),
    };
    change(&mut inner);
    if inner.is_empty() {
        object.shift_remove(&key);
    } else {
        object.insert(key, Value::Object(inner));
    }
}

/// Brings `schemas` in line with the presence of an extension.
fn declare(resource: &mut Map<String, Value>, urn: &str) {
    let present = resource.keys().any(|key| key.eq_ignore_ascii_case(urn));
    let is_urn = |schema: &Value| schema.as_str().is_some_and(|schema| schema.eq_ignore_ascii_case(urn));
    let schemas = resource.entry("schemas").or_insert_with(|| json!([USER]));
    if !schemas.is_array() {
        *schemas = json!([USER]);
    }
    let Some(schemas) = schemas.as_array_mut() else { return };
    if !present {
        schemas.retain(|schema| !is_urn(schema));
    } else if !schemas.iter().any(is_urn) {
        schemas.push(Value::from(urn));
    }
}
