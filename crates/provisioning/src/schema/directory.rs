//! Directories, objects and attributes (Graph: `directoryDefinition`, `objectDefinition`,
//! `attributeDefinition`).

use serde::{Deserialize, Serialize};

use super::null_as_default;
use super::rule::KeyValue;

/// The source or the target (Graph: `directoryDefinition`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DirectoryDefinition {
    /// Stable id.
    pub id: String,
    /// Name that rules refer to.
    pub name: String,
    /// What can be discovered; kept as Graph writes it.
    #[serde(deserialize_with = "null_as_default")]
    pub discoverabilities: String,
    /// When its schema was last read from the target, ISO 8601.
    pub discovery_date_time: Option<String>,
    /// Kinds of objects.
    #[serde(deserialize_with = "null_as_default")]
    pub objects: Vec<ObjectDefinition>,
    /// Whether the directory can only be read.
    #[serde(deserialize_with = "null_as_default")]
    pub read_only: bool,
    /// Changes with every save.
    #[serde(deserialize_with = "null_as_default")]
    pub version: String,
}

impl DirectoryDefinition {
    /// The object with this name, if the directory has it.
    pub fn object(&self, name: &str) -> Option<&ObjectDefinition> {
        self.objects.iter().find(|object| object.name == name)
    }
}

/// A kind of object (Graph: `objectDefinition`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObjectDefinition {
    /// `User` or `Group` in a source; a SCIM resource type in a target.
    pub name: String,
    /// Its attributes.
    #[serde(deserialize_with = "null_as_default")]
    pub attributes: Vec<AttributeDefinition>,
    /// Free-form pairs.
    #[serde(deserialize_with = "null_as_default")]
    pub metadata: Vec<KeyValue>,
    /// Operations that the directory supports; kept as Graph writes it.
    #[serde(deserialize_with = "null_as_default")]
    pub supported_apis: Vec<String>,
}

impl ObjectDefinition {
    /// The attribute with this name. Exact first; then without regard to case, because SCIM names
    /// are case-insensitive (RFC 7643, section 2.1).
    pub fn attribute(&self, name: &str) -> Option<&AttributeDefinition> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
            .or_else(|| self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name)))
    }
}

/// An attribute (Graph: `attributeDefinition`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttributeDefinition {
    /// Name in the source, or path in the target (`emails[type eq "work"].value`).
    pub name: String,
    /// Type of one value.
    #[serde(rename = "type")]
    pub kind: AttributeType,
    /// Whether a new object must have it.
    #[serde(deserialize_with = "null_as_default")]
    pub required: bool,
    /// Whether it holds several values.
    #[serde(deserialize_with = "null_as_default")]
    pub multivalued: bool,
    /// Whether values that differ only in case are different.
    #[serde(deserialize_with = "null_as_default")]
    pub case_exact: bool,
    /// Whether it is the object's id.
    #[serde(deserialize_with = "null_as_default")]
    pub anchor: bool,
    /// Who may change it.
    #[serde(deserialize_with = "null_as_default")]
    pub mutability: Mutability,
    /// Value of an attribute that has none.
    pub default_value: Option<String>,
    /// Whether nulls flow; kept, and not used: a mapping's `clearOnNull` decides.
    #[serde(deserialize_with = "null_as_default")]
    pub flow_null_values: bool,
    /// Objects that a reference may point to.
    #[serde(deserialize_with = "null_as_default")]
    pub referenced_objects: Vec<ReferencedObject>,
    /// Free-form pairs.
    #[serde(deserialize_with = "null_as_default")]
    pub metadata: Vec<KeyValue>,
}

impl Default for AttributeDefinition {
    fn default() -> Self {
        Self {
            name: String::new(),
            kind: AttributeType::String,
            required: false,
            multivalued: false,
            case_exact: false,
            anchor: false,
            mutability: Mutability::ReadWrite,
            default_value: None,
            flow_null_values: false,
            referenced_objects: Vec::new(),
            metadata: Vec::new(),
        }
    }
}

/// Where a reference points (Graph: `referencedObject`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReferencedObject {
    /// Name of the object.
    pub referenced_object_name: String,
    /// Property of the object that the reference holds; its anchor when there is none.
    pub referenced_property: Option<String>,
}

/// Type of an attribute's value (Graph: `attributeType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum AttributeType {
    /// Text.
    #[default]
    String,
    /// Whole number.
    Integer,
    /// Another object of the same directory.
    Reference,
    /// Bytes, in base64.
    Binary,
    /// True or false.
    Boolean,
    /// Point in time, ISO 8601.
    DateTime,
}

/// Who may change an attribute (Graph: `mutability`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Mutability {
    /// Read and written.
    #[default]
    ReadWrite,
    /// Only read: a mapping to it is a mistake.
    ReadOnly,
    /// Written once, on creation.
    Immutable,
    /// Never returned, so never compared: written on creation only.
    WriteOnly,
}
