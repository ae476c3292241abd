//! Finding the account of an object that is not linked yet.

use super::super::effect::LinkChange;
use super::super::entry::Link;
use super::{Next, ObjectRun, Stage, details};
use crate::job::Context;
use crate::log::{Action, ErrorCode, Status, StepType};
use crate::schema::ObjectType;
use crate::target::{Method, Outcome as Answer, Purpose, Resource, ScimRequest, read_list, uri};

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
                Next::Send(ScimRequest {
                    method: Method::Get,
                    path_and_query,
                    body: None,
                    purpose: Purpose::Match,
                    idempotent: true,
                })
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
                let id = resource.id.clone();
                self.stage = Stage::Claiming { found: Box::new(resource) };
                Next::FindLink(id)
            }
            (Some(_), Some(_)) => {
                let reason = format!("{} accounts have {name} {value}.", ids.len());
                self.recorder.step(STEP.0, STEP.1, Status::Failure, reason.as_str(), shown);
                let said = Some(format!("Accounts: {}", ids.join(", ")));
                self.fail(Action::Other, ErrorCode::DuplicateTargetEntries.because(reason, said), context)
            }
        }
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
        // Only an account that a lost creation left behind is looked for once the object is gone or
        // out of scope. A group cannot be disabled, so it goes.
        let is_group = mapping.object_type == ObjectType::Group;
        if self.entry.object.is_none() || (is_group && !self.is_due()) {
            return self.remove(link, mapping, context);
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
