//! Import and scope: the first two steps of every object.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::super::effect::{LinkChange, StagedChange};
use super::super::entry::{Creation, Decision, Link, SourceEntry, SourceObject, StagedDeletion};
use super::{Next, ObjectRun, Stage, Terms, target_identity};
use crate::expression::Environment;
use crate::job::{Context, Deprovisioning};
use crate::log::details;
use crate::log::{ErrorCode, Recorder, Status, StepType};
use crate::mapping::{matching_value, source_attributes};
use crate::schema::{CompiledMapping, ObjectType};
use crate::scope::{ScopeDecision, ScopeFailure, decide};

impl ObjectRun {
    /// Begins the run. `intended`: the creation was written down with this page, and nothing was sent for it yet.
    pub(in crate::cycle) fn begin(
        entry: SourceEntry,
        intended: bool,
        terms: Arc<Terms>,
        mapping: &CompiledMapping,
        context: &Context<'_>,
    ) -> (Self, Next) {
        let kind = mapping.object_type.as_str();
        let name = match (&entry.object, &entry.link) {
            (Some(object), _) => object.display_name.clone(),
            (None, Some(link)) => link.display_name.clone(),
            (None, None) => String::new(),
        };
        let source = target_identity(entry.source_id.as_str(), &name, kind);
        let target_id = entry.link.as_ref().map_or("", |link| link.target_id.as_str());
        let target = target_identity(target_id, &name, kind);
        let mut run = Self {
            terms,
            recorder: Recorder::begin(context.now, source, target),
            attributes: Map::new(),
            scope: None,
            candidates: Vec::new(),
            refused_rules: 0,
            uncertain: entry.creation.is_some() && !intended,
            counts_as_deletion: false,
            unlinked: Vec::new(),
            stage: Stage::Idle,
            entry,
        };
        let next = match run.entry.object.clone() {
            None => run.gone(mapping, context),
            Some(object) => run.import(&object, mapping, context),
        };
        (run, next)
    }

    /// What is written down, before the page is begun, about an object that may be created.
    pub(in crate::cycle) fn intent(
        entry: &SourceEntry,
        mapping: &CompiledMapping,
        context: &Context<'_>,
    ) -> Option<Creation> {
        let object = entry.object.as_ref()?;
        if entry.link.is_some() || entry.creation.is_some() || !mapping.flow.add {
            return None;
        }
        let attributes = source_attributes(entry, object, context.job);
        if decide(entry, object, &attributes, mapping, context.job).failure.is_some() {
            return None;
        }
        let environment = Environment {
            attributes: &attributes,
            now: context.now,
            random: context.random,
            default_domain: &context.job.settings.default_domain,
            refused_rules: 0,
        };
        let matching: Vec<(String, Json)> = mapping
            .matching_attributes()
            .filter_map(|attribute| {
                let value = matching_value(attribute, &environment).ok()??;
                Some((attribute.name.clone(), value))
            })
            .collect();
        (!matching.is_empty()).then(|| Creation {
            object_type: mapping.object_type,
            source_id: entry.source_id.clone(),
            display_name: object.display_name.clone(),
            matching,
            at: context.now,
        })
    }

    fn import(&mut self, object: &SourceObject, mapping: &CompiledMapping, context: &Context<'_>) -> Next {
        self.attributes = source_attributes(&self.entry, object, context.job);
        let mut shown = crate::log::Details::new();
        for name in crate::schema::source_attributes(&context.job.schema, mapping.object_type) {
            if let Some(value) = self.attributes.get(&name).filter(|value| !value.is_null()) {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                shown.insert(name, text);
            }
        }
        self.hide_redacted(mapping, &mut shown);
        let description =
            format!("Read {} from {}", object.display_name, context.job.source_system.display_name);
        self.recorder.step(StepType::Import, "EntryImport", Status::Success, description, shown);

        let scope = decide(&self.entry, object, &self.attributes, mapping, context.job);
        self.attributes.insert("IsSoftDeleted".to_owned(), Json::from(scope.is_soft_deleted()));
        let matched = self.collect_candidates(mapping, context);
        self.scope = Some(scope.clone());
        if self.entry.link.is_none()
            && let Err(reason) = matched
        {
            return self.skip(ErrorCode::ImportSkipped, &reason, scope.assigned, context);
        }
        self.record_scope(&scope);
        match (self.entry.link.clone(), scope.failure) {
            (_, Some(ScopeFailure::NotAdmitted)) => self.pass_over(),
            (None, Some(_)) if self.entry.creation.is_some() => self.search(0, false, context),
            (None, Some(failure)) => self.skip(failure.code(), failure.reason(), scope.assigned, context),
            (None, None) => self.search(0, false, context),
            (Some(link), Some(failure)) => self.leave(link, failure, mapping, context),
            (Some(link), None) => self.maintain(link, mapping, context),
        }
    }

