use super::*;

const MANAGER: &str = "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager/value";

fn manager_of(world: &World, person: &SourceId) -> Option<String> {
    Some(account(world, person).pointer(MANAGER)?.as_str()?.to_owned())
}

fn target_of(world: &World, person: &SourceId) -> Option<String> {
    Some(world.store.links[person].target_id.to_string())
}

#[test]
fn manager_who_arrives_later_is_set_without_a_restart_and_reported_once() {
    let (mut world, job) = (company(2), peakon_job());
    world.directory.unassign(&id(0));
    let report = clean(&mut world, &job);
    assert_eq!(manager_of(&world, &id(1)), None);
    assert_eq!(report.counters.count(Action::Other, Status::Warning), 1);
    assert_eq!(code(log_of(&world, &id(1)).last().unwrap()), Some("UnableToResolveReferenceAttributeValue"));

    let report = clean(&mut world, &job);
    assert_eq!(report.counters.count(Action::Other, Status::Warning), 0);

    world.directory.assign(&id(0), &user_role());
    clean(&mut world, &job);
    assert_eq!(manager_of(&world, &id(1)), target_of(&world, &id(0)));
    assert!(world.store.references.is_empty());
    assert_eq!(requests(&world), ["GET /Users?", "GET /Users?", "POST /Users", "PATCH /Users/t1"]);
}

#[test]
fn somebody_whose_manager_is_set_was_not_looked_at() {
    let (mut world, job) = (company(2), peakon_job());
    world.directory.unassign(&id(0));
    clean(&mut world, &job);
    world.directory.assign(&id(0), &user_role());
    world.store.processed.clear();
    clean(&mut world, &job);
    assert_eq!(manager_of(&world, &id(1)), target_of(&world, &id(0)));
    // What changed of the other one since the cycle began is still to be worked on.
    assert_eq!(world.store.processed, [id(0)]);
}

#[test]
fn change_of_manager_goes_with_the_other_changes_in_one_patch() {
    let (mut world, job) = (company(4), peakon_job());
    clean(&mut world, &job);
    world.directory.change(&id(3), |person| {
        person.attributes.insert("manager".to_owned(), json!(id(2)));
        person.attributes.insert("department".to_owned(), json!("Legal"));
    });
    clean(&mut world, &job);
    assert_eq!(world.target.writes(), 1);
    assert_eq!(manager_of(&world, &id(3)), target_of(&world, &id(2)));
    let changed = &log_of(&world, &id(3)).last().unwrap().modified_properties;
    let manager = changed.iter().find(|p| p.display_name.ends_with(":manager")).unwrap();
    assert_eq!(manager.old_value, target_of(&world, &id(0)));
}

#[test]
fn manager_who_is_cleared_in_the_source_is_left_alone() {
    let (mut world, job) = (company(2), peakon_job());
    clean(&mut world, &job);
    world.directory.change(&id(1), |person| {
        person.attributes.remove("manager");
    });
    clean(&mut world, &job);
    assert_eq!(world.target.writes(), 0);
    assert_eq!(manager_of(&world, &id(1)), target_of(&world, &id(0)));
}

#[test]
fn account_that_was_taken_over_with_the_right_manager_is_not_written_again() {
    let (mut world, job) = (company(2), peakon_job());
    let boss = world.target.add(json!({"userName": "p0@contoso.example", "active": true}));
    let report = world.target.add(json!({"userName": "p1@contoso.example", "active": true}));
    clean(&mut world, &job);
    assert_eq!(world.store.links[&id(1)].target_id.as_str(), report);
    // Clear the links: everybody is matched again, and everything is equal.
    world.store.links.clear();
    world.store.watermark = None;
    clean(&mut world, &job);
    assert_eq!(world.target.writes(), 0);
    assert_eq!(manager_of(&world, &id(1)), Some(boss));
    assert!(world.store.references.is_empty());
}

#[test]
fn account_that_vanishes_before_its_manager_is_set_is_created_again() {
    let (mut world, job) = (company(2), peakon_job());
    world.directory.unassign(&id(0));
    clean(&mut world, &job);
    let gone = world.store.links[&id(1)].target_id.clone();
    world.target.remove(gone.as_str());
    world.directory.assign(&id(0), &user_role());
    cycle(&mut world, &job, &Run::default());
    assert_eq!(code(log_of(&world, &id(1)).last().unwrap()), Some("InvalidAnchor"));
    clean(&mut world, &job);
    assert_eq!(world.target.accounts().len(), 2);
    assert_eq!(manager_of(&world, &id(1)), target_of(&world, &id(0)));
}

#[test]
fn circle_of_managers_is_no_problem() {
    let (mut world, job) = (company(2), peakon_job());
    world.directory.change(&id(0), |person| {
        person.attributes.insert("manager".to_owned(), json!(id(1)));
    });
    clean(&mut world, &job);
    assert_eq!(manager_of(&world, &id(0)), target_of(&world, &id(1)));
    assert_eq!(manager_of(&world, &id(1)), target_of(&world, &id(0)));
}
