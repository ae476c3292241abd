//! Steps applied to a document.

use serde_json::{Map, Value};

use super::MemberEdit;
use super::parse::{Op, Operation};
use super::resolve::{Change, Step, resolve};
use crate::error::{ScimError, ScimType};
use crate::filter::{Check, Condition, Operand, Operator, matches};
use crate::resource::ResourceType;
use crate::schema::{Attribute, AttributeType, Mutability, SchemaSet};
use crate::validation::{check_required, member_ids};
use crate::value::{
    as_object, coerce, coerce_elements, coerce_object, coerce_sub, id_of_address, is_primary, sub_attribute,
};

/// What a request makes of a resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patched {
    /// The attributes afterwards.
    pub attributes: Map<String, Value>,
    /// What is done to the members of a group, in order.
    pub members: Vec<MemberEdit>,
}

/// Applies all operations of a request to the attributes of a resource, or none.
pub fn apply(
    kind: ResourceType,
    attributes: &Map<String, Value>,
    operations: &[Operation],
    schemas: &SchemaSet,
) -> Result<Patched, ScimError> {
    let mut patched = Patched { attributes: attributes.clone(), members: Vec::new() };
    for operation in operations {
        for step in resolve(operation, kind, schemas)? {
            match step {
                Step::RemoveExtension(schema) => {
                    patched.attributes.shift_remove(schema.urn.as_ref());
                }
                Step::Attribute(change)
                    if kind == ResourceType::Group && change.attribute.name == "members" =>
                {
                    patched.members.extend(edit_members(&change)?);
                }
                Step::Attribute(change) => apply_change(&mut patched.attributes, &change)?,
            }
        }
    }
    check_required(kind, &patched.attributes, schemas)?;
    Ok(patched)
}

fn apply_change(attributes: &mut Map<String, Value>, change: &Change<'_>) -> Result<(), ScimError> {
    let Some(urn) = change.extension else {
        return change_attribute(attributes, change);
    };
    let mut extension = match attributes.get(urn) {
        Some(Value::Object(extension)) => extension.clone(),
        _ => Map::new(),
    };
    change_attribute(&mut extension, change)?;
    if extension.is_empty() {
        attributes.shift_remove(urn);
    } else {
        attributes.insert(urn.to_owned(), Value::Object(extension));
    }
    Ok(())
}

/// Changes one attribute in the object that holds it.
fn change_attribute(container: &mut Map<String, Value>, change: &Change<'_>) -> Result<(), ScimError> {
    let attribute = change.attribute;
    let old = container.get(attribute.name.as_ref());
    let new = if attribute.multi_valued {
        let old = old.and_then(Value::as_array).cloned().unwrap_or_default();
        let new = change_values(old, change)?;
        (!new.is_empty()).then_some(Value::Array(new))
    } else if attribute.kind == AttributeType::Complex {
        let old = old.and_then(Value::as_object).cloned().unwrap_or_default();
        let new = change_complex(old, change)?;
        (!new.is_empty()).then_some(Value::Object(new))
    } else {
        match (change.op, change.value.as_deref()) {
            (Op::Remove, _) | (_, None) => None,
            (_, Some(value)) => coerce(attribute, value, &change.name())?,
        }
    };
    match new {
        Some(new) => {
            container.insert(attribute.name.to_string(), new);
        }
        None if attribute.required => {
            return Err(ScimError::mutability(format!(
                "{} is required and cannot be removed",
                change.name()
            )));
        }
        None => {
            container.shift_remove(attribute.name.as_ref());
        }
    }
    Ok(())
}

/// A complex attribute with one value: sub-attributes that the value does not name stay as they are.
fn change_complex(
    mut object: Map<String, Value>,
    change: &Change<'_>,
) -> Result<Map<String, Value>, ScimError> {
    let attribute = change.attribute;
    let is_selected =
        change.selection.as_ref().is_none_or(|selection| matches(&selection.condition, &object));
    let value = change.value.as_deref();
    if change.op == Op::Remove {
        match change.sub {
            _ if !is_selected => {}
            Some(sub) => {
                object.shift_remove(sub.name.as_ref());
            }
            None if value.is_none_or(|value| is_listed(&Value::Object(object.clone()), value)) => {
                object.clear()
            }
            None => {}
        }
        return Ok(object);
    }
    if !is_selected {
        object = created(change)?;
    }
    let value = value.unwrap_or(&Value::Null);
    match change.sub {
        Some(sub) => set_sub(&mut object, sub, value, &change.name())?,
        None => merge(&mut object, attribute, value, &change.name())?,
    }
    Ok(object)
}

