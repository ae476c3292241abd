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
#[path = "voices/world.rs"]
mod world;

use std::collections::BTreeSet;

use dice::Dice;
use inlets::attributes;
use inlets::mirror::{Change, Kind, Reference, Sweep};
use inlets::rules::JoinBy;
use proptest::prelude::*;
use scim::ResourceType;
use serde_json::Value;
use store::directory::mirror::PORTION;
use store::directory::{ChangeEntry, ChangeKind, DirectoryStore, Profile};
use world::{World, rules, said};

const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

/// Other orders of some attributes.
fn shuffle_orders(world: &mut World, dice: &Dice) {
    let mut orders: Vec<(&str, Vec<usize>)> = Vec::new();
    for name in ["department", "jobTitle", "city", "manager", "accountEnabled", "userPrincipalName"] {
        if dice.percent(40) {
            let mut order = vec![0, 1, 2];
            dice.shuffle(&mut order);
            order.truncate(1 + dice.below(3));
            orders.push((name, order));
        }
    }
    let orders: Vec<(&str, &[usize])> =
        orders.iter().map(|(name, order)| (*name, order.as_slice())).collect();
    world.set_orders(&orders);
}

/// Another place in the order of the directory.
fn move_inlet(world: &mut World, index: usize, dice: &Dice) {
    world.sources[index].rules.precedence =
        40 + 3 * u32::try_from(dice.below(20)).unwrap() + u32::try_from(index).unwrap();
}

fn history(seed: u64, size: usize) {
    let dice = Dice::new(seed);
    let mut world = World::new(&[10, 20, 30].map(|precedence| rules(precedence, JoinBy::EmployeeId)));
    for _ in 0..size {
        let index = dice.below(3);
        match dice.below(15) {
            0..=7 => world.shake(index, &dice),
            8 => world.sources[index].full = true,
            // The next batch brings it.
            9 => move_inlet(&mut world, index, &dice),
            10 => shuffle_orders(&mut world, &dice),
            11 => {
                world.of(index, |mirror| mirror.reorder());
            }
            _ => world.round(index, &dice),
        }
    }
    let mut order = [0, 1, 2];
    dice.shuffle(&mut order);
    for index in order {
        world.round(index, &dice);
    }
    world.reorder();
    world.check();
    world.check_conflicts();

    // Another order is followed without another round, by those in the recycle bin as well.
    for index in order {
        let away = world.delete_somebody(&dice);
        shuffle_orders(&mut world, &dice);
        if dice.percent(50) {
            move_inlet(&mut world, index, &dice);
            let rules = world.sources[index].rules;
            world.of(index, |mirror| mirror.set_rules(&rules));
        }
        world.reorder();
        if let Some(id) = away {
            let store = DirectoryStore::new(&world.sql, Profile::Workforce);
            store.restore(ResourceType::User, &id, 1).unwrap();
        }
        world.check();
        world.check_conflicts();
    }

    let before = DirectoryStore::new(&world.sql, Profile::Workforce).latest_sequence().unwrap();
    dice.shuffle(&mut order);
    for index in order {
        world.sources[index].full = true;
        world.round(index, &dice);
    }
    world.check();
    world.check_conflicts();
    let store = DirectoryStore::new(&world.sql, Profile::Workforce);
    let written = store.changes_since(before, 100).unwrap();
    // That somebody absent is gone for good may be learned only now; then nobody keeps them as a manager.
    let is_purge = |change: &ChangeEntry| change.kind == ChangeKind::Purge;
    let follows = |change: &ChangeEntry| change.attributes == [MANAGER] && written.iter().any(is_purge);
    let others: Vec<&ChangeEntry> =
        written.iter().filter(|change| !is_purge(change) && !follows(change)).collect();
    assert!(others.is_empty(), "reading everything again wrote something: {written:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_inlets_decides_whatever_the_order_of_rounds(seed in any::<u64>(), size in 4_usize..120) {
        history(seed, size);
    }
}

#[test]
fn a_manager_who_is_gone_for_good_is_nobodys() {
    history(13_785_742_466_173_883_440, 73);
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
fn who_came_back_with_another_id_does_not_leave_with_the_old_one() {
    for join_by in [JoinBy::EmployeeId, JoinBy::Mail, JoinBy::UserPrincipalName] {
        let mut world = World::new(&[rules(10, join_by)]);
        let person = |id: &str| {
            let names =
                [("userPrincipalName", "ada@x.example"), ("mail", "ada@x.example"), ("employeeId", "1")];
            said(id, &names)
        };
        world.sources[0].pass = 1;
        world.apply(0, vec![person("old")]);
        // Absent from a pass over everything: into the recycle bin.
        world.sources[0].pass = 2;
        while world.of(0, |mirror| mirror.sweep(Sweep::Objects(Kind::User), 2)).next.is_some() {}
        assert_eq!(world.people().len(), 0);
        let gone = |permanent| Change::Remove { source_id: "old".to_owned(), permanent };
        for permanent in [false, true] {
            world.apply(0, vec![person("new"), gone(permanent)]);
            assert_eq!(world.people().len(), 1, "{join_by}, permanent {permanent}");
        }
        // Nor does a word of the old one count any more.
        world.apply(0, vec![person("new"), gone(true), said("new", &[("city", "Bonn")])]);
        let [ada] = world.people().try_into().unwrap();
        assert_eq!(attributes::to_source(&Value::Object(ada.attributes))["city"], "Bonn");
    }
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
    assert!(found.iter().all(|conflict| conflict.names.is_empty()), "{found:?}");
}

#[test]
fn managers_that_inlets_say_differently_have_names() {
    let mut world = World::new(&[rules(10, JoinBy::Mail), rules(20, JoinBy::Mail)]);
    for index in [0, 1] {
        let people = ["ada", "bo", "cy", "di"].map(|name| {
            let (mail, user_name) = (format!("{name}@x.example"), format!("{name}@{index}.example"));
            let display = if name == "bo" { "" } else { name };
            let names =
                [("userPrincipalName", user_name.as_str()), ("mail", &mail), ("displayName", display)];
            let mut change = said(name, &names);
            // Of Cy both say the same manager, of Di different ones.
            let manager = match (name, index) {
                ("cy", _) | ("di", 0) => Some("ada"),
                ("di", _) => Some("bo"),
                _ => None,
            };
            if let (Change::Upsert(person), Some(manager)) = (&mut change, manager) {
                person.manager = vec![Reference { source_id: manager.to_owned(), removed: false }];
            }
            change
        });
        world.apply(index, people.into());
    }
    let page = world.of(0, |mirror| mirror.conflicts("", 10));
    let managers: Vec<_> =
        page.conflicts.into_iter().filter(|conflict| conflict.attribute == "manager").collect();
    let [conflict] = managers.as_slice() else { panic!("{managers:?}") };
    assert_eq!(conflict.display_name.as_deref(), Some("di"));
    let name = |id: &str| conflict.names.iter().find(|(known, _)| known == id).unwrap().1.as_str();
    let told: Vec<_> = conflict.values.iter().map(|(inlet, id)| (inlet.as_str(), name(id))).collect();
    // Who has no display name is called by their user name.
    assert_eq!(told, [("inlet0", "ada"), ("inlet1", "bo@0.example")]);
}
