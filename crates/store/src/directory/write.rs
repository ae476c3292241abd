//! Writing resources: documents, extracted columns, e-mail addresses, memberships, counters and change log.

use scim::patch::{changed_names, changes};
use scim::repository::{NewResource, RepositoryError, Update, Updated};
use scim::{Resource, ResourceType, urn};
use serde_json::{Map, Value as Json};

use super::changes::{Change, ChangeKind};
use super::columns::{COLUMNS, Stored, document, email_keys, extracted, json_list, refusal, stored};
use super::members::Group;
use super::{DirectoryStore, Profile};
use crate::sql::{SqlError, Value, in_transaction, placeholders};

/// How many resources one step of a clean-up touches.
const BATCH: usize = 100;

impl DirectoryStore<'_> {
    pub(super) fn create_resource(&self, new: &NewResource) -> Result<Resource, RepositoryError> {
        let resource = Resource {
            kind: new.kind,
            id: new.id.clone(),
            version: 1,
            created_ms: new.now_ms,
            modified_ms: new.now_ms,
            attributes: new.attributes.clone(),
        };
        in_transaction(self.sql, || {
            let seq = self.insert(&resource)?;
            self.add_emails(seq, &email_keys(&resource.attributes))?;
            self.count_by(new.kind, false, 1)?;
            let names = changed_names(&changes(&Map::new(), &new.attributes));
            self.log(&change(&resource, ChangeKind::Create, new.now_ms), &names)?;
            if !new.members.is_empty() {
                let group = Group { seq, id: &new.id, now_ms: new.now_ms };
                self.add_members(&group, &new.members)?;
            }
            Ok(resource.clone())
        })
    }

    fn insert(&self, resource: &Resource) -> Result<i64, RepositoryError> {
        let mut names = vec!["id", "type", "document", "version", "created", "modified"];
        let mut values = vec![
            Value::from(&resource.id),
            Value::from(resource.kind.name()),
            Value::from(document(&resource.attributes)?),
            Value::from(resource.version),
            Value::from(resource.created_ms),
            Value::from(resource.modified_ms),
        ];
        for (name, value) in extracted(resource) {
            names.push(name);
            values.push(value);
        }
        let statement = format!(
            "INSERT INTO resources ({}) VALUES ({}) RETURNING seq",
            names.join(", "),
            placeholders(values.len())
        );
        let rows = self.sql.query(&statement, &values).map_err(|error| refusal(error, resource))?;
        let row =
            rows.first().ok_or_else(|| RepositoryError::Internal("an insert answered no row".to_owned()))?;
        Ok(row.integer("seq")?)
    }

    pub(super) fn update_resource(&self, update: &Update) -> Result<Updated, RepositoryError> {
        self.update_found(update, "AND deleted IS NULL")
    }

    /// Like [`Self::update_resource`], also of one that is in the recycle bin, where it stays.
    pub(super) fn update_kept(&self, update: &Update) -> Result<Updated, RepositoryError> {
        self.update_found(update, "")
    }

    fn update_found(&self, update: &Update, condition: &str) -> Result<Updated, RepositoryError> {
        in_transaction(self.sql, || {
            let previous = &update.previous;
            let (seq, version) = self.current(previous, condition)?;
            if version != previous.version {
                return Err(RepositoryError::VersionMismatch { current: version });
            }
            let group = Group { seq, id: &previous.id, now_ms: update.now_ms };
            let (members_added, members_removed) = self.change_members(&group, &update.members)?;
            if update.changes.is_empty() && members_added + members_removed == 0 {
                return Ok(Updated { resource: previous.clone(), members_added, members_removed });
            }
            let resource = Resource {
                attributes: update.attributes.clone(),
                version: previous.version + 1,
                modified_ms: update.now_ms,
                ..previous.clone()
            };
            if update.changes.is_empty() {
                self.touch(seq, update.now_ms)?;
            } else {
                self.rewrite(seq, previous, &resource)?;
                let names = changed_names(&update.changes);
                self.log(&change(&resource, ChangeKind::Update, update.now_ms), &names)?;
            }
            Ok(Updated { resource, members_added, members_removed })
        })
    }

    /// The row number and version of a resource, with what else must be true of it.
    fn current(&self, resource: &Resource, condition: &str) -> Result<(i64, i64), RepositoryError> {
        let statement = format!("SELECT seq, version FROM resources WHERE id = ? AND type = ? {condition}");
        let rows =
            self.sql.query(&statement, &[Value::from(&resource.id), Value::from(resource.kind.name())])?;
        let row = rows.first().ok_or(RepositoryError::NotFound)?;
        Ok((row.integer("seq")?, row.integer("version")?))
    }

    /// Counts a change that is not one of the document.
    fn touch(&self, seq: i64, now_ms: i64) -> Result<(), SqlError> {
        self.sql.query(
            "UPDATE resources SET version = version + 1, modified = ? WHERE seq = ?",
            &[Value::from(now_ms), Value::from(seq)],
        )?;
        Ok(())
    }

    /// Counts a change of the members of the live groups that a resource is in.
    fn touch_groups_of(&self, seq: i64, now_ms: i64) -> Result<(), SqlError> {
        self.sql.query(
            "UPDATE resources SET version = version + 1, modified = ?
                WHERE seq IN (SELECT group_seq FROM members WHERE member_seq = ?) AND deleted IS NULL",
            &[Value::from(now_ms), Value::from(seq)],
        )?;
        Ok(())
    }

    /// Stores a new state of a resource. Only columns that differ are set, so only their indexes are written.
    fn rewrite(&self, seq: i64, previous: &Resource, resource: &Resource) -> Result<(), RepositoryError> {
        let mut sets = vec!["document = ?".to_owned(), "version = ?".to_owned(), "modified = ?".to_owned()];
        let mut values = vec![
            Value::from(document(&resource.attributes)?),
            Value::from(resource.version),
            Value::from(resource.modified_ms),
        ];
        for ((name, new), (_, old)) in extracted(resource).into_iter().zip(extracted(previous)) {
            if new != old {
                sets.push(format!("{name} = ?"));
                values.push(new);
            }
        }
        values.push(Value::from(seq));
        let statement = format!("UPDATE resources SET {} WHERE seq = ?", sets.join(", "));
        self.sql.query(&statement, &values).map_err(|error| refusal(error, resource))?;
        let (old, new) = (email_keys(&previous.attributes), email_keys(&resource.attributes));
        if old != new {
            self.remove_emails(seq, &old)?;
            self.add_emails(seq, &new)?;
        }
        Ok(())
    }

    fn add_emails(&self, seq: i64, keys: &[String]) -> Result<(), SqlError> {
        if keys.is_empty() {
            return Ok(());
        }
        self.sql.query(
            "INSERT OR IGNORE INTO emails (value_key, seq) SELECT value, ? FROM json_each(?)",
            &[Value::from(seq), json_list(keys)],
        )?;
        Ok(())
    }

    fn remove_emails(&self, seq: i64, keys: &[String]) -> Result<(), SqlError> {
        if keys.is_empty() {
            return Ok(());
        }
        self.sql.query(
            "DELETE FROM emails WHERE seq = ? AND value_key IN (SELECT value FROM json_each(?))",
            &[Value::from(seq), json_list(keys)],
        )?;
        Ok(())
    }

    /// The resource with this id, live or deleted.
    pub(super) fn find(&self, kind: ResourceType, id: &str) -> Result<Option<Stored>, SqlError> {
        let statement = format!("SELECT {COLUMNS} FROM resources AS r WHERE r.id = ? AND r.type = ?");
        let rows = self.sql.query(&statement, &[Value::from(id), Value::from(kind.name())])?;
        rows.first().map(stored).transpose()
    }

    pub(super) fn delete_resource(
        &self,
        kind: ResourceType,
        id: &str,
        now_ms: i64,
    ) -> Result<(), RepositoryError> {
        in_transaction(self.sql, || {
            let found = self.find(kind, id)?.filter(|found| found.deleted_ms.is_none());
            let found = found.ok_or(RepositoryError::NotFound)?;
            match self.profile {
                Profile::Workforce => {
                    self.sql.query(
                        "UPDATE resources SET deleted = ?1, modified = ?1, version = version + 1 WHERE seq = ?2",
                        &[Value::from(now_ms), Value::from(found.seq)],
                    )?;
                    self.touch_groups_of(found.seq, now_ms)?;
                    self.count_by(kind, true, 1)?;
                }
                Profile::Application => self.erase(&found, now_ms)?,
            }
            self.count_by(kind, false, -1)?;
            self.log(&change(&found.resource, ChangeKind::Delete, now_ms), &[])?;
            Ok(())
        })
    }

    /// Brings a deleted resource back, with its memberships. Refuses with `Conflict` if its name has been given
    /// to another since, and with `NotFound` if nothing with this id can be restored.
    pub fn restore(&self, kind: ResourceType, id: &str, now_ms: i64) -> Result<Resource, RepositoryError> {
        in_transaction(self.sql, || {
            let found = self.find(kind, id)?.filter(|found| found.deleted_ms.is_some());
            let found = found.ok_or(RepositoryError::NotFound)?;
            self.sql
                .query(
                    "UPDATE resources SET deleted = NULL, modified = ?, version = version + 1 WHERE seq = ?",
                    &[Value::from(now_ms), Value::from(found.seq)],
                )
                .map_err(|error| refusal(error, &found.resource))?;
            self.touch_groups_of(found.seq, now_ms)?;
            self.count_by(kind, true, -1)?;
            self.count_by(kind, false, 1)?;
            self.log(&change(&found.resource, ChangeKind::Restore, now_ms), &[])?;
            Ok(Resource { version: found.resource.version + 1, modified_ms: now_ms, ..found.resource })
        })
    }

    /// Removes a deleted resource for good.
    pub fn purge(&self, kind: ResourceType, id: &str, now_ms: i64) -> Result<(), RepositoryError> {
        in_transaction(self.sql, || {
            let found = self.find(kind, id)?.filter(|found| found.deleted_ms.is_some());
            self.purge_found(&found.ok_or(RepositoryError::NotFound)?, now_ms)
        })
    }

    /// Removes for good what was deleted before a time, at most `limit` resources at once. Answers how many; 0 is
    /// done.
    pub fn purge_deleted(&self, before_ms: i64, limit: usize, now_ms: i64) -> Result<usize, RepositoryError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM resources AS r WHERE r.deleted < ? ORDER BY r.deleted LIMIT {limit}"
        );
        let rows = self.sql.query(&statement, &[Value::from(before_ms)])?;
        in_transaction(self.sql, || {
            for row in &rows.rows {
                self.purge_found(&stored(row)?, now_ms)?;
            }
            Ok(rows.rows.len())
        })
    }

    fn purge_found(&self, found: &Stored, now_ms: i64) -> Result<(), RepositoryError> {
        self.erase(found, now_ms)?;
        self.count_by(found.resource.kind, true, -1)?;
        self.log(&change(&found.resource, ChangeKind::Purge, now_ms), &[])?;
        Ok(())
    }

    /// Removes a row and everything that points at it: memberships, e-mail addresses, managers, disputes of inlets.
    fn erase(&self, found: &Stored, now_ms: i64) -> Result<(), RepositoryError> {
        let seq = [Value::from(found.seq)];
        if self.is_told_with_members(found)? {
            self.remove_all_members(&Group { seq: found.seq, id: &found.resource.id, now_ms })?;
        } else {
            self.sql.query("DELETE FROM members WHERE group_seq = ?", &seq)?;
        }
        let rows = self.sql.query(
            "SELECT m.group_seq, g.id FROM members AS m JOIN resources AS g ON g.seq = m.group_seq
                WHERE m.member_seq = ?",
            &seq,
        )?;
        for row in &rows.rows {
            let group = row.text("id")?;
            // A deleted resource was taken out of what its groups show when it was deleted.
            if found.deleted_ms.is_none() {
                self.touch(row.integer("group_seq")?, now_ms)?;
            }
            let change = Change {
                at_ms: now_ms,
                kind: ChangeKind::MemberRemoved,
                resource: ResourceType::Group,
                id: group,
            };
            self.log_members(&change, std::slice::from_ref(&found.resource.id))?;
        }
        self.sql.query("DELETE FROM members WHERE member_seq = ?", &seq)?;
        self.remove_emails(found.seq, &email_keys(&found.resource.attributes))?;
        self.remove_manager(&found.resource.id, now_ms)?;
        if self.profile == Profile::Workforce {
            self.sql
                .query("DELETE FROM disputes WHERE resource_id = ?", &[Value::from(&found.resource.id)])?;
        }
        self.sql.query("DELETE FROM resources WHERE seq = ?", &seq)?;
        Ok(())
    }

    /// Whether a group that goes for good is told of with each of its members. A job that reads that a group was
    /// deleted asks who is in it, and nobody knows that any more, so the members have to stand in the log; how far the
    /// jobs have read is not known here. Only a deletion that the log does not keep any longer was read by every job,
    /// or the job looks at everybody: when the recycle bin lets go after [`super::RESTORABLE_MS`], a row for each
    /// member would be written for nothing.
    fn is_told_with_members(&self, found: &Stored) -> Result<bool, SqlError> {
        if self.profile != Profile::Workforce || found.resource.kind != ResourceType::Group {
            return Ok(false);
        }
        let oldest = self.oldest_time()?;
        Ok(found.deleted_ms.zip(oldest).is_none_or(|(deleted, oldest)| oldest <= deleted))
    }

    /// Nobody keeps a manager who is gone.
    fn remove_manager(&self, id: &str, now_ms: i64) -> Result<(), RepositoryError> {
        let statement = format!("SELECT {COLUMNS} FROM resources AS r WHERE r.manager_id = ? LIMIT {BATCH}");
        loop {
            let rows = self.sql.query(&statement, &[Value::from(id)])?;
            for row in &rows.rows {
                let found = stored(row)?;
                let mut resource = found.resource.clone();
                without_manager(&mut resource.attributes);
                resource.version += 1;
                resource.modified_ms = now_ms;
                self.rewrite(found.seq, &found.resource, &resource)?;
                let names = [format!("{}:manager", urn::ENTERPRISE_USER)];
                self.log(&change(&resource, ChangeKind::Update, now_ms), &names)?;
            }
            if rows.rows.len() < BATCH {
                return Ok(());
            }
        }
    }
}

fn without_manager(attributes: &mut Map<String, Json>) {
    let Some(extension) = attributes.get_mut(urn::ENTERPRISE_USER).and_then(Json::as_object_mut) else {
        return;
    };
    extension.shift_remove("manager");
    if extension.is_empty() {
        attributes.shift_remove(urn::ENTERPRISE_USER);
    }
}

fn change(resource: &Resource, kind: ChangeKind, at_ms: i64) -> Change<'_> {
    Change { at_ms, kind, resource: resource.kind, id: &resource.id }
}
