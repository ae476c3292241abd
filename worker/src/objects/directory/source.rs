//! What the sync engine reads of a directory.

use scim::{Resource, ResourceType};
use store::directory::{ChangeKind, UserRecord};

use super::{ChangesPage, Directory, MembersPage, Membership, Principal, ResourcesPage, SourceResource};
use crate::error::ApiError;

impl Directory {
    /// A user or group that can be assigned.
    pub(super) fn principal(&self, id: &str) -> Result<Option<Principal>, ApiError> {
        use scim::repository::Repository as _;
        let mut store = self.store()?;
        for kind in ResourceType::ALL {
            if let Some(resource) = store.get(kind, id)? {
                let text = |name: &str| resource.attributes.get(name).and_then(|value| value.as_str());
                let display_name = text("displayName").or_else(|| text("userName")).unwrap_or(id).to_owned();
                return Ok(Some(Principal { is_group: kind == ResourceType::Group, display_name }));
            }
        }
        Ok(None)
    }

    /// Who changed after a sequence number: users and groups that changed themselves, users whose memberships
    /// did, and the memberships.
    pub(super) fn changes_since(&self, since: i64, limit: usize) -> Result<ChangesPage, ApiError> {
        let entries = self.store()?.changes_since(since, limit)?;
        let sequence = entries.last().map_or(since, |entry| entry.sequence);
        let mut page = ChangesPage {
            user_ids: Vec::new(),
            group_ids: Vec::new(),
            moved_group_ids: Vec::new(),
            memberships: Vec::new(),
            absent_ids: Vec::new(),
            gone_ids: Vec::new(),
            sequence,
        };
        let mut moved_users = Vec::new();
        for entry in entries {
            let removed = matches!(entry.kind, ChangeKind::Delete | ChangeKind::MemberRemoved);
            let moved = matches!(entry.kind, ChangeKind::Delete | ChangeKind::Restore);
            match (entry.member_id, entry.resource) {
                (Some(member_id), _) => {
                    page.user_ids.push(member_id.clone());
                    let (sequence, group_id) = (entry.sequence, entry.id);
                    page.memberships.push(Membership { sequence, group_id, member_id, removed });
                }
                (None, ResourceType::User) => {
                    if moved {
                        moved_users.push((entry.sequence, entry.id.clone(), removed));
                    }
                    page.user_ids.push(entry.id);
                }
                (None, ResourceType::Group) => {
                    if moved {
                        page.moved_group_ids.push(entry.id.clone());
                    }
                    page.group_ids.push(entry.id);
                }
            }
        }
        self.memberships_of_moved(&moved_users, &mut page.memberships)?;
        self.note_absent(&mut page)?;
        for ids in [&mut page.user_ids, &mut page.group_ids, &mut page.moved_group_ids] {
            ids.sort_unstable();
            ids.dedup();
        }
        Ok(page)
    }

    /// Who is not there any more of those whom the memberships of a page are about.
    fn note_absent(&self, page: &mut ChangesPage) -> Result<(), ApiError> {
        let mut ids: Vec<&str> = Vec::new();
        for membership in &page.memberships {
            ids.push(&membership.group_id);
            if membership.removed {
                ids.push(&membership.member_id);
            }
        }
        ids.sort_unstable();
        ids.dedup();
        let absent = self.store()?.not_live(&ids)?;
        page.gone_ids = absent.iter().filter(|(_, gone)| *gone).map(|(id, _)| id.clone()).collect();
        page.absent_ids = absent.into_iter().map(|(id, _)| id).collect();
        Ok(())
    }

    /// The log says of a user that was deleted or restored no more than that; its memberships went, or came
    /// back, with it.
    fn memberships_of_moved(
        &self,
        moved: &[(i64, String, bool)],
        memberships: &mut Vec<Membership>,
    ) -> Result<(), ApiError> {
        if moved.is_empty() {
            return Ok(());
        }
        let ids: Vec<&str> = moved.iter().map(|(_, id, _)| id.as_str()).collect();
        let (users, _purged) = self.store()?.users_by_ids(&ids)?;
        for user in users {
            for (sequence, id, removed) in moved.iter().filter(|(_, id, _)| *id == user.resource.id) {
                memberships.extend(user.group_ids.iter().map(|group_id| Membership {
                    sequence: *sequence,
                    group_id: group_id.clone(),
                    member_id: id.clone(),
                    removed: *removed,
                }));
            }
        }
        memberships.sort_by_key(|membership| membership.sequence);
        Ok(())
    }

    /// A page of the walk through everybody.
    pub(super) fn users_page(
        &self,
        after: i64,
        limit: usize,
        nested: bool,
    ) -> Result<ResourcesPage, ApiError> {
        let store = self.store()?;
        let mut users = store.users_page(after, limit, true)?;
        if nested {
            store.add_outer_groups(&mut users)?;
        }
        let more = users.len() >= limit;
        let resources = users.into_iter().map(|user| self.source_user(user)).collect::<Result<_, _>>()?;
        Ok(ResourcesPage { resources, more })
    }

    /// A page of the walk through the live groups.
    pub(super) fn groups_page(&self, after: i64, limit: usize) -> Result<ResourcesPage, ApiError> {
        let groups = self.store()?.groups_page(after, limit)?;
        let more = groups.len() >= limit;
        let resources = groups
            .into_iter()
            .map(|(place, group)| self.source_group(group, place, false))
            .collect::<Result<_, _>>()?;
        Ok(ResourcesPage { resources, more })
    }

    /// Users by id.
    pub(super) fn users_by_ids(&self, ids: &[String], nested: bool) -> Result<Vec<SourceResource>, ApiError> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let store = self.store()?;
        let (mut users, _missing) = store.users_by_ids(&ids)?;
        if nested {
            store.add_outer_groups(&mut users)?;
        }
        users.into_iter().map(|user| self.source_user(user)).collect()
    }

    /// Groups by id.
    pub(super) fn groups_by_ids(&self, ids: &[String]) -> Result<Vec<SourceResource>, ApiError> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let groups = self.store()?.groups_by_ids_with_deleted(&ids)?;
        groups.into_iter().map(|(group, deleted)| self.source_group(group, 0, deleted)).collect()
    }

    /// A page of a group's members.
    pub(super) fn group_members(
        &self,
        group: &str,
        after: i64,
        limit: usize,
    ) -> Result<MembersPage, ApiError> {
        let members = self.store()?.group_member_ids(group, after, limit)?;
        let next = members.last().map(|(place, ..)| *place).filter(|_| members.len() >= limit);
        let mut page = MembersPage { ids: Vec::new(), group_ids: Vec::new(), next };
        for (_, kind, id) in members {
            match kind {
                ResourceType::User => page.ids.push(id),
                ResourceType::Group => page.group_ids.push(id),
            }
        }
        Ok(page)
    }

    fn source_user(&self, user: UserRecord) -> Result<SourceResource, ApiError> {
        let id = user.resource.id.clone();
        let document = user.resource.into_json("", self.schemas()?.as_ref());
        Ok(SourceResource {
            id,
            place: user.rowid,
            deleted: user.deleted_ms.is_some(),
            document: Some(document.into()),
            group_ids: user.group_ids,
        })
    }

    fn source_group(&self, group: Resource, place: i64, deleted: bool) -> Result<SourceResource, ApiError> {
        let id = group.id.clone();
        let document = Some(group.into_json("", self.schemas()?.as_ref()).into());
        Ok(SourceResource { id, place, deleted, document, group_ids: Vec::new() })
    }
}
