//! Scoping filters: groups of clauses.

use serde_json::{Map, Value as Json};

use super::CompiledClause;
use crate::schema::{AttributeType, COMPUTED_ATTRIBUTES, Filter, FilterGroup, ObjectDefinition};

/// Scoping filters ready to run.
#[derive(Debug, Clone, Default)]
pub struct CompiledFilter {
    /// In scope when one of these holds, or when there is none.
    pub groups: Vec<CompiledGroup>,
    /// Looked at when one of these holds, or when there is none.
    pub input_groups: Vec<CompiledGroup>,
}

/// Clauses that must all hold.
#[derive(Debug, Clone)]
pub struct CompiledGroup {
    /// Title.
    pub name: String,
    /// Clauses.
    pub clauses: Vec<CompiledClause>,
}

impl CompiledGroup {
    /// Whether every clause holds.
    pub fn holds(&self, attributes: &Map<String, Json>) -> bool {
        self.clauses.iter().all(|clause| clause.holds(attributes))
    }
}

impl CompiledFilter {
    /// Whether the object is in scope.
    pub fn passes(&self, attributes: &Map<String, Json>) -> bool {
        any(&self.groups, attributes)
    }

    /// Whether the object is looked at at all.
    pub fn admits(&self, attributes: &Map<String, Json>) -> bool {
        any(&self.input_groups, attributes)
    }

    /// Source attributes that the filters read.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.groups
            .iter()
            .chain(&self.input_groups)
            .flat_map(|group| group.clauses.iter().map(|clause| clause.attribute.as_str()))
    }
}

fn any(groups: &[CompiledGroup], attributes: &Map<String, Json>) -> bool {
    groups.is_empty() || groups.iter().any(|group| group.holds(attributes))
}

/// Makes filters ready to run; `problem` is told the place inside of the filter and what is wrong.
pub fn compile(
    filter: &Filter,
    source: &ObjectDefinition,
    mut problem: impl FnMut(String, String),
) -> CompiledFilter {
    CompiledFilter {
        groups: compile_groups(&filter.groups, "groups", source, &mut problem),
        input_groups: compile_groups(&filter.input_filter_groups, "inputFilterGroups", source, &mut problem),
    }
}

fn compile_groups(
    groups: &[FilterGroup],
    member: &str,
    source: &ObjectDefinition,
    problem: &mut impl FnMut(String, String),
) -> Vec<CompiledGroup> {
    let mut compiled = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        let path = format!("{member}[{index}]");
        if group.clauses.is_empty() {
            problem(format!("{path}.clauses"), format!("the filter \"{}\" has no clause", group.name));
        }
        let mut clauses = Vec::new();
        for (index, clause) in group.clauses.iter().enumerate() {
            let path = format!("{path}.clauses[{index}]");
            if let Some(message) = unsupported(&clause.source_operand_name, source) {
                problem(format!("{path}.sourceOperandName"), message);
            }
            match CompiledClause::compile(clause) {
                Ok(clause) => clauses.push(clause),
                Err((member, message)) => problem(format!("{path}.{member}"), message),
            }
        }
        compiled.push(CompiledGroup { name: group.name.clone(), clauses });
    }
    compiled
}

/// Why an attribute cannot stand in a filter.
fn unsupported(name: &str, source: &ObjectDefinition) -> Option<String> {
    if COMPUTED_ATTRIBUTES.contains(&name) && name != "objectId" {
        return Some(format!("{name} is computed from the scope and cannot decide it"));
    }
    let Some(definition) = source.attribute(name) else {
        let extension = name.starts_with("extension_");
        return (!extension).then(|| format!("the source has no attribute \"{name}\""));
    };
    match definition.kind {
        _ if definition.multivalued => Some(format!("{name} holds several values and cannot be filtered")),
        AttributeType::Reference => Some(format!("{name} is a reference and cannot be filtered")),
        AttributeType::DateTime => Some(format!("{name} is a date and cannot be filtered")),
        _ => None,
    }
}
