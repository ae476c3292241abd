//! The decision about one object, with everything that led to it.

use serde_json::{Map, Value as Json};

use super::entitlement::{Entitlement, entitlement};
use super::filter::CompiledGroup;
use crate::cycle::{SourceEntry, SourceObject};
use crate::job::Job;
use crate::log::{Details, ErrorCode};
use crate::schema::CompiledMapping;

/// The decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeDecision {
    /// Enabled and not in the recycle bin.
    pub active: bool,
    /// Assigned and passes the filters.
    pub in_scope: bool,
    /// At least one assignment, or everybody is provisioned.
    pub assigned: bool,
    /// Why it is not to be provisioned; none when it is.
    pub failure: Option<ScopeFailure>,
    /// Inputs and decision, for the scoping step.
    pub details: Details,
}

/// Why an object is not to be provisioned; the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeFailure {
    /// The input filters leave it out: it is not looked at.
    NotAdmitted,
    /// Not assigned.
    NotAssigned,
    /// Assigned, but with no role that provisions.
    NotEntitled,
    /// The scoping filters leave it out.
    FilteredOut,
    /// Disabled or in the recycle bin.
    NotActive,
}

impl ScopeFailure {
    /// Code of the log.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::NotAssigned | Self::NotEntitled => ErrorCode::NotEffectivelyEntitled,
            Self::NotAdmitted | Self::FilteredOut | Self::NotActive => ErrorCode::EntrySynchronizationSkipped,
        }
    }

    /// What it means, for people.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotAdmitted => "The input filter leaves the object out, so it is not looked at.",
            Self::NotAssigned => "The object is not assigned to the application.",
            Self::NotEntitled => {
                "The object is assigned to the application, but with no role that provisions: \
                 it holds only Default Access, or a role that the application does not have."
            }
            Self::FilteredOut => "The object does not pass the scoping filters.",
            Self::NotActive => "The object is disabled or deleted in the directory.",
        }
    }
}

impl ScopeDecision {
    /// The computed attribute `IsSoftDeleted`.
    pub fn is_soft_deleted(&self) -> bool {
        self.failure.is_some()
    }
}

/// Decides about an object. `attributes` are its source attributes.
pub fn decide(
    entry: &SourceEntry,
    object: &SourceObject,
    attributes: &Map<String, Json>,
    mapping: &CompiledMapping,
    job: &Job,
) -> ScopeDecision {
    let active = object.account_enabled && !object.soft_deleted;
    let entitlement = entitlement(&entry.assignments, job);
    let passes = mapping.scope.passes(attributes);
    let failure = if !mapping.scope.admits(attributes) {
        Some(ScopeFailure::NotAdmitted)
    } else if entitlement == Entitlement::NotAssigned {
        Some(ScopeFailure::NotAssigned)
    } else if entitlement == Entitlement::NoRole {
        Some(ScopeFailure::NotEntitled)
    } else if !passes {
        Some(ScopeFailure::FilteredOut)
    } else if !active {
        Some(ScopeFailure::NotActive)
    } else {
        None
    };
    let mut details = Details::new();
    let mut note = |key: &str, value: bool| details.insert(key.to_owned(), word(value));
    note("IsActive", active);
    note("Assigned", entitlement != Entitlement::NotAssigned);
    note("IsEffectivelyEntitledForProvisioning", entitlement == Entitlement::Entitled);
    note("ScopeEvaluationResult", passes);
    note("SyncAll", job.settings.sync_all);
    details.insert("IsInProvisioningScopeDisplayName".to_owned(), word(failure.is_none()));
    for group in &mapping.scope.groups {
        note_clauses(group, attributes, &mut details);
    }
    ScopeDecision {
        active,
        in_scope: entitlement == Entitlement::Entitled && passes,
        assigned: entitlement != Entitlement::NotAssigned,
        failure,
        details,
    }
}

/// Each clause as `{title} {attribute} {operator} {value}` with its result.
fn note_clauses(group: &CompiledGroup, attributes: &Map<String, Json>, details: &mut Details) {
    for clause in &group.clauses {
        let key = format!("{} {}", group.name, clause.describe());
        details.insert(key.trim_start().to_owned(), word(clause.holds(attributes)));
    }
}

fn word(value: bool) -> String {
    if value { "True" } else { "False" }.to_owned()
}
