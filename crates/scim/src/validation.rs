//! A resource as it is sent to POST and PUT, brought into canonical form (RFC 7644 sections 3.3 and 3.5.1).

use serde_json::{Map, Value};

use crate::error::ScimError;
use crate::resource::ResourceType;
use crate::schema::{Attribute, Mutability, Returned, SchemaSet};
use crate::value::{coerce, member};

/// How deep the JSON of a request may nest.
pub const MAX_JSON_DEPTH: usize = 32;

/// How many members one request may name.
pub const MAX_MEMBERS: usize = 200_000;

/// A resource to be stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Input {
    /// The attributes, in canonical names and types, as [`crate::Resource`] keeps them.
    pub attributes: Map<String, Value>,
    /// The ids of a group's members, each once.
    pub members: Vec<String>,
}

/// Brings a resource into canonical form.
///
/// Names are found in any case. What is null or empty is left out, so are read-only and unknown attributes, and
/// write-only ones once they are checked. Core attributes may stand under the core schema's URN, and extensions
/// need not be listed in `schemas`.
pub fn normalize(kind: ResourceType, body: &Value, schemas: &SchemaSet) -> Result<Input, ScimError> {
    let body = body.as_object().ok_or_else(|| ScimError::invalid_syntax("The body must be a JSON object"))?;
    check_schemas(kind, body)?;
    let mut input = Input::default();
    for (name, value) in body {
        if name.eq_ignore_ascii_case(kind.schema_urn()) {
            for (name, value) in value.as_object().into_iter().flatten() {
                set(kind, name, value, schemas, &mut input)?;
            }
        } else if let Some(extension) = schemas.extension(kind, name) {
            let mut attributes = Map::new();
            for (name, value) in extension_object(value, name)? {
                if let Some(attribute) = extension.attribute(name) {
                    put(attribute, value, &format!("{}:{}", extension.urn, attribute.name), &mut attributes)?;
                }
            }
            if !attributes.is_empty() {
                input.attributes.insert(extension.urn.to_string(), Value::Object(attributes));
            }
        } else {
            set(kind, name, value, schemas, &mut input)?;
        }
    }
    check_required(kind, &input.attributes, schemas)?;
    Ok(input)
}

/// `schemas` must be there and name the type (RFC 7643 section 3).
fn check_schemas(kind: ResourceType, body: &Map<String, Value>) -> Result<(), ScimError> {
    let wanted = kind.schema_urn();
    let names = |value: &Value| value.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(wanted));
    match member(body, "schemas") {
        Some(Value::Array(urns)) if urns.iter().any(names) => Ok(()),
        Some(Value::Array(_)) => Err(ScimError::invalid_value(format!("schemas must contain {wanted}"))),
        _ => Err(ScimError::invalid_syntax(format!("schemas must be an array that contains {wanted}"))),
    }
}

/// The attributes of an extension; null has none.
pub(crate) fn extension_object<'a>(
    value: &'a Value,
    urn: &str,
) -> Result<impl Iterator<Item = (&'a String, &'a Value)> + use<'a>, ScimError> {
    match value {
        Value::Object(object) => Ok(Some(object).into_iter().flatten()),
        Value::Null => Ok(None.into_iter().flatten()),
        _ => Err(ScimError::invalid_value(format!("{urn} must be an object"))),
    }
}

/// Puts one core or common attribute into the input.
fn set(
    kind: ResourceType,
    name: &str,
    value: &Value,
    schemas: &SchemaSet,
    input: &mut Input,
) -> Result<(), ScimError> {
    let Some(located) = schemas.locate(kind, Some(kind.schema_urn()), name) else { return Ok(()) };
    if kind == ResourceType::Group && located.attribute.name == "members" {
        input.members = member_ids(value)?;
        return Ok(());
    }
    put(located.attribute, value, &located.attribute.name, &mut input.attributes)
}

fn put(
    attribute: &Attribute,
    value: &Value,
    path: &str,
    attributes: &mut Map<String, Value>,
) -> Result<(), ScimError> {
    if attribute.mutability == Mutability::ReadOnly {
        return Ok(());
    }
    if let Some(value) = coerce(attribute, value, path)?
        && attribute.returned != Returned::Never
    {
        attributes.insert(attribute.name.to_string(), value);
    }
    Ok(())
}

