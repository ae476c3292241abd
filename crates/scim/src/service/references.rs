//! References to people must name people who exist: managers, and employee attributes of an extension.

use serde_json::{Map, Value};

use crate::error::ScimError;
use crate::repository::{Repository, RepositoryError};
use crate::resource::ResourceType;
use crate::schema::SchemaSet;
use crate::urn;

/// Checks the references that `after` has and `before` had not.
pub(super) fn check(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    repository: &mut dyn Repository,
    schemas: &SchemaSet,
) -> Result<(), ScimError> {
    for schema in schemas.extensions(ResourceType::User) {
        let value = |attributes: &Map<String, Value>, name: &str| -> Option<String> {
            let value = attributes.get(schema.urn.as_ref())?.get(name)?;
            value.get("value").unwrap_or(value).as_str().map(str::to_owned)
        };
        for attribute in &schema.attributes {
            let is_manager = schema.urn == urn::ENTERPRISE_USER && attribute.name == "manager";
            if !is_manager && !attribute.is_employee() {
                continue;
            }
            let Some(reference) = value(after, &attribute.name) else { continue };
            if value(before, &attribute.name).as_ref() == Some(&reference) {
                continue;
            }
            let is_known = if is_manager {
                repository.missing_users(&[&reference])?.is_empty()
            } else {
                repository.find_user(employee(&reference))?.is_some()
            };
            if !is_known {
                let attribute = attribute.name.to_string();
                return Err(RepositoryError::UnknownReference { attribute, ids: vec![reference] }.into());
            }
        }
    }
    Ok(())
}

/// An employee by location is one by id.
fn employee(reference: &str) -> &str {
    match reference.rsplit_once("/Users/") {
        Some((_, id)) => id,
        None => reference,
    }
}
