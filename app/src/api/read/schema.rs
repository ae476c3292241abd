//! Synchronization schemas.

use super::{FromJson, Misfit, get, get_or_default, rest};
use api::schema::{
    AttributeDefinition, AttributeMapping, DirectoryDefinition, MappingSource, ObjectDefinition,
    ObjectMapping, SynchronizationRule, SynchronizationSchema,
};
use serde_json::Value;

read_all!(SynchronizationSchema {
    synchronization_rules "synchronizationRules";
    id "id",
    version "version",
    directories "directories"
});

read_all!(SynchronizationRule { object_mappings "objectMappings"; id "id", name "name" });

read_all!(ObjectMapping {
    enabled "enabled",
    flow_types "flowTypes",
    source_object_name "sourceObjectName",
    target_object_name "targetObjectName",
    attribute_mappings "attributeMappings",
    scope "scope";
    name "name"
});

read_all!(AttributeMapping {
    target_attribute_name "targetAttributeName",
    default_value "defaultValue",
    flow_type "flowType",
    source "source";
    matching_priority "matchingPriority"
});

read_all!(MappingSource { expression "expression"; kind "type" });
read_all!(DirectoryDefinition { name "name"; id "id", objects "objects" });
read_all!(ObjectDefinition { name "name"; attributes "attributes" });
read_all!(AttributeDefinition { name "name", kind "type"; required "required" });
