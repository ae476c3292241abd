//! Rules and object mappings (Graph: `synchronizationRule`, `objectMapping`).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::filter::Filter;
use super::mapping::AttributeMapping;
use super::null_as_default;

/// A pair of free-form metadata (Graph: `stringKeyStringValuePair` and its kin).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KeyValue {
    /// Name.
    pub key: String,
    /// Value.
    #[serde(deserialize_with = "null_as_default")]
    pub value: String,
}

/// From which directory to which (Graph: `synchronizationRule`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SynchronizationRule {
    /// Id; `ruleId` of on-demand provisioning.
    pub id: String,
    /// Name.
    pub name: String,
    /// Lowest runs first.
    #[serde(deserialize_with = "null_as_default")]
    pub priority: i32,
    /// Whether people may edit it.
    #[serde(deserialize_with = "null_as_default")]
    pub editable: bool,
    /// Name of the source directory.
    pub source_directory_name: String,
    /// Name of the target directory.
    pub target_directory_name: String,
    /// One per pair of object types.
    #[serde(deserialize_with = "null_as_default")]
    pub object_mappings: Vec<ObjectMapping>,
    /// Free-form pairs.
    #[serde(deserialize_with = "null_as_default")]
    pub metadata: Vec<KeyValue>,
}

/// How objects of one type flow (Graph: `objectMapping`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObjectMapping {
    /// Name in the portal, such as "Provision Entra ID Users".
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
    /// Whether it runs.
    pub enabled: bool,
    /// Target object actions: Create, Update, Delete.
    pub flow_types: FlowTypes,
    /// `User` or `Group`.
    pub source_object_name: String,
    /// SCIM resource type.
    pub target_object_name: String,
    /// Scoping filters; none means that everybody passes.
    pub scope: Option<Filter>,
    /// Attribute mappings.
    #[serde(deserialize_with = "null_as_default")]
    pub attribute_mappings: Vec<AttributeMapping>,
    /// Free-form pairs.
    #[serde(deserialize_with = "null_as_default")]
    pub metadata: Vec<KeyValue>,
}

impl Default for ObjectMapping {
    fn default() -> Self {
        Self {
            name: String::new(),
            enabled: true,
            flow_types: FlowTypes::ALL,
            source_object_name: String::new(),
            target_object_name: String::new(),
            scope: None,
            attribute_mappings: Vec::new(),
            metadata: Vec::new(),
        }
    }
}

/// Target object actions (Graph: `objectFlowTypes`, written as `"Add, Update, Delete"`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowTypes {
    /// Accounts are created.
    pub add: bool,
    /// Accounts are changed; disabling is a change.
    pub update: bool,
    /// Accounts are deleted when the person is gone for good.
    pub delete: bool,
}

impl FlowTypes {
    /// All three.
    pub const ALL: Self = Self { add: true, update: true, delete: true };
}

impl Default for FlowTypes {
    fn default() -> Self {
        Self::ALL
    }
}

impl fmt::Display for FlowTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [("Add", self.add), ("Update", self.update), ("Delete", self.delete)];
        let chosen: Vec<&str> = names.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
        if chosen.is_empty() { f.write_str("None") } else { f.write_str(&chosen.join(", ")) }
    }
}

impl Serialize for FlowTypes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FlowTypes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(Self::ALL) };
        let mut flow = Self { add: false, update: false, delete: false };
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match name {
                "Add" => flow.add = true,
                "Update" => flow.update = true,
                "Delete" => flow.delete = true,
                "None" => {}
                other => {
                    return Err(serde::de::Error::custom(format!(
                        "unknown flow type \"{other}\": expected Add, Update, Delete"
                    )));
                }
            }
        }
        Ok(flow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flow_types_are_graphs_text() {
        for (text, flow) in [
            ("\"Add, Update, Delete\"", FlowTypes::ALL),
            ("\"Add\"", FlowTypes { add: true, update: false, delete: false }),
            ("\"None\"", FlowTypes { add: false, update: false, delete: false }),
        ] {
            assert_eq!(serde_json::from_str::<FlowTypes>(text).unwrap(), flow);
            assert_eq!(serde_json::to_string(&flow).unwrap(), text);
        }
        assert_eq!(serde_json::from_str::<FlowTypes>("null").unwrap(), FlowTypes::ALL);
        assert!(serde_json::from_str::<FlowTypes>("\"Upsert\"").is_err());
    }
}
