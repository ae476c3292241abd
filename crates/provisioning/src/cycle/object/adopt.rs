//! Finding the account of an object that is not linked yet.

use serde_json::Value as Json;

use super::super::effect::LinkChange;
use super::super::entry::Link;
use super::begin::spared;
use super::{Next, ObjectRun, Stage};
use crate::date;
use crate::id::random_guid;
use crate::job::{Context, Deprovisioning};
use crate::log::details;
use crate::log::{Action, ErrorCode, Status, StepType};
use crate::schema::{CompiledMapping, ObjectType};
use crate::target::{Outcome as Answer, Purpose, Resource, ScimRequest, has_value, read_list, uri};

/// By so much the application's clock may be behind ours, in milliseconds.
const CLOCKS_DIFFER_MS: i64 = 5 * 60 * 1000;

const STEP: (StepType, &str) = (StepType::Matching, "EntryMatching");

impl ObjectRun {
    /// Searches by the matching attribute with this place in the order of precedence; creates when
    /// there is none left.
    pub(super) fn search(&mut self, candidate: usize, after_conflict: bool, context: &Context<'_>) -> Next {
        let Some(mapping) = self.mapping(context) else { return self.lost(context) };
        match self.candidates.get(candidate) {
            Some((attribute, value)) => {
                let path_and_query = uri::search(&mapping.endpoint, &attribute.path, value);
                self.stage = Stage::Matching { candidate, after_conflict };
                Next::Send(ScimRequest::get(path_and_query, Purpose::Match))
            }
            None => {
                self.uncertain = false;
                match (self.is_due(), after_conflict) {
                    (false, _) => self.pass_over(),
                    (true, true) => self.conflict(None, context),
                    (true, false) => self.create(false, context),
                }
            }
        }
    }

