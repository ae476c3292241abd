//! Members of groups whom an inlet does not have any more.

use inlets::mirror::{Applied, Batch, Change, Kind, Upsert};
use inlets::rules::{JoinBy, Rules};

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
