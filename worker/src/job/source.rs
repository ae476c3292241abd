//! The reader: source objects with all that the engine needs to know about them, a page at a time.
//!
//! Cursors are this module's own: `walk:` through the directory, then `gone:` through the links that the walk
//! did not meet; `id:` through what changed, through held deletions, and through given objects.

use std::collections::{BTreeMap, HashMap};

use inlets::attributes;
use provisioning::cycle::{
    Assignment, Creation, Escrow, Link, PageScope, PendingReference, ReferenceEntry, SourceEntry,
    SourceObject, StagedDeletion,
};
use provisioning::schema::ObjectType;
use provisioning::{Cursor, Job as EngineJob, SourceId, TargetId};
use store::job::{AssignmentMirror, Expansion, JobStore, LinkRecord, PendingReferenceRecord, ReferencePlace};
use store::organization::{AssignmentChanges, PrincipalType};
use worker::Env;

use super::keys;
use super::record::{JobRecord, save_setting, setting};
use crate::error::ApiError;
use crate::objects::directory::{
    self, ChangesPage, DirectoryCommand, MembersPage, ResourcesPage, SourceResource,
};
use crate::objects::organization::{NAME, OrganizationCommand};
use crate::platform::sql::ObjectSql;
use crate::platform::stub::{self, ObjectKind};

/// Changes and members that are read at once.
pub(super) const PAGE: usize = 500;

/// Reads the source of one job.
pub struct Source<'a> {
    /// Bindings.
    pub env: &'a Env,
    /// The job's database.
    pub sql: &'a ObjectSql,
    /// The job.
    pub record: &'a JobRecord,
    /// The job, as the engine sees it.
    pub job: &'a EngineJob,
}

/// A page of source objects.
pub struct Page {
    /// The objects.
    pub entries: Vec<SourceEntry>,
    /// Where the next page begins.
    pub next: Option<Cursor>,
}

