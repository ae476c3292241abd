use super::*;
use crate::job::{DeletionThreshold, Deprovisioning};
use crate::quarantine::QuarantineReason;

pub(super) fn with_threshold(count: u64) -> Job {
    let mut job = peakon_job();
    job.settings.deletion_threshold = Some(DeletionThreshold { count, percent: None });
    job
}

#[test]
fn soft_delete_disables_restore_enables_and_purge_deletes() {
    let (mut world, job) = (company(3), peakon_job());
    clean(&mut world, &job);
    world.directory.change(&id(2), |person| person.soft_deleted = true);
    clean(&mut world, &job);
    assert_eq!(account(&world, &id(2))["active"], false);
    world.directory.change(&id(2), |person| person.soft_deleted = false);
    clean(&mut world, &job);
    assert_eq!(account(&world, &id(2))["active"], true);
    world.directory.change(&id(2), |person| person.soft_deleted = true);
    clean(&mut world, &job);
    world.directory.purge(&id(2));
    clean(&mut world, &job);
    assert_eq!(world.target.accounts().len(), 2);
    assert!(!world.store.links.contains_key(&id(2)));
    let actions: Vec<Action> = log_of(&world, &id(2)).iter().map(|entry| entry.provisioning_action).collect();
    assert_eq!(
        actions,
        [Action::Create, Action::Update, Action::Disable, Action::Update, Action::Disable, Action::Delete]
    );
}

#[test]
fn person_who_was_unassigned_and_then_purged_is_still_cleaned_up() {
    let (mut world, job) = (company(3), peakon_job());
    clean(&mut world, &job);
    world.directory.unassign(&id(2));
    clean(&mut world, &job);
    world.directory.purge(&id(2));
    clean(&mut world, &job);
    assert_eq!(world.target.accounts().len(), 2);
}

#[test]
fn nothing_but_active_flows_once_a_person_is_unassigned() {
    let (mut world, job) = (company(2), peakon_job());
    clean(&mut world, &job);
    world.directory.unassign(&id(1));
    world.directory.change(&id(1), |person| {
        person.attributes.insert("surname".to_owned(), json!("Secret"));
    });
    clean(&mut world, &job);
    assert_eq!(account(&world, &id(1))["active"], false);
    assert_eq!(account(&world, &id(1))["name"]["familyName"], "O'Neil-1");
}

#[test]
fn delete_of_an_account_that_is_gone_already_succeeds() {
    let (mut world, job) = (company(2), peakon_job());
    clean(&mut world, &job);
    let target = world.store.links[&id(1)].target_id.clone();
    world.target.remove(target.as_str());
    world.directory.purge(&id(1));
    clean(&mut world, &job);
    assert!(!world.store.links.contains_key(&id(1)));
}

#[test]
fn unticked_delete_leaves_the_account() {
    let mut schema = peakon().schema.clone();
    schema.synchronization_rules[0].object_mappings[0].flow_types.delete = false;
    let (mut world, job) = (company(2), job(peakon(), &schema).unwrap());
    clean(&mut world, &job);
    world.directory.purge(&id(1));
    clean(&mut world, &job);
    assert_eq!(world.target.accounts().len(), 2);
    assert_eq!(code(log_of(&world, &id(1)).last().unwrap()), Some("ActionDisabled"));
}

#[test]
fn skip_out_of_scope_deletions_leaves_the_unassigned_alone_but_not_the_disabled() {
    let (mut world, mut job) = (company(3), peakon_job());
    job.settings.skip_out_of_scope_deletions = true;
    clean(&mut world, &job);
    world.directory.unassign(&id(1));
    world.directory.change(&id(2), |person| person.enabled = false);
    clean(&mut world, &job);
    assert_eq!(account(&world, &id(1))["active"], true);
    assert_eq!(account(&world, &id(2))["active"], false);
    assert_eq!(code(log_of(&world, &id(1)).last().unwrap()), Some("SkipOutOfScopeDeletions"));
}

const DAY: i64 = 24 * 3_600_000;

