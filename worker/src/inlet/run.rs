//! Running an inlet: what the alarm does. One slice a call; the alarm is armed again for what follows.

use inlets::graph::{Effect, Event, Note, NoteLevel, State, Sync, step};
use inlets::mirror::Applied;
use store::Settings as _;
use store::inlet::InletStore;
use worker::console_error;

use super::assign::Assigning;
use super::keep::{LONGEST_PAUSE_MS, is_busy, keep, keep_failure};
use super::record::InletSettings;
use super::{assign, connection, control, keys, removal};
use crate::error::ApiError;
use crate::objects::directory::{self, DirectoryCommand};
use crate::objects::inlet::Inlet;
use crate::platform::clock;
use crate::platform::settings::{save_setting, setting};

/// How long a slice may take before it stops at the next durable place.
const SLICE_MS: i64 = 15_000;
/// An inlet that is overdue by this much has lost its alarm.
const OVERDUE_MS: i64 = 2 * 60 * 1000;

/// Ends the mark that a slice runs, however the slice ends.
struct Running<'a>(&'a Inlet);

impl<'a> Running<'a> {
    fn begin(inlet: &'a Inlet) -> Option<Self> {
        (!inlet.running.replace(true)).then_some(Self(inlet))
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.set(false);
    }
}

/// Runs a slice if one is due, and arms the alarm for what follows. Errors end here.
pub async fn due(inlet: &Inlet) {
    let Some(running) = Running::begin(inlet) else { return };
    let outcome = slice(inlet).await;
    drop(running);
    let armed = match outcome {
        Ok(Some(after_ms)) => {
            let cleared = inlet.store().remove_setting(keys::FAILED_SLICES).map_err(ApiError::from);
            if let Err(error) = cleared {
                error.log("inlet");
            }
            inlet.arm(after_ms).await
        }
        Ok(None) => Ok(()),
        Err(error) => {
            let pause = failed(inlet, &error);
            inlet.arm(pause).await
        }
    };
    if let Err(error) = armed {
        error.log("inlet");
    }
}

/// Notes a slice that failed on our side; answers how long to wait.
fn failed(inlet: &Inlet, error: &ApiError) -> i64 {
    console_error!("inlet: {}: {}", error.code, error.internal.as_deref().unwrap_or(&error.message));
    let store = inlet.store();
    let kept = store::sql::in_transaction(&inlet.sql, || keep_failure(&store, error, clock::now_ms()));
    kept.unwrap_or_else(|error| {
        error.log("inlet");
        LONGEST_PAUSE_MS
    })
}

/// From cron, each minute: arms an alarm that was lost, and runs a slice itself when the alarm seems stuck. Answers
/// whether a round has changed the directory since cron asked last: this Worker calls no job by itself, they are
/// above it.
pub async fn wake(inlet: &Inlet) -> Result<bool, ApiError> {
    let store = inlet.store();
    arm_again(inlet, &store).await?;
    let news = store.setting(keys::NEWS)?.is_some();
    if news {
        store.remove_setting(keys::NEWS)?;
    }
    Ok(news)
}

async fn arm_again(inlet: &Inlet, store: &InletStore<'_>) -> Result<(), ApiError> {
    let settings = InletSettings::load(store)?;
    let is_removal = settings.is_none() && removal::is_due(store)?;
    if inlet.running.get() || !(is_removal || settings.is_some_and(|settings| !settings.paused)) {
        return Ok(());
    }
    let now = clock::now_ms();
    match inlet.state.storage().get_alarm().await? {
        None => {
            let state: State = setting(store, keys::STATE)?.unwrap_or_default();
            let next_run: i64 = setting(store, keys::NEXT_RUN)?.unwrap_or(now);
            let is_under_way = state.round.is_some() || store.setting(keys::ENDED)?.is_some();
            let next = if is_under_way { state.rest_until.unwrap_or(now) } else { next_run };
            inlet.arm(next - now).await
        }
        Some(at) if now - at > OVERDUE_MS => {
            due(inlet).await;
            Ok(())
        }
        Some(_) => Ok(()),
    }
}

