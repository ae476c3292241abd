//! One value that cannot be written keeps back no other, above all not that somebody is disabled.

use inlets::mirror::{Applied, Change, Counts, Kind, Upsert};
use scim::Resource;
use serde_json::{Value, json};

use crate::world::{World, user};

/// What an inlet says about a person: everything that it reads, each time.
fn person(id: &str, name: &str, enabled: &str, more: &[(&str, &str)]) -> Change {
    let mut said = user(id, name);
    said.attributes.push(("accountEnabled".to_owned(), Some(enabled.to_owned())));
    said.attributes.extend(more.iter().map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned()))));
    Change::Upsert(said)
}

fn is_active(person: &Resource) -> bool {
    person.attributes["active"].as_bool().unwrap()
}

fn department(person: &Resource) -> Option<&Value> {
    person.attributes.get(scim::urn::ENTERPRISE_USER)?.get("department")
}

/// Only this was told, of one person.
fn told(applied: &Applied, attribute: &str) {
    let [failure] = applied.failures.as_slice() else { panic!("{:?}", applied.failures) };
    assert!(failure.message.starts_with(&format!("{attribute} was left out: ")), "{}", failure.message);
    assert_eq!(applied.counts.failed, 1);
}

#[test]
fn a_value_that_is_refused_keeps_nobody_enabled_and_nobody_away() {
    let long = "x".repeat(70_000);
    for (name, value) in [("jobTitle", long.as_str()), ("unknownAttribute", "x")] {
        let mut world = World::new();
        world.apply(Kind::User, 1, vec![person("s1", "ada@x.com", "true", &[])]);
        let bad = [("department", "North"), (name, value)];
        for count in [1, 0] {
            let applied = world.apply(Kind::User, 1, vec![person("s1", "ada@x.com", "false", &bad)]);
            told(&applied, name);
            assert_eq!(applied.counts.updated, count);
            let ada = world.named("ada@x.com").unwrap();
            assert_eq!((is_active(&ada), department(&ada)), (false, Some(&json!("North"))), "{name}");
        }
        // Somebody new comes without it.
        let applied = world.apply(Kind::User, 1, vec![person("s2", "bo@x.com", "false", &bad)]);
        told(&applied, name);
        assert_eq!(applied.counts.created, 1);
        let bo = world.named("bo@x.com").unwrap();
        assert_eq!((is_active(&bo), department(&bo)), (false, Some(&json!("North"))), "{name}");
        assert!(world.settle().is_idle(), "it does not pass");
        // As soon as it is another value it is written, and nothing is told.
        let applied =
            world.apply(Kind::User, 1, vec![person("s1", "ada@x.com", "false", &[("jobTitle", "Analyst")])]);
        assert_eq!((applied.counts.updated, applied.failures), (1, vec![]));
    }
}

#[test]
fn whoever_is_not_known_to_be_disabled_is_not_made() {
    let mut world = World::new();
    let applied = world.apply(Kind::User, 1, vec![person("s1", "ada@x.com", "perhaps", &[])]);
    assert_eq!(applied.counts, Counts { failed: 1, ..Counts::default() });
    assert!(world.named("ada@x.com").is_none());
}

#[test]
fn a_name_that_is_taken_waits_alone() {
    let mut world = World::new();
    let people = [person("s1", "ada@x.com", "true", &[]), person("s2", "bo@x.com", "true", &[])];
    world.apply(Kind::User, 1, people.to_vec());
    // Renamed and disabled in one change, and Bo keeps the name.
    let leaver = person("s1", "bo@x.com", "false", &[("department", "North")]);
    let applied = world.apply(Kind::User, 1, vec![leaver]);
    assert_eq!(applied.counts, Counts { updated: 1, ..Counts::default() });
    let ada = world.named("ada@x.com").unwrap();
    assert_eq!((is_active(&ada), department(&ada)), (false, Some(&json!("North"))));
    for _ in 0..2 {
        assert_eq!(world.settle(), Counts { failed: 1, ..Counts::default() }, "told until it is free");
    }
    world.apply(Kind::User, 1, vec![person("s2", "b@x.com", "true", &[])]);
    assert_eq!(world.settle(), Counts { updated: 1, ..Counts::default() });
    let found = world.named("bo@x.com").unwrap();
    assert_eq!((&found.id, is_active(&found)), (&ada.id, false));
    assert!(world.settle().is_idle());
}

