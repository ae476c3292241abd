//! Which attributes an answer has (RFC 7644 section 3.9, RFC 7643 section 7 `returned`).

use serde_json::{Map, Value};

use crate::filter::{AttributePath, resolve_target};
use crate::resource::ResourceType;
use crate::schema::{Attribute, Returned, SchemaSet};

/// What a request wants of each resource: `attributes` or `excludedAttributes`. If both are given, `attributes`
/// counts. Names that no type knows are ignored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    attributes: Option<Vec<AttributePath>>,
    excluded: Vec<AttributePath>,
}

impl Projection {
    /// Reads both lists; names are separated by commas.
    pub fn new(attributes: Option<&str>, excluded: Option<&str>) -> Self {
        let list = |text: &str| -> Vec<AttributePath> {
            text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(AttributePath::split).collect()
        };
        Projection {
            attributes: attributes.map(list).filter(|names| !names.is_empty()),
            excluded: excluded.map(list).unwrap_or_default(),
        }
    }

    /// Whether `attributes` was given.
    pub fn is_selective(&self) -> bool {
        self.attributes.is_some()
    }

    /// Whether an attribute of the core schema will be in the answer, so that what is not wanted is not read.
    pub fn wants(&self, kind: ResourceType, name: &str, schemas: &SchemaSet) -> bool {
        schemas.locate(kind, None, name).is_some_and(|located| {
            self.fate(kind, located.extension, located.attribute, schemas) != Fate::Drop
        })
    }

    /// Whether an attribute was asked for by its name.
    pub fn names(&self, kind: ResourceType, name: &str, schemas: &SchemaSet) -> bool {
        self.attributes.iter().flatten().any(|path| {
            resolve_target(path, kind, schemas)
                .is_some_and(|(target, _)| target.extension.is_none() && target.attribute == name)
        })
    }

    /// Leaves of a resource's JSON, which is in canonical names, what the answer has.
    pub fn apply(
        &self,
        kind: ResourceType,
        json: Map<String, Value>,
        schemas: &SchemaSet,
    ) -> Map<String, Value> {
        let mut result = Map::with_capacity(json.len());
        for (name, value) in json {
            let extension = schemas.extensions(kind).iter().find(|schema| schema.urn == name);
            let kept = match (extension, value) {
                (Some(schema), Value::Object(attributes)) => {
                    let mut kept = Map::with_capacity(attributes.len());
                    for (name, value) in attributes {
                        let attribute = schema.attributes.iter().find(|attribute| attribute.name == name);
                        let value = attribute.and_then(|attribute| {
                            self.keep(kind, Some(&schema.urn), attribute, value, schemas)
                        });
                        if let Some(value) = value {
                            kept.insert(name, value);
                        }
                    }
                    (!kept.is_empty()).then_some(Value::Object(kept))
                }
                (Some(_), _) => None,
                (None, value) => {
                    let own = schemas.core(kind).attributes.iter().chain(schemas.common());
                    let attribute = own.into_iter().find(|attribute| attribute.name == name);
                    attribute.and_then(|attribute| self.keep(kind, None, attribute, value, schemas))
                }
            };
            if let Some(kept) = kept {
                result.insert(name, kept);
            }
        }
        result
    }

    /// What is left of one attribute.
    fn keep(
        &self,
        kind: ResourceType,
        extension: Option<&str>,
        attribute: &Attribute,
        value: Value,
        schemas: &SchemaSet,
    ) -> Option<Value> {
        match self.fate(kind, extension, attribute, schemas) {
            Fate::Drop => None,
            Fate::Whole => whole(attribute, value),
            Fate::Only(subs) => {
                let always = |sub: &Attribute| sub.returned == Returned::Always;
                keep_subs(value, |name| {
                    subs.iter().any(|sub| sub == name) || attribute.sub_attribute(name).is_some_and(always)
                })
            }
            Fate::Without(subs) => whole(attribute, value)
                .and_then(|value| keep_subs(value, |name| !subs.iter().any(|sub| sub == name))),
        }
    }

    fn fate(
        &self,
        kind: ResourceType,
        extension: Option<&str>,
        attribute: &Attribute,
        schemas: &SchemaSet,
    ) -> Fate {
        match attribute.returned {
            Returned::Always => return Fate::Whole,
            Returned::Never => return Fate::Drop,
            Returned::Default | Returned::Request => {}
        }
        let subs = |paths: &[AttributePath]| named_subs(paths, kind, extension, attribute, schemas);
        if let Some(wanted) = &self.attributes {
            return match subs(wanted) {
                None => Fate::Drop,
                Some(subs) if subs.is_empty() => Fate::Whole,
                Some(subs) => Fate::Only(subs),
            };
        }
        match subs(&self.excluded) {
            Some(subs) if subs.is_empty() => Fate::Drop,
            _ if attribute.returned == Returned::Request => Fate::Drop,
            Some(subs) => Fate::Without(subs),
            None => Fate::Whole,
        }
    }
}

/// What becomes of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    Drop,
    Whole,
    Only(Vec<String>),
    Without(Vec<String>),
}

