//! The list of an organization's directories.

use serde::{Deserialize, Serialize};

use super::OrganizationStore;
use crate::sql::{Row, SqlError};

/// A directory, as the organization lists it. The directory's own object decides who is let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryRecord {
    /// Its id.
    pub id: String,
    /// Name.
    pub display_name: String,
    /// `workforce` or `application`.
    pub profile: String,
    /// Whether SCIM clients are let in.
    pub enabled: bool,
    /// Unix milliseconds.
    pub created_at: i64,
}

impl OrganizationStore<'_> {
    /// All directories, oldest first.
    pub fn directories(&self) -> Result<Vec<DirectoryRecord>, SqlError> {
        let rows = self.sql.query("SELECT * FROM directories ORDER BY created_at, id", &[])?;
        rows.into_iter().map(|row| record(&row)).collect()
    }

    /// One directory.
    pub fn directory(&self, id: &str) -> Result<Option<DirectoryRecord>, SqlError> {
        let rows = self.sql.query("SELECT * FROM directories WHERE id = ?", &[id.into()])?;
        rows.first().map(record).transpose()
    }

    /// Adds a directory or overwrites its record.
    pub fn save_directory(&self, directory: &DirectoryRecord) -> Result<(), SqlError> {
        self.run(
            "INSERT OR REPLACE INTO directories (id, display_name, profile, enabled, created_at)
             VALUES (?, ?, ?, ?, ?)",
            &[
                (&directory.id).into(),
                (&directory.display_name).into(),
                (&directory.profile).into(),
                directory.enabled.into(),
                directory.created_at.into(),
            ],
        )?;
        Ok(())
    }

    /// Takes a directory off the list. Its data is its object's business.
    pub fn remove_directory(&self, id: &str) -> Result<(), SqlError> {
        self.run("DELETE FROM directories WHERE id = ?", &[id.into()])?;
        Ok(())
    }
}

fn record(row: &Row) -> Result<DirectoryRecord, SqlError> {
    Ok(DirectoryRecord {
        id: row.text("id")?.to_owned(),
        display_name: row.text("display_name")?.to_owned(),
        profile: row.text("profile")?.to_owned(),
        enabled: row.boolean("enabled")?,
        created_at: row.integer("created_at")?,
    })
}
