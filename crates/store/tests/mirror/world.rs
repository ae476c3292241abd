//! A directory and the inlets that write into it.

use inlets::mirror::{Applied, Batch, Change, Counts, Kind, Reference, Upsert};
use inlets::rules::Rules;
use scim::Resource;
use scim::repository::RepositoryError;
use scim::schema::SchemaSet;
use serde_json::Value;
use store::directory::mirror::Mirror;
use store::directory::{DirectoryStore, Profile};
use store::sqlite::Sqlite;

pub struct World {
    pub sql: Sqlite,
    ids: u32,
}

impl World {
    pub fn new() -> Self {
        let sql = Sqlite::in_memory().unwrap();
        DirectoryStore::migrate(&sql).unwrap();
        Self { sql, ids: 0 }
    }

    pub fn store(&self) -> DirectoryStore<'_> {
        DirectoryStore::new(&self.sql, Profile::Workforce)
    }

    pub fn of<T>(
        &mut self,
        inlet: &str,
        work: impl FnOnce(&mut Mirror<'_>) -> Result<T, RepositoryError>,
    ) -> T {
        let ids = &mut self.ids;
        let mut new_id = || {
            *ids += 1;
            Ok(format!("r{ids}"))
        };
        let store = DirectoryStore::new(&self.sql, Profile::Workforce);
        let schemas = SchemaSet::new(None);
        work(&mut Mirror::new(store, &schemas, inlet, 1, &mut new_id)).unwrap()
    }

    pub fn apply(&mut self, kind: Kind, pass: i64, changes: Vec<Change>) -> Applied {
        self.of("one", |mirror| {
            mirror.apply(&Batch { kind, pass, rules: Rules::default(), changes: changes.clone() })
        })
    }

    pub fn settle(&mut self) -> Counts {
        let (mut counts, mut after) = (Counts::default(), 0);
        loop {
            let applied = self.of("one", |mirror| mirror.settle(after));
            counts.add(&applied.counts);
            match applied.next {
                Some(next) => after = next,
                None => return counts,
            }
        }
    }

    pub fn named(&self, user_name: &str) -> Option<Resource> {
        self.store().users_by_user_names(&[user_name]).unwrap().into_iter().next().map(|user| user.resource)
    }

    pub fn members(&self, group: &str) -> Vec<String> {
        let members = self.store().group_member_ids(group, 0, 1_000).unwrap();
        members.into_iter().map(|(_, _, id)| id).collect()
    }
}

pub fn user(id: &str, user_name: &str) -> Upsert {
    let attributes = vec![("userPrincipalName".to_owned(), Some(user_name.to_owned()))];
    Upsert { source_id: id.to_owned(), attributes, ..Upsert::default() }
}

pub fn group(id: &str, name: &str, members: &[(&str, bool)]) -> Change {
    let attributes = vec![("displayName".to_owned(), Some(name.to_owned()))];
    let members = members.iter().map(|(id, removed)| reference(id, *removed)).collect();
    Change::Upsert(Upsert { source_id: id.to_owned(), attributes, members, ..Upsert::default() })
}

pub fn reference(id: &str, removed: bool) -> Reference {
    Reference { source_id: id.to_owned(), removed }
}

pub fn removed(id: &str, permanent: bool) -> Change {
    Change::Remove { source_id: id.to_owned(), permanent }
}

pub fn manager(resource: &Resource) -> Option<&Value> {
    resource.attributes.get(scim::urn::ENTERPRISE_USER)?.get("manager")?.get("value")
}