/// The sub-attributes of an attribute that the paths name: none if the whole attribute is named, `None` if it
/// is not named at all. The URN of an extension names all of its attributes.
fn named_subs(
    paths: &[AttributePath],
    kind: ResourceType,
    extension: Option<&str>,
    attribute: &Attribute,
    schemas: &SchemaSet,
) -> Option<Vec<String>> {
    let mut subs = None;
    for path in paths {
        if let (Some(urn), Some(extension)) = (path.as_schema_urn(), extension)
            && path.sub.is_none()
            && urn.eq_ignore_ascii_case(extension)
        {
            return Some(Vec::new());
        }
        let Some((target, _)) = resolve_target(path, kind, schemas) else { continue };
        if target.extension.as_deref() != extension || target.attribute != attribute.name {
            continue;
        }
        match target.sub {
            None => return Some(Vec::new()),
            Some(sub) => subs.get_or_insert_with(Vec::new).push(sub),
        }
    }
    subs
}

/// A value without sub-attributes that are never returned, or only on request.
fn whole(attribute: &Attribute, value: Value) -> Option<Value> {
    let is_hidden = |sub: &Attribute| matches!(sub.returned, Returned::Never | Returned::Request);
    if attribute.sub_attributes.iter().any(is_hidden) {
        return keep_subs(value, |name| !attribute.sub_attribute(name).is_some_and(is_hidden));
    }
    Some(value)
}

/// An object, or each object of an array, with some of its members. `None` if nothing is left.
fn keep_subs(value: Value, keep: impl Fn(&str) -> bool + Copy) -> Option<Value> {
    match value {
        Value::Object(object) => {
            let kept: Map<String, Value> = object.into_iter().filter(|(name, _)| keep(name)).collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        Value::Array(values) if values.is_empty() => Some(Value::Array(values)),
        Value::Array(values) => {
            let kept: Vec<Value> = values.into_iter().filter_map(|value| keep_subs(value, keep)).collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        simple => Some(simple),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::urn;

    fn ada() -> Map<String, Value> {
        let json = json!({
            "schemas": [urn::USER, urn::ENTERPRISE_USER],
            "id": "1",
            "userName": "ada",
            "name": {"givenName": "Ada", "familyName": "L"},
            "emails": [{"value": "a@x", "type": "work"}, {"type": "home"}],
            urn::ENTERPRISE_USER: {"department": "IT", "manager": {"value": "m", "$ref": "r"}},
            "meta": {"version": "W/\"1\"", "location": "l"},
        });
        json.as_object().unwrap().clone()
    }

    #[test]
    fn selections() {
        let check = |attributes: Option<&str>, excluded: Option<&str>, expected: Value| {
            let projection = Projection::new(attributes, excluded);
            let mut found = projection.apply(ResourceType::User, ada(), &SchemaSet::new(None));
            assert_eq!(found.shift_remove("schemas"), ada().shift_remove("schemas"), "always returned");
            assert_eq!(found.shift_remove("id"), Some(json!("1")), "always returned");
            assert_eq!(Value::Object(found), expected, "{attributes:?} {excluded:?}");
        };
        let mut everything = ada();
        everything.shift_remove("schemas");
        everything.shift_remove("id");
        check(None, None, Value::Object(everything.clone()));
        check(Some(""), None, Value::Object(everything.clone()));
        check(Some("USERNAME"), None, json!({"userName": "ada"}));
        check(Some("id"), None, json!({}));
        check(
            Some("name.givenName, emails.value"),
            None,
            json!({"name": {"givenName": "Ada"}, "emails": [{"value": "a@x"}]}),
        );
        check(Some("name,name.givenName"), None, json!({"name": {"givenName": "Ada", "familyName": "L"}}));
        check(Some("urn:ietf:params:scim:schemas:core:2.0:User:userName"), None, json!({"userName": "ada"}));
        let department = json!({urn::ENTERPRISE_USER: {"department": "IT"}});
        check(
            Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
            None,
            department,
        );
        let extension =
            json!({urn::ENTERPRISE_USER: {"department": "IT", "manager": {"value": "m", "$ref": "r"}}});
        check(Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"), None, extension);
        check(Some("manager.value"), None, json!({urn::ENTERPRISE_USER: {"manager": {"value": "m"}}}));
        check(Some("meta.location"), None, json!({"meta": {"location": "l"}}));
        check(Some("nonsense"), None, json!({}));
        check(Some("userName"), Some("userName"), json!({"userName": "ada"}));
        check(
            None,
            Some(
                "id,schemas,userName,emails.type,meta,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
            ),
            json!({
                "name": {"givenName": "Ada", "familyName": "L"},
                "emails": [{"value": "a@x"}],
                urn::ENTERPRISE_USER: {"department": "IT"},
            }),
        );
        check(
            None,
            Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User,name,emails,meta"),
            json!({"userName": "ada"}),
        );
    }

    #[test]
    fn what_is_not_wanted_is_not_read() {
        let schemas = SchemaSet::new(None);
        let check = |attributes: Option<&str>, excluded: Option<&str>, expected: bool| {
            let wants = Projection::new(attributes, excluded).wants(ResourceType::Group, "members", &schemas);
            assert_eq!(wants, expected, "{attributes:?} {excluded:?}");
        };
        check(None, None, true);
        check(None, Some("members"), false);
        check(None, Some("members.display"), true);
        check(Some("displayName"), None, false);
        check(Some("members.value"), None, true);
    }
}
