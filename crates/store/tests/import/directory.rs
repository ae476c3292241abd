//! A directory, and imports into it.

use std::collections::BTreeMap;

use inlets::csv::ColumnNames;
use inlets::mirror::{Batch, Change, Kind, Upsert};
use inlets::rules::Rules;
use scim::ResourceType;
use scim::patch::changes;
use scim::repository::{NewResource, Repository as _, RepositoryError, Update};
use scim::schema::SchemaSet;
use serde_json::Value;
use store::directory::import::{
    Finished, ImportEnd, ImportOptions, ImportState, Imports, Machine, Step, Stop, Work,
};
use store::directory::mirror::Mirror;
use store::directory::{DirectoryStore, Profile};
use store::sqlite::Sqlite;

pub struct Directory {
    pub sql: Sqlite,
    schemas: SchemaSet,
    ids: u64,
    imports: u64,
    /// New ids that are left until making one fails, once.
    pub until_failure: Option<u64>,
}

impl Directory {
    pub fn new() -> Self {
        let sql = Sqlite::in_memory().unwrap();
        DirectoryStore::migrate(&sql).unwrap();
        Self { sql, schemas: SchemaSet::new(None), ids: 0, imports: 0, until_failure: None }
    }

    pub fn store(&self) -> DirectoryStore<'_> {
        DirectoryStore::new(&self.sql, Profile::Workforce).by("CSV import")
    }

    /// Puts a file down, in parts of so many bytes.
    pub fn begin(&mut self, file: &str, options: ImportOptions, part: usize) -> String {
        self.imports += 1;
        let id = format!("import{}", self.imports);
        let imports = Imports::new(&self.sql);
        let number = imports.begin(&id, options, "{}", "[]", 1_000 * self.imports as i64).unwrap();
        for (index, bytes) in (0..).zip(file.as_bytes().chunks(part)) {
            imports.add_part(index, bytes.to_vec()).unwrap();
        }
        imports.stored(number, file.len() as u64).unwrap();
        id
    }

    pub fn machine(&self, id: &str) -> Machine {
        let record = Imports::new(&self.sql).get(id).unwrap().unwrap();
        assert_eq!(record.state, ImportState::Running);
        Machine::new(&record, ColumnNames::default())
    }

    pub fn step(&mut self, machine: &mut Machine) -> Result<Step, Stop> {
        let Self { sql, schemas, ids, until_failure, .. } = self;
        let mut new_id = || {
            if let Some(left) = until_failure {
                if *left == 0 {
                    *until_failure = None;
                    return Err(RepositoryError::Internal("no id".to_owned()));
                }
                *left -= 1;
            }
            *ids += 1;
            Ok(format!("id{ids}"))
        };
        let store = DirectoryStore::new(sql, Profile::Workforce).by("CSV import");
        machine.step(&mut Work { store, schemas, new_id: &mut new_id })
    }

    /// Works to the end. The machine is thrown away after each of these numbers of steps.
    pub fn work(&mut self, id: &str, breaks: &[usize]) -> Result<Finished, Stop> {
        let mut machine = self.machine(id);
        let mut breaks = breaks.iter();
        let mut left = breaks.next().copied();
        loop {
            if left == Some(0) {
                left = breaks.next().copied();
                machine = self.machine(id);
            }
            left = left.map(|left| left.saturating_sub(1));
            match self.step(&mut machine) {
                Ok(Step::Done) => {
                    let record = Imports::new(&self.sql).get(id).unwrap().unwrap();
                    let kept = Imports::new(&self.sql).tally(&record).unwrap().finish();
                    let finished = machine.finish();
                    assert_eq!(
                        kept,
                        (finished.report.clone(), finished.changes.clone()),
                        "from the outcomes alone"
                    );
                    self.end(id);
                    return Ok(finished);
                }
                Ok(_) => {}
                // The id that failed took its chunk back.
                Err(Stop::Store(RepositoryError::Internal(message))) if message == "no id" => {
                    machine = self.machine(id);
                }
                Err(stop) => {
                    self.end(id);
                    return Err(stop);
                }
            }
        }
    }

    pub fn end(&self, id: &str) {
        let imports = Imports::new(&self.sql);
        let number = imports.get(id).unwrap().unwrap().number;
        let end = ImportEnd {
            state: ImportState::Finished,
            progress: "{}",
            result: None,
            error: None,
            audit: None,
            changed: false,
            now_ms: 1,
        };
        imports.end(number, &end).unwrap();
    }

    /// Works until something holds of the machine.
    pub fn work_until(&mut self, machine: &mut Machine, holds: impl Fn(&Machine) -> bool) {
        while !holds(machine) {
            assert_ne!(self.step(machine).unwrap(), Step::Done);
        }
    }

    pub fn rest(&mut self, mut machine: Machine) -> Result<Finished, Stop> {
        while self.step(&mut machine)? != Step::Done {}
        Ok(machine.finish())
    }

    /// The id of somebody.
    pub fn id_of(&self, name: &str) -> String {
        self.store().users_by_user_names(&[name]).unwrap()[0].resource.id.clone()
    }

    /// Somebody else makes a person.
    pub fn hire(&mut self, name: &str, now_ms: i64) {
        let attributes = serde_json::json!({"userName": name}).as_object().unwrap().clone();
        let new = NewResource {
            kind: ResourceType::User,
            id: format!("hired-{name}"),
            attributes,
            members: Vec::new(),
            now_ms,
        };
        self.store().create(&new).unwrap();
    }

    /// An inlet says who its people are.
    pub fn mirror(&mut self, names: &[&str]) {
        let Self { sql, schemas, ids, .. } = self;
        let mut new_id = || {
            *ids += 1;
            Ok(format!("id{ids}"))
        };
        let said = |name: &&str| {
            let attributes = vec![("userPrincipalName".to_owned(), Some((*name).to_owned()))];
            Change::Upsert(Upsert { source_id: format!("at-source-{name}"), attributes, ..Upsert::default() })
        };
        let changes = names.iter().map(said).collect();
        let batch = Batch { kind: Kind::User, pass: 1, rules: Rules::default(), changes };
        let store = DirectoryStore::new(sql, Profile::Workforce);
        Mirror::new(store, schemas, "tenant", 1, &mut new_id).apply(&batch).unwrap();
    }

    pub fn rename(&mut self, name: &str, now_ms: i64) {
        let mut store = self.store();
        let user = store.users_by_user_names(&[name]).unwrap().remove(0);
        let mut attributes = user.resource.attributes.clone();
        attributes.insert("userName".to_owned(), format!("{name}-renamed").into());
        let update = Update {
            changes: changes(&user.resource.attributes, &attributes),
            previous: user.resource,
            attributes,
            members: Vec::new(),
            now_ms,
        };
        store.update(&update).unwrap();
    }

    pub fn import(&mut self, file: &str, options: ImportOptions) -> Finished {
        let id = self.begin(file, options, 1_000);
        self.work(&id, &[]).unwrap()
    }

    /// Everybody by name: department, the manager's name, names of groups.
    pub fn everybody(&self) -> BTreeMap<String, (String, String, Vec<String>)> {
        let mut store = self.store();
        let users = store.users_page(0, 10_000, false).unwrap();
        let name_of: BTreeMap<String, String> = users
            .iter()
            .map(|user| (user.resource.id.clone(), text(&user.resource.attributes["userName"])))
            .collect();
        let mut all = BTreeMap::new();
        for user in &users {
            let enterprise = user.resource.attributes.get(scim::urn::ENTERPRISE_USER);
            let department =
                enterprise.and_then(|found| found.get("department")).map(text).unwrap_or_default();
            let manager = enterprise.and_then(|found| found.get("manager")?.get("value")).map(text);
            let manager = manager.map(|id| name_of.get(&id).cloned().unwrap_or_else(|| "removed".to_owned()));
            let manager = manager.unwrap_or_default();
            let mut groups: Vec<String> = user
                .group_ids
                .iter()
                .map(|id| {
                    text(&store.get(ResourceType::Group, id).unwrap().unwrap().attributes["displayName"])
                })
                .collect();
            groups.sort();
            all.insert(text(&user.resource.attributes["userName"]), (department, manager, groups));
        }
        all
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
