//! A repository in memory: the shortest correct one, for tests. It deletes for good, as an application's
//! directory does.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::filter::fold;
use crate::repository::{
    ListPage, ListQuery, MemberChange, NewResource, Page, Position, Repository, RepositoryError, Update,
    Updated,
};
use crate::resource::{GroupReference, Member, Resource, ResourceType};
use crate::sort::SortKey;
use crate::urn;

/// Resources by the order of their creation, and memberships.
#[derive(Clone, Debug, Default)]
pub struct MemoryRepository {
    resources: BTreeMap<i64, Resource>,
    memberships: Vec<(String, String)>,
    last: i64,
}

impl MemoryRepository {
    /// An empty directory.
    pub fn new() -> Self {
        Self::default()
    }

    fn find(&self, id: &str) -> Option<&Resource> {
        self.resources.values().find(|resource| resource.id == id)
    }

    fn text<'a>(attributes: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
        attributes.get(name).and_then(Value::as_str)
    }

    fn check_unique(
        &self,
        kind: ResourceType,
        id: &str,
        attributes: &Map<String, Value>,
    ) -> Result<(), RepositoryError> {
        let Some(name) = Self::text(attributes, "userName") else { return Ok(()) };
        let is_taken = self.resources.values().any(|other| {
            other.kind == kind
                && other.id != id
                && Self::text(&other.attributes, "userName").is_some_and(|taken| fold(taken) == fold(name))
        });
        if is_taken {
            return Err(RepositoryError::Conflict { attribute: "userName".into(), value: name.into() });
        }
        Ok(())
    }

    fn check_members(&self, group: &str, ids: &[String]) -> Result<(), RepositoryError> {
        let unknown: Vec<String> = ids.iter().filter(|id| self.find(id).is_none()).cloned().collect();
        if !unknown.is_empty() {
            return Err(RepositoryError::UnknownReference { attribute: "members".into(), ids: unknown });
        }
        match ids.iter().find(|id| self.contains(id, group)) {
            Some(member) => Err(RepositoryError::Cycle { member: member.clone() }),
            None => Ok(()),
        }
    }

    /// Whether `inner` is `outer` or in it.
    fn contains(&self, outer: &str, inner: &str) -> bool {
        outer == inner
            || self.memberships.iter().any(|(group, member)| group == outer && self.contains(member, inner))
    }

    fn is_member(&self, group: &str, member: &str) -> bool {
        self.memberships.iter().any(|(of, id)| of == group && id == member)
    }

    fn add_members(&mut self, group: &str, ids: &[String]) -> usize {
        let new: Vec<&String> = ids.iter().filter(|id| !self.is_member(group, id)).collect();
        let added: Vec<(String, String)> = new.iter().map(|id| (group.to_owned(), (*id).clone())).collect();
        self.memberships.extend(added.iter().cloned());
        added.len()
    }

    /// The groups that a resource is in, direct ones first, each kind by the order of creation.
    fn groups(&self, member: &str) -> Vec<GroupReference> {
        let direct = self.groups_with(&[member.to_owned()]);
        let (mut all, mut level) = (direct.clone(), direct.clone());
        while !level.is_empty() {
            level = self.groups_with(&level).into_iter().filter(|id| !all.contains(id)).collect();
            all.extend(level.iter().cloned());
        }
        let mut references: Vec<GroupReference> = self
            .resources
            .values()
            .filter(|resource| all.contains(&resource.id))
            .map(|resource| GroupReference {
                id: resource.id.clone(),
                display: resource.display().map(str::to_owned),
                direct: direct.contains(&resource.id),
            })
            .collect();
        references.sort_by_key(|group| !group.direct);
        references
    }

    fn groups_with(&self, members: &[String]) -> Vec<String> {
        let with = self.memberships.iter().filter(|(_, member)| members.contains(member));
        with.map(|(group, _)| group.clone()).collect()
    }

    fn remove_manager(&mut self, id: &str, now_ms: i64) {
        for resource in self.resources.values_mut() {
            let Some(extension) = resource.attributes.get_mut(urn::ENTERPRISE_USER) else { continue };
            let is_managed =
                extension.get("manager").and_then(|manager| manager.get("value")?.as_str()) == Some(id);
            if let (true, Some(object)) = (is_managed, extension.as_object_mut()) {
                object.shift_remove("manager");
                let is_empty = object.is_empty();
                if is_empty {
                    resource.attributes.shift_remove(urn::ENTERPRISE_USER);
                }
                resource.version += 1;
                resource.modified_ms = now_ms;
            }
        }
    }
}