#[test]
fn disabled_accounts_are_deleted_after_some_days_unless_the_person_comes_back() {
    let (mut world, mut job) = (company(4), peakon_job());
    job.settings.deprovisioning = Deprovisioning::DisableThenDelete { days: 30 };
    clean(&mut world, &job);
    world.directory.unassign(&id(1));
    world.directory.change(&id(2), |person| person.enabled = false);
    world.directory.change(&id(3), |person| person.soft_deleted = true);
    clean(&mut world, &job);
    assert!((1..4).all(|number| account(&world, &id(number))["active"] == false));
    world.now += 29 * DAY;
    clean(&mut world, &job);
    assert_eq!(world.target.writes(), 0, "not yet");
    world.directory.change(&id(2), |person| person.enabled = true);
    clean(&mut world, &job);
    assert_eq!(account(&world, &id(2))["active"], true);
    world.now += DAY;
    clean(&mut world, &job);
    assert_eq!(verdict(log_of(&world, &id(1)).last().unwrap()), (Action::Delete, Status::Success));
    assert_eq!(world.target.accounts().len(), 2);
    // Somebody who comes back afterwards gets a new account.
    world.directory.assign(&id(1), &user_role());
    clean(&mut world, &job);
    assert_eq!(account(&world, &id(1))["active"], true);
    // The days count from the last time that the account was disabled.
    world.directory.unassign(&id(2));
    clean(&mut world, &job);
    world.now += 29 * DAY;
    clean(&mut world, &job);
    assert_eq!(world.target.accounts().len(), 3);
    world.now += DAY;
    clean(&mut world, &job);
    assert_eq!(world.target.accounts().len(), 2);
}

#[test]
fn later_deletions_count_towards_the_threshold() {
    let (mut world, mut job) = (company(5), with_threshold(3));
    job.settings.deprovisioning = Deprovisioning::DisableThenDelete { days: 30 };
    clean(&mut world, &job);
    (2..4).for_each(|number| world.directory.unassign(&id(number)));
    clean(&mut world, &job);
    world.now += 30 * DAY;
    world.directory.unassign(&id(4));
    let report = cycle(&mut world, &job, &Run::default());
    assert_eq!(report.error.unwrap().quarantine, Some(QuarantineReason::TooManyDeletes));
    assert_eq!((world.target.writes(), world.target.accounts().len(), world.store.staged.len()), (0, 5, 3));
    world.store.approve_held();
    clean(&mut world, &job);
    assert_eq!(world.target.accounts().len(), 3);
    assert_eq!(account(&world, &id(4))["active"], false);
}

#[test]
fn policy_of_nothing_leaves_every_account_alone() {
    let (mut world, mut job) = (company(4), peakon_job());
    job.settings.deprovisioning = Deprovisioning::Nothing;
    clean(&mut world, &job);
    world.directory.unassign(&id(1));
    world.directory.change(&id(2), |person| person.enabled = false);
    world.directory.purge(&id(3));
    clean(&mut world, &job);
    assert_eq!((world.target.writes(), world.target.accounts().len()), (0, 4));
    assert!((1..3).all(|number| account(&world, &id(number))["active"] == true));
    assert!(!world.store.links.contains_key(&id(3)), "nobody waits for one who is gone");
    for number in 1..4 {
        let entry = log_of(&world, &id(number)).last().copied().unwrap();
        assert_eq!(code(entry), Some("SkipOutOfScopeDeletions"), "{number}");
    }
    // Another policy concerns everybody, the next time that everybody is looked at.
    job.settings.deprovisioning = Deprovisioning::Disable;
    cycle(&mut world, &job, &Run { full: true, ..Run::default() });
    assert!((1..3).all(|number| account(&world, &id(number))["active"] == false));
}

#[test]
fn person_who_comes_back_under_a_new_id_gets_the_disabled_account() {
    let (mut world, job) = (company(2), peakon_job());
    clean(&mut world, &job);
    let target = world.store.links[&id(1)].target_id.clone();
    world.directory.change(&id(1), |person| person.soft_deleted = true);
    clean(&mut world, &job);
    world.directory.put("s900", "Back again", |person| {
        person.attributes.insert("userPrincipalName".to_owned(), json!("p1@contoso.example"));
    });
    world.directory.assign(&SourceId::from("s900"), &user_role());
    clean(&mut world, &job);
    assert_eq!(world.store.links[&SourceId::from("s900")].target_id, target);
    world.directory.purge(&id(1));
    clean(&mut world, &job);
    assert_eq!(world.target.accounts().len(), 2, "the purge of the former owner deletes nothing");
}

