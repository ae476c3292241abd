//! The state machine.

use std::collections::VecDeque;

use super::effect::{Batch, Effect, EffectId, PageScope};
use super::entry::{ReferenceEntry, SourceEntry};
use super::event::Event;
use super::object::Terms;
use super::page::{PageWork, Waiting};
use super::phase::fatal_error;
use super::references::group;
use super::report::Report;
use super::state::{Begin, CycleKind, CycleState, Phase};
use crate::id::Cursor;
use crate::job::Context;
use crate::schema::ObjectType;

/// A cycle under way: what is kept, and what is not.
pub struct Cycle {
    pub(super) state: CycleState,
    pub(super) work: Work,
    stopping: bool,
    pub(super) next_effect: EffectId,
    /// Requests that are to be counted more, or less, than there will be answers.
    balance: i64,
}

/// What the machine waits for.
pub(super) enum Work {
    /// `Event::Started`.
    Idle,
    /// The answer to the probe.
    Probing(EffectId),
    /// `Event::Page` or `Event::References`.
    Reading,
    /// `Event::Committed`, before the objects of a page are begun.
    Intending(Box<PageWork>),
    /// Answers for the objects of a page.
    Page(Box<PageWork>),
    /// `Event::Committed`.
    Committing,
    /// Nothing: the cycle was yielded or finished.
    Over,
}

impl Cycle {
    /// A new cycle. The driver makes its [`state`](Self::state) durable before it begins.
    pub fn new(begin: Begin) -> Self {
        Self::resume(CycleState::begin(begin))
    }

    /// A cycle that goes on from its last committed state.
    pub fn resume(state: CycleState) -> Self {
        Self { state, work: Work::Idle, stopping: false, next_effect: 1, balance: 0 }
    }

    /// What is kept.
    pub fn state(&self) -> &CycleState {
        &self.state
    }
}

/// Takes one event and says what is to be done. Events that do not fit, such as an answer to
/// nothing, change nothing.
pub fn step(mut cycle: Cycle, event: Event, context: &Context<'_>) -> (Cycle, Vec<Effect>) {
    let mut effects = Vec::new();
    cycle.take(event, context, &mut effects);
    (cycle, effects)
}

impl Cycle {
    fn take(&mut self, event: Event, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if let Event::Counted { requests } = event {
            self.balance += requests;
            return;
        }
        match (std::mem::replace(&mut self.work, Work::Over), event) {
            (Work::Idle, Event::Started) => self.enter(context, effects),
            (Work::Probing(id), Event::Response { effect_id, outcome }) if id == effect_id => {
                self.count_request();
                self.probed(&outcome, context, effects);
            }
            (Work::Reading, Event::Page { entries, next }) => self.page(entries, next, context, effects),
            (Work::Reading, Event::References { entries, next }) => {
                self.references(entries, next, context, effects);
            }
            (Work::Page(mut page), Event::Response { effect_id, outcome }) => {
                self.count_request();
                page.answered(effect_id, &outcome, &mut self.next_effect, context, effects);
                self.go_on(page, context, effects);
            }
            (Work::Page(mut page), Event::LinkFound { effect_id, link }) => {
                page.link_found(effect_id, link, &mut self.next_effect, context, effects);
                self.go_on(page, context, effects);
            }
            (Work::Intending(page), Event::Committed) => self.go_on(page, context, effects),
            (Work::Committing, Event::Committed) => self.enter(context, effects),
            (Work::Idle, Event::StopRequested) => effects.push(Effect::Yield),
            (Work::Page(page), Event::StopRequested) => {
                self.stopping = true;
                self.go_on(page, context, effects);
            }
            (work, event) => {
                self.stopping |= event == Event::StopRequested;
                self.work = work;
            }
        }
    }

    /// Counts the request of an answer, unless it was one with others.
    fn count_request(&mut self) {
        self.balance += 1;
        if let Ok(requests) = u64::try_from(self.balance) {
            self.state.counters.requests += requests;
            self.balance = 0;
        }
    }

    /// Does what the phase begins with.
    pub(super) fn enter(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if self.state.is_done() {
            effects.push(Effect::Finish(Box::new(Report::of(&self.state, context.job))));
            return;
        }
        if self.stopping {
            effects.push(Effect::Yield);
            return;
        }
        let limit = context.job.settings.page_size.max(1);
        match self.state.phase.clone() {
            Phase::Done => {}
            Phase::Probe => self.probe(context, effects),
            Phase::Import { mapping, cursor } => {
                let scope = self.scope();
                self.read_page(mapping, cursor, scope, context, effects);
            }
            Phase::Deprovision { mapping, cursor, .. } => {
                self.read_page(mapping, cursor, PageScope::Staged, context, effects);
            }
            Phase::References { cursor } => {
                effects.push(Effect::ReadReferences { cursor, limit });
                self.work = Work::Reading;
            }
        }
    }

