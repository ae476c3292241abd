//! Keeping a linked account in line.

use std::sync::Arc;

use serde_json::Value as Json;

use super::super::effect::{LinkChange, ReferenceChange};
use super::super::entry::{Link, PendingReference};
use super::delete::remove_reference;
use super::outcome::Written;
use super::{Next, ObjectRun, Stage, Update};
use crate::escrow;
use crate::id::SourceId;
use crate::job::Context;
use crate::log::details;
use crate::log::{Action, ErrorCode, Status, StepType};
use crate::mapping::{Desired, Purpose as Wanted, desired};
use crate::schema::{CompiledAttribute, CompiledMapping};
use crate::target::{
    Difference, Failure, Method, Outcome as Answer, Purpose, ScimRequest, accepted, compare, current_value,
    read_resource, reference_id, uri,
};

impl ObjectRun {
    /// Reads the linked account, if anything could have to be written to it.
    pub(super) fn maintain(&mut self, link: Link, mapping: &CompiledMapping, context: &Context<'_>) -> Next {
        if !mapping.flow.update {
            let reason = "The account is linked, and the mapping does not allow updates.";
            return self.skip(ErrorCode::ActionDisabled, reason, false, context);
        }
        let writes = mapping
            .attributes
            .iter()
            .any(|attribute| attribute.flows_on_update() && (self.is_wanted() || attribute.deprovisions));
        if !writes {
            let reason = "No mapping is applied to an account in this state.";
            return self.skip(ErrorCode::EntrySynchronizationSkipped, reason, false, context);
        }
        let path_and_query = uri::read(&mapping.endpoint, &link.target_id);
        self.stage = Stage::Reading { link: Box::new(link) };
        Next::Send(ScimRequest::get(path_and_query, Purpose::Read))
    }

    /// In scope, though perhaps disabled in the source.
    fn is_wanted(&self) -> bool {
        self.scope.as_ref().is_some_and(|scope| scope.in_scope)
    }

    pub(super) fn read(&mut self, link: Link, answer: &Answer, context: &Context<'_>) -> Next {
        let Some(mapping) = self.mapping(context) else { return self.lost(context) };
        match read_resource(answer, Purpose::Read) {
            Ok(resource) => {
                let shown = details([("TargetId", link.target_id.to_string())]);
                let description = "Read the linked account";
                self.recorder.step(StepType::Matching, "EntryMatching", Status::Success, description, shown);
                let mut link = link;
                link.display_name.clone_from(&self.recorder.source.display_name);
                self.bring_in_line(link, &resource.json, mapping, context)
            }
            Err(failure) if failure.code == ErrorCode::InvalidAnchor => self.vanished(&link, context),
            Err(failure) => {
                self.refused(Action::Other, (StepType::Matching, "EntryMatching"), failure, context)
            }
        }
    }

    /// The linked account is gone: the link is dropped, and an object that should have an account
    /// is matched again at once.
    fn vanished(&mut self, link: &Link, context: &Context<'_>) -> Next {
        let shown =
            details([("TargetId", link.target_id.to_string()), ("ErrorCode", "InvalidAnchor".to_owned())]);
        let description = "The linked account no longer exists in the application; the link was dropped";
        self.recorder.step(StepType::Matching, "EntryMatching", Status::Warning, description, shown);
        self.recorder.target.id.clear();
        self.unlinked.push(LinkChange::Remove(link.source_id.clone()));
        let failure = self.scope.as_ref().and_then(|scope| scope.failure);
        match failure {
            None if !self.candidates.is_empty() => self.search(0, false, context),
            _ => self.skip(ErrorCode::InvalidAnchor, description, true, context),
        }
    }

