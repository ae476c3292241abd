//! What is asked of on-demand provisioning, and its answer: JSON inside of strings, as in Graph.

use crate::api::scim::{object, text};
use crate::api::{ApiError, parse, read_as};
use crate::parts::picker::{Choice, GROUP};
use api::log::ProvisioningObjectSummary;
use serde_json::Value;

/// `objectTypeName` of a person; a group's is [`GROUP`].
const USER: &str = "User";

/// What it came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    Skipped,
    Failure,
}

/// An answer that was read.
pub(crate) struct Answer {
    /// Whether nothing was written.
    pub(crate) preview: bool,
    /// The id and name of whom it was asked for.
    pub(crate) id: String,
    pub(crate) person: String,
    pub(crate) outcome: Outcome,
    /// Code and message of a failure; empty without one.
    pub(crate) error: String,
    /// As the log has them: the person, then what followed from it, such as the manager; members before their group.
    pub(crate) entries: Vec<ProvisioningObjectSummary>,
}

fn subject(id: &str, kind: &str) -> Value {
    object([("objectId", id.into()), ("objectTypeName", kind.into())])
}

/// The request for one person, or for a group and some of its members. There is one rule, so its name does not matter.
pub(crate) fn request(chosen: &Choice, members: &[Choice]) -> Value {
    let mut subject = subject(&chosen.id, if chosen.is_group() { GROUP } else { USER });
    if let Some(object) = subject.as_object_mut().filter(|_| chosen.is_group()) {
        let members = members.iter().map(|member| self::subject(&member.id, USER)).collect::<Vec<_>>();
        object.insert("links".to_owned(), self::object([("members", members.into())]));
    }
    let parameter = object([("ruleId", "".into()), ("subjects", vec![subject].into())]);
    object([("parameters", vec![parameter].into())])
}

impl Answer {
    /// Reads an `answer` with what was asked: `preview` and the name of the `person`.
    pub(crate) fn read(told: &Value) -> Result<Self, ApiError> {
        if told.is_null() {
            return Err(ApiError::unreadable("there is none"));
        }
        let preview = told.get("preview").and_then(Value::as_bool).unwrap_or_default();
        let part = |name| parse(&text(told, &["answer", name]));
        let (key, event) = (part("key")?, part("value")?);
        let outcome = match text(&key, &["result"]).as_str() {
            "Success" => Outcome::Success,
            "Skipped" => Outcome::Skipped,
            _ => Outcome::Failure,
        };
        let parts = ["errorCode", "errorMessage"].map(|name| text(&key, &["details", name]));
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let entries = event.get("entries").map_or_else(|| Ok(Vec::new()), read_as)?;
        let error = parts.collect::<Vec<_>>().join(": ");
        Ok(Self {
            preview,
            id: text(told, &["id"]),
            person: text(told, &["person"]),
            outcome,
            error,
            entries,
        })
    }

    /// The entry of whom it was asked for.
    pub(crate) fn main(&self) -> Option<&ProvisioningObjectSummary> {
        let asked = self.entries.iter().find(|entry| entry.source_identity.id == self.id);
        asked.or_else(|| self.entries.first())
    }

    /// The outcome in a sentence.
    pub(crate) fn sentence(&self) -> String {
        let changed = self.entries.iter().any(|entry| !entry.modified_properties.is_empty());
        let what = match (self.outcome, self.preview) {
            (Outcome::Failure, true) => "would not be provisioned: see the reason below.",
            (Outcome::Failure, false) => "was not provisioned: see the reason below.",
            (Outcome::Skipped, true) => "would be skipped.",
            (Outcome::Skipped, false) => "was skipped.",
            (Outcome::Success, _) if !changed => "is up to date already.",
            (Outcome::Success, true) => "would be provisioned.",
            (Outcome::Success, false) => "was provisioned.",
        };
        let end = if self.preview { " This is a preview: nothing was written." } else { "" };
        format!("{} {what}{end}", self.person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_person_or_group_is_asked_for() {
        let choice = |id: &str, detail: &str| Choice {
            id: id.to_owned(),
            name: String::new(),
            detail: detail.to_owned(),
        };
        let person = choice("p1", "p1@x");
        let subjects = json!([{"objectId": "p1", "objectTypeName": "User"}]);
        let request_of = |subjects: &Value| json!({"parameters": [{"ruleId": "", "subjects": subjects}]});
        assert_eq!(request(&person, std::slice::from_ref(&person)), request_of(&subjects));
        let group = json!([{"objectId": "g", "objectTypeName": "Group", "links": {"members": subjects}}]);
        assert_eq!(request(&choice("g", GROUP), &[person]), request_of(&group));
    }

    #[test]
    fn answers_are_json_in_strings() {
        let answer = |result: &str, code: Value, preview: bool| {
            let key =
                json!({"result": result, "details": {"errorCode": code, "errorMessage": code}}).to_string();
            json!({"preview": preview, "person": "Ada", "answer": {"key": key, "value": "null"}})
        };
        let failed = Answer::read(&answer("Failure", json!("X"), false)).unwrap();
        assert_eq!((failed.outcome, failed.error.as_str()), (Outcome::Failure, "X: X"));
        assert_eq!(failed.sentence(), "Ada was not provisioned: see the reason below.");
        let skipped = Answer::read(&answer("Skipped", Value::Null, true)).unwrap();
        assert_eq!((skipped.outcome, skipped.error.as_str()), (Outcome::Skipped, ""));
        assert_eq!(skipped.sentence(), "Ada would be skipped. This is a preview: nothing was written.");
        assert!(Answer::read(&Value::Null).is_err());
        assert!(Answer::read(&json!({"answer": {"key": "{", "value": "null"}})).is_err());
    }
}
