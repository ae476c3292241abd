//! The second pass of an import: managers.

use inlets::csv::{Cell, Directory as ManagerLookup, Outcome, Roster, apply_manager};
use scim::ResourceType;
use scim::repository::Repository as _;
use serde_json::Value;
use store::directory::DirectoryStore;

use super::super::Directory;
use super::state::State;
use super::{CHUNK, CLIENT, by_user_name, key};
use crate::error::ApiError;

impl Directory {
    /// The second pass: managers, now that everybody is there.
    pub(super) fn managers(&self, roster: &mut Roster, state: &mut State) -> Result<(), ApiError> {
        for problem in roster.settle_managers(&mut Lookup(self.store()?))? {
            state.report.note(&problem);
        }
        let mut index = 0;
        loop {
            let people: Vec<_> = roster.people_from(index).take(CHUNK).collect();
            if people.is_empty() {
                return Ok(());
            }
            index += people.len();
            let preview = state.options.preview;
            let changed = store::sql::in_transaction(&self.sql, || -> Result<_, ApiError> {
                let mut store = self.store()?.by(CLIENT);
                let names: Vec<&str> = people
                    .iter()
                    .filter(|person| person.manager != Cell::Absent)
                    .map(|person| person.user_name)
                    .collect();
                let bosses: Vec<&str> = people
                    .iter()
                    .filter_map(|person| match &person.manager {
                        Cell::Value(name) => Some(*name),
                        _ => None,
                    })
                    .collect();
                let users = by_user_name(&store, &names)?;
                let managers = by_user_name(&store, &bosses)?;
                let mut changed = Vec::new();
                for person in &people {
                    let Some(user) = users.get(&key(person.user_name)) else { continue };
                    let manager = match &person.manager {
                        Cell::Absent => continue,
                        Cell::Empty => None,
                        Cell::Value(name) => match managers.get(&key(name)) {
                            Some(manager) => Some(manager.resource.id.as_str()),
                            None => {
                                // In a preview new people are not there.
                                if preview && roster.names(name) {
                                    changed.push((person.line, person.user_name.to_owned()));
                                }
                                continue;
                            }
                        },
                    };
                    let document = Value::Object(user.resource.attributes.clone());
                    let outcome = apply_manager(&document, manager)
                        .map_err(|error| ApiError::internal(error.to_string()))?;
                    if let Outcome::Updated { resource, .. } = outcome
                        && (preview || self.update(&mut store, &user.resource, &resource, state.now)?.is_ok())
                    {
                        changed.push((person.line, person.user_name.to_owned()));
                    }
                }
                Ok(changed)
            })?;
            state.changed_later("manager", &changed);
        }
    }
}

/// Managers that the file names and the directory may have.
struct Lookup<'a>(DirectoryStore<'a>);

impl ManagerLookup for Lookup<'_> {
    type Error = ApiError;

    fn contains(&mut self, user_name: &str) -> Result<bool, ApiError> {
        Ok(by_user_name(&self.0, &[user_name])?.values().any(|user| user.deleted_ms.is_none()))
    }

    fn manager_of(&mut self, user_name: &str) -> Result<Option<String>, ApiError> {
        let users = by_user_name(&self.0, &[user_name])?;
        let Some(user) = users.values().find(|user| user.deleted_ms.is_none()) else { return Ok(None) };
        let manager = user
            .resource
            .attributes
            .get(scim::urn::ENTERPRISE_USER)
            .and_then(|extension| extension.get("manager"))
            .and_then(|manager| manager.get("value"))
            .and_then(Value::as_str);
        let Some(manager) = manager else { return Ok(None) };
        let manager = self.0.get(ResourceType::User, manager)?;
        Ok(manager.and_then(|manager| {
            manager.attributes.get("userName").and_then(Value::as_str).map(str::to_owned)
        }))
    }
}
