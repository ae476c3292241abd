//! The work of one page: objects that wait, objects under way, and their results.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::effect::{Batch, CreationChange, Effect, EffectId, LinkChange};
use super::entry::{Link, SourceEntry};
use super::object::{Next, ObjectRun, Outcome, Terms};
use super::references::{ReferenceGroup, ReferenceRun};
use super::report::Counters;
use super::state::{CycleKind, CycleState, Mode};
use crate::id::{Cursor, SourceId, TargetId};
use crate::job::Context;
use crate::log::Recorder;
use crate::target::{Failure, Outcome as Answer};

/// Something that waits to be begun.
pub(super) enum Waiting {
    /// With whether its creation was written down with this page.
    Object(Box<SourceEntry>, bool),
    References(ReferenceGroup),
}

impl Waiting {
    fn position(&self) -> &Cursor {
        match self {
            Self::Object(entry, _) => &entry.position,
            Self::References(group) => &group.position,
        }
    }
}

enum Run {
    Object(Box<ObjectRun>),
    References(Box<ReferenceRun>),
}

impl Run {
    /// The request that it asked for is not sent.
    fn unsent(&mut self) {
        if let Self::Object(run) = self {
            run.unsent();
        }
    }

    /// A creation that was written down and certainly not carried out.
    fn crossed_out(&self) -> Option<CreationChange> {
        match self {
            Self::Object(run) => run.crossed_out(),
            Self::References(_) => None,
        }
    }
}

/// A page under way. Not kept: after a crash the page is read again.
pub(super) struct PageWork {
    terms: Arc<Terms>,
    waiting: VecDeque<Waiting>,
    running: BTreeMap<EffectId, Run>,
    /// Where the next page begins; `None` at the end.
    next: Option<Cursor>,
    /// The place right after the last object that was begun.
    begun_to: Option<Cursor>,
    /// Accounts that objects of this page are linked to, or are about to be.
    claimed: BTreeMap<TargetId, SourceId>,
    results: Vec<Outcome>,
    /// Creations of objects that did not get a result: written down, and certainly not carried out.
    crossed_out: Vec<CreationChange>,
    fatal: Option<Failure>,
}

impl PageWork {
    pub(super) fn new(terms: Terms, waiting: VecDeque<Waiting>, next: Option<Cursor>) -> Self {
        // Whoever is linked to an account works on it in this page: nobody else may take it over meanwhile, not even
        // one that was disabled.
        let linked = |waiting: &Waiting| match waiting {
            Waiting::Object(entry, _) => {
                let link = entry.link.as_ref()?;
                Some((link.target_id.clone(), link.source_id.clone()))
            }
            Waiting::References(_) => None,
        };
        let claimed = waiting.iter().filter_map(linked).collect();
        Self {
            terms: Arc::new(terms),
            waiting,
            running: BTreeMap::new(),
            next,
            begun_to: None,
            claimed,
            results: Vec::new(),
            crossed_out: Vec::new(),
            fatal: None,
        }
    }

    /// Writes down the creations that may follow, so that a crash, or a lost answer, leaves no
    /// account that nobody knows of.
    pub(super) fn intend(&mut self, context: &Context<'_>) -> Vec<CreationChange> {
        let Some(mapping) = context.job.schema.mappings.get(self.terms.mapping) else { return Vec::new() };
        let mut changes = Vec::new();
        for waiting in &mut self.waiting {
            let Waiting::Object(entry, intended) = waiting else { continue };
            if self.terms.plan {
                continue;
            }
            if let Some(creation) = ObjectRun::intent(entry, mapping, context) {
                entry.creation = Some(creation.clone());
                *intended = true;
                changes.push(CreationChange::Begin(creation));
            }
        }
        changes
    }

    /// Begins objects while there is room in the window. None any more once the page is to stop.
    pub(super) fn fill(
        &mut self,
        stop: bool,
        next_effect: &mut EffectId,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let window = context.job.settings.window.max(1) as usize;
        while self.running.len() < window && !stop && self.fatal.is_none() {
            let Some(waiting) = self.waiting.pop_front() else { return };
            self.begun_to = Some(waiting.position().clone());
            let (run, next) = match waiting {
                Waiting::Object(entry, intended) => {
                    let Some(mapping) = context.job.schema.mappings.get(self.terms.mapping) else { continue };
                    let (run, next) =
                        ObjectRun::begin(*entry, intended, self.terms.clone(), mapping, context);
                    (Run::Object(Box::new(run)), next)
                }
                Waiting::References(group) => {
                    let (run, next) = ReferenceRun::begin(group, self.terms.clone(), context);
                    (Run::References(Box::new(run)), next)
                }
            };
            self.follow(run, next, next_effect, context, effects);
        }
    }

    pub(super) fn answered(
        &mut self,
        effect_id: EffectId,
        answer: &Answer,
        next_effect: &mut EffectId,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(mut run) = self.running.remove(&effect_id) else { return };
        let next = match &mut run {
            Run::Object(run) => run.answered(answer, context),
            Run::References(run) => run.answered(answer, context),
        };
        self.follow(run, next, next_effect, context, effects);
    }

