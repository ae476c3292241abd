//! Whoever left a source and was brought back here, by hand or by a CSV import, is none of the source's any more.

use inlets::mirror::{Absent, Change, Kind, Sweep};
use scim::ResourceType;

use crate::world::{World, group, removed, user};

fn people(ids: &[&str]) -> Vec<Change> {
    ids.iter().map(|id| Change::Upsert(user(id, &format!("{id}@x.com")))).collect()
}

/// Two people and a group; one person and the group left, and an administrator brought both back.
fn brought_back() -> World {
    let mut world = World::new();
    world.apply(Kind::User, 1, people(&["s1", "s2"]));
    world.apply(Kind::Group, 1, vec![group("g", "All", &[("s1", false), ("s2", false)])]);
    world.apply(Kind::User, 1, vec![removed("s1", false)]);
    world.apply(Kind::Group, 1, vec![removed("g", false)]);
    world.store().restore(ResourceType::User, "r1", 2).unwrap();
    world.store().restore(ResourceType::Group, "r3", 2).unwrap();
    world
}

fn is_there(world: &World) -> bool {
    let [person, group] = [(ResourceType::User, "r1"), (ResourceType::Group, "r3")]
        .map(|(kind, id)| scim::repository::Repository::get(&mut world.store(), kind, id).unwrap().is_some());
    assert_eq!(person, group);
    person
}

#[test]
fn a_pass_over_everything_does_not_delete_them_again() {
    let mut world = brought_back();
    world.apply(Kind::User, 2, people(&["s2"]));
    let absent = world.of("one", |mirror| mirror.absent(2, 2));
    assert_eq!((absent.users, absent.groups), (0, 0), "{absent:?}");
    for kind in [Kind::User, Kind::Group] {
        let applied = world.of("one", |mirror| mirror.sweep(Sweep::Objects(kind), 2));
        assert_eq!(applied.counts.deleted, 0);
    }
    assert!(is_there(&world));
    // Whoever is only absent is swept as ever.
    world.apply(Kind::User, 3, Vec::new());
    let absent = world.of("one", |mirror| mirror.absent(3, 0));
    assert_eq!(absent, Absent { users: 1, all_users: 2, groups: 0, all_groups: 1 });
}

/// A whole pass without the one who left, with all its sweeps in the machine's order.
fn pass_without_them(world: &mut World, pass: i64) {
    world.apply(Kind::User, pass, people(&["s2"]));
    world.apply(Kind::Group, pass, Vec::new());
    for sweep in [Sweep::Objects(Kind::User), Sweep::Managers, Sweep::Members, Sweep::Objects(Kind::Group)] {
        while world.of("one", |mirror| mirror.sweep(sweep, pass)).next.is_some() {}
    }
    world.settle();
}

#[test]
fn they_keep_their_members_and_do_not_become_the_sources_again() {
    let mut world = World::new();
    let mut reports = user("s1", "s1@x.com");
    reports.manager = vec![crate::reference("s2", false)];
    world.apply(Kind::User, 1, vec![Change::Upsert(reports), people(&["s2"]).remove(0)]);
    world.apply(Kind::Group, 1, vec![group("g", "All", &[("s1", false), ("s2", false)])]);
    world.settle();
    world.apply(Kind::User, 1, vec![removed("s1", false)]);
    world.apply(Kind::Group, 1, vec![removed("g", false)]);
    world.store().restore(ResourceType::User, "r1", 2).unwrap();
    world.store().restore(ResourceType::Group, "r3", 2).unwrap();
    for pass in 2..5 {
        pass_without_them(&mut world, pass);
        assert!(is_there(&world), "after pass {pass}");
        assert_eq!(world.members("r3"), ["r1", "r2"], "after pass {pass}");
    }
}

#[test]
fn nor_does_that_they_are_gone_for_good() {
    for permanent in [false, true] {
        let mut world = brought_back();
        for _ in 0..2 {
            world.apply(Kind::User, 1, vec![removed("s1", permanent)]);
            world.apply(Kind::Group, 1, vec![removed("g", permanent)]);
            assert!(is_there(&world), "permanent: {permanent}");
        }
        // Whoever is there again at the source is the same one, and the source's.
        assert_eq!(world.apply(Kind::User, 1, people(&["s1"])).counts.created, 0);
        assert_eq!(world.apply(Kind::Group, 1, vec![group("g", "All", &[])]).counts.created, 0);
        world.apply(Kind::User, 1, vec![removed("s1", permanent)]);
        world.apply(Kind::Group, 1, vec![removed("g", permanent)]);
        assert!(!is_there(&world));
    }
}
