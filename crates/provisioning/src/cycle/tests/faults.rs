use super::*;
use crate::quarantine::{EscrowLimits, JobHealth, QuarantineReason, after_cycle};
use crate::simulate::Fault;

/// Faults of the requests after the probe.
fn script(world: &mut World, faults: &[Option<Fault>]) {
    world.target.script = [&[None], faults].concat();
}

#[test]
fn lost_answer_of_a_creation_leads_to_the_same_account() {
    let (mut world, job) = (company(1), peakon_job());
    script(&mut world, &[None, Some(Fault::LostAnswer)]);
    let report = cycle(&mut world, &job, &Run::default());
    assert_eq!(report.result, CycleResult::EntryLevelErrors);
    assert_eq!(code(log_of(&world, &id(0))[0]), Some("Timeout"));
    assert_eq!(world.store.links.len(), 0);
    clean(&mut world, &job);
    assert_eq!(world.target.accounts().len(), 1);
    assert_eq!(world.store.links.len(), 1);
    assert!(world.store.escrows.is_empty());
}

#[test]
fn each_failure_has_its_code_and_an_escrow() {
    for (fault, expected) in [
        (Fault::Status(500), "InternalServerError"),
        (Fault::Status(429), "TooManyRequests"),
        (Fault::Status(403), "InsufficientRights"),
        (Fault::Status(405), "MethodNotAllowed"),
        (Fault::Status(422), "UnprocessableEntity"),
        (Fault::Status(501), "NotImplemented"),
        (Fault::Status(400), "InvalidRequest"),
        (Fault::Timeout, "Timeout"),
    ] {
        let (mut world, job) = (company(1), peakon_job());
        script(&mut world, &[None, Some(fault)]);
        cycle(&mut world, &job, &Run::default());
        let entry = log_of(&world, &id(0))[0];
        assert_eq!((verdict(entry), code(entry)), ((Action::Create, Status::Failure), Some(expected)));
        assert_eq!(world.store.escrows[&id(0)].error_code, expected);
        clean(&mut world, &job);
        assert_eq!(world.target.accounts().len(), 1);
    }
}

#[test]
fn conflict_looks_again_and_takes_over_what_appeared_meanwhile() {
    let (mut world, job) = (company(1), peakon_job());
    world.target.script = vec![None, None, Some(Fault::Status(409))];
    world.target.add(json!({"userName": "other@contoso.example"}));
    cycle(&mut world, &job, &Run::default());
    assert_eq!(code(log_of(&world, &id(0))[0]), Some("Conflict"), "nothing has the matching value");
    assert_eq!(requests(&world), ["GET /Users?", "GET /Users?", "POST /Users", "GET /Users?"]);
}

#[test]
fn revoked_token_stops_the_cycle_and_keeps_the_place() {
    let (mut world, job) = (company(30), peakon_job());
    world.target.script = vec![None; 21];
    world.target.script.push(Some(Fault::Status(401)));
    let report = cycle(&mut world, &job, &Run::default());
    assert_eq!(report.result, CycleResult::Failed);
    let error = report.error.as_ref().unwrap();
    assert_eq!(error.code, "Unauthorized");
    assert_eq!(error.quarantine, Some(QuarantineReason::EncounteredQuarantineException));
    assert!(world.target.requests.len() < 21 + 8, "at most the requests in flight follow");
    assert!(world.store.escrows.is_empty(), "the fault is not the objects'");
    assert_eq!(world.store.watermark, None);
    let health = after_cycle(&JobHealth::default(), &report, &EscrowLimits::default(), world.now);
    assert!(health.notify && health.health.quarantine.is_some());
    let report = clean(&mut world, &job);
    assert_eq!(world.target.accounts().len(), 30);
    let health = after_cycle(&health.health, &report, &EscrowLimits::default(), world.now);
    assert_eq!(health.health, JobHealth::default());
}

#[test]
fn probe_that_fails_ends_the_cycle_before_anything_is_read() {
    for (fault, quarantined) in
        [(Fault::Status(401), true), (Fault::Status(404), true), (Fault::Timeout, false)]
    {
        let (mut world, job) = (company(2), peakon_job());
        world.target.script = vec![Some(fault)];
        let report = cycle(&mut world, &job, &Run::default());
        assert_eq!(report.result, CycleResult::Failed);
        assert_eq!(report.error.unwrap().quarantine.is_some(), quarantined, "{fault:?}");
        assert_eq!(requests(&world), ["GET /Users?"]);
        assert_eq!(report.counters.imported, 0);
    }
}

