//! The outbox: requests of the machine on their way to the target. It decides which go together — writes in one
//! `/Bulk` where the target offers it, searches in one where that is safe — and hands the answer of each back
//! as if it had gone alone.
//!
//! Like the machine it calls nothing: the driver [`push`](Outbox::push)es requests, sends what
//! [`take`](Outbox::take) gives, and tells what came of it ([`answered`](Outbox::answered)).
//!
//! Invariants:
//! - Every request that was pushed is answered once.
//! - What is not known of a whole is not known of its parts: a lost answer to a Bulk is a lost answer to every
//!   operation in it.
//! - A creation is never sent twice, unless the target has said that it did not look at the first.

mod bulk;
mod lookups;
mod trial;

use std::collections::VecDeque;

pub use bulk::{BulkLimits, MAX_OPERATIONS, MAX_PAYLOAD};
pub use lookups::{MAX_JOINED, MAX_PAGE};

use self::trial::Trial;
use crate::cycle::{EffectId, TransportError, TransportErrorKind, WINDOW};
use crate::target::{Outcome, Purpose, ScimRequest};

/// What the target offers, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// How much goes into one Bulk request; none where there is no `/Bulk`.
    pub bulk: Option<BulkLimits>,
    /// Which reads are joined by `or`.
    pub joins: Joins,
}

/// Which reads are joined by `or`, and how many resources an answer may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Joins {
    /// None.
    #[default]
    Nothing,
    /// Accounts that are read by their id, which cannot be mistaken, if the target's lists tell what it tells of each.
    Reads {
        /// Resources of an answer at most.
        page: usize,
    },
    /// Searches too: only where the filter is known to be evaluated as we do.
    Searches {
        /// Resources of an answer at most.
        page: usize,
    },
}

impl Joins {
    fn page(self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Reads { page } | Self::Searches { page } => page,
        }
    }

    /// Whether a request may wait for others.
    fn takes(self, purpose: Purpose) -> bool {
        let is_joined = match self {
            Self::Nothing => false,
            Self::Reads { .. } => purpose == Purpose::Read,
            Self::Searches { .. } => matches!(purpose, Purpose::Match | Purpose::Read),
        };
        is_joined && self.page() > 1
    }

    /// The same with a smaller page.
    fn within(self, most: usize) -> Self {
        match self {
            Self::Reads { page } => Self::Reads { page: page.min(most) },
            Self::Searches { page } => Self::Searches { page: page.min(most) },
            Self::Nothing => self,
        }
    }
}

/// A request of the machine.
#[derive(Debug, Clone)]
struct Item {
    effect_id: EffectId,
    request: ScimRequest,
    /// Whether it must not go with others.
    alone: bool,
}

/// One request to the target, for one request of the machine or several.
#[derive(Debug, Clone)]
pub struct Transmission {
    /// What is sent.
    pub request: ScimRequest,
    kind: Kind,
    items: Vec<Item>,
}

impl Transmission {
    /// How many requests of the machine it is for.
    pub fn parts(&self) -> usize {
        self.items.len()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Single,
    Bulk,
    Joined,
}

/// What came of a transmission.
#[derive(Debug, Clone, Default)]
pub struct Delivery {
    /// Answers for the machine.
    pub answers: Vec<(EffectId, Outcome)>,
    /// By how much the number of requests differs from the number of answers.
    pub difference: i64,
}

/// Requests that wait to be sent.
#[derive(Debug, Default)]
pub struct Outbox {
    options: Options,
    /// Probes and whatever must go alone.
    singles: VecDeque<Item>,
    reads: VecDeque<Item>,
    /// Writes that may not be repeated: creations.
    creations: VecDeque<Item>,
    /// Writes that may.
    changes: VecDeque<Item>,
    reads_in_flight: usize,
    in_flight: usize,
    refused: bool,
    /// Whether accounts of a target of others may be read together.
    trial: Trial,
}

impl Outbox {
    /// An empty one.
    pub fn new(options: Options) -> Self {
        Self { options, ..Self::default() }
    }

    /// Whether the target refused Bulk, though it had offered it.
    pub fn refused_bulk(&self) -> bool {
        self.refused
    }

    /// Takes a request of the machine.
    pub fn push(&mut self, effect_id: EffectId, request: ScimRequest) {
        self.put(Item { effect_id, request, alone: false });
    }

