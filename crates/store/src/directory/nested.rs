//! Groups in groups: which groups are reached from others, up or down. Groups may contain each other in circles.

use std::collections::HashMap;

use super::columns::json_list;
use super::{DirectoryStore, UserRecord};
use crate::sql::SqlError;

/// How many levels of groups within groups an assignment reaches through, at most.
pub const MAX_NESTING: usize = 16;

/// How many groups are asked for by one statement.
const CHUNK: usize = 1_000;

/// Which way to go from a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the live groups that it is in, as an assignment of theirs reaches it.
    Up,
    /// As [`Way::Up`], by way of deleted groups too: as it may have been before they were deleted.
    UpAtAnyTime,
    /// To the live groups within it.
    Down,
}

impl DirectoryStore<'_> {
    /// The groups that are reached from these, as pairs of where from and where to; each reaches itself. Not
    /// further than [`MAX_NESTING`] levels.
    pub fn groups_reached(&self, ids: &[&str], way: Way) -> Result<Vec<(String, String)>, SqlError> {
        let (from, to, condition) = match way {
            Way::Up => ("member_seq", "group_seq", "AND r.deleted IS NULL"),
            Way::UpAtAnyTime => ("member_seq", "group_seq", ""),
            Way::Down => ("group_seq", "member_seq", "AND r.deleted IS NULL"),
        };
        let statement = format!(
            "WITH RECURSIVE reached (start, seq, level) AS (
                SELECT g.id, g.seq, 0 FROM json_each(?) AS j JOIN resources AS g ON g.id = j.value AND g.type = 'Group'
                UNION
                SELECT reached.start, m.{to}, reached.level + 1 FROM reached
                    JOIN members AS m ON m.{from} = reached.seq
                    JOIN resources AS r ON r.seq = m.{to} AND r.type = 'Group' {condition}
                    WHERE reached.level < {MAX_NESTING}
            )
            SELECT DISTINCT reached.start AS start, r.id AS id FROM reached JOIN resources AS r ON r.seq = reached.seq
                ORDER BY reached.start, r.id"
        );
        let mut found = Vec::new();
        for ids in ids.chunks(CHUNK) {
            for row in self.sql.query(&statement, &[json_list(ids)])?.rows {
                found.push((row.text("start")?.to_owned(), row.text("id")?.to_owned()));
            }
        }
        Ok(found)
    }

    /// Adds to the groups of users those that their groups are in, each once.
    pub fn add_outer_groups(&self, users: &mut [UserRecord]) -> Result<(), SqlError> {
        let mut direct: Vec<&str> =
            users.iter().flat_map(|user| user.group_ids.iter().map(String::as_str)).collect();
        direct.sort_unstable();
        direct.dedup();
        let mut outer: HashMap<String, Vec<String>> = HashMap::new();
        for (group, around) in self.groups_reached(&direct, Way::Up)? {
            outer.entry(group).or_default().push(around);
        }
        for user in users {
            let around = user.group_ids.iter().filter_map(|group| outer.get(group)).flatten();
            let mut all: Vec<String> = around.cloned().collect();
            all.sort_unstable();
            all.dedup();
            user.group_ids = all;
        }
        Ok(())
    }
}
