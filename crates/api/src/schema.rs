//! `GET/PUT …/jobs/{jobId}/schema`: Graph's `synchronizationSchema`, as far as a client edits it.
//!
//! What these types do not name is kept in `other` and written back unchanged.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Graph's `synchronizationSchema`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SynchronizationSchema {
    /// Its id: the job's.
    #[serde(default)]
    pub id: String,
    /// Changes with every save; send it back so that a save over somebody else's is refused (409).
    #[serde(default)]
    pub version: String,
    /// What is synchronized how.
    pub synchronization_rules: Vec<SynchronizationRule>,
    /// Attributes of both sides.
    #[serde(default)]
    pub directories: Vec<DirectoryDefinition>,
    /// The rest.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Graph's `synchronizationRule`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SynchronizationRule {
    /// Its id: `ruleId` of `provisionOnDemand`.
    #[serde(default)]
    pub id: String,
    /// Name.
    #[serde(default)]
    pub name: String,
    /// Object types.
    pub object_mappings: Vec<ObjectMapping>,
    /// The rest.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Graph's `objectMapping`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectMapping {
    /// Name, e.g. `Synchronize users to Peakon`.
    #[serde(default)]
    pub name: String,
    /// Whether this object type is synchronized.
    pub enabled: bool,
    /// `Add, Update, Delete`, as far as allowed.
    pub flow_types: String,
    /// `User` or `Group`.
    pub source_object_name: String,
    /// Object type of the target.
    pub target_object_name: String,
    /// Attributes.
    pub attribute_mappings: Vec<AttributeMapping>,
    /// Scoping filters.
    #[serde(default)]
    pub scope: Option<Value>,
    /// The rest.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Graph's `attributeMapping`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeMapping {
    /// SCIM path in the target.
    pub target_attribute_name: String,
    /// Value on creation when the source has none.
    #[serde(default)]
    pub default_value: Option<String>,
    /// `Always`, `ObjectAddOnly`, …
    pub flow_type: String,
    /// 0 = no matching attribute; else the precedence, lowest first.
    #[serde(default)]
    pub matching_priority: u32,
    /// Where the value comes from; absent: only the default value.
    pub source: Option<MappingSource>,
    /// The rest.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Graph's `attributeMappingSource`. For a PUT only `expression` counts; the rest is derived from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MappingSource {
    /// The expression, e.g. `[mail]`, `"text"` or `Not([IsSoftDeleted])`.
    pub expression: String,
    /// `Attribute`, `Constant` or `Function`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// The rest.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Graph's `directoryDefinition`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DirectoryDefinition {
    /// Its id.
    #[serde(default)]
    pub id: String,
    /// Name.
    pub name: String,
    /// Object types.
    #[serde(default)]
    pub objects: Vec<ObjectDefinition>,
    /// The rest.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Graph's `objectDefinition`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectDefinition {
    /// `User`, `Group`, or the target's URN.
    pub name: String,
    /// Attributes.
    #[serde(default)]
    pub attributes: Vec<AttributeDefinition>,
    /// The rest.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Graph's `attributeDefinition`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeDefinition {
    /// Name, or SCIM path.
    pub name: String,
    /// `String`, `Boolean`, `Integer`, `DateTime`, `Reference` or `Binary`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether every object needs a value.
    #[serde(default)]
    pub required: bool,
    /// The rest.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}
