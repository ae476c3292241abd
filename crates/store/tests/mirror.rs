//! What an inlet says, written into a directory: joins, conflicts, removals, references that come early.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test may fail by panic"
)]

#[path = "mirror/brought_back.rs"]
mod brought_back;
#[path = "mirror/memberships.rs"]
mod memberships;
#[path = "mirror/refused.rs"]
mod refused;
#[path = "mirror/world.rs"]
mod world;

use inlets::mirror::{Batch, Change, Counts, Kind, Reference, Sweep, Upsert};
use inlets::rules::Rules;
use scim::ResourceType;
use scim::repository::{NewResource, Repository as _};
use serde_json::{Value, json};
use store::directory::ChangeKind;
use store::directory::mirror::{FORGOTTEN, FORGOTTEN_MEMBERS, PORTION};
use store::sql::Sql as _;

use world::{World, group, manager, reference, removed, user};

#[test]
fn somebody_of_the_same_name_is_taken_over_with_what_they_have() {
    let mut world = World::new();
    let Value::Object(attributes) =
        json!({"userName": "Ada@contoso.com", "active": true, "title": "Analyst"})
    else {
        panic!()
    };
    let new =
        NewResource { kind: ResourceType::User, id: "csv".into(), attributes, members: vec![], now_ms: 0 };
    world.store().create(&new).unwrap();
    let mut ada = user("s1", "ada@contoso.com");
    ada.attributes.push(("department".into(), Some("North".into())));
    let counts = world.apply(Kind::User, 1, vec![Change::Upsert(ada.clone())]).counts;
    assert_eq!(counts, Counts { joined: 1, ..Counts::default() });
    let found = world.named("ada@contoso.com").unwrap();
    assert_eq!((found.id.as_str(), &found.attributes["title"]), ("csv", &json!("Analyst")));
    let counts = world.apply(Kind::User, 1, vec![Change::Upsert(ada)]).counts;
    assert_eq!(counts, Counts { unchanged: 1, ..Counts::default() }, "again");
}

#[test]
fn references_may_come_before_what_they_refer_to() {
    let mut world = World::new();
    let everybody = group("g", "Everybody", &[("s1", false), ("s2", false), ("inner", false)]);
    assert_eq!(world.apply(Kind::Group, 1, vec![everybody]).counts.members_added, 0);
    let mut ada = user("s1", "ada@contoso.com");
    ada.manager.push(reference("s2", false));
    world.apply(Kind::User, 1, vec![Change::Upsert(ada)]);
    assert_eq!(manager(&world.named("ada@contoso.com").unwrap()), None);
    world.apply(Kind::User, 1, vec![Change::Upsert(user("s2", "bob@contoso.com"))]);
    world.apply(Kind::Group, 1, vec![group("inner", "Inner", &[])]);
    let counts = world.settle();
    assert_eq!((counts.updated, counts.members_added), (1, 3));
    let bob = world.named("bob@contoso.com").unwrap();
    assert_eq!(manager(&world.named("ada@contoso.com").unwrap()), Some(&json!(bob.id)));
    assert_eq!(world.members("r1").len(), 3);
    assert!(world.settle().is_idle(), "nothing waits any more");
}

#[test]
fn a_manager_who_goes_and_one_who_comes_are_told_in_any_order() {
    let mut world = World::new();
    let people = ["s1", "s2", "s3"].map(|id| Change::Upsert(user(id, &format!("{id}@contoso.com"))));
    world.apply(Kind::User, 1, people.to_vec());
    let [two, three] = ["s2", "s3"].map(|id| world.named(&format!("{id}@contoso.com")).unwrap().id);
    let mut told = |manager: Vec<Reference>| {
        let change = Upsert { source_id: "s1".to_owned(), manager, ..Upsert::default() };
        world.apply(Kind::User, 1, vec![Change::Upsert(change)]);
        super_of(&world)
    };
    assert_eq!(told(vec![reference("s2", false)]), Some(two.clone()));
    assert_eq!(told(vec![reference("s2", true), reference("s3", false)]), Some(three.clone()));
    assert_eq!(told(vec![reference("s2", false), reference("s3", true)]), Some(two.clone()));
    assert_eq!(told(vec![reference("s3", true)]), Some(two), "somebody else's going is nothing");
    assert_eq!(told(vec![reference("s2", true)]), None);
}

