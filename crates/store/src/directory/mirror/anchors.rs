//! Anchors as rows.

use std::collections::HashMap;

use inlets::mirror::{Batch, Change, Upsert};
use scim::ResourceType;
use scim::repository::RepositoryError;

use super::super::DirectoryStore;
use super::super::columns::{
    COLUMNS, Stored, json_list, json_numbers, resource_type as resource_kind, stored,
};
use super::{FORGOTTEN, FORGOTTEN_MEMBERS, Mirror, resource_type};
use crate::sql::{Row, SqlError, Value};

/// Anchors by the id at the source.
pub(super) type Anchors = HashMap<String, Anchor>;

/// The columns of an [`Anchor`].
pub(super) const ANCHOR: &str =
    "a.number, a.source_id, a.resource_id, a.manager, a.manager_pass, a.unsettled, a.deferred, a.said,
    a.absent";

/// One object at the source.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Anchor {
    pub(super) number: i64,
    pub(super) source_id: String,
    /// What it became; absent as long as it was only referred to.
    pub(super) resource_id: Option<String>,
    /// The number of the manager's anchor.
    pub(super) manager: Option<i64>,
    /// The pass in which something was said about the manager; 0 when nothing ever was.
    pub(super) manager_pass: i64,
    /// Whether something waits.
    pub(super) unsettled: bool,
    /// What was said and could not be written.
    pub(super) deferred: Option<String>,
    /// The values that the inlet has of the person, as JSON; absent when nothing was kept yet.
    pub(super) said: Option<String>,
    /// Whether the object is not there any more and what it became is kept in the recycle bin for it.
    pub(super) absent: bool,
}

impl Anchor {
    /// What is said is tried again when the round settles.
    pub(super) fn defer(&mut self, said: &Upsert) {
        self.deferred = Some(serde_json::to_string(said).unwrap_or_default());
        self.unsettled = true;
    }
}

pub(super) fn anchor(row: &Row) -> Result<Anchor, SqlError> {
    Ok(Anchor {
        number: row.integer("number")?,
        source_id: row.text("source_id")?.to_owned(),
        resource_id: row.optional_text("resource_id")?.map(str::to_owned),
        manager: row.optional_integer("manager")?,
        manager_pass: row.integer("manager_pass")?,
        unsettled: row.boolean("unsettled")?,
        deferred: row.optional_text("deferred")?.map(str::to_owned),
        said: row.optional_text("said")?.map(str::to_owned),
        absent: row.boolean("absent")?,
    })
}

impl DirectoryStore<'_> {
    /// How many of these people an inlet has. One row is read when there is no inlet, however many they are.
    pub(in crate::directory) fn known_to_inlets(&self, ids: &[&str]) -> Result<u64, SqlError> {
        if ids.is_empty() {
            return Ok(0);
        }
        let rows = self.sql.query(
            "SELECT count(DISTINCT a.resource_id) AS n
                FROM json_each(?) AS j CROSS JOIN anchors AS a ON a.resource_id = j.value
                WHERE a.absent = 0 AND EXISTS (SELECT 1 FROM anchors)",
            &[json_list(ids)],
        )?;
        let count = rows.first().map(|row| row.integer("n")).transpose()?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    }
}

