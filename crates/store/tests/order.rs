//! Another order of the inlets: who is looked at for it, what cannot be written, and what becomes of orders when an
//! inlet goes. That people end with what the order says is looked for by the histories of `voices.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub,
    reason = "a test may fail by panic; it shares its world with the histories"
)]

#[path = "graph/dice.rs"]
mod dice;
#[path = "voices/world.rs"]
mod world;

use std::collections::BTreeMap;

use inlets::attributes;
use inlets::mirror::{Change, Reference, Upsert};
use inlets::rules::JoinBy;
use serde_json::Value;
use store::directory::mirror::{PORTION, disputes};
use store::directory::{DirectoryStore, Profile};
use store::sql::Sql as _;
use world::{World, rules, said};

/// Two inlets with the same people: each has its own `userPrincipalName` and `department` for everybody, and its own
/// `jobTitle` for the first ones.
fn two(people: usize, other_titles: usize) -> World {
    let mut world = World::new(&[rules(10, JoinBy::EmployeeId), rules(20, JoinBy::EmployeeId)]);
    for index in [0, 1] {
        let people = (0..people).map(|number| {
            let title = if number < other_titles { format!("title{index}") } else { "title".to_owned() };
            let number = format!("{number:05}");
            said(
                &format!("s{index}-{number}"),
                &[
                    ("employeeId", &number),
                    ("userPrincipalName", &format!("p{number}@{index}.example")),
                    ("department", &format!("department{index}")),
                    ("jobTitle", &title),
                ],
            )
        });
        let applied = world.apply(index, people.collect());
        assert_eq!(applied.failures, vec![]);
    }
    world
}

/// How many people have which value.
fn count(world: &World, name: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for user in world.people() {
        let document = Value::Object(user.attributes);
        let value = attributes::get(&document, name).map_or_else(String::new, |value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        *found.entry(value).or_default() += 1;
    }
    found
}

fn counts(expected: &[(&str, usize)]) -> BTreeMap<String, usize> {
    expected.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect()
}

fn store(world: &World) -> DirectoryStore<'_> {
    DirectoryStore::new(&world.sql, Profile::Workforce)
}

fn disputes(world: &mut World) -> Vec<(String, u64)> {
    world.of(0, |mirror| Ok(mirror.disputes()?))
}

#[test]
fn only_those_are_looked_at_about_whom_there_is_a_conflict() {
    let mut steps = Vec::new();
    for people in [100, 1_500] {
        let mut world = two(people, 3);
        assert_eq!(disputes(&mut world).iter().find(|(name, _)| name == "jobTitle").unwrap().1, 3);
        let before = store(&world).latest_sequence().unwrap();
        let work = world.sql.steps();
        world.set_orders(&[("jobTitle", &[1])]);
        let done = world.reorder();
        steps.push(world.sql.steps() - work);
        assert_eq!((done.looked_at, done.changed), (3, 3));
        assert_eq!(count(&world, "jobTitle"), counts(&[("title", people - 3), ("title1", 3)]));
        assert_eq!(count(&world, "department"), counts(&[("department0", people)]));
        let changes = store(&world).changes_since(before, 100).unwrap();
        assert_eq!(changes.len(), 3);
        assert!(changes.iter().all(|change| change.attributes == ["title"]), "{changes:?}");
        // The same order again is no work, and neither is another one behind the first that has a value.
        world.set_orders(&[("jobTitle", &[1])]);
        assert_eq!(world.reorder().looked_at, 0);
        world.set_orders(&[("jobTitle", &[1, 0])]);
        assert_eq!(world.reorder().changed, 0);
        // Nobody disagrees about it.
        world.set_orders(&[("jobTitle", &[1, 0]), ("employeeId", &[1])]);
        assert_eq!(world.reorder().looked_at, 0);
    }
    assert!(steps[1] <= steps[0] + steps[0] / 5, "{steps:?} steps of SQLite for the same conflicts");
}

