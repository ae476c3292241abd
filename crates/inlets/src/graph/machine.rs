//! The state machine.

mod assign;
mod sweep;

use super::assigned::Reading;
use super::effect::{Effect, Event, Note, NoteLevel};
use super::page::{Link, Page};
use super::probe::{missing_permissions, permission_of};
use super::state::{Feed, LastError, LastRound, Phase, Round, State};
use super::{AccessToken, Answer, Failure, FailureKind, Settings, TokenRequest};
use crate::mirror::{Applied, Batch, Kind, Sweep};
use scim::uri::encode;

/// How long a delta token of directory objects lives: 7 days.
pub(super) const TOKEN_LIFE_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// How often one round may lose its place before it rests.
pub(super) const MAX_RESYNCS: u32 = 3;
/// The first pause after a failure that passes; twice as long each time.
pub(super) const FIRST_PAUSE_MS: i64 = 2_000;
/// The longest pause after a failure that passes.
pub(super) const LONGEST_PAUSE_MS: i64 = 10 * 60 * 1_000;
/// The longest pause that `Retry-After` gets.
pub(super) const LONGEST_RETRY_AFTER_MS: i64 = 60 * 60 * 1_000;
/// Objects that failed, of one batch, that the log names.
pub(super) const MAX_FAILURE_NOTES: usize = 50;

/// An inlet at work.
#[derive(Debug)]
pub struct Sync {
    settings: Settings,
    state: State,
    token: Option<AccessToken>,
    /// Whether the token is new since the last good answer: refusing a new one is no matter of its age.
    renewed: bool,
    work: Work,
    notes: Vec<Note>,
    /// The assignments that are being read.
    reading: Option<Reading>,
}

#[derive(Debug)]
enum Work {
    /// `Started`.
    Idle,
    /// An answer of the login.
    Token,
    /// A page. Whether it follows a link.
    Page { url: String, continued: bool },
    /// `Applied`, for a page.
    Apply { next: Link, entries: u64 },
    /// `Weighed`.
    Weigh,
    /// `Applied`, for a portion of a sweep or of what had to wait.
    Portion,
    /// An answer about assignments.
    Assigned { url: String },
    /// `Assigned`.
    Assign,
    /// `Committed`; then this.
    Commit(Then),
    /// Nothing.
    Over,
}

#[derive(Debug)]
enum Then {
    GoOn,
    Apply(Box<Batch>, Link),
    Rest(i64),
    Finish,
}

impl Sync {
    /// An inlet that goes on from what is kept. A token from before may be given along.
    pub fn resume(settings: Settings, state: State, token: Option<AccessToken>) -> Self {
        Self { settings, state, token, renewed: false, work: Work::Idle, notes: Vec::new(), reading: None }
    }

    /// The token, to be used again when the inlet resumes soon.
    pub fn token(&self) -> Option<&AccessToken> {
        self.token.as_ref()
    }
}

/// Takes one event and says what is to be done next. Events that do not fit change nothing, and end the work:
/// the driver resumes from what is durable.
pub fn step(mut sync: Sync, event: Event, now: i64) -> (Sync, Effect) {
    let effect = sync.take(event, now);
    (sync, effect)
}

/// The first query of a pass over everything. `$top`, `$orderby` and `$expand` are not for delta queries.
pub(super) fn first_url(settings: &Settings, kind: Kind) -> String {
    let (path, select) = match kind {
        Kind::User => ("users", settings.selection.users()),
        Kind::Group => ("groups", "displayName,members".to_owned()),
    };
    format!("{}/v1.0/{}/delta?$select={select}", settings.endpoints.graph, encode(path))
}

impl Sync {
    fn take(&mut self, event: Event, now: i64) -> Effect {
        match (std::mem::replace(&mut self.work, Work::Over), event) {
            (Work::Idle, Event::Started) => self.start(now),
            (Work::Token, Event::Answered(answer)) => self.logged_in(&answer, now),
            (Work::Page { url, continued }, Event::Answered(answer)) => {
                self.answered(&url, continued, &answer, now)
            }
            (Work::Assigned { url }, Event::Answered(answer)) => self.assigned_answered(&url, &answer, now),
            (Work::Assigned { .. }, Event::Unanswered(reason)) => {
                self.assigned_failed(&Failure::transport(&reason), now)
            }
            (Work::Assign, Event::Assigned(outcome)) => self.assigned(outcome, now),
            (Work::Token | Work::Page { .. }, Event::Unanswered(reason)) => {
                self.failed(&Failure::transport(&reason), now)
            }
            (Work::Apply { next, entries }, Event::Applied(applied)) => {
                self.read(next, entries, &applied, now)
            }
            (Work::Weigh, Event::Weighed(absent)) => self.weighed(absent),
            (Work::Portion, Event::Applied(applied)) => self.portion(&applied, now),
            (Work::Commit(then), Event::Committed) => match then {
                Then::GoOn => self.go_on(now),
                Then::Apply(batch, next) => self.apply(batch, next),
                Then::Rest(until) => Effect::Rest { until },
                Then::Finish => Effect::Finish,
            },
            _ => Effect::Rest { until: now },
        }
    }

