//! Writing people.

use inlets::attributes;
use inlets::mirror::{Applied, Upsert, edit};
use inlets::rules::{ALWAYS_THERE, JoinBy};
use scim::patch::changes;
use scim::repository::{NewResource, Repository as _, RepositoryError, Update};
use scim::{Resource, ResourceType};
use serde_json::Value as Json;

use super::super::columns::Stored;
use super::anchors::{Anchor, Anchors};
use super::disputes::MANAGER;
use super::voices::Touched;
use super::{LeftOut, Mirror, Trouble, Written, anchor_of, deferred, object};
use crate::sql::in_transaction;

/// The attribute that a person cannot be made without.
const USER_NAME: &str = "userPrincipalName";

/// The resource that an object is to become.
enum Current {
    /// It has one, or one was found that is nobody's yet.
    Found { stored: Box<Stored>, joined: bool },
    /// It gets one.
    New,
}

impl Mirror<'_> {
    pub(super) fn user(
        &mut self,
        anchors: &mut Anchors,
        upsert: &Upsert,
        pass: i64,
        applied: &mut Applied,
    ) -> Result<(), RepositoryError> {
        let mut manager = anchor_of(anchors, &upsert.source_id)?.manager;
        for reference in &upsert.manager {
            let number = anchors.get(&reference.source_id).map(|anchor| anchor.number);
            if !reference.removed {
                manager = number;
            } else if manager == number {
                manager = None;
            }
        }
        let anchor = anchor_of(anchors, &upsert.source_id)?;
        let before = anchor.clone();
        anchor.manager = manager;
        if !upsert.manager.is_empty() {
            anchor.manager_pass = pass;
        }
        let mut said = deferred(anchor)?
            .unwrap_or_else(|| Upsert { source_id: upsert.source_id.clone(), ..Upsert::default() });
        said.merge(upsert);
        let mut joined = None;
        match self.try_user(anchor, &said) {
            Ok((written, left_out)) => {
                if written != Written::Unchanged || anchor.deferred.is_none() {
                    written.count(&mut applied.counts);
                }
                self.tell(&said, left_out, applied)?;
                if written == Written::Joined {
                    joined.clone_from(&anchor.resource_id);
                }
            }
            Err(trouble) if trouble.is_conflict() => anchor.defer(&said),
            Err(trouble) => self.fail(&said, trouble, applied)?,
        }
        if *anchor != before {
            self.save(anchor)?;
        }
        if joined.is_some() {
            // Who let go of the person in the database does so here: their removal may come later in the batch.
            let number = anchor.number;
            for other in anchors.values_mut() {
                if other.number != number && other.absent && other.resource_id == joined {
                    other.resource_id = None;
                }
            }
        }
        Ok(())
    }

    /// Writes a person, but for what cannot be written of them; or nothing. The anchor is changed only if it worked;
    /// the caller saves it. A name that is taken waits with it.
    pub(super) fn try_user(
        &mut self,
        anchor: &mut Anchor,
        said: &Upsert,
    ) -> Result<(Written, LeftOut), Trouble> {
        let mut changed = anchor.clone();
        let sql = self.store.sql;
        let (written, left_out) = in_transaction(sql, || self.write_user(&mut changed, said))?;
        if left_out.iter().any(|(_, trouble)| trouble.is_conflict()) {
            changed.defer(said);
        }
        *anchor = changed;
        Ok((written, left_out))
    }

    fn write_user(&mut self, anchor: &mut Anchor, said: &Upsert) -> Result<(Written, LeftOut), Trouble> {
        let user_name = said.attribute(USER_NAME).flatten();
        let current = self.current_user(anchor, said, user_name)?;
        let manager = match anchor.manager {
            Some(number) => self.user_of(number)?,
            None => None,
        };
        anchor.unsettled = anchor.manager.is_some() && manager.is_none();
        anchor.deferred = None;
        let (stored, joined) = match current {
            Current::Found { stored, joined } => (stored, joined),
            Current::New => return self.make_user(anchor, said, manager),
        };
        let was_deleted = stored.deleted_ms.is_some();
        anchor.resource_id = Some(stored.resource.id.clone());
        let resource = if was_deleted { self.bring_back(*stored, user_name)? } else { stored.resource };
        let document = Json::Object(resource.attributes.clone());
        let mut touched = if was_deleted {
            self.left_over(&resource.id, &document, anchor.number)?
        } else {
            Touched::new()
        };
        if joined {
            self.let_go(&resource.id, anchor.number)?;
        }
        touched.extend(anchor.hear(said, &document, joined)?);
        let voices = self.voices(&resource, &document, Some(anchor))?;
        if voices.len() > 1 || was_deleted {
            self.note_disputes(&resource.id, &voices)?;
        }
        let manager = (anchor.manager_pass > 0 || was_deleted).then_some(true);
        let (changed, mut left_out) = self.put_each(resource, &voices, &touched, manager)?;
        // Nobody comes back under a name that is not theirs any more.
        if let Some(place) = left_out.iter().position(|(name, _)| was_deleted && name == USER_NAME) {
            return Err(left_out.swap_remove(place).1);
        }
        let written = match (joined, was_deleted, changed) {
            (true, ..) => Written::Joined,
            (_, true, _) => Written::Restored,
            (_, _, true) => Written::Updated,
            (_, _, false) => Written::Unchanged,
        };
        Ok((written, left_out))
    }

    /// Somebody new. If a value is refused, they come with what they cannot be without, and then get what can be
    /// written.
    fn make_user(
        &mut self,
        anchor: &mut Anchor,
        said: &Upsert,
        manager: Option<String>,
    ) -> Result<(Written, LeftOut), Trouble> {
        let Some(user_name) = said.attribute(USER_NAME).flatten() else {
            return Err(Trouble::Refused("userPrincipalName is missing.".to_owned()));
        };
        let document = attributes::new_user(user_name);
        let touched = anchor.hear(said, &document, true)?;
        let whole = self.new_person(anchor, document.clone(), &said.attributes, manager);
        let is_whole = whole.is_ok();
        let person = match whole {
            Err(Trouble::Refused(_)) => {
                let needed = said.attributes.iter().filter(|(name, _)| ALWAYS_THERE.contains(&name.as_str()));
                let needed: Vec<_> = needed.cloned().collect();
                self.new_person(anchor, document, &needed, None)?
            }
            made => made?,
        };
        let was_known = anchor.resource_id.replace(person.id.clone()).is_some();
        if was_known {
            self.unsettle_memberships(anchor.number)?;
        }
        if is_whole {
            return Ok((Written::Created, LeftOut::new()));
        }
        let document = Json::Object(person.attributes.clone());
        let voices = self.voices(&person, &document, Some(anchor))?;
        let (_, left_out) = self.put_each(person, &voices, &touched, Some(true))?;
        Ok((Written::Created, left_out))
    }

    fn new_person(
        &mut self,
        anchor: &Anchor,
        mut document: Json,
        values: &[(String, Option<String>)],
        manager: Option<String>,
    ) -> Result<Resource, Trouble> {
        edit(&mut document, values)?;
        edit(&mut document, &[(MANAGER.to_owned(), manager)])?;
        if let Some(document) = document.as_object_mut() {
            document.insert("externalId".to_owned(), Json::from(anchor.source_id.as_str()));
        }
        let attributes = self.canonical(ResourceType::User, document)?;
        let id = (self.new_id)()?;
        Ok(self.create(ResourceType::User, &id, attributes)?)
    }

    /// The anchor's resource; else one that an inlet before left, or that the inlet's rule finds and that is not
    /// ours yet: live, or the last one in the recycle bin.
    fn current_user(
        &self,
        anchor: &Anchor,
        said: &Upsert,
        user_name: Option<&str>,
    ) -> Result<Current, Trouble> {
        if let Some(id) = &anchor.resource_id
            && let Some(stored) = self.store.find(ResourceType::User, id)?
        {
            return Ok(Current::Found { stored: Box::new(stored), joined: false });
        }
        if let Some(stored) = self.left_behind(ResourceType::User, &anchor.source_id)? {
            return Ok(Current::Found { stored: Box::new(stored), joined: true });
        }
        let join = self.join_by()?;
        if join != JoinBy::UserPrincipalName {
            let Some(value) = said.attribute(join.name()).flatten() else { return Ok(Current::New) };
            return Ok(match self.found_by(join, value)? {
                Some(stored) => Current::Found { stored: Box::new(stored), joined: true },
                None => Current::New,
            });
        }
        let Some(user_name) = user_name else { return Ok(Current::New) };
        let found = match self.store.users_by_user_names(&[user_name])?.into_iter().next() {
            Some(live) => Some(live),
            None => {
                let mut deleted = self.store.deleted_users_by_user_names(&[user_name])?;
                deleted.sort_by_key(|user| user.deleted_ms);
                deleted.pop()
            }
        };
        let Some(user) = found else { return Ok(Current::New) };
        if self.is_ours(&user.resource.id)? {
            // A live one still has the name; one in the recycle bin is somebody else who had it once.
            return match user.deleted_ms {
                None => Err(Trouble::Store(conflict(user_name))),
                Some(_) => Ok(Current::New),
            };
        }
        let stored = Stored { seq: user.rowid, deleted_ms: user.deleted_ms, resource: user.resource };
        Ok(Current::Found { stored: Box::new(stored), joined: true })
    }

    /// Brings a person back from the recycle bin. When their `userName` has been given to somebody else, they
    /// come back without it and get the one that they have now.
    fn bring_back(&mut self, stored: Stored, user_name: Option<&str>) -> Result<Resource, Trouble> {
        let id = &stored.resource.id;
        match self.store.restore(ResourceType::User, id, self.now_ms) {
            Err(RepositoryError::Conflict { value, .. }) => {
                let renamed = user_name.filter(|name| scim::filter::fold(name) != scim::filter::fold(&value));
                if renamed.is_none() {
                    return Err(Trouble::Store(conflict(&value)));
                }
                self.store
                    .sql
                    .query("UPDATE resources SET user_name_key = NULL WHERE seq = ?", &[stored.seq.into()])?;
                Ok(self.store.restore(ResourceType::User, id, self.now_ms)?)
            }
            outcome => Ok(outcome?),
        }
    }

    pub(super) fn create(
        &mut self,
        kind: ResourceType,
        id: &str,
        attributes: serde_json::Map<String, Json>,
    ) -> Result<Resource, RepositoryError> {
        let new =
            NewResource { kind, id: id.to_owned(), attributes, members: Vec::new(), now_ms: self.now_ms };
        self.store.create(&new)
    }

    /// Writes a state of a resource. One that is in the recycle bin stays there.
    pub(super) fn update(
        &mut self,
        previous: Resource,
        attributes: serde_json::Map<String, Json>,
    ) -> Result<(), RepositoryError> {
        let update = Update {
            changes: changes(&previous.attributes, &attributes),
            previous,
            attributes,
            members: Vec::new(),
            now_ms: self.now_ms,
        };
        self.store.update_kept(&update).map(|_| ())
    }

    /// Gives a person a name that nobody has, for as long as names are exchanged within one transaction.
    pub(super) fn park(&mut self, anchor: &Anchor) -> Result<(), Trouble> {
        let Some(id) = &anchor.resource_id else { return Ok(()) };
        let Some(resource) = self.store.get(ResourceType::User, id)? else { return Ok(()) };
        let mut document = Json::Object(resource.attributes.clone());
        edit(&mut document, &[(USER_NAME.to_owned(), Some(format!("{id}@parked.invalid")))])?;
        Ok(self.update(resource, object(document))?)
    }
}

fn conflict(user_name: &str) -> RepositoryError {
    RepositoryError::Conflict { attribute: "userName".to_owned(), value: user_name.to_owned() }
}