/// Writes the sub-attributes of `value` into an object; null clears.
fn merge(
    object: &mut Map<String, Value>,
    attribute: &Attribute,
    value: &Value,
    path: &str,
) -> Result<(), ScimError> {
    let value = match value {
        Value::Array(values) if values.len() <= 1 => values.first().unwrap_or(&Value::Null),
        value => value,
    };
    let given = as_object(attribute, value, path)?;
    if value.is_null() {
        object.clear();
    }
    let names_id = given.iter().any(|(name, value)| name.eq_ignore_ascii_case("value") && !value.is_null());
    for (name, value) in &given {
        if let Some(sub) = sub_attribute(attribute, name)
            && sub.mutability != Mutability::ReadOnly
            && !(sub.name == "$ref" && names_id)
        {
            set_sub(object, sub, value, path)?;
        }
    }
    Ok(())
}

fn set_sub(
    object: &mut Map<String, Value>,
    sub: &Attribute,
    value: &Value,
    path: &str,
) -> Result<(), ScimError> {
    match coerce_sub(sub, value, path)? {
        Some(value) => {
            let id = id_of_address(sub, &value);
            let name = if id.is_some() { "value" } else { sub.name.as_ref() };
            object.insert(name.to_owned(), id.unwrap_or(value));
        }
        None if sub.name == "$ref" => {}
        None => {
            object.shift_remove(sub.name.as_ref());
        }
    }
    Ok(())
}

/// The values of a multi-valued attribute.
fn change_values(mut values: Vec<Value>, change: &Change<'_>) -> Result<Vec<Value>, ScimError> {
    let name = change.name();
    let value = change.value.as_deref();
    let mut touched = Vec::new();
    match (&change.selection, change.sub, change.op) {
        (None, None, Op::Remove) => match value {
            None | Some(Value::Null) => values.clear(),
            Some(listed) => values.retain(|element| !is_listed(element, listed)),
        },
        (None, None, Op::Replace) => {
            let replacement = coerce(change.attribute, value.unwrap_or(&Value::Null), &name)?;
            values = match replacement {
                Some(Value::Array(values)) => values,
                _ => Vec::new(),
            };
        }
        (None, None, Op::Add) => {
            let given = match value.unwrap_or(&Value::Null) {
                Value::Array(given) => given.as_slice(),
                single => std::slice::from_ref(single),
            };
            for element in coerce_elements(change.attribute, given, &name)? {
                touched.push(add_element(&mut values, element));
            }
        }
        _ => touched = change_selected(&mut values, change)?,
    }
    settle_primary(&mut values, &touched);
    values.retain(|element| element.as_object().is_none_or(|object| !object.is_empty()));
    Ok(values)
}

/// Changes the selected values, or all if only a sub-attribute is named. Answers which.
fn change_selected(values: &mut Vec<Value>, change: &Change<'_>) -> Result<Vec<usize>, ScimError> {
    let name = change.name();
    let is_selected = |element: &Value| match (&change.selection, element) {
        (Some(selection), Value::Object(object)) => matches(&selection.condition, object),
        (Some(_), _) => false,
        (None, _) => true,
    };
    let mut selected: Vec<usize> = values
        .iter()
        .enumerate()
        .filter(|(_, element)| is_selected(element))
        .map(|(index, _)| index)
        .collect();
    if change.op == Op::Remove {
        for index in selected {
            match (values.get_mut(index), change.sub) {
                (Some(Value::Object(object)), Some(sub)) => {
                    object.shift_remove(sub.name.as_ref());
                    clear_if_hollow(object);
                }
                (Some(element), _) => *element = Value::Object(Map::new()),
                (None, _) => {}
            }
        }
        return Ok(Vec::new());
    }
    if selected.is_empty() {
        selected.push(values.len());
        values.push(Value::Object(created(change)?));
    }
    let value = change.value.as_deref().unwrap_or(&Value::Null);
    for index in &selected {
        let Some(Value::Object(object)) = values.get_mut(*index) else { continue };
        match (change.sub, change.op) {
            (Some(sub), _) => {
                set_sub(object, sub, value, &name)?;
                if !object.contains_key(sub.name.as_ref()) {
                    clear_if_hollow(object);
                }
            }
            (None, Op::Replace) => {
                *object = replaced(change, value, &name)?;
                clear_if_hollow(object);
            }
            (None, _) => {
                merge(object, change.attribute, value, &name)?;
                clear_if_hollow(object);
            }
        }
    }
    Ok(selected)
}

/// A value that has nothing left but its type and whether it is the primary one says nothing: it goes.
fn clear_if_hollow(object: &mut Map<String, Value>) {
    if object.keys().all(|name| name == "type" || name == "primary") {
        object.clear();
    }
}

