//! What the service provider needs of a store. Every method is one transaction: it has its whole effect, with
//! the entries of the change log, or none.

use serde_json::{Map, Value};

use crate::error::ScimError;
use crate::etag;
use crate::filter::Condition;
use crate::patch::PropertyChange;
use crate::resource::{GroupReference, Member, Resource, ResourceType};
use crate::schema::SchemaSet;
use crate::sort::{SortBy, SortKey};

/// A resource that does not exist yet.
#[derive(Clone, Debug, PartialEq)]
pub struct NewResource {
    /// Its type.
    pub kind: ResourceType,
    /// Its id, never used before.
    pub id: String,
    /// Its attributes, as in [`Resource`].
    pub attributes: Map<String, Value>,
    /// The ids of a group's members, each once.
    pub members: Vec<String>,
    /// Now, in Unix milliseconds.
    pub now_ms: i64,
}

/// A change of a resource that exists.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// The resource as it was read. It must not have changed since.
    pub previous: Resource,
    /// The attributes afterwards.
    pub attributes: Map<String, Value>,
    /// What differs; empty if the attributes are the same.
    pub changes: Vec<PropertyChange>,
    /// What is done to the members of a group, in order.
    pub members: Vec<MemberChange>,
    /// Now, in Unix milliseconds.
    pub now_ms: i64,
}

/// A change of a group's members. Adding a member that is there and removing one that is not are no changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberChange {
    /// Adds these ids.
    Add(Vec<String>),
    /// Removes these ids.
    Remove(Vec<String>),
    /// Makes these ids the only members.
    Replace(Vec<String>),
}

/// What an [`Update`] did.
#[derive(Clone, Debug, PartialEq)]
pub struct Updated {
    /// The resource afterwards.
    pub resource: Resource,
    /// How many members were added that were not there.
    pub members_added: usize,
    /// How many members were removed.
    pub members_removed: usize,
}

/// A query over one or more types (RFC 7644 section 3.4.2).
#[derive(Clone, Debug, PartialEq)]
pub struct ListQuery<'a> {
    /// The types, each with its condition. The order of the types is the order of an unsorted list.
    pub selections: Vec<Selection>,
    /// Whether the order is turned round.
    pub descending: bool,
    /// Which part of the list.
    pub page: Page,
    /// How many resources at most.
    pub count: usize,
    /// The address that `meta.location` and `$ref` start with.
    pub base_url: &'a str,
    /// The directory's schemas.
    pub schemas: &'a SchemaSet,
}

/// One type of a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// The type.
    pub kind: ResourceType,
    /// What its resources fulfil; `None` is all.
    pub condition: Option<Condition>,
    /// What it is sorted by; `None` is the order of creation. All selections of a query have it or none.
    pub sort: Option<SortBy>,
}

/// Which part of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// From the resource with this index, counted from 0. The answer has the total.
    Index(usize),
    /// From the start, to be continued with [`Page::After`]. The total may be left out.
    First,
    /// After this position, whether or not the resource there still exists.
    After(Position),
}

/// A place in a list that stays valid while resources come and go.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    /// The type of the resource there.
    pub kind: ResourceType,
    /// What it was sorted by.
    pub key: Option<SortKey>,
    /// Its number in the order of creation.
    pub sequence: i64,
}

/// Part of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListPage {
    /// The resources.
    pub resources: Vec<Resource>,
    /// How many the whole list has.
    pub total: Option<usize>,
    /// Where the next page starts; `None` after the last.
    pub next: Option<Position>,
}

/// Why a repository refused or failed.
#[derive(Clone, Debug, PartialEq)]
pub enum RepositoryError {
    /// There is no live resource of this type with this id.
    NotFound,
    /// Another live resource of the type has this value of a unique attribute.
    Conflict {
        /// The attribute.
        attribute: String,
        /// The value.
        value: String,
    },
    /// These ids are of no live resource that the attribute could name.
    UnknownReference {
        /// The attribute.
        attribute: String,
        /// The ids; the first few if there are many.
        ids: Vec<String>,
    },
    /// A group would contain itself by way of this member.
    Cycle {
        /// The member.
        member: String,
    },
    /// The resource has been changed since it was read.
    VersionMismatch {
        /// The version that it has now.
        current: i64,
    },
    /// The resource is larger than the store keeps.
    TooLarge,
    /// Ours: the message is for the log.
    Internal(String),
}

impl From<RepositoryError> for ScimError {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::NotFound => ScimError::new(404, "Resource not found"),
            RepositoryError::Conflict { attribute, value } => {
                ScimError::uniqueness(format!("{attribute} {value} is in use by another resource"))
            }
            RepositoryError::UnknownReference { attribute, ids } => ScimError::invalid_value(format!(
                "{attribute} names what does not exist: {}; create it first",
                ids.join(", ")
            )),
            RepositoryError::Cycle { member } => {
                ScimError::invalid_value(format!("The group would contain itself by way of member {member}"))
            }
            RepositoryError::VersionMismatch { current } => etag::precondition_failed(current),
            RepositoryError::TooLarge => {
                ScimError::new(413, "The resource is larger than this directory keeps")
            }
            RepositoryError::Internal(message) => ScimError::internal(message),
        }
    }
}

/// Where a directory's resources are.
pub trait Repository {
    /// The live resource with this id, or `None`.
    fn get(&mut self, kind: ResourceType, id: &str) -> Result<Option<Resource>, RepositoryError>;

    /// A part of a list. Resources are answered in a stable order: sorted, or by creation.
    fn list(&mut self, query: &ListQuery<'_>) -> Result<ListPage, RepositoryError>;

    /// Stores a new resource at version 1. Refuses with `Conflict`, `UnknownReference` (`members`), `TooLarge`.
    fn create(&mut self, new: &NewResource) -> Result<Resource, RepositoryError>;

    /// Changes a resource. The version and `modified_ms` move on only if something changed, so repeating an
    /// update is no change. The cost of a change of members is that of the members it names, not of the group.
    /// Refuses with `NotFound`, `VersionMismatch`, `Conflict`, `UnknownReference`, `Cycle`, `TooLarge`.
    fn update(&mut self, update: &Update) -> Result<Updated, RepositoryError>;

    /// Takes a resource out of the directory, with its memberships, so that its unique values are free. A second
    /// call is `NotFound`.
    fn delete(&mut self, kind: ResourceType, id: &str, now_ms: i64) -> Result<(), RepositoryError>;

    /// The first members of a group in a stable order, at most `limit`. No more are read.
    fn members(&mut self, group: &str, limit: usize) -> Result<Vec<Member>, RepositoryError>;

    /// The groups of users, direct and indirect, each with the id of the user.
    fn groups_of(&mut self, users: &[&str]) -> Result<Vec<(String, GroupReference)>, RepositoryError>;

    /// Those of the ids that are not of a live user.
    fn missing_users(&mut self, ids: &[&str]) -> Result<Vec<String>, RepositoryError>;

    /// The id of the live user that has this id, `userName` or e-mail address.
    fn find_user(&mut self, reference: &str) -> Result<Option<String>, RepositoryError>;
}
