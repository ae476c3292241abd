//! Deleting the account of an object that is gone.

use super::super::effect::{LinkChange, ReferenceChange};
use super::super::entry::{Link, PendingReference};
use super::outcome::Written;
use super::{Next, ObjectRun, Stage, details};
use crate::job::Context;
use crate::log::{Action, Status, StepType};
use crate::schema::CompiledMapping;
use crate::target::{Method, Outcome as Answer, Purpose, ScimRequest, accepted, uri};

impl ObjectRun {
    pub(super) fn delete(&mut self, link: Link, mapping: &CompiledMapping, context: &Context<'_>) -> Next {
        let request = ScimRequest {
            method: Method::Delete,
            path_and_query: uri::resource(&mapping.endpoint, &link.target_id),
            body: None,
            purpose: Purpose::Delete,
            idempotent: true,
        };
        if self.terms.plan {
            self.recorder.planned("EntryExportDelete", &request);
            return self.removed(&link, context);
        }
        self.stage = Stage::Deleting { link: Box::new(link) };
        Next::Send(request)
    }

    /// RFC 7644, section 3.6: 204. An account that is gone already is what was wanted.
    pub(super) fn deleted(&mut self, link: Link, answer: &Answer, context: &Context<'_>) -> Next {
        let gone = answer.as_ref().is_ok_and(|response| matches!(response.status, 404 | 410));
        if !gone && let Err(failure) = accepted(answer, Purpose::Delete) {
            return self.refused(Action::Delete, (StepType::Export, "EntryExportDelete"), failure, context);
        }
        let description = if gone { "The account was gone already" } else { "The account was deleted" };
        let shown = details([("TargetId", link.target_id.to_string())]);
        self.recorder.step(StepType::Export, "EntryExportDelete", Status::Success, description, shown);
        self.removed(&link, context)
    }

    fn removed(&mut self, link: &Link, context: &Context<'_>) -> Next {
        let link = LinkChange::Remove(link.source_id.clone());
        let references = self.drop_references();
        self.written(Written { action: Action::Delete, link, references, problem: None }, context)
    }

    /// Waiting references that the machine makes itself; members of a group are the driver's.
    pub(super) fn own_references<'a>(
        &'a self,
        mapping: &'a CompiledMapping,
    ) -> impl Iterator<Item = &'a PendingReference> {
        let is_own = |pending: &&PendingReference| {
            !mapping.attributes.iter().any(|attribute| attribute.many && attribute.name == pending.path)
        };
        self.entry.pending_references.iter().filter(is_own)
    }

    /// Removes every waiting reference of the object.
    pub(super) fn drop_references(&self) -> Vec<ReferenceChange> {
        self.entry.pending_references.iter().map(remove_reference).collect()
    }
}

/// The removal of a waiting reference.
pub(super) fn remove_reference(pending: &PendingReference) -> ReferenceChange {
    ReferenceChange::Remove {
        source_id: pending.source_id.clone(),
        path: pending.path.clone(),
        referenced: pending.referenced.clone(),
    }
}
