//! How a run ends.

use super::super::effect::{CreationChange, EscrowChange, LinkChange, ReferenceChange, StagedChange};
use super::super::entry::{Decision, Link};
use super::{Next, ObjectRun};
use crate::escrow;
use crate::id::{SourceId, TargetId};
use crate::job::Context;
use crate::log::{
    Action, ErrorCode, ErrorInformation, ProvisioningObjectSummary, Recorder, Status, StepType,
};
use crate::target::Failure;

/// What becomes of the results of one object.
#[derive(Debug, Default)]
pub(in crate::cycle) struct Outcome {
    pub(in crate::cycle) source_id: SourceId,
    pub(in crate::cycle) links: Vec<LinkChange>,
    pub(in crate::cycle) escrow: Option<EscrowChange>,
    pub(in crate::cycle) references: Vec<ReferenceChange>,
    pub(in crate::cycle) creation: Option<CreationChange>,
    pub(in crate::cycle) staged: Option<StagedChange>,
    pub(in crate::cycle) log: Option<ProvisioningObjectSummary>,
    pub(in crate::cycle) tally: Tally,
    /// Every further request would fail in the same way.
    pub(in crate::cycle) fatal: Option<Failure>,
    /// The account that the object is linked to from now on.
    pub(in crate::cycle) account: Option<TargetId>,
}

/// What the counters get.
#[derive(Debug, Default, Clone, Copy)]
pub(in crate::cycle) struct Tally {
    pub(in crate::cycle) entitled: bool,
    pub(in crate::cycle) entitled_for_provisioning: bool,
    pub(in crate::cycle) exported: bool,
    pub(in crate::cycle) unchanged: bool,
    pub(in crate::cycle) passed_over: bool,
    pub(in crate::cycle) staged: bool,
    /// Its deletion was waiting for a decision.
    pub(in crate::cycle) undecided: bool,
    pub(in crate::cycle) failed: bool,
    pub(in crate::cycle) reference: bool,
}

/// How an object that was written to ends.
pub(super) struct Written {
    pub(super) action: Action,
    pub(super) link: LinkChange,
    pub(super) references: Vec<ReferenceChange>,
    /// What could not be computed; makes it a warning.
    pub(super) problem: Option<ErrorInformation>,
}

impl ObjectRun {
    fn outcome(&mut self) -> Outcome {
        let scope = self.scope.as_ref();
        Outcome {
            source_id: self.entry.source_id.clone(),
            links: std::mem::take(&mut self.unlinked),
            escrow: self.entry.escrow.as_ref().map(|escrow| EscrowChange::Clear(escrow.source_id.clone())),
            creation: self.crossed_out(),
            staged: self.released(),
            tally: Tally {
                entitled: scope.is_some_and(|scope| scope.assigned),
                entitled_for_provisioning: scope.is_some_and(|scope| scope.failure.is_none()),
                staged: self.counts_as_deletion,
                undecided: self.entry.staged.as_ref().is_some_and(|held| held.decision == Decision::Held),
                ..Tally::default()
            },
            ..Outcome::default()
        }
    }

    /// A held deletion is over with its object's run. A rejected one stays until the object is in scope again, or
    /// has no account any more.
    fn released(&self) -> Option<StagedChange> {
        let held = self.entry.staged.as_ref()?;
        let stays = held.decision == Decision::Rejected
            && self.entry.link.is_some()
            && self.unlinked.is_empty()
            && self.scope.as_ref().is_none_or(|scope| scope.failure.is_some());
        (!stays).then(|| StagedChange::Release(held.source_id.clone()))
    }

    fn close(
        &mut self,
        context: &Context<'_>,
        action: Action,
        status: Status,
        error: Option<ErrorInformation>,
    ) -> ProvisioningObjectSummary {
        let recorder: Recorder = std::mem::take(&mut self.recorder);
        recorder.finish(context, &self.terms.cycle_id, action, status, error)
    }

    /// Nothing to do and nothing to say.
    pub(super) fn pass_over(&mut self) -> Next {
        let mut outcome = self.outcome();
        outcome.tally.passed_over = true;
        Next::Done(Box::new(outcome))
    }

    /// Nothing to do; said when `worth` it, when the object failed before, or in on-demand
    /// provisioning.
    pub(super) fn skip(&mut self, code: ErrorCode, reason: &str, worth: bool, context: &Context<'_>) -> Next {
        if !(worth || self.entry.escrow.is_some() || self.terms.log_all) {
            return self.pass_over();
        }
        let mut details = crate::log::Details::new();
        details.insert("SkipReason".to_owned(), code.as_str().to_owned());
        self.recorder.step(
            StepType::Processing,
            "EntrySynchronizationSkip",
            Status::Skipped,
            reason,
            details,
        );
        let mut outcome = self.outcome();
        outcome.log =
            Some(self.close(context, Action::Other, Status::Skipped, Some(code.because(reason, None))));
        Next::Done(Box::new(outcome))
    }

