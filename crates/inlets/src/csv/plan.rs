//! What a row changes in the directory.

use serde::Serialize;
use serde_json::Value;

use super::Row;
use crate::attributes::{self, SetError};

/// One changed attribute.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The source attribute.
    pub attribute: String,
    /// The value before.
    pub old: Option<Value>,
    /// The value after.
    pub new: Option<Value>,
}

/// What becomes of a person.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A new resource, without id and metadata.
    Created(Value),
    /// The resource as it is to be stored.
    Updated {
        /// The resource.
        resource: Value,
        /// What is different, never empty.
        changed: Vec<Change>,
    },
    /// The directory already says what the file says.
    Unchanged,
}

/// Applies a row to the resource with the same `userName`, or makes one. Manager and groups are
/// left to the later passes.
///
/// A deleted resource is to be restored by the caller first. The error is that of a row that did
/// not come from an [`Import`](super::Import).
pub fn apply_row(existing: Option<&Value>, row: &Row) -> Result<Outcome, SetError> {
    let Some(existing) = existing else {
        let mut resource = attributes::new_user(&row.user_name);
        for (name, value) in &row.attributes {
            attributes::set(&mut resource, name, value.as_deref())?;
        }
        return Ok(Outcome::Created(resource));
    };
    let mut edit = Edit::of(existing);
    edit.set("userPrincipalName", Some(&row.user_name))?;
    for (name, value) in &row.attributes {
        edit.set(name, value.as_deref())?;
    }
    Ok(edit.outcome())
}

/// Gives a person the manager with this id, or none.
pub fn apply_manager(existing: &Value, manager_id: Option<&str>) -> Result<Outcome, SetError> {
    let mut edit = Edit::of(existing);
    edit.set("manager", manager_id)?;
    Ok(edit.outcome())
}

/// A resource that is copied only when something is different: most rows of a second import
/// change nothing.
struct Edit<'r> {
    existing: &'r Value,
    resource: Option<Value>,
    changed: Vec<Change>,
}

impl<'r> Edit<'r> {
    fn of(existing: &'r Value) -> Self {
        Self { existing, resource: None, changed: Vec::new() }
    }

    fn set(&mut self, name: &str, value: Option<&str>) -> Result<(), SetError> {
        let old = attributes::get(self.existing, name);
        if attributes::says(name, old, value) {
            return Ok(());
        }
        let old = old.cloned();
        let resource = self.resource.get_or_insert_with(|| self.existing.clone());
        attributes::set(resource, name, value)?;
        let new = attributes::get(resource, name).cloned();
        self.changed.push(Change { attribute: name.to_owned(), old, new });
        Ok(())
    }

    fn outcome(self) -> Outcome {
        match self.resource {
            Some(resource) => Outcome::Updated { resource, changed: self.changed },
            None => Outcome::Unchanged,
        }
    }
}

#[cfg(test)]
mod tests;
