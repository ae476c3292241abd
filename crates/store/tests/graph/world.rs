//! A directory, the inlet that fills it, and the Graph that it reads.

use std::collections::{BTreeMap, BTreeSet};

use inlets::attributes;
use inlets::graph::{Answer, Cloud, Effect, Event, Note, Selection, Settings, State, Sync, step};
use scim::repository::RepositoryError;
use scim::schema::SchemaSet;
use scim::{Resource, ResourceType};
use serde_json::{Value, json};
use store::directory::mirror::Mirror;
use store::directory::{DirectoryStore, Profile};
use store::sqlite::Sqlite;

use crate::assigned::{add_application, mirrored};
use crate::dice::Dice;
use crate::double::{self, Graph, Life};

pub const MINUTE: i64 = 60_000;

/// A directory, the inlet's durable state, and Graph.
pub struct World {
    pub graph: Graph,
    pub sql: Sqlite,
    /// The organization's database.
    pub organization: Sqlite,
    schemas: SchemaSet,
    pub state: State,
    pub notes: Vec<Note>,
    pub now: i64,
    pub ids: u32,
}

pub enum Ended {
    Finished,
    Resting,
    Crashed,
}

impl World {
    pub fn new() -> Self {
        let sql = Sqlite::in_memory().unwrap();
        DirectoryStore::migrate(&sql).unwrap();
        let organization = Sqlite::in_memory().unwrap();
        add_application(&organization);
        Self {
            graph: Graph::new(5),
            sql,
            organization,
            schemas: SchemaSet::new(None),
            state: State::default(),
            notes: Vec::new(),
            now: 1_700_000_000_000,
            ids: 0,
        }
    }

