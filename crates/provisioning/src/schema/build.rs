//! Walks a schema once: builds what the engine runs and lists what is wrong on the way.

use std::sync::Arc;

use super::build_mapping::MappingBuilder;
use super::compile::{CompiledMapping, CompiledSchema, ObjectType};
use super::{ObjectDefinition, ObjectMapping, Problem, Severity, SynchronizationRule, SynchronizationSchema};
use crate::expression::Span;
use crate::scope;
use crate::target::endpoint;

/// Collects problems with their place.
#[derive(Default)]
pub(super) struct Problems(pub(super) Vec<Problem>);

impl Problems {
    pub(super) fn error(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.add(path.into(), message.into(), Severity::Error, None);
    }

    pub(super) fn warning(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.add(path.into(), message.into(), Severity::Warning, None);
    }

    pub(super) fn spanned(&mut self, path: String, message: String, severity: Severity, span: Span) {
        self.add(path, message, severity, Some(span));
    }

    fn add(&mut self, path: String, message: String, severity: Severity, span: Option<Span>) {
        self.0.push(Problem { path, message, severity, span });
    }
}

/// Puts a place where it belongs by its priority. There are few, and sorting code would weigh more in a Worker.
fn insert(order: &mut Vec<(i32, usize)>, new: (i32, usize)) {
    let place = order.iter().take_while(|known| **known < new).count();
    order.insert(place, new);
}

/// The compiled schema, complete only if no problem is an error, and the problems.
pub(super) fn build(schema: &SynchronizationSchema) -> (CompiledSchema, Vec<Problem>) {
    let mut problems = Problems::default();
    let mut mappings = Vec::new();
    let mut order = Vec::new();
    for (index, rule) in schema.synchronization_rules.iter().enumerate() {
        insert(&mut order, (rule.priority, index));
    }
    for (_, index) in order {
        if let Some(rule) = schema.synchronization_rules.get(index) {
            build_rule(schema, rule, &format!("synchronizationRules[{index}]"), &mut mappings, &mut problems);
        }
    }
    if mappings.is_empty() {
        problems
            .error("synchronizationRules", "no object mapping is enabled, so nothing would be provisioned");
    }
    // Users first; within a kind the order stays.
    let is_user = |mapping: &CompiledMapping| mapping.object_type == ObjectType::User;
    let (mut users, groups): (Vec<_>, Vec<_>) = mappings.into_iter().partition(is_user);
    users.extend(groups);
    (CompiledSchema { mappings: users }, problems.0)
}

fn build_rule(
    schema: &SynchronizationSchema,
    rule: &SynchronizationRule,
    path: &str,
    mappings: &mut Vec<CompiledMapping>,
    problems: &mut Problems,
) {
    let source = schema.directory(&rule.source_directory_name);
    if source.is_none() {
        let message = format!("there is no directory named \"{}\"", rule.source_directory_name);
        problems.error(format!("{path}.sourceDirectoryName"), message);
    }
    let target = schema.directory(&rule.target_directory_name);
    if target.is_none() {
        let message = format!("there is no directory named \"{}\"", rule.target_directory_name);
        problems.error(format!("{path}.targetDirectoryName"), message);
    }
    let (Some(source), Some(target)) = (source, target) else { return };
    for (index, mapping) in rule.object_mappings.iter().enumerate() {
        let path = format!("{path}.objectMappings[{index}]");
        let Some(object_type) = ObjectType::parse(&mapping.source_object_name) else {
            let message = format!("\"{}\" is not User or Group", mapping.source_object_name);
            problems.error(format!("{path}.sourceObjectName"), message);
            continue;
        };
        let Some(source_object) = source.object(&mapping.source_object_name) else {
            let message = format!("{} has no object {}", source.name, mapping.source_object_name);
            problems.error(format!("{path}.sourceObjectName"), message);
            continue;
        };
        let Some(target_object) = target.object(&mapping.target_object_name) else {
            let message = format!("{} has no object {}", target.name, mapping.target_object_name);
            problems.error(format!("{path}.targetObjectName"), message);
            continue;
        };
        let compiled =
            build_mapping(rule, mapping, object_type, (source_object, target_object), &path, problems);
        if !mapping.enabled {
            continue;
        }
        if mappings.iter().any(|known| known.object_type == object_type) {
            problems.error(path, format!("another enabled object mapping provisions {object_type} already"));
            continue;
        }
        mappings.push(compiled);
    }
}

fn build_mapping(
    rule: &SynchronizationRule,
    mapping: &ObjectMapping,
    object_type: ObjectType,
    (source, target): (&ObjectDefinition, &ObjectDefinition),
    path: &str,
    problems: &mut Problems,
) -> CompiledMapping {
    let scope = mapping.scope.clone().unwrap_or_default();
    let scope = scope::compile(&scope, source, |place, message| {
        problems.error(format!("{path}.scope.{place}"), message);
    });
    let mut builder = MappingBuilder { source, target, path, problems };
    let attributes = builder.attributes(mapping);
    builder.whole(mapping, &attributes);
    let mut matching = Vec::new();
    for mapping in mapping.attribute_mappings.iter().filter(|mapping| mapping.matching_priority > 0) {
        if let Some(index) = attributes.iter().position(|a| a.name == mapping.target_attribute_name) {
            insert(&mut matching, (mapping.matching_priority, index));
        }
    }
    CompiledMapping {
        object_type,
        name: mapping.name.clone(),
        rule_id: rule.id.clone(),
        resource_type: target.name.rsplit(':').next().unwrap_or_default().to_owned(),
        endpoint: endpoint(&target.name),
        flow: mapping.flow_types,
        scope,
        attributes: attributes.into_iter().map(Arc::new).collect(),
        matching: matching.into_iter().map(|(_, index)| index).collect(),
    }
}
