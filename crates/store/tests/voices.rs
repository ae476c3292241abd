//! One person from several inlets: whatever changes at the sources and in whatever order their rounds come, the
//! directory has what the inlets' order demands.

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

use std::collections::{BTreeMap, BTreeSet};

use dice::Dice;
use inlets::attributes;
use inlets::mirror::{Applied, Batch, Change, Kind, Reference, Sweep, Upsert};
use inlets::rules::{JoinBy, Rules};
use proptest::prelude::*;
use scim::Resource;
use scim::repository::RepositoryError;
use scim::schema::SchemaSet;
use serde_json::{Map, Value, json};
use store::directory::mirror::{Mirror, PORTION};
use store::directory::{DirectoryStore, Profile};
use store::sqlite::Sqlite;

const ATTRIBUTES: [&str; 4] = ["department", "jobTitle", "city", "mail"];

/// What a source knows: the first one says nothing about some attributes, not even that they are empty.
fn known(index: usize) -> &'static [&'static str] {
    if index == 0 { &ATTRIBUTES[..2] } else { &ATTRIBUTES }
}

/// A person at a source.
#[derive(Clone, Default)]
struct Person {
    source_id: String,
    values: BTreeMap<String, Option<String>>,
    manager: Option<String>,
}

/// A source and its inlet. People are known by their `employeeId`.
#[derive(Default)]
struct Source {
    people: BTreeMap<String, Person>,
    rules: Rules,
    pass: i64,
    made: usize,
    /// What the next round tells: people and their attributes; `manager` too.
    news: BTreeMap<String, BTreeSet<String>>,
    /// Ids that are gone, with whether for good.
    gone: Vec<(String, bool)>,
    /// Whether the next round reads everything.
    full: bool,
}

struct World {
    sql: Sqlite,
    sources: Vec<Source>,
    ids: u32,
}

impl World {
    fn new(rules: &[Rules]) -> Self {
        let sql = Sqlite::in_memory().unwrap();
        DirectoryStore::migrate(&sql).unwrap();
        let sources = rules.iter().map(|rules| Source { rules: *rules, full: true, ..Source::default() });
        Self { sql, sources: sources.collect(), ids: 0 }
    }

