//! From one phase to the next, and the probe that begins a cycle.

use super::effect::{Batch, Effect};
use super::machine::{Cycle, Work};
use super::report::CycleError;
use super::state::{CycleKind, Phase};
use crate::id::{Cursor, random_guid};
use crate::job::Context;
use crate::log::ErrorCode;
use crate::quarantine::{QuarantineReason, deletions_held};
use crate::target::{Failure, Outcome, probe};

impl Cycle {
    pub(super) fn probe(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let Some(mapping) = context.job.schema.mappings.first() else {
            self.state.phase = Phase::Done;
            return self.enter(context, effects);
        };
        let request = probe::request(mapping, &random_guid(context.random));
        let request = context.job.settings.quirks.translate(request);
        let effect_id = self.next_effect;
        self.next_effect += 1;
        effects.push(Effect::Send { effect_id, request });
        self.work = Work::Probing(effect_id);
    }

    pub(super) fn probed(&mut self, outcome: &Outcome, context: &Context<'_>, effects: &mut Vec<Effect>) {
        match probe::verdict(outcome) {
            Ok(()) => {
                self.state.phase = Phase::Import { mapping: 0, cursor: None };
                self.enter(context, effects);
            }
            Err(problem) => {
                let quarantine =
                    (!problem.transient).then_some(QuarantineReason::EncounteredQuarantineException);
                self.state.error = Some(CycleError {
                    code: problem.code.as_str().to_owned(),
                    message: problem.message,
                    recommended_action: problem.recommended_action,
                    details: problem.details,
                    tenant_actionable: !problem.transient,
                    quarantine,
                });
                self.finish(Batch::empty(self.state.clone()), context, effects);
            }
        }
    }

    /// Moves on within the phase, or to the next one.
    pub(super) fn advance(&mut self, cursor: Option<Cursor>, complete: bool, context: &Context<'_>) {
        let ended = complete && cursor.is_none();
        self.state.phase = match self.state.phase.clone() {
            Phase::Import { mapping, .. } if !ended => Phase::Import { mapping, cursor },
            Phase::Deprovision { mapping, hold, .. } if !ended => {
                Phase::Deprovision { mapping, cursor, hold }
            }
            Phase::References { .. } if !ended => Phase::References { cursor },
            Phase::Import { mapping, .. } if mapping + 1 < context.job.schema.mappings.len() => {
                Phase::Import { mapping: mapping + 1, cursor: None }
            }
            Phase::Deprovision { mapping, hold, .. } if mapping + 1 < context.job.schema.mappings.len() => {
                Phase::Deprovision { mapping: mapping + 1, cursor: None, hold }
            }
            _ => self.after(context),
        };
    }

    /// The phase behind the present one.
    pub(super) fn after(&mut self, context: &Context<'_>) -> Phase {
        let settings = &context.job.settings;
        let staged = self.state.staged;
        match &self.state.phase {
            // On demand, one person is dealt with at once and the others' held deletions stay held.
            // Without a threshold any more, what was held is carried out. While deletions wait for a
            // decision, further ones wait with them: a part that is decided about must not let the rest through.
            Phase::Import { .. }
                if (staged > 0 || self.state.approved) && self.state.kind != CycleKind::OnDemand =>
            {
                let too_many = settings.deletion_threshold.as_ref().is_some_and(|threshold| {
                    self.state.undecided > 0
                        || staged > 0
                            && deletions_held(
                                staged + self.state.recent,
                                self.state.linked_at_start,
                                threshold,
                            )
                });
                Phase::Deprovision { mapping: 0, cursor: None, hold: too_many }
            }
            Phase::Import { .. } => Phase::References { cursor: None },
            Phase::Deprovision { hold, .. } => {
                if *hold && staged > 0 {
                    self.state.error = Some(held_error(self.state.staged, self.state.recent));
                }
                Phase::References { cursor: None }
            }
            _ => Phase::Done,
        }
    }
}

/// Every further request would be refused: the credentials, most likely.
pub(super) fn fatal_error(failure: &Failure) -> CycleError {
    CycleError {
        code: failure.code.as_str().to_owned(),
        message: failure.reason.clone(),
        recommended_action: failure.code.recommended_action().to_owned(),
        details: failure.details.clone(),
        tenant_actionable: true,
        quarantine: Some(QuarantineReason::EncounteredQuarantineException),
    }
}

fn held_error(staged: u64, recent: u64) -> CycleError {
    let code = ErrorCode::TooManyDeletes;
    let together = match recent {
        0 => String::new(),
        _ => format!(" together with {recent} of the cycles shortly before"),
    };
    CycleError {
        code: code.as_str().to_owned(),
        message: format!(
            "{staged} accounts would be deleted or disabled, which{together} reaches the threshold. They are held."
        ),
        recommended_action: code.recommended_action().to_owned(),
        details: None,
        tenant_actionable: true,
        quarantine: Some(QuarantineReason::TooManyDeletes),
    }
}
