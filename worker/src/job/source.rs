//! The reader: source objects with all that the engine needs to know about them, a page at a time.
//!
//! Cursors are this module's own: `walk:` through the directory, then `gone:` through the links that the walk
//! did not meet; `id:` through what changed, through held deletions, and through given objects.

use std::collections::{BTreeMap, HashMap};

use inlets::attributes;
use provisioning::cycle::{
    Assignment, Creation, Decision, Escrow, Link, PageScope, PendingReference, SourceEntry, SourceObject,
    StagedDeletion,
};
use provisioning::schema::ObjectType;
use provisioning::{Cursor, Job as EngineJob, SourceId, TargetId};
use store::job::{AssignmentMirror, JobStore, LinkRecord, StagedRecord};
use worker::Env;

use super::record::JobRecord;
use crate::error::ApiError;
use crate::objects::directory::{self, DirectoryCommand, ResourcesPage, SourceResource};
use crate::platform::sql::ObjectSql;

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
    /// Marked objects that neither the directory nor the job knows any more.
    pub unknown: Vec<String>,
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
            PageScope::Staged => self.store().staged_waiting(name, after, limit.into())?,
            PageScope::Subjects { ids } => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                let entries = self.by_ids(object_type, &ids, "id").await?;
                return Ok(Page { entries, next: None, unknown: Vec::new() });
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
        let mut unknown = Vec::new();
        if matches!(scope, PageScope::Changes { .. }) {
            // The entries are in the order of the ids.
            let mut found = entries.iter().map(|entry| entry.source_id.as_str()).peekable();
            unknown = ids;
            unknown.retain(|id| found.next_if(|found| *found == id.as_str()).is_none());
        }
        Ok(Page { entries, next, unknown })
    }

    async fn walk(&self, object_type: ObjectType, after: &str, limit: u32) -> Result<Page, ApiError> {
        let after: i64 =
            after.parse().map_err(|_| ApiError::internal(format!("a cycle's cursor is walk:{after}")))?;
        let limit = limit as usize;
        let nested = self.job.settings.nested_groups;
        let command = match object_type {
            ObjectType::User => DirectoryCommand::UsersPage { after, limit, nested },
            ObjectType::Group => DirectoryCommand::GroupsPage { after, limit },
        };
        let page: ResourcesPage = self.directory(&command).await?;
        let next = match page.resources.last() {
            Some(last) if page.more => Cursor::from(format!("walk:{}", last.place)),
            _ => Cursor::from("gone:"),
        };
        let positions = page.resources.iter().map(|resource| format!("walk:{}", resource.place)).collect();
        let entries = self.entries(object_type, page.resources, positions)?;
        Ok(Page { entries, next: Some(next), unknown: Vec::new() })
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
        let nested = self.job.settings.nested_groups;
        let command = match object_type {
            ObjectType::User => DirectoryCommand::UsersByIds { ids: ids.to_vec(), nested },
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
                .map(|(manager, link)| (SourceId::from(manager), TargetId::from(link.target_id.as_str())));
            let mut known = BTreeMap::new();
            known.extend(reference_links);
            let reference_links = known;
            let escrow = escrows.remove(id).map(|record| crate::json::read::<Escrow>(&record.document));
            let creation = creations.remove(id).map(|record| crate::json::read::<Creation>(&record.document));
            let staged = staged.remove(id).map(|record| held(&record));
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
}

/// The engine's held deletion of a record.
fn held(record: &StagedRecord) -> Result<StagedDeletion, ApiError> {
    let decision = Decision::parse(&record.decision).unwrap_or_default();
    Ok(StagedDeletion { decision, ..crate::json::read(&record.document)? })
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