    /// The account is already as it should be.
    pub(super) fn unchanged(
        &mut self,
        link: Link,
        references: Vec<ReferenceChange>,
        problem: Option<ErrorInformation>,
        context: &Context<'_>,
    ) -> Next {
        let adopted = self.entry.link.is_none() || !self.unlinked.is_empty();
        self.uncertain = false;
        let mut outcome = self.outcome();
        outcome.tally.unchanged = true;
        outcome.account = Some(link.target_id.clone());
        if self.entry.link.as_ref() != Some(&link) {
            outcome.links.push(LinkChange::Upsert(link));
        }
        outcome.references = references;
        if problem.is_some() || adopted || self.terms.log_all {
            let (status, error) = match problem {
                Some(problem) => (Status::Warning, Some(problem)),
                None if adopted => (Status::Success, None),
                None => {
                    let reason = "Source and target are already equal.";
                    (Status::Skipped, Some(ErrorCode::RedundantExport.because(reason, None)))
                }
            };
            outcome.log = Some(self.close(context, Action::Other, status, error));
        }
        Next::Done(Box::new(outcome))
    }

    /// The target accepted the write, or the plan says that it would be sent.
    pub(super) fn written(&mut self, written: Written, context: &Context<'_>) -> Next {
        self.uncertain = false;
        let mut outcome = self.outcome();
        outcome.tally.exported = true;
        if let LinkChange::Upsert(link) = &written.link {
            outcome.account = Some(link.target_id.clone());
        }
        outcome.links.push(written.link);
        outcome.references = written.references;
        let status = if written.problem.is_some() { Status::Warning } else { Status::Success };
        outcome.log = Some(self.close(context, written.action, status, written.problem));
        Next::Done(Box::new(outcome))
    }

    /// The object could not be dealt with and is tried again later.
    pub(super) fn fail(&mut self, action: Action, error: ErrorInformation, context: &Context<'_>) -> Next {
        let object_type = self.mapping(context).map(|mapping| mapping.object_type).unwrap_or_default();
        let mut outcome = self.outcome();
        outcome.escrow = Some(escrow::failed(&self.entry, object_type, &error, context.now));
        // What was held stays held until it is carried out.
        outcome.staged = None;
        outcome.tally.failed = true;
        outcome.log = Some(self.close(context, action, Status::Failure, Some(error)));
        Next::Done(Box::new(outcome))
    }

    /// The target refused a request, or did not answer.
    pub(super) fn refused(
        &mut self,
        action: Action,
        step: (StepType, &str),
        failure: Failure,
        context: &Context<'_>,
    ) -> Next {
        if failure.fatal {
            let outcome = Outcome { fatal: Some(failure), ..Outcome::default() };
            return Next::Done(Box::new(outcome));
        }
        let information = failure.information();
        let mut details = crate::log::Details::new();
        details.insert("ErrorCode".to_owned(), information.error_code.clone());
        if let Some(status) = failure.status {
            details.insert("HttpStatusCode".to_owned(), status.to_string());
        }
        self.recorder.step(step.0, step.1, Status::Failure, failure.reason, details);
        self.fail(action, information, context)
    }

    /// An answer that belongs to nothing: the driver mixed up its effects.
    pub(super) fn lost(&mut self, context: &Context<'_>) -> Next {
        let error = ErrorCode::InternalError.because("An answer arrived that nothing asked for.", None);
        self.fail(Action::Other, error, context)
    }

    /// The deletion or disabling is set aside, or held.
    pub(super) fn staged(&mut self, staged: Option<StagedChange>, log: bool, context: &Context<'_>) -> Next {
        let mut outcome = self.outcome();
        // One that waits already is counted already.
        outcome.tally.staged = staged.is_some() && !outcome.tally.undecided;
        outcome.staged = staged;
        if log {
            let reason = "Deleting or disabling is held back, because at least as many accounts as the threshold allows would go in this cycle.";
            self.recorder.step(
                StepType::Processing,
                "EntrySynchronizationStagedDelete",
                Status::Skipped,
                reason,
                crate::log::Details::new(),
            );
            let error = ErrorCode::TooManyDeletes.because(reason, None);
            outcome.log = Some(self.close(context, Action::StagedDelete, Status::Skipped, Some(error)));
        }
        Next::Done(Box::new(outcome))
    }
}
