//! Links: which source object has which account in the target.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::JobStore;
use crate::sql::{MAX_PARAMETERS, Row, SqlError, Value, placeholders};

/// A link. The document is the engine's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkRecord {
    /// Source object.
    pub source_id: String,
    /// `User` or `Group`.
    pub object_type: String,
    /// Target object.
    pub target_id: String,
    /// The cycle that looked at it last.
    pub cycle_id: String,
    /// When its object is to be looked at because the account is to be deleted, in Unix milliseconds.
    #[serde(default)]
    pub delete_at: Option<i64>,
    /// The engine's link.
    pub document: String,
}

/// A page of links.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkPage {
    /// In the order of source ids.
    pub links: Vec<LinkRecord>,
    /// Whether there are more.
    pub more: bool,
}

impl JobStore<'_> {
    /// Adds a link or overwrites it.
    pub fn save_link(&self, link: &LinkRecord) -> Result<(), SqlError> {
        self.run(
            "INSERT OR REPLACE INTO links (source_id, object_type, target_id, cycle_id, delete_at, document)
             VALUES (?, ?, ?, ?, ?, ?)",
            &[
                (&link.source_id).into(),
                (&link.object_type).into(),
                (&link.target_id).into(),
                (&link.cycle_id).into(),
                link.delete_at.into(),
                (&link.document).into(),
            ],
        )?;
        Ok(())
    }

    /// Notes that a cycle has looked at these source objects.
    pub fn touch_links(&self, source_ids: &[&str], cycle_id: &str) -> Result<(), SqlError> {
        for chunk in source_ids.chunks(MAX_PARAMETERS - 1) {
            let statement =
                format!("UPDATE links SET cycle_id = ? WHERE source_id IN ({})", placeholders(chunk.len()));
            let mut parameters = vec![Value::from(cycle_id)];
            parameters.extend(chunk.iter().map(|id| Value::from(*id)));
            self.run(&statement, &parameters)?;
        }
        Ok(())
    }

    /// Marks the objects whose account is to be deleted by now, once each.
    pub fn mark_due_deletions(&self, now: i64) -> Result<(), SqlError> {
        self.run(
            "INSERT OR IGNORE INTO dirty (object_type, source_id)
             SELECT object_type, source_id FROM links WHERE delete_at <= ?",
            &[now.into()],
        )?;
        self.run("UPDATE links SET delete_at = NULL WHERE delete_at <= ?", &[now.into()])?;
        Ok(())
    }

    /// Removes a link.
    pub fn remove_link(&self, source_id: &str) -> Result<(), SqlError> {
        self.run("DELETE FROM links WHERE source_id = ?", &[source_id.into()])?;
        Ok(())
    }

    /// Removes all links: `ConnectorDataStore` of a restart.
    pub fn clear_links(&self) -> Result<(), SqlError> {
        self.run("DELETE FROM links", &[])?;
        self.run("DELETE FROM written_members", &[])?;
        Ok(())
    }

    /// The links of these source objects.
    pub fn links_of(&self, source_ids: &[&str]) -> Result<HashMap<String, LinkRecord>, SqlError> {
        let mut found = HashMap::new();
        for chunk in source_ids.chunks(MAX_PARAMETERS) {
            let statement = format!("SELECT * FROM links WHERE source_id IN ({})", placeholders(chunk.len()));
            let parameters: Vec<Value> = chunk.iter().map(|id| Value::from(*id)).collect();
            for row in self.sql.query(&statement, &parameters)? {
                let link = record(&row)?;
                found.insert(link.source_id.clone(), link);
            }
        }
        Ok(found)
    }

    /// A link by its source id, or else by its target id.
    pub fn link(&self, object_id: &str) -> Result<Option<LinkRecord>, SqlError> {
        let rows = self.sql.query("SELECT * FROM links WHERE source_id = ?", &[object_id.into()])?;
        if let Some(row) = rows.first() {
            return record(row).map(Some);
        }
        self.link_of_target(object_id)
    }

    /// A link by its target id.
    pub fn link_of_target(&self, target_id: &str) -> Result<Option<LinkRecord>, SqlError> {
        let rows = self.sql.query("SELECT * FROM links WHERE target_id = ? LIMIT 1", &[target_id.into()])?;
        rows.first().map(record).transpose()
    }

    /// The first group with an account after a source id.
    pub fn next_group(&self, after: &str) -> Result<Option<LinkRecord>, SqlError> {
        let rows = self.sql.query(
            "SELECT * FROM links WHERE object_type = 'Group' AND source_id > ? ORDER BY source_id LIMIT 1",
            &[after.into()],
        )?;
        rows.first().map(record).transpose()
    }

    /// A page of links after a source id.
    pub fn links(&self, after: &str, limit: i64) -> Result<LinkPage, SqlError> {
        let rows = self.sql.query(
            "SELECT * FROM links WHERE source_id > ? ORDER BY source_id LIMIT ?",
            &[after.into(), (limit + 1).into()],
        )?;
        let mut links = rows.into_iter().map(|row| record(&row)).collect::<Result<Vec<_>, _>>()?;
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = links.len() > limit;
        links.truncate(limit);
        Ok(LinkPage { links, more })
    }

    /// A page of source ids of an object type that this cycle has not looked at, though they are linked or a
    /// creation of theirs is written down. After an initial cycle's walk these are the objects that may be
    /// gone from the source.
    pub fn unseen(
        &self,
        object_type: &str,
        cycle_id: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<String>, SqlError> {
        let rows = self.sql.query(
            "SELECT source_id FROM links WHERE source_id > ?1 AND object_type = ?2 AND cycle_id <> ?3
             UNION SELECT source_id FROM creations WHERE source_id > ?1 AND object_type = ?2
             ORDER BY source_id LIMIT ?4",
            &[after.into(), object_type.into(), cycle_id.into(), limit.into()],
        )?;
        rows.into_iter().map(|row| row.text("source_id").map(str::to_owned)).collect()
    }

    /// How many links there are by object type. Reads all of them; asked once a cycle, not once a request.
    pub fn link_counts(&self) -> Result<Vec<(String, i64)>, SqlError> {
        let rows = self.sql.query(
            "SELECT object_type, count(*) AS count FROM links GROUP BY object_type ORDER BY object_type",
            &[],
        )?;
        rows.into_iter().map(|row| Ok((row.text("object_type")?.to_owned(), row.integer("count")?))).collect()
    }
}

fn record(row: &Row) -> Result<LinkRecord, SqlError> {
    Ok(LinkRecord {
        source_id: row.text("source_id")?.to_owned(),
        object_type: row.text("object_type")?.to_owned(),
        target_id: row.text("target_id")?.to_owned(),
        cycle_id: row.text("cycle_id")?.to_owned(),
        delete_at: row.optional_integer("delete_at")?,
        document: row.text("document")?.to_owned(),
    })
}
