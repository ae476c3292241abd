//! Sorting (RFC 7644 section 3.4.2.3).

use std::cmp::Ordering;

use serde_json::Value;

use crate::error::ScimError;
use crate::filter::{AttributePath, Target, fold, resolve_target};
use crate::resource::{Resource, ResourceType};
use crate::schema::{AttributeType, Returned, SchemaSet};
use crate::time;
use crate::value::is_primary;

/// What a list is sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortBy {
    /// The attribute; `None` if the type does not have it, then all of its resources come last.
    pub target: Option<Target>,
    /// How its values compare.
    pub kind: SortKind,
    /// Whether the attribute may have several values.
    pub is_multi_valued: bool,
}

/// How values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKind {
    /// As text, without case.
    Text,
    /// As text, with case.
    ExactText,
    /// As numbers.
    Number,
    /// As instants.
    Instant,
    /// False before true.
    Boolean,
}

/// The value that a resource is sorted by.
#[derive(Clone, Debug, PartialEq)]
pub enum SortKey {
    /// Text, folded unless case matters.
    Text(String),
    /// A number, an instant or a truth value.
    Number(f64),
}

impl SortKey {
    /// Compares two keys, with resources that have none at the end of an ascending list.
    pub fn compare(left: Option<&SortKey>, right: Option<&SortKey>) -> Ordering {
        match (left, right) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(SortKey::Text(left)), Some(SortKey::Text(right))) => left.cmp(right),
            (Some(SortKey::Number(left)), Some(SortKey::Number(right))) => left.total_cmp(right),
            (Some(SortKey::Number(_)), Some(SortKey::Text(_))) => Ordering::Less,
            (Some(SortKey::Text(_)), Some(SortKey::Number(_))) => Ordering::Greater,
        }
    }
}

impl SortBy {
    /// Finds the attribute of `sortBy` for each of the types. It must be one of at least one type's.
    pub fn resolve(
        name: &str,
        kinds: &[ResourceType],
        schemas: &SchemaSet,
    ) -> Result<Vec<SortBy>, ScimError> {
        let path = AttributePath::split(name.trim());
        let found: Vec<Option<SortBy>> = kinds.iter().map(|kind| find(&path, *kind, schemas)).collect();
        if found.iter().all(Option::is_none) {
            return Err(ScimError::invalid_value(format!(
                "sortBy names no attribute that can be sorted: {name}"
            )));
        }
        let none = SortBy { target: None, kind: SortKind::Text, is_multi_valued: false };
        Ok(found.into_iter().map(|sort| sort.unwrap_or_else(|| none.clone())).collect())
    }

    /// The key of a resource: of the primary value where there are several, else of the first. What is empty is
    /// not there, as for filters.
    pub fn key(&self, resource: &Resource) -> Option<SortKey> {
        let target = self.target.as_ref()?;
        if target.extension.is_none() {
            match (target.attribute.as_str(), target.sub.as_deref()) {
                ("id", None) => return Some(SortKey::Text(resource.id.clone())),
                ("meta", sub) => return meta_key(resource, sub),
                _ => {}
            }
        }
        let container = match &target.extension {
            Some(urn) => resource.attributes.get(urn)?.as_object()?,
            None => &resource.attributes,
        };
        let mut value = container.get(&target.attribute)?;
        if let Value::Array(values) = value {
            value = values.iter().find(|value| is_primary(value)).or(values.first())?;
        }
        if let Some(sub) = &target.sub {
            value = value.get(sub)?;
        }
        self.key_of_value(value)
    }

    /// The key of one value of the attribute.
    pub fn key_of_value(&self, value: &Value) -> Option<SortKey> {
        match self.kind {
            SortKind::Text | SortKind::ExactText if value.as_str() == Some("") => None,
            SortKind::Text => value.as_str().map(|text| SortKey::Text(fold(text))),
            SortKind::ExactText => value.as_str().map(|text| SortKey::Text(text.to_owned())),
            SortKind::Number => value.as_f64().map(SortKey::Number),
            SortKind::Instant => {
                value.as_str().and_then(time::parse).map(|instant| SortKey::Number(instant as f64))
            }
            SortKind::Boolean => value.as_bool().map(|boolean| SortKey::Number(f64::from(u8::from(boolean)))),
        }
    }
}

/// The key for a part of `meta`. Addresses differ by the id only.
fn meta_key(resource: &Resource, sub: Option<&str>) -> Option<SortKey> {
    match sub? {
        "created" => Some(SortKey::Number(resource.created_ms as f64)),
        "lastModified" => Some(SortKey::Number(resource.modified_ms as f64)),
        "version" => Some(SortKey::Number(resource.version as f64)),
        "resourceType" => Some(SortKey::Text(resource.kind.name().to_owned())),
        "location" => Some(SortKey::Text(format!("{}/{}", resource.kind.endpoint(), resource.id))),
        _ => None,
    }
}

fn find(path: &AttributePath, kind: ResourceType, schemas: &SchemaSet) -> Option<SortBy> {
    let (mut target, mut attribute) = resolve_target(path, kind, schemas)?;
    // Members and groups are not part of the document.
    let is_computed = target.extension.is_none() && matches!(target.attribute.as_str(), "members" | "groups");
    if attribute.returned == Returned::Never || is_computed {
        return None;
    }
    let is_multi_valued = schemas.locate(kind, path.urn.as_deref(), &path.name)?.attribute.multi_valued;
    if attribute.kind == AttributeType::Complex {
        attribute = attribute.value_attribute()?;
        target.sub = Some(attribute.name.to_string());
    }
    let kind = match attribute.kind {
        AttributeType::Boolean => SortKind::Boolean,
        AttributeType::Decimal | AttributeType::Integer => SortKind::Number,
        AttributeType::DateTime => SortKind::Instant,
        _ if attribute.case_exact => SortKind::ExactText,
        _ => SortKind::Text,
    };
    Some(SortBy { target: Some(target), kind, is_multi_valued })
}
