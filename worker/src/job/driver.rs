//! The driver: runs the effects of the engine's machine, one slice of a cycle at a time.
//!
//! The machine decides everything; the driver reads, sends and commits. Progress and results of a page are
//! one transaction ([`commit`]), so a crash anywhere replays at most one page, and the machine looks before
//! it writes.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use provisioning::cycle::{Batch, Cycle, Effect, Event, Report, step};
use provisioning::log::ProvisioningObjectSummary;
use provisioning::outbox::{Delivery, Options, Outbox, Transmission};
use provisioning::schema::ObjectType;
use provisioning::target::Outcome;
use provisioning::{Context, Job, Random};
use serde_json::{Map, Value};
use store::job::JobStore;

use worker::Delay;

use super::commit::commit;
use super::plan::Planning;
use super::source::{self, Source};
use super::target::Target;
use super::{capabilities, log};
use crate::error::ApiError;
use crate::platform::clock;
use crate::platform::sql::ObjectSql;

/// How long a slice may take before the machine is asked to stop at the next durable place.
pub const SLICE_MS: i64 = 15_000;

/// After so many answers of the target the driver rests, so that the machine it runs on gets to its other
/// work: on one thread (`wrangler dev`) a busy cycle would else hold up every request, the status included.
const ANSWERS_BETWEEN_RESTS: u32 = 25;
/// How long it rests.
const REST: Duration = Duration::from_millis(1);

