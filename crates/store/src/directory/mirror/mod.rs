//! What an inlet says, written into the directory.
//!
//! Each object at the source has an anchor: the pair of the inlet's id for it and the resource that it became.
//! Everything may be said twice. What cannot be written yet waits, and is tried again when the round settles: a
//! manager or member who is not known yet, a `userName` that somebody else still has.

mod anchors;
pub mod conflicts;
pub mod disputes;
mod groups;
mod join;
mod order;
mod principals;
mod settle;
mod sweep;
mod users;
mod voices;

use std::cell::RefCell;
use std::rc::Rc;

use inlets::attributes::SetError;
use inlets::mirror::{Applied, Batch, Change, Counts, Failure, Kind, Upsert};
use inlets::order::Orders;
use scim::ResourceType;
use scim::repository::{Repository as _, RepositoryError};
use scim::schema::SchemaSet;
use serde_json::{Map, Value as Json, json};

use self::anchors::{Anchor, Anchors};
pub use self::order::Reordered;
use super::DirectoryStore;
use crate::sql::{SqlError, in_transaction};

/// Objects that one portion of a sweep or of what had to wait touches.
pub const PORTION: usize = 200;

/// Objects of an inlet that is removed of which one portion forgets.
pub const FORGOTTEN: usize = 1_000;

/// Memberships at the source that one portion forgets.
pub const FORGOTTEN_MEMBERS: usize = 5_000;

/// Makes ids of new resources.
pub type NewId<'a> = &'a mut dyn FnMut() -> Result<String, RepositoryError>;

/// Writes for one inlet.
pub struct Mirror<'a> {
    store: DirectoryStore<'a>,
    schemas: &'a SchemaSet,
    inlet: &'a str,
    now_ms: i64,
    new_id: NewId<'a>,
    /// The orders of single attributes, once they were read.
    orders: RefCell<Option<Rc<Orders>>>,
}

/// Why an object was not written.
enum Trouble {
    /// The store refused or failed.
    Store(RepositoryError),
    /// What is said cannot be a resource.
    Refused(String),
}

impl From<RepositoryError> for Trouble {
    fn from(error: RepositoryError) -> Self {
        Trouble::Store(error)
    }
}

impl From<SqlError> for Trouble {
    fn from(error: SqlError) -> Self {
        Trouble::Store(error.into())
    }
}

impl From<SetError> for Trouble {
    fn from(error: SetError) -> Self {
        Trouble::Refused(error.to_string())
    }
}

impl Trouble {
    /// Whether a name is taken: that may pass within the round.
    fn is_conflict(&self) -> bool {
        matches!(self, Trouble::Store(RepositoryError::Conflict { .. }))
    }

    /// Itself, or the error that ends the whole transaction because it is ours.
    fn of_theirs(self) -> Result<Self, RepositoryError> {
        match self {
            Trouble::Store(RepositoryError::Internal(message)) => Err(RepositoryError::Internal(message)),
            theirs => Ok(theirs),
        }
    }

    /// What it says, or the error that ends the whole transaction because it is ours.
    fn text(self) -> Result<String, RepositoryError> {
        match self.of_theirs()? {
            Trouble::Store(error) => Ok(scim::ScimError::from(error).detail),
            Trouble::Refused(message) => Ok(message),
        }
    }
}

/// Attributes that could not be written, and why.
type LeftOut = Vec<(String, Trouble)>;

/// What became of an object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    Created,
    Joined,
    Restored,
    Updated,
    Unchanged,
}

impl Written {
    fn count(self, counts: &mut Counts) {
        let counter = match self {
            Written::Created => &mut counts.created,
            Written::Joined => &mut counts.joined,
            Written::Restored => &mut counts.restored,
            Written::Updated => &mut counts.updated,
            Written::Unchanged => &mut counts.unchanged,
        };
        *counter += 1;
    }
}

impl<'a> Mirror<'a> {
    /// Writes for an inlet, by its id, into a directory with these schemas; `now_ms` are Unix milliseconds.
    pub fn new(
        store: DirectoryStore<'a>,
        schemas: &'a SchemaSet,
        inlet: &'a str,
        now_ms: i64,
        new_id: NewId<'a>,
    ) -> Self {
        Self { store, schemas, inlet, now_ms, new_id, orders: RefCell::default() }
    }
}