#[test]
fn people_are_gone_through_by_portions_and_anew_when_the_order_changes_meanwhile() {
    let people = PORTION + 5;
    let mut world = two(people, people);
    world.set_orders(&[("jobTitle", &[1])]);
    let done = world.of(0, |mirror| mirror.reorder());
    assert_eq!((done.looked_at, done.more), (PORTION as u64, true));
    assert_eq!(count(&world, "jobTitle"), counts(&[("title0", 5), ("title1", PORTION)]));
    world.set_orders(&[]);
    let done = world.reorder();
    assert_eq!((done.looked_at, done.changed), (people as u64, PORTION as u64));
    assert_eq!(count(&world, "jobTitle"), counts(&[("title0", people)]));
    assert!(!world.of(0, |mirror| Ok(mirror.is_due()?)));

    // The order of the directory: all attributes at once, each person once.
    let before = store(&world).latest_sequence().unwrap();
    world.of(1, |mirror| mirror.set_rules(&rules(5, JoinBy::EmployeeId)));
    let done = world.reorder();
    assert_eq!((done.looked_at, done.changed), (people as u64, people as u64));
    assert_eq!(count(&world, "department"), counts(&[("department1", people)]));
    assert_eq!(store(&world).changes_since(before, 1_000).unwrap().len(), people);
    // Rules that stay as they are, or that only find people in another way, are no work.
    world.of(1, |mirror| mirror.set_rules(&rules(5, JoinBy::Mail)));
    assert_eq!(world.reorder().looked_at, 0);
}

#[test]
fn people_are_counted_up_to_a_limit() {
    let mut world = two(disputes::COUNTED + 1, 2);
    let limit = disputes::COUNTED as u64;
    let expected = [("department", limit), ("jobTitle", 2), ("userPrincipalName", limit)];
    assert_eq!(disputes(&mut world), expected.map(|(name, count)| (name.to_owned(), count)));
}

#[test]
fn names_that_are_in_each_others_way_are_exchanged_in_the_next_round() {
    let mut world = World::new(&[rules(10, JoinBy::EmployeeId), rules(20, JoinBy::EmployeeId)]);
    let person = |id: &str, number: &str, name: &str, department: &str| {
        said(id, &[("employeeId", number), ("userPrincipalName", name), ("department", department)])
    };
    world.apply(0, vec![person("a1", "1", "x@x.example", "A"), person("a2", "2", "y@x.example", "A")]);
    // The other source gave the names to the other one of the two.
    world.apply(1, vec![person("b1", "1", "y@x.example", "B"), person("b2", "2", "x@x.example", "B")]);
    let seen = |world: &World| {
        let people =
            world.people().into_iter().map(|user| attributes::to_source(&Value::Object(user.attributes)));
        let mut people: Vec<(String, String, String)> = people
            .map(|user| {
                let text = |name: &str| user[name].as_str().unwrap().to_owned();
                (text("employeeId"), text("userPrincipalName"), text("department"))
            })
            .collect();
        people.sort();
        people.into_iter().map(|(_, name, department)| format!("{name} {department}")).collect::<Vec<_>>()
    };
    assert_eq!(seen(&world), ["x@x.example A", "y@x.example A"]);
    world.of(1, |mirror| mirror.set_rules(&rules(5, JoinBy::EmployeeId)));
    world.reorder();
    assert_eq!(seen(&world), ["x@x.example B", "y@x.example B"], "the names wait, nothing else does");
    world.of(1, |mirror| mirror.settle(0));
    assert_eq!(seen(&world), ["y@x.example B", "x@x.example B"]);
}

#[test]
fn a_value_that_cannot_be_is_told_by_the_inlet_that_has_it() {
    let mut world = World::new(&[rules(10, JoinBy::EmployeeId), rules(20, JoinBy::EmployeeId)]);
    let person = |id: &str, enabled: &str, department: &str| {
        said(
            id,
            &[
                ("employeeId", "1"),
                ("userPrincipalName", "p@x.example"),
                ("accountEnabled", enabled),
                ("department", department),
            ],
        )
    };
    world.apply(0, vec![person("a", "false", "A")]);
    assert_eq!(world.apply(1, vec![person("b", "maybe", "B")]).failures, vec![]);
    world.of(1, |mirror| mirror.set_rules(&rules(5, JoinBy::EmployeeId)));
    world.reorder();
    assert_eq!(count(&world, "department"), counts(&[("B", 1)]), "everything else is written");
    assert_eq!(count(&world, "accountEnabled"), counts(&[("false", 1)]), "nobody is let in by a mistake");
    let failures = world.of(1, |mirror| mirror.settle(0)).failures;
    assert_eq!(failures.len(), 1);
    assert!(failures[0].message.contains("maybe"), "{failures:?}");
    assert_eq!(world.of(1, |mirror| mirror.settle(0)).failures, vec![], "it is told once");
}

