//! People who leave keep no access, and accounts that are not theirs are left alone: what an application answers is
//! not taken for more than it says.

use super::groups::{group, group_job, members, teams, wanted};
use super::*;
use crate::job::{DeletionThreshold, Deprovisioning};
use crate::simulate::Fault;
use crate::target::Purpose;

const DAY: i64 = 24 * 3_600_000;

/// Everybody's accounts that are switched on, by name.
fn active(world: &World) -> Vec<&str> {
    let accounts = world.target.accounts().values().filter(|account| account["active"] == true);
    accounts.filter_map(|account| account["userName"].as_str()).collect()
}

/// An account that somebody else made, a day ago.
fn stranger(world: &mut World, name: &str) -> String {
    world.target.now = world.now - DAY;
    world.target.add(json!({"userName": name, "active": true}))
}

#[test]
fn a_404_to_a_change_is_no_proof_that_the_account_is_gone() {
    let (mut world, job) = (company(3), peakon_job());
    clean(&mut world, &job);
    world.directory.unassign(&id(2));
    world.target.faults = vec![(Purpose::Update, Fault::Status(404))];
    cycle(&mut world, &job, &Run::default());
    assert_eq!(code(log_of(&world, &id(2)).last().unwrap()), Some("InvalidAnchor"));
    assert!(world.store.links.contains_key(&id(2)) && world.store.escrows.contains_key(&id(2)));
    clean(&mut world, &job);
    assert_eq!(account(&world, &id(2))["active"], false);
    assert!(world.store.escrows.is_empty());
}

#[test]
fn an_application_that_never_finds_what_is_to_be_changed_does_not_hold_the_cycle() {
    let (mut world, job) = (company(3), peakon_job());
    clean(&mut world, &job);
    for number in 0..3 {
        world.directory.change(&id(number), |person| {
            person.attributes.insert("department".to_owned(), json!("Legal"));
        });
    }
    world.target.faults = vec![(Purpose::Update, Fault::Status(404)); 100];
    let report = cycle(&mut world, &job, &Run::default());
    assert_eq!((report.counters.escrowed, world.target.writes()), (3, 3));
    assert_eq!(world.store.links.len(), 3);
    world.target.faults.clear();
    clean(&mut world, &job);
    assert_eq!(
        account(&world, &id(1))
            .pointer("/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/department"),
        Some(&json!("Legal"))
    );
}

#[test]
fn a_membership_that_is_to_go_is_not_forgotten_with_a_404() {
    let (mut world, job) = (teams(4), group_job());
    clean(&mut world, &job);
    world.directory.set_member(&group(0), &id(1), false);
    world.target.faults = vec![(Purpose::Reference, Fault::Status(404))];
    cycle(&mut world, &job, &Run::default());
    assert!(members(&world, &group(0)) != wanted(&world, &group(0)), "refused");
    clean(&mut world, &job);
    assert_eq!(members(&world, &group(0)), wanted(&world, &group(0)));
    assert_eq!(members(&world, &group(0)).len(), 2);
}

#[test]
fn a_404_to_a_deletion_is_looked_into() {
    for (left, removed) in
        [(json!({"active": true}), false), (json!({"active": false}), true), (Json::Null, true)]
    {
        let (mut world, job) = (company(2), peakon_job());
        clean(&mut world, &job);
        world.directory.purge(&id(1));
        world.target.faults = vec![(Purpose::Delete, Fault::Status(404))];
        let target = world.store.links[&id(1)].target_id.clone();
        match left.get("active") {
            Some(active) => world.target.set(target.as_str(), "active", active.clone()),
            None => world.target.remove(target.as_str()),
        }
        cycle(&mut world, &job, &Run::default());
        assert_eq!(!world.store.links.contains_key(&id(1)), removed, "{left}");
        assert_eq!(world.store.escrows.contains_key(&id(1)), !removed, "{left}");
        if !removed {
            let said = Some("SystemForCrossDomainIdentityManagementServiceIncompatible");
            assert_eq!(code(log_of(&world, &id(1)).last().unwrap()), said);
            clean(&mut world, &job);
            assert_eq!(world.target.accounts().len(), 1, "deleted in the end");
        }
    }
}