impl Mirror<'_> {
    /// The anchors of everything that a batch mentions. New ones are made, but not for what is only said to be
    /// gone.
    pub(super) fn load_anchors(&self, batch: &Batch) -> Result<Anchors, SqlError> {
        let mut needed: Vec<&str> = Vec::new();
        let mut asked: Vec<&str> = Vec::new();
        for change in &batch.changes {
            asked.push(change.source_id());
            let Change::Upsert(upsert) = change else { continue };
            needed.push(&upsert.source_id);
            for reference in upsert.manager.iter().chain(&upsert.members) {
                asked.push(&reference.source_id);
                if !reference.removed {
                    needed.push(&reference.source_id);
                }
            }
        }
        for list in [&mut needed, &mut asked] {
            list.sort_unstable();
            list.dedup();
        }
        self.store.sql.query(
            "INSERT OR IGNORE INTO anchors (inlet, source_id) SELECT ?, value FROM json_each(?)",
            &[Value::from(self.inlet), json_list(&needed)],
        )?;
        // `CROSS` keeps SQLite from walking over all anchors of the inlet instead of over the list.
        let statement = format!(
            "SELECT {ANCHOR} FROM json_each(?) AS j CROSS JOIN anchors AS a ON a.inlet = ? AND a.source_id = j.value"
        );
        let rows = self.store.sql.query(&statement, &[json_list(&asked), Value::from(self.inlet)])?;
        rows.rows.iter().map(|row| anchor(row).map(|anchor| (anchor.source_id.clone(), anchor))).collect()
    }

    pub(super) fn save(&self, anchor: &Anchor) -> Result<(), SqlError> {
        self.store.sql.query(
            "UPDATE anchors SET resource_id = ?, manager = ?, manager_pass = ?, unsettled = ?, deferred = ?, said = ?,
                absent = ? WHERE number = ?",
            &[
                anchor.resource_id.as_deref().into(),
                anchor.manager.into(),
                anchor.manager_pass.into(),
                anchor.unsettled.into(),
                anchor.deferred.as_deref().into(),
                anchor.said.as_deref().into(),
                anchor.absent.into(),
                anchor.number.into(),
            ],
        )?;
        Ok(())
    }

    /// Marks who was met with the number of the pass.
    pub(super) fn mark_met(&self, batch: &Batch, anchors: &Anchors) -> Result<(), SqlError> {
        let met: Vec<i64> = batch
            .changes
            .iter()
            .filter(|change| matches!(change, Change::Upsert(_)))
            .filter_map(|change| anchors.get(change.source_id()))
            .map(|anchor| anchor.number)
            .collect();
        self.store.sql.query(
            "UPDATE anchors SET pass = ?1, type = ?2
                WHERE number IN (SELECT value FROM json_each(?3)) AND (pass <> ?1 OR type IS NOT ?2)",
            &[Value::from(batch.pass), Value::from(resource_type(batch.kind).name()), json_numbers(&met)],
        )?;
        Ok(())
    }

    /// Whether an anchor of this inlet has the resource.
    pub(super) fn is_ours(&self, resource_id: &str) -> Result<bool, SqlError> {
        let rows = self.store.sql.query(
            "SELECT 1 AS found FROM anchors WHERE resource_id = ? AND +inlet = ? LIMIT 1",
            &[resource_id.into(), self.inlet.into()],
        )?;
        Ok(rows.first().is_some())
    }

    /// Whether another inlet knows the resource as well.
    pub(super) fn is_shared(&self, resource_id: &str) -> Result<bool, SqlError> {
        let rows = self.store.sql.query(
            "SELECT 1 AS found FROM anchors WHERE resource_id = ? AND +inlet <> ? AND absent = 0 LIMIT 1",
            &[resource_id.into(), self.inlet.into()],
        )?;
        Ok(rows.first().is_some())
    }

    /// A resource with this `externalId` that no anchor of this inlet has, live ones first: what an inlet that
    /// was removed has left.
    pub(super) fn left_behind(
        &self,
        kind: ResourceType,
        source_id: &str,
    ) -> Result<Option<Stored>, SqlError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM resources AS r WHERE r.external_id = ? AND r.type = ? AND NOT EXISTS (
                SELECT 1 FROM anchors AS a WHERE a.resource_id = r.id AND +a.inlet = ?
            ) ORDER BY r.deleted IS NOT NULL, r.seq LIMIT 1"
        );
        let parameters = [source_id.into(), kind.name().into(), self.inlet.into()];
        self.store.sql.query(&statement, &parameters)?.first().map(stored).transpose()
    }

    /// The live user that an anchor became.
    pub(super) fn user_of(&self, number: i64) -> Result<Option<String>, SqlError> {
        let rows = self.store.sql.query(
            "SELECT r.id FROM anchors AS a JOIN resources AS r ON r.id = a.resource_id
                WHERE a.number = ? AND r.type = 'User' AND r.deleted IS NULL",
            &[number.into()],
        )?;
        rows.first().map(|row| row.text("id").map(str::to_owned)).transpose()
    }

    /// Memberships of an object that is gone, in both directions.
    pub(super) fn forget_memberships(&self, number: i64) -> Result<(), SqlError> {
        let number = [Value::from(number)];
        self.store.sql.query("DELETE FROM source_members WHERE group_number = ?", &number)?;
        self.store.sql.query("DELETE FROM source_members WHERE member_number = ?", &number)?;
        Ok(())
    }

    /// Memberships of an object whose resource is new have to be written.
    pub(super) fn unsettle_memberships(&self, number: i64) -> Result<(), SqlError> {
        let number = [Value::from(number)];
        for column in ["group_number", "member_number"] {
            let statement =
                format!("UPDATE source_members SET settled = 0 WHERE {column} = ? AND settled = 1");
            self.store.sql.query(&statement, &number)?;
        }
        Ok(())
    }

    /// Forgets a portion of the inlet; whether there is more. An object goes after its memberships: a number that
    /// is free may become another object's.
    pub(super) fn forget_anchors(&self) -> Result<bool, RepositoryError> {
        self.forget_in_orders()?;
        let sql = self.store.sql;
        let inlet = [Value::from(self.inlet)];
        let some = format!("SELECT number FROM anchors WHERE inlet = ? LIMIT {FORGOTTEN}");
        let rows = sql.query(&some, &inlet)?;
        let numbers =
            rows.rows.iter().map(|row| row.integer("number")).collect::<Result<Vec<i64>, SqlError>>()?;
        let statement = format!(
            "DELETE FROM source_members WHERE (group_number, member_number) IN (
                SELECT s.group_number, s.member_number FROM json_each(?) AS j
                    CROSS JOIN source_members AS s ON s.group_number = j.value LIMIT {FORGOTTEN_MEMBERS}
            ) RETURNING group_number"
        );
        let members = sql.query(&statement, &[json_numbers(&numbers)])?;
        if members.rows.len() == FORGOTTEN_MEMBERS {
            return Ok(true);
        }
        let statement = "DELETE FROM anchors WHERE number IN (SELECT value FROM json_each(?))";
        sql.query(statement, &[json_numbers(&numbers)])?;
        if numbers.len() == FORGOTTEN {
            return Ok(true);
        }
        sql.query("DELETE FROM inlet_rules WHERE inlet = ?", &inlet)?;
        Ok(false)
    }

    /// How many live people and groups an inlet has. Goes over all of them.
    pub fn mirrored(&self) -> Result<(u64, u64), SqlError> {
        let rows = self.store.sql.query(
            "SELECT r.type, count(*) AS n FROM anchors AS a JOIN resources AS r ON r.id = a.resource_id
                WHERE a.inlet = ? AND r.deleted IS NULL GROUP BY r.type",
            &[self.inlet.into()],
        )?;
        let (mut users, mut groups) = (0, 0);
        for row in &rows.rows {
            let count = u64::try_from(row.integer("n")?).unwrap_or(0);
            match resource_kind(row.text("type")?)? {
                ResourceType::User => users = count,
                ResourceType::Group => groups = count,
            }
        }
        Ok((users, groups))
    }
}
