//! Creating an account.

use super::super::effect::{LinkChange, ReferenceChange};
use super::super::entry::PendingReference;
use super::delete::remove_reference;
use super::outcome::Written;
use super::{Next, ObjectRun, Stage, active_of};
use crate::id::TargetId;
use crate::job::Context;
use crate::log::details;
use crate::log::{Action, ErrorCode, ModifiedProperty, Status, StepType};
use crate::mapping::{Desired, Purpose as Wanted, desired};
use crate::target::{
    Failure, Method, Outcome as Answer, Purpose, ScimRequest, build_resource, created_properties,
    read_resource,
};

const STEP: (StepType, &str) = (StepType::Export, "EntryExportAdd");

impl ObjectRun {
    pub(super) fn create(&mut self, after_conflict: bool, context: &Context<'_>) -> Next {
        let Some(mapping) = self.mapping(context) else { return self.lost(context) };
        if !mapping.flow.add {
            let reason = "There is no account, and the mapping does not allow to create one.";
            return self.skip(ErrorCode::ActionDisabled, reason, true, context);
        }
        let desired = desired(mapping, &self.environment(context), Wanted::Create);
        self.recorder.modified(self.planned_properties(&desired));
        if let Some(problem) = desired.fatal() {
            let reason = format!("{}: {}", problem.attribute, problem.message);
            let error = problem.code.because(reason.as_str(), None);
            self.step(StepType::Processing, "EntrySynchronizationAdd", Status::Failure, reason);
            return self.fail(Action::Create, error, context);
        }
        if !after_conflict {
            let shown = details([("Attributes", desired.attributes.len().to_string())]);
            let description = "An account is to be created";
            self.recorder.step(
                StepType::Processing,
                "EntrySynchronizationAdd",
                Status::Success,
                description,
                shown,
            );
        }
        let request = ScimRequest {
            method: Method::Post,
            path_and_query: mapping.endpoint.clone(),
            body: Some(build_resource(&mapping.resource_type, &desired.attributes)),
            purpose: Purpose::Create,
            idempotent: false,
        };
        if self.terms.plan {
            let body = Some(build_resource(&mapping.resource_type, &desired.masked()));
            let request = context.job.settings.quirks.translate(ScimRequest { body, ..request });
            self.recorder.planned(STEP.1, &request);
            return self.linked(TargetId::default(), &desired, context);
        }
        let before = std::mem::replace(&mut self.uncertain, true);
        self.stage = Stage::Creating { desired: Box::new(desired), after_conflict, uncertain: before };
        Next::Send(request)
    }

    /// Every value that the creation carries, and the references that follow it.
    fn planned_properties(&self, desired: &Desired) -> Vec<ModifiedProperty> {
        let mut properties = created_properties(&desired.attributes);
        if self.terms.plan {
            properties.extend(desired.references.iter().map(|reference| ModifiedProperty {
                display_name: reference.mapping.name.clone(),
                old_value: None,
                new_value: Some(
                    reference.referenced.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", "),
                ),
            }));
        }
        properties
    }

    pub(super) fn created(
        &mut self,
        desired: Desired,
        after_conflict: bool,
        before: bool,
        answer: &Answer,
        context: &Context<'_>,
    ) -> Next {
        match read_resource(answer, Purpose::Create) {
            Ok(resource) => {
                let shown = details([("ReportableIdentifier", self.matching_value().unwrap_or_default())]);
                self.recorder.step(STEP.0, STEP.1, Status::Success, "The account was created", shown);
                self.linked(resource.id, &desired, context)
            }
            // Somebody created it since we looked, or our own creation of an earlier try arrived
            // after all: look once more. A value that another account has stays a conflict.
            Err(failure) if failure.code == ErrorCode::Conflict && !after_conflict => {
                self.uncertain = before;
                self.step(STEP.0, STEP.1, Status::Warning, format!("{} Looking again.", failure.reason));
                self.search(0, true, context)
            }
            Err(failure) if failure.code == ErrorCode::Conflict => {
                self.uncertain = before;
                self.conflict(Some(failure), context)
            }
            Err(failure) => {
                // A clear refusal is certain; a lost answer, a server's fault or an answer that
                // cannot be read is not.
                self.uncertain =
                    !failure.status.is_some_and(|status| (400..500).contains(&status) && status != 408);
                self.refused(Action::Create, STEP, failure, context)
            }
        }
    }

    /// 409, and no account has the matching value: another unique value is taken. The next rule of
    /// `SelectUniqueValue` is tried, if there is one.
    pub(super) fn conflict(&mut self, failure: Option<Failure>, context: &Context<'_>) -> Next {
        if self.has_next_rule(context) {
            self.refused_rules += 1;
            return self.create(true, context);
        }
        if let Some(failure) = failure {
            return self.refused(Action::Create, STEP, failure, context);
        }
        let reason =
            "The application says that the account exists already (409), but none has the matching value.";
        self.fail(Action::Create, ErrorCode::Conflict.because(reason, None), context)
    }

    /// Whether a mapping with `SelectUniqueValue` has a value left that was not refused yet.
    fn has_next_rule(&self, context: &Context<'_>) -> bool {
        let Some(mapping) = self.mapping(context) else { return false };
        let environment = crate::expression::Environment {
            refused_rules: self.refused_rules + 1,
            ..self.environment(context)
        };
        let sources = mapping.attributes.iter().filter_map(|attribute| attribute.source.as_ref());
        sources
            .filter(|source| source.calls("SelectUniqueValue"))
            .any(|source| source.evaluate(&environment).is_ok_and(|evaluation| !evaluation.value.is_empty()))
    }

    /// The account exists. References follow once both ends do.
    fn linked(&mut self, target_id: TargetId, desired: &Desired, context: &Context<'_>) -> Next {
        let mut link = self.new_link(target_id, context);
        link.active = active_of(&desired.attributes);
        let waiting = desired.references.iter().flat_map(|reference| {
            reference.referenced.iter().map(|referenced| {
                ReferenceChange::Upsert(PendingReference {
                    object_type: link.object_type,
                    source_id: link.source_id.clone(),
                    path: reference.mapping.name.clone(),
                    referenced: referenced.clone(),
                    current: None,
                    reported: false,
                    remove: false,
                })
            })
        });
        let dropped =
            self.mapping(context).map(|mapping| self.own_references(mapping).map(remove_reference).collect());
        let dropped: Vec<ReferenceChange> = dropped.unwrap_or_default();
        let references = dropped.into_iter().chain(waiting).collect();
        let (action, link) = (Action::Create, LinkChange::Upsert(link));
        self.written(Written { action, link, references, problem: desired.error() }, context)
    }
}