    fn read_page(
        &mut self,
        mapping: usize,
        cursor: Option<Cursor>,
        scope: PageScope,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(compiled) = context.job.schema.mappings.get(mapping) else {
            // The schema has fewer mappings than when the page was planned: go on behind them.
            self.state.phase = self.after(context);
            return self.commit(Batch::empty(self.state.clone()), effects);
        };
        let limit = context.job.settings.page_size.max(1);
        effects.push(Effect::ReadPage { object_type: compiled.object_type, scope, cursor, limit });
        self.work = Work::Reading;
    }

    fn scope(&self) -> PageScope {
        match self.state.kind {
            CycleKind::Initial => PageScope::All,
            CycleKind::Incremental => PageScope::Changes { since: self.state.since, until: self.state.until },
            CycleKind::OnDemand => PageScope::Subjects { ids: self.state.subjects.clone() },
        }
    }

    fn page(
        &mut self,
        entries: Vec<SourceEntry>,
        next: Option<Cursor>,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let (mapping, deprovision, hold) = match &self.state.phase {
            Phase::Import { mapping, .. } => (*mapping, false, false),
            Phase::Deprovision { mapping, hold, .. } => (*mapping, true, *hold),
            Phase::Probe | Phase::References { .. } | Phase::Done => {
                self.work = Work::Reading;
                return;
            }
        };
        let mut terms = Terms::new(&self.state, mapping, context.job);
        terms.stage &= !deprovision;
        terms.hold = hold;
        let waiting = entries.into_iter().map(|entry| Waiting::Object(Box::new(entry), false)).collect();
        self.begin(terms, waiting, next, context, effects);
    }

    fn references(
        &mut self,
        entries: Vec<ReferenceEntry>,
        next: Option<Cursor>,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let (kind, subjects) = (self.state.kind, &self.state.subjects);
        // On demand, a group gets those members only that were asked for with it.
        let concerns = |entry: &ReferenceEntry| {
            let reference = &entry.reference;
            kind != CycleKind::OnDemand
                || subjects.contains(&reference.source_id)
                    && (reference.object_type == ObjectType::User || subjects.contains(&reference.referenced))
        };
        let entries = entries.into_iter().filter(concerns).collect();
        let waiting = group(entries).into_iter().map(Waiting::References).collect();
        self.begin(Terms::new(&self.state, 0, context.job), waiting, next, context, effects);
    }

    fn begin(
        &mut self,
        terms: Terms,
        waiting: VecDeque<Waiting>,
        next: Option<Cursor>,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let mut page = Box::new(PageWork::new(terms, waiting, next));
        let creations = page.intend(context);
        if creations.is_empty() || self.stopping {
            return self.go_on(page, context, effects);
        }
        let batch = Batch { creations, ..Batch::empty(self.state.clone()) };
        effects.push(Effect::Commit(Box::new(batch)));
        self.work = Work::Intending(page);
    }

    /// Begins what fits into the window; commits when nothing is under way any more.
    fn go_on(&mut self, mut page: Box<PageWork>, context: &Context<'_>, effects: &mut Vec<Effect>) {
        page.fill(self.stopping, &mut self.next_effect, context, effects);
        if !page.is_drained() {
            self.work = Work::Page(page);
            return;
        }
        if let Some(failure) = page.fatal() {
            self.state.error = Some(fatal_error(failure));
            let batch = page.into_batch(self.state.clone());
            return self.finish(batch, context, effects);
        }
        let (cursor, complete) = (page.resume_at(self.cursor()), page.is_complete());
        self.state.counters.pages += u64::from(complete);
        let mut batch = page.into_batch(self.state.clone());
        self.state = batch.state.clone();
        self.advance(cursor, complete, context);
        batch.state = self.state.clone();
        if self.state.is_done() { self.finish(batch, context, effects) } else { self.commit(batch, effects) }
    }

    fn cursor(&self) -> Option<Cursor> {
        match &self.state.phase {
            Phase::Import { cursor, .. }
            | Phase::Deprovision { cursor, .. }
            | Phase::References { cursor } => cursor.clone(),
            Phase::Probe | Phase::Done => None,
        }
    }

    fn commit(&mut self, batch: Batch, effects: &mut Vec<Effect>) {
        effects.push(Effect::Commit(Box::new(batch)));
        self.work = Work::Committing;
    }

    pub(super) fn finish(&mut self, mut batch: Batch, context: &Context<'_>, effects: &mut Vec<Effect>) {
        batch.state.phase = Phase::Done;
        batch.state.ended = Some(context.now);
        self.state = batch.state.clone();
        self.commit(batch, effects);
    }
}
