//! What is kept between two steps of the machine, as one transaction: its state, its notes, and what the end of a
//! round leaves to be done.

use inlets::graph::{LastError, Note, NoteLevel, Round, State};
use store::Settings as _;
use store::inlet::{InletLogRecord, InletStore};

use super::keys;
use crate::error::ApiError;
use crate::platform::settings::{save_setting, setting};

/// The first pause after a slice that failed on our side; doubled each time, up to [`LONGEST_PAUSE_MS`].
const FIRST_PAUSE_MS: i64 = 2_000;
/// The longest pause after a slice that failed on our side.
pub const LONGEST_PAUSE_MS: i64 = 10 * 60 * 1000;

/// Keeps a state and its notes. A state without a round is the end of one: that jobs are to be told is kept with it,
/// and that the rest of its end is still to be done, so that nothing is lost with the slice.
pub fn keep(store: &InletStore<'_>, state: &State, notes: &[Note], now: i64) -> Result<(), ApiError> {
    for note in notes {
        if is_new(store, note)? {
            add_log(store, note, now)?;
        }
    }
    let waits_for_groups = |round: &Round| round.without_groups && !round.counts.is_idle();
    if state.round.as_ref().is_some_and(waits_for_groups) {
        // The round may not end for long: what came of people is not to wait for it.
        store.set_setting(keys::NEWS, "1")?;
    }
    if state.round.is_none() {
        store.remove_setting(keys::TOLD)?;
        store.set_setting(keys::ENDED, "1")?;
        if has_changed(state) {
            store.set_setting(keys::NEWS, "1")?;
        }
    }
    save_setting(store, keys::STATE, state)
}

/// Whether the last round did anything, or should have.
pub fn is_busy(state: &State) -> bool {
    !state.last.as_ref().is_some_and(|last| last.counts.is_idle())
}

fn has_changed(state: &State) -> bool {
    let assigned = |outcome: &inlets::assignments::Outcome| outcome.added + outcome.removed > 0;
    is_busy(state) || state.assignments.iter().any(|kept| assigned(&kept.outcome))
}

/// Keeps a slice that failed on our side; answers how long to wait. The log says since when it fails.
pub fn keep_failure(store: &InletStore<'_>, error: &ApiError, now: i64) -> Result<i64, ApiError> {
    let failed: u32 = setting(store, keys::FAILED_SLICES)?.unwrap_or(0);
    save_setting(store, keys::FAILED_SLICES, &failed.saturating_add(1))?;
    let pause = FIRST_PAUSE_MS.saturating_mul(1 << failed.min(20)).min(LONGEST_PAUSE_MS);
    let mut state: State = setting(store, keys::STATE)?.unwrap_or_default();
    let is_same = |last: &LastError| last.code == error.code && last.message == error.message;
    if !state.error.as_ref().is_some_and(is_same) {
        let (code, message) = (error.code.clone(), error.message.clone());
        add_log(store, &Note { level: NoteLevel::Error, code, message, source_id: None }, now)?;
    }
    state.error = Some(LastError { code: error.code.clone(), message: error.message.clone(), at: now });
    // So it is told as waiting, and not as running.
    state.rest_until = Some(now.saturating_add(pause));
    save_setting(store, keys::STATE, &state)?;
    Ok(pause)
}

/// What concerns no single object may come with every page: it is told once a round.
fn is_new(store: &InletStore<'_>, note: &Note) -> Result<bool, ApiError> {
    if note.source_id.as_deref() != Some("") {
        return Ok(true);
    }
    let mut told: Vec<String> = setting(store, keys::TOLD)?.unwrap_or_default();
    if told.contains(&note.message) {
        return Ok(false);
    }
    told.push(note.message.clone());
    save_setting(store, keys::TOLD, &told)?;
    Ok(true)
}

fn add_log(store: &InletStore<'_>, note: &Note, now: i64) -> Result<(), ApiError> {
    let entry = InletLogRecord {
        sequence: 0,
        at: now,
        level: note.level.as_str().to_owned(),
        code: note.code.clone(),
        message: note.message.clone(),
        source_id: note.source_id.clone().filter(|id| !id.is_empty()),
    };
    Ok(store.add_log(&entry)?)
}

#[cfg(test)]
mod tests {
    use inlets::graph::{LastRound, Mirroring, Phase};
    use inlets::mirror::{Counts, Kind};
    use store::sqlite::Sqlite;

    use super::*;

