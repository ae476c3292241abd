//! Random histories: whatever happens, the target ends as wanted.

use proptest::prelude::*;

use super::*;
use crate::outbox::{BulkLimits, Joins, MAX_PAGE, Options};
use crate::simulate::Dice;

/// Changes something in the directory.
pub(super) fn shake(world: &mut World, dice: &Dice, people: usize) {
    let person = id(dice.below(people));
    match dice.below(9) {
        0 | 1 => world.directory.change(&person, |person| {
            let department = format!("Department {}", dice.below(4));
            person.attributes.insert("department".to_owned(), json!(department));
        }),
        2 => world.directory.change(&person, |person| person.enabled = !person.enabled),
        3 => world.directory.change(&person, |person| person.soft_deleted = !person.soft_deleted),
        4 => world.directory.unassign(&person),
        5 | 6 => world.directory.assign(&person, &user_role()),
        7 => {
            let manager = id(dice.below(people));
            world.directory.change(&person, |person| {
                person.attributes.insert("manager".to_owned(), json!(manager));
            });
        }
        _ if dice.percent(30) => world.directory.purge(&person),
        _ => {}
    }
}

/// Whether a person should have an account that works.
pub(super) fn is_wanted(world: &World, person: &SourceId) -> bool {
    let Some(object) = world.directory.object(person) else { return false };
    object.account_enabled && !object.soft_deleted && !world.directory.assignments(person).is_empty()
}

/// Everything that must hold once the faults are over.
pub(super) fn check(world: &World, people: usize, stranger: Option<&str>) {
    assert_eq!(world.store.violations, Vec::<String>::new());
    let mut names: Vec<&str> =
        world.target.accounts().values().map(|account| account["userName"].as_str().unwrap()).collect();
    let accounts = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), accounts, "nobody has two accounts");
    let stranger = stranger.is_some_and(|id| {
        world.target.accounts().contains_key(id)
            && world.store.links.values().all(|link| link.target_id.as_str() != id)
    });
    assert_eq!(world.store.links.len() + usize::from(stranger), accounts, "every account is linked");
    for number in 0..people {
        let person = id(number);
        let Some(link) = world.store.links.get(&person) else {
            assert!(!is_wanted(world, &person), "{person} has no account");
            continue;
        };
        let account = &world.target.accounts()[link.target_id.as_str()];
        assert_eq!(account["active"], is_wanted(world, &person), "{person}");
        let Some(object) = world.directory.object(&person) else {
            panic!("{person} is purged and has an account")
        };
        if !is_wanted(world, &person) {
            continue;
        }
        let enterprise = &account["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"];
        assert_eq!(enterprise["department"], object.attributes["department"], "{person}");
        let manager = object.attributes.get("manager").and_then(Json::as_str).map(SourceId::from);
        if let Some(manager) = manager.and_then(|manager| world.store.links.get(&manager)) {
            assert_eq!(enterprise["manager"]["value"], manager.target_id.as_str(), "{person}");
        }
    }
}

/// How requests go together, and what the target offers for it.
fn ways(way: usize) -> (Options, Option<usize>) {
    let bulk = |max_operations| Some(BulkLimits { max_operations, max_payload: 4_000 });
    match way {
        0 => (Options::default(), None),
        1 => (Options { bulk: bulk(4), joins: Joins::Nothing }, Some(4)),
        2 => (Options { bulk: None, joins: Joins::Searches { page: MAX_PAGE } }, None),
        3 => (Options { bulk: bulk(100), joins: Joins::Searches { page: MAX_PAGE } }, Some(100)),
        // The target takes fewer than it said, or has no /Bulk at all.
        4 => (Options { bulk: bulk(100), joins: Joins::Searches { page: MAX_PAGE } }, Some(3)),
        5 => (Options { bulk: bulk(4), joins: Joins::Reads { page: 7 } }, None),
        _ => (Options { bulk: bulk(4), joins: Joins::Searches { page: 3 } }, None),
    }
}

/// Runs a history with faults and crashes, then lets everything settle.
fn history(seed: u64, people: usize, rounds: usize, way: usize) {
    let (mut world, mut job) = (company(people), peakon_job());
    let dice = Dice::new(seed);
    (world.options, world.target.bulk) = ways(way);
    world.target.page = (way == 6).then_some(2);
    world.target.lenient = dice.percent(50);
    if way > 0 {
        job.settings.window = job.settings.page_size;
    }
    world.dice = Dice::new(seed ^ 0xabcd);
    let stranger = dice
        .percent(40)
        .then(|| world.target.add(json!({"userName": "p1@contoso.example", "active": false})));
    for _ in 0..rounds {
        for _ in 0..dice.below(people) {
            shake(&mut world, &dice, people);
        }
        world.target.fault_percent = if dice.percent(70) { 15 } else { 0 };
        let run = Run {
            full: dice.percent(20),
            crash_after: dice.percent(50).then(|| dice.below(60)),
            stop_after: dice.percent(30).then(|| 1 + dice.below(40)),
            ..Run::default()
        };
        let outcome = world.run(&job, &run);
        assert_ne!(outcome, Outcome::Stuck);
        world.now += 40 * 60_000;
    }
    world.target.fault_percent = 0;
    for _ in 0..4 {
        world.now += 30 * 3_600_000;
        let outcome = world.run(&job, &Run::default());
        assert!(matches!(outcome, Outcome::Finished(..)), "{outcome:?}");
    }
    check(&world, people, stranger.as_deref());
    for full in [false, true] {
        let report = cycle(&mut world, &job, &Run { full, ..Run::default() });
        assert_eq!(report.result, CycleResult::Succeeded);
        assert_eq!(world.target.writes(), 0, "an unchanged directory makes no write");
    }
    check(&world, people, stranger.as_deref());
}