    fn start(&mut self, now: i64) -> Effect {
        if let Some(until) = self.state.rest_until.take()
            && until > now
        {
            self.state.rest_until = Some(until);
            return Effect::Rest { until };
        }
        if self.state.round.is_some() {
            return self.go_on(now);
        }
        self.state.round = Some(Round {
            started: now,
            phase: Phase::Read(Kind::User),
            full: self.state.users.link.is_none(),
            resyncs: 0,
            pages: 0,
            users: 0,
            groups: 0,
            counts: Default::default(),
            without_groups: false,
        });
        self.commit(Then::GoOn)
    }

    /// The next thing of the round, from a place that is durable.
    fn go_on(&mut self, now: i64) -> Effect {
        let Some(round) = &mut self.state.round else { return Effect::Finish };
        match round.phase {
            Phase::Read(kind) => self.ask(kind, now),
            Phase::Weigh => {
                let number = |feed: &Feed| if feed.sweep { feed.pass } else { 0 };
                self.work = Work::Weigh;
                Effect::Weigh { users: number(&self.state.users), groups: number(&self.state.groups) }
            }
            Phase::Sweep(sweep) => {
                let pass = match sweep {
                    Sweep::Objects(Kind::User) | Sweep::Managers => self.state.users.pass,
                    Sweep::Objects(Kind::Group) | Sweep::Members => self.state.groups.pass,
                };
                self.work = Work::Portion;
                Effect::Sweep { sweep, pass }
            }
            Phase::Settle { after } => {
                self.work = Work::Portion;
                Effect::Settle { after }
            }
            Phase::Assign { .. } => self.ask_assigned(now),
        }
    }

    fn ask(&mut self, kind: Kind, now: i64) -> Effect {
        let Some(token) = self.token.clone().filter(|token| token.is_fresh(now)) else {
            self.work = Work::Token;
            return Effect::Token(TokenRequest::new(&self.settings));
        };
        let feed = self.state.feed(kind);
        if feed.link.is_some() && now - feed.link_at >= TOKEN_LIFE_MS {
            feed.forget();
            self.note(
                NoteLevel::Warning,
                "TokenTooOld",
                "The last round is more than 7 days ago: everything is read again.",
            );
        }
        let feed = self.state.feed(kind);
        if feed.link.is_none() {
            feed.begin();
            // Whoever is absent is counted anew at the end of this pass; so long, those of the other kind stay held.
            if !self.state.users.sweep && !self.state.groups.sweep {
                self.state.held = None;
            }
        }
        let feed = self.state.feed(kind);
        let (link, full) = (feed.link.clone(), feed.full);
        if let Some(round) = &mut self.state.round {
            round.full |= full;
        }
        let continued = link.is_some();
        let url = link.unwrap_or_else(|| first_url(&self.settings, kind));
        if !self.settings.endpoints.is_graph(&url) {
            return self.failed(&Failure::garbled("A link leads away from Microsoft Graph.".to_owned()), now);
        }
        self.work = Work::Page { url: url.clone(), continued };
        Effect::Get { url, token }
    }

    fn logged_in(&mut self, answer: &Answer, now: i64) -> Effect {
        if answer.status != 200 {
            return self.failed(&Failure::of_login(answer), now);
        }
        match AccessToken::read(&answer.body, now) {
            Some(token) if token.is_fresh(now) => {
                self.token = Some(token);
                self.renewed = true;
                self.go_on(now)
            }
            _ => self.failed(
                &Failure::garbled("The login's answer holds no usable access token.".to_owned()),
                now,
            ),
        }
    }