#[test]
fn deletions_below_the_threshold_are_carried_out_in_the_same_cycle() {
    let (mut world, job) = (company(10), with_threshold(3));
    clean(&mut world, &job);
    world.directory.unassign(&id(8));
    world.directory.purge(&id(9));
    clean(&mut world, &job);
    assert_eq!(account(&world, &id(8))["active"], false);
    assert_eq!(world.target.accounts().len(), 9);
    assert!(world.store.staged.is_empty());
    assert_eq!(requests(&world).len(), 1 + 2 + 1, "a probe, GET and PATCH, DELETE");
}

#[test]
fn deletions_that_reach_the_threshold_are_held_until_they_are_allowed() {
    let (mut world, job) = (company(10), with_threshold(3));
    clean(&mut world, &job);
    world.directory.unassign(&id(7));
    world.directory.change(&id(8), |person| person.enabled = false);
    world.directory.purge(&id(9));
    world.directory.change(&id(1), |person| {
        person.attributes.insert("department".to_owned(), json!("Legal"));
    });
    let report = cycle(&mut world, &job, &Run::default());
    assert_eq!(report.error.as_ref().unwrap().quarantine, Some(QuarantineReason::TooManyDeletes));
    assert_eq!(report.result, CycleResult::Succeeded);
    assert_eq!(report.counters.count(Action::StagedDelete, Status::Skipped), 3);
    assert_eq!(world.target.writes(), 1, "the change of department goes on");
    assert_eq!(world.store.staged.len(), 3);

    let report = cycle(&mut world, &job, &Run::default());
    assert_eq!(report.counters.count(Action::StagedDelete, Status::Skipped), 0, "it is said once");
    assert_eq!(world.target.writes(), 0);

    world.directory.assign(&id(7), &user_role());
    world.directory.unassign(&id(6));
    let report = cycle(&mut world, &job, &Run::default());
    assert_eq!(report.counters.count(Action::StagedDelete, Status::Skipped), 1, "held with the others");
    assert!(!world.store.staged.contains_key(&id(7)), "assigned again, no longer due");

    world.store.approve_held();
    clean(&mut world, &job);
    assert!(world.store.staged.is_empty());
    assert_eq!(world.target.accounts().len(), 9);
    for number in [6, 8] {
        assert_eq!(account(&world, &id(number))["active"], false);
    }
    assert_eq!(account(&world, &id(7))["active"], true);
}

/// Ten people, three of whom are held.
pub(super) fn held() -> (World, Job) {
    let (mut world, job) = (company(10), with_threshold(3));
    clean(&mut world, &job);
    for number in 7..10 {
        world.directory.unassign(&id(number));
    }
    cycle(&mut world, &job, &Run::default());
    assert_eq!(world.store.staged.len(), 3);
    world.now += 60_000;
    (world, job)
}

#[test]
fn on_demand_leaves_the_held_deletions_of_others_alone() {
    let (mut world, job) = held();
    let report = cycle(&mut world, &job, &Run { subjects: vec![id(7)], ..Run::default() });
    assert_eq!(report.error, None);
    assert_eq!(world.target.writes(), 1);
    assert_eq!(account(&world, &id(7))["active"], false);
    assert_eq!(world.store.staged.len(), 2);
}

#[test]
fn held_deletions_are_carried_out_when_prevention_is_switched_off() {
    let (mut world, mut job) = held();
    job.settings.deletion_threshold = None;
    clean(&mut world, &job);
    assert!(world.store.staged.is_empty());
    assert_eq!(account(&world, &id(9))["active"], false);
}

#[test]
fn plan_says_that_its_deletions_would_be_held() {
    let (mut world, job) = (company(10), with_threshold(3));
    clean(&mut world, &job);
    for number in 7..10 {
        world.directory.unassign(&id(number));
    }
    world.target.requests.clear();
    let Outcome::Finished(report, planned) = world.run(&job, &Run { plan: true, ..Run::default() }) else {
        panic!("the plan does not end")
    };
    assert_eq!(report.error.unwrap().quarantine, Some(QuarantineReason::TooManyDeletes));
    assert_eq!(planned.iter().filter(|entry| entry.provisioning_action == Action::Disable).count(), 3);
    assert!(world.target.writes() == 0 && world.store.staged.is_empty());
}
