//! Drift checks: what somebody else changed in the application. A drift check is the plan of a cycle over everybody
//! about whom nothing waits to be done (`plan.rs`); repairing marks whom it is about for the next cycle.

use api::plan::PlanItem;
use provisioning::cycle::SourceEntry;

use super::record::ScheduleState;
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

/// Marks whom a drift check is about for the next cycle, which begins at once.
pub async fn repair(job: &Job, id: &str) -> Result<(), ApiError> {
    let store = job.store();
    let record = job.record()?;
    if store.running_plan()?.is_some_and(|plan| plan.id == id) {
        return Err(ApiError::conflict("The drift check has not ended yet."));
    }
    if record.state != ScheduleState::Active {
        return Err(ApiError::conflict("The job does not run; start it, then repair."));
    }
    store.plan(id)?.ok_or_else(|| ApiError::not_found("driftCheck", id))?;
    let mut after = 0;
    loop {
        let page = store.plan_items(id, after, PAGE)?;
        store::sql::in_transaction(&job.sql, || -> Result<(), ApiError> {
            for (_, document) in &page.documents {
                let item: PlanItem = crate::json::read(document)?;
                store.mark_dirty(&item.object_type, [item.source_id.as_str()])?;
            }
            Ok(())
        })?;
        match page.documents.last() {
            Some((position, _)) if page.more => after = *position,
            _ => return job.schedule(clock::now_ms()).await,
        }
    }
}
