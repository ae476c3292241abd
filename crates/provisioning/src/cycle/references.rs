//! Setting references whose two ends now have an account: one request an object.

use std::sync::Arc;

use serde_json::Value as Json;

use super::effect::{EscrowChange, ReferenceChange};
use super::entry::{Link, PendingReference, ReferenceEntry, SourceEntry, Standing};
use super::object::{Next, Outcome, Tally, Terms};
use crate::escrow;
use crate::id::{Cursor, SourceId, TargetId};
use crate::job::Context;
use crate::log::{
    Action, Details, ErrorCode, ErrorInformation, ProvisionedIdentity, Recorder, Status, StepType, details,
};
use crate::schema::{CompiledMapping, ObjectType};
use crate::target::{Difference, Failure, Method, Outcome as Answer, Purpose, ScimRequest, accepted, uri};

const STEP: (StepType, &str) = (StepType::ReferenceResolution, "EntryReferenceResolution");

/// The waiting references of one object.
pub(super) struct ReferenceGroup {
    pub(super) source_id: SourceId,
    pub(super) entries: Vec<ReferenceEntry>,
    pub(super) position: Cursor,
}

/// Puts references of one object together; they stand side by side in a page.
pub(super) fn group(entries: Vec<ReferenceEntry>) -> Vec<ReferenceGroup> {
    let mut groups: Vec<ReferenceGroup> = Vec::new();
    for entry in entries {
        let (source_id, position) = (entry.reference.source_id.clone(), entry.position.clone());
        match groups.last_mut().filter(|group| group.source_id == source_id) {
            Some(group) => {
                group.position = position;
                group.entries.push(entry);
            }
            None => groups.push(ReferenceGroup { source_id, entries: vec![entry], position }),
        }
    }
    groups
}

/// The run of one object's references.
pub(super) struct ReferenceRun {
    terms: Arc<Terms>,
    source_id: SourceId,
    recorder: Recorder,
    link: Option<Link>,
    difference: Difference,
    /// Accounts that the request adds to a group.
    members: Vec<TargetId>,
    /// References that the request sets.
    set: Vec<PendingReference>,
    /// Changes that hold whatever the answer is.
    settled: Vec<ReferenceChange>,
    /// References that cannot be resolved and are to be reported.
    unresolved: Vec<ReferenceEntry>,
    /// Why the first of those was passed over that were asked for on demand.
    passed_over: Option<ErrorInformation>,
}

impl ReferenceRun {
    /// Begins the run.
    pub(super) fn begin(group: ReferenceGroup, terms: Arc<Terms>, context: &Context<'_>) -> (Self, Next) {
        let first = group.entries.first();
        let link = first.and_then(|entry| entry.link.clone());
        let object_type = first.map(|entry| entry.reference.object_type).unwrap_or_default();
        let identity = |id: &str| ProvisionedIdentity {
            id: id.to_owned(),
            display_name: link.as_ref().map(|link| link.display_name.clone()).unwrap_or_default(),
            identity_type: object_type.as_str().to_owned(),
            details: Details::new(),
        };
        let source = identity(group.source_id.as_str());
        let target = identity(link.as_ref().map_or("", |link| link.target_id.as_str()));
        let mut run = Self {
            terms,
            source_id: group.source_id,
            recorder: Recorder::begin(context.now, source, target),
            link,
            difference: Difference::default(),
            members: Vec::new(),
            set: Vec::new(),
            settled: Vec::new(),
            unresolved: Vec::new(),
            passed_over: None,
        };
        for entry in group.entries {
            run.sort_in(entry, context);
        }
        let next = run.send(context);
        (run, next)
    }