    fn with_store(work: impl FnOnce(&InletStore<'_>)) {
        let sql = Sqlite::in_memory().expect("a database");
        work(&InletStore::open(&sql).expect("a store"));
    }

    fn last(counts: Counts) -> Option<LastRound> {
        Some(LastRound { started: 1, ended: 2, full: false, pages: 2, users: 0, groups: 0, counts })
    }

    fn in_round() -> State {
        let round = Round {
            started: 1,
            phase: Phase::Read(Kind::User),
            full: true,
            resyncs: 0,
            pages: 0,
            users: 0,
            groups: 0,
            counts: Counts::default(),
            without_groups: false,
        };
        State { round: Some(round), ..State::default() }
    }

    #[test]
    fn the_end_of_a_round_is_kept_with_its_state() {
        let check = |state: State, ended: bool, news: bool| {
            with_store(|store| {
                keep(store, &state, &[], 5).expect("kept");
                let has = |key| store.setting(key).expect("a setting").is_some();
                assert_eq!((has(keys::ENDED), has(keys::NEWS)), (ended, news), "{state:?}");
                assert_eq!(setting::<State>(store, keys::STATE).expect("a state"), Some(state));
            });
        };
        check(in_round(), false, false);
        let idle = State { last: last(Counts { unchanged: 7, ..Counts::default() }), ..State::default() };
        check(idle.clone(), true, false);
        check(
            State { last: last(Counts { deleted: 1, ..Counts::default() }), ..State::default() },
            true,
            true,
        );
        let mut mirroring = Mirroring::default();
        mirroring.outcome.removed = 1;
        check(State { assignments: vec![mirroring], ..idle }, true, true);
    }

    #[test]
    fn people_do_not_wait_for_groups_that_cannot_be_read() {
        let check = |without_groups: bool, deleted: u64, news: bool| {
            let mut state = in_round();
            if let Some(round) = &mut state.round {
                round.without_groups = without_groups;
                round.counts.deleted = deleted;
            }
            with_store(|store| {
                keep(store, &state, &[], 5).expect("kept");
                assert_eq!(store.setting(keys::NEWS).expect("a setting").is_some(), news, "{state:?}");
            });
        };
        check(false, 1, false);
        check(true, 0, false);
        check(true, 1, true);
    }

    #[test]
    fn what_concerns_no_single_object_is_told_once_a_round() {
        with_store(|store| {
            let note = |source_id: Option<&str>, message: &str| Note {
                level: NoteLevel::Warning,
                code: "ObjectFailed".to_owned(),
                message: message.to_owned(),
                source_id: source_id.map(str::to_owned),
            };
            let notes = [note(Some(""), "x: no"), note(Some(""), "x: no"), note(Some("s1"), "Ada: no")];
            keep(store, &in_round(), &notes, 5).expect("kept");
            keep(store, &in_round(), &notes, 6).expect("kept");
            let told = || {
                let page = store.log(None, 100).expect("a page").entries;
                page.into_iter().map(|entry| (entry.at, entry.source_id)).collect::<Vec<_>>()
            };
            let ada = || Some("s1".to_owned());
            assert_eq!(told(), [(6, ada()), (5, ada()), (5, None)]);
            keep(store, &State::default(), &[], 7).expect("kept");
            keep(store, &in_round(), &notes, 8).expect("kept");
            assert_eq!(told().len(), 5, "in the next round it is told again");
        });
    }

    #[test]
    fn a_slice_that_fails_is_told_with_the_time_of_the_next_one() {
        with_store(|store| {
            keep(store, &in_round(), &[], 5).expect("kept");
            let error = ApiError::unavailable("the store");
            let pause = keep_failure(store, &error, 1_000).expect("kept");
            assert_eq!(pause, FIRST_PAUSE_MS);
            assert_eq!(keep_failure(store, &error, 2_000).expect("kept"), 2 * FIRST_PAUSE_MS);
            let state: State = setting(store, keys::STATE).expect("a state").expect("a state");
            assert_eq!(state.rest_until, Some(2_000 + 2 * FIRST_PAUSE_MS));
            let told = state.error.map(|error| (error.code, error.at));
            assert_eq!(told, Some(("ServiceUnavailable".to_owned(), 2_000)));
            assert!(state.round.is_some());
            let log = store.log(None, 10).expect("a page").entries;
            let log: Vec<_> = log.iter().map(|entry| (entry.at, entry.level.as_str())).collect();
            assert_eq!(log, [(1_000, "error")], "once, with the time since when");
            for _ in 0..40 {
                assert!(keep_failure(store, &error, 3_000).expect("kept") <= LONGEST_PAUSE_MS);
            }
        });
    }
}
