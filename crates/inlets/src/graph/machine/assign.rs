//! The part of a round that mirrors assignments: after everybody is here who can be assigned.

use super::super::assigned::{self, Reading};
use super::super::effect::{Effect, NoteLevel};
use super::super::state::{LastError, Phase};
use super::super::{Answer, Failure, FailureKind, Mirroring, TokenRequest};
use super::{Sync, Then, Work};
use crate::assignments::{Mirrored, Outcome, Wanted};

impl Sync {
    /// Which application is next.
    pub(super) fn enter_assign(&mut self, place: usize) {
        self.reading = None;
        if let Some(round) = &mut self.state.round {
            round.phase = Phase::Assign { place };
        }
    }

    fn place(&self) -> Option<(usize, Mirrored)> {
        match self.state.round.as_ref()?.phase {
            Phase::Assign { place } => Some((place, self.settings.assignments.get(place)?.clone())),
            _ => None,
        }
    }

    /// The next page about an application: its roles first, then its assignments.
    pub(super) fn ask_assigned(&mut self, now: i64) -> Effect {
        let Some((_, mirrored)) = self.place() else { return self.finish(now) };
        let Some(token) = self.token.clone().filter(|token| token.is_fresh(now)) else {
            self.work = Work::Token;
            return Effect::Token(TokenRequest::new(&self.settings));
        };
        let url = match &self.reading {
            None => assigned::roles_url(&self.settings, &mirrored.source),
            Some(reading) => reading.next.clone(),
        };
        if !self.settings.endpoints.is_graph(&url) {
            let failure = Failure::garbled("A link leads away from Microsoft Graph.".to_owned());
            return self.assigned_failed(&failure, now);
        }
        self.work = Work::Assigned { url: url.clone() };
        Effect::Get { url, token }
    }

    /// A page is kept in memory only: nothing is durable before the list is complete.
    pub(super) fn assigned_answered(&mut self, url: &str, answer: &Answer, now: i64) -> Effect {
        let Some((_, mirrored)) = self.place() else { return Effect::Rest { until: now } };
        if answer.status != 200 {
            let failure = Failure::of_graph(answer, false);
            if failure.kind == FailureKind::Token && !self.renewed {
                self.token = None;
                return self.go_on(now);
            }
            return self.assigned_failed(&assigned::explained(failure, &mirrored.source), now);
        }
        self.renewed = false;
        let Some(mut reading) = self.reading.take() else {
            return match assigned::roles(&answer.body) {
                Err(error) => self.assigned_failed(&Failure::garbled(error.to_string()), now),
                Ok(roles) => {
                    let next = assigned::first_url(&self.settings, &mirrored.source);
                    self.reading = Some(Reading { roles, assigned: Vec::new(), next });
                    self.go_on(now)
                }
            };
        };
        let (found, next) = match assigned::page(&answer.body) {
            Err(error) => return self.assigned_failed(&Failure::garbled(error.to_string()), now),
            Ok(page) => page,
        };
        reading.assigned.extend(found);
        if reading.assigned.len() > assigned::MAX_ASSIGNED {
            let failure = Failure {
                kind: FailureKind::Refused,
                code: "TooManyAssignments".to_owned(),
                message: format!(
                    "The application has more than {} assignments: assign groups instead of people.",
                    assigned::MAX_ASSIGNED
                ),
                retry_after: None,
            };
            return self.assigned_failed(&failure, now);
        }
        match next {
            Some(next) if next == url => self
                .assigned_failed(&Failure::garbled("A page names itself as the next one.".to_owned()), now),
            Some(next) => {
                self.reading = Some(Reading { next, ..reading });
                self.go_on(now)
            }
            None => {
                self.work = Work::Assign;
                Effect::Assign(Box::new(Wanted {
                    application: mirrored.application,
                    here: mirrored.roles,
                    roles: reading.roles,
                    assigned: reading.assigned,
                    removals_allowed: self.state.removals_allowed,
                }))
            }
        }
    }

    /// The assignments are written.
    pub(super) fn assigned(&mut self, outcome: Option<Outcome>, now: i64) -> Effect {
        let Some((place, mirrored)) = self.place() else { return Effect::Rest { until: now } };
        let Some(outcome) = outcome else {
            let failure = Failure {
                kind: FailureKind::Refused,
                code: assigned::NO_APPLICATION.to_owned(),
                message: format!(
                    "There is no application {} here: take it out of the inlet's appRoleAssignments.",
                    mirrored.application
                ),
                retry_after: None,
            };
            return self.skip(place, &mirrored, &failure, now);
        };
        self.state.attempts = 0;
        let before = self.mirroring(&mirrored);
        if outcome.added + outcome.removed > 0 {
            let said = format!(
                "Assignments of the application {}: {} added, {} removed.",
                mirrored.application, outcome.added, outcome.removed
            );
            self.note(NoteLevel::Information, "Assignments", &said);
        }
        if !outcome.unknown_roles.is_empty() && outcome.unknown_roles != before.outcome.unknown_roles {
            let names = outcome.unknown_roles.join(", ");
            let said = format!(
                "No role of the application {} has the value or the name of {names}: who has it gets default access.",
                mirrored.application
            );
            self.note(NoteLevel::Warning, "UnknownRole", &said);
        }
        let error = (outcome.held > 0).then(|| LastError {
            code: assigned::HELD.to_owned(),
            message: assigned::held_text(outcome.held),
            at: now,
        });
        if let Some(error) = &error
            && outcome.held != before.outcome.held
        {
            self.note(NoteLevel::Error, assigned::HELD, &error.message);
        }
        self.keep(&mirrored, Mirroring { outcome, error, at: now, ..before });
        self.enter_assign(place + 1);
        self.commit(Then::GoOn)
    }

    /// What passes is waited out a few times; else the round goes on without: people are mirrored whatever is wrong
    /// with an application.
    pub(super) fn assigned_failed(&mut self, failure: &Failure, now: i64) -> Effect {
        let Some((place, mirrored)) = self.place() else { return Effect::Rest { until: now } };
        let passes = matches!(failure.kind, FailureKind::Passing | FailureKind::Throttled);
        if (passes || failure.kind == FailureKind::Token) && self.state.attempts < assigned::MAX_ATTEMPTS {
            return self.failed(failure, now);
        }
        self.skip(place, &mirrored, failure, now)
    }

    fn skip(&mut self, place: usize, mirrored: &Mirrored, failure: &Failure, now: i64) -> Effect {
        self.state.attempts = 0;
        let mut kept = self.mirroring(mirrored);
        // The same again and again is said once.
        if kept.error.as_ref().is_none_or(|last| !last.says(failure)) {
            self.note(NoteLevel::Error, &failure.code, &failure.message);
        }
        (kept.outcome.added, kept.outcome.removed) = (0, 0);
        // A permission that nothing came of does not wait for an application that may never be read again.
        if self.state.removals_allowed {
            kept.outcome.held = 0;
        }
        kept.error = Some(LastError::of(failure, now));
        self.keep(mirrored, kept);
        self.enter_assign(place + 1);
        self.commit(Then::GoOn)
    }

    /// What is known of an application.
    fn mirroring(&self, mirrored: &Mirrored) -> Mirroring {
        let known = self.state.assignments.iter().find(|kept| kept.application == mirrored.application);
        known.cloned().unwrap_or_default()
    }

    fn keep(&mut self, mirrored: &Mirrored, kept: Mirroring) {
        self.state.assignments.retain(|known| known.application != mirrored.application);
        self.state.assignments.push(Mirroring { application: mirrored.application.clone(), ..kept });
    }
}
