//! What each inlet says about a person, and whose word counts (see [`inlets::rules`]).
//!
//! The values that an inlet has of a person are kept with its anchor, so that they are at hand when the inlet
//! whose word counted has none any more.

use std::collections::BTreeMap;

use inlets::attributes;
use inlets::mirror::{Upsert, edit};
use inlets::rules::{ALWAYS_THERE, FIRST_PRECEDENCE, Rules};
use scim::repository::{Repository as _, RepositoryError};
use scim::{Resource, ResourceType};
use serde_json::Value as Json;

use super::anchors::Anchor;
use super::{Mirror, PORTION, Trouble};
use crate::sql::{SqlError, Value, in_transaction};

/// Values of source attributes; what is empty is not in it.
pub(super) type Said = BTreeMap<String, String>;

/// Attributes that are to be written anew; each with whether it is cleared when nobody has a value for it.
pub(super) type Touched = BTreeMap<String, bool>;

/// An inlet that has a person.
#[derive(Clone, Debug)]
pub(super) struct Voice {
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
    /// Keeps the inlet's rules, for what is written later than a batch and by other inlets.
    pub(super) fn keep_rules(&self, rules: &Rules) -> Result<(), SqlError> {
        self.store.sql.query(
            "INSERT INTO inlet_rules (inlet, precedence, join_by) VALUES (?, ?, ?)
                ON CONFLICT (inlet) DO UPDATE SET precedence = excluded.precedence, join_by = excluded.join_by
                    WHERE precedence <> excluded.precedence OR join_by <> excluded.join_by",
            &[self.inlet.into(), i64::from(rules.precedence).into(), rules.join_by.name().into()],
        )?;
        Ok(())
    }

    /// All who have the person, the one whose word counts most first. `own` stands for its row, which may not
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
    pub(super) fn manager_by(&self, voices: &[Voice]) -> Result<Option<String>, SqlError> {
        for number in voices.iter().filter_map(|voice| voice.manager) {
            if let Some(user) = self.user_of(number)? {
                return Ok(Some(user));
            }
        }
        Ok(None)
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
        let Some(resource) = self.store.get(ResourceType::User, id)? else { return Ok(false) };
        let document = Json::Object(resource.attributes.clone());
        let clears = |name: &str| gone && !ALWAYS_THERE.contains(&name);
        let mut touched: Touched =
            read(said, &document)?.into_keys().map(|name| (name.clone(), clears(&name))).collect();
        let voices = self.voices(&resource, &document, None)?;
        // A name that somebody else has by now stays as it is; everything else is written even so.
        for attempt in 0..2 {
            if attempt == 1 {
                touched.remove("userPrincipalName");
            }
            let mut document = document.clone();
            let sql = self.store.sql;
            let outcome = in_transaction(sql, || -> Result<bool, Trouble> {
                let mut names = edit(&mut document, &decide(&voices, &touched))?;
                let manager = if had_manager { self.manager_by(&voices)? } else { None };
                if had_manager && (gone || manager.is_some()) {
                    names.extend(edit(&mut document, &[("manager".to_owned(), manager)])?);
                }
                if !names.is_empty() {
                    let attributes = self.canonical(ResourceType::User, document.clone())?;
                    self.update(resource.clone(), attributes)?;
                }
                Ok(!names.is_empty())
            });
            match outcome {
                Ok(changed) => return Ok(changed),
                Err(trouble) if attempt == 0 && trouble.is_conflict() => {}
                Err(trouble) => return trouble.text().map(|_| false),
            }
        }
        Ok(false)
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

/// What is to be written of what was touched.
pub(super) fn decide(voices: &[Voice], touched: &Touched) -> Vec<(String, Option<String>)> {
    let decided = touched.iter().filter_map(|(name, clears)| {
        let counts = voices.iter().find_map(|voice| voice.said.get(name));
        (counts.is_some() || *clears).then(|| (name.clone(), counts.cloned()))
    });
    decided.collect()
}
