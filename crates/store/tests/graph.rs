//! The Microsoft Graph inlet against a Graph in memory: whatever changes there and whatever goes wrong, the
//! directory ends equal to it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test may fail by panic"
)]

#[path = "graph/dice.rs"]
mod dice;
#[path = "graph/double.rs"]
mod double;

use std::collections::{BTreeMap, BTreeSet};

use inlets::attributes;
use inlets::graph::{Answer, Cloud, Effect, Event, Note, Selection, Settings, State, Sync, step};
use proptest::prelude::*;
use scim::repository::RepositoryError;
use scim::schema::SchemaSet;
use scim::{Resource, ResourceType};
use serde_json::{Value, json};
use store::directory::mirror::Mirror;
use store::directory::{ChangeKind, DirectoryStore, Profile};
use store::sqlite::Sqlite;

use dice::Dice;
use double::{Graph, Life};

const MINUTE: i64 = 60_000;

/// A directory, the inlet's durable state, and Graph.
struct World {
    graph: Graph,
    sql: Sqlite,
    schemas: SchemaSet,
    state: State,
    notes: Vec<Note>,
    now: i64,
    ids: u32,
}

enum Ended {
    Finished,
    Resting,
    Crashed,
}

impl World {
    fn new() -> Self {
        let sql = Sqlite::in_memory().unwrap();
        DirectoryStore::migrate(&sql).unwrap();
        Self {
            graph: Graph::new(5),
            sql,
            schemas: SchemaSet::new(None),
            state: State::default(),
            notes: Vec::new(),
            now: 1_700_000_000_000,
            ids: 0,
        }
    }

