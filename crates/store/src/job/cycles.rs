//! The job's cycles: the running one and those before it.

use serde::{Deserialize, Serialize};

use super::JobStore;
use crate::sql::{Row, SqlError};

/// How many finished cycles are kept for the list; their reports are published elsewhere.
const KEPT: i64 = 1_000;

/// A cycle. The document is the API's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CycleRecord {
    /// Its id.
    pub id: String,
    /// `running`, `succeeded`, `entryLevelErrors` or `failed`.
    pub state: String,
    /// Unix milliseconds.
    pub started_at: i64,
    /// The API's cycle.
    pub document: String,
}

impl JobStore<'_> {
    /// Adds a cycle or overwrites it, and forgets those that are too old for the list.
    pub fn save_cycle(&self, cycle: &CycleRecord) -> Result<(), SqlError> {
        self.run(
            "INSERT INTO cycles (id, state, started_at, document) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET state = ?2, document = ?4",
            &[(&cycle.id).into(), (&cycle.state).into(), cycle.started_at.into(), (&cycle.document).into()],
        )?;
        self.run("DELETE FROM cycles WHERE number <= (SELECT max(number) FROM cycles) - ?", &[KEPT.into()])?;
        Ok(())
    }

    /// One cycle.
    pub fn cycle(&self, id: &str) -> Result<Option<CycleRecord>, SqlError> {
        let rows = self.sql.query("SELECT * FROM cycles WHERE id = ?", &[id.into()])?;
        rows.first().map(record).transpose()
    }

    /// Cycles, newest first, after skipping some.
    pub fn cycles(&self, skip: i64, limit: i64) -> Result<Vec<CycleRecord>, SqlError> {
        let rows = self.sql.query(
            "SELECT * FROM cycles ORDER BY number DESC LIMIT ? OFFSET ?",
            &[limit.into(), skip.into()],
        )?;
        rows.into_iter().map(|row| record(&row)).collect()
    }
}

fn record(row: &Row) -> Result<CycleRecord, SqlError> {
    Ok(CycleRecord {
        id: row.text("id")?.to_owned(),
        state: row.text("state")?.to_owned(),
        started_at: row.integer("started_at")?,
        document: row.text("document")?.to_owned(),
    })
}
