//! What is asked for on demand beyond the objects themselves: references of people, and chosen members of a group.

use provisioning::cycle::{Link, PendingReference, ReferenceEntry, Standing};
use provisioning::{Cursor, SourceId};

use super::members::waiting;
use super::source::Source;
use crate::error::ApiError;
use crate::objects::directory::{DirectoryCommand, SourceResource};

impl Source<'_> {
    /// The references that go with the subjects: those that wait of the people; and, when the first one is a
    /// group, the membership of each of the others in it, however it stands.
    pub(super) async fn chosen(&self, subjects: &[SourceId]) -> Result<Vec<ReferenceEntry>, ApiError> {
        let store = self.store();
        let ids: Vec<&str> = subjects.iter().map(SourceId::as_str).collect();
        let mut waiting_of = store.references_of(&ids)?;
        let people = match self.member_attribute() {
            Some(path) => {
                let command = DirectoryCommand::UsersByIds {
                    ids: ids.iter().map(ToString::to_string).collect(),
                    nested: false,
                };
                Some((path, self.directory::<Vec<SourceResource>>(&command).await?))
            }
            None => None,
        };
        let mut chosen = Vec::new();
        for (position, id) in ids.iter().enumerate() {
            let records = waiting_of.remove(*id).unwrap_or_default();
            let (path, people) = match &people {
                Some((path, people)) if position == 0 && people.iter().all(|person| person.id != *id) => {
                    (path, people)
                }
                _ => {
                    for record in records {
                        chosen.push((crate::json::read(&record.document)?, Standing::Waiting));
                    }
                    continue;
                }
            };
            let members = ids.get(1..).unwrap_or_default();
            let written = store.written_among(id, members)?;
            for member in members {
                let queued = records.iter().find(|record| record.referenced == *member);
                let person = people.iter().find(|person| person.id == *member && !person.deleted);
                let is_member = person.is_some_and(|person| person.group_ids.iter().any(|group| group == id));
                let is_written = written.binary_search(&(*member).to_owned()).is_ok();
                let (remove, standing) = match (is_member, is_written) {
                    _ if queued.is_some() => (!is_member, Standing::Waiting),
                    (true, true) => (false, Standing::Written),
                    (true, false) => (false, Standing::Waiting),
                    (false, true) => (true, Standing::Waiting),
                    (false, false) => (false, Standing::Unknown),
                };
                chosen.push((crate::json::read(&waiting(id, path, member, remove)?.document)?, standing));
            }
        }
        self.with_links(chosen)
    }

    fn with_links(&self, chosen: Vec<(PendingReference, Standing)>) -> Result<Vec<ReferenceEntry>, ApiError> {
        let ends = chosen.iter().flat_map(|(reference, _)| [&reference.source_id, &reference.referenced]);
        let ends: Vec<&str> = ends.map(SourceId::as_str).collect();
        let links = self.store().links_of(&ends)?;
        let link = |id: &SourceId| {
            links.get(id.as_str()).map(|record| crate::json::read::<Link>(&record.document)).transpose()
        };
        let mut entries = Vec::with_capacity(chosen.len());
        for (reference, standing) in chosen {
            let own = link(&reference.source_id)?.filter(|link| link.object_type == reference.object_type);
            let other = link(&reference.referenced)?;
            entries.push(ReferenceEntry {
                link: own,
                resolved: other.as_ref().map(|link| link.target_id.clone()),
                referenced_name: other.map(|link| link.display_name),
                position: Cursor::from(reference.source_id.as_str()),
                standing,
                reference,
            });
        }
        Ok(entries)
    }
}
