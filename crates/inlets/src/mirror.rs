//! What an inlet tells the directory: changes of people and groups by their ids at the source.
//!
//! A [`Batch`] is applied as one transaction and may be applied twice: it says how things are, not how they
//! differ. The directory remembers which of its resources belongs to which id at the source (its source
//! anchor), so a person who is renamed stays the same person.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::attributes::{self, SetError};
use crate::rules::Rules;

/// What kind of object it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A person.
    User,
    /// A group.
    Group,
}

/// Changes that are written together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Batch {
    /// What kind of objects these are.
    pub kind: Kind,
    /// Number of the last pass over everything: whoever is met is marked with it, so that those who are not
    /// met can be told once the pass is complete.
    pub pass: i64,
    /// The inlet's rules.
    #[serde(default)]
    pub rules: Rules,
    /// In the order in which they are applied.
    pub changes: Vec<Change>,
}

/// One object, or part of what is to be said about it. The same object may come several times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// The object exists.
    Upsert(Upsert),
    /// The object does not exist.
    Remove {
        /// Its id at the source.
        source_id: String,
        /// Whether it is gone for good, and not in the source's recycle bin.
        permanent: bool,
    },
}

/// What is known of an object that exists. What is not mentioned stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Upsert {
    /// Its id at the source.
    pub source_id: String,
    /// Source attributes, see [`attributes`]; `None` clears one. Of a group only `displayName` counts.
    pub attributes: Vec<(String, Option<String>)>,
    /// Whether these are all attributes that the inlet knows of a person: it says nothing any more about others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
    /// What is said about the manager.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub manager: Vec<Reference>,
    /// What is said about members of a group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Reference>,
}

/// Another object, referred to or no longer referred to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    /// Its id at the source.
    pub source_id: String,
    /// Whether the reference is gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
}

impl Change {
    /// The object's id at the source.
    pub fn source_id(&self) -> &str {
        match self {
            Self::Upsert(upsert) => &upsert.source_id,
            Self::Remove { source_id, .. } => source_id,
        }
    }
}

impl Upsert {
    /// The value that is given to an attribute: `None` when it is not mentioned, `Some(None)` when cleared.
    pub fn attribute(&self, name: &str) -> Option<Option<&str>> {
        self.attributes.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_deref())
    }

    /// Lays a later statement about the same object over this one. References are left out: they are
    /// applied when they come.
    pub fn merge(&mut self, later: &Upsert) {
        if later.whole {
            self.whole = true;
            self.attributes.clone_from(&later.attributes);
            return;
        }
        for (name, value) in &later.attributes {
            match self.attributes.iter_mut().find(|(key, _)| key == name) {
                Some((_, kept)) => kept.clone_from(value),
                None => self.attributes.push((name.clone(), value.clone())),
            }
        }
    }
}

/// Applies attributes to a person; answers the names of those that changed.
pub fn edit(resource: &mut Value, changes: &[(String, Option<String>)]) -> Result<Vec<String>, SetError> {
    let mut changed = Vec::new();
    for (name, value) in changes {
        if !attributes::says(name, attributes::get(resource, name), value.as_deref()) {
            attributes::set(resource, name, value.as_deref())?;
            changed.push(name.clone());
        }
    }
    Ok(changed)
}

/// What applying a batch, or part of a sweep, did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Applied {
    /// What happened, counted.
    pub counts: Counts,
    /// Objects that could not be written.
    pub failures: Vec<Failure>,
    /// Where to go on, for what is done in portions; `None` at the end.
    pub next: Option<i64>,
}

/// Counters of objects and memberships.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// New in the directory.
    pub created: u64,
    /// Known from elsewhere and taken over, by their `userPrincipalName`.
    pub joined: u64,
    /// Changed.
    pub updated: u64,
    /// As they were.
    pub unchanged: u64,
    /// Back from the recycle bin.
    pub restored: u64,
    /// Moved to the recycle bin, or gone for good.
    pub deleted: u64,
    /// Not written, or not with all attributes.
    pub failed: u64,
    /// Memberships that are new.
    pub members_added: u64,
    /// Memberships that are gone.
    pub members_removed: u64,
}

impl Counts {
    /// Adds those of another portion.
    pub fn add(&mut self, other: &Counts) {
        self.created += other.created;
        self.joined += other.joined;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.restored += other.restored;
        self.deleted += other.deleted;
        self.failed += other.failed;
        self.members_added += other.members_added;
        self.members_removed += other.members_removed;
    }

    /// Whether nothing was written, nor should have been.
    pub fn is_idle(&self) -> bool {
        Self { unchanged: 0, ..*self } == Self::default()
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} created, {} taken over, {} updated, {} restored, {} deleted, {} failed; {} memberships added, {} removed.",
            self.created,
            self.joined,
            self.updated,
            self.restored,
            self.deleted,
            self.failed,
            self.members_added,
            self.members_removed
        )
    }
}

/// An object that could not be written, or attributes of one, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Its id at the source.
    pub source_id: String,
    /// Its name, as far as it is known.
    pub name: String,
    /// Why.
    pub message: String,
}

/// How many of an inlet's objects a complete pass did not meet, and how many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Absent {
    /// People that would go.
    pub users: u64,
    /// People from the inlet.
    pub all_users: u64,
    /// Groups that would go.
    pub groups: u64,
    /// Groups from the inlet.
    pub all_groups: u64,
}

/// What is looked at when a pass over everything is complete: objects and references that it did not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Sweep {
    /// Objects: they are deleted.
    Objects(Kind),
    /// Managers of people: they are cleared.
    Managers,
    /// Memberships: they are removed.
    Members,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_changed() {
        let mut person = attributes::new_user("ada@contoso.com");
        let given = |name: &str, value: Option<&str>| (name.to_owned(), value.map(str::to_owned));
        let changes = [
            given("displayName", Some("Ada")),
            given("accountEnabled", Some("true")),
            given("department", None),
            given("extension_0123_badge", Some("7")),
        ];
        assert_eq!(
            edit(&mut person, &changes),
            Ok(vec!["displayName".into(), "extension_0123_badge".into()])
        );
        assert_eq!(edit(&mut person, &changes), Ok(vec![]));
        assert!(edit(&mut person, &[given("objectId", Some("x"))]).is_err());
    }

    #[test]
    fn later_statements_lie_over_earlier_ones() {
        let mut first = Upsert {
            attributes: vec![("city".into(), Some("Bonn".into())), ("mail".into(), None)],
            ..Upsert::default()
        };
        let later = Upsert {
            attributes: vec![("city".into(), None), ("surname".into(), Some("L".into()))],
            ..Upsert::default()
        };
        first.merge(&later);
        assert_eq!(first.attribute("city"), Some(None));
        assert_eq!(first.attribute("surname"), Some(Some("L")));
        assert_eq!(first.attribute("title"), None);
    }
}
