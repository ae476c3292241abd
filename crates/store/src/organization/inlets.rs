//! The list of an organization's inlets.

use serde::{Deserialize, Serialize};

use super::OrganizationStore;
use crate::sql::{Row, SqlError};

/// An inlet, as the organization lists it. Everything else is its own object's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InletRecord {
    /// Its id.
    pub id: String,
    /// The directory that it fills.
    pub directory_id: String,
    /// Unix milliseconds.
    pub created_at: i64,
}

impl OrganizationStore<'_> {
    /// All inlets, oldest first.
    pub fn inlets(&self) -> Result<Vec<InletRecord>, SqlError> {
        let rows = self.sql.query("SELECT * FROM inlets ORDER BY created_at, id", &[])?;
        rows.into_iter().map(|row| record(&row)).collect()
    }

    /// Adds an inlet or overwrites its record.
    pub fn save_inlet(&self, inlet: &InletRecord) -> Result<(), SqlError> {
        self.run(
            "INSERT OR REPLACE INTO inlets (id, directory_id, created_at) VALUES (?, ?, ?)",
            &[(&inlet.id).into(), (&inlet.directory_id).into(), inlet.created_at.into()],
        )?;
        Ok(())
    }

    /// Takes an inlet off the list.
    pub fn remove_inlet(&self, id: &str) -> Result<(), SqlError> {
        self.run("DELETE FROM inlets WHERE id = ?", &[id.into()])?;
        Ok(())
    }
}

fn record(row: &Row) -> Result<InletRecord, SqlError> {
    Ok(InletRecord {
        id: row.text("id")?.to_owned(),
        directory_id: row.text("directory_id")?.to_owned(),
        created_at: row.integer("created_at")?,
    })
}
