//! The mirror of the assignments of the job's application, and the groups whose members are still to be
//! looked at one by one.

use std::collections::HashMap;

use super::JobStore;
use crate::organization::PrincipalType;
use crate::sql::{MAX_PARAMETERS, SqlError, Value, placeholders};

/// One assignment, as far as scoping needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentMirror {
    /// The assignment's id.
    pub id: String,
    /// The user or group.
    pub principal_id: String,
    /// User or group.
    pub principal_type: PrincipalType,
    /// The role.
    pub app_role_id: String,
}

/// Why the members of a group are looked at, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expansion {
    /// The group's assignment changed, which concerns its members: they are marked.
    Changed,
    /// The group was linked: its members are to be given to its account.
    Members,
    /// The directory no longer tells which members came and went, or the group was deleted and is back: all are
    /// compared with those that were written.
    Compared,
    /// What somebody else did to the members in the target is to be repaired.
    Repaired,
}

impl Expansion {
    fn table(self) -> &'static str {
        match self {
            Expansion::Changed => "expansions",
            Expansion::Members => "member_expansions",
            Expansion::Compared => "comparisons",
            Expansion::Repaired => "member_repairs",
        }
    }
}

impl JobStore<'_> {
    /// Adds or overwrites a mirrored assignment.
    pub fn save_assignment(&self, assignment: &AssignmentMirror) -> Result<(), SqlError> {
        self.run(
            "INSERT OR REPLACE INTO assignments (id, principal_id, principal_type, app_role_id)
             VALUES (?, ?, ?, ?)",
            &[
                (&assignment.id).into(),
                (&assignment.principal_id).into(),
                assignment.principal_type.name().into(),
                (&assignment.app_role_id).into(),
            ],
        )?;
        Ok(())
    }

    /// Removes a mirrored assignment.
    pub fn remove_assignment(&self, id: &str) -> Result<(), SqlError> {
        self.run("DELETE FROM assignments WHERE id = ?", &[id.into()])?;
        Ok(())
    }

    /// The assignments of these principals, by principal.
    pub fn assignments_of(
        &self,
        principals: &[&str],
    ) -> Result<HashMap<String, Vec<AssignmentMirror>>, SqlError> {
        let mut found: HashMap<String, Vec<AssignmentMirror>> = HashMap::new();
        for chunk in principals.chunks(MAX_PARAMETERS) {
            let statement =
                format!("SELECT * FROM assignments WHERE principal_id IN ({})", placeholders(chunk.len()));
            let parameters: Vec<Value> = chunk.iter().map(|id| Value::from(*id)).collect();
            for row in self.sql.query(&statement, &parameters)? {
                let assignment = AssignmentMirror {
                    id: row.text("id")?.to_owned(),
                    principal_id: row.text("principal_id")?.to_owned(),
                    principal_type: match row.text("principal_type")? {
                        "Group" => PrincipalType::Group,
                        _ => PrincipalType::User,
                    },
                    app_role_id: row.text("app_role_id")?.to_owned(),
                };
                found.entry(assignment.principal_id.clone()).or_default().push(assignment);
            }
        }
        Ok(found)
    }

    /// Whether a group is assigned.
    pub fn is_assigned(&self, principal_id: &str) -> Result<bool, SqlError> {
        let rows = self.sql.query(
            "SELECT 1 AS found FROM assignments WHERE principal_id = ? LIMIT 1",
            &[principal_id.into()],
        )?;
        Ok(rows.first().is_some())
    }

    /// Asks for a group's members to be looked at, from the first.
    pub fn add_expansion(&self, why: Expansion, group_id: &str) -> Result<(), SqlError> {
        let table = why.table();
        self.run(
            &format!("INSERT OR REPLACE INTO {table} (group_id, after) VALUES (?, '')"),
            &[group_id.into()],
        )?;
        Ok(())
    }

    /// A group whose members are still to be looked at, and the member after which to go on.
    pub fn next_expansion(&self, why: Expansion) -> Result<Option<(String, String)>, SqlError> {
        let table = why.table();
        let rows =
            self.sql.query(&format!("SELECT group_id, after FROM {table} ORDER BY group_id LIMIT 1"), &[])?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some((row.text("group_id")?.to_owned(), row.text("after")?.to_owned())))
    }

    /// All groups whose members are still to be looked at.
    pub fn expansions(&self, why: Expansion) -> Result<Vec<String>, SqlError> {
        let rows = self.sql.query(&format!("SELECT group_id FROM {}", why.table()), &[])?;
        rows.into_iter().map(|row| row.text("group_id").map(str::to_owned)).collect()
    }

    /// Notes how far a group's members were looked at; `None` when all were.
    pub fn advance_expansion(
        &self,
        why: Expansion,
        group_id: &str,
        after: Option<&str>,
    ) -> Result<(), SqlError> {
        let table = why.table();
        match after {
            Some(after) => self.run(
                &format!("UPDATE {table} SET after = ? WHERE group_id = ?"),
                &[after.into(), group_id.into()],
            )?,
            None => self.run(&format!("DELETE FROM {table} WHERE group_id = ?"), &[group_id.into()])?,
        };
        Ok(())
    }

    /// Forgets all expansions of a kind.
    pub fn clear_expansions(&self, why: Expansion) -> Result<(), SqlError> {
        self.run(&format!("DELETE FROM {}", why.table()), &[])?;
        Ok(())
    }

    /// Asks for the members of every group that is linked.
    pub fn expand_linked_groups(&self, why: Expansion) -> Result<(), SqlError> {
        self.run(
            &format!(
                "INSERT OR REPLACE INTO {} (group_id, after)
                 SELECT source_id, '' FROM links WHERE object_type = 'Group'",
                why.table()
            ),
            &[],
        )?;
        Ok(())
    }
}
