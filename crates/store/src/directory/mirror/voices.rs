//! What each inlet says about a person, and whose word counts (see [`inlets::rules`]).
//!
//! The values that an inlet has of a person are kept with its anchor, so that they are at hand when the inlet
//! whose word counted has none any more.

use std::collections::BTreeMap;

use inlets::attributes;
use inlets::mirror::{Upsert, edit};
use inlets::order::Orders;
use inlets::rules::{ALWAYS_THERE, FIRST_PRECEDENCE};
use scim::repository::RepositoryError;
use scim::{Resource, ResourceType};
use serde_json::Value as Json;

use super::anchors::Anchor;
use super::disputes::MANAGER;
use super::{LeftOut, Mirror, PORTION, Trouble};
use crate::sql::{Value, in_transaction};

/// Values of source attributes; what is empty is not in it.
pub(super) type Said = BTreeMap<String, String>;

/// Attributes that are to be written anew; each with whether it is cleared when nobody has a value for it.
pub(super) type Touched = BTreeMap<String, bool>;

/// An inlet that has a person.
#[derive(Clone, Debug)]
pub(super) struct Voice {
    /// The number of its anchor.
    pub(super) number: i64,
    pub(super) inlet: String,
    pub(super) said: Said,
    /// The number of the manager's anchor.
    pub(super) manager: Option<i64>,
}

/// Reads what is kept with an anchor. Anchors from before anything was kept say what the person has.
fn read(said: Option<&str>, document: &Json) -> Result<Said, RepositoryError> {
    let Some(text) = said else {
        let values = attributes::to_source(document).into_iter();
        let text = |value: Json| match value {
            Json::String(text) => Some(text),
            Json::Bool(flag) => Some(flag.to_string()),
            _ => None,
        };
        let known = values.filter(|(name, _)| !matches!(name.as_str(), "objectId" | "manager"));
        return Ok(known.filter_map(|(name, value)| Some((name, text(value)?))).collect());
    };
    serde_json::from_str(text)
        .map_err(|error| RepositoryError::Internal(format!("what an inlet said is not JSON: {error}")))
}

fn write(said: &Said) -> Result<String, RepositoryError> {
    serde_json::to_string(said)
        .map_err(|error| RepositoryError::Internal(format!("what an inlet said cannot be written: {error}")))
}

impl Anchor {
    /// Takes in what is said; answers what it touches. `joined`: nothing was said about this person before.
    pub(super) fn hear(
        &mut self,
        upsert: &Upsert,
        document: &Json,
        joined: bool,
    ) -> Result<Touched, RepositoryError> {
        let mut said = if joined { Said::new() } else { read(self.said.as_deref(), document)? };
        let mut touched = Touched::new();
        if upsert.whole || self.absent {
            let before = std::mem::take(&mut said);
            touched.extend(before.keys().map(|name| (name.clone(), false)));
            if !upsert.whole {
                said = before;
            }
        }
        for (name, value) in &upsert.attributes {
            touched.insert(name.clone(), value.is_none());
            match value.as_deref().filter(|value| !value.is_empty()) {
                Some(value) => said.insert(name.clone(), value.to_owned()),
                None => said.remove(name),
            };
        }
        self.said = Some(write(&said)?);
        self.absent = false;
        Ok(touched)
    }
}

