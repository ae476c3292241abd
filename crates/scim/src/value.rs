//! Values brought into the type of their attribute (RFC 7643 section 2.3), with the forms that clients send
//! instead: booleans as strings, single values where a list is due, and the reverse.

use serde_json::{Map, Number, Value};

use crate::error::ScimError;
use crate::filter::boolean;
use crate::schema::{Attribute, AttributeType, Mutability};
use crate::time;

/// How many characters a string may have where its attribute sets no narrower limit.
pub const MAX_STRING: usize = 64 * 1024;

/// How many values a multi-valued attribute may have.
pub const MAX_VALUES: usize = 1_000;

/// The member of an object with this name, in any case (RFC 7643 section 2.1).
pub(crate) fn member<'a>(object: &'a Map<String, Value>, wanted: &str) -> Option<&'a Value> {
    object.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
}

/// The body of a message whose `schemas` names its kind (RFC 7644 section 3.1).
pub(crate) fn message<'a>(body: &'a Value, urn: &str) -> Result<&'a Map<String, Value>, ScimError> {
    let body = body.as_object().ok_or_else(|| ScimError::invalid_syntax("The body must be a JSON object"))?;
    let is_it = |value: &Value| value.as_str().is_some_and(|name| name.eq_ignore_ascii_case(urn));
    if member(body, "schemas").and_then(Value::as_array).is_some_and(|urns| urns.iter().any(is_it)) {
        Ok(body)
    } else {
        Err(ScimError::invalid_syntax(format!("schemas must contain {urn}")))
    }
}

/// Brings a value into the type of its attribute. `None` is unassigned: null, an empty list, an object without
/// a value (RFC 7643 section 2.5).
pub fn coerce(attribute: &Attribute, value: &Value, path: &str) -> Result<Option<Value>, ScimError> {
    if value.is_null() {
        return Ok(None);
    }
    if !attribute.multi_valued {
        return match value {
            // Entra sends the manager as a list of one.
            Value::Array(values) if attribute.kind == AttributeType::Complex && values.len() <= 1 => {
                values.first().map_or(Ok(None), |value| coerce(attribute, value, path))
            }
            _ => coerce_one(attribute, value, path),
        };
    }
    let values = match value {
        Value::Array(values) => values.as_slice(),
        single => std::slice::from_ref(single),
    };
    let values = coerce_elements(attribute, values, path)?;
    Ok((!values.is_empty()).then_some(Value::Array(values)))
}

/// The values of a multi-valued attribute, without equal ones. At most one may be primary (RFC 7643 section 2.4).
pub(crate) fn coerce_elements(
    attribute: &Attribute,
    values: &[Value],
    path: &str,
) -> Result<Vec<Value>, ScimError> {
    if values.len() > MAX_VALUES {
        return Err(ScimError::invalid_value(format!("{path} has more than {MAX_VALUES} values")));
    }
    let mut elements: Vec<Value> = Vec::with_capacity(values.len());
    for value in values {
        if let Some(element) = coerce_one(attribute, value, path)?
            && !elements.contains(&element)
        {
            elements.push(element);
        }
    }
    if elements.iter().filter(|element| is_primary(element)).count() > 1 {
        return Err(ScimError::invalid_value(format!("{path} has more than one primary value")));
    }
    Ok(elements)
}

/// Whether a value of a multi-valued attribute is the primary one.
pub(crate) fn is_primary(element: &Value) -> bool {
    element.get("primary").and_then(Value::as_bool) == Some(true)
}

/// One value: of a single-valued attribute, or one element of a multi-valued one.
pub(crate) fn coerce_one(
    attribute: &Attribute,
    value: &Value,
    path: &str,
) -> Result<Option<Value>, ScimError> {
    if attribute.kind == AttributeType::Complex {
        let object = as_object(attribute, value, path)?;
        let object = coerce_object(attribute, &object, path)?;
        return Ok((!object.is_empty()).then_some(Value::Object(object)));
    }
    let wrong = || {
        ScimError::invalid_value(format!(
            "{path} must be of type {}, not {}",
            attribute.kind.as_str(),
            kind_of(value)
        ))
    };
    let coerced = match (attribute.kind, value) {
        (_, Value::Null) => return Ok(None),
        (AttributeType::Boolean, Value::Bool(_)) => value.clone(),
        (AttributeType::Boolean, Value::String(text)) => Value::Bool(boolean(text).ok_or_else(wrong)?),
        (AttributeType::Integer, Value::Number(number)) => Value::Number(whole(number).ok_or_else(wrong)?),
        (AttributeType::Decimal, Value::Number(_)) => value.clone(),
        (AttributeType::Integer | AttributeType::Decimal, Value::String(text)) => {
            let number: Number = text.trim().parse().map_err(|_| wrong())?;
            let number = if attribute.kind == AttributeType::Integer { whole(&number) } else { Some(number) };
            Value::Number(number.ok_or_else(wrong)?)
        }
        (AttributeType::DateTime, Value::String(text)) => {
            time::parse(text).ok_or_else(|| {
                ScimError::invalid_value(format!("{path} must be a date-time such as 2024-02-01T09:30:00Z"))
            })?;
            value.clone()
        }
        (AttributeType::Binary, Value::String(text)) => {
            let is_base64 =
                |c: char| c.is_ascii_alphanumeric() || "+/-_=".contains(c) || c.is_ascii_whitespace();
            if !text.chars().all(is_base64) {
                return Err(ScimError::invalid_value(format!("{path} must be Base64")));
            }
            value.clone()
        }
        (AttributeType::String | AttributeType::Reference, Value::String(_)) => value.clone(),
        _ => return Err(wrong()),
    };
    if let Value::String(text) = &coerced {
        let limit = attribute.max_length.unwrap_or(MAX_STRING);
        if text.len() > limit && text.chars().count() > limit {
            return Err(ScimError::invalid_value(format!("{path} has more than {limit} characters")));
        }
    }
    Ok(Some(coerced))
}

