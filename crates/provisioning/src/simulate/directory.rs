//! The simulated workforce directory and its assignments.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use crate::cycle::{Assignment, SourceObject, Watermark};
use crate::id::SourceId;

/// A person.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// Attributes under Entra's names.
    pub attributes: Map<String, Json>,
    /// May sign in.
    pub enabled: bool,
    /// In the recycle bin.
    pub soft_deleted: bool,
}

/// People, assignments, and the change logs of both.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    people: BTreeMap<SourceId, Person>,
    assignments: BTreeMap<SourceId, Vec<Assignment>>,
    changed: BTreeMap<SourceId, i64>,
    assignment_changed: BTreeMap<SourceId, i64>,
    sequence: Watermark,
}

impl Directory {
    /// An empty directory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a person, or changes one.
    pub fn put(&mut self, id: &str, name: &str, change: impl FnOnce(&mut Person)) {
        let id = SourceId::from(id);
        let person = self.people.entry(id.clone()).or_insert_with(|| Person {
            attributes: Map::new(),
            enabled: true,
            soft_deleted: false,
        });
        person.attributes.insert("displayName".to_owned(), json!(name));
        change(person);
        self.touch(id);
    }

    /// Changes a person who exists.
    pub fn change(&mut self, id: &SourceId, change: impl FnOnce(&mut Person)) {
        if let Some(person) = self.people.get_mut(id) {
            change(person);
            self.touch(id.clone());
        }
    }

    /// Removes a person for good; nobody has them as manager any more.
    pub fn purge(&mut self, id: &SourceId) {
        self.people.remove(id);
        self.touch(id.clone());
        let reports: Vec<SourceId> = self
            .people
            .iter()
            .filter(|(_, person)| person.attributes.get("manager") == Some(&json!(id)))
            .map(|(id, _)| id.clone())
            .collect();
        for report in reports {
            self.change(&report, |person| {
                person.attributes.remove("manager");
            });
        }
    }

    /// Assigns with a role.
    pub fn assign(&mut self, id: &SourceId, role: &str) {
        let assignment = Assignment { role_id: role.to_owned(), principal_id: id.clone(), via_group: None };
        self.assignments.insert(id.clone(), vec![assignment]);
        self.touch_assignment(id);
    }

    /// Takes the assignment away.
    pub fn unassign(&mut self, id: &SourceId) {
        if self.assignments.remove(id).is_some() {
            self.touch_assignment(id);
        }
    }

    fn touch(&mut self, id: SourceId) {
        self.sequence.directory += 1;
        self.changed.insert(id, self.sequence.directory);
    }

    fn touch_assignment(&mut self, id: &SourceId) {
        self.sequence.assignments += 1;
        self.assignment_changed.insert(id.clone(), self.sequence.assignments);
    }

    /// The present watermark.
    pub fn watermark(&self) -> Watermark {
        self.sequence
    }

    /// Everybody.
    pub fn people(&self) -> &BTreeMap<SourceId, Person> {
        &self.people
    }

    /// The assignments of one person.
    pub fn assignments(&self, id: &SourceId) -> Vec<Assignment> {
        self.assignments.get(id).cloned().unwrap_or_default()
    }

    /// Ids that changed after one watermark and not after another.
    pub fn changes(&self, since: Watermark, until: Watermark) -> BTreeSet<SourceId> {
        let directory = self
            .changed
            .iter()
            .filter(|(_, at)| **at > since.directory && **at <= until.directory)
            .map(|(id, _)| id.clone());
        let assigned = self
            .assignment_changed
            .iter()
            .filter(|(_, at)| **at > since.assignments && **at <= until.assignments)
            .map(|(id, _)| id.clone());
        directory.chain(assigned).collect()
    }

    /// The person as the engine sees them.
    pub fn object(&self, id: &SourceId) -> Option<SourceObject> {
        let person = self.people.get(id)?;
        let name = person.attributes.get("displayName").and_then(Json::as_str).unwrap_or_default();
        Some(SourceObject {
            display_name: name.to_owned(),
            attributes: person.attributes.clone(),
            account_enabled: person.enabled,
            soft_deleted: person.soft_deleted,
        })
    }
}