impl Repository for MemoryRepository {
    fn get(&mut self, kind: ResourceType, id: &str) -> Result<Option<Resource>, RepositoryError> {
        Ok(self.find(id).filter(|resource| resource.kind == kind).cloned())
    }

    fn list(&mut self, query: &ListQuery<'_>) -> Result<ListPage, RepositoryError> {
        let mut found: Vec<(Position, usize, Resource)> = Vec::new();
        for (order, selection) in query.selections.iter().enumerate() {
            for (sequence, resource) in &self.resources {
                if resource.kind != selection.kind {
                    continue;
                }
                let mut resource = resource.clone();
                let members = self.clone().members(&resource.id, usize::MAX)?;
                let groups = self.groups(&resource.id);
                let is_wanted = selection.condition.as_ref().is_none_or(|condition| {
                    resource.fulfils(condition, query.base_url, query.schemas, &members, &groups)
                });
                if is_wanted {
                    let key = selection.sort.as_ref().and_then(|sort| sort.key(&resource));
                    found.push((
                        Position { kind: selection.kind, key, sequence: *sequence },
                        order,
                        resource,
                    ));
                }
            }
        }
        let is_sorted = query.selections.iter().any(|selection| selection.sort.is_some());
        let order_of =
            |kind: ResourceType| query.selections.iter().position(|selection| selection.kind == kind);
        let compare = |left: &Position, right: &Position| -> Ordering {
            let ordering = if is_sorted {
                SortKey::compare(left.key.as_ref(), right.key.as_ref())
                    .then(left.sequence.cmp(&right.sequence))
            } else {
                order_of(left.kind).cmp(&order_of(right.kind)).then(left.sequence.cmp(&right.sequence))
            };
            if is_sorted && query.descending { ordering.reverse() } else { ordering }
        };
        found.sort_by(|(left, ..), (right, ..)| compare(left, right));
        let total = found.len();
        let skip = match &query.page {
            Page::Index(index) => *index,
            Page::First => 0,
            Page::After(position) => {
                found.iter().take_while(|(other, ..)| compare(other, position).is_le()).count()
            }
        };
        let page: Vec<_> = found.into_iter().skip(skip).take(query.count).collect();
        let is_last = skip + page.len() >= total;
        let next = page.last().map(|(position, ..)| position.clone()).filter(|_| !is_last);
        Ok(ListPage {
            resources: page.into_iter().map(|(.., resource)| resource).collect(),
            total: Some(total),
            next,
        })
    }

    fn create(&mut self, new: &NewResource) -> Result<Resource, RepositoryError> {
        self.check_unique(new.kind, &new.id, &new.attributes)?;
        self.check_members(&new.id, &new.members)?;
        let resource = Resource {
            kind: new.kind,
            id: new.id.clone(),
            version: 1,
            created_ms: new.now_ms,
            modified_ms: new.now_ms,
            attributes: new.attributes.clone(),
        };
        self.last += 1;
        self.resources.insert(self.last, resource.clone());
        self.add_members(&new.id, &new.members);
        Ok(resource)
    }

