//! The second pass of an import: managers, now that everybody is there.

use std::collections::HashMap;

use inlets::csv::{Cell, Outcome, RowError, Unasked, apply_manager};
use scim::Resource;
use scim::repository::RepositoryError;
use serde_json::Value as Json;

use super::super::UserRecord;
use super::people::{by_user_name, user_name};
use super::record::{Imports, Kept};
use super::{CHUNK, Machine, Pass, Step, Stop, Work, key};
use crate::sql::in_transaction;

/// Refused managers whose lines lie in one row.
const REFUSED_A_ROW: usize = 5_000;

impl Machine {
    /// Finds managers that cannot be, and remembers which they are: the directory may say something else later.
    pub(super) fn settle(&mut self, work: &mut Work<'_>) -> Result<Step, Stop> {
        let imports = Imports::new(work.store.sql);
        if imports.outcome(self.number, Kept::Settled, 0)?.is_none() {
            match self.roster.settle_managers() {
                Ok(errors) => self.keep_settled(imports, &errors, work)?,
                Err(unasked) => {
                    self.pass = Pass::Ask(unasked, 0);
                    return Ok(Step::Worked(0));
                }
            }
        }
        while let Some(mut outcome) = imports.outcome(self.number, Kept::Settled, self.chunk)? {
            self.chunk += 1;
            self.roster.keep_managers(&std::mem::take(&mut outcome.kept_managers));
            self.tally.fold(outcome);
        }
        if self.roster.has_managers() {
            self.enter(Pass::Managers(0), "managers");
        } else {
            self.enter_groups();
        }
        Ok(Step::Worked(0))
    }

    fn keep_settled(&self, imports: Imports<'_>, errors: &[RowError], work: &Work<'_>) -> Result<(), Stop> {
        in_transaction(work.store.sql, || -> Result<(), Stop> {
            let mut so_far = self.tally.clone();
            let mut rest = errors;
            for number in 0.. {
                let (some, others) = rest.split_at(rest.len().min(REFUSED_A_ROW));
                let mut notes = so_far.notes();
                some.iter().for_each(|error| notes.keep_manager(error));
                let outcome = notes.take();
                imports.keep_outcome(self.number, Kept::Settled, number, &outcome)?;
                so_far.fold(outcome);
                rest = others;
                if rest.is_empty() {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Asks the directory about some of the people whom the file does not explain.
    pub(super) fn ask(&mut self, work: &mut Work<'_>, unasked: Unasked, index: usize) -> Result<Step, Stop> {
        let names: Vec<String> =
            self.roster.unasked_from(&unasked, index).take(CHUNK).map(str::to_owned).collect();
        if names.is_empty() {
            self.pass = Pass::Settle;
            return Ok(Step::Worked(0));
        }
        let store = work.store;
        let texts: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = store.users_by_user_names(&texts)?;
        let ids: Vec<&str> = found.iter().filter_map(|user| manager_id(&user.resource)).collect();
        let (managers, _) = store.users_by_ids(&ids)?;
        let name_of: HashMap<&str, &str> = managers
            .iter()
            .filter(|manager| manager.deleted_ms.is_none())
            .filter_map(|manager| Some((manager.resource.id.as_str(), user_name(&manager.resource)?)))
            .collect();
        let by_name: HashMap<String, &Resource> =
            found.iter().filter_map(|user| Some((key(user_name(&user.resource)?), &user.resource))).collect();
        for name in &names {
            let user = by_name.get(&key(name));
            let manager = user.and_then(|user| name_of.get(manager_id(user)?).copied());
            self.roster.tell(name, user.is_some(), manager);
        }
        self.pass = Pass::Ask(unasked, index + names.len());
        Ok(Step::Worked(names.len()))
    }

    pub(super) fn managers(&mut self, work: &mut Work<'_>, index: usize) -> Result<Step, Stop> {
        let worked = self.roster.people_from(index).take(CHUNK).count();
        if worked == 0 {
            self.enter_groups();
            return Ok(Step::Worked(0));
        }
        let (preview, now_ms) = (self.options.preview, self.now_ms);
        self.chunk(work, Kept::Managers, |roster, work, notes| {
            let people: Vec<_> = roster.people_from(index).take(CHUNK).collect();
            let with_manager = people.iter().filter(|person| person.manager != Cell::Absent);
            let names: Vec<&str> = with_manager.map(|person| person.user_name).collect();
            let bosses = people.iter().filter_map(|person| match &person.manager {
                Cell::Value(name) => Some(*name),
                _ => None,
            });
            let bosses: Vec<&str> = bosses.collect();
            let users = by_user_name(&work.store, &names)?;
            let managers = by_user_name(&work.store, &bosses)?;
            // In a preview whoever comes back is not back; else somebody else deleted them meanwhile.
            let is_there = |user: &&UserRecord| preview || user.deleted_ms.is_none();
            for person in &people {
                let Some(user) = users.get(&key(person.user_name)).filter(is_there) else { continue };
                let manager = match &person.manager {
                    Cell::Absent => continue,
                    Cell::Empty => None,
                    Cell::Value(name) => match managers.get(&key(name)).filter(is_there) {
                        Some(manager) => Some(manager.resource.id.as_str()),
                        None => {
                            // In a preview new people are not there.
                            if preview && roster.names(name) {
                                notes.changed_later("manager", person.line, person.user_name);
                            }
                            continue;
                        }
                    },
                };
                let document = Json::Object(user.resource.attributes.clone());
                let outcome = apply_manager(&document, manager)
                    .map_err(|error| RepositoryError::Internal(error.to_string()))?;
                if let Outcome::Updated { resource, .. } = outcome
                    && (preview || work.update(&user.resource, &resource, now_ms)?.is_ok())
                {
                    notes.changed_later("manager", person.line, person.user_name);
                }
            }
            Ok(())
        })?;
        self.reached.checked += worked as u64;
        self.pass = Pass::Managers(index + worked);
        Ok(Step::Worked(worked))
    }
}

/// The id of somebody's manager.
fn manager_id(resource: &Resource) -> Option<&str> {
    resource.attributes.get(scim::urn::ENTERPRISE_USER)?.get("manager")?.get("value")?.as_str()
}