    /// Compares the account with what it should look like, and sends what differs.
    pub(super) fn bring_in_line(
        &mut self,
        mut link: Link,
        current: &Json,
        mapping: &CompiledMapping,
        context: &Context<'_>,
    ) -> Next {
        let wanted = if self.is_wanted() { Wanted::Update } else { Wanted::Deprovision };
        let desired = desired(mapping, &self.environment(context), wanted);
        let mut difference = compare(&desired.attributes, current);
        let references = match wanted {
            Wanted::Deprovision => self.drop_references(),
            _ => self.references(&link, mapping, &desired, current, &mut difference),
        };
        if let Some(active) = mapping.active() {
            link.active = current_value(current, &active.path).and_then(Json::as_bool).or(link.active);
        }
        self.note_disabled(&mut link, context);
        link.matching_value = self.matching_value().or(link.matching_value);
        if difference.is_empty() {
            let description = "Source and target are already equal";
            let shown = details([("SkipReason", "RedundantExport".to_owned())]);
            self.recorder.step(StepType::Export, "EntryExportUpdate", Status::Skipped, description, shown);
            return self.unchanged(link, references, desired.error(), context);
        }
        self.recorder.modified(difference.modified_properties());
        self.send_update(link, desired, difference, references, mapping, context)
    }

    fn send_update(
        &mut self,
        link: Link,
        desired: Desired,
        difference: Difference,
        references: Vec<ReferenceChange>,
        mapping: &CompiledMapping,
        context: &Context<'_>,
    ) -> Next {
        if !mapping.flow.update {
            // Adopted just now: the link is kept, the account is not changed.
            return self.unchanged(link, Vec::new(), desired.error(), context);
        }
        let count = difference.modified_properties().len();
        let shown = details([("Differences", count.to_string())]);
        let description = "The account differs from what it should look like";
        self.recorder.step(
            StepType::Processing,
            "EntrySynchronizationUpdate",
            Status::Success,
            description,
            shown,
        );
        let request = ScimRequest {
            method: Method::Patch,
            path_and_query: uri::resource(&mapping.endpoint, &link.target_id),
            body: Some(difference.patch()),
            purpose: Purpose::Update,
            idempotent: difference.is_idempotent(),
        };
        let active = difference.new_value("active").and_then(Json::as_bool);
        // Together with what the application refuses, a disabling would be refused for as long as that is.
        let off = (active == Some(false)).then(|| difference.deprovisioning());
        let off = off.filter(|off| !off.is_empty() && off.len() < difference.len()).map(Box::new);
        let update = Update { link, desired, references, active, off, refused: None };
        if self.terms.plan {
            let body = Some(difference.masked().patch());
            let request = context.job.settings.quirks.translate(ScimRequest { body, ..request });
            self.recorder.planned("EntryExportUpdate", &request);
            return self.in_line(update, context);
        }
        self.stage = Stage::Updating(Box::new(update));
        Next::Send(request)
    }

    pub(super) fn updated(&mut self, mut update: Update, answer: &Answer, context: &Context<'_>) -> Next {
        match accepted(answer, Purpose::Update) {
            Ok(_) if update.refused.is_some() => self.only_off(update, context),
            Ok(_) => {
                let shown = details([("ReportableIdentifier", self.matching_value().unwrap_or_default())]);
                let description = "The account was changed";
                self.recorder.step(
                    StepType::Export,
                    "EntryExportUpdate",
                    Status::Success,
                    description,
                    shown,
                );
                self.in_line(update, context)
            }
            Err(failure) if !failure.fatal && !is_passing(&failure) && update.off.is_some() => {
                let Some(mapping) = self.mapping(context) else { return self.lost(context) };
                let off = update.off.take().unwrap_or_default();
                let mut shown = details([("ErrorCode", failure.code.as_str().to_owned())]);
                if let Some(status) = failure.status {
                    shown.insert("HttpStatusCode".to_owned(), status.to_string());
                }
                let description = format!("{} Disabling the account alone.", failure.reason);
                self.recorder.step(
                    StepType::Export,
                    "EntryExportUpdate",
                    Status::Warning,
                    description,
                    shown,
                );
                self.recorder.modified(off.modified_properties());
                let request = ScimRequest {
                    method: Method::Patch,
                    path_and_query: uri::resource(&mapping.endpoint, &update.link.target_id),
                    body: Some(off.patch()),
                    purpose: Purpose::Update,
                    idempotent: off.is_idempotent(),
                };
                update.refused = Some(Box::new(failure));
                self.stage = Stage::Updating(Box::new(update));
                Next::Send(request)
            }
            // 404 as well: the account was there a moment ago. Should it be gone, the next cycle reads that.
            Err(failure) => {
                let action = action_of(&update);
                self.refused(action, (StepType::Export, "EntryExportUpdate"), failure, context)
            }
        }
    }