    fn update(&mut self, update: &Update) -> Result<Updated, RepositoryError> {
        let previous = &update.previous;
        let current = self.find(&previous.id).ok_or(RepositoryError::NotFound)?;
        if current.version != previous.version {
            return Err(RepositoryError::VersionMismatch { current: current.version });
        }
        self.check_unique(previous.kind, &previous.id, &update.attributes)?;
        let before = self.memberships.clone();
        let (mut members_added, mut members_removed) = (0, 0);
        for change in &update.members {
            if let MemberChange::Add(ids) | MemberChange::Replace(ids) = change
                && let Err(error) = self.check_members(&previous.id, ids)
            {
                self.memberships = before;
                return Err(error);
            }
            let count = self.memberships.len();
            match change {
                MemberChange::Add(_) => {}
                MemberChange::Remove(ids) => {
                    self.memberships.retain(|(group, id)| *group != previous.id || !ids.contains(id));
                }
                MemberChange::Replace(ids) => {
                    self.memberships.retain(|(group, id)| *group != previous.id || ids.contains(id));
                }
            }
            members_removed += count - self.memberships.len();
            if let MemberChange::Add(ids) | MemberChange::Replace(ids) = change {
                members_added += self.add_members(&previous.id, ids);
            }
        }
        let mut resource = previous.clone();
        if !update.changes.is_empty() || members_added + members_removed > 0 {
            resource.attributes = update.attributes.clone();
            resource.version += 1;
            resource.modified_ms = update.now_ms;
        }
        if let Some(stored) = self.resources.values_mut().find(|stored| stored.id == resource.id) {
            *stored = resource.clone();
        }
        Ok(Updated { resource, members_added, members_removed })
    }

    fn delete(&mut self, kind: ResourceType, id: &str, now_ms: i64) -> Result<(), RepositoryError> {
        if self.get(kind, id)?.is_none() {
            return Err(RepositoryError::NotFound);
        }
        self.resources.retain(|_, resource| resource.id != id);
        for group in self.groups_with(&[id.to_owned()]) {
            if let Some(group) = self.resources.values_mut().find(|resource| resource.id == group) {
                group.version += 1;
                group.modified_ms = now_ms;
            }
        }
        self.memberships.retain(|(group, member)| group != id && member != id);
        self.remove_manager(id, now_ms);
        Ok(())
    }

    fn members(&mut self, group: &str, limit: usize) -> Result<Vec<Member>, RepositoryError> {
        let members = self.resources.values().filter(|resource| self.is_member(group, &resource.id));
        let found = members.map(|resource| Member {
            id: resource.id.clone(),
            kind: resource.kind,
            display: resource.display().map(str::to_owned),
        });
        Ok(found.take(limit).collect())
    }

    fn groups_of(&mut self, users: &[&str]) -> Result<Vec<(String, GroupReference)>, RepositoryError> {
        let mut all = Vec::new();
        for user in users {
            all.extend(self.groups(user).into_iter().map(|group| ((*user).to_owned(), group)));
        }
        Ok(all)
    }

    fn missing_users(&mut self, ids: &[&str]) -> Result<Vec<String>, RepositoryError> {
        let is_user = |id: &str| self.find(id).is_some_and(|resource| resource.kind == ResourceType::User);
        Ok(ids.iter().filter(|id| !is_user(id)).map(|id| (*id).to_owned()).collect())
    }

    fn find_user(&mut self, reference: &str) -> Result<Option<String>, RepositoryError> {
        let folded = fold(reference);
        let is_it = |resource: &&Resource| {
            let emails = resource.attributes.get("emails").and_then(Value::as_array);
            resource.kind == ResourceType::User
                && (resource.id == reference
                    || Self::text(&resource.attributes, "userName").is_some_and(|name| fold(name) == folded)
                    || emails.into_iter().flatten().any(|email| {
                        email.get("value").and_then(Value::as_str).is_some_and(|value| fold(value) == folded)
                    }))
        };
        Ok(self.resources.values().find(is_it).map(|resource| resource.id.clone()))
    }
}
