//! Held deletions and disablings, with what was decided about each.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::JobStore;
use crate::sql::{MAX_PARAMETERS, Row, SqlError, Value, placeholders};

/// A held deletion or disabling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedRecord {
    /// The object.
    pub source_id: String,
    /// `User` or `Group`.
    pub object_type: String,
    /// `held`, `approved` or `rejected`.
    pub decision: String,
    /// The engine's record.
    pub document: String,
}

impl JobStore<'_> {
    /// Holds a deletion or disabling, or overwrites it.
    pub fn save_staged(&self, staged: &StagedRecord) -> Result<(), SqlError> {
        self.run(
            "INSERT OR REPLACE INTO staged (source_id, object_type, decision, document) VALUES (?, ?, ?, ?)",
            &[
                (&staged.source_id).into(),
                (&staged.object_type).into(),
                (&staged.decision).into(),
                (&staged.document).into(),
            ],
        )?;
        Ok(())
    }

    /// Lets go of a held deletion or disabling.
    pub fn remove_staged(&self, source_id: &str) -> Result<(), SqlError> {
        self.run("DELETE FROM staged WHERE source_id = ?", &[source_id.into()])?;
        Ok(())
    }

    /// Lets go of all, whatever was decided: without links nobody knows whose accounts they are.
    pub fn clear_staged(&self) -> Result<(), SqlError> {
        self.run("DELETE FROM staged", &[])?;
        Ok(())
    }

    /// How many have this decision (`None`: any).
    pub fn staged_count(&self, decision: Option<&str>) -> Result<i64, SqlError> {
        match decision {
            Some(decision) => {
                let parameters = [decision.into()];
                self.count("SELECT count(*) AS count FROM staged WHERE decision = ?", &parameters)
            }
            None => self.count("SELECT count(*) AS count FROM staged", &[]),
        }
    }

    /// What is held of these source objects.
    pub fn staged_of(&self, source_ids: &[&str]) -> Result<HashMap<String, StagedRecord>, SqlError> {
        let mut found = HashMap::new();
        for chunk in source_ids.chunks(MAX_PARAMETERS) {
            let statement =
                format!("SELECT * FROM staged WHERE source_id IN ({})", placeholders(chunk.len()));
            let parameters: Vec<Value> = chunk.iter().map(|id| Value::from(*id)).collect();
            for row in self.sql.query(&statement, &parameters)? {
                let staged = record(&row)?;
                found.insert(staged.source_id.clone(), staged);
            }
        }
        Ok(found)
    }

    /// A page of those that a cycle has to look at: all of an object type but the rejected ones, after a source id.
    pub fn staged_waiting(
        &self,
        object_type: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<String>, SqlError> {
        let rows = self.sql.query(
            "SELECT source_id FROM staged
             WHERE decision <> 'rejected' AND object_type = ? AND source_id > ? ORDER BY source_id LIMIT ?",
            &[object_type.into(), after.into(), limit.into()],
        )?;
        rows.into_iter().map(|row| row.text("source_id").map(str::to_owned)).collect()
    }

    /// A page of all, or of those with a decision, after a source id.
    pub fn staged_page(
        &self,
        decision: Option<&str>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<StagedRecord>, SqlError> {
        let mut parameters = vec![Value::from(after)];
        let condition = if let Some(decision) = decision {
            parameters.push(decision.into());
            " AND decision = ?"
        } else {
            ""
        };
        parameters.push(limit.into());
        let statement =
            format!("SELECT * FROM staged WHERE source_id > ?{condition} ORDER BY source_id LIMIT ?");
        self.sql.query(&statement, &parameters)?.into_iter().map(|row| record(&row)).collect()
    }

    /// Decides about these source objects, and answers how many are held.
    pub fn decide(&self, decision: &str, source_ids: &[&str]) -> Result<u64, SqlError> {
        let mut decided = 0;
        for chunk in source_ids.chunks(MAX_PARAMETERS - 1) {
            let list = placeholders(chunk.len());
            let mut parameters: Vec<Value> = chunk.iter().map(|id| Value::from(*id)).collect();
            let statement = format!("SELECT count(*) AS count FROM staged WHERE source_id IN ({list})");
            decided += u64::try_from(self.count(&statement, &parameters)?).unwrap_or(0);
            parameters.insert(0, decision.into());
            self.run(&format!("UPDATE staged SET decision = ? WHERE source_id IN ({list})"), &parameters)?;
        }
        Ok(decided)
    }

    /// Decides about all that are undecided, and answers how many they were.
    pub fn decide_all(&self, decision: &str) -> Result<u64, SqlError> {
        let undecided = self.staged_count(Some("held"))?;
        self.run("UPDATE staged SET decision = ? WHERE decision = 'held'", &[decision.into()])?;
        Ok(u64::try_from(undecided).unwrap_or(0))
    }
}

fn record(row: &Row) -> Result<StagedRecord, SqlError> {
    Ok(StagedRecord {
        source_id: row.text("source_id")?.to_owned(),
        object_type: row.text("object_type")?.to_owned(),
        decision: row.text("decision")?.to_owned(),
        document: row.text("document")?.to_owned(),
    })
}
