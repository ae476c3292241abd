//! Held deletions, decided about one by one.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::deprovision::{held, with_threshold};
use super::histories::{check, is_wanted, shake};
use super::*;
use crate::cycle::Decision;
use crate::job::Deprovisioning;
use crate::quarantine::{EscrowLimits, JobHealth, QuarantineReason, after_cycle};
use crate::simulate::Dice;

fn active(world: &World, number: usize) -> bool {
    account(world, &id(number))["active"] == true
}

fn reason(report: &Report) -> Option<QuarantineReason> {
    report.error.as_ref()?.quarantine
}

#[test]
fn approved_ones_are_carried_out_and_the_others_wait_on() {
    let (mut world, job) = held();
    world.store.decide(&id(8), Decision::Approved);
    let report = cycle(&mut world, &job, &Run::default());
    assert_eq!((active(&world, 7), active(&world, 8), active(&world, 9)), (true, false, true));
    assert_eq!(
        reason(&report),
        Some(QuarantineReason::TooManyDeletes),
        "two are below the threshold, and undecided"
    );
    assert!(report.error.unwrap().message.starts_with("2 accounts"));
    let report = cycle(&mut world, &job, &Run { full: true, ..Run::default() });
    assert_eq!((reason(&report), world.target.writes()), (Some(QuarantineReason::TooManyDeletes), 0));

    world.store.decide(&id(7), Decision::Approved);
    world.store.decide(&id(9), Decision::Rejected);
    let report = clean(&mut world, &job);
    let health = after_cycle(&JobHealth::default(), &report, &EscrowLimits::default(), world.now);
    assert_eq!(health.health.quarantine, None, "nobody is left undecided");
    assert_eq!((active(&world, 7), active(&world, 9)), (false, true));
}

#[test]
fn further_deletions_wait_with_those_that_are_undecided() {
    let (mut world, job) = held();
    for number in 7..9 {
        world.store.decide(&id(number), Decision::Rejected);
    }
    world.directory.unassign(&id(6));
    let report = cycle(&mut world, &job, &Run::default());
    assert_eq!(report.counters.count(Action::StagedDelete, Status::Skipped), 1);
    assert!(active(&world, 6) && active(&world, 9));
    assert!(report.error.unwrap().message.starts_with("2 accounts"));
}

#[test]
fn rejected_ones_stay_whatever_is_let_through() {
    let (mut world, mut job) = held();
    for number in 7..10 {
        world.store.decide(&id(number), Decision::Rejected);
    }
    clean(&mut world, &job);
    world.directory.unassign(&id(6));
    clean(&mut world, &job);
    assert!(!active(&world, 6), "rejected ones are not counted again");
    cycle(&mut world, &job, &Run { full: true, ..Run::default() });
    world.directory.change(&id(7), |person| person.soft_deleted = true);
    world.directory.purge(&id(8));
    world.store.approve_held();
    cycle(&mut world, &job, &Run { full: true, ..Run::default() });
    job.settings.deletion_threshold = None;
    cycle(&mut world, &job, &Run { full: true, ..Run::default() });
    assert_eq!(world.target.writes(), 0);
    assert!((7..10).all(|number| active(&world, number)));
    let Outcome::Finished(_, planned) = world.run(&job, &Run { plan: true, full: true, ..Run::default() })
    else {
        panic!("the plan does not end")
    };
    assert!(planned.is_empty(), "{planned:?}");
    let report = cycle(&mut world, &job, &Run { subjects: vec![id(9)], ..Run::default() });
    assert_eq!(report.counters.count(Action::Other, Status::Skipped), 1);
    assert_eq!(code(world.store.log.last().unwrap()), Some("DeletionRejected"));
}

#[test]
fn what_comes_after_an_approval_is_held_by_itself() {
    let (mut world, job) = held();
    world.store.approve_held();
    // The target is down, and then more people leave by mistake.
    world.target.script = vec![Some(crate::simulate::Fault::Status(500))];
    let report = cycle(&mut world, &job, &Run::default());
    assert_eq!((report.result, world.target.writes()), (CycleResult::Failed, 0));
    (4..7).for_each(|number| world.directory.unassign(&id(number)));
    let report = cycle(&mut world, &job, &Run::default());
    assert_eq!(reason(&report), Some(QuarantineReason::TooManyDeletes));
    assert!((1..7).all(|number| active(&world, number)) && (7..10).all(|number| !active(&world, number)));
    assert!(report.error.unwrap().message.starts_with("3 accounts"));
}

#[test]
fn rejection_is_forgotten_when_the_person_comes_back() {
    let (mut world, job) = held();
    world.store.decide(&id(7), Decision::Rejected);
    world.directory.assign(&id(7), &user_role());
    cycle(&mut world, &job, &Run::default());
    assert!(!world.store.staged.contains_key(&id(7)));
    world.directory.unassign(&id(7));
    let report = cycle(&mut world, &job, &Run::default());
    assert_eq!(world.store.staged[&id(7)].decision, Decision::Held, "it counts anew");
    assert_eq!(report.counters.count(Action::StagedDelete, Status::Skipped), 1);
}

#[test]
fn rejected_one_is_carried_out_when_it_is_approved_later() {
    let (mut world, job) = held();
    for number in 7..10 {
        world.store.decide(&id(number), Decision::Rejected);
    }
    clean(&mut world, &job);
    world.store.decide(&id(9), Decision::Approved);
    clean(&mut world, &job);
    assert_eq!((active(&world, 7), active(&world, 8), active(&world, 9)), (true, true, false));
    assert_eq!(world.store.staged.len(), 2);
}