/// What a log says about each person: action, and the attributes that change. References are left
/// out: a plan shows them with the creation, a cycle sets them in a second step.
fn deeds(log: &[ProvisioningObjectSummary]) -> Vec<(String, Action, Vec<String>)> {
    let mut deeds: Vec<(String, Action, Vec<String>)> = log
        .iter()
        .filter(|entry| entry.provisioning_steps.iter().all(|step| step.name != "EntryReferenceResolution"))
        .map(|entry| {
            let names = entry.modified_properties.iter().map(|property| property.display_name.clone());
            let names = names.filter(|name| !name.ends_with(":manager")).collect();
            (entry.source_identity.id.clone(), entry.provisioning_action, names)
        })
        .collect();
    deeds.sort_by(|a, b| a.0.cmp(&b.0));
    deeds
}

/// A plan writes nothing, and the cycle right after it does what it said.
fn plan_then_apply(seed: u64, people: usize) {
    let (mut world, job) = (company(people), peakon_job());
    let dice = Dice::new(seed);
    for round in 0..3 {
        let full = dice.percent(30);
        world.target.requests.clear();
        let kept = world.store.clone();
        let Outcome::Finished(report, planned) = world.run(&job, &Run { plan: true, full, ..Run::default() })
        else {
            panic!("the plan does not end")
        };
        assert_eq!(world.target.writes(), 0);
        assert_eq!(world.store.links, kept.links);
        assert_eq!(report.watermark, kept.watermark.unwrap_or_default());
        let before = world.store.log.len();
        cycle(&mut world, &job, &Run { full, ..Run::default() });
        assert_eq!(deeds(&planned), deeds(&world.store.log[before..]), "round {round}");
        for _ in 0..people {
            shake(&mut world, &dice, people);
        }
    }
}

/// Without faults, every way leads to the same accounts and the same log.
fn same_by_every_way(seed: u64, people: usize) {
    let told = |way: usize| {
        let (mut world, mut job) = (company(people), peakon_job());
        let dice = Dice::new(seed);
        (world.options, world.target.bulk) = ways(way);
        world.target.page = (way == 6).then_some(2);
        job.settings.window = if way == 0 { 6 } else { job.settings.page_size };
        for taken in 0..dice.below(4) {
            let name = format!("{}{}@contoso.example", ["p", "P"][dice.below(2)], dice.below(people));
            world.target.lenient = true;
            world.target.add(json!({"userName": name, "active": taken % 2 == 0}));
        }
        let mut deeds_of_all = Vec::new();
        for _ in 0..3 {
            let before = world.store.log.len();
            let report = cycle(&mut world, &job, &Run { full: dice.percent(30), ..Run::default() });
            assert_eq!(report.counters.requests, world.target.requests.len() as u64, "way {way}");
            let errors = report.counters.errors.clone();
            deeds_of_all.push((deeds(&world.store.log[before..]), errors));
            for _ in 0..people {
                shake(&mut world, &dice, people);
            }
        }
        let names = |id: &str| world.target.accounts().get(id).map(|account| account["userName"].clone());
        let mut accounts: Vec<String> = world
            .target
            .accounts()
            .values()
            .map(|account| {
                let mut account = account.clone();
                let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
                // By name; an account that is gone has none any more.
                if let Some(manager) = account.pointer_mut(&format!("/{enterprise}/manager/value")) {
                    *manager = manager.as_str().and_then(names).unwrap_or_default();
                }
                account["id"] = Json::Null;
                account["meta"] = Json::Null;
                account.to_string()
            })
            .collect();
        accounts.sort();
        (accounts, deeds_of_all)
    };
    let alone = told(0);
    for way in 1..7 {
        assert_eq!(told(way), alone, "way {way}");
    }
}

/// A cycle that would delete or disable as many as the threshold holds all of them.
fn threshold_holds(seed: u64, people: usize, threshold: u64) {
    let (mut world, mut job) = (company(people), peakon_job());
    cycle(&mut world, &job, &Run::default());
    job.settings.deletion_threshold = Some(crate::job::DeletionThreshold { count: threshold, percent: None });
    let dice = Dice::new(seed);
    for _ in 0..4 {
        for _ in 0..people {
            shake(&mut world, &dice, people);
        }
        let active = |world: &World| {
            world
                .target
                .accounts()
                .values()
                .filter(|account| account["active"] == true)
                .cloned()
                .collect::<Vec<_>>()
        };
        let before = active(&world);
        let report = cycle(&mut world, &job, &Run { full: dice.percent(30), ..Run::default() });
        let after = active(&world);
        let lost = before.iter().filter(|a| !after.iter().any(|b| a["id"] == b["id"])).count() as u64;
        assert!(lost < threshold, "{lost} of at most {threshold}");
        assert_eq!(report.error.is_some(), !world.store.staged.is_empty());
        assert!(report.error.is_none() || lost == 0, "all or nothing");
    }
    world.store.approve_held();
    cycle(&mut world, &job, &Run::default());
    assert!(world.store.staged.is_empty());
    check(&world, people, None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cycle_does_what_the_plan_said(seed in any::<u64>(), people in 2_usize..14) {
        plan_then_apply(seed, people);
    }

    #[test]
    fn nothing_beyond_the_threshold_is_deleted(seed in any::<u64>(), people in 4_usize..16, threshold in 1_u64..5) {
        threshold_holds(seed, people, threshold);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn target_ends_as_wanted_whatever_happens(
        seed in any::<u64>(), people in 2_usize..14, rounds in 1_usize..8, way in 0_usize..7,
    ) {
        history(seed, people, rounds, way);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whether_requests_go_together_makes_no_difference(seed in any::<u64>(), people in 2_usize..25) {
        same_by_every_way(seed, people);
    }
}
