//! The audit log of the configuration: who changed what.

use super::OrganizationStore;
use crate::sql::{SqlError, in_transaction};

/// How long audit entries are kept: 30 days.
pub const AUDIT_RETENTION_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// How many old entries one write removes, so that no write pays for many.
const PRUNED_PER_WRITE: i64 = 10;

/// A page of the log, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries as they were given, each with its place in the log.
    pub documents: Vec<(i64, String)>,
    /// Whether there are older ones.
    pub more: bool,
}

impl OrganizationStore<'_> {
    /// Appends an entry and removes a few that are too old. With a key, an entry that was appended with the same
    /// one is not appended again: for whoever cannot know whether the first time got through.
    pub fn add_audit(&self, at: i64, document: &str, key: Option<&str>) -> Result<(), SqlError> {
        in_transaction(self.sql, || {
            self.run(
                "INSERT INTO audits (at, document, key) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                &[at.into(), document.into(), key.into()],
            )?;
            self.run(
                "DELETE FROM audits WHERE sequence IN
                    (SELECT sequence FROM audits WHERE at < ? ORDER BY at LIMIT ?)",
                &[(at - AUDIT_RETENTION_MS).into(), PRUNED_PER_WRITE.into()],
            )?;
            Ok(())
        })
    }

    /// Entries before a place in the log (`None`: from the newest), newest first.
    pub fn audits(&self, before: Option<i64>, limit: i64) -> Result<AuditPage, SqlError> {
        let rows = self.sql.query(
            "SELECT sequence, document FROM audits WHERE sequence < ? ORDER BY sequence DESC LIMIT ?",
            &[before.unwrap_or(crate::sql::MAX_INTEGER).into(), (limit + 1).into()],
        )?;
        let mut documents = Vec::new();
        for row in rows {
            documents.push((row.integer("sequence")?, row.text("document")?.to_owned()));
        }
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = documents.len() > limit;
        documents.truncate(limit);
        Ok(AuditPage { documents, more })
    }
}