    fn mapping<'a>(&self, context: &Context<'a>) -> Option<&'a CompiledMapping> {
        context.job.schema.mapping(self.link.as_ref()?.object_type)
    }

    fn sort_in(&mut self, entry: ReferenceEntry, context: &Context<'_>) {
        let reference = &entry.reference;
        if self.terms.log_all && reference.object_type == ObjectType::Group && self.pass_over(&entry) {
            return;
        }
        let attribute = self.mapping(context).and_then(|mapping| {
            let updates = mapping.flow.update;
            mapping.attributes.iter().find(|attribute| updates && attribute.name == reference.path)
        });
        // No account any more, or no such mapping: there is nothing to wait for.
        let Some(attribute) = attribute else {
            self.settled.push(remove(reference));
            return;
        };
        match &entry.resolved {
            // Members: the account is to be added, or taken out; without one there is nothing to do.
            Some(target) if attribute.many && reference.remove => {
                self.difference.remove_member(attribute, target);
                self.set.push(reference.clone());
            }
            None if attribute.many && reference.remove => {
                self.settled.push(ReferenceChange::Written(reference.clone()));
            }
            Some(target) if attribute.many => {
                self.members.push(target.clone());
                self.set.push(reference.clone());
            }
            Some(target) if reference.current.as_deref() == Some(target.as_str()) => {
                self.settled.push(remove(reference));
            }
            Some(target) => {
                let current = reference.current.as_deref().map(Json::from);
                self.difference.set_reference(attribute, target, current.as_ref());
                self.set.push(reference.clone());
            }
            None if reference.reported => {}
            None => self.unresolved.push(entry),
        }
    }

    /// On demand, every member that was asked for is told of: whether there is nothing to write about this one.
    fn pass_over(&mut self, entry: &ReferenceEntry) -> bool {
        let unresolved = ErrorCode::UnableToResolveReferenceAttributeValue;
        let (code, reason) = match entry.standing {
            Standing::Unknown => (unresolved, "is not a member of the group in the directory."),
            Standing::Written => {
                (ErrorCode::RedundantExport, "is a member of the group in the application already.")
            }
            Standing::Waiting if entry.link.is_none() && self.terms.plan => {
                (unresolved, "is added once the group has an account.")
            }
            Standing::Waiting if entry.link.is_none() => {
                (unresolved, "is not added, because the group has no account.")
            }
            Standing::Waiting if entry.resolved.is_some() || entry.reference.remove => return false,
            Standing::Waiting if self.terms.plan => (unresolved, "is added once there is an account."),
            Standing::Waiting => (unresolved, "is not added, because there is no account."),
        };
        let id = entry.reference.referenced.to_string();
        let name = entry.referenced_name.as_deref().unwrap_or(&id);
        let reason = format!("{name} {reason}");
        let referenced = details([("Referenced", id.clone())]);
        self.recorder.step(STEP.0, STEP.1, Status::Skipped, reason.as_str(), referenced);
        self.passed_over.get_or_insert_with(|| code.because(reason, None));
        true
    }

    fn send(&mut self, context: &Context<'_>) -> Next {
        let (Some(link), Some(mapping)) = (self.link.clone(), self.mapping(context)) else {
            return self.done(context, None);
        };
        if let Some(attribute) =
            mapping.attributes.iter().find(|attribute| attribute.is_reference() && attribute.many)
        {
            self.difference.add_members(attribute, &self.members);
        }
        if self.difference.is_empty() {
            return self.done(context, None);
        }
        let names: Vec<&str> = self.set.iter().map(|reference| reference.referenced.as_str()).collect();
        let referenced = details([("Referenced", names.join(", "))]);
        let description = "The referenced account exists";
        self.recorder.step(STEP.0, STEP.1, Status::Success, description, referenced);
        self.recorder.modified(self.difference.modified_properties());
        let request = ScimRequest {
            method: Method::Patch,
            path_and_query: uri::resource(&mapping.endpoint, &link.target_id),
            body: Some(self.difference.patch()),
            purpose: Purpose::Reference,
            idempotent: self.difference.is_idempotent(),
        };
        if self.terms.plan {
            let request = context.job.settings.quirks.translate(request);
            self.recorder.planned("EntryExportUpdate", &request);
            return self.done(context, None);
        }
        Next::Send(request)
    }

    /// The answer to the request.
    pub(super) fn answered(&mut self, answer: &Answer, context: &Context<'_>) -> Next {
        match accepted(answer, Purpose::Reference) {
            Ok(_) => {
                let description = "The reference was set";
                self.recorder.step(
                    StepType::Export,
                    "EntryExportUpdate",
                    Status::Success,
                    description,
                    Details::new(),
                );
                self.done(context, None)
            }
            Err(failure) if failure.fatal => {
                Next::Done(Box::new(Outcome { fatal: Some(failure), ..Outcome::default() }))
            }
            Err(failure) => self.done(context, Some(failure)),
        }
    }

    fn done(&mut self, context: &Context<'_>, failure: Option<Failure>) -> Next {
        let mut outcome = Outcome {
            source_id: self.source_id.clone(),
            references: std::mem::take(&mut self.settled),
            tally: Tally { reference: true, ..Tally::default() },
            ..Outcome::default()
        };
        let wrote = !self.difference.is_empty();
        let mut error: Option<ErrorInformation> = None;
        match failure {
            None => outcome.references.extend(self.set.iter().cloned().map(ReferenceChange::Written)),
            Some(failure) => {
                // The account may be gone, or what it refers to: the next cycle reads it, and tells. Until then
                // nothing is forgotten.
                if failure.code == ErrorCode::InvalidAnchor {
                    outcome.escrow = Some(self.escrow(&failure, context));
                }
                outcome.tally.failed = true;
                error = Some(failure.information());
            }
        }
        outcome.tally.exported = wrote && error.is_none();
        let failed = error.is_some();
        if let Some(warning) = self.report_unresolved(&mut outcome) {
            error.get_or_insert(warning);
        }
        let mut status = match (&error, failed) {
            (_, true) => Status::Failure,
            (Some(_), false) => Status::Warning,
            (None, false) => Status::Success,
        };
        if !wrote
            && error.is_none()
            && let Some(passed_over) = self.passed_over.take()
        {
            status = Status::Skipped;
            error = Some(passed_over);
        }
        if wrote || error.is_some() {
            let action = if wrote { Action::Update } else { Action::Other };
            let recorder = std::mem::take(&mut self.recorder);
            outcome.log = Some(recorder.finish(context, &self.terms.cycle_id, action, status, error));
        }
        Next::Done(Box::new(outcome))
    }

    fn escrow(&self, failure: &Failure, context: &Context<'_>) -> EscrowChange {
        let object_type = self.link.as_ref().map(|link| link.object_type).unwrap_or_default();
        let entry = SourceEntry { source_id: self.source_id.clone(), ..SourceEntry::default() };
        escrow::failed(&entry, object_type, &failure.information(), context.now)
    }

    /// Says once that a reference cannot be resolved; it goes on waiting.
    fn report_unresolved(&mut self, outcome: &mut Outcome) -> Option<ErrorInformation> {
        let unresolved = std::mem::take(&mut self.unresolved);
        let mut reasons = Vec::new();
        for entry in unresolved {
            let name = entry.referenced_name.unwrap_or_else(|| entry.reference.referenced.to_string());
            reasons.push(format!("{} refers to {name}, who has no account.", entry.reference.path));
            outcome
                .references
                .push(ReferenceChange::Upsert(PendingReference { reported: true, ..entry.reference }));
        }
        if reasons.is_empty() {
            return None;
        }
        let reason = reasons.join(" ");
        self.recorder.step(STEP.0, STEP.1, Status::Warning, reason.as_str(), Details::new());
        Some(ErrorCode::UnableToResolveReferenceAttributeValue.because(reason, None))
    }
}

fn remove(reference: &PendingReference) -> ReferenceChange {
    ReferenceChange::Remove {
        source_id: reference.source_id.clone(),
        path: reference.path.clone(),
        referenced: reference.referenced.clone(),
    }
}
