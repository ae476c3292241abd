//! One source object on its way through import, scope, match, difference and export.
//!
//! A run is a small machine of its own: [`ObjectRun::begin`] and then one answer at a time, each of
//! which leads to the next request or to the [`Outcome`]. At any time at most one request of it is
//! under way.

mod adopt;
mod begin;
mod create;
mod delete;
mod outcome;
mod update;

use std::sync::Arc;

use serde_json::{Map, Value as Json};

pub(super) use outcome::{Outcome, Tally};

use super::effect::{CreationChange, LinkChange};
use super::entry::{Link, SourceEntry};
use super::state::{CycleKind, CycleState, Mode};
use crate::expression::Environment;
use crate::id::{CycleId, TargetId};
use crate::job::{Context, Job};
use crate::log::{Details, ProvisionedIdentity, Recorder, Status, StepType};
use crate::mapping::{Desired, DesiredAttribute};
use crate::schema::{CompiledAttribute, CompiledMapping};
use crate::scope::ScopeDecision;
use crate::target::{Difference, Failure, Outcome as Answer, Resource, ScimRequest};

/// What a run needs next.
pub(super) enum Next {
    /// An answer to this request.
    Send(ScimRequest),
    /// Whether this account is linked to another object.
    FindLink(TargetId),
    /// Nothing: it is over.
    Done(Box<Outcome>),
}

/// What runs of a page have in common.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    pub(super) cycle_id: CycleId,
    /// Index of the object mapping.
    pub(super) mapping: usize,
    /// Writes are recorded only.
    pub(super) plan: bool,
    /// Every object gets an entry in the log.
    pub(super) log_all: bool,
    /// Deletions and disablings are set aside.
    pub(super) stage: bool,
    /// Deletions and disablings that were set aside are held.
    pub(super) hold: bool,
    /// When the cycle began.
    pub(super) started: i64,
}

impl Terms {
    pub(super) fn new(state: &CycleState, mapping: usize, job: &Job) -> Self {
        let prevention = job.settings.deletion_threshold.is_some();
        Self {
            cycle_id: state.cycle_id.clone(),
            mapping,
            plan: state.mode == Mode::Plan,
            log_all: state.kind == CycleKind::OnDemand,
            stage: prevention && state.kind != CycleKind::OnDemand,
            hold: false,
            started: state.started,
        }
    }
}

/// The run of one object.
pub(super) struct ObjectRun {
    terms: Arc<Terms>,
    entry: SourceEntry,
    recorder: Recorder,
    /// Source attributes, the computed ones included.
    attributes: Map<String, Json>,
    scope: Option<ScopeDecision>,
    /// Matching attributes that have a value.
    candidates: Vec<(Arc<CompiledAttribute>, Json)>,
    /// Rules of `SelectUniqueValue` that the target refused.
    refused_rules: usize,
    /// Whether a creation may have been carried out without our knowing.
    uncertain: bool,
    /// In a plan: whether the action counts towards the threshold of deletions.
    counts_as_deletion: bool,
    /// Links to remove before the outcome's own.
    unlinked: Vec<LinkChange>,
    stage: Stage,
}

/// What the answer that is awaited belongs to.
enum Stage {
    /// Nothing is awaited.
    Idle,
    /// A search for the candidate with this index.
    Matching { candidate: usize, after_conflict: bool },
    /// A search that must find nobody, to show that the one that found this account looked at what it asked for.
    Proving { candidate: usize, found: Box<Resource> },
    /// Who is linked to the account that was found.
    Claiming { found: Box<Resource> },
    /// The linked account.
    Reading { link: Box<Link> },
    /// The creation; whether an earlier one may have been carried out.
    Creating { desired: Box<Desired>, after_conflict: bool, uncertain: bool },
    /// The change.
    Updating(Box<Update>),
    /// The deletion.
    Deleting { link: Box<Link> },
    /// The account that was not found when it was to be deleted.
    Verifying { link: Box<Link> },
}