#[test]
fn an_inlet_that_is_removed_leaves_the_orders() {
    let mut world = two(4, 4);
    world.set_orders(&[("jobTitle", &[1]), ("department", &[1, 0]), ("city", &[0])]);
    world.reorder();
    assert_eq!(count(&world, "jobTitle"), counts(&[("title1", 4)]));
    while world.of(1, |mirror| mirror.release()) {}
    assert_eq!(count(&world, "jobTitle"), counts(&[("title0", 4)]));
    assert_eq!(count(&world, "department"), counts(&[("department0", 4)]));
    let orders = world.of(0, |mirror| mirror.orders());
    let left: Vec<(&str, &[String])> = orders.iter().collect();
    let first = ["inlet0".to_owned()];
    assert_eq!(left, [("city", &first[..]), ("department", &first[..])]);
    assert_eq!(disputes(&mut world), vec![]);
    assert!(!world.of(0, |mirror| Ok(mirror.is_due()?)));
}

#[test]
fn whoever_is_gone_for_good_is_in_no_conflict() {
    let mut world = two(3, 3);
    let gone = world.people()[0].id.clone();
    let users = scim::ResourceType::User;
    let rows = |world: &World| {
        let rows =
            world.sql.query("SELECT 1 AS found FROM disputes WHERE resource_id = ?", &[gone.as_str().into()]);
        rows.unwrap().rows.len()
    };
    scim::repository::Repository::delete(&mut store(&world), users, &gone, 2).unwrap();
    assert_eq!(rows(&world), 3, "somebody may bring them back");
    assert_eq!(world.of(0, |mirror| mirror.conflicts("", 10)).conflicts.len(), 2 * 3);
    store(&world).purge(users, &gone, 3).unwrap();
    assert_eq!(rows(&world), 0);
}

/// The only person there is, live, as an inlet would say them.
fn only(world: &World) -> serde_json::Map<String, Value> {
    let [user] = world.people().try_into().unwrap();
    attributes::to_source(&Value::Object(user.attributes))
}

/// One person whom both inlets know and about whom they disagree, deleted by an administrator.
fn deleted() -> (World, String) {
    let mut world = two(1, 1);
    for (index, enabled) in [(0, "true"), (1, "false")] {
        world.apply(index, vec![said(&format!("s{index}-00000"), &[("accountEnabled", enabled)])]);
    }
    assert_eq!(only(&world)["accountEnabled"], true);
    let id = world.people()[0].id.clone();
    scim::repository::Repository::delete(&mut store(&world), scim::ResourceType::User, &id, 2).unwrap();
    (world, id)
}

#[test]
fn who_comes_back_from_the_recycle_bin_has_what_the_order_says_by_now() {
    for (back, every) in [("an administrator", false), ("an administrator", true), ("an inlet", true)] {
        let (mut world, id) = deleted();
        if every {
            world.of(1, |mirror| mirror.set_rules(&rules(5, JoinBy::EmployeeId)));
            world.sources[1].rules = rules(5, JoinBy::EmployeeId);
        } else {
            world.set_orders(&[("accountEnabled", &[1]), ("department", &[1])]);
        }
        let done = world.reorder();
        assert_eq!((done.looked_at, done.changed), (if every { 1 } else { 2 }, if every { 1 } else { 2 }));
        assert_eq!(world.people().len(), 0, "another order brings nobody back");
        let totals = store(&world).counts().unwrap();
        assert_eq!((totals.users, totals.deleted_users), (0, 1));
        if back == "an inlet" {
            world.apply(0, vec![said("s0-00000", &[("city", "Bonn")])]);
        } else {
            store(&world).restore(scim::ResourceType::User, &id, 3).unwrap();
        }
        let ada = only(&world);
        assert_eq!(ada["accountEnabled"], false, "{back}");
        assert_eq!(ada["department"], "department1", "{back}");
        assert_eq!(ada["jobTitle"], if every { "title1" } else { "title0" }, "{back}");
        let name = ada["userPrincipalName"].as_str().unwrap();
        assert_eq!(name, if every { "p00000@1.example" } else { "p00000@0.example" }, "{back}");
    }
}

