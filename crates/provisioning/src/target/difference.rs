//! The difference between what an account should look like and what it looks like, and the PATCH
//! that removes it (RFC 7644, section 3.5.2).

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::lookup::{current_value, equal_values, has_element, missing_values, reference_id};
use super::path::TargetPath;
use super::resource::new_element;
use crate::id::TargetId;
use crate::log::ModifiedProperty;
use crate::mapping::DesiredAttribute;
use crate::schema::{CompiledAttribute, FlowType};

const PATCH_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// What is shown instead of a value that must not be shown.
pub const REDACTED: &str = "[Redact]";

/// Attributes that differ.
#[derive(Debug, Clone, Default)]
pub struct Difference {
    changes: Vec<Change>,
}

#[derive(Debug, Clone)]
struct Change {
    mapping: Arc<CompiledAttribute>,
    old: Option<Json>,
    new: Option<Json>,
    redacted: bool,
    form: Form,
}

/// How a change is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `replace` at the path.
    Replace,
    /// `remove` at the path.
    Remove,
    /// `add` of values to a multi-valued attribute.
    Add,
    /// `remove` of one element of a multi-valued reference.
    RemoveElement,
    /// `add` of an element that is not there yet. A value path cannot name it: RFC 7644 answers
    /// `noTarget` when its filter matches nothing.
    NewElement,
}

/// What differs. Only attributes that flow on updates may be given.
pub fn compare(desired: &[DesiredAttribute], current: &Json) -> Difference {
    let changes = desired.iter().filter_map(|attribute| change(attribute, current)).collect();
    Difference { changes }
}

fn change(attribute: &DesiredAttribute, current: &Json) -> Option<Change> {
    let mapping = &attribute.mapping;
    let old = current_value(current, &mapping.path);
    let make = |new, form| {
        let (mapping, old) = (mapping.clone(), old.cloned());
        Some(Change { mapping, old, new, redacted: attribute.redacted, form })
    };
    let Some(new) = &attribute.value else {
        return if old.is_some() && mapping.flow_type == FlowType::Always {
            make(None, Form::Remove)
        } else {
            None
        };
    };
    if old.is_some_and(|old| equal_values(new, old, mapping.kind, mapping.case_exact)) {
        return None;
    }
    match (mapping.flow_type, new) {
        (FlowType::AttributeAddOnly, _) if old.is_some() => None,
        (FlowType::MultiValueAddOnly, Json::Array(wanted)) => {
            let missing = missing_values(wanted, old, mapping.kind, mapping.case_exact);
            if missing.is_empty() { None } else { make(Some(Json::from(missing)), Form::Add) }
        }
        _ if has_element(current, &mapping.path) || mapping.path.element.is_none() => {
            make(Some(new.clone()), Form::Replace)
        }
        _ => make(Some(new.clone()), Form::NewElement),
    }
}

impl Difference {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many attributes differ.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// The part of it that switches an account off: attributes that read `IsSoftDeleted`.
    #[must_use]
    pub fn deprovisioning(&self) -> Self {
        let changes = self.changes.iter().filter(|change| change.mapping.deprovisions).cloned().collect();
        Self { changes }
    }

    /// Adds a reference that is to point to an account, unless it does already.
    pub fn set_reference(
        &mut self,
        mapping: &Arc<CompiledAttribute>,
        target: &TargetId,
        current: Option<&Json>,
    ) {
        if current.and_then(reference_id) == Some(target.as_str()) {
            return;
        }
        self.changes.push(Change {
            mapping: mapping.clone(),
            old: current.map(|current| reference_id(current).map_or_else(|| current.clone(), Json::from)),
            new: Some(reference_value(&mapping.path, target)),
            redacted: false,
            form: Form::Replace,
        });
    }

    /// Adds accounts to a multi-valued reference, such as the members of a group.
    pub fn add_members(&mut self, mapping: &Arc<CompiledAttribute>, targets: &[TargetId]) {
        let values: Vec<Json> = targets.iter().map(|target| json!({"value": target.as_str()})).collect();
        if !values.is_empty() {
            let (mapping, new) = (mapping.clone(), Some(Json::from(values)));
            self.changes.push(Change { mapping, old: None, new, redacted: false, form: Form::Add });
        }
    }

    /// Takes one account out of a multi-valued reference.
    pub fn remove_member(&mut self, mapping: &Arc<CompiledAttribute>, target: &TargetId) {
        let (mapping, old) = (mapping.clone(), Some(Json::from(target.as_str())));
        self.changes.push(Change { mapping, old, new: None, redacted: false, form: Form::RemoveElement });
    }

    /// The new value of an attribute of the core schema, such as `active`.
    pub fn new_value(&self, core_attribute: &str) -> Option<&Json> {
        self.changes.iter().find(|change| change.mapping.path.is_core(core_attribute))?.new.as_ref()
    }

