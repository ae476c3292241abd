//! Disputes: people about whom inlets say different things, by attribute.
//!
//! They are kept as rows, so that another order of the inlets is work for these people and not for the directory.
//! There may be a row too many (somebody in the recycle bin; of `manager`, two inlets that name the same person);
//! whoever reads them looks at what the inlets say.

use inlets::attributes::{Kind, find, parse_boolean};
use scim::ResourceType;
use scim::repository::RepositoryError;
use serde_json::Value as Json;

use super::super::columns::json_list;
use super::Mirror;
use super::voices::Voice;
use crate::sql::SqlError;

/// People that are counted for an attribute at most.
pub const COUNTED: usize = 1_000;
/// Anchors that one portion of the survey reads.
const SURVEYED: usize = 1_000;
/// The attribute whose values are references.
pub(super) const MANAGER: &str = "manager";

impl Mirror<'_> {
    /// Keeps which attributes of a person are disputed. `voices` are all who have the person.
    pub(super) fn note_disputes(&self, id: &str, voices: &[Voice]) -> Result<(), SqlError> {
        let sql = self.store.sql;
        let rows = sql.query("SELECT attribute FROM disputes WHERE resource_id = ?", &[id.into()])?;
        let mut known = Vec::with_capacity(rows.rows.len());
        for row in &rows.rows {
            known.push(row.text("attribute")?);
        }
        let found = disputed(voices);
        let over: Vec<&str> = known.iter().filter(|name| !found.contains(name)).copied().collect();
        let new: Vec<&str> = found.iter().filter(|name| !known.contains(name)).copied().collect();
        if !over.is_empty() {
            sql.query(
                "DELETE FROM disputes WHERE resource_id = ? AND attribute IN (SELECT value FROM json_each(?))",
                &[id.into(), json_list(&over)],
            )?;
        }
        if !new.is_empty() {
            sql.query(
                "INSERT INTO disputes (resource_id, attribute) SELECT ?, value FROM json_each(?)",
                &[id.into(), json_list(&new)],
            )?;
        }
        Ok(())
    }

    /// Looks for disputes among the people after one, for a directory in which none were kept: a portion. Answers
    /// where to go on.
    pub(super) fn survey(&mut self, after: &str) -> Result<Option<String>, RepositoryError> {
        let statement = format!(
            "SELECT resource_id FROM anchors INDEXED BY anchors_by_resource WHERE resource_id > ?
                ORDER BY resource_id LIMIT {SURVEYED}"
        );
        let rows = self.store.sql.query(&statement, &[after.into()])?;
        let mut ids = Vec::with_capacity(rows.rows.len());
        for row in &rows.rows {
            ids.push(row.text("resource_id")?);
        }
        // Of the last person there may be more anchors than were read.
        let cut = if ids.len() < SURVEYED { None } else { ids.last().copied() };
        let mut next = None;
        for shared in ids.chunk_by(|one, other| one == other) {
            let Some(id) = shared.first().copied() else { continue };
            if Some(id) == cut && next.is_some() {
                break;
            }
            next = Some(id);
            if shared.len() > 1
                && let Some(found) = self.store.find(ResourceType::User, id)?
            {
                let person = found.resource;
                let voices = self.voices(&person, &Json::Object(person.attributes.clone()), None)?;
                self.note_disputes(id, &voices)?;
            }
        }
        Ok(next.filter(|_| cut.is_some()).map(str::to_owned))
    }

    /// People by disputed attribute, [`COUNTED`] of each at most. Reads as many rows as it counts.
    pub fn disputes(&self) -> Result<Vec<(String, u64)>, SqlError> {
        let statement = format!(
            "WITH RECURSIVE names (name) AS (
                SELECT min(attribute) FROM disputes
                UNION ALL
                SELECT (SELECT min(attribute) FROM disputes WHERE attribute > name) FROM names WHERE name IS NOT NULL
            ) SELECT name, (
                SELECT count(*) FROM (SELECT 1 FROM disputes WHERE attribute = name LIMIT {COUNTED})
            ) AS n FROM names WHERE name IS NOT NULL"
        );
        let rows = self.store.sql.query(&statement, &[])?;
        let count = |count: i64| u64::try_from(count).unwrap_or(0);
        rows.rows.iter().map(|row| Ok((row.text("name")?.to_owned(), count(row.integer("n")?)))).collect()
    }
}

/// Attributes about which these inlets say different things.
pub(super) fn disputed(voices: &[Voice]) -> Vec<&str> {
    let mut names = Vec::new();
    for (at, voice) in voices.iter().enumerate() {
        for (name, value) in &voice.said {
            let mut others = voices.iter().skip(at + 1).filter_map(|other| other.said.get(name));
            if others.any(|other| !same(name, value, other)) && !names.contains(&name.as_str()) {
                names.push(name.as_str());
            }
        }
    }
    if voices.iter().filter(|voice| voice.manager.is_some()).count() > 1 {
        names.push(MANAGER);
    }
    names
}

/// Whether two texts are the same value of an attribute.
pub(super) fn same(name: &str, one: &str, other: &str) -> bool {
    if find(name).is_some_and(|attribute| attribute.kind == Kind::Boolean) {
        return parse_boolean(one) == parse_boolean(other);
    }
    one == other
}
