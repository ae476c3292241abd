//! A group and some of its members, on demand.

use super::groups::{group, group_job, members, teams, wanted};
use super::*;

/// Asks for people, or a group with some of its members, on demand: the answer's result, its event, and the requests.
fn on_demand(world: &mut World, job: &Job, subjects: Vec<SourceId>, plan: bool) -> (Json, Json, Vec<String>) {
    world.target.requests.clear();
    let known = world.store.log.len();
    let main = subjects[0].clone();
    let Outcome::Finished(report, planned) = world.run(job, &Run { subjects, plan, ..Run::default() }) else {
        panic!("not finished");
    };
    let entries = if plan { &planned[..] } else { &world.store.log[known..] };
    let answer = crate::log::OnDemandAnswer::of(&report, entries, &main);
    let read = |text: &str| serde_json::from_str::<Json>(text).unwrap();
    (read(&answer.key)["result"].clone(), read(&answer.value), requests(world))
}

fn descriptions(event: &Json, kind: &str) -> Vec<String> {
    let steps = event["provisioningSteps"].as_array().unwrap().iter();
    let of_kind = steps.filter(|step| step["type"] == kind);
    of_kind.map(|step| step["description"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn group_on_demand_gets_the_chosen_members_only() {
    let (mut world, job) = (teams(5), group_job());
    let (result, event, sent) = on_demand(&mut world, &job, vec![group(0), id(0), id(1)], false);
    assert_eq!((result, event["action"].as_str()), (json!("Success"), Some("create")));
    assert_eq!(event["sourceIdentity"]["id"], group(0).as_str());
    let mut writes: Vec<&String> = sent.iter().filter(|line| !line.starts_with("GET")).collect();
    writes.sort();
    assert_eq!(writes, ["PATCH /Groups/t3", "PATCH /Users/t2", "POST /Groups", "POST /Users", "POST /Users"]);
    assert_eq!(members(&world, &group(0)), wanted(&world, &group(0)));
    assert_eq!(members(&world, &group(0)).len(), 2);
    let steps: Vec<&str> = event["provisioningSteps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["name"].as_str().unwrap())
        .collect();
    assert_eq!(steps[..4], ["TestConnection", "EntryImport", "EntrySynchronizationScoping", "EntryMatching"]);
    // Both again: nothing to write.
    let (result, event, sent) = on_demand(&mut world, &job, vec![group(0), id(0), id(1)], false);
    assert_eq!((result, sent.iter().filter(|line| !line.starts_with("GET")).count()), (json!("Skipped"), 0));
    let told = descriptions(&event, "referenceResolution");
    assert_eq!(told[0], "Person 0 is a member of the group in the application already.");
    // The cycle does the rest.
    clean(&mut world, &job);
    assert_eq!(members(&world, &group(0)).len(), 3);
    clean(&mut world, &job);
    assert_eq!(world.target.writes(), 0);
}

#[test]
fn members_that_cannot_be_given_are_told_with_the_reason() {
    let (mut world, job) = (teams(5), group_job());
    world.directory.unassign(&id(1));
    let asked = vec![group(0), id(0), id(1), id(4)];
    let (result, event, sent) = on_demand(&mut world, &job, asked.clone(), true);
    assert_eq!((result, sent.iter().all(|line| line.starts_with("GET"))), (json!("Success"), true));
    assert_eq!(
        descriptions(&event, "referenceResolution"),
        [
            "Person 0 is added once the group has an account.",
            "Person 1 is added once the group has an account.",
            "Person 4 is not a member of the group in the directory.",
        ]
    );
    assert!(world.store.links.is_empty());
    let (result, event, _) = on_demand(&mut world, &job, asked, false);
    assert_eq!(result, "Success");
    let told = descriptions(&event, "referenceResolution");
    assert_eq!(
        told[..3],
        [
            "Person 1 is not added, because there is no account.",
            "Person 4 is not a member of the group in the directory.",
            "The referenced account exists"
        ]
    );
    assert_eq!(members(&world, &group(0)), wanted(&world, &group(0)));
    // A member who left meanwhile is taken out.
    clean(&mut world, &job);
    world.directory.set_member(&group(0), &id(0), false);
    on_demand(&mut world, &job, vec![group(0), id(0)], false);
    assert_eq!(members(&world, &group(0)), wanted(&world, &group(0)));
}

#[test]
fn group_out_of_scope_is_skipped_on_demand() {
    let (mut world, job) = (teams(3), group_job());
    world.directory.unassign(&group(0));
    let (result, event, _) = on_demand(&mut world, &job, vec![group(0), id(0)], false);
    assert_eq!(event["statusInfo"]["status"], "skipped");
    assert_eq!(
        descriptions(&event, "referenceResolution"),
        ["Person 0 is not added, because the group has no account."]
    );
    // The member is in scope by himself, and was provisioned first.
    assert_eq!((result, world.target.accounts().len()), (json!("Success"), 1));
}

#[test]
fn on_demand_tells_of_a_target_that_refuses() {
    let (mut world, job) = (teams(3), group_job());
    world.target.fault_percent = 100;
    let (result, event, _) = on_demand(&mut world, &job, vec![group(0)], false);
    assert_eq!(
        (result, event["provisioningSteps"][0]["status"].as_str()),
        (json!("Failure"), Some("failure"))
    );
    assert_eq!(event["provisioningSteps"][0]["name"], "TestConnection");
}

#[test]
fn what_is_not_there_is_said() {
    let (mut world, job) = (teams(3), group_job());
    let (result, event, _) = on_demand(&mut world, &job, vec![SourceId::from("nobody")], false);
    assert_eq!(result, "Skipped");
    assert_eq!(event["provisioningSteps"][1]["status"], "skipped");
    assert!(event["provisioningSteps"][1]["description"].as_str().unwrap().contains("no such object"));
}
