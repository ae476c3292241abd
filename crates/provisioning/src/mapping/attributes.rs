//! The attributes that expressions and filters see.

use serde_json::{Map, Value as Json};

use crate::cycle::{SourceEntry, SourceObject};
use crate::id::SourceId;
use crate::job::Job;
use crate::scope::role_values;

/// The object's attributes with the computed ones but `IsSoftDeleted`, which the scope decides.
pub fn source_attributes(entry: &SourceEntry, object: &SourceObject, job: &Job) -> Map<String, Json> {
    let mut attributes = object.attributes.clone();
    attributes.insert("objectId".to_owned(), Json::from(entry.source_id.as_str()));
    attributes.insert("accountEnabled".to_owned(), Json::from(object.account_enabled));
    let roles = role_values(&entry.assignments, job);
    if !roles.is_empty() {
        attributes.insert("appRoleAssignments".to_owned(), Json::from(roles));
    }
    attributes
}

/// Source ids in a reference attribute: one for `manager`, several for `members`.
pub(super) fn references(value: Option<&Json>) -> Vec<SourceId> {
    match value {
        Some(Json::String(id)) if !id.is_empty() => vec![SourceId::from(id.as_str())],
        Some(Json::Array(items)) => items.iter().flat_map(|item| references(Some(item))).collect(),
        Some(Json::Object(members)) => references(members.get("id").or_else(|| members.get("value"))),
        _ => Vec::new(),
    }
}