/// Required attributes must have a value that is not empty (RFC 7643 section 2.2).
pub(crate) fn check_required(
    kind: ResourceType,
    attributes: &Map<String, Value>,
    schemas: &SchemaSet,
) -> Result<(), ScimError> {
    let is_missing = |attribute: &&Attribute| {
        attribute.required
            && attributes.get(attribute.name.as_ref()).is_none_or(|value| value.as_str() == Some(""))
    };
    match schemas.core(kind).attributes.iter().find(is_missing) {
        Some(attribute) => Err(ScimError::invalid_value(format!("{} is required", attribute.name))),
        None => Ok(()),
    }
}

/// The ids that a list of members names, each once: objects with `value` or only `$ref`, or bare ids.
pub fn member_ids(value: &Value) -> Result<Vec<String>, ScimError> {
    let values = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(values) => values.as_slice(),
        single => std::slice::from_ref(single),
    };
    if values.len() > MAX_MEMBERS {
        return Err(ScimError::invalid_value(format!("members has more than {MAX_MEMBERS} values")));
    }
    let mut seen = std::collections::HashSet::with_capacity(values.len());
    let mut ids = Vec::with_capacity(values.len());
    for value in values {
        let id = member_id(value).ok_or_else(|| {
            ScimError::invalid_value("Each of members must be an object with the id as value")
        })?;
        if seen.insert(id) {
            ids.push(id.to_owned());
        }
    }
    Ok(ids)
}

fn member_id(value: &Value) -> Option<&str> {
    let id = match value {
        Value::String(id) => Some(id.as_str()),
        Value::Object(object) => {
            let text = |name: &str| member(object, name).and_then(Value::as_str);
            text("value").or_else(|| text("$ref").and_then(|location| location.rsplit('/').next()))
        }
        _ => None,
    };
    id.filter(|id| !id.is_empty())
}

