//! Who is assigned to which application, and the log of changes to it.

use serde::{Deserialize, Serialize};

use super::OrganizationStore;
use crate::sql::{Row, SqlError, in_transaction};

/// A user or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PrincipalType {
    /// A person of the workforce directory.
    User,
    /// A group of the workforce directory.
    Group,
}

impl PrincipalType {
    /// `User` or `Group`, as Graph writes it.
    pub fn name(self) -> &'static str {
        match self {
            PrincipalType::User => "User",
            PrincipalType::Group => "Group",
        }
    }

    fn parse(text: &str) -> Result<Self, SqlError> {
        match text {
            "User" => Ok(PrincipalType::User),
            "Group" => Ok(PrincipalType::Group),
            other => Err(SqlError::other(format!("unknown principal type {other}"))),
        }
    }
}

/// An app role assignment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignmentRecord {
    /// Its id.
    pub id: String,
    /// The application.
    pub service_principal_id: String,
    /// Who.
    pub principal_id: String,
    /// User or group.
    pub principal_type: PrincipalType,
    /// Name at the time of the assignment.
    pub principal_display_name: String,
    /// The role.
    pub app_role_id: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// The inlet that made it, and that removes it; none when somebody made it by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inlet_id: Option<String>,
}

/// An assignment that was added or removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignmentChange {
    /// Its place in the log.
    pub sequence: i64,
    /// The assignment.
    pub assignment_id: String,
    /// Who.
    pub principal_id: String,
    /// User or group.
    pub principal_type: PrincipalType,
    /// The assignment as it is now; `None` when it was removed.
    pub assignment: Option<AssignmentRecord>,
}

/// A page of changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignmentChanges {
    /// In order.
    pub changes: Vec<AssignmentChange>,
    /// Where to go on: the last sequence of this page, or the one that was asked from.
    pub sequence: i64,
    /// Whether there are more.
    pub more: bool,
}

