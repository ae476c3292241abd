//! The change log: what the synchronization engine reads to learn what happened since it last looked.

use scim::ResourceType;
use serde_json::Value as Json;

use super::DirectoryStore;
use super::columns::{json_list, resource_type};
use crate::sql::{Row, SqlError, Value};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// A resource was created.
    Create,
    /// Attributes of a resource changed.
    Update,
    /// A resource was deleted; in a workforce directory it can be restored.
    Delete,
    /// A deleted resource is back.
    Restore,
    /// A deleted resource is gone for good.
    Purge,
    /// A group got a member.
    MemberAdded,
    /// A group lost a member.
    MemberRemoved,
}

impl ChangeKind {
    const ALL: [ChangeKind; 7] = [
        ChangeKind::Create,
        ChangeKind::Update,
        ChangeKind::Delete,
        ChangeKind::Restore,
        ChangeKind::Purge,
        ChangeKind::MemberAdded,
        ChangeKind::MemberRemoved,
    ];

    /// The name in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Create => "create",
            ChangeKind::Update => "update",
            ChangeKind::Delete => "delete",
            ChangeKind::Restore => "restore",
            ChangeKind::Purge => "purge",
            ChangeKind::MemberAdded => "memberAdded",
            ChangeKind::MemberRemoved => "memberRemoved",
        }
    }
}

/// One entry of the change log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeEntry {
    /// Its number: ascending, never used again.
    pub sequence: i64,
    /// When, in Unix milliseconds.
    pub at_ms: i64,
    /// What happened.
    pub kind: ChangeKind,
    /// To a resource of which type.
    pub resource: ResourceType,
    /// To which resource; for members, to which group.
    pub id: String,
    /// Which member.
    pub member_id: Option<String>,
    /// Which attributes: `displayName`, `urn:…:User:department`.
    pub attributes: Vec<String>,
    /// Who did it, where that is known.
    pub client: Option<String>,
}

/// So many entries of the change log are looked at for one page of somebody's history.
pub const HISTORY_SCAN: i64 = 20_000;

/// A page of what happened to one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The newest first.
    pub entries: Vec<ChangeEntry>,
    /// Before which entry to look for older ones; `None` when there are none.
    pub next: Option<i64>,
}

/// What is to be logged.
pub(super) struct Change<'a> {
    pub(super) at_ms: i64,
    pub(super) kind: ChangeKind,
    pub(super) resource: ResourceType,
    pub(super) id: &'a str,
}

const COLUMNS: &str = "seq, at, kind, type, id, member_id, attributes, client";

