//! How a cycle begins: with the assignments mirrored, and whoever is concerned marked.

use provisioning::cycle::{Begin, CycleKind, CycleState, Decision, Mode, Watermark};
use provisioning::quarantine::RecentDeletions;
use store::Settings as _;
use store::job::Expansion;

use super::changes::has_gap;
use super::commit::link_counts;
use super::finish::save_cycle;
use super::record::JobRecord;
use super::source::Source;
use super::{keys, staged};
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::settings::{save_setting, setting};
use crate::platform::{clock, random};

/// Begins a cycle, and notes when the next one starts. None, and nothing is noted, if the job was restarted or saved
/// meanwhile: what was read before belongs to a cycle of another kind.
pub(super) async fn begin(
    job: &Job,
    record: &JobRecord,
    source: &Source<'_>,
) -> Result<Option<CycleState>, ApiError> {
    let store = job.store();
    let generation = job.generation.get();
    let began = clock::now_ms();
    let changed: Option<i64> = setting(&store, keys::CHANGED_RUN)?;
    let state = prepare(job, source, Mode::Execute).await?;
    if job.generation.get() != generation {
        return Ok(None);
    }
    store::sql::in_transaction(&job.sql, || -> Result<(), ApiError> {
        save_setting(&store, keys::CYCLE, &state)?;
        store.remove_setting(keys::DECIDED)?;
        save_setting(&store, keys::NEXT_RUN, &(state.started + record.interval()))?;
        // What changed before this moment is part of the cycle; what was told since, or is to come, may not be.
        let is_same = setting(&store, keys::CHANGED_RUN)? == changed;
        if is_same && changed.is_some_and(|changed| changed <= began) {
            store.remove_setting(keys::CHANGED_RUN)?;
        }
        save_cycle(&store, &state, None)
    })?;
    Ok(Some(state))
}

/// What a cycle begins with: mirrors the assignments, notes where the source's logs end, and marks who changed.
/// May be repeated.
pub async fn prepare(job: &Job, source: &Source<'_>, mode: Mode) -> Result<CycleState, ApiError> {
    let store = job.store();
    let now = clock::now_ms();
    let assignments = source.mirror_assignments().await?;
    let log = source.change_log_ends().await?;
    let since: Option<Watermark> =
        setting(&store, keys::WATERMARK)?.filter(|since: &Watermark| !has_gap(since.directory, log.oldest));
    if since.is_none() {
        // Everybody will be looked at, so marks of single people say nothing more.
        store::sql::in_transaction(&job.sql, || -> Result<(), ApiError> {
            store.clear_all_dirty()?;
            store.clear_expansions(Expansion::Changed)?;
            store.clear_nested_changes()?;
            save_setting(&store, keys::LINK_COUNTS, &store.link_counts()?)
        })?;
    }
    source.collect_changes(since.map(|since| since.directory), &log, now).await?;
    let (kind, expected) = match since {
        None => (CycleKind::Initial, source.object_count().await?),
        Some(_) => (CycleKind::Incremental, u64::try_from(store.dirty_count()?).unwrap_or(0)),
    };
    let linked = link_counts(&store)?.iter().map(|(_, count)| *count).sum::<i64>();
    let recent: RecentDeletions = setting(&store, keys::RECENT_DELETIONS)?.unwrap_or_default();
    Ok(CycleState::begin(Begin {
        cycle_id: random::uuid()?.into(),
        kind,
        mode,
        since: since.unwrap_or_default(),
        until: Watermark { directory: log.latest, assignments },
        linked: u64::try_from(linked).unwrap_or(0),
        staged: staged::count(&store, Some(Decision::Held))?,
        approved: staged::count(&store, Some(Decision::Approved))? > 0,
        recent: recent.count(now, source.record.interval()),
        expected: Some(expected),
        subjects: Vec::new(),
        now,
    }))
}
