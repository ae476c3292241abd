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

/// A group.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its members.
    pub members: BTreeSet<SourceId>,
}

/// A membership that came or went.
#[derive(Debug, Clone)]
pub struct MembershipChange {
    /// The group.
    pub group: SourceId,
    /// The member.
    pub member: SourceId,
    /// Whether it went.
    pub removed: bool,
}

/// People, groups, assignments, and the change logs of all.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    groups: BTreeMap<SourceId, Group>,
    /// Memberships that came and went, in order.
    pub memberships: Vec<MembershipChange>,
    /// How many of them, from the first, are no longer kept.
    pub memberships_pruned: usize,
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
        let groups: Vec<SourceId> = self.groups.keys().cloned().collect();
        for group in groups {
            self.set_member(&group, id, false);
        }
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

    /// Adds a group, or renames one.
    pub fn put_group(&mut self, id: &str, name: &str) {
        let id = SourceId::from(id);
        name.clone_into(&mut self.groups.entry(id.clone()).or_default().name);
        self.touch(id);
    }

    /// Removes a group for good.
    pub fn purge_group(&mut self, id: &SourceId) {
        self.groups.remove(id);
        self.touch(id.clone());
    }

    /// Puts a member who exists into a group, or takes one out.
    pub fn set_member(&mut self, group: &SourceId, member: &SourceId, is_member: bool) {
        if is_member && !self.people.contains_key(member) {
            return;
        }
        let Some(known) = self.groups.get_mut(group) else { return };
        let changed =
            if is_member { known.members.insert(member.clone()) } else { known.members.remove(member) };
        if changed {
            let (group, member) = (group.clone(), member.clone());
            self.memberships.push(MembershipChange { group, member, removed: !is_member });
        }
    }

    /// All groups.
    pub fn groups(&self) -> &BTreeMap<SourceId, Group> {
        &self.groups
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

    /// The person or group as the engine sees it.
    pub fn object(&self, id: &SourceId) -> Option<SourceObject> {
        if let Some(group) = self.groups.get(id) {
            let attributes = [("displayName".to_owned(), json!(group.name))].into_iter().collect();
            return Some(SourceObject {
                display_name: group.name.clone(),
                attributes,
                account_enabled: true,
                soft_deleted: false,
            });
        }
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
