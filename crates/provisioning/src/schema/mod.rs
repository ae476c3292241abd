//! The synchronization schema: directories with their attributes, rules, mappings, scoping
//! filters, in Microsoft Graph's JSON form (resource `synchronizationSchema`).
//!
//! Three stages: the serde types of this module hold what a person saved; [`validate`] lists what
//! is wrong with it, each problem with its place in the JSON; [`compile`] turns a valid schema
//! into what the engine runs. Members that Graph has and the engine does not use are ignored when
//! a schema is read, and not written back.

mod build;
mod build_mapping;
mod compile;
mod directory;
mod filter;
mod mapping;
mod rule;
mod source;
mod validate;

use serde::{Deserialize, Deserializer, Serialize};

pub use compile::{
    CompiledAttribute, CompiledMapping, CompiledSchema, ObjectType, compile, source_attributes,
};
pub use directory::{
    AttributeDefinition, AttributeType, DirectoryDefinition, Mutability, ObjectDefinition, ReferencedObject,
};
pub use filter::{
    Filter, FilterClause, FilterGroup, FilterOperand, FilterOperator, OperatorSchema, filter_operators,
};
pub use mapping::{
    AttributeMapping, FlowBehavior, FlowType, MappingSource, MappingSourceType, SourceParameter,
};
pub use rule::{FlowTypes, KeyValue, ObjectMapping, SynchronizationRule};
pub use source::{COMPUTED_ATTRIBUTES, source_directory};
pub use validate::{Problem, Severity, validate};

/// The whole configuration of a job's data flow (Graph: `synchronizationSchema`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SynchronizationSchema {
    /// Id of the schema; the job's id.
    pub id: String,
    /// Changes with every save.
    #[serde(deserialize_with = "null_as_default")]
    pub version: String,
    /// Rules, in order of priority.
    #[serde(deserialize_with = "null_as_default")]
    pub synchronization_rules: Vec<SynchronizationRule>,
    /// Source and target with their objects and attributes.
    #[serde(deserialize_with = "null_as_default")]
    pub directories: Vec<DirectoryDefinition>,
}

impl SynchronizationSchema {
    /// The directory with this name, if the schema has it.
    pub fn directory(&self, name: &str) -> Option<&DirectoryDefinition> {
        self.directories.iter().find(|directory| directory.name == name)
    }
}

/// Graph writes `null` where there is nothing; that is the same as leaving the member out.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests;