    pub fn store(&self) -> DirectoryStore<'_> {
        DirectoryStore::new(&self.sql, Profile::Workforce)
    }

    pub fn mirror<T>(&mut self, work: impl FnOnce(&mut Mirror<'_>) -> Result<T, RepositoryError>) -> T {
        let ids = &mut self.ids;
        let mut new_id = || {
            *ids += 1;
            Ok(format!("r{ids}"))
        };
        let store = DirectoryStore::new(&self.sql, Profile::Workforce);
        work(&mut Mirror::new(store, &self.schemas, "inlet", self.now, &mut new_id)).unwrap()
    }

    /// Runs until the round ends, rests, or the process dies after so many effects.
    pub fn run(&mut self, dice: &Dice, crash_after: Option<usize>) -> Ended {
        let settings = Settings {
            tenant_id: "contoso.com".into(),
            client_id: "client".into(),
            endpoints: Cloud::Global.endpoints(None, None).unwrap(),
            selection: Selection::default(),
            rules: Default::default(),
            assignments: mirrored(),
            interval_ms: 40 * MINUTE,
        };
        let mut sync = Sync::resume(settings, self.state.clone(), None);
        let mut event = Event::Started;
        for count in 0.. {
            assert!(count < 20_000, "the round does not end");
            let (next, effect) = step(sync, event, self.now);
            sync = next;
            self.now += 7;
            if Some(count) == crash_after {
                // What was asked for may have been done all the same.
                match (&effect, dice.percent(50)) {
                    (Effect::Apply(batch), true) => drop(self.mirror(|mirror| mirror.apply(batch))),
                    (Effect::Assign(wanted), true) => drop(self.assign(wanted, dice)),
                    _ => {}
                }
                return Ended::Crashed;
            }
            let answered = |reply: double::Reply| {
                Event::Answered(Answer {
                    status: reply.status,
                    retry_after: reply.retry_after,
                    body: reply.body.to_string(),
                })
            };
            event = match effect {
                Effect::Token(_) => answered(self.graph.login(dice)),
                Effect::Get { url, token } => match self.graph.get(&url, token.expose(), self.now, dice) {
                    Ok(reply) => answered(reply),
                    Err(reason) => Event::Unanswered(reason),
                },
                Effect::Apply(batch) => {
                    // As it goes to the directory's object.
                    let batch = serde_json::from_str(&serde_json::to_string(&batch).unwrap()).unwrap();
                    Event::Applied(self.mirror(|mirror| mirror.apply(&batch)))
                }
                Effect::Weigh { users, groups } => {
                    Event::Weighed(self.mirror(|mirror| mirror.absent(users, groups)))
                }
                Effect::Sweep { sweep, pass } => {
                    Event::Applied(self.mirror(|mirror| mirror.sweep(sweep, pass)))
                }
                Effect::Settle { after } => Event::Applied(self.mirror(|mirror| mirror.settle(after))),
                Effect::Assign(wanted) => Event::Assigned(Some(self.assign(&wanted, dice))),
                Effect::Commit { state, notes } => {
                    self.state = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
                    self.notes.extend(notes);
                    Event::Committed
                }
                Effect::Rest { until } => {
                    self.now = self.now.max(until);
                    return Ended::Resting;
                }
                Effect::Finish => return Ended::Finished,
            };
        }
        panic!("the loop has no end")
    }

    /// A round to its end, without faults.
    pub fn round(&mut self, dice: &Dice) {
        let faults = std::mem::take(&mut self.graph.fault_percent);
        for _ in 0..50 {
            if let Ended::Finished = self.run(dice, None) {
                self.graph.fault_percent = faults;
                return;
            }
        }
        panic!("no end: {:?} {:?}", self.state, self.notes);
    }

    pub fn live(&self, kind: ResourceType) -> Vec<Resource> {
        match kind {
            ResourceType::User => {
                let users = self.store().users_page(0, 10_000, false).unwrap();
                users.into_iter().map(|user| user.resource).collect()
            }
            ResourceType::Group => {
                self.store().groups_page(0, 10_000).unwrap().into_iter().map(|(_, group)| group).collect()
            }
        }
    }

    /// The directory as Graph would put it: by external id, source attributes, manager and members by theirs.
    pub fn found(&self) -> BTreeMap<String, Value> {
        let all: Vec<Resource> = ResourceType::ALL.into_iter().flat_map(|kind| self.live(kind)).collect();
        let external: BTreeMap<&str, &str> = all
            .iter()
            .map(|resource| (resource.id.as_str(), resource.attributes["externalId"].as_str().unwrap()))
            .collect();
        let mut found = BTreeMap::new();
        for resource in &all {
            let document = Value::Object(resource.attributes.clone());
            let mut seen = json!({"displayName": document["displayName"]});
            if resource.kind == ResourceType::User {
                seen = Value::Object(attributes::to_source(&document));
                if let Some(manager) = seen.get("manager").and_then(Value::as_str) {
                    seen["manager"] = json!(external.get(manager).unwrap_or(&"?"));
                }
            } else {
                let members = self.store().group_member_ids(&resource.id, 0, 10_000).unwrap();
                let members: BTreeSet<&str> =
                    members.iter().map(|(_, _, id)| external[id.as_str()]).collect();
                seen["members"] = json!(members);
            }
            let earlier = found.insert(external[resource.id.as_str()].to_owned(), seen);
            assert!(earlier.is_none(), "{} is there twice", external[resource.id.as_str()]);
        }
        found
    }

    /// Graph as the directory should put it.
    fn wanted(&self) -> BTreeMap<String, Value> {
        let live = self.graph.objects.iter().filter(|(_, object)| object.life == Life::Live);
        live.map(|(id, object)| {
            let related: BTreeSet<&String> = object.related().into_iter().collect();
            if object.is_group {
                return (
                    id.clone(),
                    json!({"displayName": object.properties["displayName"], "members": related}),
                );
            }
            let mut wanted = json!({"accountEnabled": true});
            for (name, value) in object.properties.iter().filter(|(_, value)| !value.is_null()) {
                let (name, value) = match name.as_str() {
                    "mobilePhone" => ("mobile", value.clone()),
                    "businessPhones" => ("telephoneNumber", value[0].clone()),
                    name => (name, value.clone()),
                };
                if !value.is_null() {
                    wanted[name] = value;
                }
            }
            if let Some(manager) = related.first() {
                wanted["manager"] = json!(manager);
            }
            (id.clone(), wanted)
        })
        .collect()
    }

    pub fn check(&self) {
        self.check_assignments();
        let (found, wanted) = (self.found(), self.wanted());
        for id in found.keys().chain(wanted.keys()) {
            assert_eq!(
                found.get(id),
                wanted.get(id),
                "{id}; notes: {:#?}",
                self.notes.iter().rev().take(5).collect::<Vec<_>>()
            );
        }
    }
}