    /// An attribute that any mapping marks with `Redact` is not shown among the imported ones.
    fn hide_redacted(&self, mapping: &CompiledMapping, shown: &mut crate::log::Details) {
        let sources = mapping.attributes.iter().filter_map(|attribute| attribute.source.as_ref());
        for expression in sources.filter(|expression| expression.calls("Redact")) {
            for (name, _) in expression.attributes() {
                if let Some(value) = shown.get_mut(name) {
                    "[Redact]".clone_into(value);
                }
            }
        }
    }

    /// The matching attributes that have a value; why there is none.
    fn collect_candidates(&mut self, mapping: &CompiledMapping, context: &Context<'_>) -> Result<(), String> {
        let mut reasons = Vec::new();
        let mut candidates = Vec::new();
        for attribute in mapping.matching_attributes() {
            match matching_value(attribute, &self.environment(context)) {
                Ok(Some(value)) => candidates.push((attribute.clone(), value)),
                Ok(None) => reasons.push(format!("{} has no value", attribute.name)),
                Err((_, message)) => reasons.push(format!("{}: {message}", attribute.name)),
            }
        }
        self.candidates = candidates;
        if self.candidates.is_empty() {
            return Err(format!("No matching attribute has a value in the source ({}).", reasons.join("; ")));
        }
        Ok(())
    }

    fn record_scope(&mut self, scope: &ScopeDecision) {
        let (status, description) = match scope.failure {
            None => (Status::Success, "The object is in scope."),
            Some(failure) => (Status::Skipped, failure.reason()),
        };
        let details = scope.details.clone();
        self.recorder.step(StepType::Scoping, "EntrySynchronizationScoping", status, description, details);
    }

    /// A linked object that is no longer to be provisioned.
    fn leave(
        &mut self,
        link: Link,
        failure: ScopeFailure,
        mapping: &CompiledMapping,
        context: &Context<'_>,
    ) -> Next {
        if let Some(next) = self.keep_rejected(context) {
            return next;
        }
        let already = link.active == Some(false);
        if let Some(reason) = spared(failure, context) {
            return self.skip(ErrorCode::SkipOutOfScopeDeletions, reason, !already, context);
        }
        let policy = context.job.settings.deprovisioning;
        // A group cannot be disabled (RFC 7643, section 4.2): its account goes.
        if mapping.object_type == ObjectType::Group {
            return self.remove(link, mapping, context);
        }
        let delete_at = link.disabled.filter(|_| already).and_then(|disabled| policy.delete_at(disabled));
        if delete_at.is_some_and(|at| at <= context.now) {
            return self.remove(link, mapping, context);
        }
        let disables = mapping.active().is_some_and(|active| active.deprovisions && active.flows_on_update());
        if !mapping.flow.update {
            let reason = "The account would be disabled, but the mapping does not allow updates.";
            return self.skip(ErrorCode::ActionDisabled, reason, disables && !already, context);
        }
        if disables
            && !already
            && let Some(next) = self.set_aside(&link, false, context)
        {
            return next;
        }
        self.maintain(link, mapping, context)
    }

    /// Somebody decided that the account stays.
    fn keep_rejected(&mut self, context: &Context<'_>) -> Option<Next> {
        let rejected = self.entry.staged.as_ref().is_some_and(|held| held.decision == Decision::Rejected);
        let reason = "Deleting or disabling the account was rejected, so it stays as it is.";
        rejected.then(|| self.skip(ErrorCode::DeletionRejected, reason, false, context))
    }

