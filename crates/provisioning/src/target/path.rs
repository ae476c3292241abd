//! Paths of target attributes: `userName`, `name.givenName`, `emails[type eq "work"].value`,
//! `urn:…:extension:peakon:2.0:User:Business Unit`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A path to one attribute of a SCIM resource, as attribute mappings use it.
///
/// It is narrower than the path of a PATCH operation (RFC 7644, section 3.5.2): the filter is a
/// single `attribute eq value`. It is wider in one point: names may contain spaces, because Peakon
/// names its attributes as people read them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TargetPath {
    /// URN of an extension (or the core) schema, when the path names it.
    pub schema: Option<String>,
    /// The attribute.
    pub attribute: String,
    /// Which element of a multi-valued attribute.
    pub element: Option<ElementFilter>,
    /// The sub-attribute.
    pub sub: Option<String>,
}

/// `attribute eq value` inside brackets: names one element of a multi-valued attribute.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ElementFilter {
    /// Sub-attribute that tells elements apart, usually `type`.
    pub attribute: String,
    /// Its value.
    pub value: ElementValue,
}

/// The value in an element filter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ElementValue {
    /// `true` or `false`; Entra writes `"True"`, which is read as the boolean for `primary`.
    Boolean(bool),
    /// Text.
    Text(String),
}

/// Why a path cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    /// Byte at which it goes wrong.
    pub position: usize,
    /// What was expected.
    pub message: String,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at position {}", self.message, self.position)
    }
}

impl std::error::Error for PathError {}

impl TargetPath {
    /// Reads a path.
    ///
    /// # Errors
    /// [`PathError`] when a name is missing or malformed or a bracket is not closed.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let (head, element, tail) = split_brackets(text)?;
        let (schema, names) = split_schema(head);
        let names_at = head.len() - names.len();
        let (attribute, head_sub) = match names.split_once('.') {
            Some((attribute, sub)) => (attribute, Some(sub)),
            None => (names, None),
        };
        check_name(attribute, names_at, schema.is_some())?;
        let sub = match (element.is_some(), head_sub) {
            (true, Some(_)) => {
                return Err(error(
                    names_at + attribute.len(),
                    "a filter stands after the attribute, not after a sub-attribute",
                ));
            }
            (true, None) => match tail.strip_prefix('.') {
                Some(sub) => Some((sub, text.len() - sub.len())),
                None if tail.is_empty() => None,
                None => return Err(error(text.len() - tail.len(), "expected '.' or the end after ']'")),
            },
            (false, sub) => sub.map(|sub| (sub, head.len() - sub.len())),
        };
        if let Some((sub, at)) = sub {
            check_name(sub, at, schema.is_some())?;
        }
        Ok(Self {
            schema: schema.map(str::to_owned),
            attribute: attribute.to_owned(),
            element,
            sub: sub.map(|(sub, _)| sub.to_owned()),
        })
    }

    /// Whether the path leads to `name` of the core schema, such as `active`.
    pub fn is_core(&self, name: &str) -> bool {
        self.schema.as_deref().is_none_or(is_core_schema)
            && self.sub.is_none()
            && self.attribute.eq_ignore_ascii_case(name)
    }

    /// The schema of an extension, when the attribute lies in one.
    pub fn extension(&self) -> Option<&str> {
        self.schema.as_deref().filter(|schema| !is_core_schema(schema))
    }
}

impl fmt::Display for TargetPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        f.write_str(&self.attribute)?;
        if let Some(element) = &self.element {
            match &element.value {
                ElementValue::Boolean(value) => write!(f, "[{} eq {value}]", element.attribute)?,
                ElementValue::Text(value) => {
                    write!(f, "[{} eq {}]", element.attribute, serde_json::Value::from(value.as_str()))?;
                }
            }
        }
        if let Some(sub) = &self.sub {
            write!(f, ".{sub}")?;
        }
        Ok(())
    }
}

/// The endpoint of a target object: `User` and `urn:…:2.0:User` are served at `/Users`.
pub fn endpoint(target_object_name: &str) -> String {
    let name = target_object_name.rsplit(':').next().unwrap_or(target_object_name);
    format!("/{name}s")
}

fn is_core_schema(schema: &str) -> bool {
    schema.to_ascii_lowercase().starts_with("urn:ietf:params:scim:schemas:core:")
}

fn error(position: usize, message: &str) -> PathError {
    PathError { position, message: message.to_owned() }
}