#[test]
fn who_comes_back_after_an_inlet_was_removed_has_what_the_others_say() {
    let (mut world, id) = deleted();
    while world.of(0, |mirror| mirror.release()) {}
    assert_eq!(world.people().len(), 0);
    store(&world).restore(scim::ResourceType::User, &id, 3).unwrap();
    let ada = only(&world);
    assert_eq!((&ada["accountEnabled"], &ada["department"]), (&Value::from(false), &"department1".into()));
}

#[test]
fn a_value_that_cannot_be_does_not_bring_anybody_back() {
    let (mut world, id) = deleted();
    store(&world).restore(scim::ResourceType::User, &id, 3).unwrap();
    world.apply(1, vec![said("s1-00000", &[("accountEnabled", "maybe")])]);
    scim::repository::Repository::delete(&mut store(&world), scim::ResourceType::User, &id, 4).unwrap();
    world.of(1, |mirror| mirror.set_rules(&rules(5, JoinBy::EmployeeId)));
    world.reorder();
    for index in [0, 1] {
        world.of(index, |mirror| mirror.settle(0));
    }
    assert_eq!(world.people().len(), 0);
    store(&world).restore(scim::ResourceType::User, &id, 5).unwrap();
    assert_eq!(only(&world)["department"], "department1", "everything else is written");
}

#[test]
fn that_people_changed_is_kept_until_it_is_told() {
    let mut world = two(PORTION + 5, 1);
    let told = |world: &mut World| world.of(0, |mirror| Ok(mirror.take_reordered()?));
    assert!(!told(&mut world), "nothing followed yet");
    world.set_orders(&[("jobTitle", &[0, 1])]);
    world.reorder();
    assert!(!told(&mut world), "nobody changed");
    world.set_orders(&[("department", &[1])]);
    assert!(world.of(0, |mirror| mirror.reorder()).more);
    assert!(told(&mut world), "after the first portion, whoever does the next one");
    assert!(!told(&mut world), "once");
    world.reorder();
    assert!(told(&mut world));
    assert!(!told(&mut world));
}

#[test]
fn managers_have_an_order_of_their_own() {
    let mut world = two(3, 0);
    world.sources.iter_mut().for_each(|source| source.pass = 1);
    let managed = |index: usize, by: usize| {
        Change::Upsert(Upsert {
            source_id: format!("s{index}-00000"),
            manager: vec![Reference { source_id: format!("s{index}-{by:05}"), removed: false }],
            ..Upsert::default()
        })
    };
    world.apply(0, vec![managed(0, 1)]);
    world.apply(1, vec![managed(1, 2)]);
    let managers = |world: &World| -> Vec<String> {
        let people = world.people();
        let number = |id: &str| {
            let user = people.iter().find(|user| user.id == id).unwrap();
            let document = Value::Object(user.attributes.clone());
            attributes::get(&document, "employeeId").unwrap().as_str().unwrap().to_owned()
        };
        let documents = people.iter().map(|user| Value::Object(user.attributes.clone()));
        documents.filter_map(|user| Some(number(attributes::get(&user, "manager")?.as_str()?))).collect()
    };
    assert_eq!(managers(&world), ["00001"]);
    world.set_orders(&[("manager", &[1])]);
    assert_eq!(world.reorder().changed, 1);
    assert_eq!(managers(&world), ["00002"]);
    let conflicts = world.of(0, |mirror| mirror.conflicts("", 10)).conflicts;
    let conflict = conflicts.iter().find(|conflict| conflict.attribute == "manager").unwrap();
    assert_eq!(conflict.values[0].0, "inlet1", "the one that counts comes first");
}

#[test]
fn conflicts_from_before_they_were_kept_are_found() {
    let people = 600;
    let mut world = two(people, 2);
    let expected = disputes(&mut world);
    // What later versions made comes again with them.
    for table in ["disputes", "disputes_due", "imports", "import_parts", "import_texts"] {
        world.sql.query(&format!("DROP TABLE {table}"), &[]).unwrap();
    }
    world.sql.query("UPDATE schema_version SET version = 4", &[]).unwrap();
    DirectoryStore::migrate(&world.sql).unwrap();
    world.set_orders(&[("jobTitle", &[1])]);
    let done = world.reorder();
    assert_eq!((done.looked_at, done.changed), (2, 2), "they are looked for first");
    assert_eq!(disputes(&mut world), expected);
    // A directory without inlets has nothing to look for.
    let mut empty = World::new(&[]);
    assert!(!empty.of(0, |mirror| Ok(mirror.is_due()?)));
}
