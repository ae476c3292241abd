//! Which members the target was given, group by group. What the directory says is compared with it when the
//! directory no longer tells what changed; and who loses an account is to be added again with the next one.

use super::JobStore;
use crate::sql::{MAX_PARAMETERS, SqlError, Value, placeholders};

/// How many members are read at a time.
const PAGE: usize = 5_000;

/// What differs between the members that a group's account was given and those that it should have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberDifference<'a> {
    /// To be given.
    pub add: Vec<&'a str>,
    /// To be taken away.
    pub remove: Vec<&'a str>,
}

impl<'a> MemberDifference<'a> {
    /// Compares what was written with what is wanted, both in order and each once.
    pub fn of(written: &'a [String], wanted: &'a [String]) -> Self {
        let without = |one: &'a [String], other: &[String]| {
            one.iter().filter(|id| other.binary_search(id).is_err()).map(String::as_str).collect()
        };
        Self { add: without(wanted, written), remove: without(written, wanted) }
    }

    /// The same while changes wait ([`JobStore::waiting_members`]). Each may have been sent, and its answer lost, so
    /// that what was written tells nothing of those who wait: whoever is wanted is given once more, and the others are
    /// taken away. Removals that wait of members that are not wanted, and were not written, go on waiting as they are.
    pub fn beside(written: &'a [String], waiting: &'a [(String, bool)], wanted: &'a [String]) -> Self {
        let mut difference = Self::of(written, wanted);
        for (id, is_removal) in waiting {
            let is_written = written.binary_search(id).is_ok();
            match wanted.binary_search(id).is_ok() {
                true if is_written => difference.add.push(id),
                false if !is_written && !is_removal => difference.remove.push(id),
                _ => {}
            }
        }
        difference
    }
}

impl JobStore<'_> {
    /// Notes that the target was given a member, or that it was taken away.
    pub fn note_member(&self, group_id: &str, member_id: &str, is_member: bool) -> Result<(), SqlError> {
        let statement = if is_member {
            "INSERT OR IGNORE INTO written_members (group_id, member_id) VALUES (?, ?)"
        } else {
            "DELETE FROM written_members WHERE group_id = ? AND member_id = ?"
        };
        self.run(statement, &[group_id.into(), member_id.into()])?;
        Ok(())
    }

    /// All members that a group's account was given, in order.
    pub fn written_members(&self, group_id: &str) -> Result<Vec<String>, SqlError> {
        let statement = format!(
            "SELECT member_id FROM written_members WHERE group_id = ? AND member_id > ?
             ORDER BY member_id LIMIT {PAGE}"
        );
        let mut members: Vec<String> = Vec::new();
        loop {
            let after = members.last().map(String::as_str).unwrap_or_default();
            let rows = self.sql.query(&statement, &[group_id.into(), after.into()])?.rows;
            for row in &rows {
                members.push(row.text("member_id")?.to_owned());
            }
            if rows.len() < PAGE {
                return Ok(members);
            }
        }
    }

    /// All members that wait to be given to a group's account or to be taken away, with whether they are to be taken
    /// away. For a removal of an account that nobody is linked to, the id is the account's.
    pub fn waiting_members(&self, group_id: &str) -> Result<Vec<(String, bool)>, SqlError> {
        let statement = format!(
            "SELECT referenced, coalesce(json_extract(document, '$.remove'), 0) AS removal FROM pending_references
             WHERE source_id = ? AND referenced > ? ORDER BY referenced LIMIT {PAGE}"
        );
        let mut waiting: Vec<(String, bool)> = Vec::new();
        loop {
            let after = waiting.last().map(|(id, _)| id.as_str()).unwrap_or_default();
            let rows = self.sql.query(&statement, &[group_id.into(), after.into()])?.rows;
            for row in &rows {
                waiting.push((row.text("referenced")?.to_owned(), row.boolean("removal")?));
            }
            if rows.len() < PAGE {
                return Ok(waiting);
            }
        }
    }

    /// A page of a group's members that have an account, with its id, in order: those that its account was given,
    /// or (`waiting`) those who wait to be given to it, or to be taken away.
    pub fn member_accounts(
        &self,
        group_id: &str,
        waiting: bool,
        after: &str,
    ) -> Result<Vec<(String, String)>, SqlError> {
        let (table, group, member) = if waiting {
            ("pending_references", "source_id", "referenced")
        } else {
            ("written_members", "group_id", "member_id")
        };
        let statement = format!(
            "SELECT known.{member} AS member_id, links.target_id FROM {table} AS known
             JOIN links ON links.source_id = known.{member}
             WHERE known.{group} = ? AND known.{member} > ? ORDER BY known.{member} LIMIT {PAGE}"
        );
        let rows = self.sql.query(&statement, &[group_id.into(), after.into()])?;
        rows.into_iter()
            .map(|row| Ok((row.text("member_id")?.to_owned(), row.text("target_id")?.to_owned())))
            .collect()
    }

    /// Those of some members that a group's account was given, in order.
    pub fn written_among(&self, group_id: &str, member_ids: &[&str]) -> Result<Vec<String>, SqlError> {
        let mut found = Vec::new();
        for chunk in member_ids.chunks(MAX_PARAMETERS - 1) {
            let statement = format!(
                "SELECT member_id FROM written_members WHERE group_id = ? AND member_id IN ({})",
                placeholders(chunk.len())
            );
            let mut parameters = vec![Value::from(group_id)];
            parameters.extend(chunk.iter().map(|id| Value::from(*id)));
            for row in self.sql.query(&statement, &parameters)? {
                found.push(row.text("member_id")?.to_owned());
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// A group has another account, or none: it was given nobody.
    pub fn forget_members(&self, group_id: &str) -> Result<(), SqlError> {
        self.run("DELETE FROM written_members WHERE group_id = ?", &[group_id.into()])?;
        Ok(())
    }

    /// Somebody has another account, or none, which is in no group. Answers the groups that the one before was
    /// put into, without those of which it waits to be taken out, or to be put into anew.
    pub fn forget_member(&self, member_id: &str) -> Result<Vec<String>, SqlError> {
        let rows = self.sql.query(
            "SELECT group_id FROM written_members AS written WHERE member_id = ?1 AND NOT EXISTS (
                SELECT 1 FROM pending_references WHERE source_id = written.group_id AND referenced = ?1)",
            &[member_id.into()],
        )?;
        let groups = rows.into_iter().map(|row| row.text("group_id").map(str::to_owned));
        let groups = groups.collect::<Result<Vec<_>, _>>()?;
        self.run("DELETE FROM written_members WHERE member_id = ?", &[member_id.into()])?;
        Ok(groups)
    }
}
