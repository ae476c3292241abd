//! What is still to be done: changed source objects, escrows (objects that failed and wait for their retry), and
//! creations whose answer may have been lost.

use std::collections::HashMap;

use super::JobStore;
use crate::sql::{MAX_PARAMETERS, Row, SqlError, Value, placeholders};

/// An object that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscrowRecord {
    /// The object.
    pub source_id: String,
    /// `User` or `Group`.
    pub object_type: String,
    /// Unix milliseconds.
    pub next_attempt: i64,
    /// The engine's record.
    pub document: String,
}

/// A record of the engine about one object: a creation that is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRecord {
    /// The object.
    pub source_id: String,
    /// `User` or `Group`.
    pub object_type: String,
    /// The engine's record.
    pub document: String,
}

impl JobStore<'_> {
    /// Marks source objects as changed.
    pub fn mark_dirty<'b>(
        &self,
        object_type: &str,
        source_ids: impl IntoIterator<Item = &'b str>,
    ) -> Result<(), SqlError> {
        let ids: Vec<&str> = source_ids.into_iter().collect();
        for chunk in ids.chunks(MAX_PARAMETERS - 1) {
            let values = vec!["(?1, ?)"; chunk.len()].join(", ");
            let mut parameters = vec![Value::from(object_type)];
            parameters.extend(chunk.iter().map(|id| Value::from(*id)));
            self.run(
                &format!("INSERT OR IGNORE INTO dirty (object_type, source_id) VALUES {values}"),
                &parameters,
            )?;
        }
        Ok(())
    }

    /// A page of changed source objects of a type, after a source id.
    pub fn dirty(&self, object_type: &str, after: &str, limit: i64) -> Result<Vec<String>, SqlError> {
        let rows = self.sql.query(
            "SELECT source_id FROM dirty WHERE object_type = ? AND source_id > ? ORDER BY source_id LIMIT ?",
            &[object_type.into(), after.into(), limit.into()],
        )?;
        rows.into_iter().map(|row| row.text("source_id").map(str::to_owned)).collect()
    }

    /// Those of some source objects that are marked.
    pub fn dirty_among(&self, source_ids: &[&str]) -> Result<Vec<String>, SqlError> {
        let mut found = Vec::new();
        for chunk in source_ids.chunks(MAX_PARAMETERS) {
            let statement = format!(
                "SELECT source_id FROM dirty WHERE object_type IN ('User', 'Group') AND source_id IN ({})",
                placeholders(chunk.len())
            );
            let parameters: Vec<Value> = chunk.iter().map(|id| Value::from(*id)).collect();
            for row in self.sql.query(&statement, &parameters)? {
                found.push(row.text("source_id")?.to_owned());
            }
        }
        Ok(found)
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
                &format!(
                    "DELETE FROM dirty WHERE object_type IN ('User', 'Group') AND source_id IN ({})",
                    placeholders(chunk.len())
                ),
                &parameters,
            )?;
        }
        Ok(())
    }

    /// Objects of a type that nobody knows any more wait for nothing: takes their marks off, and removes their escrows.
    pub fn forget_unknown(&self, object_type: &str, source_ids: &[String]) -> Result<(), SqlError> {
        for chunk in source_ids.chunks(MAX_PARAMETERS - 1) {
            let ids = placeholders(chunk.len());
            let mut parameters = vec![Value::from(object_type)];
            parameters.extend(chunk.iter().map(|id| Value::from(id.as_str())));
            for table in ["dirty", "escrows"] {
                self.run(
                    &format!("DELETE FROM {table} WHERE object_type = ? AND source_id IN ({ids})"),
                    &parameters,
                )?;
            }
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
            "INSERT OR IGNORE INTO dirty (object_type, source_id)
             SELECT object_type, source_id FROM escrows WHERE next_attempt <= ?",
            &[now.into()],
        )
    }

    /// Adds an escrow or overwrites it.
    pub fn save_escrow(&self, escrow: &EscrowRecord) -> Result<(), SqlError> {
        self.run(
            "INSERT OR REPLACE INTO escrows (source_id, object_type, next_attempt, document)
             VALUES (?, ?, ?, ?)",
            &[
                (&escrow.source_id).into(),
                (&escrow.object_type).into(),
                escrow.next_attempt.into(),
                (&escrow.document).into(),
            ],
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
                    object_type: row.text("object_type")?.to_owned(),
                    next_attempt: row.integer("next_attempt")?,
                    document: row.text("document")?.to_owned(),
                };
                found.insert(escrow.source_id.clone(), escrow);
            }
        }
        Ok(found)
    }

    /// Writes down a creation that may be carried out without our knowing, or overwrites it.
    pub fn save_creation(&self, creation: &KeptRecord) -> Result<(), SqlError> {
        self.save_kept("creations", creation)
    }

    /// Crosses a creation out.
    pub fn remove_creation(&self, source_id: &str) -> Result<(), SqlError> {
        self.remove_kept("creations", source_id)
    }

    /// The creations of these source objects.
    pub fn creations_of(&self, source_ids: &[&str]) -> Result<HashMap<String, KeptRecord>, SqlError> {
        self.kept_of("creations", source_ids)
    }

    fn save_kept(&self, table: &str, kept: &KeptRecord) -> Result<(), SqlError> {
        self.run(
            &format!("INSERT OR REPLACE INTO {table} (source_id, object_type, document) VALUES (?, ?, ?)"),
            &[(&kept.source_id).into(), (&kept.object_type).into(), (&kept.document).into()],
        )?;
        Ok(())
    }

    fn remove_kept(&self, table: &str, source_id: &str) -> Result<(), SqlError> {
        self.run(&format!("DELETE FROM {table} WHERE source_id = ?"), &[source_id.into()])?;
        Ok(())
    }

    fn kept_of(&self, table: &str, source_ids: &[&str]) -> Result<HashMap<String, KeptRecord>, SqlError> {
        let mut found = HashMap::new();
        for chunk in source_ids.chunks(MAX_PARAMETERS) {
            let statement =
                format!("SELECT * FROM {table} WHERE source_id IN ({})", placeholders(chunk.len()));
            let parameters: Vec<Value> = chunk.iter().map(|id| Value::from(*id)).collect();
            for row in self.sql.query(&statement, &parameters)? {
                let kept = kept(&row)?;
                found.insert(kept.source_id.clone(), kept);
            }
        }
        Ok(found)
    }
}

fn kept(row: &Row) -> Result<KeptRecord, SqlError> {
    Ok(KeptRecord {
        source_id: row.text("source_id")?.to_owned(),
        object_type: row.text("object_type")?.to_owned(),
        document: row.text("document")?.to_owned(),
    })
}