#[test]
fn approval_of_a_disabling_is_none_of_a_deletion() {
    let (mut world, job) = held();
    world.store.decide(&id(9), Decision::Approved);
    world.directory.purge(&id(9));
    cycle(&mut world, &job, &Run::default());
    assert!(active(&world, 9));
    let staged = &world.store.staged[&id(9)];
    assert_eq!((staged.delete, staged.decision), (true, Decision::Held));
    world.store.decide(&id(9), Decision::Approved);
    cycle(&mut world, &job, &Run::default());
    assert_eq!(world.target.accounts().len(), 9);
}

#[test]
fn approved_one_that_fails_is_tried_again() {
    let (mut world, job) = held();
    world.store.decide(&id(8), Decision::Approved);
    world.target.script = vec![None, None, Some(crate::simulate::Fault::Status(500))];
    cycle(&mut world, &job, &Run::default());
    assert!(active(&world, 8));
    assert_eq!(world.store.staged[&id(8)].decision, Decision::Approved);
    cycle(&mut world, &job, &Run::default());
    assert!(!active(&world, 8));
}

#[test]
fn rejection_of_a_later_deletion_leaves_the_account_disabled() {
    let (mut world, mut job) = (company(3), with_threshold(2));
    job.settings.deprovisioning = Deprovisioning::DisableThenDelete { days: 30 };
    clean(&mut world, &job);
    for number in 1..3 {
        world.directory.unassign(&id(number));
        clean(&mut world, &job);
        world.now += 41 * 60_000;
    }
    world.now += 31 * 24 * 3_600_000;
    cycle(&mut world, &job, &Run::default());
    assert!(world.store.staged.values().all(|staged| staged.delete) && world.store.staged.len() == 2);
    world.store.decide(&id(1), Decision::Rejected);
    world.store.decide(&id(2), Decision::Approved);
    clean(&mut world, &job);
    cycle(&mut world, &job, &Run { full: true, ..Run::default() });
    assert_eq!(world.target.accounts().len(), 2);
    assert!(!active(&world, 1));
}

/// Whether each rejected one's account worked when it was rejected.
type Rejected = BTreeMap<SourceId, bool>;

/// Decides about some of what is held.
fn decide(world: &mut World, dice: &Dice, rejected: &mut Rejected) {
    let ids: Vec<SourceId> = world.store.staged.keys().cloned().collect();
    for id in ids {
        match dice.below(5) {
            0 => {
                world.store.decide(&id, Decision::Approved);
                rejected.remove(&id);
            }
            1 => {
                world.store.decide(&id, Decision::Rejected);
                // A crash may have come between a deletion and its commit.
                let target = &world.store.links[&id].target_id;
                if let Some(account) = world.target.accounts().get(target.as_str()) {
                    rejected.entry(id.clone()).or_insert(account["active"] == true);
                }
            }
            _ => {}
        }
    }
}

/// Nothing that was rejected is deleted or disabled while its reason stays.
fn check_rejected(world: &World, rejected: &mut Rejected) {
    rejected.retain(|id, worked| {
        if !world.store.staged.contains_key(id) {
            assert!(is_wanted(world, id), "{id} was forgotten out of scope");
            return false;
        }
        let link = world.store.links.get(id).unwrap_or_else(|| panic!("{id} was rejected and unlinked"));
        let account = world.target.accounts().get(link.target_id.as_str());
        let account = account.unwrap_or_else(|| panic!("{id} was rejected and deleted"));
        assert!(!*worked || account["active"] == true, "{id} was rejected and disabled");
        true
    });
}

fn decisions(seed: u64, people: usize, threshold: u64) {
    let (mut world, job) = (company(people), with_threshold(threshold));
    clean(&mut world, &job);
    let dice = Dice::new(seed);
    world.dice = Dice::new(seed ^ 0x1234);
    let mut rejected = Rejected::new();
    for _ in 0..6 {
        for _ in 0..people {
            shake(&mut world, &dice, people);
        }
        if dice.percent(15) {
            world.store.approve_held();
        }
        world.target.fault_percent = if dice.percent(40) { 15 } else { 0 };
        let run = Run {
            full: dice.percent(30),
            crash_after: dice.percent(30).then(|| dice.below(60)),
            stop_after: dice.percent(30).then(|| 1 + dice.below(40)),
            ..Run::default()
        };
        assert_ne!(world.run(&job, &run), Outcome::Stuck);
        check_rejected(&world, &mut rejected);
        decide(&mut world, &dice, &mut rejected);
        world.now += 40 * 60_000;
    }
    world.target.fault_percent = 0;
    for _ in 0..4 {
        world.store.approve_held();
        world.now += 30 * 3_600_000;
        let outcome = world.run(&job, &Run::default());
        assert!(matches!(outcome, Outcome::Finished(..)), "{outcome:?}");
        check_rejected(&world, &mut rejected);
    }
    assert!(world.store.staged.values().all(|staged| staged.decision == Decision::Rejected));
    // Once they are let through as well, everything is as wanted.
    let ids: Vec<SourceId> = world.store.staged.keys().cloned().collect();
    ids.iter().for_each(|id| world.store.decide(id, Decision::Approved));
    cycle(&mut world, &job, &Run::default());
    check(&world, people, None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_rejected_is_deleted_or_disabled(seed in any::<u64>(), people in 4_usize..14, threshold in 1_u64..4) {
        decisions(seed, people, threshold);
    }
}