#[test]
fn crash_after_any_effect_never_creates_twice() {
    for crash in 0..140 {
        let (mut world, job) = (company(12), peakon_job());
        let run = Run { crash_after: Some(crash), ..Run::default() };
        let mut outcome = world.run(&job, &run);
        if outcome == Outcome::Crashed {
            outcome = world.run(&job, &Run::default());
        }
        assert!(matches!(outcome, Outcome::Finished(..)), "{crash}: {outcome:?}");
        assert_eq!(world.target.accounts().len(), 12, "{crash}");
        assert_eq!(world.store.violations, Vec::<String>::new());
        clean(&mut world, &job);
        assert_eq!(world.target.writes(), 0, "{crash}");
        for number in 1..12 {
            let manager = account(&world, &id(number))
                .pointer("/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager/value");
            assert_eq!(manager, Some(&json!(world.store.links[&id((number - 1) / 3)].target_id)), "{crash}");
        }
    }
}

#[test]
fn failed_object_is_tried_again_when_it_is_due() {
    let (mut world, job) = (company(1), peakon_job());
    let failures = |world: &World| log_of(world, &id(0)).len();
    let fail = |world: &mut World| {
        script(world, &[Some(Fault::Status(500))]);
        cycle(world, &job, &Run::default());
    };
    fail(&mut world);
    fail(&mut world);
    assert_eq!(failures(&world), 2, "tried again in the next cycle");
    fail(&mut world);
    assert_eq!(failures(&world), 2, "then six hours later");
    world.now += 6 * 3_600_000;
    fail(&mut world);
    assert_eq!(failures(&world), 3);
    world.directory.change(&id(0), |_| {});
    fail(&mut world);
    assert_eq!(failures(&world), 4, "a change in the source brings the next try forward");
}

/// In virtual time: every try, in hours after the first failure.
#[test]
fn object_that_never_succeeds_is_tried_for_28_days_and_given_up() {
    const HOUR: i64 = 3_600_000;
    let (mut world, job) = (company(1), peakon_job());
    let began = world.now;
    let mut tries = Vec::new();
    loop {
        script(&mut world, &[Some(Fault::Status(500))]);
        cycle(&mut world, &job, &Run::default());
        tries.push((world.now - began) / HOUR);
        let Some(escrow) = world.store.escrows.get(&id(0)) else { break };
        assert!(tries.len() < 100, "never given up");
        world.now = world.now.max(escrow.next_attempt);
    }
    let daily = (1..=28).map(|day| day * 24);
    assert_eq!(tries, [0, 0, 6, 12].into_iter().chain(daily).collect::<Vec<_>>());
    assert_eq!(log_of(&world, &id(0)).len(), tries.len());
}

/// In virtual time: the pauses of a job whose credentials are refused, and its end.
#[test]
fn job_that_stays_in_quarantine_slows_down_and_is_switched_off_after_28_days() {
    const HOUR: i64 = 3_600_000;
    let (mut world, job) = (company(1), peakon_job());
    let mut began = None;
    let (mut health, mut pauses, mut told) = (JobHealth::default(), Vec::new(), 0);
    loop {
        script(&mut world, &[Some(Fault::Status(401))]);
        let report = cycle(&mut world, &job, &Run::default());
        let after = after_cycle(&health, &report, &EscrowLimits::default(), world.now);
        told += usize::from(after.notify);
        health = after.health;
        let quarantine = health.quarantine.clone().unwrap();
        assert_eq!(quarantine.series_began, *began.get_or_insert(world.now));
        if after.disable {
            break;
        }
        pauses.push((quarantine.next_attempt - world.now) * 2 / HOUR);
        world.now = quarantine.next_attempt;
        assert!(pauses.len() < 100, "never switched off");
    }
    assert_eq!(pauses[..8], [1, 2, 4, 8, 16, 32, 48, 48]);
    assert_eq!((world.now - began.unwrap()) / (24 * HOUR), 28);
    assert_eq!(told, 1, "people are told once");
}