/// Refuses JSON that is nested deeper than [`MAX_JSON_DEPTH`].
pub(crate) fn check_depth(value: &Value) -> Result<(), ScimError> {
    fn is_within(value: &Value, left: usize) -> bool {
        match value {
            Value::Array(values) => left > 0 && values.iter().all(|value| is_within(value, left - 1)),
            Value::Object(object) => left > 0 && object.values().all(|value| is_within(value, left - 1)),
            _ => true,
        }
    }
    if is_within(value, MAX_JSON_DEPTH) {
        Ok(())
    } else {
        Err(ScimError::invalid_syntax(format!("The body is nested deeper than {MAX_JSON_DEPTH}")))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::ScimType;
    use crate::schema::{CustomAttribute, CustomExtension, CustomType};
    use crate::urn;

    fn schemas() -> SchemaSet {
        let custom = |name, kind| CustomAttribute::new(name, kind).unwrap();
        SchemaSet::new(Some(&CustomExtension {
            urn: urn::PEAKON_USER.into(),
            name: "Peakon".into(),
            attributes: vec![
                custom("Business Unit", CustomType::String),
                custom("Salary", CustomType::Number),
                custom("Start Date", CustomType::Date),
            ],
        }))
    }

    fn user(more: Value) -> Value {
        let mut body = json!({"schemas": [urn::USER], "userName": "ada"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }

    #[test]
    fn forms_that_are_accepted() {
        let check = |more: Value, expected: Value| {
            let input = normalize(ResourceType::User, &user(more.clone()), &schemas()).unwrap();
            let mut attributes = input.attributes;
            attributes.shift_remove("userName");
            assert_eq!(Value::Object(attributes), expected, "{more}");
        };
        check(json!({"ACTIVE": "True"}), json!({"active": true}));
        check(json!({"active": "False"}), json!({"active": false}));
        check(json!({"title": null, "addresses": null, "roles": [], "name": {}}), json!({}));
        check(json!({"meta": {"resourceType": "User"}, "id": "x", "groups": [{"value": "g"}]}), json!({}));
        check(json!({"password": "secret", "unknown": 1}), json!({}));
        check(json!({"Name": {"GivenName": "Ada", "unknown": 1}}), json!({"name": {"givenName": "Ada"}}));
        check(json!({"emails": {"value": "a@x"}}), json!({"emails": [{"value": "a@x"}]}));
        check(json!({"emails": ["a@x", "a@x"]}), json!({"emails": [{"value": "a@x"}]}));
        check(
            json!({urn::USER: {"displayName": "Ada"}, "nickName": "A"}),
            json!({"displayName": "Ada", "nickName": "A"}),
        );
        check(
            json!({urn::ENTERPRISE_USER: {"manager": [{"value": "m1", "$ref": "http://x/m1"}], "department": null}}),
            json!({urn::ENTERPRISE_USER: {"manager": {"value": "m1"}}}),
        );
        check(
            json!({urn::ENTERPRISE_USER.to_uppercase(): {"manager": "m1"}}),
            json!({urn::ENTERPRISE_USER: {"manager": {"value": "m1"}}}),
        );
        check(json!({urn::ENTERPRISE_USER: {"manager": {"value": ""}}}), json!({}));
        check(json!({urn::ENTERPRISE_USER: null}), json!({}));
        check(
            json!({urn::PEAKON_USER: {"business unit": "R&D", "Salary": "12.5", "Start Date": "2024-02-01", "x": 1}}),
            json!({urn::PEAKON_USER: {"Business Unit": "R&D", "Salary": 12.5, "Start Date": "2024-02-01"}}),
        );
        check(
            json!({"roles": [{"value": r#"{"id":"g","value":"Admin","displayName":"Administrator"}"#}]}),
            json!({"roles": [{"value": "Admin", "display": "Administrator"}]}),
        );
    }

    #[test]
    fn forms_that_are_refused() {
        let check = |body: Value, scim_type: ScimType, detail: &str| {
            let error = normalize(ResourceType::User, &body, &schemas()).unwrap_err();
            assert_eq!(
                (error.status, error.scim_type, error.detail.as_str()),
                (400, Some(scim_type), detail)
            );
        };
        check(json!([]), ScimType::InvalidSyntax, "The body must be a JSON object");
        check(
            json!({"not": "a scim resource"}),
            ScimType::InvalidSyntax,
            "schemas must be an array that contains urn:ietf:params:scim:schemas:core:2.0:User",
        );
        check(
            json!({"schemas": [urn::GROUP], "userName": "a"}),
            ScimType::InvalidValue,
            "schemas must contain urn:ietf:params:scim:schemas:core:2.0:User",
        );
        check(json!({"schemas": [urn::USER]}), ScimType::InvalidValue, "userName is required");
        check(user(json!({"userName": ""})), ScimType::InvalidValue, "userName is required");
        check(
            user(json!({"active": "yes"})),
            ScimType::InvalidValue,
            "active must be of type boolean, not a string",
        );
        check(
            user(json!({"title": 1})),
            ScimType::InvalidValue,
            "title must be of type string, not a number",
        );
        check(user(json!({"name": "Ada"})), ScimType::InvalidValue, "name must be an object, not a string");
        check(
            user(json!({"emails": [{"value": "a", "primary": true}, {"value": "b", "primary": "True"}]})),
            ScimType::InvalidValue,
            "emails has more than one primary value",
        );
        check(
            user(json!({urn::PEAKON_USER: {"Business Unit": "x".repeat(257)}})),
            ScimType::InvalidValue,
            "urn:ietf:params:scim:schemas:extension:peakon:2.0:User:Business Unit has more than 256 characters",
        );
        check(
            user(json!({urn::PEAKON_USER: {"Start Date": "1 May"}})),
            ScimType::InvalidValue,
            "urn:ietf:params:scim:schemas:extension:peakon:2.0:User:Start Date must be a date-time such as 2024-02-01T09:30:00Z",
        );
    }

    #[test]
    fn members_are_ids() {
        let check = |value: Value, expected: &[&str]| {
            assert_eq!(member_ids(&value).unwrap(), expected, "{value}");
        };
        check(json!([{"value": "a", "$ref": null}, {"value": "b"}, {"value": "a"}]), &["a", "b"]);
        check(json!([{"$ref": "https://x/v2/Users/a"}]), &["a"]);
        check(json!(["a"]), &["a"]);
        check(json!({"value": "a"}), &["a"]);
        check(Value::Null, &[]);
        assert!(member_ids(&json!([{"display": "Ada"}])).is_err());
    }

    #[test]
    fn depth_is_limited() {
        let nested = |depth: usize| (0..depth).fold(json!(1), |value, _| json!([value]));
        assert!(check_depth(&nested(MAX_JSON_DEPTH)).is_ok());
        assert!(check_depth(&nested(MAX_JSON_DEPTH + 1)).is_err());
    }
}