/// Who manages the first person.
fn super_of(world: &World) -> Option<String> {
    let person = world.named("s1@contoso.com").unwrap();
    manager(&person).and_then(Value::as_str).map(str::to_owned)
}

#[test]
fn names_are_exchanged_and_a_name_that_stays_taken_is_told() {
    let mut world = World::new();
    let rename = |id: &str, name: &str| Change::Upsert(user(id, name));
    world.apply(
        Kind::User,
        1,
        vec![rename("s1", "a@x.com"), rename("s2", "b@x.com"), rename("s3", "c@x.com")],
    );
    let before: Vec<String> =
        ["a@x.com", "b@x.com", "c@x.com"].map(|name| world.named(name).unwrap().id).into();
    // A circle of three, and a fourth who wants what nobody gives up.
    world.apply(
        Kind::User,
        1,
        vec![
            rename("s1", "b@x.com"),
            rename("s2", "c@x.com"),
            rename("s3", "a@x.com"),
            rename("s4", "a@x.com"),
        ],
    );
    let counts = world.settle();
    assert_eq!((counts.updated, counts.failed), (3, 1));
    let after: Vec<String> =
        ["b@x.com", "c@x.com", "a@x.com"].map(|name| world.named(name).unwrap().id).into();
    assert_eq!(after, before);
    // Told again until the name is free.
    assert_eq!(world.settle().failed, 1);
    world.apply(Kind::User, 1, vec![rename("s3", "d@x.com")]);
    assert_eq!(world.settle(), Counts { created: 1, ..Counts::default() });
}

#[test]
fn the_recycle_bin_and_gone_for_good_are_two_things() {
    let mut world = World::new();
    world.apply(Kind::User, 1, vec![Change::Upsert(user("s1", "ada@contoso.com"))]);
    let id = world.named("ada@contoso.com").unwrap().id;
    world.apply(Kind::Group, 1, vec![group("g", "All", &[("s1", false)])]);
    for _ in 0..2 {
        world.apply(Kind::User, 1, vec![removed("s1", false)]);
        assert!(world.named("ada@contoso.com").is_none());
    }
    // Back under another name, while somebody has the old one.
    world.apply(Kind::User, 1, vec![Change::Upsert(user("s2", "ada@contoso.com"))]);
    let counts = world.apply(Kind::User, 1, vec![Change::Upsert(user("s1", "ada.l@contoso.com"))]).counts;
    assert_eq!(counts.restored, 1);
    assert_eq!(world.named("ada.l@contoso.com").unwrap().id, id);
    assert_eq!(world.members("r2"), std::slice::from_ref(&id), "with their memberships");
    world.apply(Kind::User, 1, vec![removed("s1", true), removed("unknown", true)]);
    let purged =
        world.store().changes_since(0, 100).unwrap().into_iter().filter(|c| c.kind == ChangeKind::Purge);
    assert_eq!(purged.map(|change| change.id).collect::<Vec<_>>(), [id]);
    assert!(world.members("r2").is_empty());
}

/// Three people in a group, and who the change log says was taken out of one.
fn team() -> (World, impl Fn(&World) -> Vec<String>) {
    let mut world = World::new();
    let people = ["s1", "s2", "s3"].map(|id| Change::Upsert(user(id, &format!("{id}@x.com"))));
    world.apply(Kind::User, 1, people.to_vec());
    world.apply(Kind::Group, 1, vec![group("g", "All", &["s1", "s2", "s3"].map(|id| (id, false)))]);
    assert_eq!(world.members("r4"), ["r1", "r2", "r3"]);
    let left = |world: &World| {
        let entries = world.store().changes_since(0, 100).unwrap();
        let entries = entries.into_iter().filter(|entry| entry.kind == ChangeKind::MemberRemoved);
        entries.filter_map(|entry| entry.member_id).collect()
    };
    (world, left)
}

