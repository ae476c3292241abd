//! Pieces that templates are put together from.

use crate::expression::Expression;
use crate::schema::{
    AttributeDefinition, AttributeMapping, AttributeType, DirectoryDefinition, FlowTypes, MappingSource,
    ObjectDefinition, ObjectMapping, ReferencedObject, SynchronizationRule, SynchronizationSchema,
    source_directory,
};

/// Prefix of the attributes of the enterprise extension (RFC 7643, section 4.3).
pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Name of the source directory in every template.
pub(super) const SOURCE: &str = "Workforce directory";

/// The mapping of one attribute.
pub(super) fn map(target: &str, expression: &str) -> AttributeMapping {
    // The expression of a template is a constant of this program; a test parses each of them.
    let source = Expression::parse(expression).map_or_else(
        |_| MappingSource { expression: expression.to_owned(), ..MappingSource::default() },
        |expression| expression.to_source(),
    );
    AttributeMapping {
        target_attribute_name: target.to_owned(),
        source: Some(source),
        ..AttributeMapping::default()
    }
}

/// The mapping of a matching attribute.
pub(super) fn matching(target: &str, expression: &str, priority: i32) -> AttributeMapping {
    AttributeMapping { matching_priority: priority, ..map(target, expression) }
}

/// The mapping of an attribute of the enterprise extension.
pub(super) fn enterprise(name: &str, expression: &str) -> AttributeMapping {
    map(&format!("{ENTERPRISE}:{name}"), expression)
}

/// A text of the target.
pub(super) fn text(name: &str) -> AttributeDefinition {
    AttributeDefinition { name: name.to_owned(), ..AttributeDefinition::default() }
}

/// An attribute of another type.
pub(super) fn typed(name: &str, kind: AttributeType) -> AttributeDefinition {
    AttributeDefinition { kind, ..text(name) }
}

/// A reference of the target.
pub(super) fn reference(name: &str, multivalued: bool, objects: &[&str]) -> AttributeDefinition {
    let referenced_objects = objects
        .iter()
        .map(|object| ReferencedObject {
            referenced_object_name: (*object).to_owned(),
            referenced_property: None,
        })
        .collect();
    AttributeDefinition { multivalued, referenced_objects, ..typed(name, AttributeType::Reference) }
}

/// The target's `id`.
pub(super) fn id() -> AttributeDefinition {
    AttributeDefinition {
        anchor: true,
        case_exact: true,
        mutability: crate::schema::Mutability::ReadOnly,
        ..text("id")
    }
}

/// `userName`: required and unique (RFC 7643, section 4.1.1).
pub(super) fn user_name() -> AttributeDefinition {
    AttributeDefinition { required: true, ..text("userName") }
}

/// A kind of object of the target.
pub(super) fn object(name: &str, attributes: Vec<AttributeDefinition>) -> ObjectDefinition {
    ObjectDefinition { name: name.to_owned(), attributes, ..ObjectDefinition::default() }
}

/// What a template provisions: kind of source object, resource type and mappings.
pub(super) struct Flow {
    pub(super) name: String,
    pub(super) object: &'static str,
    pub(super) enabled: bool,
    pub(super) mappings: Vec<AttributeMapping>,
}

/// The default schema: one rule from the workforce directory to the application.
pub(super) fn schema(
    id: &str,
    target: &str,
    objects: Vec<ObjectDefinition>,
    flows: Vec<Flow>,
) -> SynchronizationSchema {
    let object_mappings = flows
        .into_iter()
        .map(|flow| ObjectMapping {
            name: flow.name,
            enabled: flow.enabled,
            flow_types: FlowTypes::ALL,
            source_object_name: flow.object.to_owned(),
            target_object_name: flow.object.to_owned(),
            attribute_mappings: flow.mappings,
            ..ObjectMapping::default()
        })
        .collect();
    let directory = DirectoryDefinition {
        id: format!("{id}-directory"),
        name: target.to_owned(),
        objects,
        discoverabilities: "AttributeNames, AttributeDataTypes".to_owned(),
        ..DirectoryDefinition::default()
    };
    SynchronizationSchema {
        id: id.to_owned(),
        version: "1".to_owned(),
        synchronization_rules: vec![SynchronizationRule {
            id: format!("{id}-rule"),
            name: format!("{SOURCE} to {target}"),
            priority: 1,
            editable: true,
            source_directory_name: SOURCE.to_owned(),
            target_directory_name: target.to_owned(),
            object_mappings,
            ..SynchronizationRule::default()
        }],
        directories: vec![source_directory(SOURCE), directory],
    }
}