    pub(super) fn link_found(
        &mut self,
        effect_id: EffectId,
        link: Option<Link>,
        next_effect: &mut EffectId,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(Run::Object(mut run)) = self.running.remove(&effect_id) else { return };
        let mine = run.source_id().clone();
        let target = link.as_ref().map(|link| link.target_id.clone()).or_else(|| run.account_in_question());
        let claimed =
            target.as_ref().and_then(|target| self.claimed.get(target)).is_some_and(|by| *by != mine);
        if let Some(target) = target
            && !claimed
        {
            self.claimed.insert(target, mine);
        }
        let next = run.claimed(link, claimed, context);
        self.follow(Run::Object(run), next, next_effect, context, effects);
    }

    fn follow(
        &mut self,
        mut run: Run,
        next: Next,
        next_effect: &mut EffectId,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let effect_id = *next_effect;
        match next {
            // Every further request would be refused; the object is looked at again in the next cycle.
            Next::Send(_) | Next::FindLink(_) if self.fatal.is_some() => {
                run.unsent();
                self.crossed_out.extend(run.crossed_out());
                return;
            }
            Next::Send(request) => {
                let request = context.job.settings.quirks.translate(request);
                effects.push(Effect::Send { effect_id, request });
            }
            Next::FindLink(target_id) => effects.push(Effect::FindLink { effect_id, target_id }),
            Next::Done(outcome) => {
                if let Some(failure) = outcome.fatal {
                    self.fatal.get_or_insert(failure);
                    self.crossed_out.extend(run.crossed_out());
                    return;
                }
                if let Some(account) = &outcome.account {
                    self.claimed.insert(account.clone(), outcome.source_id.clone());
                }
                self.results.push(*outcome);
                return;
            }
        }
        *next_effect += 1;
        self.running.insert(effect_id, run);
    }

    /// Whether nothing is under way.
    pub(super) fn is_drained(&self) -> bool {
        self.running.is_empty()
    }

    /// Whether every object was begun.
    pub(super) fn is_complete(&self) -> bool {
        self.waiting.is_empty() && self.fatal.is_none()
    }

    /// Where to go on: after the page, or, if it was stopped, after the last object begun.
    /// `stay` is where the page itself began.
    pub(super) fn resume_at(&self, stay: Option<Cursor>) -> Option<Cursor> {
        if self.is_complete() { self.next.clone() } else { self.begun_to.clone().or(stay) }
    }

    /// What ends the cycle.
    pub(super) fn fatal(&self) -> Option<&Failure> {
        self.fatal.as_ref()
    }

    /// Adds the results to the state's counters and makes the batch.
    pub(super) fn into_batch(self, mut state: CycleState) -> Batch {
        let plan = state.mode == Mode::Plan;
        let deltas = state.kind != CycleKind::Initial;
        let mut batch = Batch::empty(state.clone());
        if !plan {
            batch.creations.extend(self.crossed_out);
            let intended = |waiting| match waiting {
                Waiting::Object(entry, true) => Some(CreationChange::End(entry.source_id)),
                _ => None,
            };
            batch.creations.extend(self.waiting.into_iter().filter_map(intended));
        }
        for outcome in self.results {
            count(&mut state.counters, &outcome, deltas);
            let undecided = u64::from(outcome.tally.undecided);
            match &outcome.staged {
                Some(super::effect::StagedChange::Hold(_)) => state.staged += u64::from(outcome.tally.staged),
                Some(super::effect::StagedChange::Release(_)) if !plan => {
                    state.staged = state.staged.saturating_sub(undecided);
                    state.undecided = state.undecided.saturating_sub(undecided);
                }
                _ => {}
            }
            batch.log.extend(outcome.log);
            if plan {
                state.staged += u64::from(outcome.tally.staged);
                continue;
            }
            batch.links.extend(outcome.links);
            batch.escrows.extend(outcome.escrow);
            batch.references.extend(outcome.references);
            batch.creations.extend(outcome.creation);
            batch.staged.extend(outcome.staged);
            // Who only refers was not looked at: a change that came meanwhile is still to be worked on.
            if !outcome.tally.reference {
                batch.processed.push(outcome.source_id);
            }
        }
        // Removals first: an account that changes hands must not break a unique index.
        let (upserts, mut links): (Vec<_>, Vec<_>) =
            batch.links.into_iter().partition(|change| matches!(change, LinkChange::Upsert(_)));
        links.extend(upserts);
        batch.links = links;
        batch.state = state;
        batch
    }
}

fn count(counters: &mut Counters, outcome: &Outcome, deltas: bool) {
    let tally = outcome.tally;
    let one = |yes: bool| u64::from(yes);
    if tally.reference {
        counters.references += one(tally.exported);
        counters.escrowed_references += one(tally.failed);
    } else {
        counters.imported += 1;
        counters.imported_deltas += one(deltas);
    }
    counters.entitled += one(tally.entitled);
    counters.entitled_for_provisioning += one(tally.entitled_for_provisioning);
    counters.exported += one(tally.exported && !tally.reference);
    counters.exports += one(tally.exported);
    counters.unchanged += one(tally.unchanged);
    counters.passed_over += one(tally.passed_over);
    counters.staged += one(tally.staged);
    counters.escrowed += one(tally.failed);
    if let Some(log) = &outcome.log {
        let status = &log.provisioning_status_info;
        let code = status.error_information.as_ref().and_then(Recorder::code_of);
        counters.add(log.provisioning_action, status.status, code);
    }
}
