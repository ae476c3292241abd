//! Writing groups and their members.

use inlets::mirror::{Applied, Counts, Failure, Upsert};
use scim::repository::{MemberChange, Repository as _, RepositoryError, Update};
use scim::{Resource, ResourceType};
use serde_json::{Value as Json, json};

use super::super::columns::{json_list, json_numbers};
use super::super::members::Group;
use super::anchors::{ANCHOR, Anchor, Anchors, anchor};
use super::{Mirror, Trouble, Written, anchor_of, object};
use crate::sql::{SqlError, Value, in_transaction};

const DISPLAY_NAME: &str = "displayName";

impl Mirror<'_> {
    pub(super) fn group(
        &mut self,
        anchors: &mut Anchors,
        upsert: &Upsert,
        pass: i64,
        applied: &mut Applied,
    ) -> Result<(), RepositoryError> {
        // The last word about a member counts; the same group may come on many pages.
        let mut members: Vec<(i64, bool)> = Vec::with_capacity(upsert.members.len());
        let numbers = upsert.members.iter().filter_map(|member| {
            anchors.get(&member.source_id).map(|anchor| (anchor.number, member.removed))
        });
        members.extend(numbers);
        members.reverse();
        members.sort_by_key(|(number, _)| *number);
        members.dedup_by_key(|(number, _)| *number);
        let with = |gone: bool| -> Vec<i64> {
            members.iter().filter(|(_, removed)| *removed == gone).map(|(number, _)| *number).collect()
        };
        let anchor = anchor_of(anchors, &upsert.source_id)?;
        match self.try_group(anchor, upsert) {
            Ok(Some(written)) => written.count(&mut applied.counts),
            Ok(None) => {}
            Err(trouble) => self.fail(upsert, trouble, applied)?,
        }
        self.state_members(anchor.number, pass, &with(false))?;
        self.drop_members(anchor, &with(true), &mut applied.counts)?;
        self.settle_members(anchor, applied, false)
    }

    /// Writes a group, or nothing. `None`: it was only referred to so far, and has no name yet.
    fn try_group(&mut self, anchor: &mut Anchor, said: &Upsert) -> Result<Option<Written>, Trouble> {
        let before = anchor.clone();
        let mut changed = anchor.clone();
        let sql = self.store.sql;
        let written = in_transaction(sql, || self.write_group(&mut changed, said))?;
        *anchor = changed;
        if *anchor != before {
            self.save(anchor)?;
        }
        Ok(written)
    }

    fn write_group(&mut self, anchor: &mut Anchor, said: &Upsert) -> Result<Option<Written>, Trouble> {
        let name = said.attribute(DISPLAY_NAME).flatten();
        let mut joined = false;
        let mut found = match &anchor.resource_id {
            Some(id) => self.store.find(ResourceType::Group, id)?,
            None => None,
        };
        if found.is_none() {
            found = self.left_behind(ResourceType::Group, &anchor.source_id)?;
            joined = found.is_some();
        }
        let Some(stored) = found else {
            let Some(name) = name else { return Ok(None) };
            let document = json!({DISPLAY_NAME: name, "externalId": anchor.source_id});
            let attributes = self.canonical(ResourceType::Group, document)?;
            let id = (self.new_id)()?;
            self.create(ResourceType::Group, &id, attributes)?;
            anchor.absent = false;
            if anchor.resource_id.replace(id).is_some() {
                self.unsettle_memberships(anchor.number)?;
            }
            return Ok(Some(Written::Created));
        };
        anchor.resource_id = Some(stored.resource.id.clone());
        anchor.absent = false;
        let was_deleted = stored.deleted_ms.is_some();
        let resource = if was_deleted {
            self.store.restore(ResourceType::Group, &stored.resource.id, self.now_ms)?
        } else {
            stored.resource
        };
        let is_new = name
            .is_some_and(|name| resource.attributes.get(DISPLAY_NAME).and_then(Json::as_str) != Some(name));
        if is_new {
            let mut document = Json::Object(resource.attributes.clone());
            if let Some(document) = document.as_object_mut() {
                document.insert(DISPLAY_NAME.to_owned(), Json::from(name));
            }
            self.canonical(ResourceType::Group, document.clone())?;
            self.update(resource, object(document))?;
        }
        Ok(Some(match (joined, was_deleted, is_new) {
            (true, ..) => Written::Joined,
            (_, true, _) => Written::Restored,
            (_, _, true) => Written::Updated,
            (_, _, false) => Written::Unchanged,
        }))
    }

    /// In another pass over everything they are added again, if somebody took them out.
    fn state_members(&self, group: i64, pass: i64, members: &[i64]) -> Result<(), SqlError> {
        if members.is_empty() {
            return Ok(());
        }
        self.store.sql.query(
            "INSERT INTO source_members (group_number, member_number, pass, settled)
                SELECT ?, value, ?, 0 FROM json_each(?) WHERE true
                ON CONFLICT (group_number, member_number) DO UPDATE
                    SET settled = CASE WHEN pass = excluded.pass THEN settled ELSE 0 END, pass = excluded.pass",
            &[group.into(), pass.into(), json_numbers(members)],
        )?;
        Ok(())
    }

    /// Takes members out of a group.
    pub(super) fn drop_members(
        &mut self,
        group: &Anchor,
        members: &[i64],
        counts: &mut Counts,
    ) -> Result<(), RepositoryError> {
        if members.is_empty() {
            return Ok(());
        }
        self.forget_members(group, members)?;
        let rows = self.store.sql.query(
            "SELECT a.resource_id AS id FROM json_each(?) AS j JOIN anchors AS a ON a.number = j.value
                WHERE a.resource_id IS NOT NULL",
            &[json_numbers(members)],
        )?;
        let ids: Vec<String> =
            rows.rows.iter().map(|row| row.text("id").map(str::to_owned)).collect::<Result<_, _>>()?;
        counts.members_removed += self.remove_members(group, ids)?;
        Ok(())
    }

    /// The source does not say any more that these are members; the directory's members stay.
    pub(super) fn forget_members(&self, group: &Anchor, members: &[i64]) -> Result<(), SqlError> {
        self.store.sql.query(
            "DELETE FROM source_members WHERE group_number = ? AND member_number IN (SELECT value FROM json_each(?))",
            &[group.number.into(), json_numbers(members)],
        )?;
        Ok(())
    }

    /// Answers how many members a live group lost.
    fn remove_members(&mut self, group: &Anchor, ids: Vec<String>) -> Result<u64, RepositoryError> {
        let change = MemberChange::Remove(ids);
        match self.live_group(group)? {
            Some(resource) => Ok(self.change_members(resource, change)?.1),
            None => self.change_deleted(group, change).map(|()| 0),
        }
    }

    /// Takes whom an anchor let go of out of the groups of that anchor: once it has nobody, nobody is found who leaves
    /// them. Not where another anchor of theirs is a member, or `heir`, which gets them. Where the source still says
    /// that the anchor is a member, it waits for whom it gets. Answers how many groups were left.
    pub(super) fn leave_groups(&mut self, number: i64, id: &str, heir: i64) -> Result<u64, RepositoryError> {
        let statement = format!(
            "SELECT {ANCHOR} FROM source_members AS s JOIN anchors AS a ON a.number = s.group_number
                WHERE s.member_number = ?1 AND a.resource_id IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM source_members AS o JOIN anchors AS g ON g.number = o.group_number
                        WHERE g.resource_id = a.resource_id AND o.member_number <> ?1 AND o.member_number IN (
                            SELECT number FROM anchors WHERE resource_id = ?2 UNION ALL SELECT ?3
                        )
                )"
        );
        let rows = self.store.sql.query(&statement, &[number.into(), id.into(), heir.into()])?;
        let mut left = 0;
        for row in &rows.rows {
            left += self.remove_members(&anchor(row)?, vec![id.to_owned()])?;
        }
        self.unsettle_memberships(number)?;
        Ok(left)
    }

    /// Adds the members that wait and are there by now. A group that would be in itself waits on, since another one
    /// may let go of it; `last` in the round, it is told.
    pub(super) fn settle_members(
        &mut self,
        group: &Anchor,
        applied: &mut Applied,
        last: bool,
    ) -> Result<(), RepositoryError> {
        let Some(resource) = self.live_group(group)? else { return Ok(()) };
        let rows = self.store.sql.query(
            "SELECT r.id FROM source_members AS s INDEXED BY source_members_unsettled JOIN anchors AS a ON a.number = s.member_number
                JOIN resources AS r ON r.id = a.resource_id AND r.deleted IS NULL
                WHERE s.group_number = ? AND s.settled = 0",
            &[group.number.into()],
        )?;
        let mut ids: Vec<String> =
            rows.rows.iter().map(|row| row.text("id").map(str::to_owned)).collect::<Result<_, _>>()?;
        if ids.is_empty() {
            return Ok(());
        }
        self.mark_settled(group, &ids, true)?;
        loop {
            match self.change_members(resource.clone(), MemberChange::Add(ids.clone())) {
                Ok((added, _)) => {
                    applied.counts.members_added += added;
                    return Ok(());
                }
                // A group in itself: the rest of the members goes in.
                Err(RepositoryError::Cycle { member }) => {
                    self.mark_settled(group, std::slice::from_ref(&member), false)?;
                    if last {
                        applied.counts.failed += 1;
                        applied.failures.push(Failure {
                            source_id: group.source_id.clone(),
                            name: resource.display().unwrap_or_default().to_owned(),
                            message: format!("The group would contain itself by way of its member {member}."),
                        });
                    }
                    let count = ids.len();
                    ids.retain(|id| *id != member);
                    if ids.len() == count {
                        return Ok(());
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn mark_settled(&self, group: &Anchor, members: &[String], settled: bool) -> Result<(), SqlError> {
        self.store.sql.query(
            "UPDATE source_members SET settled = ? WHERE group_number = ? AND member_number IN (
                SELECT a.number FROM json_each(?) AS j JOIN anchors AS a ON a.resource_id = j.value AND +a.inlet = ?
            )",
            &[settled.into(), group.number.into(), json_list(members), Value::from(self.inlet)],
        )?;
        Ok(())
    }

    /// In the recycle bin nobody sees a group's members, but it may come back. They are told all the same: a job that
    /// reads that the group was deleted finds them there no more.
    fn change_deleted(&self, group: &Anchor, change: MemberChange) -> Result<(), RepositoryError> {
        let Some(id) = &group.resource_id else { return Ok(()) };
        let Some(found) = self.store.find(ResourceType::Group, id)? else { return Ok(()) };
        self.store.change_members(&Group { seq: found.seq, id, now_ms: self.now_ms }, &[change])?;
        Ok(())
    }

    pub(super) fn live_group(&mut self, group: &Anchor) -> Result<Option<Resource>, RepositoryError> {
        match &group.resource_id {
            Some(id) => self.store.get(ResourceType::Group, id),
            None => Ok(None),
        }
    }

    fn change_members(
        &mut self,
        group: Resource,
        change: MemberChange,
    ) -> Result<(u64, u64), RepositoryError> {
        let update = Update {
            attributes: group.attributes.clone(),
            previous: group,
            changes: Vec::new(),
            members: vec![change],
            now_ms: self.now_ms,
        };
        let updated = self.store.update(&update)?;
        Ok((updated.members_added as u64, updated.members_removed as u64))
    }
}
