//! PATCH (RFC 7644 section 3.5.2): `parse` → `resolve` against the schema → `apply`, then `changes`.
//!
//! All operations are applied to a copy, so a request that fails changes nothing. Members of groups are not
//! part of the document: operations on them come out as [`MemberEdit`]s, so that nobody has to load the list.
//!
//! What Entra sends beside the standard is understood too: operation names in any case, booleans as strings,
//! values that are created by writing to `emails[type eq "work"].value`, members that are removed by a list in
//! `value`, dotted and URN-prefixed keys in operations without a path, and managers as bare ids.

mod apply;
mod changes;
mod parse;
mod resolve;

pub use apply::{Patched, apply};
pub use changes::{PropertyChange, changed_names, changes};
pub use parse::{MAX_OPERATIONS, Op, Operation, parse};

use crate::filter::Condition;

/// A change of a group's members. Adding a member that is there and removing one that is not are no changes.
#[derive(Clone, Debug, PartialEq)]
pub enum MemberEdit {
    /// Adds these ids.
    Add(Vec<String>),
    /// Removes these ids.
    Remove(Vec<String>),
    /// Removes the members that fulfil a condition over `value`, `type`, `display` and `$ref`.
    RemoveWhere(Condition),
    /// Makes these ids the only members.
    Replace(Vec<String>),
}

#[cfg(test)]
mod tests;
