//! What changed for a job since its last cycle: the assignments are mirrored, and whoever is concerned is marked.

use store::job::{AssignmentMirror, Expansion};
use store::organization::{AssignmentChanges, PrincipalType};

use super::keys;
use super::source::{PAGE, Source};
use crate::error::ApiError;
use crate::objects::directory::{self, ChangeLogEnds, ChangesPage, DirectoryCommand, MembersPage};
use crate::objects::organization::{NAME, OrganizationCommand};
use crate::platform::settings::{save_setting, setting};
use crate::platform::stub::{self, ObjectKind};

impl Source<'_> {
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

    /// Where the directory's change log begins and ends.
    pub async fn change_log_ends(&self) -> Result<ChangeLogEnds, ApiError> {
        self.directory(&DirectoryCommand::ChangeLogEnds).await
    }

    /// How many objects there are, for the progress bar.
    pub async fn object_count(&self) -> Result<u64, ApiError> {
        let described: directory::DirectoryDescription = self.directory(&DirectoryCommand::Describe).await?;
        Ok(described.users + if self.maps_groups() { described.groups } else { 0 })
    }

    /// Reads what changed in the directory up to the end of its log. Memberships of linked groups that came or went are
    /// queued. With `since`, everybody is marked who is concerned by a change after it, by an assignment of a
    /// group, or by a retry that is due.
    pub async fn collect_changes(
        &self,
        since: Option<i64>,
        log: &ChangeLogEnds,
        now: i64,
    ) -> Result<(), ApiError> {
        let store = self.store();
        let until = log.latest;
        let queued = self.membership_place(log)?;
        let mut after = since.into_iter().chain(queued).min().unwrap_or(until);
        while after < until {
            let command = DirectoryCommand::ChangesSince { since: after, limit: PAGE };
            let page: ChangesPage = self.directory(&command).await?;
            let nested = if since.is_some() { self.nested_changes(&page).await? } else { Vec::new() };
            store::sql::in_transaction(self.sql, || -> Result<(), ApiError> {
                if since.is_some() {
                    self.mark_changed(&page)?;
                    store.note_nested_changes(&nested)?;
                }
                self.queue_memberships(&page, queued)
            })?;
            if page.sequence <= after {
                break;
            }
            after = page.sequence;
        }
        self.compare_members().await?;
        if since.is_some() {
            self.spread_changes().await?;
            self.expand_changed().await?;
            store::sql::in_transaction(self.sql, || -> Result<(), ApiError> {
                store.mark_due_escrows(now)?;
                Ok(store.mark_due_deletions(now)?)
            })?;
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
}

/// Whether changes after a place of the change log are no longer kept, so that a cycle must look at everybody: the job
/// was paused for longer than the log lasts. Numbers have no holes.
pub fn has_gap(since: i64, oldest: Option<i64>) -> bool {
    oldest.is_some_and(|oldest| since + 1 < oldest)
}

#[cfg(test)]
mod tests {
    use super::has_gap;

    #[test]
    fn a_gap_is_seen() {
        let check = |since: i64, oldest: Option<i64>, expected: bool| {
            assert_eq!(has_gap(since, oldest), expected, "{since} {oldest:?}");
        };
        check(0, None, false);
        check(0, Some(1), false);
        check(7, Some(3), false);
        check(7, Some(8), false);
        check(7, Some(9), true);
    }
}