    /// The account is disabled, and the other changes were refused: they are tried again later.
    fn only_off(&mut self, update: Update, context: &Context<'_>) -> Next {
        let Update { mut link, refused, .. } = update;
        let Some(refused) = refused else { return self.lost(context) };
        let description = "The account was disabled; the other changes wait";
        self.step(StepType::Export, "EntryExportUpdate", Status::Success, description);
        link.matching_value = self.entry.link.as_ref().and_then(|link| link.matching_value.clone());
        link.active = Some(false);
        self.note_disabled(&mut link, context);
        link.updated = context.now;
        let (object_type, problem) = (link.object_type, refused.information());
        let escrow = escrow::failed(&self.entry, object_type, &problem, context.now);
        // What waits in the queue of references waits on: none was set.
        let written = Written {
            action: Action::Disable,
            link: LinkChange::Upsert(link),
            references: Vec::new(),
            problem: Some(problem),
        };
        match self.written(written, context) {
            Next::Done(mut outcome) => {
                outcome.escrow = Some(escrow);
                outcome.tally.failed = true;
                Next::Done(outcome)
            }
            other => other,
        }
    }

    fn in_line(&mut self, update: Update, context: &Context<'_>) -> Next {
        let action = action_of(&update);
        let Update { mut link, desired, references, active, .. } = update;
        link.active = active.or(link.active);
        self.note_disabled(&mut link, context);
        link.updated = context.now;
        let link = LinkChange::Upsert(link);
        self.written(Written { action, link, references, problem: desired.error() }, context)
    }

    /// Since when the account of an object that left is disabled.
    fn note_disabled(&self, link: &mut Link, context: &Context<'_>) {
        let left = self.scope.as_ref().is_none_or(|scope| scope.failure.is_some());
        link.disabled = match link.active {
            Some(false) if left => link.disabled.or(Some(context.now)),
            _ => None,
        };
    }

    /// References: set with the other changes where the account is known, waiting otherwise.
    fn references(
        &self,
        link: &Link,
        mapping: &CompiledMapping,
        desired: &Desired,
        current: &Json,
        difference: &mut Difference,
    ) -> Vec<ReferenceChange> {
        let mut waiting: Vec<PendingReference> = Vec::new();
        for reference in &desired.references {
            let held = current_value(current, &reference.mapping.path);
            for referenced in &reference.referenced {
                match self.entry.reference_links.get(referenced) {
                    Some(target) => difference.set_reference(&reference.mapping, target, held),
                    None => waiting.push(pending(link, &reference.mapping, referenced, held)),
                }
            }
        }
        let known: Vec<&PendingReference> = self.own_references(mapping).collect();
        let same =
            |a: &PendingReference, b: &PendingReference| a.path == b.path && a.referenced == b.referenced;
        let mut changes: Vec<ReferenceChange> = known
            .iter()
            .filter(|known| !waiting.iter().any(|waiting| same(known, waiting)))
            .map(|known| remove_reference(known))
            .collect();
        for waiting in waiting {
            match known.iter().find(|known| same(known, &waiting)) {
                Some(known) if known.current == waiting.current => {}
                Some(known) => changes
                    .push(ReferenceChange::Upsert(PendingReference { reported: known.reported, ..waiting })),
                None => changes.push(ReferenceChange::Upsert(waiting)),
            }
        }
        changes
    }
}

/// Whether a request may be answered otherwise when it is sent again as it is: no answer, or a server in trouble.
fn is_passing(failure: &Failure) -> bool {
    !failure
        .status
        .is_some_and(|status| (400..600).contains(&status) && !matches!(status, 408 | 429 | 502..=504))
}

/// An update that switches the account off is a disabling.
fn action_of(update: &Update) -> Action {
    if update.active == Some(false) { Action::Disable } else { Action::Update }
}

fn pending(
    link: &Link,
    mapping: &Arc<CompiledAttribute>,
    referenced: &SourceId,
    held: Option<&Json>,
) -> PendingReference {
    PendingReference {
        object_type: link.object_type,
        source_id: link.source_id.clone(),
        path: mapping.name.clone(),
        referenced: referenced.clone(),
        current: held.and_then(reference_id).map(str::to_owned),
        reported: false,
        remove: false,
    }
}