/// The sub-attributes of an object in canonical names. Unknown and read-only ones are left out. An address says
/// what the id says, so it is not kept: it stands for the id where that is missing.
pub(crate) fn coerce_object(
    attribute: &Attribute,
    object: &Map<String, Value>,
    path: &str,
) -> Result<Map<String, Value>, ScimError> {
    let mut result = Map::new();
    for (name, value) in object {
        let Some(sub) = sub_attribute(attribute, name) else { continue };
        if sub.mutability == Mutability::ReadOnly {
            continue;
        }
        let Some(value) = coerce_sub(sub, value, path)? else { continue };
        match id_of_address(sub, &value) {
            Some(id) => {
                result.entry("value").or_insert(id);
            }
            None => {
                result.insert(sub.name.to_string(), value);
            }
        }
    }
    Ok(result)
}

/// The id that an address ends with, if the sub-attribute is an address.
pub(crate) fn id_of_address(sub: &Attribute, value: &Value) -> Option<Value> {
    let address = value.as_str().filter(|_| sub.name == "$ref")?;
    Some(Value::from(address.rsplit('/').next().unwrap_or(address)))
}

/// A value for a sub-attribute. An empty `value` stands for none: Entra clears the manager so.
pub(crate) fn coerce_sub(sub: &Attribute, value: &Value, path: &str) -> Result<Option<Value>, ScimError> {
    if sub.name == "value" && value.as_str() == Some("") {
        return Ok(None);
    }
    coerce(sub, value, &format!("{path}.{}", sub.name))
}

/// The sub-attribute with this name. Entra's roles come with `displayName` for `display`.
pub(crate) fn sub_attribute<'a>(attribute: &'a Attribute, name: &str) -> Option<&'a Attribute> {
    attribute.sub_attribute(name).or_else(|| {
        let is_display = name.eq_ignore_ascii_case("displayName");
        if is_display { attribute.sub_attribute("display") } else { None }
    })
}

/// A complex value as an object: a bare value stands for `{"value": …}`.
pub(crate) fn as_object(
    attribute: &Attribute,
    value: &Value,
    path: &str,
) -> Result<Map<String, Value>, ScimError> {
    match value {
        Value::Object(object) => Ok(serialized_role(attribute, object).unwrap_or_else(|| object.clone())),
        Value::Null => Ok(Map::new()),
        Value::Array(_) => Err(ScimError::invalid_value(format!("{path} must be an object, not an array"))),
        _ if attribute.value_attribute().is_some() => {
            Ok(Map::from_iter([("value".to_owned(), value.clone())]))
        }
        _ => Err(ScimError::invalid_value(format!("{path} must be an object, not {}", kind_of(value)))),
    }
}

/// Entra's `AppRoleAssignmentsComplex` puts the role's JSON into a string: `{"value": "{\"id\":…,\"value\":…}"}`.
fn serialized_role(attribute: &Attribute, object: &Map<String, Value>) -> Option<Map<String, Value>> {
    if attribute.name != "roles" {
        return None;
    }
    let text = member(object, "value")?.as_str().filter(|text| text.starts_with('{'))?;
    let inner: Map<String, Value> = serde_json::from_str(text).ok()?;
    member(&inner, "value")?.as_str()?;
    let outer = object.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("value"));
    let role: Map<String, Value> =
        outer.chain(&inner).map(|(name, value)| (name.clone(), value.clone())).collect();
    // The text gets shorter each time, so this ends.
    Some(serialized_role(attribute, &role).unwrap_or(role))
}

fn whole(number: &Number) -> Option<Number> {
    if number.is_i64() || number.is_u64() {
        return Some(number.clone());
    }
    let float = number.as_f64()?;
    let is_whole = float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0;
    is_whole.then(|| Number::from(float as i64))
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