/// What of a run is kept.
#[derive(Clone, Copy)]
pub enum Keep<'a> {
    /// Everything, with the cycle's progress.
    Cycle,
    /// Everything but the progress: on-demand provisioning. The entries are handed out as well.
    Results(&'a RefCell<Vec<ProvisioningObjectSummary>>),
    /// Nothing: a preview. The entries are handed out.
    Nothing(&'a RefCell<Vec<ProvisioningObjectSummary>>),
    /// The entries and the progress, as a plan's.
    Plan(&'a Planning),
}

/// A transmission under way.
type Exchange = Pin<Box<dyn Future<Output = (Transmission, Outcome)>>>;

/// How a slice ended.
pub enum SliceEnd {
    /// At a durable place; go on with the next slice.
    Yielded,
    /// The cycle is over.
    Finished(Box<Report>),
    /// The cycle was taken away (restart, new mappings, deletion): nothing more was committed.
    Abandoned,
}

/// The platform's generator, for the engine.
pub struct PlatformRandom;

impl Random for PlatformRandom {
    fn fill(&self, bytes: &mut [u8]) {
        // The generator was tried at the beginning of the slice; it does not fail afterwards.
        if let Err(error) = getrandom::fill(bytes) {
            worker::console_error!("no random bytes: {error}");
        }
    }
}

/// Runs slices of one job.
pub struct Driver<'a> {
    /// The job's database.
    pub sql: &'a ObjectSql,
    /// The job, as the engine sees it.
    pub job: &'a Job,
    /// The source.
    pub source: Source<'a>,
    /// The target.
    pub target: Target,
    /// Which requests go together.
    pub options: Options,
    /// Whether a person wants the job to stop.
    pub stop: &'a dyn Fn() -> bool,
    /// Whether the cycle is still the job's: false after a restart.
    pub current: &'a dyn Fn() -> bool,
    /// What is kept.
    pub keep: Keep<'a>,
    /// How long the slice may take, in milliseconds.
    pub slice_ms: i64,
}

impl Driver<'_> {
    /// Runs one slice.
    pub async fn run(&self, cycle: Cycle) -> Result<SliceEnd, ApiError> {
        crate::platform::random::bytes::<1>()?;
        let began = clock::now_ms();
        let common = log::common(self.job)?;
        let (mut cycle, effects) = step(cycle, Event::Started, &self.context());
        let mut queue: VecDeque<Effect> = effects.into();
        let mut outbox = Outbox::new(self.options);
        let mut in_flight = FuturesUnordered::new();
        let mut stopping = false;
        let mut answers = 0_u32;
        loop {
            if !(self.current)() {
                return Ok(SliceEnd::Abandoned);
            }
            let mut events = Vec::new();
            if !stopping && ((self.stop)() || clock::now_ms() - began >= self.slice_ms) {
                stopping = true;
                events.push(Event::StopRequested);
            }
            match queue.pop_front() {
                Some(Effect::Send { effect_id, request }) => outbox.push(effect_id, request),
                Some(Effect::ReadPage { object_type, scope, cursor, limit }) => {
                    let cycle_id = cycle.state().cycle_id.to_string();
                    let mut page =
                        self.source.page(&cycle_id, object_type, &scope, cursor.as_ref(), limit).await?;
                    match self.keep {
                        // Nobody would take their marks off, and each cycle would read them again.
                        Keep::Cycle if !page.unknown.is_empty() => {
                            JobStore::opened(self.sql).forget_unknown(object_type.as_str(), &page.unknown)?;
                        }
                        Keep::Plan(planning) if planning.drift => {
                            self.source.keep_settled(&mut page.entries)?;
                        }
                        Keep::Plan(planning) if object_type == ObjectType::Group => {
                            planning.note_members(&self.source, &page.entries).await?;
                        }
                        _ => {}
                    }
                    events.push(Event::Page { entries: page.entries, next: page.next });
                }
                Some(Effect::ReadReferences { cursor, limit }) => {
                    let subjects = &cycle.state().subjects;
                    let repaired = match self.keep {
                        Keep::Cycle => self.source.repair_members(&self.target, cursor.as_ref()).await?,
                        _ => None,
                    };
                    let (entries, next) = if let Keep::Plan(planning) = self.keep
                        && planning.drift
                    {
                        let checked = self.source.check_members(&self.target, cursor.as_ref()).await?;
                        (Vec::new(), planning.note_checked(checked))
                    } else if repaired.is_some() {
                        (Vec::new(), repaired)
                    } else if subjects.is_empty() {
                        if matches!(self.keep, Keep::Cycle) {
                            self.source.expand_members().await?;
                        }
                        self.source.references(cursor.as_ref(), limit)?
                    } else {
                        (self.source.chosen(subjects).await?, None)
                    };
                    events.push(Event::References { entries, next });
                }
                Some(Effect::FindLink { effect_id, target_id }) => {
                    let found = JobStore::opened(self.sql).link_of_target(target_id.as_str())?;
                    let link = found.as_ref().map(source::link).transpose()?;
                    events.push(Event::LinkFound { effect_id, link });
                }
                Some(Effect::Commit(batch)) => {
                    // Checked again: the reads above may have waited while a person restarted the job.
                    if !(self.current)() {
                        return Ok(SliceEnd::Abandoned);
                    }
                    self.keep(&batch, &common)?;
                    events.push(Event::Committed);
                }
                Some(Effect::Yield) => return Ok(SliceEnd::Yielded),
                Some(Effect::Finish(report)) => return Ok(SliceEnd::Finished(report)),
                // Events first: a request to stop is not to wait for an answer.
                None if !events.is_empty() => {}
                None => match self.exchange(&mut outbox, &mut in_flight).await? {
                    Some(delivery) => {
                        let count = delivery.answers.len() as u32;
                        events.push(Event::Counted { requests: delivery.difference });
                        let answer = |(effect_id, outcome)| Event::Response { effect_id, outcome };
                        events.extend(delivery.answers.into_iter().map(answer));
                        answers += count;
                        if answers >= ANSWERS_BETWEEN_RESTS {
                            answers = 0;
                            Delay::from(REST).await;
                        }
                    }
                    None => return Err(ApiError::internal("the cycle waits for nothing")),
                },
            }
            for event in events {
                let (next, effects) = step(cycle, event, &self.context());
                cycle = next;
                queue.extend(effects);
            }
        }
    }

    /// Sends what is to be sent now, and waits for an answer; none if nothing is under way.
    async fn exchange(
        &self,
        outbox: &mut Outbox,
        in_flight: &mut FuturesUnordered<Exchange>,
    ) -> Result<Option<Delivery>, ApiError> {
        while let Some(transmission) = outbox.take() {
            let target = self.target.clone();
            in_flight.push(Box::pin(async move {
                let outcome = target.send(&transmission.request).await;
                (transmission, outcome)
            }));
        }
        let Some((transmission, outcome)) = in_flight.next().await else { return Ok(None) };
        let knew = outbox.refused_bulk();
        let delivery = outbox.answered(transmission, outcome);
        if outbox.refused_bulk() && !knew {
            capabilities::note_refused(&JobStore::opened(self.sql))?;
        }
        Ok(Some(delivery))
    }

    fn keep(&self, batch: &Batch, common: &Map<String, Value>) -> Result<(), ApiError> {
        match self.keep {
            Keep::Cycle => commit(self.sql, self.job, batch, common, true),
            Keep::Results(entries) => {
                commit(self.sql, self.job, batch, common, false)?;
                entries.borrow_mut().extend(batch.log.iter().cloned());
                Ok(())
            }
            Keep::Nothing(entries) => {
                entries.borrow_mut().extend(batch.log.iter().cloned());
                Ok(())
            }
            Keep::Plan(planning) => {
                store::sql::in_transaction(self.sql, || planning.keep(&JobStore::opened(self.sql), batch))
            }
        }
    }

    fn context(&self) -> Context<'_> {
        Context { now: clock::now_ms(), job: self.job, random: &PlatformRandom }
    }
}