impl Mirror<'_> {
    /// Writes a batch, as one transaction. May be repeated.
    pub fn apply(&mut self, batch: &Batch) -> Result<Applied, RepositoryError> {
        let sql = self.store.sql;
        in_transaction(sql, || {
            let mut applied = Applied::default();
            self.keep_rules(&batch.rules)?;
            let mut anchors = self.load_anchors(batch)?;
            for change in &batch.changes {
                match (change, batch.kind) {
                    (Change::Upsert(upsert), Kind::User) => {
                        self.user(&mut anchors, upsert, batch.pass, &mut applied)?;
                    }
                    (Change::Upsert(upsert), Kind::Group) => {
                        self.group(&mut anchors, upsert, batch.pass, &mut applied)?;
                    }
                    (Change::Remove { source_id, permanent }, kind) => {
                        if let Some(anchor) = anchors.get_mut(source_id) {
                            self.remove(anchor, kind, *permanent, &mut applied.counts)?;
                        }
                    }
                }
            }
            self.mark_met(batch, &anchors)?;
            Ok(applied)
        })
    }

    /// Forgets the inlet's anchors. People and groups stay; of people that other inlets have, what those say
    /// counts. Whether there is more to do: it goes by portions.
    pub fn release(&mut self) -> Result<bool, RepositoryError> {
        let sql = self.store.sql;
        in_transaction(sql, || Ok(self.release_shared()? || self.forget_anchors()?))
    }

    /// The object is not there any more: into the recycle bin, or away for good. A resource that another inlet
    /// knows as well stays; so does one that was absent already and that somebody else brought back.
    fn remove(
        &mut self,
        anchor: &mut Anchor,
        kind: Kind,
        permanent: bool,
        counts: &mut Counts,
    ) -> Result<(), RepositoryError> {
        if anchor.deferred.take().is_some() {
            anchor.unsettled = false;
            self.save(anchor)?;
        }
        let Some(id) = anchor.resource_id.clone() else { return Ok(()) };
        let kind = resource_type(kind);
        let found = self.store.find(kind, &id)?;
        let is_live = found.as_ref().is_some_and(|found| found.deleted_ms.is_none());
        if is_live && (anchor.absent || self.is_shared(&id)?) {
            let counted = !anchor.absent;
            let (said, managed) = (anchor.said.take(), anchor.manager.take().is_some());
            anchor.resource_id = None;
            self.save(anchor)?;
            counts.members_removed += self.leave_groups(anchor.number, &id, anchor.number)?;
            if kind == ResourceType::User && counted && self.without(&id, said.as_deref(), managed, true)? {
                counts.updated += 1;
            }
            return Ok(());
        }
        if is_live {
            self.store.delete(kind, &id, self.now_ms)?;
        }
        if !anchor.absent {
            anchor.absent = true;
            self.save(anchor)?;
        }
        if permanent && found.is_some() {
            self.store.purge(kind, &id, self.now_ms)?;
            self.forget_memberships(anchor.number)?;
            anchor.resource_id = None;
            self.save(anchor)?;
        }
        counts.deleted += u64::from(is_live || (permanent && found.is_some()));
        Ok(())
    }

    /// The attributes as the directory keeps them, checked against its schema.
    fn canonical(&self, kind: ResourceType, mut resource: Json) -> Result<Map<String, Json>, Trouble> {
        // A kept document does not list its schemas; a request's must.
        if let Some(document) = resource.as_object_mut() {
            document.entry("schemas").or_insert_with(|| json!([kind.schema_urn()]));
        }
        scim::validation::normalize(kind, &resource, self.schemas)
            .map(|input| input.attributes)
            .map_err(|error| Trouble::Refused(error.detail))
    }

    /// Tells what could not be written of a person who was. A name that is taken is told when it stays taken.
    fn tell(&self, upsert: &Upsert, left_out: LeftOut, applied: &mut Applied) -> Result<(), RepositoryError> {
        let mut texts = Vec::new();
        for (name, trouble) in left_out {
            if !trouble.is_conflict() {
                texts.push(format!("{name} was left out: {}", trouble.text()?));
            }
        }
        if texts.is_empty() { Ok(()) } else { self.fail(upsert, Trouble::Refused(texts.join("; ")), applied) }
    }

    /// An object that was not written.
    fn fail(&self, upsert: &Upsert, trouble: Trouble, applied: &mut Applied) -> Result<(), RepositoryError> {
        let name =
            ["userPrincipalName", "displayName"].iter().find_map(|name| upsert.attribute(name).flatten());
        applied.counts.failed += 1;
        applied.failures.push(Failure {
            source_id: upsert.source_id.clone(),
            name: name.unwrap_or(&upsert.source_id).to_owned(),
            message: trouble.text()?,
        });
        Ok(())
    }
}

fn resource_type(kind: Kind) -> ResourceType {
    match kind {
        Kind::User => ResourceType::User,
        Kind::Group => ResourceType::Group,
    }
}

fn object(value: Json) -> Map<String, Json> {
    match value {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}

/// What was said and could not be written.
fn deferred(anchor: &Anchor) -> Result<Option<Upsert>, RepositoryError> {
    anchor
        .deferred
        .as_deref()
        .map(serde_json::from_str)
        .transpose()
        .map_err(|error| RepositoryError::Internal(format!("a deferred change is not JSON: {error}")))
}

fn anchor_of<'m>(anchors: &'m mut Anchors, source_id: &str) -> Result<&'m mut Anchor, RepositoryError> {
    anchors.get_mut(source_id).ok_or_else(|| RepositoryError::Internal(format!("{source_id} has no anchor")))
}
