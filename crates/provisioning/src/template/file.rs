//! Template files: one application each, in `templates/` of this crate. Adding an application is
//! adding a file and its line in [`FILES`]; a test checks every file's schema.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{AppRole, ApplicationTemplate};
use crate::expression::Expression;
use crate::schema::{
    AttributeDefinition, AttributeMapping, AttributeType, DirectoryDefinition, FlowTypes, MappingSource,
    Mutability, ObjectDefinition, ObjectMapping, ReferencedObject, SynchronizationRule,
    SynchronizationSchema, source_directory,
};
use crate::target::Quirks;

/// Name of the source directory in every template.
const SOURCE: &str = "Workforce directory";

/// The files.
pub(super) const FILES: &[&str] = &[
    include_str!("../../templates/asana.json"),
    include_str!("../../templates/atlassian-cloud.json"),
    include_str!("../../templates/cisco-webex.json"),
    include_str!("../../templates/github-enterprise-managed-user.json"),
    include_str!("../../templates/grammarly.json"),
    include_str!("../../templates/lucid.json"),
    include_str!("../../templates/mural.json"),
    include_str!("../../templates/peakon.json"),
    include_str!("../../templates/postman.json"),
    include_str!("../../templates/scim.json"),
    include_str!("../../templates/smartsheet.json"),
    include_str!("../../templates/snowflake.json"),
];

/// A template file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TemplateFile {
    id: String,
    display_name: String,
    description: String,
    publisher: String,
    categories: Vec<String>,
    home_page_url: Option<String>,
    logo_url: Option<String>,
    sync_template_id: String,
    tenant_url_hint: String,
    excludes_default_access: bool,
    /// Names of quirks.
    #[serde(default)]
    quirks: Vec<String>,
    app_roles: Vec<RoleFile>,
    /// By name: `User`, `Group`.
    objects: BTreeMap<String, ObjectFile>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RoleFile {
    id: String,
    display_name: String,
    description: String,
    value: String,
}

/// What is provisioned of one kind of object.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ObjectFile {
    name: String,
    enabled: bool,
    mappings: Vec<MappingFile>,
    /// Target attributes that nothing is mapped to yet.
    attributes: Vec<AttributeFile>,
}

/// A mapping together with its target attribute.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MappingFile {
    target: String,
    source: String,
    #[serde(default)]
    matching: i32,
    #[serde(default, rename = "type")]
    kind: AttributeType,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    case_exact: bool,
    #[serde(default)]
    multivalued: bool,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum AttributeFile {
    /// A single text.
    Name(String),
    /// Anything else.
    Definition(Box<AttributeDefinition>),
}

/// Reads a template file.
pub(super) fn read(text: &str) -> Result<ApplicationTemplate, serde_json::Error> {
    let file: TemplateFile = serde_json::from_str(text)?;
    let schema = schema(&file);
    let quirks = Quirks::parse(&file.quirks.join(",")).map_err(serde::de::Error::custom)?;
    let roles = file.app_roles.into_iter().map(|role| AppRole {
        id: role.id,
        display_name: role.display_name,
        description: role.description,
        value: Some(role.value),
        is_enabled: true,
    });
    Ok(ApplicationTemplate {
        id: file.id,
        display_name: file.display_name,
        description: file.description,
        publisher: file.publisher,
        categories: file.categories,
        home_page_url: file.home_page_url,
        logo_url: file.logo_url,
        supported_provisioning_types: vec!["sync".to_owned()],
        sync_template_id: file.sync_template_id,
        tenant_url_hint: file.tenant_url_hint,
        excludes_default_access: file.excludes_default_access,
        quirks,
        app_roles: std::iter::once(AppRole::default_access()).chain(roles).collect(),
        schema,
    })
}

/// The default schema: one rule from the workforce directory to the application. Users come first.
fn schema(file: &TemplateFile) -> SynchronizationSchema {
    let id = &file.sync_template_id;
    let objects = || file.objects.iter().rev();
    let target = DirectoryDefinition {
        id: format!("{id}-directory"),
        name: file.display_name.clone(),
        discoverabilities: "AttributeNames, AttributeDataTypes".to_owned(),
        objects: objects().map(|(name, object)| object_definition(name, object)).collect(),
        ..DirectoryDefinition::default()
    };
    let rule = SynchronizationRule {
        id: format!("{id}-rule"),
        name: format!("{SOURCE} to {}", file.display_name),
        priority: 1,
        editable: true,
        source_directory_name: SOURCE.to_owned(),
        target_directory_name: file.display_name.clone(),
        object_mappings: objects().map(|(name, object)| object_mapping(name, object)).collect(),
        ..SynchronizationRule::default()
    };
    SynchronizationSchema {
        id: id.clone(),
        version: "1".to_owned(),
        synchronization_rules: vec![rule],
        directories: vec![source_directory(SOURCE), target],
    }
}

fn object_definition(name: &str, object: &ObjectFile) -> ObjectDefinition {
    let id = AttributeDefinition {
        name: "id".to_owned(),
        anchor: true,
        case_exact: true,
        mutability: Mutability::ReadOnly,
        ..AttributeDefinition::default()
    };
    let mapped = object.mappings.iter().map(|mapping| AttributeDefinition {
        name: mapping.target.clone(),
        kind: mapping.kind,
        required: mapping.required,
        multivalued: mapping.multivalued,
        case_exact: mapping.case_exact,
        referenced_objects: referenced(mapping),
        ..AttributeDefinition::default()
    });
    let others = object.attributes.iter().map(|attribute| match attribute {
        AttributeFile::Name(name) => {
            AttributeDefinition { name: name.clone(), ..AttributeDefinition::default() }
        }
        AttributeFile::Definition(definition) => definition.as_ref().clone(),
    });
    ObjectDefinition {
        name: name.to_owned(),
        attributes: std::iter::once(id).chain(mapped).chain(others).collect(),
        ..ObjectDefinition::default()
    }
}

/// Managers are users; members are users and groups.
fn referenced(mapping: &MappingFile) -> Vec<ReferencedObject> {
    let objects: &[&str] = match (mapping.kind, mapping.multivalued) {
        (AttributeType::Reference, false) => &["User"],
        (AttributeType::Reference, true) => &["User", "Group"],
        _ => &[],
    };
    let object = |name: &&str| ReferencedObject {
        referenced_object_name: (*name).to_owned(),
        referenced_property: None,
    };
    objects.iter().map(object).collect()
}

fn object_mapping(name: &str, object: &ObjectFile) -> ObjectMapping {
    let attribute_mappings = object
        .mappings
        .iter()
        .map(|mapping| {
            // A test reads every expression of every file.
            let source = Expression::parse(&mapping.source).map_or_else(
                |_| MappingSource { expression: mapping.source.clone(), ..MappingSource::default() },
                |expression| expression.to_source(),
            );
            AttributeMapping {
                target_attribute_name: mapping.target.clone(),
                source: Some(source),
                matching_priority: mapping.matching,
                ..AttributeMapping::default()
            }
        })
        .collect();
    ObjectMapping {
        name: object.name.clone(),
        enabled: object.enabled,
        flow_types: FlowTypes::ALL,
        source_object_name: name.to_owned(),
        target_object_name: name.to_owned(),
        attribute_mappings,
        ..ObjectMapping::default()
    }
}