#[test]
fn members_of_a_group_that_is_gone_for_good_are_told() {
    let (mut world, left) = team();
    for _ in 0..2 {
        world.apply(Kind::Group, 1, vec![removed("g", true)]);
    }
    assert_eq!(left(&world), ["r1", "r2", "r3"]);
    let (mut world, left) = team();
    world.apply(Kind::Group, 1, vec![removed("g", false)]);
    assert_eq!(left(&world), Vec::<String>::new(), "in the recycle bin they stay its members");
    world.apply(Kind::Group, 1, vec![removed("g", true)]);
    assert_eq!(left(&world), ["r1", "r2", "r3"]);
}

#[test]
fn whoever_leaves_a_group_in_the_recycle_bin_is_told() {
    let (mut world, left) = team();
    let people = ["s1", "s2", "s3"].map(|id| Change::Upsert(user(id, &format!("{id}@x.com"))));
    world.apply(Kind::User, 2, people.to_vec());
    world.of("one", |mirror| mirror.sweep(Sweep::Objects(Kind::Group), 2));
    world.of("one", |mirror| mirror.sweep(Sweep::Members, 2));
    assert_eq!(
        (world.members("r4"), left(&world)),
        (Vec::new(), vec!["r1".into(), "r2".into(), "r3".into()])
    );
}

#[test]
fn a_complete_pass_sweeps_what_it_did_not_meet_in_portions() {
    let mut world = World::new();
    let people = PORTION + 5;
    let all = |pass: i64, from: usize, world: &mut World| {
        let changes =
            (from..people).map(|n| Change::Upsert(user(&format!("s{n}"), &format!("p{n}@x.com")))).collect();
        world.apply(Kind::User, pass, changes);
    };
    all(1, 0, &mut world);
    all(2, people - 1, &mut world);
    let mut portions = Vec::new();
    loop {
        let applied = world.of("one", |mirror| mirror.sweep(Sweep::Objects(Kind::User), 2));
        portions.push(applied.counts.deleted as usize);
        if applied.next.is_none() {
            break;
        }
    }
    assert_eq!(portions, [PORTION, 4]);
    assert_eq!(world.of("one", |mirror| Ok(mirror.mirrored()?)), (1, 0));
}

#[test]
fn two_inlets_share_a_person_and_one_that_is_removed_leaves_people_behind() {
    let mut world = World::new();
    let changes = vec![Change::Upsert(user("s1", "ada@contoso.com"))];
    let batch = Batch { kind: Kind::User, pass: 1, rules: Rules::default(), changes };
    world.of("one", |mirror| mirror.apply(&batch));
    world.of("two", |mirror| mirror.apply(&batch));
    let id = world.named("ada@contoso.com").unwrap().id;
    world.apply(Kind::User, 1, vec![removed("s1", true)]);
    assert_eq!(world.named("ada@contoso.com").unwrap().id, id, "the other inlet still has them");
    world.of("two", |mirror| mirror.release());
    // A new inlet finds them by the id at the source, whatever they are called by now.
    let renamed = Batch { changes: vec![Change::Upsert(user("s1", "ada.l@contoso.com"))], ..batch };
    assert_eq!(world.of("three", |mirror| mirror.apply(&renamed)).counts.joined, 1);
    assert_eq!(world.named("ada.l@contoso.com").unwrap().id, id);
}