#[test]
fn names_are_exchanged_by_people_of_whom_something_is_refused() {
    let mut world = World::new();
    let said = |id: &str, name: &str, more: &[(&str, &str)]| person(id, name, "true", more);
    world.apply(Kind::User, 1, vec![said("s1", "a@x.com", &[]), said("s2", "b@x.com", &[])]);
    let before = ["a@x.com", "b@x.com"].map(|name| world.named(name).unwrap().id);
    let bad = [("unknownAttribute", "x")];
    world.apply(Kind::User, 1, vec![said("s1", "b@x.com", &bad), said("s2", "a@x.com", &bad)]);
    world.settle();
    assert_eq!(["b@x.com", "a@x.com"].map(|name| world.named(name).unwrap().id), before);
    assert!(world.settle().is_idle());
}

#[test]
fn nobody_comes_back_from_the_recycle_bin_under_a_name_of_before() {
    let mut world = World::new();
    let people = [person("s1", "ada@x.com", "true", &[]), person("s2", "bo@x.com", "true", &[])];
    world.apply(Kind::User, 1, people.to_vec());
    world.apply(Kind::User, 1, vec![Change::Remove { source_id: "s1".to_owned(), permanent: false }]);
    world.apply(Kind::User, 1, vec![person("s1", "bo@x.com", "true", &[])]);
    assert_eq!(world.settle(), Counts { failed: 1, ..Counts::default() });
    assert!(world.named("ada@x.com").is_none());
    // What else is refused does not keep them away.
    let applied =
        world.apply(Kind::User, 1, vec![person("s1", "ada@x.com", "true", &[("unknownAttribute", "x")])]);
    told(&applied, "unknownAttribute");
    assert_eq!(applied.counts.restored, 1);
}

#[test]
fn a_value_of_another_inlet_that_cannot_be_written_keeps_back_nothing() {
    let mut world = World::new();
    let join = |world: &mut World, inlet: &str, change: Change| {
        let batch = inlets::mirror::Batch {
            kind: Kind::User,
            pass: 1,
            rules: inlets::rules::Rules {
                precedence: if inlet == "one" { 10 } else { 20 },
                ..Default::default()
            },
            changes: vec![change],
        };
        world.of(inlet, |mirror| mirror.apply(&batch))
    };
    let long = "x".repeat(70_000);
    join(
        &mut world,
        "one",
        person("s1", "ada@x.com", "true", &[("department", "North"), ("jobTitle", "Analyst")]),
    );
    // It does not count as long as the first one has a value.
    assert_eq!(
        join(&mut world, "two", person("t1", "ada@x.com", "true", &[("jobTitle", &long)])).failures,
        vec![]
    );
    let mut leaver = person("s1", "ada@x.com", "false", &[]);
    if let Change::Upsert(Upsert { attributes, .. }) = &mut leaver {
        attributes.push(("jobTitle".to_owned(), None));
    }
    let applied = join(&mut world, "one", leaver);
    told(&applied, "jobTitle");
    assert!(!is_active(&world.named("ada@x.com").unwrap()));
    // Nor when the first one has nobody any more.
    join(&mut world, "one", person("s1", "ada@x.com", "true", &[]));
    join(&mut world, "two", person("t1", "ada@x.com", "false", &[]));
    assert!(is_active(&world.named("ada@x.com").unwrap()));
    join(&mut world, "one", Change::Remove { source_id: "s1".to_owned(), permanent: false });
    let ada = world.named("ada@x.com").unwrap();
    assert_eq!((is_active(&ada), department(&ada)), (false, None));
}