    fn put(&mut self, item: Item) {
        let request = &item.request;
        let queue = match request.purpose {
            Purpose::Probe => &mut self.singles,
            _ if item.alone => &mut self.singles,
            purpose if self.options.joins.takes(purpose) => &mut self.reads,
            _ if !request.is_write() => {
                if self.options.bulk.is_some() {
                    &mut self.reads
                } else {
                    &mut self.singles
                }
            }
            _ if self.options.bulk.is_none() || !bulk::fits(request) => &mut self.singles,
            _ if request.idempotent => &mut self.changes,
            _ => &mut self.creations,
        };
        queue.push_back(item);
    }

    /// What to send next. None while enough is under way, and while more may come that goes with what waits.
    pub fn take(&mut self) -> Option<Transmission> {
        if self.in_flight >= WINDOW {
            return None;
        }
        let transmission = match self.singles.pop_front() {
            Some(item) => single(item),
            None => self.next_read().or_else(|| self.next_write())?,
        };
        self.in_flight += 1;
        self.reads_in_flight += usize::from(!transmission.request.is_write());
        Some(transmission)
    }

    fn next_read(&mut self) -> Option<Transmission> {
        if self.trial.is_under_way() {
            return None;
        }
        let first = self.reads.pop_front()?;
        let page = self.options.joins.page();
        if page < 2 {
            return Some(single(first));
        }
        let items = match self.options.joins {
            Joins::Reads { .. } if !self.trial.has_passed(&first) => match std::mem::take(&mut self.trial) {
                Trial::Told(told, resource) if lookups::kind(&told) == lookups::kind(&first) => {
                    self.reads.push_front(first);
                    self.trial = Trial::Again(told.effect_id, resource);
                    lookups::take(*told, &mut self.reads, page)
                }
                _ => {
                    self.trial = Trial::Asked(first.effect_id);
                    return Some(single(first));
                }
            },
            _ => lookups::take(first, &mut self.reads, page),
        };
        Some(match lookups::join(&items, page) {
            Some(request) => Transmission { request, kind: Kind::Joined, items },
            None => {
                let mut items = items.into_iter();
                let first = items.next()?;
                // They are of a kind, but cannot be joined: put back in their order.
                for item in items.rev() {
                    self.reads.push_front(item);
                }
                single(first)
            }
        })
    }

    /// Writes wait for each other while the answers to reads may lead to more of them.
    fn next_write(&mut self) -> Option<Transmission> {
        let limits = self.options.bulk?;
        let more_may_come = self.reads_in_flight > 0 || !self.reads.is_empty();
        let queues = [&mut self.creations, &mut self.changes];
        let enough = |queue: &VecDeque<Item>| {
            !queue.is_empty() && (!more_may_come || queue.len() >= limits.max_operations)
        };
        let queue = queues.into_iter().find(|queue| enough(queue))?;
        let items = bulk::take(queue, limits);
        Some(match bulk::join(&items) {
            Some(request) => Transmission { request, kind: Kind::Bulk, items },
            None => single(items.into_iter().next()?),
        })
    }

    /// Takes the answer to a transmission.
    pub fn answered(&mut self, transmission: Transmission, outcome: Outcome) -> Delivery {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.reads_in_flight =
            self.reads_in_flight.saturating_sub(usize::from(!transmission.request.is_write()));
        let Transmission { kind, items, .. } = transmission;
        let mut answers = match kind {
            Kind::Single => {
                items.iter().for_each(|item| self.trial.answered(item, &outcome));
                everybody(items, &outcome)
            }
            Kind::Bulk => self.bulk_answered(items, &outcome),
            Kind::Joined => self.joined_answered(items, &outcome),
        };
        if outcome.is_ok_and(|response| response.status == 401) {
            // Every further request would be refused the same way.
            let said = answers.first().map(|(_, said)| said.clone());
            let queues = [&mut self.singles, &mut self.reads, &mut self.creations, &mut self.changes];
            if let Some(said) = said {
                let waiting = queues.into_iter().flat_map(std::mem::take);
                answers.extend(waiting.map(|item| (item.effect_id, said.clone())));
            }
        }
        let difference = 1 - i64::try_from(answers.len()).unwrap_or(0);
        Delivery { answers, difference }
    }