/// A change under way.
struct Update {
    link: Link,
    desired: Desired,
    references: Vec<super::effect::ReferenceChange>,
    active: Option<bool>,
    /// Of one that switches the account off together with other changes: what switches it off alone.
    off: Option<Box<Difference>>,
    /// Why the application refused the other changes.
    refused: Option<Box<Failure>>,
}

impl ObjectRun {
    /// The answer to a request.
    pub(super) fn answered(&mut self, answer: &Answer, context: &Context<'_>) -> Next {
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Matching { candidate, after_conflict } => {
                self.matched(candidate, after_conflict, answer, context)
            }
            Stage::Proving { candidate, found } => self.proved(candidate, *found, answer, context),
            Stage::Reading { link } => self.read(*link, answer, context),
            Stage::Creating { desired, after_conflict, uncertain } => {
                self.created(*desired, after_conflict, uncertain, answer, context)
            }
            Stage::Updating(update) => self.updated(*update, answer, context),
            Stage::Deleting { link } => self.deleted(*link, answer, context),
            Stage::Verifying { link } => self.verified(*link, answer, context),
            Stage::Idle | Stage::Claiming { .. } => self.lost(context),
        }
    }

    /// Who is linked to the account that was found: `claimed` says that another object of this page
    /// is about to be.
    pub(super) fn claimed(&mut self, link: Option<Link>, claimed: bool, context: &Context<'_>) -> Next {
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Claiming { found } => self.claim(*found, link, claimed, context),
            _ => self.lost(context),
        }
    }

    /// The account whose owner is being asked for.
    pub(super) fn account_in_question(&self) -> Option<TargetId> {
        match &self.stage {
            Stage::Claiming { found } => Some(found.id.clone()),
            _ => None,
        }
    }

    /// The request that it asked for is not sent.
    pub(super) fn unsent(&mut self) {
        if let Stage::Creating { uncertain, .. } = &self.stage {
            self.uncertain = *uncertain;
        }
    }

    /// The creation that was written down for it, if it is certain by now that it was not carried out.
    pub(super) fn crossed_out(&self) -> Option<CreationChange> {
        let creation = self.entry.creation.as_ref().filter(|_| !self.uncertain)?;
        Some(CreationChange::End(creation.source_id.clone()))
    }

    /// Id in the source.
    pub(super) fn source_id(&self) -> &crate::id::SourceId {
        &self.entry.source_id
    }

    /// The object mapping; a page is never begun without one.
    fn mapping<'a>(&self, context: &Context<'a>) -> Option<&'a CompiledMapping> {
        context.job.schema.mappings.get(self.terms.mapping)
    }

    fn environment<'a>(&'a self, context: &Context<'a>) -> Environment<'a> {
        Environment {
            attributes: &self.attributes,
            now: context.now,
            random: context.random,
            default_domain: &context.job.settings.default_domain,
            refused_rules: self.refused_rules,
        }
    }

    /// Matching value of the first candidate, as text.
    fn matching_value(&self) -> Option<String> {
        let (_, value) = self.candidates.first()?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    fn step(&mut self, kind: StepType, name: &str, status: Status, description: impl Into<String>) {
        self.recorder.step(kind, name, status, description, Details::new());
    }
}

/// The identity of an account in the log.
fn target_identity(id: &str, display_name: &str, identity_type: &str) -> ProvisionedIdentity {
    ProvisionedIdentity {
        id: id.to_owned(),
        display_name: display_name.to_owned(),
        identity_type: identity_type.to_owned(),
        details: Details::new(),
    }
}

/// `active` among wanted values.
fn active_of(attributes: &[DesiredAttribute]) -> Option<bool> {
    let attribute = attributes.iter().find(|attribute| attribute.mapping.path.is_core("active"))?;
    attribute.value.as_ref()?.as_bool()
}