/// The value that stands where a selected one was replaced as a whole. What the filter says of it stays true,
/// unless the new value says otherwise.
fn replaced(change: &Change<'_>, value: &Value, name: &str) -> Result<Map<String, Value>, ScimError> {
    let given = as_object(change.attribute, value, name)?;
    let mut object = coerce_object(change.attribute, &given, name)?;
    if object.is_empty() {
        return Ok(object);
    }
    let template = change.selection.as_ref().and_then(|selection| selection.template.as_ref());
    for (name, value) in template.into_iter().flatten() {
        if !object.contains_key(name) {
            object.insert(name.clone(), value.clone());
        }
    }
    Ok(object)
}

/// The value to start from where a filter selects none: what its `eq` terms describe, else `noTarget`
/// (RFC 7644 section 3.5.2.3).
fn created(change: &Change<'_>) -> Result<Map<String, Value>, ScimError> {
    match change.selection.as_ref().map(|selection| &selection.template) {
        None => Ok(Map::new()),
        Some(Some(template)) => Ok(template.clone()),
        Some(None) => Err(ScimError::bad_request(
            ScimType::NoTarget,
            format!("The filter in the path selects no value of {}", change.attribute.name),
        )),
    }
}

/// Adds a value unless it is there. One with the same `value` and no other `type` is completed instead.
fn add_element(values: &mut Vec<Value>, element: Value) -> usize {
    let is_same = |old: &Value| {
        let (value, kind) = (element.get("value"), element.get("type"));
        *old == element
            || (value.is_some()
                && old.get("value") == value
                && (kind.is_none() || old.get("type").is_none() || old.get("type") == kind))
    };
    match values.iter().position(is_same) {
        Some(index) => {
            if let (Some(Value::Object(old)), Value::Object(new)) = (values.get_mut(index), element) {
                old.extend(new);
            }
            index
        }
        None => {
            values.push(element);
            values.len() - 1
        }
    }
}

/// A value that was just made primary is the only one (RFC 7644 section 3.5.2).
fn settle_primary(values: &mut [Value], touched: &[usize]) {
    let chosen = touched.iter().rev().copied().find(|index| values.get(*index).is_some_and(is_primary));
    let Some(chosen) = chosen else { return };
    for (index, element) in values.iter_mut().enumerate() {
        if index != chosen
            && is_primary(element)
            && let Some(object) = element.as_object_mut()
        {
            object.insert("primary".to_owned(), Value::Bool(false));
        }
    }
}

/// Whether a value is among those that a `remove` lists: by its `value`, else by all that is given.
fn is_listed(element: &Value, listed: &Value) -> bool {
    let is_it = |wanted: &Value| match (wanted, element) {
        (Value::Object(wanted), Value::Object(element)) => match wanted.get("value") {
            Some(value) if !value.is_null() => element.get("value") == Some(value),
            _ => {
                !wanted.is_empty()
                    && wanted.iter().all(|(name, value)| value.is_null() || element.get(name) == Some(value))
            }
        },
        (Value::String(_), Value::Object(element)) => element.get("value") == Some(wanted),
        _ => wanted == element,
    };
    match listed {
        Value::Array(listed) => listed.iter().any(is_it),
        single => is_it(single),
    }
}

/// An operation on `members`. Single members can be added and removed, but not changed.
fn edit_members(change: &Change<'_>) -> Result<Vec<MemberEdit>, ScimError> {
    let ids = || change.value.as_deref().map_or(Ok(Vec::new()), member_ids);
    match (&change.selection, change.sub, change.op) {
        (None, None, Op::Add) => Ok(vec![MemberEdit::Add(ids()?)]),
        (None, None, Op::Replace) => Ok(vec![MemberEdit::Replace(ids()?)]),
        (None, None, Op::Remove) => Ok(vec![match change.value.as_deref() {
            None | Some(Value::Null) => MemberEdit::Replace(Vec::new()),
            Some(_) => MemberEdit::Remove(ids()?),
        }]),
        (Some(selection), None, Op::Remove) => Ok(vec![match named_ids(&selection.condition) {
            Some(ids) => MemberEdit::Remove(ids),
            None => MemberEdit::RemoveWhere(selection.condition.clone()),
        }]),
        _ => Err(ScimError::mutability("A member cannot be changed; remove it and add the new one")),
    }
}

/// The ids of a filter such as `value eq "a" or value eq "b"`.
fn named_ids(condition: &Condition) -> Option<Vec<String>> {
    match condition {
        Condition::Or(parts) => {
            let parts = parts.iter().map(named_ids).collect::<Option<Vec<_>>>()?;
            Some(parts.concat())
        }
        Condition::Test {
            target,
            check: Check::Compare { operator: Operator::Eq, operand: Operand::Text { text, .. } },
        } if target.attribute == "value" => Some(vec![text.clone()]),
        _ => None,
    }
}
