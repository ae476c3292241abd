//! Assignments and roles.

use serde_json::{Value as Json, json};

use crate::cycle::Assignment;
use crate::id::DEFAULT_ACCESS;
use crate::job::Job;
use crate::template::AppRole;

/// What an object's assignments amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entitlement {
    /// Provisions.
    Entitled,
    /// Not assigned.
    NotAssigned,
    /// Assigned, but with no role that provisions.
    NoRole,
}

/// Judges the assignments. With "sync all", everybody is entitled.
pub fn entitlement(assignments: &[Assignment], job: &Job) -> Entitlement {
    if job.settings.sync_all || assignments.iter().any(|assignment| provisions(assignment, job)) {
        Entitlement::Entitled
    } else if assignments.is_empty() {
        Entitlement::NotAssigned
    } else {
        Entitlement::NoRole
    }
}

/// A role that the application does not have, or that is switched off, is a broken assignment.
fn provisions(assignment: &Assignment, job: &Job) -> bool {
    if assignment.role_id == DEFAULT_ACCESS {
        return !job.excludes_default_access;
    }
    role(assignment, job).is_some_and(|role| role.is_enabled)
}

fn role<'a>(assignment: &Assignment, job: &'a Job) -> Option<&'a AppRole> {
    job.roles.iter().find(|role| role.id.eq_ignore_ascii_case(&assignment.role_id))
}

/// The computed attribute `appRoleAssignments`: each role that the object holds, once, Default
/// Access left out.
pub fn role_values(assignments: &[Assignment], job: &Job) -> Vec<Json> {
    let mut values: Vec<Json> = Vec::new();
    for role in assignments.iter().filter_map(|assignment| role(assignment, job)) {
        let Some(value) = &role.value else { continue };
        let item = json!({"id": role.id, "value": value, "displayName": role.display_name});
        if !values.contains(&item) {
            values.push(item);
        }
    }
    values
}
