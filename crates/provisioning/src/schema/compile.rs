//! A schema ready to run.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::build::build;
use super::{AttributeType, FlowType, FlowTypes, Mutability, Problem, Severity, SynchronizationSchema};
use crate::expression::Expression;
use crate::scope::CompiledFilter;
use crate::target::TargetPath;

/// Kind of a source object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum ObjectType {
    /// A person.
    #[default]
    User,
    /// A group.
    Group,
}

impl ObjectType {
    /// Graph's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// The object of this name in a source directory.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "User" => Some(Self::User),
            "Group" => Some(Self::Group),
            _ => None,
        }
    }
}

impl std::fmt::Display for ObjectType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The enabled object mappings, in the order in which they run: users before groups, because
/// memberships need both.
#[derive(Debug, Clone, Default)]
pub struct CompiledSchema {
    /// The mappings.
    pub mappings: Vec<CompiledMapping>,
}

impl CompiledSchema {
    /// The mapping of this kind of object, if it is enabled.
    pub fn mapping(&self, object_type: ObjectType) -> Option<&CompiledMapping> {
        self.mappings.iter().find(|mapping| mapping.object_type == object_type)
    }
}

/// An object mapping ready to run.
#[derive(Debug, Clone)]
pub struct CompiledMapping {
    /// Users or groups.
    pub object_type: ObjectType,
    /// Name of the mapping.
    pub name: String,
    /// Id of its rule.
    pub rule_id: String,
    /// SCIM resource type, such as `User`.
    pub resource_type: String,
    /// Path of the endpoint, such as `/Users`.
    pub endpoint: String,
    /// What may be done to accounts.
    pub flow: FlowTypes,
    /// Scoping filters.
    pub scope: CompiledFilter,
    /// Attribute mappings in their order.
    pub attributes: Vec<Arc<CompiledAttribute>>,
    /// Indexes of the matching ones, first to try first.
    pub matching: Vec<usize>,
}

/// An attribute mapping ready to run.
#[derive(Debug, Clone)]
pub struct CompiledAttribute {
    /// Path as it is written in the mapping.
    pub name: String,
    /// The path.
    pub path: TargetPath,
    /// Type of one value.
    pub kind: AttributeType,
    /// Whether it takes several values.
    pub many: bool,
    /// Whether a new account must have it.
    pub required: bool,
    /// Whether a difference in case alone counts.
    pub case_exact: bool,
    /// Who may change it.
    pub mutability: Mutability,
    /// The expression; none means that only the default is written.
    pub source: Option<Expression>,
    /// Written on creation when the source gives nothing.
    pub default_value: Option<String>,
    /// When it is applied.
    pub flow_type: FlowType,
    /// Whether nothing in the source removes the target's value.
    pub clear_on_null: bool,
    /// Whether the expression reads `IsSoftDeleted`: such attributes are what deprovisioning
    /// writes.
    pub deprovisions: bool,
}

impl CompiledAttribute {
    /// Whether it refers to another object: manager, members.
    pub fn is_reference(&self) -> bool {
        self.kind == AttributeType::Reference
    }

    /// Whether it is written on updates, or on creation only.
    pub fn flows_on_update(&self) -> bool {
        self.flow_type != FlowType::ObjectAddOnly && self.mutability == Mutability::ReadWrite
    }
}

impl CompiledMapping {
    /// The matching attributes, first to try first.
    pub fn matching_attributes(&self) -> impl Iterator<Item = &Arc<CompiledAttribute>> {
        self.matching.iter().filter_map(|index| self.attributes.get(*index))
    }

    /// The mapping of `active`, if there is one.
    pub fn active(&self) -> Option<&Arc<CompiledAttribute>> {
        self.attributes.iter().find(|attribute| attribute.path.is_core("active"))
    }
}

/// Makes a schema ready to run.
///
/// # Errors
/// All problems, warnings included, when at least one is an error.
pub fn compile(schema: &SynchronizationSchema) -> Result<CompiledSchema, Vec<Problem>> {
    let (compiled, problems) = build(schema);
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        Err(problems)
    } else {
        Ok(compiled)
    }
}

/// Names of the source attributes that the mapping of this kind of object reads, for a driver that
/// loads no more than these. Computed attributes are left out.
pub fn source_attributes(schema: &CompiledSchema, object_type: ObjectType) -> Vec<String> {
    let mut names = BTreeSet::new();
    if let Some(mapping) = schema.mapping(object_type) {
        for expression in mapping.attributes.iter().filter_map(|attribute| attribute.source.as_ref()) {
            names.extend(expression.attributes().into_iter().map(|(name, _)| name.to_owned()));
        }
        names.extend(mapping.scope.attributes().map(str::to_owned));
    }
    names.into_iter().filter(|name| !super::COMPUTED_ATTRIBUTES.contains(&name.as_str())).collect()
}
