//! Members of groups on their way to the target.
//!
//! A linked group gets one waiting reference for each membership that came or went in the directory, and one
//! for each member when it is linked. So a change costs by what it changes, however large the group is. When
//! the directory no longer tells what changed, because the job was paused for longer than its log lasts, all
//! members are compared with those that were written.
//!
//! A group that is deleted in the directory loses no members in the target: its account goes as a whole, or stays as
//! it is, if the deletion is held or rejected. When the group comes back, its members are compared.

use provisioning::Job;
use provisioning::cycle::PendingReference;
use provisioning::schema::ObjectType;
use store::job::{Expansion, MemberDifference, PendingReferenceRecord};

use super::changes::has_gap;
use super::keys;
use super::source::{PAGE, Source};
use crate::error::ApiError;
use crate::objects::directory::{ChangeLogEnds, ChangesPage, DirectoryCommand, MembersPage, SourceResource};
use crate::platform::settings::{save_setting, setting};

impl Source<'_> {
    pub(super) fn member_attribute(&self) -> Option<&str> {
        attribute(self.job)
    }

    /// How far the directory's changes of memberships were queued; `None` when members are not provisioned. The
    /// first time, all members of groups that are linked already are asked for; when the changes since are no
    /// longer kept, they are compared.
    pub(super) fn membership_place(&self, log: &ChangeLogEnds) -> Result<Option<i64>, ApiError> {
        if self.member_attribute().is_none() {
            return Ok(None);
        }
        let store = self.store();
        let why = match setting(&store, keys::MEMBERSHIPS)? {
            Some(place) if !has_gap(place, log.oldest) => return Ok(Some(place)),
            Some(_) => Expansion::Compared,
            None => Expansion::Members,
        };
        store::sql::in_transaction(self.sql, || -> Result<(), ApiError> {
            store.expand_linked_groups(why)?;
            save_setting(&store, keys::MEMBERSHIPS, &log.latest)
        })?;
        Ok(Some(log.latest))
    }

    /// Compares the members of groups with those that were written, and queues what differs, and whoever waited,
    /// since that may have been sent. Groups that are deleted are left as they are.
    pub(super) async fn compare_members(&self) -> Result<(), ApiError> {
        let Some(path) = self.member_attribute() else { return Ok(()) };
        let store = self.store();
        while let Some((group_id, _)) = store.next_expansion(Expansion::Compared)? {
            let ids = vec![group_id.clone()];
            let found: Vec<SourceResource> = self.directory(&DirectoryCommand::GroupsByIds { ids }).await?;
            if !found.iter().any(|group| !group.deleted) {
                store.advance_expansion(Expansion::Compared, &group_id, None)?;
                continue;
            }
            let wanted = self.wanted_members(&group_id).await?;
            store::sql::in_transaction(self.sql, || -> Result<(), ApiError> {
                let written = store.written_members(&group_id)?;
                let waiting_members = store.waiting_members(&group_id)?;
                let difference = MemberDifference::beside(&written, &waiting_members, &wanted);
                for (members, remove) in [(difference.add, false), (difference.remove, true)] {
                    for members in members.chunks(PAGE) {
                        let references = members.iter().map(|id| waiting(&group_id, path, id, remove));
                        store.save_references(&references.collect::<Result<Vec<_>, _>>()?)?;
                    }
                }
                Ok(store.advance_expansion(Expansion::Compared, &group_id, None)?)
            })?;
        }
        Ok(())
    }

    /// All members that the directory knows, in order.
    pub(super) async fn wanted_members(&self, group_id: &str) -> Result<Vec<String>, ApiError> {
        let mut wanted = Vec::new();
        let mut after = Some(0);
        while let Some(place) = after {
            let page = self.members_page(group_id, place).await?;
            wanted.extend(page.ids);
            wanted.extend(page.group_ids);
            after = page.next;
        }
        wanted.sort_unstable();
        Ok(wanted)
    }

    async fn members_page(&self, group_id: &str, after: i64) -> Result<MembersPage, ApiError> {
        let group_id = group_id.to_owned();
        self.directory(&DirectoryCommand::GroupMembers { group_id, after, limit: PAGE }).await
    }

    /// Queues the changes of memberships after a place, of groups that are linked. Those that were deleted or restored
    /// are compared.
    pub(super) fn queue_memberships(&self, page: &ChangesPage, queued: Option<i64>) -> Result<(), ApiError> {
        let (Some(path), Some(queued)) = (self.member_attribute(), queued) else { return Ok(()) };
        if page.sequence <= queued {
            return Ok(());
        }
        let store = self.store();
        let mut groups: Vec<&str> =
            page.memberships.iter().map(|membership| membership.group_id.as_str()).collect();
        groups.extend(page.moved_group_ids.iter().map(String::as_str));
        groups.sort_unstable();
        groups.dedup();
        let links = store.links_of(&groups)?;
        let is_linked = |id: &String| links.get(id).is_some_and(|link| link.object_type == "Group");
        let linked = page.memberships.iter().filter(|membership| {
            membership.sequence > queued
                && is_linked(&membership.group_id)
                && page.absent_ids.binary_search(&membership.group_id).is_err()
        });
        let references = linked
            .map(|membership| waiting(&membership.group_id, path, &membership.member_id, membership.removed))
            .collect::<Result<Vec<_>, _>>()?;
        store.save_references(&references)?;
        for group_id in page.moved_group_ids.iter().filter(|id| is_linked(id)) {
            store.add_expansion(Expansion::Compared, group_id)?;
        }
        save_setting(&store, keys::MEMBERSHIPS, &page.sequence)
    }

    /// Queues the members of groups that were linked since the last time.
    pub(super) async fn expand_members(&self) -> Result<(), ApiError> {
        let Some(path) = self.member_attribute() else { return Ok(()) };
        let store = self.store();
        while let Some((group_id, after)) = store.next_expansion(Expansion::Members)? {
            let members = self.members_page(&group_id, after.parse().unwrap_or(0)).await?;
            let next = members.next.map(|next| next.to_string());
            let mut ids = [members.ids, members.group_ids].concat();
            ids.sort_unstable();
            // Some may have been given on demand.
            let written =
                store.written_among(&group_id, &ids.iter().map(String::as_str).collect::<Vec<_>>())?;
            let references = MemberDifference::of(&written, &ids)
                .add
                .into_iter()
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

/// The target attribute that takes members, if there is one.
pub(super) fn attribute(job: &Job) -> Option<&str> {
    let mapping = job.schema.mapping(ObjectType::Group)?;
    let members = mapping.attributes.iter().find(|attribute| attribute.is_reference() && attribute.many);
    members.map(|attribute| attribute.name.as_str())
}

/// A membership that is to be given or taken away. Whoever has no account is passed over silently when it is
/// given; what is taken away goes even if the account is gone.
pub(super) fn waiting(
    group_id: &str,
    path: &str,
    member_id: &str,
    remove: bool,
) -> Result<PendingReferenceRecord, ApiError> {
    record(&PendingReference {
        object_type: ObjectType::Group,
        source_id: group_id.into(),
        path: path.to_owned(),
        referenced: member_id.into(),
        current: None,
        reported: !remove,
        remove,
    })
}

/// An account that is to be taken out of a group, though nobody is linked to it.
pub(super) fn stranger(
    group_id: &str,
    path: &str,
    account: &str,
) -> Result<PendingReferenceRecord, ApiError> {
    record(&PendingReference {
        object_type: ObjectType::Group,
        source_id: group_id.into(),
        path: path.to_owned(),
        referenced: account.into(),
        current: Some(account.to_owned()),
        reported: false,
        remove: true,
    })
}

fn record(reference: &PendingReference) -> Result<PendingReferenceRecord, ApiError> {
    Ok(PendingReferenceRecord {
        source_id: reference.source_id.to_string(),
        path: reference.path.clone(),
        referenced: reference.referenced.to_string(),
        reported: reference.reported,
        document: crate::json::write(reference)?,
    })
}
