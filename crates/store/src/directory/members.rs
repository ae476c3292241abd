//! Memberships: rows by group and member, so that a change costs by what it changes.

use scim::repository::{MemberChange, RepositoryError};
use scim::{GroupReference, Member, ResourceType};

use super::DirectoryStore;
use super::changes::{Change, ChangeKind};
use super::columns::{json_list, json_numbers, resource_type};
use crate::sql::{SqlError, Value};

/// How many ids go into one statement.
const CHUNK: usize = 5_000;

/// How many members are read at a time.
const PAGE: usize = 5_000;

/// How many unknown ids an error names.
const NAMED: usize = 5;

/// A group whose members are changed.
pub(super) struct Group<'a> {
    pub(super) seq: i64,
    pub(super) id: &'a str,
    pub(super) now_ms: i64,
}

/// A resource that is to be a member.
struct Candidate {
    seq: i64,
    id: String,
    kind: ResourceType,
}

impl DirectoryStore<'_> {
    /// Carries out changes of members. Answers how many were added and removed.
    pub(super) fn change_members(
        &self,
        group: &Group<'_>,
        changes: &[MemberChange],
    ) -> Result<(usize, usize), RepositoryError> {
        let (mut added, mut removed) = (0, 0);
        for change in changes {
            match change {
                MemberChange::Add(ids) => added += self.add_members(group, ids)?,
                MemberChange::Remove(ids) => removed += self.remove_members(group, ids)?,
                MemberChange::Replace(ids) => {
                    removed += self.keep_members(group, ids)?;
                    added += self.add_members(group, ids)?;
                }
            }
        }
        Ok((added, removed))
    }

    /// Adds members that are not there yet. All ids must be of live resources, and none may contain the group.
    pub(super) fn add_members(&self, group: &Group<'_>, ids: &[String]) -> Result<usize, RepositoryError> {
        let mut added = 0;
        for ids in ids.chunks(CHUNK) {
            let candidates = self.candidates(ids)?;
            self.check_cycle(group, &candidates)?;
            let numbers: Vec<i64> = candidates.iter().map(|candidate| candidate.seq).collect();
            let rows = self.sql.query(
                "INSERT OR IGNORE INTO members (group_seq, member_seq, added)
                    SELECT ?, value, ? FROM json_each(?) RETURNING member_seq",
                &[Value::from(group.seq), Value::from(group.now_ms), json_numbers(&numbers)],
            )?;
            let mut new: Vec<i64> = Vec::with_capacity(rows.rows.len());
            for row in rows {
                new.push(row.integer("member_seq")?);
            }
            new.sort_unstable();
            let new_ids: Vec<String> = candidates
                .into_iter()
                .filter(|candidate| new.binary_search(&candidate.seq).is_ok())
                .map(|candidate| candidate.id)
                .collect();
            self.log_members(&change(group, ChangeKind::MemberAdded), &new_ids)?;
            added += new_ids.len();
        }
        Ok(added)
    }

    fn remove_members(&self, group: &Group<'_>, ids: &[String]) -> Result<usize, RepositoryError> {
        let mut removed = 0;
        for ids in ids.chunks(CHUNK) {
            let rows = self.sql.query(
                "DELETE FROM members WHERE group_seq = ? AND member_seq IN (
                    SELECT r.seq FROM json_each(?) AS j JOIN resources AS r ON r.id = j.value
                ) RETURNING member_seq",
                &[Value::from(group.seq), json_list(ids)],
            )?;
            removed +=
                self.log_removed(group, rows.rows.iter().map(|row| row.integer("member_seq")).collect())?;
        }
        Ok(removed)
    }

    /// Removes all members, also those in the recycle bin.
    pub(super) fn remove_all_members(&self, group: &Group<'_>) -> Result<usize, RepositoryError> {
        self.remove_all_but(group, &[], "")
    }

    /// Removes all live members but these. Those in the recycle bin are in no answer, so nobody leaves them out: they
    /// have their memberships when they come back.
    fn keep_members(&self, group: &Group<'_>, ids: &[String]) -> Result<usize, RepositoryError> {
        let mut keep: Vec<i64> = Vec::with_capacity(ids.len());
        for ids in ids.chunks(CHUNK) {
            keep.extend(self.candidates(ids)?.into_iter().map(|candidate| candidate.seq));
        }
        keep.sort_unstable();
        self.remove_all_but(group, &keep, "WHERE r.deleted IS NULL")
    }

    /// Removes the members that fulfil a condition, but those to be kept, which are sorted. Walks over the memberships
    /// in pages.
    fn remove_all_but(
        &self,
        group: &Group<'_>,
        keep: &[i64],
        condition: &str,
    ) -> Result<usize, RepositoryError> {
        let removal = format!(
            "DELETE FROM members WHERE group_seq = ? AND member_seq IN (
                SELECT r.seq FROM json_each(?) AS j JOIN resources AS r ON r.seq = j.value {condition}
            ) RETURNING member_seq"
        );
        let (mut removed, mut last) = (0, 0);
        loop {
            let statement = format!(
                "SELECT member_seq FROM members WHERE group_seq = ? AND member_seq > ? ORDER BY member_seq LIMIT {PAGE}"
            );
            let rows = self.sql.query(&statement, &[Value::from(group.seq), Value::from(last)])?;
            let page: Vec<i64> =
                rows.rows.iter().map(|row| row.integer("member_seq")).collect::<Result<_, SqlError>>()?;
            let gone: Vec<i64> =
                page.iter().copied().filter(|seq| keep.binary_search(seq).is_err()).collect();
            if !gone.is_empty() {
                let rows = self.sql.query(&removal, &[Value::from(group.seq), json_numbers(&gone)])?;
                removed +=
                    self.log_removed(group, rows.rows.iter().map(|row| row.integer("member_seq")).collect())?;
            }
            match page.last() {
                Some(seq) if page.len() == PAGE => last = *seq,
                _ => return Ok(removed),
            }
        }
    }

    fn log_removed(
        &self,
        group: &Group<'_>,
        removed: Result<Vec<i64>, SqlError>,
    ) -> Result<usize, RepositoryError> {
        let removed = removed?;
        if removed.is_empty() {
            return Ok(0);
        }
        let rows = self.sql.query(
            "SELECT r.id FROM json_each(?) AS j JOIN resources AS r ON r.seq = j.value",
            &[json_numbers(&removed)],
        )?;
        let mut ids = Vec::with_capacity(rows.rows.len());
        for row in &rows.rows {
            ids.push(row.text("id")?.to_owned());
        }
        self.log_members(&change(group, ChangeKind::MemberRemoved), &ids)?;
        Ok(removed.len())
    }

    /// The live resources with these ids; all must be there, unless unknown ones are ignored.
    fn candidates(&self, ids: &[String]) -> Result<Vec<Candidate>, RepositoryError> {
        let rows = self.sql.query(
            "SELECT r.seq, r.id, r.type FROM json_each(?) AS j JOIN resources AS r ON r.id = j.value
                WHERE r.deleted IS NULL",
            &[json_list(ids)],
        )?;
        let mut found = Vec::with_capacity(ids.len());
        for row in &rows.rows {
            let (seq, id) = (row.integer("seq")?, row.text("id")?.to_owned());
            found.push(Candidate { seq, id, kind: resource_type(row.text("type")?)? });
        }
        if found.len() < ids.len() && !self.ignores_unknown_members {
            let mut known: Vec<&str> = found.iter().map(|candidate| candidate.id.as_str()).collect();
            known.sort_unstable();
            let unknown = ids.iter().filter(|id| known.binary_search(&id.as_str()).is_err());
            let ids: Vec<String> = unknown.take(NAMED).cloned().collect();
            if !ids.is_empty() {
                return Err(RepositoryError::UnknownReference { attribute: "members".to_owned(), ids });
            }
        }
        Ok(found)
    }

    /// A group must not contain itself, not even by way of other groups.
    fn check_cycle(&self, group: &Group<'_>, candidates: &[Candidate]) -> Result<(), RepositoryError> {
        let groups = candidates.iter().filter(|candidate| candidate.kind == ResourceType::Group);
        let groups: Vec<i64> = groups.map(|candidate| candidate.seq).collect();
        if groups.is_empty() {
            return Ok(());
        }
        let rows = self.sql.query(
            "WITH RECURSIVE up (seq) AS (
                SELECT ? UNION SELECT m.group_seq FROM up JOIN members AS m ON m.member_seq = up.seq
            )
            SELECT r.id FROM up JOIN resources AS r ON r.seq = up.seq
                WHERE up.seq IN (SELECT value FROM json_each(?)) LIMIT 1",
            &[Value::from(group.seq), json_numbers(&groups)],
        )?;
        match rows.first() {
            Some(row) => Err(RepositoryError::Cycle { member: row.text("id")?.to_owned() }),
            None => Ok(()),
        }
    }

    /// The first live members of a group, read in pages.
    pub(super) fn members_of(&self, group: &str, limit: usize) -> Result<Vec<Member>, RepositoryError> {
        let (mut members, mut last) = (Vec::new(), 0);
        while members.len() < limit {
            let page = PAGE.min(limit - members.len());
            let statement = format!(
                "SELECT m.member_seq, r.id, r.type, r.display FROM resources AS g
                    JOIN members AS m ON m.group_seq = g.seq AND m.member_seq > ?
                    JOIN resources AS r ON r.seq = m.member_seq AND r.deleted IS NULL
                    WHERE g.id = ? AND g.deleted IS NULL ORDER BY m.member_seq LIMIT {page}"
            );
            let rows = self.sql.query(&statement, &[Value::from(last), Value::from(group)])?.rows;
            for row in &rows {
                last = row.integer("member_seq")?;
                members.push(Member {
                    id: row.text("id")?.to_owned(),
                    kind: resource_type(row.text("type")?)?,
                    display: row.optional_text("display")?.map(str::to_owned),
                });
            }
            if rows.len() < page {
                break;
            }
        }
        Ok(members)
    }

    /// The groups of users, direct ones first. Groups in groups are followed only if there are any.
    pub(super) fn groups_of_users(
        &self,
        users: &[&str],
    ) -> Result<Vec<(String, GroupReference)>, RepositoryError> {
        // One user, as in most requests, is looked up without a list.
        let (source, parameter) = match users {
            [user] => ("resources AS u", Value::from(*user)),
            _ => ("json_each(?) AS j JOIN resources AS u ON u.id = j.value", json_list(users)),
        };
        let condition = if users.len() == 1 { "WHERE u.id = ?" } else { "" };
        let statement = format!(
            "SELECT u.id AS user, g.id AS id, g.display AS display, 0 AS level,
                EXISTS (SELECT 1 FROM members AS p WHERE p.member_seq = g.seq) AS is_nested
                FROM {source}
                JOIN members AS m ON m.member_seq = u.seq
                JOIN resources AS g ON g.seq = m.group_seq AND g.deleted IS NULL
                {condition} ORDER BY m.member_seq, m.group_seq"
        );
        let rows = self.sql.query(&statement, &[parameter])?;
        let mut is_nested = false;
        for row in &rows.rows {
            is_nested |= row.boolean("is_nested")?;
        }
        let rows = if is_nested {
            self.sql.query(
                "WITH RECURSIVE up (user, seq, level) AS (
                    SELECT u.id, m.group_seq, 0 FROM json_each(?) AS j JOIN resources AS u ON u.id = j.value
                        JOIN members AS m ON m.member_seq = u.seq
                    UNION
                    SELECT up.user, m.group_seq, 1 FROM up
                        JOIN resources AS g ON g.seq = up.seq AND g.deleted IS NULL
                        JOIN members AS m ON m.member_seq = up.seq
                )
                SELECT up.user AS user, g.id AS id, g.display AS display, min(up.level) AS level
                    FROM up JOIN resources AS g ON g.seq = up.seq AND g.deleted IS NULL
                    GROUP BY up.user, up.seq ORDER BY level, up.seq",
                &[json_list(users)],
            )?
        } else {
            rows
        };
        let mut groups = Vec::with_capacity(rows.rows.len());
        for row in &rows.rows {
            let group = GroupReference {
                id: row.text("id")?.to_owned(),
                display: row.optional_text("display")?.map(str::to_owned),
                direct: row.integer("level")? == 0,
            };
            groups.push((row.text("user")?.to_owned(), group));
        }
        Ok(groups)
    }
}

fn change<'a>(group: &Group<'a>, kind: ChangeKind) -> Change<'a> {
    Change { at_ms: group.now_ms, kind, resource: ResourceType::Group, id: group.id }
}
