//! Held deletions as people see them: listed, approved and rejected one by one.

use provisioning::cycle::Decision;
use provisioning::quarantine::{JobHealth, QuarantineReason};
use serde_json::{Value, json};
use store::Settings as _;
use store::job::{JobStore, StagedRecord};

use super::control::{settle, under_way};
use super::keys;
use super::record::ScheduleState;
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::clock;
use crate::platform::settings::{save_setting, setting};

/// How many held deletions have a decision (`None`: any).
pub fn count(store: &JobStore<'_>, decision: Option<Decision>) -> Result<u64, ApiError> {
    let count = store.staged_count(decision.map(Decision::as_str))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// A page of them, and how many there are if that is asked for.
pub fn list(
    store: &JobStore<'_>,
    decision: Option<&str>,
    after: &str,
    limit: i64,
    counted: bool,
) -> Result<(Vec<StagedRecord>, Option<i64>), ApiError> {
    let count = if counted { Some(store.staged_count(decision)?) } else { None };
    Ok((store.staged_page(decision, after, limit)?, count))
}

/// Approves or rejects held deletions: those that are named, or all that are undecided. Those must be as many as
/// `expected` says: who decides about all has seen so many, and a cycle may have held more since.
///
/// An approved one is carried out by the next run, which begins at once. A rejection must hold from the moment that
/// it is answered, so it waits until no request is under way: what was carried out by then is no longer held.
pub async fn decide(
    job: &Job,
    approve: bool,
    ids: Option<Vec<String>>,
    expected: Option<u64>,
) -> Result<Value, ApiError> {
    let record = job.record()?;
    if !approve && !settle(job).await? {
        return Err(under_way());
    }
    let store = job.store();
    let decision = if approve { Decision::Approved } else { Decision::Rejected };
    let named = ids.as_ref().map(|ids| ids.len() as u64);
    let (decided, undecided, lifted) = store::sql::in_transaction(&job.sql, || -> Result<_, ApiError> {
        let decided = match &ids {
            None => {
                let held = count(&store, Some(Decision::Held))?;
                if let Some(expected) = expected
                    && expected != held
                {
                    return Err(ApiError::conflict(format!(
                        "{held} are undecided by now, not {expected}. Nothing was decided. Look at the list, then decide \
                         again."
                    )));
                }
                store.decide_all(decision.as_str())?
            }
            Some(ids) => {
                let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                store.decide(decision.as_str(), &ids)?
            }
        };
        let undecided = count(&store, Some(Decision::Held))?;
        if decided > 0 {
            store.set_setting(keys::DECIDED, "true")?;
        }
        let lifted = decided > 0 && undecided == 0 && lift(&store)?;
        Ok((decided, undecided, lifted))
    })?;
    let runs = record.state == ScheduleState::Active && decided > 0 && (approve || lifted);
    if runs {
        job.schedule(clock::now_ms()).await?;
    }
    Ok(json!({
        "decided": decided,
        "notFound": named.map_or(0, |named| named.saturating_sub(decided)),
        "undecided": undecided,
    }))
}

/// Ends the quarantine for too many deletions; answers whether there was one.
fn lift(store: &JobStore<'_>) -> Result<bool, ApiError> {
    let mut health: JobHealth = setting(store, keys::HEALTH)?.unwrap_or_default();
    let is_ours =
        health.quarantine.as_ref().is_some_and(|state| state.reason == QuarantineReason::TooManyDeletes);
    if is_ours {
        health.quarantine = None;
        save_setting(store, keys::HEALTH, &health)?;
    }
    Ok(is_ours)
}
