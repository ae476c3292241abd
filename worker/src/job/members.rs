//! Members of groups on their way to the target.
//!
//! A linked group gets one waiting reference for each membership that came or went in the directory, and one
//! for each member when it is linked. So a change costs by what it changes, however large the group is.

use provisioning::cycle::PendingReference;
use provisioning::schema::ObjectType;
use store::job::{Expansion, PendingReferenceRecord};

use super::keys;
use super::source::{PAGE, Source};
use crate::error::ApiError;
use crate::objects::directory::{ChangesPage, DirectoryCommand, MembersPage};
use crate::platform::settings::{save_setting, setting};

impl Source<'_> {
    /// The target attribute that takes members, if there is one.
    fn member_attribute(&self) -> Option<&str> {
        let mapping = self.job.schema.mapping(ObjectType::Group)?;
        let members = mapping.attributes.iter().find(|attribute| attribute.is_reference() && attribute.many);
        members.map(|attribute| attribute.name.as_str())
    }

    /// How far the directory's changes of memberships were queued; `None` when members are not provisioned. The
    /// first time, all members of groups that are linked already are asked for.
    pub(super) fn membership_place(&self, until: i64) -> Result<Option<i64>, ApiError> {
        if self.member_attribute().is_none() {
            return Ok(None);
        }
        let store = self.store();
        if let Some(place) = setting(&store, keys::MEMBERSHIPS)? {
            return Ok(Some(place));
        }
        store::sql::in_transaction(self.sql, || -> Result<(), ApiError> {
            store.expand_linked_groups()?;
            save_setting(&store, keys::MEMBERSHIPS, &until)
        })?;
        Ok(Some(until))
    }

    /// Queues the changes of memberships after a place, of groups that are linked.
    pub(super) fn queue_memberships(&self, page: &ChangesPage, queued: Option<i64>) -> Result<(), ApiError> {
        let (Some(path), Some(queued)) = (self.member_attribute(), queued) else { return Ok(()) };
        if page.sequence <= queued {
            return Ok(());
        }
        let store = self.store();
        let mut groups: Vec<&str> =
            page.memberships.iter().map(|membership| membership.group_id.as_str()).collect();
        groups.sort_unstable();
        groups.dedup();
        let links = store.links_of(&groups)?;
        let linked = page.memberships.iter().filter(|membership| {
            membership.sequence > queued
                && links.get(&membership.group_id).is_some_and(|link| link.object_type == "Group")
        });
        let references = linked
            .map(|membership| waiting(&membership.group_id, path, &membership.member_id, membership.removed))
            .collect::<Result<Vec<_>, _>>()?;
        store.save_references(&references)?;
        save_setting(&store, keys::MEMBERSHIPS, &page.sequence)
    }

    /// Queues the members of groups that were linked since the last time.
    pub(super) async fn expand_members(&self) -> Result<(), ApiError> {
        let Some(path) = self.member_attribute() else { return Ok(()) };
        let store = self.store();
        while let Some((group_id, after)) = store.next_expansion(Expansion::Members)? {
            let after = after.parse().unwrap_or(0);
            let command = DirectoryCommand::GroupMembers { group_id: group_id.clone(), after, limit: PAGE };
            let members: MembersPage = self.directory(&command).await?;
            let next = members.next.map(|next| next.to_string());
            let references = members
                .ids
                .iter()
                .chain(&members.group_ids)
                .map(|member_id| waiting(&group_id, path, member_id, false))
                .collect::<Result<Vec<_>, _>>()?;
            store::sql::in_transaction(self.sql, || -> Result<(), ApiError> {
                store.save_references(&references)?;
                Ok(store.advance_expansion(Expansion::Members, &group_id, next.as_deref())?)
            })?;
        }
        Ok(())
    }
}

/// A membership that is to be given or taken away. Whoever has no account is passed over silently when it is
/// given; what is taken away goes even if the account is gone.
fn waiting(
    group_id: &str,
    path: &str,
    member_id: &str,
    remove: bool,
) -> Result<PendingReferenceRecord, ApiError> {
    let reference = PendingReference {
        object_type: ObjectType::Group,
        source_id: group_id.into(),
        path: path.to_owned(),
        referenced: member_id.into(),
        current: None,
        reported: !remove,
        remove,
    };
    Ok(PendingReferenceRecord {
        source_id: group_id.to_owned(),
        path: path.to_owned(),
        referenced: member_id.to_owned(),
        reported: reference.reported,
        document: crate::json::write(&reference)?,
    })
}