/// One slice. Answers after how long the next one is due, or `None` when the inlet does not run.
async fn slice(inlet: &Inlet) -> Result<Option<i64>, ApiError> {
    let store = inlet.store();
    let Some(settings) = InletSettings::load(&store)? else { return removal::go_on(inlet).await };
    if settings.paused {
        return Ok(None);
    }
    let began = clock::now_ms();
    let generation = inlet.generation.get();
    let state: State = setting(&store, keys::STATE)?.unwrap_or_default();
    if state.round.is_none() {
        if store.setting(keys::ENDED)?.is_some() {
            // The slice before did not get to it.
            return finish(inlet, &store, &settings).await;
        }
        let next_run: i64 = setting(&store, keys::NEXT_RUN)?.unwrap_or(began);
        if next_run > began {
            return Ok(Some(next_run - began));
        }
        // A slice that ended while they were changed may have brought the old ones after the new ones.
        control::tell_rules(inlet, &settings).await?;
        save_setting(&store, keys::NEXT_RUN, &(began + settings.interval_ms()?))?;
    }
    let proof = control::open(&store, &inlet.env, &settings)?;
    let mut sync = Sync::resume(settings.machine()?, state, inlet.token.borrow().clone());
    let mut event = Event::Started;
    loop {
        let (next, effect) = step(sync, event, clock::now_ms());
        sync = next;
        let answered = |outcome: Result<_, String>| outcome.map_or_else(Event::Unanswered, Event::Answered);
        // What follows the end of a round belongs to the same slice, however long it took.
        let may_stop = matches!(&effect, Effect::Commit { state, .. } if state.round.is_some());
        event = match effect {
            Effect::Token(request) => answered(connection::login(&request, &proof).await),
            Effect::Get { url, token } => answered(connection::page(&url, &token).await),
            Effect::Apply(batch) => {
                let command = DirectoryCommand::MirrorBatch { inlet: settings.id.clone(), batch: *batch };
                Event::Applied(write(inlet, &settings, &command).await?)
            }
            Effect::Weigh { users, groups } => {
                let command = DirectoryCommand::MirrorAbsent { inlet: settings.id.clone(), users, groups };
                Event::Weighed(directory::call(&inlet.env, &settings.directory_id, &command).await?)
            }
            Effect::Sweep { sweep, pass } => {
                let command = DirectoryCommand::MirrorSweep { inlet: settings.id.clone(), sweep, pass };
                Event::Applied(write(inlet, &settings, &command).await?)
            }
            Effect::Settle { after } => {
                let command = DirectoryCommand::MirrorSettle { inlet: settings.id.clone(), after };
                Event::Applied(write(inlet, &settings, &command).await?)
            }
            Effect::Assign(wanted) => match assign::assign(inlet, &settings, &wanted, generation).await? {
                Assigning::Done(outcome) => Event::Assigned(outcome),
                Assigning::Stopped => return Ok(Some(0)),
            },
            Effect::Commit { state, notes } => {
                // A person may have changed or reset the inlet while something was awaited.
                if inlet.generation.get() != generation {
                    return Ok(Some(0));
                }
                commit(inlet, &state, &notes)?;
                Event::Committed
            }
            Effect::Rest { until } => return Ok(Some((until - clock::now_ms()).max(0))),
            Effect::Finish => break,
        };
        if inlet.generation.get() != generation {
            return Ok(Some(0));
        }
        *inlet.token.borrow_mut() = sync.token().cloned();
        if may_stop {
            let paused = InletSettings::load(&store)?.is_none_or(|settings| settings.paused);
            if paused {
                return Ok(None);
            }
            if clock::now_ms() - began >= SLICE_MS {
                return Ok(Some(0));
            }
        }
    }
    finish(inlet, &store, &settings).await
}

async fn write(
    inlet: &Inlet,
    settings: &InletSettings,
    command: &DirectoryCommand,
) -> Result<Applied, ApiError> {
    directory::call(&inlet.env, &settings.directory_id, command).await
}

fn commit(inlet: &Inlet, state: &State, notes: &[Note]) -> Result<(), ApiError> {
    let store = inlet.store();
    for note in notes.iter().filter(|note| note.level == NoteLevel::Error) {
        console_error!("inlet: {}: {}", note.code, note.message);
    }
    store::sql::in_transaction(&inlet.sql, || keep(&store, state, notes, clock::now_ms()))
}

/// After a round: counts what is mirrored and says when the next one is due. May be repeated. "Run now" during the round has set
/// an earlier time, which stays.
async fn finish(
    inlet: &Inlet,
    store: &InletStore<'_>,
    settings: &InletSettings,
) -> Result<Option<i64>, ApiError> {
    let state: State = setting(store, keys::STATE)?.unwrap_or_default();
    // Counting goes over everybody.
    if is_busy(&state) || store.setting(keys::MIRRORED)?.is_none() {
        let command = DirectoryCommand::Mirrored { inlet: settings.id.clone() };
        let counts: api::inlet::InletCounts =
            directory::call(&inlet.env, &settings.directory_id, &command).await?;
        // The inlet may have been removed meanwhile.
        if InletSettings::load(store)?.is_none() {
            return Ok(None);
        }
        save_setting(store, keys::MIRRORED, &counts)?;
    }
    let now = clock::now_ms();
    store.prune_log(now)?;
    store.remove_setting(keys::ENDED)?;
    let next_run: i64 = setting(store, keys::NEXT_RUN)?.unwrap_or(now);
    Ok(Some((next_run - now).max(0)))
}
