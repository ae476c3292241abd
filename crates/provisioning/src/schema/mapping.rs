//! Attribute mappings (Graph: `attributeMapping`, `attributeMappingSource`).

use serde::{Deserialize, Serialize};

use super::null_as_default;

/// How one target attribute gets its value (Graph: `attributeMapping`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttributeMapping {
    /// SCIM path of the target attribute.
    pub target_attribute_name: String,
    /// Where the value comes from. None: only the default value is written, on creation.
    pub source: Option<MappingSource>,
    /// Written when the source gives nothing; only on creation.
    pub default_value: Option<String>,
    /// Kept as Graph writes it. The engine compares with the target, so both values act the same.
    #[serde(deserialize_with = "null_as_default")]
    pub flow_behavior: FlowBehavior,
    /// When the value is applied.
    #[serde(deserialize_with = "null_as_default")]
    pub flow_type: FlowType,
    /// Above 0: accounts are matched by this attribute, lowest number first.
    #[serde(deserialize_with = "null_as_default")]
    pub matching_priority: i32,
    /// Kept as Graph writes it.
    #[serde(deserialize_with = "null_as_default")]
    pub export_missing_references: bool,
    /// Not in Graph: remove the target's value when the source gives none. Off by default, as in
    /// Entra, where a null never flows.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "std::ops::Not::not")]
    pub clear_on_null: bool,
}

impl Default for AttributeMapping {
    fn default() -> Self {
        Self {
            target_attribute_name: String::new(),
            source: None,
            default_value: None,
            flow_behavior: FlowBehavior::FlowWhenChanged,
            flow_type: FlowType::Always,
            matching_priority: 0,
            export_missing_references: false,
            clear_on_null: false,
        }
    }
}

/// The source of a mapping, or one parameter of a function (Graph: `attributeMappingSource`).
///
/// Only `expression` decides what runs; `type`, `name` and `parameters` describe the same thing as
/// a tree and are written anew from the expression on every save.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MappingSource {
    /// `[mail]`, `"text"`, or `Function(…)`.
    #[serde(deserialize_with = "null_as_default")]
    pub expression: String,
    /// Name of the attribute or function, or the constant itself.
    pub name: Option<String>,
    /// The function's arguments.
    #[serde(deserialize_with = "null_as_default")]
    pub parameters: Vec<SourceParameter>,
    /// What the expression is.
    #[serde(rename = "type", deserialize_with = "null_as_default")]
    pub kind: MappingSourceType,
}

/// A named argument (Graph: `stringKeyAttributeMappingSourceValuePair`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SourceParameter {
    /// The parameter's name.
    pub key: String,
    /// The argument.
    pub value: MappingSource,
}

/// Kind of a mapping source (Graph: `attributeMappingSourceType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum MappingSourceType {
    /// A source attribute: a direct mapping.
    #[default]
    Attribute,
    /// A literal.
    Constant,
    /// A function call.
    Function,
}

/// When a mapping's value is applied (Graph: `attributeFlowType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum FlowType {
    /// On creation and on every update.
    #[default]
    Always,
    /// On creation only.
    ObjectAddOnly,
    /// Values are added to a multi-valued attribute, never removed from it.
    MultiValueAddOnly,
    /// A value is written, never removed or replaced by nothing.
    ValueAddOnly,
    /// Only when the target has no value yet.
    AttributeAddOnly,
}

/// Whether equal values are sent again (Graph: `attributeFlowBehavior`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum FlowBehavior {
    /// Only differences.
    #[default]
    FlowWhenChanged,
    /// Kept for schemas from Graph.
    FlowAlways,
}