/// An account that was there before is nobody's, as long as nothing was found out about it.
#[test]
fn a_creation_that_was_only_meant_touches_no_account() {
    for (fault, is_purged) in
        [(Fault::Status(500), false), (Fault::Status(429), true), (Fault::Timeout, false)]
    {
        let (mut world, job) = (company(1), peakon_job());
        stranger(&mut world, "p0@contoso.example");
        world.target.script = vec![None, Some(fault)];
        cycle(&mut world, &job, &Run::default());
        assert!(world.store.creations.is_empty(), "nothing was sent");
        if is_purged {
            world.directory.purge(&id(0))
        } else {
            world.directory.unassign(&id(0))
        }
        cycle(&mut world, &job, &Run::default());
        assert_eq!((active(&world), world.target.writes()), (vec!["p0@contoso.example"], 0), "{fault:?}");
    }
}

/// The scope is made narrower while the first cycle is at work: accounts that were there stay as they are, those
/// that it was creating are disabled.
#[test]
fn a_first_cycle_that_is_broken_off_leaves_older_accounts_alone() {
    let mut cleared = 0;
    for crash in 2..60 {
        let (mut world, job) = (company(12), peakon_job());
        (0..6).for_each(|number| drop(stranger(&mut world, &format!("p{number}@contoso.example"))));
        world.run(&job, &Run { crash_after: Some(crash), ..Run::default() });
        let linked: Vec<SourceId> = world.store.links.keys().cloned().collect();
        (0..12).for_each(|number| world.directory.unassign(&id(number)));
        // The one that goes on, and the one that learns who left.
        (0..2).for_each(|_| drop(cycle(&mut world, &job, &Run::default())));
        let expected: Vec<String> = (0..6)
            .filter(|number| !linked.contains(&id(*number)))
            .map(|number| format!("p{number}@contoso.example"))
            .collect();
        assert_eq!(active(&world), expected, "{crash}");
        cleared += world.target.accounts().len() - 6;
    }
    assert!(cleared > 0, "some were being created");
}

#[test]
fn an_account_without_a_date_is_left_alone() {
    for (is_timeless, expected) in [(true, 1), (false, 0)] {
        let (mut world, job) = (company(1), peakon_job());
        world.target.is_timeless = is_timeless;
        world.target.script = vec![None, None, Some(Fault::LostAnswer)];
        cycle(&mut world, &job, &Run::default());
        assert_eq!((world.store.links.len(), world.store.creations.len()), (0, 1));
        world.directory.unassign(&id(0));
        cycle(&mut world, &job, &Run::default());
        assert_eq!(active(&world).len(), expected);
        assert!(world.store.creations.is_empty(), "decided");
        let entry = log_of(&world, &id(0)).pop().unwrap();
        let expected =
            if is_timeless { (Action::Other, Status::Skipped) } else { (Action::Disable, Status::Success) };
        assert_eq!(verdict(entry), expected);
    }
}

#[test]
fn what_a_lost_creation_left_behind_is_held_and_left_as_the_job_is_set_to() {
    let lost = |change: &dyn Fn(&mut Job)| {
        let (mut world, mut job) = (company(2), peakon_job());
        world.target.script = vec![None, None, None, Some(Fault::LostAnswer), Some(Fault::LostAnswer)];
        cycle(&mut world, &job, &Run::default());
        assert_eq!(world.store.creations.len(), 2);
        change(&mut job);
        (0..2).for_each(|number| world.directory.unassign(&id(number)));
        cycle(&mut world, &job, &Run::default());
        (active(&world).len(), world.store.staged.len())
    };
    assert_eq!(lost(&|_| {}), (0, 0));
    assert_eq!(lost(&|job| job.settings.deprovisioning = Deprovisioning::Nothing), (2, 0));
    assert_eq!(lost(&|job| job.settings.skip_out_of_scope_deletions = true), (2, 0));
    let threshold = |job: &mut Job| {
        job.settings.deletion_threshold = Some(DeletionThreshold { count: 2, percent: None });
    };
    assert_eq!(lost(&threshold), (2, 2));
}

#[test]
fn an_attribute_that_is_refused_keeps_no_account_active() {
    for change in ["enabled", "recycle bin"] {
        for (fault, expected) in [
            (Fault::Status(400), true),
            (Fault::Status(409), true),
            (Fault::Status(500), true),
            (Fault::Status(429), false),
            (Fault::Timeout, false),
        ] {
            let (mut world, job) = (company(2), peakon_job());
            clean(&mut world, &job);
            world.directory.change(&id(1), |person| {
                person.attributes.insert("department".to_owned(), json!("Nowhere"));
                if change == "enabled" { person.enabled = false } else { person.soft_deleted = true }
            });
            world.target.faults = vec![(Purpose::Update, fault)];
            cycle(&mut world, &job, &Run::default());
            assert_eq!(account(&world, &id(1))["active"] == false, expected, "{fault:?}");
            assert!(world.store.escrows.contains_key(&id(1)), "the rest waits");
            if expected {
                let entry = log_of(&world, &id(1)).pop().unwrap();
                assert_eq!(verdict(entry), (Action::Disable, Status::Warning), "{fault:?}");
                assert!(world.store.links[&id(1)].disabled.is_some());
            }
            clean(&mut world, &job);
            let department = "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/department";
            assert_eq!(account(&world, &id(1)).pointer(department), Some(&json!("Nowhere")));
            assert_eq!(account(&world, &id(1))["active"], false);
        }
    }
}

