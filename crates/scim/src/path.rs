//! The path of a PATCH operation (RFC 7644 section 3.5.2, figure 7), found in the schema.

use serde_json::{Map, Value};

use crate::error::{ScimError, ScimType};
use crate::filter::{
    AttributePath, Condition, Filter, Literal, MAX_LENGTH, Operator, Term, Test, parse_path, resolve_element,
};
use crate::resource::ResourceType;
use crate::schema::{Attribute, AttributeType, Located, Schema, SchemaSet};
use crate::value::coerce_sub;

/// What a path names.
#[derive(Clone, Debug, PartialEq)]
pub enum Path<'a> {
    /// The resource itself: the core schema's URN.
    Resource,
    /// All attributes of an extension: its URN.
    Extension(&'a Schema),
    /// An attribute, some of its values, or a sub-attribute.
    Attribute {
        /// The attribute.
        located: Located<'a>,
        /// Which of its values: `[type eq "work"]`.
        selection: Option<Box<Selection>>,
        /// The sub-attribute.
        sub: Option<&'a Attribute>,
    },
}

/// Which values of an attribute are meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// What they fulfil.
    pub condition: Condition,
    /// The sub-attributes of a value that would fulfil it, if it consists of `eq` terms only. Clients that
    /// write to `emails[type eq "work"].value` expect the address to be created if it is missing.
    pub template: Option<Map<String, Value>>,
}

impl<'a> Path<'a> {
    /// Reads a path and finds it in the schemas of a type. Errors are `invalidPath`.
    pub fn parse(text: &str, kind: ResourceType, schemas: &'a SchemaSet) -> Result<Path<'a>, ScimError> {
        if text.len() > MAX_LENGTH {
            return Err(invalid(format!("A path has at most {MAX_LENGTH} bytes")));
        }
        let text = text.trim();
        let (name, bracket) = match text.find('[') {
            Some(bracket) => (text.get(..bracket).unwrap_or_default(), Some(bracket)),
            None => (text, None),
        };
        let path = AttributePath::split(name.trim());
        if let Some(whole) = whole_schema(&path, kind, schemas) {
            return match bracket {
                None => Ok(whole),
                Some(_) => Err(invalid(format!("{name} cannot be filtered"))),
            };
        }
        let (located, sub) = locate(&path, kind, schemas)
            .ok_or_else(|| invalid(format!("{} has no attribute {}", kind.name(), name.trim())))?;
        let Some(bracket) = bracket else {
            return Ok(Path::Attribute { located, selection: None, sub });
        };
        if located.attribute.kind != AttributeType::Complex || sub.is_some() {
            return Err(invalid(format!("{name} has no sub-attributes that could be filtered")));
        }
        let (filter, sub) = parse_path(text, bracket).map_err(|error| error.into_path_error())?;
        let condition =
            resolve_element(&filter, located.attribute).map_err(|error| error.into_path_error())?;
        let template = template(&filter, located.attribute);
        let sub = match sub {
            None => None,
            Some(sub) => Some(sub_of(located.attribute, &sub)?),
        };
        Ok(Path::Attribute { located, selection: Some(Box::new(Selection { condition, template })), sub })
    }
}

fn invalid(detail: String) -> ScimError {
    ScimError::bad_request(ScimType::InvalidPath, detail)
}

fn sub_of<'a>(attribute: &'a Attribute, name: &str) -> Result<&'a Attribute, ScimError> {
    attribute
        .sub_attribute(name)
        .ok_or_else(|| invalid(format!("{} has no sub-attribute {name}", attribute.name)))
}

/// The path as the URN of a whole schema.
fn whole_schema<'a>(path: &AttributePath, kind: ResourceType, schemas: &'a SchemaSet) -> Option<Path<'a>> {
    let mut urn = path.as_schema_urn()?;
    if let Some(sub) = &path.sub {
        urn = format!("{urn}.{sub}");
    }
    if urn.eq_ignore_ascii_case(kind.schema_urn()) {
        return Some(Path::Resource);
    }
    schemas.extension(kind, &urn).map(Path::Extension)
}

/// The attribute and sub-attribute. Old clients put a dot between the URN and the attribute.
fn locate<'a>(
    path: &AttributePath,
    kind: ResourceType,
    schemas: &'a SchemaSet,
) -> Option<(Located<'a>, Option<&'a Attribute>)> {
    if let Some(located) = schemas.locate(kind, path.urn.as_deref(), &path.name) {
        return match &path.sub {
            None => Some((located, None)),
            Some(sub) => located.attribute.sub_attribute(sub).map(|sub| (located, Some(sub))),
        };
    }
    let urn = path.as_schema_urn()?;
    let (name, sub) = match path.sub.as_ref()?.split_once('.') {
        Some((name, sub)) => (name.to_owned(), Some(sub.to_owned())),
        None => (path.sub.clone()?, None),
    };
    schemas.schema(&urn)?;
    locate(&AttributePath { urn: Some(urn), name, sub }, kind, schemas)
}

