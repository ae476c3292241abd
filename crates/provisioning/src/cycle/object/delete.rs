//! Deleting the account of an object that is gone.

use serde_json::Value as Json;

use super::super::effect::{LinkChange, ReferenceChange};
use super::super::entry::{Link, PendingReference};
use super::outcome::Written;
use super::{Next, ObjectRun, Stage};
use crate::job::Context;
use crate::log::details;
use crate::log::{Action, ErrorCode, Status, StepType};
use crate::schema::CompiledMapping;
use crate::target::{Method, Outcome as Answer, Purpose, ScimRequest, accepted, read_resource, uri};

const STEP: (StepType, &str) = (StepType::Export, "EntryExportDelete");

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

    /// RFC 7644, section 3.6: 204. An account that is gone already is what was wanted; whether it is, reading it
    /// tells: an application that has no deletions answers 404 too.
    pub(super) fn deleted(&mut self, link: Link, answer: &Answer, context: &Context<'_>) -> Next {
        let Some(mapping) = self.mapping(context) else { return self.lost(context) };
        if answer.as_ref().is_ok_and(|response| matches!(response.status, 404 | 410)) {
            let path_and_query = uri::read(&mapping.endpoint, &link.target_id);
            self.stage = Stage::Verifying { link: Box::new(link) };
            return Next::Send(ScimRequest::get(path_and_query, Purpose::Read));
        }
        match accepted(answer, Purpose::Delete) {
            Ok(_) => self.is_deleted(&link, "The account was deleted", context),
            Err(failure) => self.refused(Action::Delete, STEP, failure, context),
        }
    }

    /// What is there of an account that the application did not find when it was to be deleted.
    pub(super) fn verified(&mut self, link: Link, answer: &Answer, context: &Context<'_>) -> Next {
        let left = match read_resource(answer, Purpose::Read) {
            Err(failure) if matches!(failure.status, Some(404 | 410)) => None,
            Err(failure) => return self.refused(Action::Delete, STEP, failure, context),
            Ok(resource) => Some(resource),
        };
        // Some keep deleted accounts to be read, switched off.
        let is_on = left.is_some_and(|left| left.json.get("active").and_then(Json::as_bool) != Some(false));
        if !is_on {
            return self.is_deleted(&link, "The account was gone already", context);
        }
        let reason = "The application answered the deletion with \"not found\", but still has the account.";
        self.step(STEP.0, STEP.1, Status::Failure, reason);
        let code = ErrorCode::SystemForCrossDomainIdentityManagementServiceIncompatible;
        self.fail(Action::Delete, code.because(reason, None), context)
    }

    fn is_deleted(&mut self, link: &Link, description: &str, context: &Context<'_>) -> Next {
        let shown = details([("TargetId", link.target_id.to_string())]);
        self.recorder.step(STEP.0, STEP.1, Status::Success, description, shown);
        self.removed(link, context)
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