impl Source<'_> {
    pub(super) fn store(&self) -> JobStore<'_> {
        JobStore::opened(self.sql)
    }

    pub(super) async fn directory<T: serde::de::DeserializeOwned>(
        &self,
        command: &DirectoryCommand,
    ) -> Result<T, ApiError> {
        directory::call(self.env, &self.record.workforce_directory_id, command).await
    }

    /// Whether groups are provisioned.
    pub(super) fn maps_groups(&self) -> bool {
        self.job.schema.mapping(ObjectType::Group).is_some()
    }

    /// Mirrors what changed in the assignments since the last time; answers how far. Who is concerned is
    /// marked: a person or a group at once, the members of a group by its expansion.
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
                        PrincipalType::Group => {
                            if self.maps_groups() {
                                store.mark_dirty("Group", [change.principal_id.as_str()])?;
                            }
                            store.add_expansion(Expansion::Changed, &change.principal_id)?;
                        }
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

    /// How many objects there are, for the progress bar.
    pub async fn object_count(&self) -> Result<u64, ApiError> {
        let described: directory::DirectoryDescription = self.directory(&DirectoryCommand::Describe).await?;
        Ok(described.users + if self.maps_groups() { described.groups } else { 0 })
    }

    /// Reads what changed in the directory up to `until`. Memberships of linked groups that came or went are
    /// queued. With `since`, everybody is marked who is concerned by a change after it, by an assignment of a
    /// group, or by a retry that is due.
    pub async fn collect_changes(&self, since: Option<i64>, until: i64, now: i64) -> Result<(), ApiError> {
        let store = self.store();
        let queued = self.membership_place(until)?;
        let mut after = since.into_iter().chain(queued).min().unwrap_or(until);
        while after < until {
            let command = DirectoryCommand::ChangesSince { since: after, limit: PAGE };
            let page: ChangesPage = self.directory(&command).await?;
            store::sql::in_transaction(self.sql, || -> Result<(), ApiError> {
                if since.is_some() {
                    self.mark_changed(&page)?;
                }
                self.queue_memberships(&page, queued)
            })?;
            if page.sequence <= after {
                break;
            }
            after = page.sequence;
        }
        if since.is_some() {
            self.expand_changed().await?;
            store.mark_due_escrows(now)?;
        }
        Ok(())
    }

    fn mark_changed(&self, page: &ChangesPage) -> Result<(), ApiError> {
        let store = self.store();
        store.mark_dirty("User", page.user_ids.iter().map(String::as_str))?;
        if self.maps_groups() {
            store.mark_dirty("Group", page.group_ids.iter().map(String::as_str))?;
        }
        // The members of an assigned group come and go with it.
        for group_id in &page.moved_group_ids {
            if store.is_assigned(group_id)? {
                store.add_expansion(Expansion::Changed, group_id)?;
            }
        }
        Ok(())
    }

    /// Marks the members of groups whose assignment changed.
    async fn expand_changed(&self) -> Result<(), ApiError> {
        let store = self.store();
        while let Some((group_id, after)) = store.next_expansion(Expansion::Changed)? {
            let after = after.parse().unwrap_or(0);
            let command = DirectoryCommand::GroupMembers { group_id: group_id.clone(), after, limit: PAGE };
            let members: MembersPage = self.directory(&command).await?;
            let next = members.next.map(|next| next.to_string());
            store::sql::in_transaction(self.sql, || -> Result<(), ApiError> {
                store.mark_dirty("User", members.ids.iter().map(String::as_str))?;
                Ok(store.advance_expansion(Expansion::Changed, &group_id, next.as_deref())?)
            })?;
        }
        Ok(())
    }

    /// A page of source objects.
    pub async fn page(
        &self,
        cycle_id: &str,
        object_type: ObjectType,
        scope: &PageScope,
        cursor: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page, ApiError> {
        let cursor = cursor.map(Cursor::as_str).unwrap_or("");
        let (kind, after) = cursor.split_once(':').unwrap_or(("walk", "0"));
        let name = object_type.as_str();
        let after = if cursor.is_empty() && *scope != PageScope::All { "" } else { after };
        let ids = match scope {
            PageScope::All if kind == "walk" => return self.walk(object_type, after, limit).await,
            PageScope::All => self.store().unseen(name, cycle_id, after, limit.into())?,
            PageScope::Changes { .. } => self.store().dirty(name, after, limit.into())?,
            PageScope::Staged => {
                let held = self.store().staged(name, after, limit.into())?;
                held.into_iter().map(|record| record.source_id).collect()
            }
            PageScope::Subjects { ids } => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                return Ok(Page { entries: self.by_ids(object_type, &ids, "id").await?, next: None });
            }
        };
        let prefix = if *scope == PageScope::All { "gone" } else { "id" };
        let full = ids.len() >= limit as usize;
        let next = ids.last().filter(|_| full).map(|id| Cursor::from(format!("{prefix}:{id}")));
        let mut entries = self.by_ids(object_type, &ids, prefix).await?;
        if *scope == PageScope::All {
            // Whoever is there was met, or came after the walk and is the next cycle's business. The walk
            // through the groups leaves out those in the recycle bin.
            let is_group = object_type == ObjectType::Group;
            entries
                .retain(|entry| entry.object.as_ref().is_none_or(|object| is_group && object.soft_deleted));
        }
        Ok(Page { entries, next })
    }

    async fn walk(&self, object_type: ObjectType, after: &str, limit: u32) -> Result<Page, ApiError> {
        let after: i64 =
            after.parse().map_err(|_| ApiError::internal(format!("a cycle's cursor is walk:{after}")))?;
        let limit = limit as usize;
        let command = match object_type {
            ObjectType::User => DirectoryCommand::UsersPage { after, limit },
            ObjectType::Group => DirectoryCommand::GroupsPage { after, limit },
        };
        let page: ResourcesPage = self.directory(&command).await?;
        let next = match page.resources.last() {
            Some(last) if page.more => Cursor::from(format!("walk:{}", last.place)),
            _ => Cursor::from("gone:"),
        };
        let positions = page.resources.iter().map(|resource| format!("walk:{}", resource.place)).collect();
        Ok(Page { entries: self.entries(object_type, page.resources, positions)?, next: Some(next) })
    }

    /// Objects by id. Ids that the directory does not know are those of objects that are gone for good, if the
    /// job knows them as objects of this type; others are left out.
    async fn by_ids(
        &self,
        object_type: ObjectType,
        ids: &[String],
        prefix: &str,
    ) -> Result<Vec<SourceEntry>, ApiError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let command = match object_type {
            ObjectType::User => DirectoryCommand::UsersByIds { ids: ids.to_vec() },
            ObjectType::Group => DirectoryCommand::GroupsByIds { ids: ids.to_vec() },
        };
        let found: Vec<SourceResource> = self.directory(&command).await?;
        let mut found: HashMap<String, SourceResource> =
            found.into_iter().map(|resource| (resource.id.clone(), resource)).collect();
        let resources =
            ids.iter().map(|id| found.remove(id).unwrap_or_else(|| SourceResource::gone(id))).collect();
        let positions = ids.iter().map(|id| format!("{prefix}:{id}")).collect();
        let mut entries = self.entries(object_type, resources, positions)?;
        entries.retain(|entry| {
            let linked = entry.link.as_ref().is_some_and(|link| link.object_type == object_type);
            let created = entry.creation.as_ref().is_some_and(|kept| kept.object_type == object_type);
            entry.object.is_some() || linked || created
        });
        Ok(entries)
    }

    /// Adds what the job knows about the objects of a page: a query a table, not a query an object.
    fn entries(
        &self,
        object_type: ObjectType,
        resources: Vec<SourceResource>,
        positions: Vec<String>,
    ) -> Result<Vec<SourceEntry>, ApiError> {
        let store = self.store();
        let ids: Vec<&str> = resources.iter().map(|resource| resource.id.as_str()).collect();
        let mut principals: Vec<&str> = ids.clone();
        principals
            .extend(resources.iter().flat_map(|resource| resource.group_ids.iter().map(String::as_str)));
        principals.sort_unstable();
        principals.dedup();
        let assignments = store.assignments_of(&principals)?;
        let mut links = store.links_of(&ids)?;
        let mut escrows = store.escrows_of(&ids)?;
        // What waits of a group are its members: they may be many, and the engine reads them by themselves.
        let mut references = match object_type {
            ObjectType::User => store.references_of(&ids)?,
            ObjectType::Group => HashMap::new(),
        };
        let mut creations = store.creations_of(&ids)?;
        let mut staged = store.staged_of(&ids)?;
        let attributes: Vec<_> =
            resources.iter().map(|resource| resource.document.as_ref().map(attributes::to_source)).collect();
        let managers: Vec<&str> = attributes
            .iter()
            .flatten()
            .filter_map(|attributes| attributes.get("manager").and_then(|manager| manager.as_str()))
            .collect();
        let manager_links = store.links_of(&managers)?;
        let mut entries = Vec::with_capacity(resources.len());
        for ((resource, attributes), position) in resources.iter().zip(attributes).zip(positions) {
            let id = resource.id.as_str();
            let object = attributes.map(|attributes| SourceObject {
                display_name: display_name(&attributes),
                account_enabled: attributes
                    .get("accountEnabled")
                    .and_then(|value| value.as_bool())
                    .unwrap_or(true),
                soft_deleted: resource.deleted,
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
            let escrow = escrows.remove(id).map(|record| crate::json::read::<Escrow>(&record.document));
            let creation = creations.remove(id).map(|record| crate::json::read::<Creation>(&record.document));
            let staged =
                staged.remove(id).map(|record| crate::json::read::<StagedDeletion>(&record.document));
            entries.push(SourceEntry {
                source_id: SourceId::from(id),
                object,
                assignments: assigned(resource, &assignments),
                link: links.remove(id).map(|record| link(&record)).transpose()?,
                escrow: escrow.transpose()?,
                creation: creation.transpose()?,
                staged: staged.transpose()?,
                reference_links,
                pending_references: references
                    .remove(id)
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
    /// one person are in one page; those of a group may go on in the next.
    pub fn references(
        &self,
        cursor: Option<&Cursor>,
        limit: u32,
    ) -> Result<(Vec<ReferenceEntry>, Option<Cursor>), ApiError> {
        let after = cursor.map(place).unwrap_or_default();
        let rows = self.store().workable_references(&after, i64::from(limit) + 1)?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            let other: Option<Link> = row.referenced_link.as_deref().map(crate::json::read).transpose()?;
            entries.push(ReferenceEntry {
                position: position(&row.reference),
                reference: crate::json::read(&row.reference.document)?,
                link: row.link.as_deref().map(crate::json::read).transpose()?,
                resolved: other.as_ref().map(|link| link.target_id.clone()),
                referenced_name: other.map(|link| link.display_name),
            });
        }
        let mut next = None;
        if entries.len() > limit as usize
            && let Some(beyond) = entries.pop()
        {
            let cut = &beyond.reference;
            let is_other = |entry: &ReferenceEntry| entry.reference.source_id != cut.source_id;
            if cut.object_type == ObjectType::User && entries.iter().any(is_other) {
                entries.retain(is_other);
            }
            next = entries.last().map(|entry| entry.position.clone());
        }
        Ok((entries, next))
    }
}

/// The place right after a reference, as a cursor: its key, a line a part.
fn position(reference: &PendingReferenceRecord) -> Cursor {
    Cursor::from(format!("{}\n{}\n{}", reference.source_id, reference.path, reference.referenced))
}

fn place(cursor: &Cursor) -> ReferencePlace {
    let mut parts = cursor.as_str().splitn(3, '\n').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    ReferencePlace { source_id: part(), path: part(), referenced: part() }
}

/// The engine's link of a record.
pub fn link(record: &LinkRecord) -> Result<Link, ApiError> {
    Ok(crate::json::read(&record.document)?)
}

fn assigned(
    resource: &SourceResource,
    assignments: &HashMap<String, Vec<AssignmentMirror>>,
) -> Vec<Assignment> {
    let direct = assignments.get(&resource.id).into_iter().flatten().map(|assignment| Assignment {
        role_id: assignment.app_role_id.clone(),
        principal_id: SourceId::from(assignment.principal_id.as_str()),
        via_group: None,
    });
    let by_group = resource.group_ids.iter().flat_map(|group| {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_among_references_survive_as_cursors() {
        let reference = PendingReferenceRecord {
            source_id: "g".to_owned(),
            path: "members".to_owned(),
            referenced: "u".to_owned(),
            reported: true,
            document: String::new(),
        };
        let expected = ReferencePlace {
            source_id: "g".to_owned(),
            path: "members".to_owned(),
            referenced: "u".to_owned(),
        };
        assert_eq!(place(&position(&reference)), expected);
        // A cursor of an older version: the object alone.
        let old = ReferencePlace { source_id: "g".to_owned(), ..ReferencePlace::default() };
        assert_eq!(place(&Cursor::from("g")), old);
    }
}