/// `head[filter]tail`, with the filter read.
fn split_brackets(text: &str) -> Result<(&str, Option<ElementFilter>, &str), PathError> {
    let Some((head, rest)) = text.split_once('[') else { return Ok((text, None, "")) };
    let at = head.len() + 1;
    let (inside, tail) = rest.rsplit_once(']').ok_or_else(|| error(text.len(), "expected ']'"))?;
    let mut words = inside.trim().splitn(3, ' ');
    let (Some(attribute), Some(operator), Some(value)) = (words.next(), words.next(), words.next()) else {
        return Err(error(at, "expected a filter such as type eq \"work\""));
    };
    if !operator.eq_ignore_ascii_case("eq") {
        return Err(error(at, "only 'eq' is understood in the filter of a mapping"));
    }
    check_name(attribute, at, false)?;
    let value = match serde_json::from_str(value.trim()) {
        Ok(serde_json::Value::String(text)) if attribute.eq_ignore_ascii_case("primary") => {
            match text.to_ascii_lowercase().as_str() {
                "true" => ElementValue::Boolean(true),
                "false" => ElementValue::Boolean(false),
                _ => return Err(error(at, "expected \"True\" or \"False\" for primary")),
            }
        }
        Ok(serde_json::Value::String(text)) => ElementValue::Text(text),
        Ok(serde_json::Value::Bool(value)) => ElementValue::Boolean(value),
        _ => return Err(error(at, "expected a text in quotes, true or false after 'eq'")),
    };
    Ok((head, Some(ElementFilter { attribute: attribute.to_owned(), value }), tail))
}

/// The schema's URN, if the path begins with one, and the rest.
fn split_schema(head: &str) -> (Option<&str>, &str) {
    let is_urn = head.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
    match head.rsplit_once(':') {
        Some((schema, rest)) if is_urn => (Some(schema), rest),
        _ => (None, head),
    }
}

/// RFC 7643, section 2.1: a letter, then letters, digits, `-`, `_`; `$` for `$ref`. In an
/// extension also spaces and whatever else people put into names, except what would end the name.
fn check_name(name: &str, at: usize, extension: bool) -> Result<(), PathError> {
    if name.is_empty() {
        return Err(error(at, "expected an attribute name"));
    }
    if name.trim() != name {
        return Err(error(at, "a name must not begin or end with a space"));
    }
    let allowed = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '-' | '_' | '$')
            || (extension && !c.is_control() && !matches!(c, '"' | '[' | ']' | '.'))
    };
    match name.char_indices().find(|(_, c)| !allowed(*c)) {
        Some((offset, _)) => Err(error(at + offset, "unexpected character in an attribute name")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_reads_every_form_and_prints_it_back() {
        for text in [
            "userName",
            "name.givenName",
            "emails[type eq \"work\"].value",
            "roles[primary eq true].value",
            "addresses[type eq \"work\"]",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            "urn:ietf:params:scim:schemas:extension:peakon:2.0:User:Business Unit",
            "urn:x:y:things[kind eq \"a \\\"b\\\"\"].value",
        ] {
            assert_eq!(TargetPath::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn parse_splits_an_extension_name_with_spaces() {
        let path = TargetPath::parse("urn:ietf:params:scim:schemas:extension:peakon:2.0:User:Business Unit")
            .unwrap();
        assert_eq!(path.schema.as_deref(), Some("urn:ietf:params:scim:schemas:extension:peakon:2.0:User"));
        assert_eq!((path.attribute.as_str(), path.sub), ("Business Unit", None));
    }

    #[test]
    fn parse_takes_entras_quoted_boolean() {
        let path = TargetPath::parse("roles[primary eq \"True\"].value").unwrap();
        assert_eq!(path.element.unwrap().value, ElementValue::Boolean(true));
    }

    #[test]
    fn parse_rejects_with_a_position() {
        for (text, position) in [
            ("", 0),
            ("user name", 4),
            ("name.", 5),
            ("emails[type eq \"work\"", 21),
            ("emails[type eq \"work\"]value", 22),
            ("emails[type ne \"work\"].value", 7),
            ("emails[type].value", 7),
            ("a.b[type eq \"x\"]", 1),
            ("urn:x:User: Name", 11),
        ] {
            assert_eq!(TargetPath::parse(text).unwrap_err().position, position, "{text}");
        }
    }

    #[test]
    fn endpoint_follows_the_resource_type() {
        assert_eq!(endpoint("User"), "/Users");
        assert_eq!(endpoint("urn:ietf:params:scim:schemas:core:2.0:Group"), "/Groups");
    }
}
