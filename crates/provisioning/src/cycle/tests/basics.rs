use super::*;
use crate::cycle::CycleKind;
use crate::simulate::Fault;

#[test]
fn initial_cycle_creates_everybody_and_sets_managers() {
    let (mut world, job) = (company(40), peakon_job());
    let report = clean(&mut world, &job);
    assert_eq!(report.kind, CycleKind::Initial);
    assert_eq!(report.counters.count(Action::Create, Status::Success), 40);
    assert_eq!(report.counters.references, 39);
    assert_eq!(world.target.accounts().len(), 40);
    let boss = world.store.links[&id(0)].target_id.to_string();
    let account = account(&world, &id(3));
    assert_eq!(account["userName"], "p3@contoso.example");
    assert_eq!(account["active"], true);
    assert_eq!(account["name"], json!({"givenName": "Zoë", "familyName": "O'Neil-3"}));
    let enterprise = &account["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"];
    assert_eq!(enterprise["employeeNumber"], "3");
    assert_eq!(enterprise["manager"], json!({"value": boss}));
    assert_eq!(
        account["schemas"],
        json!([
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        ])
    );
}

#[test]
fn new_person_costs_one_search_one_creation_and_one_reference() {
    let (mut world, job) = (company(10), peakon_job());
    clean(&mut world, &job);
    assert_eq!(world.target.requests.len(), 1 + 10 * 2 + 9, "a probe; search and creation; managers");
}

#[test]
fn unchanged_directory_costs_the_probe_alone() {
    let (mut world, job) = (company(10), peakon_job());
    clean(&mut world, &job);
    let report = clean(&mut world, &job);
    assert_eq!(report.kind, CycleKind::Incremental);
    assert_eq!(requests(&world), ["GET /Users?"]);
}

#[test]
fn full_cycle_over_equal_accounts_reads_each_once_and_writes_nothing() {
    let (mut world, job) = (company(10), peakon_job());
    clean(&mut world, &job);
    let log = world.store.log.len();
    let report = cycle(&mut world, &job, &Run { full: true, ..Run::default() });
    assert_eq!(world.target.writes(), 0);
    assert_eq!(world.target.requests.len(), 1 + 10);
    assert_eq!(report.counters.unchanged, 10);
    assert_eq!(world.store.log.len(), log, "an account that is equal is no entry of the log");
}

#[test]
fn incremental_cycle_sends_exactly_the_four_changes() {
    let (mut world, job) = (company(12), peakon_job());
    clean(&mut world, &job);
    world.directory.change(&id(4), |person| {
        person.attributes.insert("department".to_owned(), json!("Marketing"));
    });
    world.directory.change(&id(5), |person| person.enabled = false);
    world.directory.unassign(&id(6));
    world.directory.put("s100", "Ada", |person| {
        person.attributes.insert("userPrincipalName".to_owned(), json!("ada@contoso.example"));
    });
    world.directory.assign(&SourceId::from("s100"), &user_role());
    let report = clean(&mut world, &job);
    assert_eq!(world.target.writes(), 4);
    assert_eq!(report.counters.exported, 4);
    for (person, action) in [
        (id(4), Action::Update),
        (id(5), Action::Disable),
        (id(6), Action::Disable),
        (SourceId::from("s100"), Action::Create),
    ] {
        let log = log_of(&world, &person);
        assert_eq!(verdict(log.last().unwrap()), (action, Status::Success), "{person}");
    }
    let changed = &log_of(&world, &id(4)).last().unwrap().modified_properties;
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].old_value.as_deref(), Some("Sales"));
    assert_eq!(changed[0].new_value.as_deref(), Some("Marketing"));
    assert_eq!(account(&world, &id(5))["active"], false);
    clean(&mut world, &job);
    assert_eq!(world.target.writes(), 0);
}

#[test]
fn update_sends_one_exact_patch() {
    let (mut world, job) = (company(2), peakon_job());
    clean(&mut world, &job);
    world.directory.change(&id(1), |person| {
        person.attributes.insert("surname".to_owned(), json!("Óðinsdóttir"));
        person.enabled = false;
    });
    clean(&mut world, &job);
    let patch = world.target.requests.iter().find(|request| request.is_write()).unwrap();
    assert_eq!(
        patch.body.as_ref().unwrap(),
        &json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [
                {"op": "replace", "path": "active", "value": false},
                {"op": "replace", "path": "name.familyName", "value": "Óðinsdóttir"},
            ]
        })
    );
}

