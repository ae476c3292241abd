//! Where inlets say different things about a person.

use inlets::attributes::{find, parse_boolean};
use scim::ResourceType;
use scim::repository::{Repository as _, RepositoryError};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Mirror;
use crate::sql::SqlError;

/// Anchors that one page looks at. A page may find nothing among them and still say where to go on.
pub const LOOKED_AT: usize = 5_000;

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
                "SELECT resource_id FROM anchors INDEXED BY anchors_by_resource WHERE resource_id > ?
                    ORDER BY resource_id LIMIT {LOOKED_AT}"
            ),
            &[after.into()],
        )?;
        let ids =
            rows.rows.iter().map(|row| row.text("resource_id")).collect::<Result<Vec<_>, SqlError>>()?;
        let mut page = ConflictPage::default();
        // Of the last person there may be more anchors than were read.
        let last = (ids.len() == LOOKED_AT).then(|| ids.last().copied()).flatten();
        let mut found = 0;
        for shared in ids.chunk_by(|one, other| one == other) {
            let Some(id) = shared.first().copied() else { continue };
            if Some(id) == last && id != after && ids.first() != Some(&id) {
                break;
            }
            page.next = Some(id.to_owned());
            if shared.len() < 2 {
                continue;
            }
            let of_person = self.conflicts_of(id)?;
            found += usize::from(!of_person.is_empty());
            page.conflicts.extend(of_person);
            if found == people {
                return Ok(page);
            }
        }
        if last.is_none() {
            page.next = None;
        }
        Ok(page)
    }

    fn conflicts_of(&mut self, id: &str) -> Result<Vec<Conflict>, RepositoryError> {
        let Some(resource) = self.store.get(ResourceType::User, id)? else { return Ok(Vec::new()) };
        let document = Json::Object(resource.attributes.clone());
        let mut voices = self.voices(&resource, &document, None)?;
        for voice in &mut voices {
            let manager = voice.manager.map(|number| self.user_of(number)).transpose()?.flatten();
            voice.said.extend(manager.map(|id| ("manager".to_owned(), id)));
        }
        let mut names: Vec<&String> = voices.iter().flat_map(|voice| voice.said.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let mut conflicts = Vec::new();
        for name in names {
            let values: Vec<(String, String)> = voices
                .iter()
                .filter_map(|voice| Some((voice.inlet.clone(), voice.said.get(name)?.clone())))
                .collect();
            let differs = values
                .iter()
                .zip(values.iter().skip(1))
                .any(|((_, one), (_, other))| !same(name, one, other));
            if differs {
                conflicts.push(Conflict {
                    user_id: id.to_owned(),
                    display_name: resource.display().map(str::to_owned),
                    attribute: name.clone(),
                    values,
                });
            }
        }
        Ok(conflicts)
    }
}

/// Whether two texts are the same value of an attribute.
fn same(name: &str, one: &str, other: &str) -> bool {
    if find(name).is_some_and(|attribute| attribute.kind == inlets::attributes::Kind::Boolean) {
        return parse_boolean(one) == parse_boolean(other);
    }
    one == other
}