    fn answered(&mut self, url: &str, continued: bool, answer: &Answer, now: i64) -> Effect {
        let Some(Phase::Read(kind)) = self.state.round.as_ref().map(|round| round.phase) else {
            return Effect::Rest { until: now };
        };
        if answer.status != 200 {
            let mut failure = Failure::of_graph(answer, continued);
            if failure.kind == FailureKind::Permission {
                failure.message = missing_permissions(&[permission_of(kind)]);
            }
            return match failure.kind {
                FailureKind::Token if !self.renewed => {
                    self.token = None;
                    self.go_on(now)
                }
                FailureKind::Resync => self.resync(kind, &failure, now),
                _ => self.failed(&failure, now),
            };
        }
        self.renewed = false;
        let full = self.state.feed(kind).full;
        match Page::read(&answer.body, kind, &self.settings.selection, full) {
            Err(error) => self.failed(&Failure::garbled(error.to_string()), now),
            Ok(page) if matches!(&page.next, Link::Next(next) if next == url) => {
                self.failed(&Failure::garbled("A page names itself as the next one.".to_owned()), now)
            }
            Ok(Page { changes, next }) if changes.is_empty() => self.read(next, 0, &Applied::default(), now),
            Ok(Page { changes, next }) => {
                let pass = self.state.feed(kind).pass;
                let batch = Box::new(Batch { kind, pass, rules: self.settings.rules, changes });
                if continued {
                    return self.apply(batch, next);
                }
                // The number of the pass is durable before it marks anything, so it is never used again.
                self.commit(Then::Apply(batch, next))
            }
        }
    }

    fn apply(&mut self, batch: Box<Batch>, next: Link) -> Effect {
        self.work = Work::Apply { next, entries: batch.changes.len() as u64 };
        Effect::Apply(batch)
    }

    /// A page is durable in the directory: only now its link is kept.
    fn read(&mut self, next: Link, entries: u64, applied: &Applied, now: i64) -> Effect {
        let Some(Phase::Read(kind)) = self.state.round.as_ref().map(|round| round.phase) else {
            return Effect::Rest { until: now };
        };
        self.count(applied);
        let is_last = matches!(next, Link::Delta(_));
        // When groups fail again and again, that people were read in between is no end of it.
        if !is_last || kind == Kind::Group {
            self.state.attempts = 0;
        }
        let (Link::Next(link) | Link::Delta(link)) = next;
        let feed = self.state.feed(kind);
        feed.link = Some(link);
        feed.link_at = now;
        if is_last && feed.full {
            feed.full = false;
            feed.sweep = true;
        }
        if let Some(round) = &mut self.state.round {
            round.pages += 1;
            match kind {
                Kind::User => round.users += entries,
                Kind::Group => round.groups += entries,
            }
            if is_last && kind == Kind::User {
                round.phase = Phase::Read(Kind::Group);
            }
        }
        let without_groups = self.state.round.as_ref().is_some_and(|round| round.without_groups);
        if is_last && (kind == Kind::Group || without_groups) {
            let is_due = self.state.users.sweep || self.state.groups.sweep;
            if is_due && !self.state.removals_allowed {
                if let Some(round) = &mut self.state.round {
                    round.phase = Phase::Weigh;
                }
            } else {
                self.enter_sweep(None);
            }
        }
        self.commit(Then::GoOn)
    }

    fn portion(&mut self, applied: &Applied, now: i64) -> Effect {
        self.count(applied);
        let phase = self.state.round.as_ref().map(|round| round.phase);
        match (phase, applied.next) {
            (Some(Phase::Sweep(sweep)), None) => self.enter_sweep(Some(sweep)),
            (Some(Phase::Settle { .. }), Some(after)) => {
                if let Some(round) = &mut self.state.round {
                    round.phase = Phase::Settle { after };
                }
            }
            (Some(Phase::Settle { .. }), None) => {
                if self.settings.assignments.is_empty() {
                    return self.finish(now);
                }
                self.enter_assign(0);
            }
            _ => {}
        }
        self.commit(Then::GoOn)
    }

