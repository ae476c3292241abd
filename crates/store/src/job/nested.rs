//! Groups in groups: which of their changes concern the people whom assignments reach.

use std::collections::{HashMap, HashSet};

use super::JobStore;
use crate::sql::SqlError;

/// A group that came into a group, or left it; with itself, one that was deleted or restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NestedChange {
    /// The group around.
    pub group_id: String,
    /// The group within.
    pub member_id: String,
}

/// The groups within of those changes that concern an assignment: the group around is reached by one, now or
/// before the changes. `around` are the pairs of such a group and of one that it is in, itself included;
/// `is_assigned` tells of a group whether it is assigned, or was until now.
///
/// Whoever is no longer reached lost the way at some lowest place, below which nothing changed; above it, the way
/// leads by groups that are still around, or by other changes, to an assignment.
pub fn concerned<'a>(
    changes: &'a [NestedChange],
    around: &'a [(String, String)],
    is_assigned: impl Fn(&str) -> bool,
) -> Vec<&'a str> {
    let mut groups_around: HashMap<&str, Vec<&str>> = HashMap::new();
    for (group, other) in around {
        groups_around.entry(group).or_default().push(other);
    }
    let mut reached: HashSet<&str> = HashSet::new();
    let mut is_concerned = vec![false; changes.len()];
    loop {
        let known = reached.len();
        for (change, is_concerned) in changes.iter().zip(&mut is_concerned) {
            let group = change.group_id.as_str();
            let own = [group];
            let around = groups_around.get(group).map_or(&own[..], Vec::as_slice);
            if !*is_concerned && around.iter().any(|other| is_assigned(other) || reached.contains(other)) {
                *is_concerned = true;
                reached.insert(&change.member_id);
            }
        }
        if reached.len() == known {
            let members = changes.iter().zip(&is_concerned).filter(|(_, is_concerned)| **is_concerned);
            let mut members: Vec<&str> = members.map(|(change, _)| change.member_id.as_str()).collect();
            members.sort_unstable();
            members.dedup();
            return members;
        }
    }
}

impl JobStore<'_> {
    /// Notes changes of groups in groups, which are looked at when all are known.
    pub fn note_nested_changes(&self, changes: &[NestedChange]) -> Result<(), SqlError> {
        for change in changes {
            self.run(
                "INSERT OR IGNORE INTO nested_changes (group_id, member_id) VALUES (?, ?)",
                &[(&change.group_id).into(), (&change.member_id).into()],
            )?;
        }
        Ok(())
    }

    /// The changes of groups in groups that were noted.
    pub fn nested_changes(&self) -> Result<Vec<NestedChange>, SqlError> {
        let rows = self
            .sql
            .query("SELECT group_id, member_id FROM nested_changes ORDER BY group_id, member_id", &[])?;
        rows.into_iter()
            .map(|row| {
                Ok(NestedChange {
                    group_id: row.text("group_id")?.to_owned(),
                    member_id: row.text("member_id")?.to_owned(),
                })
            })
            .collect()
    }

    /// Forgets the changes of groups in groups.
    pub fn clear_nested_changes(&self) -> Result<(), SqlError> {
        self.run("DELETE FROM nested_changes", &[])?;
        Ok(())
    }
}
