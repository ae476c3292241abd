//! People and groups as the synchronization engine and the portal read them: paged, with deleted ones, with
//! memberships.

use std::collections::HashMap;

use scim::filter::fold;
use scim::{Resource, ResourceType};

use super::DirectoryStore;
use super::columns::{COLUMNS, Stored, json_list, json_numbers, stored};
use super::filter::prefix_end;
use crate::sql::{SqlError, Value};

/// How many ids go into one statement.
const CHUNK: usize = 1_000;

/// A user as the engine reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct UserRecord {
    /// Its place in the order of creation: where the next page starts.
    pub rowid: i64,
    /// The user.
    pub resource: Resource,
    /// When it was deleted, if it can still be restored.
    pub deleted_ms: Option<i64>,
    /// The ids of the live groups that it is a member of itself.
    pub group_ids: Vec<String>,
}

impl DirectoryStore<'_> {
    /// Users after a place in the order of creation; 0 is the start. An empty page is the end.
    pub fn users_page(
        &self,
        after: i64,
        limit: usize,
        include_deleted: bool,
    ) -> Result<Vec<UserRecord>, SqlError> {
        // With deleted ones the table is read in its own order; few of its rows are groups.
        let condition =
            if include_deleted { "+r.type = 'User'" } else { "r.type = 'User' AND r.deleted IS NULL" };
        let statement = format!(
            "SELECT {COLUMNS} FROM resources AS r WHERE {condition} AND r.seq > ? ORDER BY r.seq LIMIT {limit}"
        );
        self.with_groups(&statement, &[Value::from(after)])
    }

    /// The users with these ids, live or deleted, and those of the ids that are gone for good or never were.
    pub fn users_by_ids(&self, ids: &[&str]) -> Result<(Vec<UserRecord>, Vec<String>), SqlError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM json_each(?) AS j JOIN resources AS r ON r.id = j.value WHERE r.type = 'User'"
        );
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(CHUNK) {
            found.extend(self.with_groups(&statement, &[json_list(ids)])?);
        }
        let is_missing = {
            let known: std::collections::HashSet<&str> =
                found.iter().map(|user| user.resource.id.as_str()).collect();
            move |id: &&&str| !known.contains(**id)
        };
        let missing = ids.iter().filter(is_missing).map(|id| (*id).to_owned()).collect();
        Ok((found, missing))
    }

    /// The live users with these `userName`s, which are compared as SCIM does.
    pub fn users_by_user_names(&self, user_names: &[&str]) -> Result<Vec<UserRecord>, SqlError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM json_each(?) AS j JOIN resources AS r ON r.user_name_key = j.value
                WHERE r.deleted IS NULL"
        );
        let mut found = Vec::with_capacity(user_names.len());
        for names in user_names.chunks(CHUNK) {
            let keys: Vec<String> = names.iter().map(|name| fold(name)).collect();
            found.extend(self.with_groups(&statement, &[json_list(&keys)])?);
        }
        Ok(found)
    }

    /// The deleted users with these `userName`s, which can be restored; several may have had one name.
    pub fn deleted_users_by_user_names(&self, user_names: &[&str]) -> Result<Vec<UserRecord>, SqlError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM json_each(?) AS j JOIN resources AS r ON r.user_name_key = j.value
                WHERE r.deleted IS NOT NULL AND r.user_name_key IS NOT NULL"
        );
        let mut found = Vec::new();
        for names in user_names.chunks(CHUNK) {
            let keys: Vec<String> = names.iter().map(|name| fold(name)).collect();
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            found.extend(self.with_groups(&statement, &[json_list(&keys)])?);
        }
        Ok(found)
    }

    /// The live groups with these ids.
    pub fn groups_by_ids(&self, ids: &[&str]) -> Result<Vec<Resource>, SqlError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM json_each(?) AS j JOIN resources AS r ON r.id = j.value
                WHERE r.type = 'Group' AND r.deleted IS NULL"
        );
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(CHUNK) {
            found.extend(self.resources(&statement, &[json_list(ids)])?);
        }
        Ok(found)
    }

    /// Live groups after a place in the order of creation, with their places; 0 is the start.
    pub fn groups_page(&self, after: i64, limit: usize) -> Result<Vec<(i64, Resource)>, SqlError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM resources AS r WHERE r.type = 'Group' AND r.deleted IS NULL AND r.seq > ?
                ORDER BY r.seq LIMIT {limit}"
        );
        let rows = self.sql.query(&statement, &[Value::from(after)])?;
        rows.rows.iter().map(|row| stored(row).map(|found| (found.seq, found.resource))).collect()
    }

    /// The groups with these ids, live or deleted, and whether they are deleted.
    pub fn groups_by_ids_with_deleted(&self, ids: &[&str]) -> Result<Vec<(Resource, bool)>, SqlError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM json_each(?) AS j JOIN resources AS r ON r.id = j.value WHERE r.type = 'Group'"
        );
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(CHUNK) {
            for row in self.sql.query(&statement, &[json_list(ids)])? {
                let group = stored(&row)?;
                found.push((group.resource, group.deleted_ms.is_some()));
            }
        }
        Ok(found)
    }

    /// Those of some ids that belong to nothing live, in the same order; with each whether it is gone for good, or
    /// never was, and not in the recycle bin.
    pub fn not_live(&self, ids: &[&str]) -> Result<Vec<(String, bool)>, SqlError> {
        let statement = "SELECT j.value AS id, r.id IS NULL AS gone
            FROM json_each(?) AS j LEFT JOIN resources AS r ON r.id = j.value
            WHERE r.id IS NULL OR r.deleted IS NOT NULL ORDER BY j.key";
        let mut found = Vec::new();
        for ids in ids.chunks(CHUNK) {
            for row in self.sql.query(statement, &[json_list(ids)])?.rows {
                found.push((row.text("id")?.to_owned(), row.boolean("gone")?));
            }
        }
        Ok(found)
    }

    /// The ids of the live members of a group after a place in the order of creation, with their places. A
    /// deleted group still has them.
    pub fn group_member_ids(
        &self,
        group: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, ResourceType, String)>, SqlError> {
        let statement = format!(
            "SELECT m.member_seq, r.type, r.id FROM resources AS g
                JOIN members AS m ON m.group_seq = g.seq AND m.member_seq > ?
                JOIN resources AS r ON r.seq = m.member_seq AND r.deleted IS NULL
                WHERE g.id = ? ORDER BY m.member_seq LIMIT {limit}"
        );
        let rows = self.sql.query(&statement, &[Value::from(after), Value::from(group)])?;
        rows.rows
            .iter()
            .map(|row| {
                let kind = super::columns::resource_type(row.text("type")?)?;
                Ok((row.integer("member_seq")?, kind, row.text("id")?.to_owned()))
            })
            .collect()
    }

    /// Live people whose `userName`, `displayName` or e-mail address starts with a text, and then those where it
    /// stands inside of one, up to `limit`.
    pub fn search_people(&self, text: &str, limit: usize) -> Result<Vec<Resource>, SqlError> {
        let key = fold(text.trim());
        if key.is_empty() {
            return Ok(self.users_page(0, limit, false)?.into_iter().map(|user| user.resource).collect());
        }
        let end = prefix_end(&key).unwrap_or_else(|| char::MAX.to_string());
        let bounds = [Value::from(&key), Value::from(end)];
        let live = "+r.type = 'User' AND r.deleted IS NULL";
        let searches = [
            (
                format!("r.user_name_key >= ? AND r.user_name_key < ? AND {live} ORDER BY r.user_name_key"),
                true,
            ),
            (
                format!(
                    "r.display_name_key >= ? AND r.display_name_key < ? AND {live} ORDER BY r.display_name_key"
                ),
                true,
            ),
            (
                format!(
                    "r.seq IN (SELECT seq FROM emails WHERE value_key >= ? AND value_key < ?) AND {live}"
                ),
                true,
            ),
            (
                format!("(instr(r.user_name_key, ?1) > 0 OR instr(r.display_name_key, ?1) > 0) AND {live}"),
                false,
            ),
            (format!("r.seq IN (SELECT seq FROM emails WHERE instr(value_key, ?1) > 0) AND {live}"), false),
        ];
        let mut found: Vec<Resource> = Vec::new();
        for (condition, is_range) in searches {
            if found.len() >= limit {
                break;
            }
            let statement = format!("SELECT {COLUMNS} FROM resources AS r WHERE {condition} LIMIT {limit}");
            let parameters = if is_range { bounds.as_slice() } else { bounds.get(..1).unwrap_or_default() };
            for resource in self.resources(&statement, parameters)? {
                if found.len() < limit && found.iter().all(|other| other.id != resource.id) {
                    found.push(resource);
                }
            }
        }
        Ok(found)
    }

    fn resources(&self, statement: &str, parameters: &[Value]) -> Result<Vec<Resource>, SqlError> {
        let rows = self.sql.query(statement, parameters)?;
        rows.rows.iter().map(|row| stored(row).map(|found| found.resource)).collect()
    }

    /// Users with the ids of their groups, which one more statement reads for all of them.
    fn with_groups(&self, statement: &str, parameters: &[Value]) -> Result<Vec<UserRecord>, SqlError> {
        let rows = self.sql.query(statement, parameters)?;
        let users: Vec<Stored> = rows.rows.iter().map(stored).collect::<Result<_, _>>()?;
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let numbers: Vec<i64> = users.iter().map(|user| user.seq).collect();
        let rows = self.sql.query(
            "SELECT m.member_seq, g.id FROM json_each(?) AS j JOIN members AS m ON m.member_seq = j.value
                JOIN resources AS g ON g.seq = m.group_seq WHERE g.deleted IS NULL ORDER BY m.group_seq",
            &[json_numbers(&numbers)],
        )?;
        let mut groups: HashMap<i64, Vec<String>> = HashMap::new();
        for row in &rows.rows {
            groups.entry(row.integer("member_seq")?).or_default().push(row.text("id")?.to_owned());
        }
        let record = |user: Stored| UserRecord {
            rowid: user.seq,
            deleted_ms: user.deleted_ms,
            group_ids: groups.remove(&user.seq).unwrap_or_default(),
            resource: user.resource,
        };
        Ok(users.into_iter().map(record).collect())
    }
}
