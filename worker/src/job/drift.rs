//! Drift checks: what somebody else changed in the application. A drift check is the plan of a cycle over everybody
//! about whom nothing waits to be done (`plan.rs`); repairing marks whom it is about for the next cycle.

use provisioning::cycle::SourceEntry;
use provisioning::quarantine::deletions_held;
use serde_json::Value;
use store::job::Expansion;

use super::commit::link_counts;
use super::member_drift::REMOVING;
use super::record::ScheduleState;
use super::secrets::Secrets;
use super::settings;
use super::source::Source;
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::clock;

/// Items that are read at once.
const PAGE: i64 = 500;

impl Source<'_> {
    /// Keeps those with an account about which nothing waits to be done.
    pub(super) fn keep_settled(&self, entries: &mut Vec<SourceEntry>) -> Result<(), ApiError> {
        entries.retain(|entry| {
            entry.object.is_some()
                && entry.link.is_some()
                && entry.escrow.is_none()
                && entry.staged.is_none()
                && entry.pending_references.is_empty()
        });
        let ids: Vec<&str> = entries.iter().map(|entry| entry.source_id.as_str()).collect();
        let marked = self.store().dirty_among(&ids)?;
        entries.retain(|entry| !marked.iter().any(|id| id == entry.source_id.as_str()));
        Ok(())
    }
}

/// Marks whom a drift check is about for the next cycle, which begins at once. Members that somebody added to groups
/// are taken away only if that is wanted, and if they are fewer than the deletions that would be held.
pub async fn repair(job: &Job, id: &str, remove_members: bool) -> Result<(), ApiError> {
    let store = job.store();
    let record = job.record()?;
    if store.running_plan()?.is_some_and(|plan| plan.id == id) {
        return Err(ApiError::conflict("The drift check has not ended yet."));
    }
    if record.state != ScheduleState::Active {
        return Err(ApiError::conflict("The job does not run; start it, then repair."));
    }
    store.plan(id)?.ok_or_else(|| ApiError::not_found("driftCheck", id))?;
    if remove_members {
        let mut removed = 0;
        for_each(job, id, &mut |item| {
            removed += item.pointer("/members/added/count").and_then(Value::as_u64).unwrap_or(0);
            Ok(())
        })?;
        let linked = link_counts(&store)?.iter().map(|(_, count)| count.unsigned_abs()).sum();
        let threshold = settings::thresholds(&store, &Secrets::of(job)?)?.deletions;
        if threshold.is_some_and(|threshold| deletions_held(removed, linked, &threshold)) {
            return Err(ApiError::conflict(format!(
                "{removed} members that somebody added would be taken out of groups, which reaches the job's threshold of deletions. Raise it, or repair without removeAddedMembers."
            )));
        }
    }
    for_each(job, id, &mut |item| {
        let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
        let source_id = text("sourceId");
        store.mark_dirty(text("objectType"), [source_id])?;
        if item.get("members").is_some_and(Value::is_object) {
            store.add_expansion(Expansion::Repaired, source_id)?;
            if remove_members {
                store.advance_expansion(Expansion::Repaired, source_id, Some(REMOVING))?;
            }
        }
        Ok(())
    })?;
    job.schedule(clock::now_ms()).await
}

/// Goes through the items of a drift check, a page in a transaction.
fn for_each(
    job: &Job,
    id: &str,
    act: &mut dyn FnMut(&Value) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let store = job.store();
    let mut after = 0;
    loop {
        let page = store.plan_items(id, after, PAGE)?;
        store::sql::in_transaction(&job.sql, || -> Result<(), ApiError> {
            page.documents.iter().try_for_each(|(_, document)| act(&crate::json::read(document)?))
        })?;
        match page.documents.last() {
            Some((position, _)) if page.more => after = *position,
            _ => return Ok(()),
        }
    }
}