/// The value that a filter of `eq` terms describes.
fn template(filter: &Filter, attribute: &Attribute) -> Option<Map<String, Value>> {
    let terms = match filter {
        Filter::And(terms) => terms.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut object = Map::new();
    for term in terms {
        let Filter::Term(Term::Test { path, test: Test::Compare { operator: Operator::Eq, value }, .. }) =
            term
        else {
            return None;
        };
        let value = match value {
            Literal::Null => return None,
            Literal::Boolean(boolean) => Value::from(*boolean),
            Literal::Number(number) => Value::from(number.clone()),
            Literal::String(string) => Value::from(string.as_str()),
        };
        let sub = attribute.sub_attribute(&path.name)?;
        object.insert(sub.name.to_string(), coerce_sub(sub, &value, &attribute.name).ok()??);
    }
    Some(object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{CustomAttribute, CustomExtension, CustomType};
    use crate::urn;

    fn schemas() -> SchemaSet {
        let attributes = vec![CustomAttribute::new("Business Unit", CustomType::String).unwrap()];
        SchemaSet::new(Some(&CustomExtension {
            urn: urn::PEAKON_USER.into(),
            name: "Peakon".into(),
            attributes,
        }))
    }

    /// `extension|attribute|template|sub`
    fn describe(path: &Path<'_>) -> String {
        match path {
            Path::Resource => "resource".to_owned(),
            Path::Extension(schema) => format!("extension {}", schema.name),
            Path::Attribute { located, selection, sub } => format!(
                "{}|{}|{}|{}",
                located.extension.and_then(|urn| urn.split(':').nth(6)).unwrap_or("-"),
                located.attribute.name,
                match selection.as_ref().map(|selection| &selection.template) {
                    None => "-".to_owned(),
                    Some(None) => "filter".to_owned(),
                    Some(Some(template)) => json!(template).to_string(),
                },
                sub.map_or("-", |sub| sub.name.as_ref()),
            ),
        }
    }

    #[test]
    fn paths() {
        let check = |text: &str, expected: Result<&str, &str>| {
            let schemas = schemas();
            let path = Path::parse(text, ResourceType::User, &schemas);
            let found = path.as_ref().map(describe).map_err(|error| error.detail.clone());
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{text}");
        };
        check("displayName", Ok("-|displayName|-|-"));
        check("NAME.familyname", Ok("-|name|-|familyName"));
        check("urn:ietf:params:scim:schemas:core:2.0:User:name.familyName", Ok("-|name|-|familyName"));
        check("urn:ietf:params:scim:schemas:core:2.0:User", Ok("resource"));
        check("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", Ok("extension EnterpriseUser"));
        check(
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            Ok("enterprise|department|-|-"),
        );
        check(
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department",
            Ok("enterprise|department|-|-"),
        );
        check(
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            Ok("enterprise|manager|-|value"),
        );
        check(
            "urn:ietf:params:scim:schemas:extension:peakon:2.0:User:Business Unit",
            Ok("peakon|Business Unit|-|-"),
        );
        check("manager", Ok("enterprise|manager|-|-"));
        check("emails[type eq \"work\"].value", Ok("-|emails|{\"type\":\"work\"}|value"));
        check("emails[type eq \"work\"]", Ok("-|emails|{\"type\":\"work\"}|-"));
        check("emails[type eq \"work\" and value ew \"example.com\"]", Ok("-|emails|filter|-"));
        check("roles[primary eq \"True\"].value", Ok("-|roles|{\"primary\":true}|value"));
        check("manager[value eq \"m1\"]", Ok("enterprise|manager|{\"value\":\"m1\"}|-"));
        check("", Err("User has no attribute "));
        check("nonsense", Err("User has no attribute nonsense"));
        check("name.nonsense", Err("User has no attribute name.nonsense"));
        check(
            "emails[nonsense eq 1]",
            Err("The path is not understood at position 8: there is no attribute nonsense"),
        );
        check(
            "emails[type eq",
            Err(
                "The path is not understood at position 15: a value: a string in double quotes, a number, true, false, null was expected",
            ),
        );
        check("emails[type eq \"work\"].nonsense", Err("emails has no sub-attribute nonsense"));
        check(
            "emails[type eq \"work\"] x",
            Err("The path is not understood at position 24: and, or, or the end was expected"),
        );
        check("title[type eq \"work\"]", Err("title has no sub-attributes that could be filtered"));
        check(
            "urn:ietf:params:scim:schemas:extension:peakon:2.0:User[x eq 1]",
            Err("urn:ietf:params:scim:schemas:extension:peakon:2.0:User cannot be filtered"),
        );
    }
}
