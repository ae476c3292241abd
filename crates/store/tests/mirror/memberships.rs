//! Members of groups whom an inlet does not have any more.

use inlets::mirror::{Applied, Batch, Change, Counts, Kind, Upsert};
use inlets::rules::{JoinBy, Rules};
use scim::ResourceType;
use scim::repository::{MemberChange, Repository as _, Update};

use crate::world::{World, group, removed, user};

/// Another inlet than the first one, or other rules.
fn apply(world: &mut World, inlet: &str, join_by: JoinBy, kind: Kind, changes: Vec<Change>) -> Applied {
    let rules = Rules { join_by, ..Rules::default() };
    world.of(inlet, |mirror| mirror.apply(&Batch { kind, pass: 1, rules, changes: changes.clone() }))
}

#[test]
fn whoever_one_of_two_inlets_drops_leaves_its_groups() {
    for is_told in [true, false] {
        let mut world = World::new();
        let ada = || vec![Change::Upsert(user("s1", "ada@x.com"))];
        let by_name = JoinBy::default();
        for inlet in ["one", "two"] {
            apply(&mut world, inlet, by_name, Kind::User, ada());
        }
        let in_group = |id: &str| vec![group(id, id, &[("s1", false)])];
        apply(&mut world, "one", by_name, Kind::Group, in_group("g"));
        apply(&mut world, "two", by_name, Kind::Group, in_group("h"));
        // A group that both have, as two inlets of one tenant do.
        apply(&mut world, "one", by_name, Kind::Group, in_group("shared"));
        apply(&mut world, "two", by_name, Kind::Group, in_group("shared"));
        assert_eq!([world.members("r2"), world.members("r3"), world.members("r4")].concat(), ["r1"; 3]);

        let applied = apply(&mut world, "one", by_name, Kind::User, vec![removed("s1", false)]);
        assert_eq!(applied.counts.members_removed, 1);
        if is_told {
            let left = vec![group("g", "g", &[("s1", true)]), group("shared", "shared", &[("s1", true)])];
            apply(&mut world, "one", by_name, Kind::Group, left);
        }
        assert_eq!(world.members("r2"), [""; 0]);
        assert_eq!(
            [world.members("r3"), world.members("r4")].concat(),
            ["r1"; 2],
            "what the other says stays"
        );
        // Whoever is back is where the source still says.
        apply(&mut world, "one", by_name, Kind::User, ada());
        world.settle();
        assert_eq!(world.members("r2").len(), usize::from(!is_told));
    }
}

#[test]
fn whoever_is_hired_anew_between_two_rounds_is_not_in_the_groups_of_before() {
    for join_by in [JoinBy::EmployeeId, JoinBy::Mail] {
        let mut world = World::new();
        let hired = |id: &str| {
            let mut said = user(id, "ada@x.com");
            for name in ["employeeId", "mail"] {
                said.attributes.push((name.to_owned(), Some("ada@x.com".to_owned())));
            }
            Change::Upsert(Upsert { source_id: id.to_owned(), ..said })
        };
        apply(&mut world, "one", join_by, Kind::User, vec![hired("old")]);
        let groups = ["g", "h"].map(|id| group(id, id, &[("old", false)]));
        apply(&mut world, "one", join_by, Kind::Group, groups.to_vec());
        assert_eq!([world.members("r2"), world.members("r3")].concat(), ["r1"; 2]);
        let applied =
            apply(&mut world, "one", join_by, Kind::User, vec![removed("old", false), hired("new")]);
        assert_eq!(applied.counts.joined, 1);
        assert_eq!(world.named("ada@x.com").unwrap().id, "r1");
        let told = vec![group("g", "g", &[("old", true)]), group("h", "h", &[("old", true), ("new", false)])];
        apply(&mut world, "one", join_by, Kind::Group, told);
        world.settle();
        assert_eq!((world.members("r2"), world.members("r3")), (vec![], vec!["r1".to_owned()]));
    }
}

#[test]
fn a_member_taken_out_by_hand_is_back_when_everything_is_read() {
    let mut world = World::new();
    let people = ["s1", "s2"].map(|id| Change::Upsert(user(id, &format!("{id}@x.com"))));
    world.apply(Kind::User, 1, people.to_vec());
    let all = vec![group("g", "All", &[("s1", false), ("s2", false)])];
    world.apply(Kind::Group, 1, all.clone());
    let group = world.store().get(ResourceType::Group, "r3").unwrap().unwrap();
    let update = Update {
        attributes: group.attributes.clone(),
        previous: group,
        changes: Vec::new(),
        members: vec![MemberChange::Remove(vec!["r1".to_owned()])],
        now_ms: 1,
    };
    world.store().update(&update).unwrap();
    let version = |world: &World| world.store().get(ResourceType::Group, "r3").unwrap().unwrap().version;
    assert_eq!(world.apply(Kind::Group, 1, all.clone()).counts.members_added, 0, "the same again is no news");
    assert_eq!(world.members("r3"), ["r2"]);
    assert_eq!(world.apply(Kind::Group, 2, all.clone()).counts.members_added, 1);
    assert_eq!(world.members("r3").len(), 2);
    // Whoever is there is not added again.
    let before = version(&world);
    assert_eq!(world.apply(Kind::Group, 3, all).counts.members_added, 0);
    assert_eq!(version(&world), before);
}

#[test]
fn groups_that_change_places_do_so_in_whatever_order_it_is_told() {
    for together in [true, false] {
        let mut world = World::new();
        world.apply(Kind::Group, 1, vec![group("b", "B", &[]), group("a", "A", &[("b", false)])]);
        assert_eq!((world.members("r2"), world.members("r1")), (vec!["r1".to_owned()], vec![]));
        let told = vec![group("b", "B", &[("a", false)]), group("a", "A", &[("b", true)])];
        let mut failures = Vec::new();
        if together {
            failures.extend(world.apply(Kind::Group, 1, told).failures);
        } else {
            for change in told {
                failures.extend(world.apply(Kind::Group, 1, vec![change]).failures);
            }
        }
        assert_eq!(failures, [], "it may pass");
        assert_eq!(world.settle(), Counts { members_added: 1, ..Counts::default() });
        assert_eq!((world.members("r2"), world.members("r1")), (vec![], vec!["r2".to_owned()]));
        assert!(world.settle().is_idle());
    }
}

#[test]
fn a_group_in_itself_is_told_until_it_is_none() {
    let mut world = World::new();
    let circle = vec![group("a", "A", &[("b", false)]), group("b", "B", &[("a", false)])];
    world.apply(Kind::Group, 1, circle);
    for _ in 0..2 {
        assert_eq!(world.settle(), Counts { failed: 1, ..Counts::default() });
    }
    world.apply(Kind::Group, 1, vec![group("a", "A", &[("b", true)]), group("b", "B", &[("a", true)])]);
    assert!(world.settle().is_idle());
}