    /// Sets a deletion or disabling aside when accidental-deletion prevention asks for it.
    pub(super) fn set_aside(&mut self, link: &Link, delete: bool, context: &Context<'_>) -> Option<Next> {
        let known = self.entry.staged.as_ref().filter(|staged| staged.delete == delete);
        let is_approved = known.is_some_and(|staged| staged.decision == Decision::Approved);
        if self.terms.hold && is_approved {
            return None;
        }
        if self.terms.hold {
            let fresh = self.entry.staged.as_ref().is_some_and(|staged| staged.since >= self.terms.started);
            return Some(self.staged(None, fresh || self.terms.plan, context));
        }
        if !self.terms.stage {
            return None;
        }
        if known.is_some() {
            return Some(self.staged(None, false, context));
        }
        // A plan shows the action itself; its report says whether it would be held.
        if self.terms.plan {
            self.counts_as_deletion = true;
            return None;
        }
        let held = StagedDeletion {
            object_type: link.object_type,
            source_id: link.source_id.clone(),
            target_id: link.target_id.clone(),
            display_name: link.display_name.clone(),
            delete,
            since: context.now,
            decision: Decision::Held,
        };
        Some(self.staged(Some(StagedChange::Hold(held)), false, context))
    }

    /// Gone for good.
    fn gone(&mut self, mapping: &CompiledMapping, context: &Context<'_>) -> Next {
        let description = "The object no longer exists in the directory";
        self.step(StepType::Import, "EntryImportDelete", Status::Success, description);
        let Some(link) = self.entry.link.clone() else { return self.search_orphan(mapping, context) };
        if let Some(next) = self.keep_rejected(context) {
            return next;
        }
        if context.job.settings.deprovisioning == Deprovisioning::Nothing {
            self.unlinked.push(LinkChange::Remove(link.source_id));
            let reason = "The object is gone; its account is left alone, as the job is set to.";
            return self.skip(ErrorCode::SkipOutOfScopeDeletions, reason, true, context);
        }
        self.remove(link, mapping, context)
    }

    /// An object that is gone, and was never linked: its account may exist all the same.
    fn search_orphan(&mut self, mapping: &CompiledMapping, context: &Context<'_>) -> Next {
        let Some(creation) = &self.entry.creation else { return self.pass_over() };
        for (name, value) in &creation.matching {
            let attribute = mapping.matching_attributes().find(|attribute| attribute.name == *name);
            self.candidates.extend(attribute.map(|attribute| (attribute.clone(), value.clone())));
        }
        self.recorder.source.display_name.clone_from(&creation.display_name);
        self.search(0, false, context)
    }

    /// Deletes the account of an object that is gone, if that is wanted.
    pub(super) fn remove(&mut self, link: Link, mapping: &CompiledMapping, context: &Context<'_>) -> Next {
        if !mapping.flow.delete {
            let reason = "The account would be deleted, but the mapping does not allow deletions.";
            return self.skip(ErrorCode::ActionDisabled, reason, true, context);
        }
        if let Some(next) = self.set_aside(&link, true, context) {
            return next;
        }
        let shown = details([("TargetId", link.target_id.to_string())]);
        let description = "The account is to be deleted";
        self.recorder.step(
            StepType::Processing,
            "EntrySynchronizationDelete",
            Status::Success,
            description,
            shown,
        );
        self.delete(link, mapping, context)
    }
}

/// Why the account of an object that is no longer to be provisioned is left alone, if the job is set to that.
pub(super) fn spared(failure: ScopeFailure, context: &Context<'_>) -> Option<&'static str> {
    let settings = &context.job.settings;
    if settings.deprovisioning == Deprovisioning::Nothing {
        return Some(
            "The object is no longer to be provisioned; its account is left alone, as the job is set to.",
        );
    }
    (failure != ScopeFailure::NotActive && settings.skip_out_of_scope_deletions)
        .then_some("The object is out of scope; its account is left alone, as the job is set to.")
}