    fn of<T>(&mut self, inlet: usize, work: impl FnOnce(&mut Mirror<'_>) -> Result<T, RepositoryError>) -> T {
        let ids = &mut self.ids;
        let mut new_id = || {
            *ids += 1;
            Ok(format!("r{ids}"))
        };
        let store = DirectoryStore::new(&self.sql, Profile::Workforce);
        let (schemas, inlet) = (SchemaSet::new(None), format!("inlet{inlet}"));
        work(&mut Mirror { store, schemas: &schemas, inlet: &inlet, now_ms: 1, new_id: &mut new_id }).unwrap()
    }

    fn people(&self) -> Vec<Resource> {
        let store = DirectoryStore::new(&self.sql, Profile::Workforce);
        store.users_page(0, 10_000, false).unwrap().into_iter().map(|user| user.resource).collect()
    }

    /// Source attributes of everybody by `employeeId`; the manager by theirs.
    fn found(&self) -> BTreeMap<String, Map<String, Value>> {
        let people = self.people();
        let number = |resource: &Resource| {
            let document = Value::Object(resource.attributes.clone());
            attributes::get(&document, "employeeId").unwrap().as_str().unwrap().to_owned()
        };
        let numbers: BTreeMap<&str, String> =
            people.iter().map(|resource| (resource.id.as_str(), number(resource))).collect();
        let mut found = BTreeMap::new();
        for resource in &people {
            let mut seen = attributes::to_source(&Value::Object(resource.attributes.clone()));
            if let Some(manager) = seen.get("manager").and_then(Value::as_str) {
                let manager = numbers.get(manager).cloned().unwrap_or_else(|| "?".to_owned());
                seen.insert("manager".to_owned(), json!(manager));
            }
            let earlier = found.insert(number(resource), seen);
            assert!(earlier.is_none(), "{} is there twice", number(resource));
        }
        found
    }

    /// What the order of the inlets demands.
    fn wanted(&self) -> BTreeMap<String, Map<String, Value>> {
        let mut order: Vec<&Source> = self.sources.iter().collect();
        order.sort_by_key(|source| source.rules.precedence);
        let mut wanted: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        for source in order {
            for (number, person) in &source.people {
                let seen = wanted.entry(number.clone()).or_default();
                let values = person.values.iter().filter_map(|(name, value)| Some((name, value.clone()?)));
                for (name, value) in values.chain(person.manager.clone().map(|manager| (&*MANAGER, manager)))
                {
                    let value = if name == "accountEnabled" { json!(value == "true") } else { json!(value) };
                    seen.entry(name.clone()).or_insert(value);
                }
            }
        }
        wanted
    }

    fn check(&self) {
        let (found, wanted) = (self.found(), self.wanted());
        for number in found.keys().chain(wanted.keys()) {
            assert_eq!(found.get(number), wanted.get(number), "person {number}");
        }
    }

    /// Something changes at a source.
    fn shake(&mut self, index: usize, dice: &Dice) {
        let numbers: Vec<String> = self.sources[index].people.keys().cloned().collect();
        let source = &mut self.sources[index];
        match dice.below(8) {
            0..=2 => {
                let number = format!("{}", dice.below(6));
                if source.people.contains_key(&number) {
                    return;
                }
                source.made += 1;
                // Whoever was only in the recycle bin has the same id again.
                let kept = source
                    .gone
                    .iter()
                    .position(|(id, permanent)| !permanent && id.ends_with(&format!("-{number}")));
                let source_id = match kept {
                    Some(kept) => source.gone.remove(kept).0,
                    None => format!("s{index}-{}-{number}", source.made),
                };
                let mut values: BTreeMap<String, Option<String>> = BTreeMap::from([
                    ("employeeId".to_owned(), Some(number.clone())),
                    ("userPrincipalName".to_owned(), Some(format!("p{number}@{index}.example"))),
                    ("accountEnabled".to_owned(), Some(dice.percent(50).to_string())),
                ]);
                for name in known(index) {
                    values.insert(
                        (*name).to_owned(),
                        dice.percent(50).then(|| format!("{name}{}", dice.below(3))),
                    );
                }
                let told = values.keys().cloned().chain(["manager".to_owned()]).collect();
                source.news.insert(number.clone(), told);
                source.people.insert(number, Person { source_id, values, manager: None });
            }
            3 | 4 => {
                let Some(number) = dice.pick(&numbers) else { return };
                let name = known(index)[dice.below(known(index).len())];
                let value = dice.percent(60).then(|| format!("{name}{}", dice.below(3)));
                source.people.get_mut(number).unwrap().values.insert(name.to_owned(), value);
                source.news.entry(number.clone()).or_default().insert(name.to_owned());
            }
            5 => {
                let (Some(number), Some(manager)) = (dice.pick(&numbers), dice.pick(&numbers)) else {
                    return;
                };
                let manager = (number != manager && dice.percent(70)).then(|| manager.clone());
                source.people.get_mut(number).unwrap().manager = manager;
                source.news.entry(number.clone()).or_default().insert("manager".to_owned());
            }
            6 => {
                let Some(number) = dice.pick(&numbers) else { return };
                let person = source.people.remove(number).unwrap();
                source.news.remove(number);
                source.gone.push((person.source_id, dice.percent(30)));
                for (other, person) in &mut source.people {
                    if person.manager.as_ref() == Some(number) {
                        person.manager = None;
                        source.news.entry(other.clone()).or_default().insert("manager".to_owned());
                    }
                }
            }
            _ => {
                let Some(number) = dice.pick(&numbers) else { return };
                let enabled = Some(dice.percent(50).to_string());
                source.people.get_mut(number).unwrap().values.insert("accountEnabled".to_owned(), enabled);
                source.news.entry(number.clone()).or_default().insert("accountEnabled".to_owned());
            }
        }
    }

    fn apply(&mut self, index: usize, changes: Vec<Change>) -> Applied {
        let source = &self.sources[index];
        let batch = Batch { kind: Kind::User, pass: source.pass, rules: source.rules, changes };
        self.of(index, |mirror| mirror.apply(&batch))
    }

    /// A round of a source's inlet. Who is absent from a pass over everything is told by absence.
    fn round(&mut self, index: usize, dice: &Dice) {
        let source = &mut self.sources[index];
        let full = std::mem::take(&mut source.full);
        source.pass += i64::from(full);
        let mut changes: Vec<Change> = Vec::new();
        for (number, person) in &source.people {
            let told = source.news.get(number);
            if !full && told.is_none() {
                continue;
            }
            let names = person.values.iter();
            let names = names.filter(|(name, _)| full || told.is_some_and(|told| told.contains(*name)));
            let mut manager = Vec::new();
            if full || told.is_some_and(|told| told.contains("manager")) {
                // Whoever it was before is told to be none any more.
                let others = source.people.values().map(|other| other.source_id.clone());
                let others = others.chain(source.gone.iter().map(|(id, _)| id.clone()));
                manager.extend(others.map(|source_id| Reference { source_id, removed: true }));
                let is = person.manager.as_ref().map(|manager| source.people[manager].source_id.clone());
                manager.extend(is.map(|source_id| Reference { source_id, removed: false }));
            }
            changes.push(Change::Upsert(Upsert {
                source_id: person.source_id.clone(),
                attributes: names.map(|(name, value)| (name.clone(), value.clone())).collect(),
                whole: full,
                manager,
                members: Vec::new(),
            }));
        }
        if !full || dice.percent(50) {
            let gone = source.gone.iter();
            changes.extend(gone.map(|(source_id, permanent)| Change::Remove {
                source_id: source_id.clone(),
                permanent: *permanent,
            }));
        }
        source.news.clear();
        dice.shuffle(&mut changes);
        let pass = source.pass;
        if dice.percent(50) {
            for change in changes.clone() {
                self.apply(index, vec![change]);
            }
        }
        self.apply(index, changes);
        if full {
            while self.of(index, |mirror| mirror.sweep(Sweep::Objects(Kind::User), pass)).next.is_some() {}
            while self.of(index, |mirror| mirror.sweep(Sweep::Managers, pass)).next.is_some() {}
        }
        let mut after = 0;
        while let Some(next) = self.of(index, |mirror| mirror.settle(after)).next {
            after = next;
        }
    }
}

static MANAGER: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| "manager".to_owned());

