//! People of an import: who is there, and how one is written.

use std::collections::HashMap;

use inlets::csv::{Outcome, Row, apply_row};
use scim::patch::changes;
use scim::repository::{NewResource, Repository as _, RepositoryError, Update};
use scim::{Resource, ResourceType};
use serde_json::{Map, Value as Json, json};

use super::super::{DirectoryStore, UserRecord};
use super::{Work, key};
use crate::sql::in_transaction;

/// Why somebody who was brought back is not.
enum Undone {
    Store(RepositoryError),
    Refused(String),
}

impl<E: Into<RepositoryError>> From<E> for Undone {
    fn from(error: E) -> Self {
        Undone::Store(error.into())
    }
}

impl Work<'_> {
    /// Applies a row. The inner error is why the directory does not take it; nothing is written then.
    pub(super) fn apply(
        &mut self,
        existing: Option<&UserRecord>,
        row: &Row,
        now_ms: i64,
    ) -> Result<Result<Outcome, String>, RepositoryError> {
        let Some(deleted) = existing.filter(|user| user.deleted_ms.is_some()) else {
            return self.write(existing.map(|user| &user.resource), row, now_ms);
        };
        // Somebody in the recycle bin who comes back is the same person again, with the same account. Whoever is
        // refused stays there, since they may be back as somebody who is disabled.
        let sql = self.store.sql;
        let outcome = in_transaction(sql, || {
            let restored = self.store.restore(ResourceType::User, &deleted.resource.id, now_ms)?;
            match self.write(Some(&restored), row, now_ms)? {
                // Coming back is a change, even when the row says what was said before.
                Ok(Outcome::Unchanged) => {
                    Ok(Outcome::Updated { resource: Json::Object(restored.attributes), changed: Vec::new() })
                }
                Ok(outcome) => Ok(outcome),
                Err(reason) => Err(Undone::Refused(reason)),
            }
        });
        match outcome {
            Ok(outcome) => Ok(Ok(outcome)),
            Err(Undone::Refused(reason)) => Ok(Err(reason)),
            Err(Undone::Store(error)) => refusal(error),
        }
    }

    fn write(
        &mut self,
        current: Option<&Resource>,
        row: &Row,
        now_ms: i64,
    ) -> Result<Result<Outcome, String>, RepositoryError> {
        let document = current.map(|resource| Json::Object(resource.attributes.clone()));
        let outcome = match apply_row(document.as_ref(), row) {
            Ok(outcome) => outcome,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let written = match (&outcome, current) {
            (Outcome::Created(resource), _) => self.create(resource, now_ms)?,
            (Outcome::Updated { resource, .. }, Some(current)) => self.update(current, resource, now_ms)?,
            (Outcome::Updated { .. } | Outcome::Unchanged, _) => Ok(()),
        };
        Ok(written.map(|()| outcome))
    }

    fn create(&mut self, resource: &Json, now_ms: i64) -> Result<Result<(), String>, RepositoryError> {
        let attributes = match self.canonical(resource) {
            Ok(attributes) => attributes,
            Err(reason) => return Ok(Err(reason)),
        };
        let id = (self.new_id)()?;
        let new = NewResource { kind: ResourceType::User, id, attributes, members: Vec::new(), now_ms };
        match self.store.create(&new) {
            Ok(_) => Ok(Ok(())),
            Err(error) => refusal(error),
        }
    }

    /// Writes somebody as `resource` says.
    pub(super) fn update(
        &mut self,
        current: &Resource,
        resource: &Json,
        now_ms: i64,
    ) -> Result<Result<(), String>, RepositoryError> {
        let attributes = match self.canonical(resource) {
            Ok(attributes) => attributes,
            Err(reason) => return Ok(Err(reason)),
        };
        let update = Update {
            previous: current.clone(),
            changes: changes(&current.attributes, &attributes),
            attributes,
            members: Vec::new(),
            now_ms,
        };
        match self.store.update(&update) {
            Ok(_) => Ok(Ok(())),
            Err(error) => refusal(error),
        }
    }

    /// The attributes as the directory keeps them, checked against its schema.
    fn canonical(&self, resource: &Json) -> Result<Map<String, Json>, String> {
        // A kept document does not list its schemas; a request's must.
        let mut resource = resource.clone();
        if let Some(document) = resource.as_object_mut() {
            document.entry("schemas").or_insert_with(|| json!([scim::urn::USER]));
        }
        scim::validation::normalize(ResourceType::User, &resource, self.schemas)
            .map(|input| input.attributes)
            .map_err(|error| error.detail)
    }
}

/// Users by folded name: the live one, else the one that was deleted last.
pub(super) fn by_user_name(
    store: &DirectoryStore<'_>,
    names: &[&str],
) -> Result<HashMap<String, UserRecord>, RepositoryError> {
    let mut found: HashMap<String, UserRecord> = HashMap::new();
    for user in store.users_by_user_names(names)? {
        if let Some(name) = user_name(&user.resource).map(key) {
            found.insert(name, user);
        }
    }
    let missing: Vec<&str> = names.iter().copied().filter(|name| !found.contains_key(&key(name))).collect();
    if missing.is_empty() {
        return Ok(found);
    }
    for user in store.deleted_users_by_user_names(&missing)? {
        let Some(name) = user_name(&user.resource).map(key) else { continue };
        if found.get(&name).is_none_or(|other| other.deleted_ms < user.deleted_ms) {
            found.insert(name, user);
        }
    }
    Ok(found)
}

/// The `userName` of a person.
pub(super) fn user_name(resource: &Resource) -> Option<&str> {
    resource.attributes.get("userName").and_then(Json::as_str)
}

/// A refusal that concerns the person, or an error that ends the import.
fn refusal<T>(error: RepositoryError) -> Result<Result<T, String>, RepositoryError> {
    match error {
        RepositoryError::Internal(_) => Err(error),
        other => Ok(Err(scim::ScimError::from(other).detail)),
    }
}
