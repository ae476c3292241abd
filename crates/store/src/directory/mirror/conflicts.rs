//! Where inlets say different things about a person, as it is shown.

use scim::ResourceType;
use scim::repository::{Repository as _, RepositoryError};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Mirror;
use super::disputes::{MANAGER, same};

/// People that one page looks at. A page may find nothing about them and still say where to go on.
pub const LOOKED_AT: usize = 1_000;

/// An attribute about which inlets say different things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// The person.
    pub user_id: String,
    /// Their name.
    pub display_name: Option<String>,
    /// The source attribute; of `manager` the values are ids of people.
    pub attribute: String,
    /// The inlets that have a value and what each says; the first one counts.
    pub values: Vec<(String, String)>,
    /// Of `manager`: the names of those people, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<(String, String)>,
}

/// A page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictPage {
    /// In the order of people's ids.
    pub conflicts: Vec<Conflict>,
    /// The person after whom to go on.
    pub next: Option<String>,
}

impl Mirror<'_> {
    /// Conflicts of people after one, in the order of their ids: those of so many people at most that have any.
    pub fn conflicts(&mut self, after: &str, people: usize) -> Result<ConflictPage, RepositoryError> {
        let rows = self.store.sql.query(
            &format!(
                "SELECT DISTINCT resource_id FROM disputes WHERE resource_id > ? ORDER BY resource_id LIMIT {LOOKED_AT}"
            ),
            &[after.into()],
        )?;
        let mut page = ConflictPage::default();
        let mut found = 0;
        for row in &rows.rows {
            let id = row.text("resource_id")?;
            page.next = Some(id.to_owned());
            let of_person = self.conflicts_of(id)?;
            found += usize::from(!of_person.is_empty());
            page.conflicts.extend(of_person);
            if found == people {
                return Ok(page);
            }
        }
        if rows.rows.len() < LOOKED_AT {
            page.next = None;
        }
        Ok(page)
    }

    fn conflicts_of(&mut self, id: &str) -> Result<Vec<Conflict>, RepositoryError> {
        let Some(resource) = self.store.get(ResourceType::User, id)? else { return Ok(Vec::new()) };
        let document = Json::Object(resource.attributes.clone());
        let orders = self.orders()?;
        let mut voices = self.voices(&resource, &document, None)?;
        for voice in &mut voices {
            let manager = voice.manager.map(|number| self.user_of(number)).transpose()?.flatten();
            voice.said.extend(manager.map(|id| (MANAGER.to_owned(), id)));
        }
        let mut names: Vec<&String> = voices.iter().flat_map(|voice| voice.said.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let mut conflicts = Vec::new();
        for name in names {
            let mut values: Vec<(String, String)> = voices
                .iter()
                .filter_map(|voice| Some((voice.inlet.clone(), voice.said.get(name)?.clone())))
                .collect();
            let differs = values
                .iter()
                .zip(values.iter().skip(1))
                .any(|((_, one), (_, other))| !same(name, one, other));
            if differs {
                values.sort_by_key(|(inlet, _)| orders.place(name, inlet));
                let people = if name == MANAGER { self.names(&values)? } else { Vec::new() };
                conflicts.push(Conflict {
                    names: people,
                    user_id: id.to_owned(),
                    display_name: resource.display().map(str::to_owned),
                    attribute: name.clone(),
                    values,
                });
            }
        }
        Ok(conflicts)
    }

    /// Names of the people whose ids are values, each once.
    fn names(&mut self, values: &[(String, String)]) -> Result<Vec<(String, String)>, RepositoryError> {
        let mut names: Vec<(String, String)> = Vec::new();
        for (_, id) in values {
            if names.iter().any(|(known, _)| known == id) {
                continue;
            }
            let person = self.store.get(ResourceType::User, id)?;
            let name = person.as_ref().and_then(|person| person.display());
            names.extend(name.map(|name| (id.clone(), name.to_owned())));
        }
        Ok(names)
    }
}