fn rules(precedence: u32, join_by: JoinBy) -> Rules {
    Rules { join_by, precedence }
}

fn history(seed: u64, size: usize) {
    let dice = Dice::new(seed);
    let mut world = World::new(&[10, 20, 30].map(|precedence| rules(precedence, JoinBy::EmployeeId)));
    for _ in 0..size {
        let index = dice.below(3);
        match dice.below(12) {
            0..=7 => world.shake(index, &dice),
            8 => world.sources[index].full = true,
            9 => {
                // Another place in the order; what an inlet with other rules knows is read again.
                world.sources[index].rules.precedence =
                    40 + 3 * u32::try_from(dice.below(20)).unwrap() + u32::try_from(index).unwrap();
                world.sources[index].full = true;
            }
            _ => world.round(index, &dice),
        }
    }
    let mut order = [0, 1, 2];
    dice.shuffle(&mut order);
    for index in order {
        world.round(index, &dice);
    }
    world.check();
    let before = DirectoryStore::new(&world.sql, Profile::Workforce).latest_sequence().unwrap();
    dice.shuffle(&mut order);
    for index in order {
        world.sources[index].full = true;
        world.round(index, &dice);
    }
    world.check();
    let store = DirectoryStore::new(&world.sql, Profile::Workforce);
    let written = store.changes_since(before, 100).unwrap();
    let purges = written.iter().filter(|change| change.kind == store::directory::ChangeKind::Purge).count();
    assert_eq!(written.len(), purges, "reading everything again wrote something: {written:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_inlets_decides_whatever_the_order_of_rounds(seed in any::<u64>(), size in 4_usize..120) {
        history(seed, size);
    }
}