#[test]
fn what_cannot_be_written_fails_alone() {
    let mut world = World::new();
    let nameless = Upsert { source_id: "s0".into(), ..Upsert::default() };
    let changes = vec![Change::Upsert(nameless), Change::Upsert(user("s1", "ada@contoso.com"))];
    let applied = world.apply(Kind::User, 1, changes);
    assert_eq!((applied.counts.created, applied.counts.failed), (1, 1));
    assert_eq!(applied.failures[0].source_id, "s0");
    let circle = vec![group("g", "G", &[("h", false)]), group("h", "H", &[("g", false), ("s1", false)])];
    world.apply(Kind::Group, 1, circle.clone());
    let counts = world.settle();
    assert_eq!((counts.failed, counts.members_added), (1, 0), "a group in itself is told");
    assert_eq!(world.members("r3").len(), 2, "and the rest of its members is there");
}

/// A directory of so many people, all of one group.
fn company(people: usize) -> World {
    let mut world = World::new();
    let names: Vec<String> = (0..people).map(|n| format!("s{n}")).collect();
    for chunk in names.chunks(500) {
        let changes = chunk.iter().map(|id| Change::Upsert(user(id, &format!("{id}@x.com")))).collect();
        world.apply(Kind::User, 1, changes);
        let members: Vec<(&str, bool)> = chunk.iter().map(|id| (id.as_str(), false)).collect();
        world.apply(Kind::Group, 1, vec![group("all", "All", &members)]);
    }
    world.settle();
    world
}

#[test]
fn a_change_costs_the_same_in_any_directory() {
    let (mut small, mut large) = (company(300), company(2_000));
    let steps = |world: &mut World, change: &dyn Fn(&mut World)| {
        let before = world.sql.steps();
        change(world);
        world.sql.steps() - before
    };
    let mut check = |name: &str, change: &dyn Fn(&mut World)| {
        let (few, many) = (steps(&mut small, change), steps(&mut large, change));
        assert!(many <= few + few / 5 + 200, "{name}: {few} steps among 300 people, {many} among 2,000");
    };
    let one = |change: Change| vec![change];
    check("a new person", &|world| {
        world.apply(Kind::User, 1, one(Change::Upsert(user("new", "new@x.com"))));
    });
    check("a renamed person", &|world| {
        world.apply(Kind::User, 1, one(Change::Upsert(user("s7", "seven@x.com"))));
    });
    check("a person who is gone", &|world| {
        world.apply(Kind::User, 1, one(removed("s7", false)));
    });
    check("a person who is gone for good", &|world| {
        world.apply(Kind::User, 1, one(removed("s8", true)));
    });
    let members: Vec<String> = (20..220).map(|n| format!("s{n}")).collect();
    let with = |gone: bool| -> Vec<(&str, bool)> { members.iter().map(|id| (id.as_str(), gone)).collect() };
    check("a new group", &|world| {
        world.apply(Kind::Group, 1, one(group("new", "New", &with(false))));
    });
    check("members of a large group", &|world| {
        world.apply(Kind::Group, 1, one(group("all", "All", &with(true))));
        world.apply(Kind::Group, 1, one(group("all", "All", &with(false))));
    });
    check("nothing that waits", &|world| {
        world.settle();
    });
}

#[test]
fn an_inlet_that_is_removed_is_forgotten_by_portions() {
    let people = FORGOTTEN_MEMBERS + 1;
    let mut world = company(people);
    let mut calls = 1;
    while world.of("one", |mirror| mirror.release()) {
        calls += 1;
    }
    let left = |table: &str| {
        let rows = world.sql.query(&format!("SELECT count(*) AS n FROM {table}"), &[]).unwrap();
        rows.first().unwrap().integer("n").unwrap()
    };
    assert_eq!(["anchors", "source_members", "inlet_rules"].map(left), [0, 0, 0]);
    // The memberships of one group take two portions; the group comes before most of its members.
    assert_eq!(calls, 1 + (people + 1).div_ceil(FORGOTTEN));
    assert!(world.named("s7@x.com").is_some(), "people stay");
}