/// A job that also looks for accounts by `externalId`.
fn job_with_two_matching_attributes() -> Job {
    let mut schema = peakon().schema.clone();
    let attributes = &mut schema.synchronization_rules[0].object_mappings[0].attribute_mappings;
    let mut second = attributes[0].clone();
    second.target_attribute_name = "externalId".to_owned();
    second.source = attributes
        .iter()
        .find(|mapping| mapping.target_attribute_name.ends_with("employeeNumber"))
        .unwrap()
        .source
        .clone();
    second.matching_priority = 2;
    attributes.push(second);
    job(peakon(), &schema).unwrap()
}

#[test]
fn an_account_that_a_disregarded_filter_gave_is_left_alone() {
    for (shown, hidden) in [(Some("admin-1"), vec![]), (None, vec![]), (Some("admin-1"), vec!["externalId"])]
    {
        let (mut world, job) = (company(1), job_with_two_matching_attributes());
        world.target.now = world.now - DAY;
        let mut admin = json!({"userName": "admin@tenant.example", "active": true});
        if let Some(id) = shown {
            admin["externalId"] = json!(id);
        }
        let admin_id = world.target.add(admin);
        (world.target.unfiltered, world.target.hidden) = (vec!["externalId"], hidden);
        cycle(&mut world, &job, &Run::default());
        assert_eq!(world.target.writes(), 0);
        let said = Some("SystemForCrossDomainIdentityManagementServiceIncompatible");
        assert_eq!(code(log_of(&world, &id(0))[0]), said);
        assert_eq!(world.target.accounts()[&admin_id]["userName"], "admin@tenant.example");
    }
}

#[test]
fn an_account_is_found_by_an_attribute_that_is_not_shown() {
    let (mut world, job) = (company(1), job_with_two_matching_attributes());
    world.target.hidden = vec!["externalId"];
    let known =
        world.target.add(json!({"userName": "old-name@contoso.example", "externalId": "0", "active": true}));
    clean(&mut world, &job);
    assert_eq!(world.store.links[&id(0)].target_id.as_str(), known);
    assert_eq!(requests(&world)[1..5], ["GET /Users?", "GET /Users?", "GET /Users?", "PATCH /Users/t1"]);
}

#[test]
fn somebody_new_does_not_get_an_account_that_is_being_deleted() {
    for late in [false, true] {
        let (mut world, job) = (company(2), peakon_job());
        clean(&mut world, &job);
        world.directory.unassign(&id(1));
        clean(&mut world, &job);
        // For good, and somebody of the same name comes.
        world.directory.purge(&id(1));
        world.directory.put("s900", "Person 900", |person| {
            person.attributes.insert("userPrincipalName".to_owned(), json!("p1@contoso.example"));
        });
        world.directory.assign(&SourceId::from("s900"), &user_role());
        if late {
            world.target.faults = vec![(Purpose::Delete, Fault::Status(503))];
        }
        (0..3).for_each(|_| drop(cycle(&mut world, &job, &Run::default())));
        assert_eq!(world.store.violations, Vec::<String>::new());
        assert_eq!(account(&world, &SourceId::from("s900"))["active"], true);
        assert_eq!(active(&world).len(), 2);
    }
}

#[test]
fn somebody_who_comes_back_keeps_the_account_from_another_of_the_same_name() {
    let (mut world, job) = (company(2), peakon_job());
    clean(&mut world, &job);
    world.directory.unassign(&id(1));
    clean(&mut world, &job);
    world.directory.assign(&id(1), &user_role());
    world.directory.put("s900", "Person 900", |person| {
        person.attributes.insert("userPrincipalName".to_owned(), json!("p1@contoso.example"));
    });
    world.directory.assign(&SourceId::from("s900"), &user_role());
    cycle(&mut world, &job, &Run::default());
    assert_eq!(world.store.violations, Vec::<String>::new());
    assert_eq!(world.store.links.len(), 2);
    assert_eq!(code(log_of(&world, &SourceId::from("s900"))[0]), Some("DuplicateSourceEntries"));
}
