//! `/Schemas` and `/ResourceTypes` (RFC 7643 sections 6 and 7, RFC 7644 section 4).

use serde_json::{Map, Value, json};

use super::attribute::{Attribute, AttributeType, Schema};
use super::set::SchemaSet;
use crate::resource::ResourceType;
use crate::urn;

/// A schema as `/Schemas` answers it.
pub fn schema_json(schema: &Schema, base_url: &str) -> Value {
    json!({
        "schemas": [urn::SCHEMA],
        "id": schema.urn,
        "name": schema.name,
        "description": schema.description,
        "attributes": schema.attributes.iter().map(attribute_json).collect::<Value>(),
        "meta": {
            "resourceType": "Schema",
            "location": format!("{base_url}/Schemas/{}", schema.urn),
        },
    })
}

fn attribute_json(attribute: &Attribute) -> Value {
    let mut json = Map::new();
    let mut put = |name: &str, value: Value| {
        json.insert(name.to_owned(), value);
    };
    put("name", Value::from(attribute.name.as_ref()));
    put("type", Value::from(attribute.kind.as_str()));
    put("multiValued", Value::from(attribute.multi_valued));
    // The standard has no field for it.
    let limit = attribute.max_length.map(|limit| format!("; at most {limit} characters")).unwrap_or_default();
    put("description", Value::from(format!("{}{limit}", attribute.description)));
    put("required", Value::from(attribute.required));
    if matches!(attribute.kind, AttributeType::String | AttributeType::Reference | AttributeType::Binary) {
        put("caseExact", Value::from(attribute.case_exact));
    }
    if !attribute.canonical_values.is_empty() {
        put("canonicalValues", Value::from(attribute.canonical_values));
    }
    if !attribute.reference_types.is_empty() {
        put("referenceTypes", Value::from(attribute.reference_types));
    }
    put("mutability", Value::from(attribute.mutability.as_str()));
    put("returned", Value::from(attribute.returned.as_str()));
    put("uniqueness", Value::from(attribute.uniqueness.as_str()));
    if attribute.kind == AttributeType::Complex {
        put("subAttributes", attribute.sub_attributes.iter().map(attribute_json).collect());
    }
    Value::Object(json)
}

/// A resource type as `/ResourceTypes` answers it.
pub fn resource_type_json(kind: ResourceType, schemas: &SchemaSet, base_url: &str) -> Value {
    let extensions = schemas
        .extensions(kind)
        .iter()
        .map(|schema| json!({"schema": schema.urn, "required": false}))
        .collect::<Value>();
    json!({
        "schemas": [urn::RESOURCE_TYPE],
        "id": kind.name(),
        "name": kind.name(),
        "endpoint": format!("/{}", kind.endpoint()),
        "description": schemas.core(kind).description,
        "schema": kind.schema_urn(),
        "schemaExtensions": extensions,
        "meta": {
            "resourceType": "ResourceType",
            "location": format!("{base_url}/ResourceTypes/{}", kind.name()),
        },
    })
}
