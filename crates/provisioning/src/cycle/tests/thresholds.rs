//! Every threshold on the engine.

use super::*;
use crate::job::DeletionThreshold;
use crate::quarantine::{
    EscrowLimits, JobHealth, QuarantineReason, QuarantineState, after_cycle, interrupted, resumed,
};
use crate::simulate::Fault;
use crate::target::Purpose;

/// How many of ten people leave, and how many are held then.
fn held_of(leaving: usize, threshold: Option<DeletionThreshold>) -> (usize, Option<QuarantineReason>) {
    let (mut world, mut job) = (company(10), peakon_job());
    job.settings.deletion_threshold = threshold;
    clean(&mut world, &job);
    for number in 10 - leaving..10 {
        match number % 2 {
            0 => world.directory.purge(&id(number)),
            _ => world.directory.unassign(&id(number)),
        }
    }
    let report = cycle(&mut world, &job, &Run::default());
    (world.store.staged.len(), report.error.and_then(|error| error.quarantine))
}

#[test]
fn deletions_and_disablings_count_by_number_or_share_or_not_at_all() {
    let limits = |count, percent| Some(DeletionThreshold { count, percent });
    let too_many = Some(QuarantineReason::TooManyDeletes);
    for (leaving, threshold, expected) in [
        (2, limits(3, None), (0, None)),
        (3, limits(3, None), (3, too_many)),
        (2, limits(0, Some(30)), (0, None)),
        (3, limits(0, Some(30)), (3, too_many)),
        (3, limits(500, Some(30)), (3, too_many)),
        (10, limits(0, Some(100)), (10, too_many)),
        (10, limits(0, None), (0, None)),
        (10, Some(DeletionThreshold::default()), (0, None)),
        (10, None, (0, None)),
    ] {
        assert_eq!(held_of(leaving, threshold), expected, "{leaving} with {threshold:?}");
    }
}

/// A change begins a cycle within seconds, so that a company could go person by person.
#[test]
fn deletions_of_cycles_shortly_before_count_together() {
    const MINUTE: i64 = 60 * 1000;
    let (mut world, mut job) = (company(10), peakon_job());
    job.settings.deletion_threshold = Some(DeletionThreshold { count: 3, percent: None });
    clean(&mut world, &job);
    let leave = |world: &mut World, number: usize, minutes: i64| {
        world.now += minutes * MINUTE;
        world.directory.unassign(&id(number));
        cycle(world, &job, &Run::default()).error.map(|error| error.message)
    };
    assert_eq!(leave(&mut world, 0, 0), None);
    assert_eq!(leave(&mut world, 1, 1), None);
    let said = leave(&mut world, 2, 1).unwrap();
    assert!(
        said.starts_with("1 accounts would be deleted or disabled, which together with 2 of the cycles"),
        "{said}"
    );
    assert_eq!((account(&world, &id(2))["active"] == true, world.store.staged.len()), (true, 1));
    // Whoever is approved goes, and what went before is looked at by then.
    world.store.approve_held();
    assert_eq!(leave(&mut world, 3, 1), None);
    assert!((0..4).all(|number| account(&world, &id(number))["active"] == false));
    assert_eq!(leave(&mut world, 4, 1), None);
    assert_eq!(leave(&mut world, 5, 1), None);
    // Enough time later nothing of that counts.
    assert_eq!(leave(&mut world, 6, 41), None);
    assert!(world.store.staged.is_empty());
}

/// Why a job is in quarantine after a cycle in which so many of ten creations fail.
fn reason(failing: usize, limits: EscrowLimits) -> Option<QuarantineReason> {
    let (mut world, job) = (company(10), peakon_job());
    world.target.faults = vec![(Purpose::Create, Fault::Status(400)); failing];
    let report = cycle(&mut world, &job, &Run::default());
    assert_eq!(report.counters.escrowed, failing as u64);
    after_cycle(&JobHealth::default(), &report, &limits, world.now)
        .health
        .quarantine
        .map(|state| state.reason)
}

#[test]
fn failures_reach_the_limit_that_is_set() {
    use QuarantineReason::*;
    let usual = EscrowLimits::default();
    let small = EscrowLimits { minimum: 2, percent: 100, base: 100, total: 100 };
    for (failing, limits, expected) in [
        (10, usual, None),
        (10, small, None),
        (5, EscrowLimits { percent: 40, ..small }, Some(EncounteredEscrowProportionThreshold)),
        (4, EscrowLimits { percent: 40, ..small }, None),
        (5, EscrowLimits { percent: 40, minimum: 6, ..small }, None),
        (5, EscrowLimits { base: 4, ..small }, Some(EncounteredBaseEscrowThreshold)),
        (4, EscrowLimits { base: 4, ..small }, None),
        (5, EscrowLimits { total: 4, ..small }, Some(EncounteredTotalEscrowThreshold)),
    ] {
        assert_eq!(reason(failing, limits), expected, "{failing} with {limits:?}");
    }
}

#[test]
fn failures_of_references_count_towards_the_total_only() {
    let (mut world, job) = (company(4), peakon_job());
    cycle(&mut world, &job, &Run::default());
    for number in 1..4 {
        world.directory.change(&id(number), |person| {
            person.attributes.insert("manager".to_owned(), json!("s900"));
        });
    }
    world.directory.put("s900", "New", |person| {
        person.attributes.insert("userPrincipalName".to_owned(), json!("new@contoso.example"));
    });
    world.directory.assign(&SourceId::from("s900"), &user_role());
    world.target.faults = vec![(Purpose::Reference, Fault::Status(400)); 3];
    let report = cycle(&mut world, &job, &Run::default());
    assert_eq!((report.counters.escrowed, report.counters.escrowed_references), (3, 3));
    let limits = EscrowLimits { minimum: 1, percent: 100, base: 2, total: 2 };
    let health = after_cycle(&JobHealth::default(), &report, &limits, world.now).health;
    let reason = health.quarantine.map(|state| state.reason);
    assert_eq!(reason, Some(QuarantineReason::EncounteredTotalEscrowThreshold));
}

#[test]
fn fault_of_ours_is_told_once_and_ends_when_the_job_goes_on() {
    let before = JobHealth { successive_failures: 2, quarantine: None };
    let during = interrupted(&before, "The service is busy.", 1_000).unwrap();
    let quarantine = during.quarantine.clone().unwrap();
    assert_eq!(
        (quarantine.reason, quarantine.series_began, during.successive_failures),
        (QuarantineReason::IngestionInterrupted, 1_000, 2)
    );
    let error = quarantine.error.unwrap();
    assert!(error.message.ends_with("The service is busy."), "{}", error.message);
    assert_eq!(interrupted(&during, "again", 2_000), None);
    assert_eq!(resumed(&during), Some(before.clone()));
    assert_eq!(resumed(&before), None);
    // One that has another cause stays until a cycle goes through.
    let reason = QuarantineReason::TooManyDeletes;
    let other =
        JobHealth { quarantine: Some(QuarantineState { reason, ..during.quarantine.unwrap() }), ..before };
    assert_eq!((interrupted(&other, "x", 3_000), resumed(&other)), (None, None));
}
