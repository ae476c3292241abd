//! The reader: source objects with all that the engine needs to know about them, a page at a time.
//!
//! Cursors are this module's own: `walk:` through the directory, then `gone:` through the links that the walk
//! did not meet; `dirty:` through what changed; `staged:` through held deletions.

use std::collections::{BTreeMap, HashMap};

use inlets::attributes;
use provisioning::cycle::{
    Assignment, Creation, Escrow, Link, PageScope, PendingReference, ReferenceEntry, SourceEntry,
    SourceObject, StagedDeletion,
};
use provisioning::schema::ObjectType;
use provisioning::{Cursor, SourceId, TargetId};
use store::job::{AssignmentMirror, JobStore, LinkRecord};
use store::organization::{AssignmentChanges, PrincipalType};
use worker::Env;

use super::keys;
use super::record::{JobRecord, save_setting, setting};
use crate::error::ApiError;
use crate::objects::directory::{self, ChangesPage, DirectoryCommand, MembersPage, SourceUser, UsersPage};
use crate::objects::organization::{NAME, OrganizationCommand};
use crate::platform::sql::ObjectSql;
use crate::platform::stub::{self, ObjectKind};

/// Changes and members that are read at once.
const PAGE: usize = 500;

/// Reads the source of one job.
pub struct Source<'a> {
    /// Bindings.
    pub env: &'a Env,
    /// The job's database.
    pub sql: &'a ObjectSql,
    /// The job.
    pub record: &'a JobRecord,
}

/// A page of source objects.
pub struct Page {
    /// The objects.
    pub entries: Vec<SourceEntry>,
    /// Where the next page begins.
    pub next: Option<Cursor>,
}