impl Mirror<'_> {
    /// All who have the person, in the order of the directory. `own` stands for its row, which may not
    /// be written yet.
    pub(super) fn voices(
        &self,
        resource: &Resource,
        document: &Json,
        own: Option<&Anchor>,
    ) -> Result<Vec<Voice>, RepositoryError> {
        let statement = format!(
            "SELECT a.number, a.inlet, a.said, a.manager, coalesce(i.precedence, {FIRST_PRECEDENCE}) AS precedence
                FROM anchors AS a LEFT JOIN inlet_rules AS i ON i.inlet = a.inlet"
        );
        let number = own.map_or(0, |own| own.number);
        let rows = self.store.sql.query(
            &format!(
                "{statement} WHERE a.number = ?1 UNION ALL {statement} WHERE a.resource_id = ?2 AND a.absent = 0 AND a.number <> ?1"
            ),
            &[number.into(), resource.id.as_str().into()],
        )?;
        let mut voices = Vec::with_capacity(rows.rows.len());
        for row in &rows.rows {
            let kept = match own.filter(|own| row.integer("number").is_ok_and(|number| number == own.number))
            {
                Some(own) => (own.said.as_deref(), own.manager),
                None => (row.optional_text("said")?, row.optional_integer("manager")?),
            };
            let voice = Voice {
                number: row.integer("number")?,
                inlet: row.text("inlet")?.to_owned(),
                said: read(kept.0, document)?,
                manager: kept.1,
            };
            voices.push((row.integer("precedence")?, voice));
        }
        voices.sort_by(|(one, a), (other, b)| one.cmp(other).then_with(|| a.inlet.cmp(&b.inlet)));
        Ok(voices.into_iter().map(|(_, voice)| voice).collect())
    }

    /// What those had said who do not have the person any more: it goes when somebody else brings the person back.
    pub(super) fn left_over(&self, id: &str, document: &Json, own: i64) -> Result<Touched, RepositoryError> {
        let rows = self.store.sql.query(
            "SELECT said FROM anchors WHERE resource_id = ? AND absent = 1 AND number <> ?",
            &[id.into(), own.into()],
        )?;
        let mut touched = Touched::new();
        for row in &rows.rows {
            let said = read(row.optional_text("said")?, document)?;
            touched.extend(
                said.into_keys()
                    .filter(|name| !ALWAYS_THERE.contains(&name.as_str()))
                    .map(|name| (name, true)),
            );
        }
        Ok(touched)
    }

    /// The manager of the first who knows one that is there.
    pub(super) fn manager_by(&self, voices: &[Voice]) -> Result<Option<String>, RepositoryError> {
        let orders = self.orders()?;
        let mut named: Vec<(usize, i64)> = Vec::new();
        for voice in voices {
            named.extend(voice.manager.map(|manager| (orders.place(MANAGER, &voice.inlet), manager)));
        }
        named.sort_by_key(|(place, _)| *place);
        for (_, number) in named {
            if let Some(user) = self.user_of(number)? {
                return Ok(Some(user));
            }
        }
        Ok(None)
    }

    /// Writes what counts of what was touched. `manager`: whether it was touched, and if so, whether it is cleared
    /// when nobody knows one. All or nothing; whether anything changed.
    pub(super) fn put(
        &mut self,
        person: &Resource,
        voices: &[Voice],
        touched: &Touched,
        manager: Option<bool>,
    ) -> Result<bool, Trouble> {
        let sql = self.store.sql;
        in_transaction(sql, || {
            let mut document = Json::Object(person.attributes.clone());
            let orders = self.orders()?;
            let mut names = edit(&mut document, &decide(voices, touched, &orders))?;
            if let Some(clears) = manager {
                let manager = self.manager_by(voices)?;
                if clears || manager.is_some() {
                    names.extend(edit(&mut document, &[(MANAGER.to_owned(), manager)])?);
                }
            }
            if !names.is_empty() {
                let attributes = self.canonical(ResourceType::User, document)?;
                self.update(person.clone(), attributes)?;
            }
            Ok(!names.is_empty())
        })
    }

    /// The same, but for what cannot be written: a value that is refused, or a name that somebody else has, keeps
    /// back no other, above all not that somebody is disabled.
    pub(super) fn put_each(
        &mut self,
        mut person: Resource,
        voices: &[Voice],
        touched: &Touched,
        manager: Option<bool>,
    ) -> Result<(bool, LeftOut), RepositoryError> {
        match self.put(&person, voices, touched, manager) {
            Ok(changed) => return Ok((changed, LeftOut::new())),
            Err(trouble) => drop(trouble.of_theirs()?),
        }
        let mut each: Vec<(&str, Touched, Option<bool>)> = Vec::with_capacity(touched.len() + 1);
        for (name, clears) in touched {
            each.push((name, Touched::from([(name.clone(), *clears)]), None));
        }
        each.extend(manager.map(|clears| (MANAGER, Touched::new(), Some(clears))));
        let (mut changed, mut left_out) = (false, LeftOut::new());
        for (name, touched, manager) in each {
            match self.put(&person, voices, &touched, manager) {
                Ok(false) => {}
                Ok(true) => {
                    changed = true;
                    if let Some(found) = self.store.find(ResourceType::User, &person.id)? {
                        person = found.resource;
                    }
                }
                Err(trouble) => left_out.push((name.to_owned(), trouble.of_theirs()?)),
            }
        }
        Ok((changed, left_out))
    }

    /// Another inlet may have had a say that counted and has none any more: writes what the others say. `gone`:
    /// the person is not there any more for it, so what nobody else says goes as well.
    pub(super) fn without(
        &mut self,
        id: &str,
        said: Option<&str>,
        had_manager: bool,
        gone: bool,
    ) -> Result<bool, RepositoryError> {
        // In the recycle bin as well: whoever comes back has what those say who are left.
        let Some(found) = self.store.find(ResourceType::User, id)? else { return Ok(false) };
        let resource = found.resource;
        let document = Json::Object(resource.attributes.clone());
        let clears = |name: &str| gone && !ALWAYS_THERE.contains(&name);
        let touched: Touched =
            read(said, &document)?.into_keys().map(|name| (name.clone(), clears(&name))).collect();
        let voices = self.voices(&resource, &document, None)?;
        self.note_disputes(id, &voices)?;
        // A name that somebody else has by now stays as it is; everything else is written even so.
        Ok(self.put_each(resource, &voices, &touched, had_manager.then_some(gone))?.0)
    }

    /// Forgets a portion of the people that other inlets have as well: what those say counts from now on. Whether
    /// there may be more.
    pub(super) fn release_shared(&mut self) -> Result<bool, RepositoryError> {
        let rows = self.store.sql.query(
            &format!(
                "SELECT a.number, a.resource_id, a.said, a.manager IS NOT NULL AS managed FROM anchors AS a
                    WHERE a.inlet = ? AND a.type = 'User' AND a.resource_id IS NOT NULL AND a.absent = 0 AND EXISTS (
                        SELECT 1 FROM anchors AS o WHERE o.resource_id = a.resource_id AND +o.inlet <> a.inlet
                            AND o.absent = 0
                    ) LIMIT {PORTION}"
            ),
            &[self.inlet.into()],
        )?;
        for row in &rows.rows {
            let (id, said) = (row.text("resource_id")?.to_owned(), row.optional_text("said")?);
            // The row stays for those who refer to it, until all are forgotten.
            let number = [Value::from(row.integer("number")?)];
            self.store.sql.query("UPDATE anchors SET resource_id = NULL WHERE number = ?", &number)?;
            self.without(&id, said, row.boolean("managed")?, false)?;
        }
        Ok(rows.rows.len() == PORTION)
    }
}

/// Whose word about an attribute counts, and the value.
pub(super) fn first<'v>(voices: &'v [Voice], name: &str, orders: &Orders) -> Option<(&'v Voice, &'v str)> {
    let named = voices.iter().filter_map(|voice| Some((voice, voice.said.get(name)?.as_str())));
    // Of several in the same place it is the first one.
    named.min_by_key(|(voice, _)| orders.place(name, &voice.inlet))
}

/// What is to be written of what was touched.
fn decide(voices: &[Voice], touched: &Touched, orders: &Orders) -> Vec<(String, Option<String>)> {
    let decided = touched.iter().filter_map(|(name, clears)| {
        let counts = first(voices, name, orders);
        (counts.is_some() || *clears).then(|| (name.clone(), counts.map(|(_, value)| value.to_owned())))
    });
    decided.collect()
}