    /// The changes for the log, old value and new value.
    pub fn modified_properties(&self) -> Vec<ModifiedProperty> {
        self.changes
            .iter()
            .map(|change| {
                let shown = |value: &Option<Json>| {
                    value
                        .as_ref()
                        .map(|value| if change.redacted { REDACTED.to_owned() } else { text(value) })
                };
                ModifiedProperty {
                    display_name: change.mapping.name.clone(),
                    old_value: shown(&change.old),
                    new_value: shown(&change.new),
                }
            })
            .collect()
    }

    /// The body of `PATCH`: one operation a change, new elements of one attribute together.
    pub fn patch(&self) -> Json {
        let mut operations: Vec<Json> = Vec::new();
        let mut elements: Vec<(String, Json)> = Vec::new();
        for change in &self.changes {
            let path = change.mapping.path.to_string();
            match (change.form, &change.new) {
                (Form::RemoveElement, _) => {
                    let id = change.old.as_ref().unwrap_or(&Json::Null);
                    let path = format!("{path}[value eq {id}]");
                    operations.push(json!({"op": "remove", "path": path}));
                }
                (Form::Remove, _) | (_, None) => operations.push(json!({"op": "remove", "path": path})),
                (Form::Replace, Some(value)) => {
                    operations.push(json!({"op": "replace", "path": path, "value": value}));
                }
                (Form::Add, Some(value)) => {
                    operations.push(json!({"op": "add", "path": path, "value": value}))
                }
                (Form::NewElement, Some(value)) => {
                    collect_element(&mut elements, &change.mapping.path, value)
                }
            }
        }
        for (path, value) in group_elements(elements) {
            operations.push(json!({"op": "add", "path": path, "value": value}));
        }
        json!({"schemas": [PATCH_SCHEMA], "Operations": operations})
    }

    /// The same difference without the values that the log must not show.
    pub fn masked(&self) -> Self {
        let mut masked = self.clone();
        for change in masked.changes.iter_mut().filter(|change| change.redacted) {
            change.new = change.new.as_ref().map(|_| Json::from(REDACTED));
        }
        masked
    }

    /// Whether sending the PATCH twice leaves the same account as sending it once, on any target.
    /// Members are a set everywhere; a second e-mail address of one type is not.
    pub fn is_idempotent(&self) -> bool {
        let twice = |change: &Change| {
            change.mapping.is_reference() || !matches!(change.form, Form::Add | Form::NewElement)
        };
        self.changes.iter().all(twice)
    }
}

/// Every change of a creation for the log: nothing → value.
pub fn created_properties(attributes: &[DesiredAttribute]) -> Vec<ModifiedProperty> {
    attributes
        .iter()
        .filter_map(|attribute| {
            let value = attribute.value.as_ref()?;
            Some(ModifiedProperty {
                display_name: attribute.mapping.name.clone(),
                old_value: None,
                new_value: Some(if attribute.redacted { REDACTED.to_owned() } else { text(value) }),
            })
        })
        .collect()
}

/// A value for the log: text as it is, everything else as JSON.
fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `{"value": id}`, or the bare id where the path names the sub-attribute itself.
fn reference_value(path: &TargetPath, target: &TargetId) -> Json {
    if path.sub.is_some() { Json::from(target.as_str()) } else { json!({"value": target.as_str()}) }
}

/// Merges a value into the new element that its path names; elements are kept under
/// `attribute path` and filter.
fn collect_element(elements: &mut Vec<(String, Json)>, path: &TargetPath, value: &Json) {
    let Some(filter) = &path.element else { return };
    let bare = TargetPath { element: None, sub: None, ..path.clone() }.to_string();
    let start = new_element(filter);
    let is_same = |item: &Json| item.get(&filter.attribute) == start.get(&filter.attribute);
    let position = elements.iter().position(|(known, item)| *known == bare && is_same(item));
    if position.is_none() {
        elements.push((bare, start));
    }
    let index = position.unwrap_or(elements.len().saturating_sub(1));
    let Some((_, Json::Object(members))) = elements.get_mut(index) else { return };
    merge(members, path.sub.as_deref(), value);
}

fn merge(members: &mut Map<String, Json>, sub: Option<&str>, value: &Json) {
    match (sub, value) {
        (None, Json::Object(value)) => members.extend(value.clone()),
        (sub, value) => {
            members.insert(sub.unwrap_or("value").to_owned(), value.clone());
        }
    }
}

fn group_elements(elements: Vec<(String, Json)>) -> Vec<(String, Vec<Json>)> {
    let mut groups: Vec<(String, Vec<Json>)> = Vec::new();
    for (path, element) in elements {
        match groups.iter_mut().find(|(known, _)| *known == path) {
            Some((_, items)) => items.push(element),
            None => groups.push((path, vec![element])),
        }
    }
    groups
}