#[test]
fn existing_account_is_taken_over_and_brought_in_line() {
    let (mut world, job) = (company(2), peakon_job());
    let existing = world.target.add(json!({"userName": "P0@CONTOSO.example", "name": {"givenName": "Zoë"}}));
    let report = clean(&mut world, &job);
    assert_eq!(report.counters.count(Action::Create, Status::Success), 1);
    assert_eq!(world.target.accounts().len(), 2);
    assert_eq!(world.store.links[&id(0)].target_id.as_str(), existing);
    let entry = log_of(&world, &id(0))[0];
    assert_eq!(verdict(entry), (Action::Update, Status::Success));
    let names: Vec<&str> = entry.modified_properties.iter().map(|p| p.display_name.as_str()).collect();
    assert!(!names.contains(&"userName"), "userName is not case-exact: {names:?}");
    assert!(!names.contains(&"name.givenName"));
    assert!(names.contains(&"active"));
}

#[test]
fn two_accounts_with_the_matching_value_are_an_error() {
    let (mut world, job) = (company(1), peakon_job());
    world.target.add(json!({"userName": "p0@contoso.example"}));
    world.target.add(json!({"userName": "p0@contoso.example"}));
    let report = cycle(&mut world, &job, &Run::default());
    assert_eq!(report.result, CycleResult::EntryLevelErrors);
    assert_eq!(world.target.writes(), 0);
    assert_eq!(code(log_of(&world, &id(0))[0]), Some("DuplicateTargetEntries"));
    assert!(world.store.escrows.contains_key(&id(0)));
}

#[test]
fn two_people_with_one_matching_value_never_share_an_account() {
    let (mut world, job) = (company(2), peakon_job());
    world.directory.change(&id(1), |person| {
        person.attributes.insert("userPrincipalName".to_owned(), json!("p0@contoso.example"));
        person.attributes.remove("manager");
    });
    cycle(&mut world, &job, &Run::default());
    assert_eq!(world.target.accounts().len(), 1);
    assert_eq!(world.store.links.len(), 1);
    assert_eq!(world.store.violations, Vec::<String>::new());
    let codes: Vec<_> = world.store.log.iter().filter_map(code).collect();
    assert_eq!(codes, ["DuplicateSourceEntries"]);
}