    pub(super) fn matched(
        &mut self,
        candidate: usize,
        after_conflict: bool,
        answer: &Answer,
        context: &Context<'_>,
    ) -> Next {
        let found = match read_list(answer, Purpose::Match) {
            Ok(found) => found,
            Err(failure) => return self.refused(Action::Other, STEP, failure, context),
        };
        let (name, value) = match self.candidates.get(candidate) {
            Some((attribute, value)) => (attribute.name.clone(), value.to_string()),
            None => return self.lost(context),
        };
        let ids: Vec<String> = found.iter().map(|resource| resource.id.to_string()).collect();
        let mut shown = details([
            ("MatchingAttribute", name.clone()),
            ("MatchingValue", value.clone()),
            ("Matches", ids.len().to_string()),
        ]);
        if !ids.is_empty() {
            shown.insert("TargetIds".to_owned(), ids.join(", "));
        }
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (None, _) => {
                let description = format!("No account has {name} {value}");
                self.recorder.step(STEP.0, STEP.1, Status::Success, description, shown);
                self.search(candidate + 1, after_conflict, context)
            }
            (Some(resource), None) => {
                let description = format!("One account has {name} {value}");
                self.recorder.step(STEP.0, STEP.1, Status::Success, description, shown);
                self.looked_at(candidate, resource, context)
            }
            (Some(_), Some(_)) => {
                let reason = format!("{} accounts have {name} {value}.", ids.len());
                self.recorder.step(STEP.0, STEP.1, Status::Failure, reason.as_str(), shown);
                let said = Some(format!("Accounts: {}", ids.join(", ")));
                self.fail(Action::Other, ErrorCode::DuplicateTargetEntries.because(reason, said), context)
            }
        }
    }

    /// Whether the account that a search found is one that was searched for. An application that disregards a filter
    /// answers with whatever it has: the account of its administrator, in the beginning.
    fn looked_at(&mut self, candidate: usize, found: Resource, context: &Context<'_>) -> Next {
        let Some(mapping) = self.mapping(context) else { return self.lost(context) };
        let Some((attribute, value)) = self.candidates.get(candidate) else { return self.lost(context) };
        match has_value(&found.json, &attribute.path, value, attribute.kind) {
            Some(true) => self.ask_owner(found),
            Some(false) => self.disregarded(candidate, &found, context),
            None => {
                let nobody = Json::from(random_guid(context.random));
                let path_and_query = uri::search(&mapping.endpoint, &attribute.path, &nobody);
                self.stage = Stage::Proving { candidate, found: Box::new(found) };
                Next::Send(ScimRequest::get(path_and_query, Purpose::Match))
            }
        }
    }

    /// What a search found that must find nobody.
    pub(super) fn proved(
        &mut self,
        candidate: usize,
        found: Resource,
        answer: &Answer,
        context: &Context<'_>,
    ) -> Next {
        match read_list(answer, Purpose::Match) {
            Ok(nobody) if nobody.is_empty() => self.ask_owner(found),
            Ok(_) => self.disregarded(candidate, &found, context),
            Err(failure) => self.refused(Action::Other, STEP, failure, context),
        }
    }

    fn ask_owner(&mut self, found: Resource) -> Next {
        let id = found.id.clone();
        self.stage = Stage::Claiming { found: Box::new(found) };
        Next::FindLink(id)
    }

    fn disregarded(&mut self, candidate: usize, found: &Resource, context: &Context<'_>) -> Next {
        let name = self.candidates.get(candidate).map(|(attribute, _)| attribute.name.clone());
        let reason = format!(
            "The application answered the search by {} with the account {}, which has another value or was found by \
             any: it was left alone.",
            name.unwrap_or_default(),
            found.id
        );
        self.step(STEP.0, STEP.1, Status::Failure, reason.as_str());
        let code = ErrorCode::SystemForCrossDomainIdentityManagementServiceIncompatible;
        self.fail(Action::Other, code.because(reason, None), context)
    }

    /// Takes the account over, unless it is somebody else's. An account that was disabled for its
    /// former owner is nobody's any more: a person who comes back under a new id gets it.
    pub(super) fn claim(
        &mut self,
        found: Resource,
        link: Option<Link>,
        claimed: bool,
        context: &Context<'_>,
    ) -> Next {
        let Some(mapping) = self.mapping(context) else { return self.lost(context) };
        let other = link.filter(|link| link.source_id != self.entry.source_id);
        if !self.is_due() {
            return match (other.is_some() || claimed, self.left_behind(&found)) {
                (false, true) => self.clear_away(&found, mapping, context),
                // Somebody else's, or there before anything was to be created: none of ours.
                _ => {
                    self.uncertain = false;
                    let reason = "An account was found, but no creation of this job can have made it; it stays as it is.";
                    self.skip(ErrorCode::EntrySynchronizationSkipped, reason, true, context)
                }
            };
        }
        if let Some(other) = other.as_ref().filter(|other| other.active == Some(false) && !claimed) {
            let shown = details([("FormerSourceId", other.source_id.to_string())]);
            let description = "The account was disabled for another object; this one takes it over";
            self.recorder.step(STEP.0, STEP.1, Status::Success, description, shown);
            self.unlinked.push(LinkChange::Remove(other.source_id.clone()));
        } else if other.is_some() || claimed {
            let owner = other.map(|other| format!("{} ({})", other.display_name, other.source_id));
            let reason = format!(
                "The account {} belongs to {}.",
                found.id,
                owner.unwrap_or_else(|| "another object of this cycle".to_owned())
            );
            self.step(STEP.0, STEP.1, Status::Failure, reason.as_str());
            return self.fail(
                Action::Other,
                ErrorCode::DuplicateSourceEntries.because(reason, None),
                context,
            );
        }
        let link = self.new_link(found.id.clone(), context);
        self.bring_in_line(link, &found.json, mapping, context)
    }

    /// Whether a lost creation can have made an account: one that is older was there before, and none of ours. An
    /// application that does not say when (RFC 7643, section 3.1, `meta.created`) leaves it open: it is left alone.
    fn left_behind(&self, found: &Resource) -> bool {
        let Some(creation) = &self.entry.creation else { return false };
        let created = found.json.get("meta").and_then(|meta| meta.get("created")).and_then(Json::as_str);
        created.and_then(date::parse).is_some_and(|created| created >= creation.at - CLOCKS_DIFFER_MS)
    }

    /// Takes an account away that a lost creation left behind, of an object that is gone or out of scope by now. What
    /// the job is set to holds for it as for any other account. A group cannot be disabled, so it goes.
    fn clear_away(&mut self, found: &Resource, mapping: &CompiledMapping, context: &Context<'_>) -> Next {
        let is_spared = match self.scope.as_ref().and_then(|scope| scope.failure) {
            Some(failure) => spared(failure, context).is_some(),
            // Gone for good.
            None => context.job.settings.deprovisioning == Deprovisioning::Nothing,
        };
        if is_spared {
            self.uncertain = false;
            let reason = "An interrupted creation left an account; it is left alone, as the job is set to.";
            return self.skip(ErrorCode::SkipOutOfScopeDeletions, reason, true, context);
        }
        let link = self.new_link(found.id.clone(), context);
        if self.entry.object.is_none() || mapping.object_type == ObjectType::Group {
            return self.remove(link, mapping, context);
        }
        if let Some(next) = self.set_aside(&link, false, context) {
            return next;
        }
        self.bring_in_line(link, &found.json, mapping, context)
    }

    /// Whether an account should be created when none is found.
    fn is_due(&self) -> bool {
        self.scope.as_ref().is_some_and(|scope| scope.failure.is_none())
    }

    /// A link to an account that has just been found or created.
    pub(super) fn new_link(&mut self, target_id: crate::id::TargetId, context: &Context<'_>) -> Link {
        target_id.as_str().clone_into(&mut self.recorder.target.id);
        Link {
            object_type: self.mapping(context).map(|mapping| mapping.object_type).unwrap_or_default(),
            source_id: self.entry.source_id.clone(),
            target_id,
            matching_value: self.matching_value(),
            display_name: self.recorder.source.display_name.clone(),
            active: None,
            disabled: None,
            created: context.now,
            updated: context.now,
        }
    }
}