impl Source<'_> {
    fn store(&self) -> JobStore<'_> {
        JobStore::opened(self.sql)
    }

    async fn directory<T: serde::de::DeserializeOwned>(
        &self,
        command: &DirectoryCommand,
    ) -> Result<T, ApiError> {
        directory::call(self.env, &self.record.workforce_directory_id, command).await
    }

    /// Mirrors what changed in the assignments since the last time; answers how far. Who is concerned is
    /// marked: a person at once, a group for the expansion of its members.
    pub async fn mirror_assignments(&self) -> Result<i64, ApiError> {
        let store = self.store();
        let mut since: i64 = setting(&store, keys::MIRROR)?.unwrap_or(0);
        loop {
            let command = OrganizationCommand::AssignmentChanges {
                service_principal_id: self.record.service_principal_id.clone(),
                since,
                limit: PAGE as i64,
            };
            let page: AssignmentChanges =
                stub::call(self.env, ObjectKind::Organization, NAME, &command).await?;
            store::sql::in_transaction(self.sql, || -> Result<(), ApiError> {
                for change in &page.changes {
                    match &change.assignment {
                        Some(assignment) => store.save_assignment(&AssignmentMirror {
                            id: assignment.id.clone(),
                            principal_id: assignment.principal_id.clone(),
                            principal_type: assignment.principal_type,
                            app_role_id: assignment.app_role_id.clone(),
                        })?,
                        None => store.remove_assignment(&change.assignment_id)?,
                    }
                    match change.principal_type {
                        PrincipalType::User => store.mark_dirty("User", [change.principal_id.as_str()])?,
                        PrincipalType::Group => store.add_expansion(&change.principal_id)?,
                    }
                }
                save_setting(&store, keys::MIRROR, &page.sequence)
            })?;
            since = page.sequence;
            if !page.more {
                return Ok(since);
            }
        }
    }

    /// The end of the directory's change log.
    pub async fn latest_change(&self) -> Result<i64, ApiError> {
        self.directory(&DirectoryCommand::LatestSequence).await
    }

    /// How many people there are, for the progress bar.
    pub async fn user_count(&self) -> Result<u64, ApiError> {
        let described: directory::DirectoryDescription = self.directory(&DirectoryCommand::Describe).await?;
        Ok(described.users)
    }

    /// Marks everybody who is concerned by a change after `since` and up to `until`, by an assignment of a
    /// group, or by a retry that is due.
    pub async fn collect_changes(&self, since: i64, until: i64, now: i64) -> Result<(), ApiError> {
        let store = self.store();
        while let Some((group_id, after)) = store.next_expansion()? {
            let after = after.parse().unwrap_or(0);
            let command = DirectoryCommand::GroupMembers { group_id: group_id.clone(), after, limit: PAGE };
            let members: MembersPage = self.directory(&command).await?;
            let next = members.next.map(|next| next.to_string());
            store::sql::in_transaction(self.sql, || -> Result<(), ApiError> {
                store.mark_dirty("User", members.ids.iter().map(String::as_str))?;
                store.advance_expansion(&group_id, next.as_deref())?;
                Ok(())
            })?;
        }
        let mut after = since;
        while after < until {
            let command = DirectoryCommand::ChangesSince { since: after, limit: PAGE };
            let page: ChangesPage = self.directory(&command).await?;
            store.mark_dirty("User", page.user_ids.iter().map(String::as_str))?;
            if page.sequence <= after {
                break;
            }
            after = page.sequence;
        }
        store.mark_due_escrows(now)?;
        Ok(())
    }

    /// A page of source objects. Only people are read so far: templates whose mapping of groups is on get
    /// empty pages for it.
    pub async fn page(
        &self,
        cycle_id: &str,
        object_type: ObjectType,
        scope: &PageScope,
        cursor: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page, ApiError> {
        if object_type != ObjectType::User {
            return Ok(Page { entries: Vec::new(), next: None });
        }
        let cursor = cursor.map(Cursor::as_str).unwrap_or("");
        match scope {
            PageScope::All => match cursor.strip_prefix("gone:") {
                Some(after) => self.gone(cycle_id, after, limit).await,
                None => self.walk(cursor.strip_prefix("walk:").unwrap_or("0"), limit).await,
            },
            PageScope::Changes { .. } => {
                let after = cursor.strip_prefix("dirty:").unwrap_or("");
                let ids = self.store().dirty("User", after, limit.into())?;
                let full = ids.len() >= limit as usize;
                let next = ids.last().filter(|_| full).map(|id| Cursor::from(format!("dirty:{id}")));
                Ok(Page { entries: self.by_ids(&ids, "dirty:").await?, next })
            }
            PageScope::Subjects { ids } => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                Ok(Page { entries: self.by_ids(&ids, "subject:").await?, next: None })
            }
            PageScope::Staged => {
                let after = cursor.strip_prefix("staged:").unwrap_or("");
                let held = self.store().staged("User", after, limit.into())?;
                let ids: Vec<String> = held.into_iter().map(|record| record.source_id).collect();
                let full = ids.len() >= limit as usize;
                let next = ids.last().filter(|_| full).map(|id| Cursor::from(format!("staged:{id}")));
                Ok(Page { entries: self.by_ids(&ids, "staged:").await?, next })
            }
        }
    }

    async fn walk(&self, after: &str, limit: u32) -> Result<Page, ApiError> {
        let after: i64 =
            after.parse().map_err(|_| ApiError::internal(format!("a cycle's cursor is walk:{after}")))?;
        let command = DirectoryCommand::UsersPage { after, limit: limit as usize };
        let page: UsersPage = self.directory(&command).await?;
        let next = match page.users.last() {
            Some(last) if page.more => Cursor::from(format!("walk:{}", last.place)),
            _ => Cursor::from("gone:"),
        };
        let positions = page.users.iter().map(|user| format!("walk:{}", user.place)).collect();
        Ok(Page { entries: self.entries(page.users, positions)?, next: Some(next) })
    }

    /// Linked people whom the walk did not meet: those who are gone for good.
    async fn gone(&self, cycle_id: &str, after: &str, limit: u32) -> Result<Page, ApiError> {
        let ids = self.store().unseen("User", cycle_id, after, limit.into())?;
        let full = ids.len() >= limit as usize;
        let next = ids.last().filter(|_| full).map(|id| Cursor::from(format!("gone:{id}")));
        // Whoever is there was met, or came after the walk and is the next cycle's business.
        let entries = self.by_ids(&ids, "gone:").await?;
        Ok(Page { entries: entries.into_iter().filter(|entry| entry.object.is_none()).collect(), next })
    }

    async fn by_ids(&self, ids: &[String], prefix: &str) -> Result<Vec<SourceEntry>, ApiError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found: Vec<SourceUser> =
            self.directory(&DirectoryCommand::UsersByIds { ids: ids.to_vec() }).await?;
        let mut found: HashMap<String, SourceUser> =
            found.into_iter().map(|user| (user.id.clone(), user)).collect();
        let users = ids.iter().map(|id| found.remove(id).unwrap_or_else(|| SourceUser::gone(id))).collect();
        let positions = ids.iter().map(|id| format!("{prefix}{id}")).collect();
        self.entries(users, positions)
    }

    /// Adds what the job knows about the objects of a page: a query a table, not a query an object.
    fn entries(&self, users: Vec<SourceUser>, positions: Vec<String>) -> Result<Vec<SourceEntry>, ApiError> {
        let store = self.store();
        let ids: Vec<&str> = users.iter().map(|user| user.id.as_str()).collect();
        let mut principals: Vec<&str> = ids.clone();
        principals.extend(users.iter().flat_map(|user| user.group_ids.iter().map(String::as_str)));
        principals.sort_unstable();
        principals.dedup();
        let assignments = store.assignments_of(&principals)?;
        let mut links = store.links_of(&ids)?;
        let mut escrows = store.escrows_of(&ids)?;
        let mut references = store.references_of(&ids)?;
        let mut creations = store.creations_of(&ids)?;
        let mut staged = store.staged_of(&ids)?;
        let attributes: Vec<_> =
            users.iter().map(|user| user.document.as_ref().map(attributes::to_source)).collect();
        let managers: Vec<&str> = attributes
            .iter()
            .flatten()
            .filter_map(|attributes| attributes.get("manager").and_then(|manager| manager.as_str()))
            .collect();
        let manager_links = store.links_of(&managers)?;
        let mut entries = Vec::with_capacity(users.len());
        for ((user, attributes), position) in users.iter().zip(attributes).zip(positions) {
            let object = attributes.map(|attributes| SourceObject {
                display_name: display_name(&attributes),
                account_enabled: attributes
                    .get("accountEnabled")
                    .and_then(|value| value.as_bool())
                    .unwrap_or(true),
                soft_deleted: user.deleted,
                attributes,
            });
            let reference_links = object
                .as_ref()
                .and_then(|object| object.attributes.get("manager"))
                .and_then(|manager| manager.as_str())
                .and_then(|manager| manager_links.get(manager).map(|link| (manager, link)))
                .map(|(manager, link)| {
                    BTreeMap::from([(SourceId::from(manager), TargetId::from(link.target_id.as_str()))])
                })
                .unwrap_or_default();
            entries.push(SourceEntry {
                source_id: SourceId::from(user.id.as_str()),
                object,
                assignments: assigned(user, &assignments),
                link: links.remove(&user.id).map(|record| link(&record)).transpose()?,
                escrow: escrows
                    .remove(&user.id)
                    .map(|record| crate::json::read::<Escrow>(&record.document))
                    .transpose()?,
                creation: creations
                    .remove(&user.id)
                    .map(|record| crate::json::read::<Creation>(&record.document))
                    .transpose()?,
                staged: staged
                    .remove(&user.id)
                    .map(|record| crate::json::read::<StagedDeletion>(&record.document))
                    .transpose()?,
                reference_links,
                pending_references: references
                    .remove(&user.id)
                    .unwrap_or_default()
                    .iter()
                    .map(|record| crate::json::read::<PendingReference>(&record.document))
                    .collect::<Result<_, _>>()?,
                position: Cursor::from(position),
            });
        }
        Ok(entries)
    }

    /// A page of references that can be written now, or that the log does not know of yet. All references of
    /// one object are in one page.
    pub fn references(
        &self,
        cursor: Option<&Cursor>,
        limit: u32,
    ) -> Result<(Vec<ReferenceEntry>, Option<Cursor>), ApiError> {
        let after = cursor.map(Cursor::as_str).unwrap_or("");
        let mut rows = self.store().workable_references(after, i64::from(limit) + 1)?;
        let more = rows.len() > limit as usize;
        if more && let Some(cut) = rows.last().map(|row| row.reference.source_id.clone()) {
            // The last object may go on beyond the page: it comes whole with the next one.
            let whole = rows.iter().any(|row| row.reference.source_id != cut);
            if whole {
                rows.retain(|row| row.reference.source_id != cut);
            }
        }
        let next = rows.last().filter(|_| more).map(|row| Cursor::from(row.reference.source_id.as_str()));
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            let other: Option<Link> = row.referenced_link.as_deref().map(crate::json::read).transpose()?;
            entries.push(ReferenceEntry {
                reference: crate::json::read(&row.reference.document)?,
                link: row.link.as_deref().map(crate::json::read).transpose()?,
                resolved: other.as_ref().map(|link| link.target_id.clone()),
                referenced_name: other.map(|link| link.display_name),
                position: Cursor::from(row.reference.source_id),
            });
        }
        Ok((entries, next))
    }
}

/// The engine's link of a record.
pub fn link(record: &LinkRecord) -> Result<Link, ApiError> {
    Ok(crate::json::read(&record.document)?)
}

fn assigned(user: &SourceUser, assignments: &HashMap<String, Vec<AssignmentMirror>>) -> Vec<Assignment> {
    let direct = assignments.get(&user.id).into_iter().flatten().map(|assignment| Assignment {
        role_id: assignment.app_role_id.clone(),
        principal_id: SourceId::from(assignment.principal_id.as_str()),
        via_group: None,
    });
    let by_group = user.group_ids.iter().flat_map(|group| {
        assignments.get(group).into_iter().flatten().map(move |assignment| Assignment {
            role_id: assignment.app_role_id.clone(),
            principal_id: SourceId::from(assignment.principal_id.as_str()),
            via_group: Some(SourceId::from(group.as_str())),
        })
    });
    direct.chain(by_group).collect()
}

fn display_name(attributes: &serde_json::Map<String, serde_json::Value>) -> String {
    ["displayName", "userPrincipalName"]
        .iter()
        .find_map(|name| {
            attributes.get(*name).and_then(|value| value.as_str()).filter(|text| !text.is_empty())
        })
        .unwrap_or_default()
        .to_owned()
}