#[test]
fn vanished_account_is_matched_or_created_again_in_the_same_cycle() {
    let (mut world, job) = (company(2), peakon_job());
    clean(&mut world, &job);
    let gone = world.store.links[&id(1)].target_id.clone();
    world.target.remove(gone.as_str());
    world.directory.change(&id(1), |_| {});
    clean(&mut world, &job);
    assert_ne!(world.store.links[&id(1)].target_id, gone);
    let entry =
        *log_of(&world, &id(1)).iter().rev().find(|e| e.provisioning_action == Action::Create).unwrap();
    assert!(
        entry
            .provisioning_steps
            .iter()
            .any(|step| step.details.get("ErrorCode").is_some_and(|c| c == "InvalidAnchor"))
    );
    let manager =
        &account(&world, &id(1))["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]["manager"];
    assert_eq!(manager["value"], world.store.links[&id(0)].target_id.as_str());
}

#[test]
fn nobody_but_the_assigned_is_provisioned_and_nothing_is_said_about_them() {
    let (mut world, job) = (company(5), peakon_job());
    world.directory.unassign(&id(3));
    world.directory.assign(&id(4), crate::id::DEFAULT_ACCESS);
    let report = clean(&mut world, &job);
    assert_eq!(world.target.accounts().len(), 3);
    assert!(log_of(&world, &id(3)).is_empty());
    let entry = log_of(&world, &id(4))[0];
    assert_eq!(
        (verdict(entry), code(entry)),
        ((Action::Other, Status::Skipped), Some("NotEffectivelyEntitled"))
    );
    assert_eq!((report.counters.entitled, report.counters.entitled_for_provisioning), (4, 3));
}

#[test]
fn sync_all_needs_no_assignment() {
    let (mut world, mut job) = (company(3), peakon_job());
    job.settings.sync_all = true;
    (0..3).for_each(|number| world.directory.unassign(&id(number)));
    clean(&mut world, &job);
    assert_eq!(world.target.accounts().len(), 3);
}

#[test]
fn person_without_matching_value_is_skipped_with_a_reason() {
    let (mut world, job) = (company(1), peakon_job());
    world.directory.change(&id(0), |person| {
        person.attributes.remove("userPrincipalName");
    });
    clean(&mut world, &job);
    let entry = log_of(&world, &id(0))[0];
    assert_eq!(code(entry), Some("ImportSkipped"));
    assert_eq!(requests(&world), ["GET /Users?"]);
}

#[test]
fn stop_and_go_on_keeps_the_place() {
    let (mut world, job) = (company(30), peakon_job());
    let mut pauses = 0;
    loop {
        match world.run(&job, &Run { stop_after: Some(9), ..Run::default() }) {
            Outcome::Yielded => pauses += 1,
            Outcome::Finished(report, _) => {
                assert_eq!(report.counters.imported, 30);
                assert_eq!(report.counters.count(Action::Create, Status::Success), 30);
                break;
            }
            other => panic!("{other:?}"),
        }
        assert!(pauses < 100);
    }
    assert!(pauses > 3);
    assert_eq!(world.target.accounts().len(), 30);
    let searches =
        world.target.requests.iter().filter(|r| r.purpose == crate::target::Purpose::Match).count();
    assert_eq!(searches, 30, "nobody is looked at twice");
}

/// Graph's answer: two texts of JSON.
fn on_demand_answer(report: &Report, entries: &[ProvisioningObjectSummary]) -> (Json, Json) {
    let answer = crate::log::OnDemandAnswer::of(
        report,
        entries,
        &entries.first().map_or_else(|| id(0), |entry| entry.source_identity.id.as_str().into()),
    );
    (serde_json::from_str(&answer.key).unwrap(), serde_json::from_str(&answer.value).unwrap())
}

#[test]
fn on_demand_tells_of_all_objects_and_of_what_ended_it() {
    let (mut world, job) = (company(5), peakon_job());
    let run = Run { subjects: vec![id(0), id(1)], ..Run::default() };
    let report = cycle(&mut world, &job, &run);
    let (key, value) = on_demand_answer(&report, &world.store.log);
    assert_eq!(key["result"], "Success");
    assert_eq!(value["entries"].as_array().unwrap().len(), 3, "two people, and the manager of one");
    let changes = value["modifiedProperties"].as_array().unwrap();
    assert!(changes.iter().any(|change| change["displayName"].as_str().unwrap().ends_with(":manager")));
    world.target.script = vec![Some(Fault::Status(401))];
    let failed = cycle(&mut world, &job, &run);
    let (key, value) = on_demand_answer(&failed, &[]);
    assert_eq!((key["result"].as_str(), &value["entries"]), (Some("Failure"), &json!([])));
    assert_eq!(value["provisioningSteps"][0]["name"], "TestConnection");
    assert_eq!(value["provisioningSteps"][0]["status"], "failure");
    assert!(!key["details"]["errorMessage"].as_str().unwrap().is_empty());
}

#[test]
fn on_demand_provisions_one_person_and_says_everything() {
    let (mut world, job) = (company(5), peakon_job());
    let report = cycle(&mut world, &job, &Run { subjects: vec![id(2)], ..Run::default() });
    assert_eq!(world.target.accounts().len(), 1);
    assert_eq!(report.kind, CycleKind::OnDemand);
    let entry = log_of(&world, &id(2))[0];
    let steps: Vec<&str> = entry.provisioning_steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(
        steps,
        [
            "EntryImport",
            "EntrySynchronizationScoping",
            "EntryMatching",
            "EntrySynchronizationAdd",
            "EntryExportAdd"
        ]
    );
    let (key, value) = on_demand_answer(&report, &world.store.log);
    assert_eq!(key, json!({"result": "Success", "details": {"errorCode": "", "errorMessage": ""}}));
    assert_eq!(value["action"], "create");
    assert_eq!(value["provisioningSteps"][0]["status"], "success");
    assert_eq!(value["provisioningSteps"][3]["type"], "matching");
    let again = cycle(&mut world, &job, &Run { subjects: vec![id(2)], ..Run::default() });
    assert_eq!(again.counters.unchanged, 1);
    assert_eq!(code(log_of(&world, &id(2)).last().unwrap()), Some("RedundantExport"));
    let (key, _) = on_demand_answer(&again, &world.store.log[world.store.log.len() - 1..]);
    assert_eq!(key["result"], "Skipped");
    assert_eq!(world.store.watermark, None, "on demand moves no watermark");
}
