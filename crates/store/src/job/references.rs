//! References (manager, members of groups) that wait until the object they point to has an account.
//!
//! `ready` marks those that may be worked on: the object that is referred to is linked, or the log does not know
//! of the reference yet. The mark may be set too often, never too seldom; so what a cycle reads does not grow
//! with the number of those that wait.

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

/// A place among the references, in the order of object, attribute and referenced object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReferencePlace {
    /// The object that refers.
    pub source_id: String,
    /// The target attribute.
    pub path: String,
    /// The source object that is referred to.
    pub referenced: String,
}

impl JobStore<'_> {
    /// Keeps a reference for later, or overwrites it.
    pub fn save_reference(&self, reference: &PendingReferenceRecord) -> Result<(), SqlError> {
        self.save_references(std::slice::from_ref(reference))
    }

    /// Keeps references for later, or overwrites them; the last of several with the same key counts. One
    /// statement for all of them.
    pub fn save_references(&self, references: &[PendingReferenceRecord]) -> Result<(), SqlError> {
        if references.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> = references
            .iter()
            .map(|reference| {
                serde_json::json!([
                    reference.source_id,
                    reference.path,
                    reference.referenced,
                    i32::from(reference.reported),
                    reference.document,
                ])
            })
            .collect();
        self.run(
            "INSERT OR REPLACE INTO pending_references (source_id, path, referenced, reported, document, ready)
             SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
                json_extract(value, '$[3]'), json_extract(value, '$[4]'),
                json_extract(value, '$[3]') = 0
                    OR EXISTS (SELECT 1 FROM links WHERE source_id = json_extract(value, '$[2]'))
             FROM json_each(?)",
            &[serde_json::Value::from(rows).to_string().into()],
        )?;
        Ok(())
    }

    /// Marks the references to these objects as ready: the objects have just been linked.
    pub fn ready_references(&self, referenced: &[&str]) -> Result<(), SqlError> {
        for chunk in referenced.chunks(MAX_PARAMETERS) {
            let statement = format!(
                "UPDATE pending_references SET ready = 1 WHERE ready = 0 AND referenced IN ({})",
                placeholders(chunk.len())
            );
            let parameters: Vec<Value> = chunk.iter().map(|id| Value::from(*id)).collect();
            self.run(&statement, &parameters)?;
        }
        Ok(())
    }

    /// Removes all references of an object.
    pub fn remove_references_of(&self, source_id: &str) -> Result<(), SqlError> {
        self.run("DELETE FROM pending_references WHERE source_id = ?", &[source_id.into()])?;
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

    /// A page of references after a place, of those that can be written now (the object that is referred to is
    /// linked) or that the log does not know of yet. May end in the middle of an object's references.
    pub fn workable_references(
        &self,
        after: &ReferencePlace,
        limit: i64,
    ) -> Result<Vec<ReferenceRow>, SqlError> {
        let rows = self.sql.query(
            "SELECT waiting.*, own.document AS own_link, other.document AS other_link
             FROM pending_references AS waiting
             LEFT JOIN links AS own ON own.source_id = waiting.source_id
             LEFT JOIN links AS other ON other.source_id = waiting.referenced
             WHERE waiting.ready = 1 AND (waiting.source_id, waiting.path, waiting.referenced) > (?, ?, ?)
                AND (waiting.reported = 0 OR other.source_id IS NOT NULL)
             ORDER BY waiting.source_id, waiting.path, waiting.referenced LIMIT ?",
            &[(&after.source_id).into(), (&after.path).into(), (&after.referenced).into(), limit.into()],
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
