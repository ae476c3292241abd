//! What is still to be looked at: changed source objects, references that could not be written yet, and
//! escrows (objects that failed and wait for their retry).

use std::collections::HashMap;

use super::JobStore;
use crate::sql::{MAX_PARAMETERS, Row, SqlError, Value, placeholders};

/// A reference (such as the manager) whose target has no account yet, or whose account came later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingReferenceRecord {
    /// The object that refers.
    pub source_id: String,
    /// The target attribute.
    pub attribute: String,
    /// The source object that is referred to.
    pub reference_id: String,
    /// The engine's record.
    pub document: String,
}

/// An object that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscrowRecord {
    /// The object.
    pub source_id: String,
    /// Unix milliseconds.
    pub next_attempt: i64,
    /// The engine's record.
    pub document: String,
}

impl JobStore<'_> {
    /// Marks source objects as changed.
    pub fn mark_dirty<'b>(&self, source_ids: impl IntoIterator<Item = &'b str>) -> Result<(), SqlError> {
        let ids: Vec<&str> = source_ids.into_iter().collect();
        for chunk in ids.chunks(MAX_PARAMETERS) {
            let values = vec!["(?)"; chunk.len()].join(", ");
            let parameters: Vec<Value> = chunk.iter().map(|id| Value::from(*id)).collect();
            self.run(&format!("INSERT OR IGNORE INTO dirty (source_id) VALUES {values}"), &parameters)?;
        }
        Ok(())
    }

    /// Some changed source objects.
    pub fn dirty(&self, limit: i64) -> Result<Vec<String>, SqlError> {
        let rows =
            self.sql.query("SELECT source_id FROM dirty ORDER BY source_id LIMIT ?", &[limit.into()])?;
        rows.into_iter().map(|row| row.text("source_id").map(str::to_owned)).collect()
    }

    /// How many source objects are marked.
    pub fn dirty_count(&self) -> Result<i64, SqlError> {
        self.count("SELECT count(*) AS count FROM dirty", &[])
    }

    /// Takes the mark off these source objects.
    pub fn clear_dirty(&self, source_ids: &[&str]) -> Result<(), SqlError> {
        for chunk in source_ids.chunks(MAX_PARAMETERS) {
            let parameters: Vec<Value> = chunk.iter().map(|id| Value::from(*id)).collect();
            self.run(
                &format!("DELETE FROM dirty WHERE source_id IN ({})", placeholders(chunk.len())),
                &parameters,
            )?;
        }
        Ok(())
    }

    /// Takes all marks off: before an initial cycle, which looks at everybody.
    pub fn clear_all_dirty(&self) -> Result<(), SqlError> {
        self.run("DELETE FROM dirty", &[])?;
        Ok(())
    }

    /// Marks the objects whose retry is due, and answers how many.
    pub fn mark_due_escrows(&self, now: i64) -> Result<u64, SqlError> {
        self.run(
            "INSERT OR IGNORE INTO dirty (source_id) SELECT source_id FROM escrows WHERE next_attempt <= ?",
            &[now.into()],
        )
    }

    /// Adds an escrow or overwrites it.
    pub fn save_escrow(&self, escrow: &EscrowRecord) -> Result<(), SqlError> {
        self.run(
            "INSERT OR REPLACE INTO escrows (source_id, next_attempt, document) VALUES (?, ?, ?)",
            &[(&escrow.source_id).into(), escrow.next_attempt.into(), (&escrow.document).into()],
        )?;
        Ok(())
    }

    /// Removes an escrow.
    pub fn remove_escrow(&self, source_id: &str) -> Result<(), SqlError> {
        self.run("DELETE FROM escrows WHERE source_id = ?", &[source_id.into()])?;
        Ok(())
    }

    /// Removes all escrows: `Escrows` of a restart.
    pub fn clear_escrows(&self) -> Result<(), SqlError> {
        self.run("DELETE FROM escrows", &[])?;
        Ok(())
    }

    /// How many escrows there are.
    pub fn escrow_count(&self) -> Result<i64, SqlError> {
        self.count("SELECT count(*) AS count FROM escrows", &[])
    }

    /// The escrows of these source objects.
    pub fn escrows_of(&self, source_ids: &[&str]) -> Result<HashMap<String, EscrowRecord>, SqlError> {
        let mut found = HashMap::new();
        for chunk in source_ids.chunks(MAX_PARAMETERS) {
            let statement =
                format!("SELECT * FROM escrows WHERE source_id IN ({})", placeholders(chunk.len()));
            let parameters: Vec<Value> = chunk.iter().map(|id| Value::from(*id)).collect();
            for row in self.sql.query(&statement, &parameters)? {
                let escrow = EscrowRecord {
                    source_id: row.text("source_id")?.to_owned(),
                    next_attempt: row.integer("next_attempt")?,
                    document: row.text("document")?.to_owned(),
                };
                found.insert(escrow.source_id.clone(), escrow);
            }
        }
        Ok(found)
    }

    /// Keeps a reference for later, or overwrites it.
    pub fn save_reference(&self, reference: &PendingReferenceRecord) -> Result<(), SqlError> {
        self.run(
            "INSERT OR REPLACE INTO pending_references (source_id, attribute, reference_id, document)
             VALUES (?, ?, ?, ?)",
            &[
                (&reference.source_id).into(),
                (&reference.attribute).into(),
                (&reference.reference_id).into(),
                (&reference.document).into(),
            ],
        )?;
        Ok(())
    }

    /// Removes a pending reference.
    pub fn remove_reference(&self, source_id: &str, attribute: &str) -> Result<(), SqlError> {
        self.run(
            "DELETE FROM pending_references WHERE source_id = ? AND attribute = ?",
            &[source_id.into(), attribute.into()],
        )?;
        Ok(())
    }

    /// Removes all pending references of an object.
    pub fn remove_references_of(&self, source_id: &str) -> Result<(), SqlError> {
        self.run("DELETE FROM pending_references WHERE source_id = ?", &[source_id.into()])?;
        Ok(())
    }

    /// Removes all pending references: before an initial cycle.
    pub fn clear_references(&self) -> Result<(), SqlError> {
        self.run("DELETE FROM pending_references", &[])?;
        Ok(())
    }

    /// A page of pending references after a place (source id and attribute).
    pub fn references(
        &self,
        after: (&str, &str),
        limit: i64,
    ) -> Result<Vec<PendingReferenceRecord>, SqlError> {
        let rows = self.sql.query(
            "SELECT * FROM pending_references WHERE (source_id, attribute) > (?, ?)
             ORDER BY source_id, attribute LIMIT ?",
            &[after.0.into(), after.1.into(), limit.into()],
        )?;
        rows.into_iter().map(|row| reference(&row)).collect()
    }

    /// How many references are pending.
    pub fn reference_count(&self) -> Result<i64, SqlError> {
        self.count("SELECT count(*) AS count FROM pending_references", &[])
    }
}

fn reference(row: &Row) -> Result<PendingReferenceRecord, SqlError> {
    Ok(PendingReferenceRecord {
        source_id: row.text("source_id")?.to_owned(),
        attribute: row.text("attribute")?.to_owned(),
        reference_id: row.text("reference_id")?.to_owned(),
        document: row.text("document")?.to_owned(),
    })
}
