//! The attribute mappings of one object mapping: built and checked.

use super::build::Problems;
use super::compile::CompiledAttribute;
use super::{
    AttributeDefinition, AttributeMapping, AttributeType, COMPUTED_ATTRIBUTES, FlowType, Mutability,
    ObjectDefinition, ObjectMapping, Severity,
};
use crate::expression::{Expression, Kind, Node, Value};
use crate::target::{TargetPath, typed};

pub(super) struct MappingBuilder<'a> {
    pub(super) source: &'a ObjectDefinition,
    pub(super) target: &'a ObjectDefinition,
    pub(super) path: &'a str,
    pub(super) problems: &'a mut Problems,
}

impl MappingBuilder<'_> {
    /// Every attribute mapping that can be built.
    pub(super) fn attributes(&mut self, mapping: &ObjectMapping) -> Vec<CompiledAttribute> {
        let mut attributes: Vec<CompiledAttribute> = Vec::new();
        for (index, mapping) in mapping.attribute_mappings.iter().enumerate() {
            let path = format!("{}.attributeMappings[{index}]", self.path);
            let Some(attribute) = self.attribute(mapping, &path) else { continue };
            if attributes.iter().any(|known| known.path == attribute.path) {
                let message = format!("{} is mapped twice", attribute.name);
                self.problems.error(format!("{path}.targetAttributeName"), message);
                continue;
            }
            attributes.push(attribute);
        }
        attributes
    }

    /// What concerns the mapping as a whole.
    pub(super) fn whole(&mut self, mapping: &ObjectMapping, attributes: &[CompiledAttribute]) {
        let place = format!("{}.attributeMappings", self.path);
        if !mapping.attribute_mappings.iter().any(|mapping| mapping.matching_priority > 0) {
            self.problems.error(&place, "no matching attribute: give one mapping a matchingPriority of 1");
        }
        if mapping.source_object_name == "User" && !attributes.iter().any(|attribute| attribute.deprovisions)
        {
            let message = "no mapping reads IsSoftDeleted, so nobody is disabled in the target";
            self.problems.warning(&place, message);
        }
        for required in self.target.attributes.iter().filter(|definition| definition.required) {
            let mapped =
                attributes.iter().any(|attribute| attribute.name.eq_ignore_ascii_case(&required.name));
            if mapping.flow_types.add && !mapped && !required.anchor {
                let message = format!("the target requires {}, which no mapping writes", required.name);
                self.problems.error(&place, message);
            }
        }
    }

    fn attribute(&mut self, mapping: &AttributeMapping, path: &str) -> Option<CompiledAttribute> {
        let target_path = format!("{path}.targetAttributeName");
        let name = mapping.target_attribute_name.trim();
        let parsed = match TargetPath::parse(name) {
            Ok(parsed) => parsed,
            Err(error) => {
                self.problems.error(target_path, format!("\"{name}\" is not an attribute path: {error}"));
                return None;
            }
        };
        let definition = self.definition(name, &parsed, &target_path);
        if definition.anchor || definition.mutability == Mutability::ReadOnly {
            self.problems.error(target_path, format!("{name} is set by the target and cannot be mapped"));
            return None;
        }
        let source = match &mapping.source {
            Some(source) => Some(self.expression(&source.expression, &format!("{path}.source.expression"))?),
            None => None,
        };
        let attribute = CompiledAttribute {
            name: name.to_owned(),
            many: definition.multivalued && parsed.element.is_none() && parsed.sub.is_none(),
            path: parsed,
            kind: definition.kind,
            required: definition.required,
            case_exact: definition.case_exact,
            mutability: definition.mutability,
            deprovisions: source.as_ref().is_some_and(|expression| expression.reads("IsSoftDeleted")),
            default_value: mapping.default_value.clone().filter(|value| !value.is_empty()),
            flow_type: flow_type(mapping.flow_type, source.as_ref()),
            clear_on_null: mapping.clear_on_null,
            source,
        };
        self.types(&attribute, path);
        if mapping.matching_priority > 0 {
            self.matching(&attribute, path);
        }
        Some(attribute)
    }

    /// The target's definition of the attribute. Extension attributes that it does not list are
    /// taken as single texts: a target may know more than the template.
    fn definition(&mut self, name: &str, parsed: &TargetPath, place: &str) -> AttributeDefinition {
        if let Some(definition) = self.target.attribute(name) {
            return definition.clone();
        }
        let message = format!("the target's attribute list has no {name}");
        if parsed.extension().is_some() {
            self.problems.warning(place, format!("{message}; it is taken as a single text"));
        } else {
            self.problems.error(place, message);
        }
        AttributeDefinition { name: name.to_owned(), ..AttributeDefinition::default() }
    }

    fn expression(&mut self, text: &str, place: &str) -> Option<Expression> {
        let expression = match Expression::parse(text) {
            Ok(expression) => expression,
            Err(error) => {
                self.problems.spanned(place.to_owned(), error.message, Severity::Error, error.span);
                return None;
            }
        };
        for (name, span) in expression.attributes() {
            let known = COMPUTED_ATTRIBUTES.contains(&name) || self.source.attribute(name).is_some();
            if !known && !name.starts_with("extension_") {
                let message = format!("the source has no attribute {name}; it counts as empty");
                self.problems.spanned(place.to_owned(), message, Severity::Warning, span);
            }
        }
        Some(expression)
    }

    fn types(&mut self, attribute: &CompiledAttribute, path: &str) {
        if let Some(text) = &attribute.default_value
            && let Err(error) = typed(&Value::from(text.as_str()), attribute.kind, attribute.many)
        {
            self.problems.error(format!("{path}.defaultValue"), error.message);
        }
        let Some(expression) = &attribute.source else { return };
        let place = format!("{path}.source.expression");
        if attribute.is_reference() {
            if expression.as_attribute().is_none() {
                let message =
                    format!("{} refers to another object: map an attribute directly", attribute.name);
                self.problems.error(place, message);
            }
            return;
        }
        match expression.root() {
            Node::Call { function, .. }
                if matches!(function.returns, Kind::List | Kind::Complex) && !attribute.many =>
            {
                let message = format!("{} gives several values, {} takes one", function.name, attribute.name);
                self.problems.error(place, message);
            }
            Node::Call { function, .. }
                if function.returns == Kind::Boolean
                    && !matches!(attribute.kind, AttributeType::Boolean | AttributeType::String) =>
            {
                let message = format!(
                    "{} gives True or False, {} is of type {:?}",
                    function.name, attribute.name, attribute.kind
                );
                self.problems.error(place, message);
            }
            Node::Literal { .. } => {
                let value = Value::from(expression.to_source().name.unwrap_or_default().as_str());
                if let Err(error) = typed(&value, attribute.kind, attribute.many) {
                    self.problems.error(place, error.message);
                }
            }
            Node::Attribute { name, .. } => {
                let several = self.source.attribute(name).is_some_and(|definition| definition.multivalued);
                if several && !attribute.many {
                    let message = format!("{name} holds several values, {} takes one", attribute.name);
                    self.problems.error(place, message);
                }
            }
            _ => {}
        }
    }

    fn matching(&mut self, attribute: &CompiledAttribute, path: &str) {
        let place = format!("{path}.matchingPriority");
        let Some(source) = &attribute.source else {
            self.problems.error(place, format!("{} has no source, so it cannot match", attribute.name));
            return;
        };
        if attribute.is_reference() || attribute.many || attribute.kind == AttributeType::Boolean {
            self.problems.error(&place, format!("accounts cannot be matched by {}", attribute.name));
        }
        if source.calls("SelectUniqueValue") || source.calls("RandomString") || source.calls("Guid") {
            self.problems.error(place, "a matching value must be the same in every cycle");
        }
    }
}

/// `AppRoleAssignmentsComplex` adds roles and never removes any, whatever the mapping says.
fn flow_type(flow_type: FlowType, source: Option<&Expression>) -> FlowType {
    match flow_type {
        FlowType::Always if source.is_some_and(|source| source.calls("AppRoleAssignmentsComplex")) => {
            FlowType::MultiValueAddOnly
        }
        other => other,
    }
}
