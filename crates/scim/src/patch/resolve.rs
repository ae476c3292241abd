//! Operations as steps: one attribute each, found in the schema.

use std::borrow::Cow;

use serde_json::Value;

use super::parse::{Op, Operation};
use crate::error::{ScimError, ScimType};
use crate::path::{Path, Selection};
use crate::resource::ResourceType;
use crate::schema::{Attribute, Located, Mutability, Returned, Schema, SchemaSet};
use crate::urn::is_urn;
use crate::validation::extension_object;

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step<'a> {
    /// Removes a whole extension.
    RemoveExtension(&'a Schema),
    /// Changes one attribute.
    Attribute(Change<'a>),
}

/// A change of one attribute, of some of its values or of a sub-attribute.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change<'a> {
    pub(super) op: Op,
    pub(super) extension: Option<&'a str>,
    pub(super) attribute: &'a Attribute,
    pub(super) selection: Option<Box<Selection>>,
    pub(super) sub: Option<&'a Attribute>,
    pub(super) value: Option<Cow<'a, Value>>,
}

impl Change<'_> {
    /// The name for messages.
    pub(super) fn name(&self) -> String {
        let extension = self.extension.map(|urn| format!("{urn}:")).unwrap_or_default();
        let sub = self.sub.map(|sub| format!(".{}", sub.name)).unwrap_or_default();
        format!("{extension}{}{sub}", self.attribute.name)
    }
}

/// Finds what an operation changes.
pub(super) fn resolve<'a>(
    operation: &'a Operation,
    kind: ResourceType,
    schemas: &'a SchemaSet,
) -> Result<Vec<Step<'a>>, ScimError> {
    let value = operation.value.as_ref();
    let path = match &operation.path {
        Some(path) => Path::parse(path, kind, schemas)?,
        None => Path::Resource,
    };
    match path {
        Path::Resource => whole_resource(operation.op, value, kind, schemas),
        Path::Extension(schema) => whole_extension(operation.op, value, schema),
        Path::Attribute { located, selection, sub } => {
            if located.attribute.name == "schemas" {
                return Ok(Vec::new()); // It follows from the attributes (RFC 7644 section 3.5.2).
            }
            let change = change(operation.op, located, selection, sub, value.map(Cow::Borrowed));
            if is_read_only(&change) {
                return Err(ScimError::mutability(format!("{} is read-only", change.name())));
            }
            Ok(keep(change).into_iter().collect())
        }
    }
}

fn change<'a>(
    op: Op,
    located: Located<'a>,
    selection: Option<Box<Selection>>,
    sub: Option<&'a Attribute>,
    value: Option<Cow<'a, Value>>,
) -> Change<'a> {
    Change { op, extension: located.extension, attribute: located.attribute, selection, sub, value }
}

fn is_read_only(change: &Change<'_>) -> bool {
    change.attribute.mutability == Mutability::ReadOnly
        || change.sub.is_some_and(|sub| sub.mutability == Mutability::ReadOnly)
}

/// A change of what is not kept, such as a password, is none.
fn keep(change: Change<'_>) -> Option<Step<'_>> {
    (change.attribute.returned != Returned::Never).then_some(Step::Attribute(change))
}

/// An operation without a path: each member of the value is an operation of its own. Its key may be the name
/// of an attribute, dotted, prefixed with a URN, or a path with a filter. Read-only and unknown attributes and
/// unknown extensions are left out as in POST, because clients send whole resources here.
fn whole_resource<'a>(
    op: Op,
    value: Option<&'a Value>,
    kind: ResourceType,
    schemas: &'a SchemaSet,
) -> Result<Vec<Step<'a>>, ScimError> {
    if op == Op::Remove {
        return Err(ScimError::bad_request(ScimType::NoTarget, "remove needs a path"));
    }
    let object = value.and_then(Value::as_object).ok_or_else(|| {
        ScimError::invalid_value("Without a path the value must be an object of attributes")
    })?;
    let mut steps = Vec::new();
    for (key, value) in object {
        match Path::parse(key, kind, schemas) {
            Ok(Path::Resource) => steps.extend(whole_resource(op, Some(value), kind, schemas)?),
            Ok(Path::Extension(schema)) => steps.extend(whole_extension(op, Some(value), schema)?),
            Ok(Path::Attribute { located, selection, sub }) => {
                let change = change(op, located, selection, sub, Some(Cow::Borrowed(value)));
                if !is_read_only(&change) {
                    steps.extend(keep(change));
                }
            }
            Err(error) if key.contains(['[', ':']) && !is_unknown_extension(key, value, schemas) => {
                return Err(error);
            }
            Err(_) => {}
        }
    }
    Ok(steps)
}

/// Whether a key and its value are an extension that the directory does not have, or that there is none: not an
/// attribute of a schema that it has, and not a single value.
fn is_unknown_extension(key: &str, value: &Value, schemas: &SchemaSet) -> bool {
    let is_below = |urn: &str| {
        key.get(..urn.len()).is_some_and(|start| start.eq_ignore_ascii_case(urn))
            && key.get(urn.len()..).is_some_and(|rest| rest.starts_with([':', '.']))
    };
    (value.is_object() || value.is_null())
        && is_urn(key)
        && !key.contains('[')
        && !schemas.all().any(|schema| is_below(&schema.urn))
}

/// An operation on all attributes of an extension.
fn whole_extension<'a>(
    op: Op,
    value: Option<&'a Value>,
    schema: &'a Schema,
) -> Result<Vec<Step<'a>>, ScimError> {
    let Some(value) = value.filter(|value| op != Op::Remove && !value.is_null()) else {
        return Ok(vec![Step::RemoveExtension(schema)]);
    };
    let mut steps = Vec::new();
    for (name, value) in extension_object(value, &schema.urn)? {
        let (name, sub) = match name.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (name.as_str(), None),
        };
        let Some(attribute) = schema.attribute(name) else { continue };
        let sub = match sub {
            None => None,
            Some(sub) => match attribute.sub_attribute(sub) {
                Some(sub) => Some(sub),
                None => continue,
            },
        };
        let located = Located { extension: Some(schema.urn.as_ref()), attribute };
        let change = change(op, located, None, sub, Some(Cow::Borrowed(value)));
        if !is_read_only(&change) {
            steps.extend(keep(change));
        }
    }
    Ok(steps)
}