impl DirectoryStore<'_> {
    /// Entries after a number, in order.
    pub fn changes_since(&self, sequence: i64, limit: usize) -> Result<Vec<ChangeEntry>, SqlError> {
        let statement = format!("SELECT {COLUMNS} FROM change_log WHERE seq > ? ORDER BY seq LIMIT {limit}");
        self.sql.query(&statement, &[Value::from(sequence)])?.rows.iter().map(entry).collect()
    }

    /// The number of the newest entry; 0 if there was none yet.
    pub fn latest_sequence(&self) -> Result<i64, SqlError> {
        let rows = self.sql.query("SELECT max(seq) AS seq FROM change_log", &[])?;
        Ok(rows.first().map(|row| row.optional_integer("seq")).transpose()?.flatten().unwrap_or(0))
    }

    /// The number of the oldest entry that is kept. A reader that stopped before it has missed something and
    /// starts from the beginning.
    pub fn oldest_sequence(&self) -> Result<Option<i64>, SqlError> {
        let rows = self.sql.query("SELECT min(seq) AS seq FROM change_log", &[])?;
        Ok(rows.first().map(|row| row.optional_integer("seq")).transpose()?.flatten())
    }

    /// When the oldest entry that is kept was written, in Unix milliseconds.
    pub(super) fn oldest_time(&self) -> Result<Option<i64>, SqlError> {
        let rows = self.sql.query("SELECT at FROM change_log ORDER BY seq LIMIT 1", &[])?;
        rows.first().map(|row| row.integer("at")).transpose()
    }

    /// What happened to a resource, and to its memberships, before an entry; from the newest on without one. The
    /// log has no index for this (it would cost a row for every change), so a page looks at [`HISTORY_SCAN`]
    /// entries and may come back short, or empty, with a place to go on from.
    pub fn history(&self, id: &str, before: Option<i64>, limit: usize) -> Result<History, SqlError> {
        let before = match before {
            Some(before) => before,
            None => self.latest_sequence()? + 1,
        };
        let floor = before.saturating_sub(HISTORY_SCAN);
        let statement = format!(
            "SELECT {COLUMNS} FROM change_log WHERE seq < ?1 AND seq >= ?2 AND (id = ?3 OR member_id = ?3)
                ORDER BY seq DESC LIMIT {}",
            limit.saturating_add(1)
        );
        let rows = self.sql.query(&statement, &[Value::from(before), Value::from(floor), Value::from(id)])?;
        let mut entries = rows.rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        if entries.len() > limit {
            entries.truncate(limit);
            let next = entries.last().map(|entry| entry.sequence);
            return Ok(History { entries, next });
        }
        let more = self.oldest_sequence()?.is_some_and(|oldest| oldest < floor);
        Ok(History { entries, next: more.then_some(floor) })
    }

    /// Removes entries from before a time, at most `limit` at once; the newest entry stays. Answers how many
    /// went; 0 is done.
    pub fn prune_changes(&self, before_ms: i64, limit: usize) -> Result<u64, SqlError> {
        let statement = format!(
            "DELETE FROM change_log WHERE seq IN (
                SELECT seq FROM (SELECT seq, at FROM change_log ORDER BY seq LIMIT {limit})
                    WHERE at < ? AND seq < (SELECT max(seq) FROM change_log)
            ) RETURNING seq"
        );
        Ok(self.sql.query(&statement, &[Value::from(before_ms)])?.rows.len() as u64)
    }

    /// Appends an entry.
    pub(super) fn log(&self, change: &Change<'_>, attributes: &[String]) -> Result<(), SqlError> {
        self.sql.query(
            "INSERT INTO change_log (at, kind, type, id, attributes, client) VALUES (?, ?, ?, ?, ?, ?)",
            &[
                Value::from(change.at_ms),
                Value::from(change.kind.as_str()),
                Value::from(change.resource.name()),
                Value::from(change.id),
                json_list(attributes),
                Value::from(self.client),
            ],
        )?;
        Ok(())
    }

    /// Appends an entry for each of some members of a group.
    pub(super) fn log_members(&self, change: &Change<'_>, members: &[String]) -> Result<(), SqlError> {
        if members.is_empty() {
            return Ok(());
        }
        self.sql.query(
            "INSERT INTO change_log (at, kind, type, id, client, member_id, attributes)
                SELECT ?, ?, ?, ?, ?, value, '[\"members\"]' FROM json_each(?)",
            &[
                Value::from(change.at_ms),
                Value::from(change.kind.as_str()),
                Value::from(change.resource.name()),
                Value::from(change.id),
                Value::from(self.client),
                json_list(members),
            ],
        )?;
        Ok(())
    }
}

fn entry(row: &Row) -> Result<ChangeEntry, SqlError> {
    let kind = row.text("kind")?;
    let attributes: Json = serde_json::from_str(row.text("attributes")?)
        .map_err(|error| SqlError::other(format!("an entry of the change log is not JSON: {error}")))?;
    let names = attributes.as_array().into_iter().flatten().filter_map(Json::as_str);
    Ok(ChangeEntry {
        sequence: row.integer("seq")?,
        at_ms: row.integer("at")?,
        kind: ChangeKind::ALL
            .into_iter()
            .find(|known| known.as_str() == kind)
            .ok_or_else(|| SqlError::other(format!("the change log has an unknown kind {kind}")))?,
        resource: resource_type(row.text("type")?)?,
        id: row.text("id")?.to_owned(),
        member_id: row.optional_text("member_id")?.map(str::to_owned),
        attributes: names.map(str::to_owned).collect(),
        client: row.optional_text("client")?.map(str::to_owned),
    })
}
