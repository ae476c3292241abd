//! What the sync engine reads of a directory.

use scim::ResourceType;
use store::directory::{ChangeKind, UserRecord};

use super::{ChangesPage, Directory, MembersPage, Principal, SourceUser, UsersPage};
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

    /// Who changed after a sequence number: users that changed themselves, and users whose memberships did.
    pub(super) fn changes_since(&self, since: i64, limit: usize) -> Result<ChangesPage, ApiError> {
        let entries = self.store()?.changes_since(since, limit)?;
        let sequence = entries.last().map_or(since, |entry| entry.sequence);
        let mut user_ids: Vec<String> = entries
            .into_iter()
            .filter_map(|entry| match (entry.kind, entry.resource) {
                (ChangeKind::MemberAdded | ChangeKind::MemberRemoved, _) => entry.member_id,
                (_, ResourceType::User) => Some(entry.id),
                (_, ResourceType::Group) => None,
            })
            .collect();
        user_ids.sort_unstable();
        user_ids.dedup();
        Ok(ChangesPage { user_ids, sequence })
    }

    /// A page of the walk through everybody.
    pub(super) fn users_page(&self, after: i64, limit: usize) -> Result<UsersPage, ApiError> {
        let users = self.store()?.users_page(after, limit, true)?;
        let more = users.len() >= limit;
        let users = users.into_iter().map(|user| self.source_user(user)).collect::<Result<_, _>>()?;
        Ok(UsersPage { users, more })
    }

    /// Users by id.
    pub(super) fn users_by_ids(&self, ids: &[String]) -> Result<Vec<SourceUser>, ApiError> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let (users, _missing) = self.store()?.users_by_ids(&ids)?;
        users.into_iter().map(|user| self.source_user(user)).collect()
    }

    /// A page of the users among a group's members.
    pub(super) fn group_members(
        &self,
        group: &str,
        after: i64,
        limit: usize,
    ) -> Result<MembersPage, ApiError> {
        let members = self.store()?.group_member_ids(group, after, limit)?;
        let next = members.last().map(|(place, ..)| *place).filter(|_| members.len() >= limit);
        let users = members.into_iter().filter(|(_, kind, _)| *kind == ResourceType::User);
        Ok(MembersPage { ids: users.map(|(_, _, id)| id).collect(), next })
    }

    fn source_user(&self, user: UserRecord) -> Result<SourceUser, ApiError> {
        let id = user.resource.id.clone();
        let document = user.resource.into_json("", self.schemas()?.as_ref());
        Ok(SourceUser {
            id,
            place: user.rowid,
            deleted: user.deleted_ms.is_some(),
            document: Some(document.into()),
            group_ids: user.group_ids,
        })
    }
}
