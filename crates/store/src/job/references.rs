//! References (such as the manager) that wait until the object they point to has an account.

use std::collections::HashMap;

use super::JobStore;
use crate::sql::{MAX_PARAMETERS, Row, SqlError, Value, placeholders};

/// A reference that waits. The document is the engine's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingReferenceRecord {
    /// The object that refers.
    pub source_id: String,
    /// The target attribute.
    pub path: String,
    /// The source object that is referred to.
    pub referenced: String,
    /// Whether the log tells already that it cannot be resolved.
    pub reported: bool,
    /// The engine's record.
    pub document: String,
}

/// A reference that waits, with the links of both its ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceRow {
    /// The reference.
    pub reference: PendingReferenceRecord,
    /// The engine's link of the object that refers.
    pub link: Option<String>,
    /// The engine's link of the object that is referred to.
    pub referenced_link: Option<String>,
}

impl JobStore<'_> {
    /// Keeps a reference for later, or overwrites it.
    pub fn save_reference(&self, reference: &PendingReferenceRecord) -> Result<(), SqlError> {
        self.run(
            "INSERT OR REPLACE INTO pending_references (source_id, path, referenced, reported, document)
             VALUES (?, ?, ?, ?, ?)",
            &[
                (&reference.source_id).into(),
                (&reference.path).into(),
                (&reference.referenced).into(),
                reference.reported.into(),
                (&reference.document).into(),
            ],
        )?;
        Ok(())
    }

    /// Removes a reference.
    pub fn remove_reference(&self, source_id: &str, path: &str, referenced: &str) -> Result<(), SqlError> {
        self.run(
            "DELETE FROM pending_references WHERE source_id = ? AND path = ? AND referenced = ?",
            &[source_id.into(), path.into(), referenced.into()],
        )?;
        Ok(())
    }

    /// Removes all references.
    pub fn clear_references(&self) -> Result<(), SqlError> {
        self.run("DELETE FROM pending_references", &[])?;
        Ok(())
    }

    /// The references of these objects, by object.
    pub fn references_of(
        &self,
        source_ids: &[&str],
    ) -> Result<HashMap<String, Vec<PendingReferenceRecord>>, SqlError> {
        let mut found: HashMap<String, Vec<PendingReferenceRecord>> = HashMap::new();
        for chunk in source_ids.chunks(MAX_PARAMETERS) {
            let statement = format!(
                "SELECT * FROM pending_references WHERE source_id IN ({})",
                placeholders(chunk.len())
            );
            let parameters: Vec<Value> = chunk.iter().map(|id| Value::from(*id)).collect();
            for row in self.sql.query(&statement, &parameters)? {
                let reference = record(&row)?;
                found.entry(reference.source_id.clone()).or_default().push(reference);
            }
        }
        Ok(found)
    }

    /// A page of references after an object, of those that can be written now (both ends are linked) or
    /// that the log does not know of yet. May end in the middle of an object's references.
    pub fn workable_references(&self, after: &str, limit: i64) -> Result<Vec<ReferenceRow>, SqlError> {
        let rows = self.sql.query(
            "SELECT waiting.*, own.document AS own_link, other.document AS other_link
             FROM pending_references AS waiting
             LEFT JOIN links AS own ON own.source_id = waiting.source_id
             LEFT JOIN links AS other ON other.source_id = waiting.referenced
             WHERE waiting.source_id > ? AND (waiting.reported = 0 OR other.source_id IS NOT NULL)
             ORDER BY waiting.source_id, waiting.path, waiting.referenced LIMIT ?",
            &[after.into(), limit.into()],
        )?;
        rows.into_iter()
            .map(|row| {
                Ok(ReferenceRow {
                    reference: record(&row)?,
                    link: row.optional_text("own_link")?.map(str::to_owned),
                    referenced_link: row.optional_text("other_link")?.map(str::to_owned),
                })
            })
            .collect()
    }

    /// How many references wait.
    pub fn reference_count(&self) -> Result<i64, SqlError> {
        self.count("SELECT count(*) AS count FROM pending_references", &[])
    }
}

fn record(row: &Row) -> Result<PendingReferenceRecord, SqlError> {
    Ok(PendingReferenceRecord {
        source_id: row.text("source_id")?.to_owned(),
        path: row.text("path")?.to_owned(),
        referenced: row.text("referenced")?.to_owned(),
        reported: row.boolean("reported")?,
        document: row.text("document")?.to_owned(),
    })
}