    fn finish(&mut self, now: i64) -> Effect {
        if let Some(round) = self.state.round.as_mut().filter(|round| round.without_groups) {
            // All but groups is done; they are asked for once more.
            round.without_groups = false;
            round.phase = Phase::Read(Kind::Group);
            self.state.removals_allowed &= self.state.held.is_some();
            return self.commit(Then::GoOn);
        }
        if let Some(round) = self.state.round.take() {
            self.state.last = Some(LastRound {
                started: round.started,
                ended: now,
                full: round.full,
                pages: round.pages,
                users: round.users,
                groups: round.groups,
                counts: round.counts,
            });
            let counts = round.counts;
            if !counts.is_idle() {
                let code = if round.full { "FullRound" } else { "Round" };
                self.note(NoteLevel::Information, code, &counts.to_string());
            }
        }
        let mirrored = &self.settings.assignments;
        self.state
            .assignments
            .retain(|kept| mirrored.iter().any(|mirrored| mirrored.application == kept.application));
        // What was let through is through; what came to wait since then was not meant.
        let waits =
            self.state.held.is_some() || self.state.assignments.iter().any(|kept| kept.outcome.held > 0);
        self.state.removals_allowed &= waits;
        let held = self.state.held.map(|absent| LastError {
            code: sweep::REMOVALS_HELD.to_owned(),
            message: sweep::held_text(&absent),
            at: now,
        });
        self.state.error = held.or_else(|| self.state.assignments.iter().find_map(|kept| kept.error.clone()));
        self.state.attempts = 0;
        self.commit(Then::Finish)
    }

    /// The place in the history is lost. Everything is read again; who is absent is told only at the end.
    fn resync(&mut self, kind: Kind, failure: &Failure, now: i64) -> Effect {
        let resyncs = self.state.round.as_mut().map_or(0, |round| {
            round.resyncs += 1;
            round.resyncs
        });
        if resyncs > MAX_RESYNCS {
            if let Some(round) = &mut self.state.round {
                round.resyncs = 0;
            }
            return self.failed(failure, now);
        }
        self.state.feed(kind).forget();
        self.note(NoteLevel::Warning, "Resync", &format!("Everything is read again. {failure}"));
        self.commit(Then::GoOn)
    }

    /// Rests: as long as the other side wants, or longer each time, or until the next round when a person has
    /// to see to it.
    fn failed(&mut self, failure: &Failure, now: i64) -> Effect {
        let attempts = self.state.attempts;
        self.state.attempts = attempts.saturating_add(1);
        let pause = FIRST_PAUSE_MS.saturating_mul(1 << attempts.min(20)).min(LONGEST_PAUSE_MS);
        let passes = matches!(failure.kind, FailureKind::Passing | FailureKind::Throttled);
        let pause = match failure.retry_after {
            Some(seconds) if passes => {
                i64::from(seconds).saturating_mul(1_000).clamp(0, LONGEST_RETRY_AFTER_MS)
            }
            _ if passes || failure.kind == FailureKind::Resync => pause,
            _ => self.settings.interval_ms.max(pause),
        };
        if failure.kind == FailureKind::Token {
            self.token = None;
        }
        let level = if passes { NoteLevel::Warning } else { NoteLevel::Error };
        // The same again and again is said once.
        if self.state.error.as_ref().is_none_or(|last| !last.says(failure)) {
            self.note(level, &failure.code, &failure.message);
        }
        self.state.error = Some(LastError::of(failure, now));
        let phase = self.state.round.as_ref().map(|round| round.phase);
        if !passes && phase == Some(Phase::Read(Kind::User)) {
            // By the time that somebody has seen to it, others may be absent than were meant.
            self.state.removals_allowed = false;
        }
        if let Some(round) = self.state.round.as_mut().filter(|round| round.phase == Phase::Read(Kind::Group))
        {
            // Before groups are asked for again, people's changes are read: groups that keep failing must not keep
            // anybody enabled.
            round.phase = Phase::Read(Kind::User);
            round.without_groups = !passes || pause >= LONGEST_PAUSE_MS;
        }
        let until = now.saturating_add(pause);
        self.state.rest_until = Some(until);
        self.commit(Then::Rest(until))
    }

    fn count(&mut self, applied: &Applied) {
        for failure in applied.failures.iter().take(MAX_FAILURE_NOTES) {
            self.notes.push(Note {
                level: NoteLevel::Warning,
                code: "ObjectFailed".to_owned(),
                message: format!("{}: {}", failure.name, failure.message),
                source_id: Some(failure.source_id.clone()),
            });
        }
        if let Some(round) = &mut self.state.round {
            round.counts.add(&applied.counts);
        }
    }

    fn note(&mut self, level: NoteLevel, code: &str, message: &str) {
        self.notes.push(Note { level, code: code.to_owned(), message: message.to_owned(), source_id: None });
    }

    fn commit(&mut self, then: Then) -> Effect {
        self.work = Work::Commit(then);
        Effect::Commit { state: Box::new(self.state.clone()), notes: std::mem::take(&mut self.notes) }
    }
}