fn said(id: &str, attributes: &[(&str, &str)]) -> Change {
    let value = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let attributes = attributes.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect();
    Change::Upsert(Upsert { source_id: id.to_owned(), attributes, ..Upsert::default() })
}

#[test]
fn an_inlet_that_is_removed_leaves_what_others_say() {
    let mut world = World::new(&[rules(10, JoinBy::Mail), rules(20, JoinBy::Mail)]);
    let count = PORTION + 5;
    for index in [0, 1] {
        let people = (0..count).map(|number| {
            let (mail, name) = (format!("p{number}@x.example"), format!("p{number}@{index}.example"));
            let more = if index == 0 { ("city", "Bonn") } else { ("city", "") };
            said(
                &format!("s{number}"),
                &[("userPrincipalName", &name), ("mail", &mail), ("department", &name), more],
            )
        });
        let applied = world.apply(index, people.collect());
        assert_eq!((applied.counts.failed, applied.failures), (0, vec![]));
    }
    let seen = |world: &World| -> BTreeSet<(String, String)> {
        let people =
            world.people().into_iter().map(|user| attributes::to_source(&Value::Object(user.attributes)));
        people
            .map(|user| {
                (
                    user["department"].as_str().unwrap().rsplit('@').next().unwrap().to_owned(),
                    user["city"].as_str().unwrap().to_owned(),
                )
            })
            .collect()
    };
    assert_eq!(world.people().len(), count, "everybody was found by their address");
    assert_eq!(seen(&world), BTreeSet::from([("0.example".to_owned(), "Bonn".to_owned())]));
    let mut calls = 1;
    while world.of(0, |mirror| mirror.release()) {
        calls += 1;
    }
    assert_eq!(calls, 2);
    assert_eq!(
        seen(&world),
        BTreeSet::from([("1.example".to_owned(), "Bonn".to_owned())]),
        "what nobody else says stays"
    );
}

#[test]
fn an_address_of_several_people_joins_nobody() {
    let mut world = World::new(&[rules(10, JoinBy::UserPrincipalName), rules(20, JoinBy::Mail)]);
    let person = |id: &str, name: &str| said(id, &[("userPrincipalName", name), ("mail", "same@x.example")]);
    world.apply(0, vec![person("a", "a@x.example"), person("b", "b@x.example")]);
    let applied = world.apply(1, vec![person("c", "c@x.example")]);
    assert_eq!(applied.counts.failed, 1);
    assert!(applied.failures[0].message.contains("several people"), "{applied:?}");
    assert_eq!(world.people().len(), 2);
}

#[test]
fn what_inlets_say_differently_is_told_page_by_page() {
    let mut world = World::new(&[rules(20, JoinBy::Mail), rules(10, JoinBy::Mail)]);
    for index in [0, 1] {
        let people = (0..7).map(|number| {
            let (mail, name) = (format!("p{number}@x.example"), format!("p{number}@{index}.example"));
            let city = if number % 2 == 0 { "Bonn" } else { &name };
            let enabled = if index == 0 { "True" } else { "true" };
            said(
                &format!("s{index}-{number}"),
                &[("userPrincipalName", &name), ("mail", &mail), ("city", city), ("accountEnabled", enabled)],
            )
        });
        world.apply(index, people.collect());
    }
    world.apply(1, vec![said("alone", &[("userPrincipalName", "alone@x.example")])]);
    let (mut after, mut pages, mut found) = (String::new(), 0, Vec::new());
    loop {
        let page = world.of(0, |mirror| mirror.conflicts(&after, 3));
        pages += 1;
        found.extend(page.conflicts);
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!((pages, found.len()), (3, 7 + 3), "{found:?}");
    let cities: Vec<_> = found.iter().filter(|conflict| conflict.attribute == "city").collect();
    assert_eq!(cities.len(), 3);
    let inlets: Vec<&str> = cities[0].values.iter().map(|(inlet, _)| inlet.as_str()).collect();
    assert_eq!(inlets, ["inlet1", "inlet0"], "the one that counts comes first");
    assert!(found.iter().all(|conflict| conflict.attribute != "accountEnabled"), "{found:?}");
}