    fn store(&self) -> DirectoryStore<'_> {
        DirectoryStore::new(&self.sql, Profile::Workforce)
    }

    fn mirror<T>(&mut self, work: impl FnOnce(&mut Mirror<'_>) -> Result<T, RepositoryError>) -> T {
        let ids = &mut self.ids;
        let mut new_id = || {
            *ids += 1;
            Ok(format!("r{ids}"))
        };
        let store = DirectoryStore::new(&self.sql, Profile::Workforce);
        work(&mut Mirror {
            store,
            schemas: &self.schemas,
            inlet: "inlet",
            now_ms: self.now,
            new_id: &mut new_id,
        })
        .unwrap()
    }

    /// Runs until the round ends, rests, or the process dies after so many effects.
    fn run(&mut self, dice: &Dice, crash_after: Option<usize>) -> Ended {
        let settings = Settings {
            tenant_id: "contoso.com".into(),
            client_id: "client".into(),
            endpoints: Cloud::Global.endpoints(None, None).unwrap(),
            selection: Selection::default(),
            rules: Default::default(),
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
                if let (Effect::Apply(batch), true) = (&effect, dice.percent(50)) {
                    self.mirror(|mirror| mirror.apply(batch));
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
    fn round(&mut self, dice: &Dice) {
        let faults = std::mem::take(&mut self.graph.fault_percent);
        for _ in 0..50 {
            if let Ended::Finished = self.run(dice, None) {
                self.graph.fault_percent = faults;
                return;
            }
        }
        panic!("no end: {:?} {:?}", self.state, self.notes);
    }

    fn live(&self, kind: ResourceType) -> Vec<Resource> {
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
    fn found(&self) -> BTreeMap<String, Value> {
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

    fn check(&self) {
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

fn ids(graph: &Graph, is_group: bool, life: Life) -> Vec<String> {
    let objects = graph.objects.iter();
    objects.filter(|(_, o)| o.is_group == is_group && o.life == life).map(|(id, _)| id.clone()).collect()
}

fn name_of(graph: &Graph, id: &str) -> String {
    graph.objects[id].properties["userPrincipalName"].as_str().unwrap().to_owned()
}

/// A name that nobody live has; often one that somebody had.
fn free_name(graph: &Graph, dice: &Dice) -> String {
    let taken: BTreeSet<String> = ids(graph, false, Life::Live).iter().map(|id| name_of(graph, id)).collect();
    let start = dice.below(12);
    (start..).map(|number| format!("p{number}@contoso.com")).find(|name| !taken.contains(name)).unwrap()
}

/// Something changes in the tenant.
fn shake(graph: &mut Graph, dice: &Dice) {
    let users = ids(graph, false, Life::Live);
    let groups = ids(graph, true, Life::Live);
    let new_id = format!("{}{}", if dice.percent(50) { "a" } else { "z" }, graph.objects.len());
    match dice.below(17) {
        0 | 1 => {
            let name = free_name(graph, dice);
            graph.add(&new_id, false, json!({"userPrincipalName": name, "displayName": format!("P {new_id}"), "accountEnabled": true}));
        }
        2 => graph.add(&new_id, true, json!({"displayName": format!("G {}", dice.below(4))})),
        3 | 4 => {
            let Some(id) = dice.pick(&users) else { return };
            let (name, value) = match dice.below(6) {
                0 => ("accountEnabled", json!(dice.percent(50))),
                1 => (
                    "department",
                    if dice.percent(30) { Value::Null } else { json!(format!("D{}", dice.below(3))) },
                ),
                2 => ("mobilePhone", if dice.percent(30) { Value::Null } else { json!("+1 555") }),
                3 => ("businessPhones", if dice.percent(30) { json!([]) } else { json!(["+1 666", "+1 7"]) }),
                4 => ("mail", json!(format!("m{}@contoso.com", dice.below(3)))),
                _ => ("displayName", json!(format!("N{}", dice.below(5)))),
            };
            graph.set(id, name, value);
        }
        5 => {
            let Some(id) = dice.pick(&users) else { return };
            let name = free_name(graph, dice);
            graph.set(id, "userPrincipalName", json!(name));
        }
        6 => {
            // Two people exchange their names, by way of a third.
            let (Some(one), Some(other)) = (dice.pick(&users), dice.pick(&users)) else { return };
            let (first, second) = (name_of(graph, one), name_of(graph, other));
            graph.set(one, "userPrincipalName", json!(second));
            graph.set(other, "userPrincipalName", json!(first));
        }
        7 | 8 => {
            let (Some(id), Some(manager)) = (dice.pick(&users), dice.pick(&users)) else { return };
            let manager = (id != manager && dice.percent(80)).then_some(manager.as_str());
            graph.set_manager(id, manager);
        }
        9..=11 => {
            let (Some(group), Some(user)) = (dice.pick(&groups), dice.pick(&users)) else { return };
            graph.relate(group, user, dice.percent(70));
        }
        12 => {
            // Groups in groups, without circles.
            let (Some(group), Some(member)) = (dice.pick(&groups), dice.pick(&groups)) else { return };
            if member < group {
                graph.relate(group, member, dice.percent(70));
            }
        }
        13 => {
            let Some(id) = dice.pick(if dice.percent(80) { &users } else { &groups }) else { return };
            graph.set_life(id, Life::Bin);
        }
        14 => {
            let Some(id) = dice.pick(if dice.percent(50) { &users } else { &groups }) else { return };
            graph.set_life(id, Life::Gone);
        }
        15 => {
            let binned = ids(graph, true, Life::Bin);
            if let Some(id) = dice.pick(&binned) {
                graph.set_life(id, Life::Live);
            }
            let binned = ids(graph, false, Life::Bin);
            if let Some(id) = dice.pick(&binned) {
                let name = name_of(graph, id);
                if users.iter().any(|user| name_of(graph, user) == name) {
                    let name = free_name(graph, dice);
                    graph.set(id, "userPrincipalName", json!(name));
                }
                graph.set_life(id, Life::Live);
            }
        }
        _ => {
            let Some(id) = dice.pick(&groups) else { return };
            graph.set(id, "displayName", json!(format!("G {}", dice.below(4))));
        }
    }
}

/// Changes, faults and crashes in any order; then a round without any.
fn history(seed: u64, size: usize, rounds: usize) {
    let mut world = World::new();
    let dice = Dice::new(seed);
    for _ in 0..size {
        shake(&mut world.graph, &dice);
    }
    for _ in 0..rounds {
        for _ in 0..dice.below(size) {
            shake(&mut world.graph, &dice);
        }
        world.graph.fault_percent = if dice.percent(60) { 12 } else { 0 };
        match dice.below(8) {
            0 => world.graph.forget_tokens(),
            1 => world.graph.expire_access(),
            2 => world.now += 8 * 24 * 60 * MINUTE,
            3 => world.state.reset(),
            _ => {}
        }
        // A few runs, some of which die or rest in the middle, while the tenant goes on changing.
        for _ in 0..dice.below(6) {
            let crash_after = dice.percent(50).then(|| dice.below(40));
            world.run(&dice, crash_after);
            if dice.percent(40) {
                shake(&mut world.graph, &dice);
            }
            if dice.percent(10) {
                world.graph.forget_tokens();
            }
        }
        world.now += 40 * MINUTE;
    }
    // A round under way may have begun before the last change; the next one has not.
    world.round(&dice);
    world.round(&dice);
    world.check();
    let before = world.store().latest_sequence().unwrap();
    world.round(&dice);
    assert_eq!(
        world.store().latest_sequence().unwrap(),
        before,
        "nothing changed, and something was written"
    );
    world.graph.forget_tokens();
    world.round(&dice);
    world.check();
    // That somebody absent is gone for good may be learned only now; then references to them go, too.
    let written = world.store().changes_since(before, 100).unwrap();
    if written.iter().all(|change| change.kind != ChangeKind::Purge) {
        assert_eq!(written, [], "reading everything again wrote something");
    }
    assert_eq!(world.state.last.as_ref().map(|last| last.full), Some(true));
}

#[test]
fn half_of_the_tenant_gone_at_once_is_held() {
    let mut world = World::new();
    let dice = Dice::new(7);
    for number in 0..240 {
        let name = format!("p{number}@contoso.com");
        world.graph.add(
            &format!("u{number}"),
            false,
            json!({"userPrincipalName": name, "displayName": name}),
        );
    }
    world.graph.add("g", true, json!({"displayName": "Everybody"}));
    for number in 0..240 {
        world.graph.relate("g", &format!("u{number}"), true);
    }
    world.round(&dice);
    world.check();

    // They go while the place in the history is lost: absence is all that tells.
    for number in 0..120 {
        world.graph.set_life(&format!("u{number}"), Life::Gone);
    }
    world.graph.forget_tokens();
    world.now += 40 * MINUTE;
    world.round(&dice);
    // Some of them Graph names as gone even in a pass over everything; the others are only absent.
    let held = world.state.held.unwrap();
    assert_eq!((held.users + 120, held.groups), (held.all_users, 0));
    assert!(held.users > 50, "{held:?}");
    let live = world.live(ResourceType::User).len();
    assert_eq!(live as u64, held.all_users);
    let group = world.live(ResourceType::Group).remove(0);
    assert_eq!(world.store().group_member_ids(&group.id, 0, 1_000).unwrap().len(), live);

    // What changes otherwise is followed, a removal that Graph names too.
    world.graph.set("u200", "displayName", json!("Renamed"));
    world.graph.set_life("u201", Life::Bin);
    world.now += 40 * MINUTE;
    world.round(&dice);
    assert_eq!(world.live(ResourceType::User).len(), live - 1);
    assert!(world.found().values().any(|seen| seen["displayName"] == "Renamed"));

    world.state.allow_removals();
    world.now += 40 * MINUTE;
    world.round(&dice);
    world.check();
    assert_eq!((world.state.held, world.state.error), (None, None));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn directory_ends_equal_to_graph_whatever_happens(seed in any::<u64>(), size in 4_usize..40, rounds in 1_usize..7) {
        history(seed, size, rounds);
    }
}