    fn bulk_answered(&mut self, items: Vec<Item>, outcome: &Outcome) -> Vec<(EffectId, Outcome)> {
        let response = match outcome {
            Ok(response) => response,
            Err(_) => return everybody(items, outcome),
        };
        match response.status {
            200..=299 => match bulk::split(&items, response) {
                Some(outcomes) => self.single_answers(items, outcomes),
                None => {
                    self.refuse_bulk();
                    everybody(items, &Err(unclear("the answer to a Bulk request cannot be read")))
                }
            },
            401 | 408 | 429 | 500 | 502..=599 => everybody(items, outcome),
            // There is no /Bulk, or not for this: nothing was carried out.
            404 | 405 | 413 | 501 => {
                self.refuse_bulk();
                self.again(items);
                Vec::new()
            }
            // Refused, but perhaps in the middle.
            status => {
                self.refuse_bulk();
                let (changes, creations) = items.into_iter().partition(|item| item.request.idempotent);
                self.again(changes);
                everybody(creations, &Err(unclear(&format!("the application refused Bulk ({status})"))))
            }
        }
    }

    /// The answers of single operations. What would have been repeated alone is repeated alone.
    fn single_answers(&mut self, items: Vec<Item>, outcomes: Vec<Outcome>) -> Vec<(EffectId, Outcome)> {
        let mut answers = Vec::with_capacity(items.len());
        for (item, outcome) in items.into_iter().zip(outcomes) {
            let status = outcome.as_ref().map_or(0, |response| response.status);
            let repeats = status == 429
                || (item.request.idempotent && matches!(status, 0 | 408 | 500 | 502 | 503 | 504));
            if repeats {
                self.put(Item { alone: true, ..item });
            } else {
                answers.push((item.effect_id, outcome));
            }
        }
        answers
    }

    fn joined_answered(&mut self, mut items: Vec<Item>, outcome: &Outcome) -> Vec<(EffectId, Outcome)> {
        let good = outcome.as_ref().ok().filter(|response| (200..=299).contains(&response.status));
        let mut split = good.map(|response| lookups::split(&items, response));
        // The first account of a trial had its answer.
        let listed = split.as_ref().and_then(|split| split.answers.first()?.as_ref());
        let listed = listed.map(|response| response.body.as_str());
        let cut_at = split.as_ref().and_then(|split| split.cut_at);
        // A target may give less than it was asked for. What it left out is asked for again, so much at once as it
        // gives.
        if let Some(cut_at) = cut_at {
            self.options.joins = self.options.joins.within(cut_at.min(items.len() - 1));
        }
        if cut_at.is_some()
            && listed.is_none()
            && items.first().is_some_and(|first| self.trial.postpone(first))
        {
            items.remove(0);
            self.again(items);
            return Vec::new();
        }
        let is_same = items.first().and_then(|first| self.trial.compare(first, listed));
        if is_same.is_some() {
            items.remove(0);
            split.iter_mut().for_each(|split| drop(split.answers.remove(0)));
        }
        match (split, outcome) {
            (_, Ok(_)) if is_same == Some(false) => self.join_nothing(items),
            (Some(split), _) => {
                let alone = cut_at.is_none();
                let mut answers = Vec::with_capacity(items.len());
                for (item, found) in items.into_iter().zip(split.answers) {
                    match found {
                        Some(response) => answers.push((item.effect_id, Ok(response))),
                        None => self.put(Item { alone, ..item }),
                    }
                }
                return answers;
            }
            (None, Ok(response)) if !matches!(response.status, 401 | 408 | 429 | 500..=599) => {
                self.join_nothing(items);
            }
            (None, _) => return everybody(items, outcome),
        }
        Vec::new()
    }

    /// Nothing is joined any more: what waits for it goes alone.
    fn join_nothing(&mut self, items: Vec<Item>) {
        self.options.joins = Joins::Nothing;
        self.again(items);
        let reads = std::mem::take(&mut self.reads);
        self.again(reads);
    }

    /// No Bulk any more: what waits for it goes alone.
    fn refuse_bulk(&mut self) {
        self.refused = true;
        self.options.bulk = None;
        let waiting = std::mem::take(&mut self.creations);
        self.again(waiting);
        let waiting = std::mem::take(&mut self.changes);
        self.again(waiting);
        if self.options.joins == Joins::Nothing {
            let waiting = std::mem::take(&mut self.reads);
            self.again(waiting);
        }
    }

    fn again(&mut self, items: impl IntoIterator<Item = Item>) {
        for item in items {
            self.put(item);
        }
    }
}

fn single(item: Item) -> Transmission {
    Transmission { request: item.request.clone(), kind: Kind::Single, items: vec![item] }
}

fn everybody(items: Vec<Item>, outcome: &Outcome) -> Vec<(EffectId, Outcome)> {
    items.into_iter().map(|item| (item.effect_id, outcome.clone())).collect()
}

/// Nobody knows whether it was carried out.
fn unclear(message: &str) -> TransportError {
    TransportError { kind: TransportErrorKind::Other, message: message.to_owned() }
}

#[cfg(test)]
mod tests;