impl OrganizationStore<'_> {
    /// Adds an assignment. `false` when the same principal has the same role already.
    pub fn add_assignment(&self, assignment: &AssignmentRecord) -> Result<bool, SqlError> {
        in_transaction(self.sql, || self.insert_assignment(assignment))
    }

    /// Adds an assignment, as part of a transaction.
    pub(super) fn insert_assignment(&self, assignment: &AssignmentRecord) -> Result<bool, SqlError> {
        let existing = self.sql.query(
            "SELECT id FROM assignments
             WHERE service_principal_id = ? AND principal_id = ? AND app_role_id = ?",
            &[
                (&assignment.service_principal_id).into(),
                (&assignment.principal_id).into(),
                (&assignment.app_role_id).into(),
            ],
        )?;
        if existing.first().is_some() {
            return Ok(false);
        }
        self.run(
            "INSERT INTO assignments (id, service_principal_id, principal_id, principal_type,
                principal_display_name, app_role_id, created_at, inlet_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            &[
                (&assignment.id).into(),
                (&assignment.service_principal_id).into(),
                (&assignment.principal_id).into(),
                assignment.principal_type.name().into(),
                (&assignment.principal_display_name).into(),
                (&assignment.app_role_id).into(),
                assignment.created_at.into(),
                assignment.inlet_id.as_deref().into(),
            ],
        )?;
        self.log_assignment_change(assignment)?;
        Ok(true)
    }

    /// Removes an assignment of an application; the removed one, or `None` if there is none.
    pub fn remove_assignment(
        &self,
        service_principal_id: &str,
        id: &str,
    ) -> Result<Option<AssignmentRecord>, SqlError> {
        in_transaction(self.sql, || {
            let rows = self.sql.query(
                "SELECT * FROM assignments WHERE id = ? AND service_principal_id = ?",
                &[id.into(), service_principal_id.into()],
            )?;
            let Some(assignment) = rows.first().map(record).transpose()? else { return Ok(None) };
            self.run("DELETE FROM assignments WHERE id = ?", &[id.into()])?;
            self.log_assignment_change(&assignment)?;
            Ok(Some(assignment))
        })
    }

    /// One page of an application's assignments in the order of their ids, after the id given.
    pub fn assignments(
        &self,
        service_principal_id: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<AssignmentRecord>, SqlError> {
        let rows = self.sql.query(
            "SELECT * FROM assignments WHERE service_principal_id = ? AND id > ? ORDER BY id LIMIT ?",
            &[service_principal_id.into(), after.into(), limit.into()],
        )?;
        rows.into_iter().map(|row| record(&row)).collect()
    }

    /// How many assignments an application has.
    pub fn assignment_count(&self, service_principal_id: &str) -> Result<i64, SqlError> {
        let rows = self.sql.query(
            "SELECT count(*) AS count FROM assignments WHERE service_principal_id = ?",
            &[service_principal_id.into()],
        )?;
        rows.first().map_or(Ok(0), |row| row.integer("count"))
    }

    /// Changes to an application's assignments after a sequence number, oldest first. Each carries the
    /// assignment as it is now, so that a reader who applies them in order ends at the present state.
    pub fn assignment_changes_since(
        &self,
        service_principal_id: &str,
        sequence: i64,
        limit: i64,
    ) -> Result<AssignmentChanges, SqlError> {
        let rows = self.sql.query(
            "SELECT changes.sequence, changes.assignment_id, changes.principal_id AS changed_id,
                    changes.principal_type AS changed_type, now.id, now.service_principal_id,
                    now.principal_id, now.principal_type, now.principal_display_name, now.app_role_id,
                    now.created_at, now.inlet_id
             FROM assignment_changes AS changes LEFT JOIN assignments AS now ON now.id = changes.assignment_id
             WHERE changes.service_principal_id = ? AND changes.sequence > ?
             ORDER BY changes.sequence LIMIT ?",
            &[service_principal_id.into(), sequence.into(), (limit + 1).into()],
        )?;
        let mut changes = Vec::new();
        for row in rows {
            let assignment = match row.optional_text("id")? {
                Some(_) => Some(record(&row)?),
                None => None,
            };
            changes.push(AssignmentChange {
                sequence: row.integer("sequence")?,
                assignment_id: row.text("assignment_id")?.to_owned(),
                principal_id: row.text("changed_id")?.to_owned(),
                principal_type: PrincipalType::parse(row.text("changed_type")?)?,
                assignment,
            });
        }
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = changes.len() > limit;
        changes.truncate(limit);
        let sequence = changes.last().map_or(sequence, |change| change.sequence);
        Ok(AssignmentChanges { changes, sequence, more })
    }

    /// Notes that an assignment came or went.
    pub(super) fn log_assignment_change(&self, assignment: &AssignmentRecord) -> Result<(), SqlError> {
        self.run(
            "INSERT INTO assignment_changes
                (service_principal_id, assignment_id, principal_id, principal_type) VALUES (?, ?, ?, ?)",
            &[
                (&assignment.service_principal_id).into(),
                (&assignment.id).into(),
                (&assignment.principal_id).into(),
                assignment.principal_type.name().into(),
            ],
        )?;
        Ok(())
    }
}

/// Reads a row of `assignments`.
pub(super) fn record(row: &Row) -> Result<AssignmentRecord, SqlError> {
    Ok(AssignmentRecord {
        id: row.text("id")?.to_owned(),
        service_principal_id: row.text("service_principal_id")?.to_owned(),
        principal_id: row.text("principal_id")?.to_owned(),
        principal_type: PrincipalType::parse(row.text("principal_type")?)?,
        principal_display_name: row.text("principal_display_name")?.to_owned(),
        app_role_id: row.text("app_role_id")?.to_owned(),
        created_at: row.integer("created_at")?,
        inlet_id: row.optional_text("inlet_id")?.map(str::to_owned),
    })
}
