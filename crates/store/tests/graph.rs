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

#[path = "graph/assigned.rs"]
mod assigned;
#[path = "graph/dice.rs"]
mod dice;
#[path = "graph/double.rs"]
mod double;
#[path = "graph/tenant.rs"]
mod tenant;
#[path = "graph/world.rs"]
mod world;

use proptest::prelude::*;
use scim::ResourceType;
use serde_json::json;
use store::directory::ChangeKind;

use assigned::APPLICATION;
use dice::Dice;
use double::Life;
use tenant::shake;
use world::{MINUTE, World};

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
            world.by_hand(&dice);
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
    let changes = || world.assignments().assignment_changes_since(APPLICATION, 0, 100_000).unwrap().sequence;
    let assigned = changes();
    world.round(&dice);
    let changes = || world.assignments().assignment_changes_since(APPLICATION, 0, 100_000).unwrap().sequence;
    assert_eq!(changes(), assigned, "nobody was assigned otherwise, and something was written");
    assert_eq!(
        world.store().latest_sequence().unwrap(),
        before,
        "nothing changed, and something was written"
    );
    world.graph.forget_tokens();
    world.round(&dice);
    world.check();
    // That somebody absent is gone for good may be learned only now; then references to them go, too. So do those who
    // were in a group of the recycle bin when it went: nothing was said of them since.
    let mut written = world.store().changes_since(before, 100).unwrap();
    let live: Vec<String> = world.live(ResourceType::Group).into_iter().map(|group| group.id).collect();
    written.retain(|change| change.kind != ChangeKind::MemberRemoved || live.contains(&change.id));
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

#[test]
fn groups_that_are_refused_keep_nobody() {
    for never in [true, false] {
        let mut world = World::new();
        let dice = Dice::new(11);
        for id in ["a", "b", "c", "d"] {
            let name = format!("{id}@contoso.com");
            let person = json!({"userPrincipalName": name, "displayName": id, "accountEnabled": true});
            world.graph.add(id, false, person);
        }
        world.graph.set_manager("a", Some("b"));
        world.graph.add("g", true, json!({"displayName": "Everybody"}));
        world.graph.relate("g", "c", true);
        if !never {
            world.round(&dice);
        }
        world.graph.groups_refused = true;
        let rest = |world: &mut World| {
            for _ in 0..3 {
                world.run(&dice, None);
            }
        };
        rest(&mut world);
        // Disabled, renamed to each other's names, deleted; and absent from a pass over everything.
        world.graph.set("a", "accountEnabled", json!(false));
        world.graph.set("a", "userPrincipalName", json!("b@contoso.com"));
        world.graph.set("b", "userPrincipalName", json!("a@contoso.com"));
        world.graph.set_life("c", Life::Bin);
        rest(&mut world);
        let found = world.found();
        let seen = |id: &str, name: &str| found[id][name].clone();
        assert_eq!(seen("a", "accountEnabled"), json!(false));
        assert_eq!(seen("a", "userPrincipalName"), json!("b@contoso.com"));
        assert_eq!(seen("a", "manager"), json!("b"));
        assert!(!found.contains_key("c"));
        world.graph.set_life("d", Life::Gone);
        world.graph.objects.remove("d");
        world.graph.forget_tokens();
        rest(&mut world);
        assert!(!world.found().contains_key("d"));
        // Once they are allowed all is as ever.
        world.graph.groups_refused = false;
        world.round(&dice);
        world.round(&dice);
        world.check();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn directory_ends_equal_to_graph_whatever_happens(seed in any::<u64>(), size in 4_usize..40, rounds in 1_usize..7) {
        history(seed, size, rounds);
    }
}
