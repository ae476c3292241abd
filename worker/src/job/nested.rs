//! Assignments that reach people in groups within groups (setting `NestedGroups`): who is concerned by a change.
//!
//! A person carries the assignments of all groups around (`store::directory`, `add_outer_groups`). What remains
//! is to mark the people whom a change concerns: those below a group whose assignment changed, and those below
//! one that came into a group that an assignment reaches, or left it.

use store::job::{Expansion, NestedChange, concerned};

use super::source::Source;
use crate::error::ApiError;
use crate::objects::directory::{ChangesPage, DirectoryCommand, SourceResource};

impl Source<'_> {
    /// The changes of a page that are of groups in groups. A group that was deleted or restored went, or came
    /// back, with all that it is in. Who is gone for good may have been a group; below a person nobody is found.
    pub(super) async fn nested_changes(&self, page: &ChangesPage) -> Result<Vec<NestedChange>, ApiError> {
        if !self.job.settings.nested_groups {
            return Ok(Vec::new());
        }
        let mut ids: Vec<String> =
            page.memberships.iter().map(|membership| membership.member_id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut groups: Vec<String> = Vec::new();
        if !ids.is_empty() {
            let found: Vec<SourceResource> = self.directory(&DirectoryCommand::GroupsByIds { ids }).await?;
            groups.extend(found.into_iter().map(|group| group.id));
            groups.extend(page.gone_ids.iter().cloned());
        }
        groups.sort_unstable();
        let change = |group_id: &String, member_id: &String| NestedChange {
            group_id: group_id.clone(),
            member_id: member_id.clone(),
        };
        let members = page
            .memberships
            .iter()
            .filter(|membership| groups.binary_search(&membership.member_id).is_ok())
            .map(|membership| change(&membership.group_id, &membership.member_id));
        Ok(members.chain(page.moved_group_ids.iter().map(|group| change(group, group))).collect())
    }

    /// Asks for the members of all groups below those that are concerned. May be repeated.
    pub(super) async fn spread_changes(&self) -> Result<(), ApiError> {
        if !self.job.settings.nested_groups {
            return Ok(());
        }
        let store = self.store();
        let mut ids = store.expansions(Expansion::Changed)?;
        let changes = store.nested_changes()?;
        if !changes.is_empty() {
            let around = changes.iter().map(|change| change.group_id.clone()).collect();
            let around = self.groups_reached(around, true).await?;
            let reached: Vec<&str> = around.iter().map(|(_, group)| group.as_str()).collect();
            let assignments = store.assignments_of(&reached)?;
            let is_assigned = |group: &str| {
                assignments.contains_key(group) || ids.iter().any(|changed| changed.as_str() == group)
            };
            let more: Vec<String> =
                concerned(&changes, &around, is_assigned).into_iter().map(str::to_owned).collect();
            ids.extend(more);
        }
        if ids.is_empty() {
            return Ok(store.clear_nested_changes()?);
        }
        let below = self.groups_reached(ids, false).await?;
        store::sql::in_transaction(self.sql, || -> Result<(), ApiError> {
            for (_, group_id) in &below {
                store.add_expansion(Expansion::Changed, group_id)?;
            }
            Ok(store.clear_nested_changes()?)
        })
    }

    async fn groups_reached(&self, ids: Vec<String>, up: bool) -> Result<Vec<(String, String)>, ApiError> {
        self.directory(&DirectoryCommand::GroupsReached { ids, up }).await
    }
}
