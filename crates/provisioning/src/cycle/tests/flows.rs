//! What the mappings' switches do, seen from the target.

use super::*;
use crate::schema::{AttributeMapping, FlowType, MappingSource, SynchronizationSchema};
use crate::simulate::Fault;

/// A mapping for the generic SCIM template, which knows more attributes than Peakon's.
pub(super) fn map(target: &str, expression: &str) -> AttributeMapping {
    AttributeMapping {
        target_attribute_name: target.to_owned(),
        source: Some(MappingSource { expression: expression.to_owned(), ..MappingSource::default() }),
        ..AttributeMapping::default()
    }
}

/// A job whose schema has these mappings and the matching one.
pub(super) fn scim_job(mappings: Vec<AttributeMapping>) -> Job {
    let template = scim();
    let mut schema: SynchronizationSchema = template.schema.clone();
    let matching = AttributeMapping { matching_priority: 1, ..map("userName", "[userPrincipalName]") };
    let active = map("active", "Not([IsSoftDeleted])");
    schema.synchronization_rules[0].object_mappings[0].attribute_mappings =
        [vec![matching, active], mappings].concat();
    let mut job = job(template, &schema).unwrap();
    job.settings.sync_all = true;
    job
}

/// One person, who is changed, and the account after the first and the second cycle.
fn twice(job: &Job, change: impl FnOnce(&mut serde_json::Map<String, Json>)) -> (Json, Json) {
    let mut world = company(1);
    clean(&mut world, job);
    let first = account(&world, &id(0)).clone();
    world.directory.change(&id(0), |person| change(&mut person.attributes));
    clean(&mut world, job);
    (first, account(&world, &id(0)).clone())
}

#[test]
fn only_on_creation_is_not_updated() {
    let mapping = AttributeMapping { flow_type: FlowType::ObjectAddOnly, ..map("title", "[department]") };
    let (first, second) = twice(&scim_job(vec![mapping]), |attributes| {
        attributes.insert("department".to_owned(), json!("Legal"));
    });
    assert_eq!((&first["title"], &second["title"]), (&json!("Sales"), &json!("Sales")));
}

#[test]
fn default_value_is_written_on_creation_only() {
    let mapping = AttributeMapping { default_value: Some("none".to_owned()), ..map("title", "[jobTitle]") };
    let (first, second) = twice(&scim_job(vec![mapping.clone()]), |attributes| {
        attributes.insert("jobTitle".to_owned(), json!("Engineer"));
    });
    assert_eq!((&first["title"], &second["title"]), (&json!("none"), &json!("Engineer")));
    let constant = AttributeMapping { source: None, ..mapping };
    let (first, _) = twice(&scim_job(vec![constant]), |_| {});
    assert_eq!(first["title"], "none");
}

#[test]
fn null_leaves_the_target_alone_unless_it_is_to_clear() {
    let plain = map("title", "[department]");
    let (_, second) = twice(&scim_job(vec![plain.clone()]), |attributes| {
        attributes.remove("department");
    });
    assert_eq!(second["title"], "Sales");
    let clearing = AttributeMapping { clear_on_null: true, ..plain };
    let (_, second) = twice(&scim_job(vec![clearing]), |attributes| {
        attributes.remove("department");
    });
    assert!(second.get("title").is_none());
    let ignoring = AttributeMapping {
        clear_on_null: true,
        default_value: Some("none".to_owned()),
        ..map("title", "IgnoreFlowIfNullOrEmpty([jobTitle])")
    };
    let (first, _) = twice(&scim_job(vec![ignoring]), |_| {});
    assert!(first.get("title").is_none(), "not even the default value");
}

#[test]
fn roles_are_added_or_asserted() {
    let roles = |function: &str| {
        let mut job = scim_job(vec![map("roles", &format!("{function}([appRoleAssignments])"))]);
        job.settings.sync_all = false;
        let admin = crate::template::AppRole {
            value: Some("Admin".to_owned()),
            id: "admin".to_owned(),
            ..job.roles[1].clone()
        };
        job.roles.push(admin);
        let user = job.roles[1].id.clone();
        let mut world = company(1);
        world.directory.assign(&id(0), "admin");
        clean(&mut world, &job);
        world.directory.assign(&id(0), &user);
        clean(&mut world, &job);
        let account = account(&world, &id(0));
        let values: Vec<String> = account["roles"]
            .as_array()
            .unwrap()
            .iter()
            .map(|role| role["value"].as_str().unwrap().to_owned())
            .collect();
        clean(&mut world, &job);
        assert_eq!(world.target.writes(), 0);
        values.join(",")
    };
    assert_eq!(roles("AppRoleAssignmentsComplex"), "Admin,User");
    assert_eq!(roles("AssertiveAppRoleAssignmentsComplex"), "User");
}

#[test]
fn missing_required_value_fails_with_its_code() {
    let mut schema = scim().schema.clone();
    let target = &mut schema.directories[1].objects[0];
    target.attributes.iter_mut().find(|attribute| attribute.name == "title").unwrap().required = true;
    let mut job = job(scim(), &schema).unwrap();
    job.settings.sync_all = true;
    let mut world = company(1);
    cycle(&mut world, &job, &Run::default());
    let entry = log_of(&world, &id(0))[0];
    assert_eq!(
        (verdict(entry), code(entry)),
        ((Action::Create, Status::Failure), Some("MandatoryFieldsMissing"))
    );
    assert_eq!(world.target.writes(), 0);
}

#[test]
fn value_of_the_wrong_type_is_a_warning_and_the_rest_flows() {
    let job = scim_job(vec![map("title", "CDate([department])"), map("nickName", "[givenName]")]);
    let mut world = company(1);
    let report = cycle(&mut world, &job, &Run::default());
    assert_eq!(report.result, CycleResult::Succeeded);
    let entry = log_of(&world, &id(0))[0];
    assert_eq!((verdict(entry), code(entry)), ((Action::Create, Status::Warning), Some("ExpressionFailed")));
    assert_eq!(account(&world, &id(0))["nickName"], "Zoë");
    assert!(world.store.escrows.is_empty());
}

#[test]
fn redacted_values_reach_the_target_and_not_the_log() {
    let job = scim_job(vec![map("nickName", "Redact([employeeId])")]);
    let mut world = company(1);
    world.directory.change(&id(0), |person| {
        person.attributes.insert("employeeId".to_owned(), json!("secret-0815"));
    });
    clean(&mut world, &job);
    assert_eq!(account(&world, &id(0))["nickName"], "secret-0815");
    assert!(!serde_json::to_string(&world.store.log).unwrap().contains("0815"));
}

/// A plan's items hold the writes that the cycle right after it sends, but for values that must not be shown.
#[test]
fn plan_tells_the_requests_that_the_cycle_sends() {
    let job = scim_job(vec![map("nickName", "Redact([employeeId])")]);
    let mut world = company(3);
    for round in 0..2 {
        for number in 0..3 {
            world.directory.change(&id(number), |person| {
                person.attributes.insert("employeeId".to_owned(), json!(format!("0815-{round}-{number}")));
                person.attributes.remove("manager");
            });
        }
        let Outcome::Finished(_, planned) = world.run(&job, &Run { plan: true, ..Run::default() }) else {
            panic!("the plan does not end")
        };
        assert!(!serde_json::to_string(&planned).unwrap().contains("0815"));
        let mut told: Vec<String> = planned
            .iter()
            .flat_map(|entry| &entry.provisioning_steps)
            .filter(|step| step.details.contains_key("RequestMethod"))
            .map(|step| {
                let part = |name: &str| step.details.get(name).cloned().unwrap_or_default();
                format!("{} {} {}", part("RequestMethod"), part("RequestPath"), part("RequestBody"))
            })
            .collect();
        clean(&mut world, &job);
        let mut sent: Vec<String> = world
            .target
            .requests
            .iter()
            .filter(|request| request.is_write())
            .map(|request| {
                let body = (0..3).fold(request.body_text(), |body, number| {
                    body.replace(&format!("0815-{round}-{number}"), "[Redact]")
                });
                format!("{} {} {body}", request.method.as_str(), request.path_and_query)
            })
            .collect();
        told.sort();
        sent.sort();
        assert_eq!(told, sent, "round {round}");
        assert_eq!(told.len(), 3);
    }
}

#[test]
fn unique_value_takes_the_next_rule_when_the_target_refuses() {
    let unique = "SelectUniqueValue([givenName], Join(\".\", [givenName], [surname]))";
    let mapping = AttributeMapping { flow_type: FlowType::ObjectAddOnly, ..map("nickName", unique) };
    let job = scim_job(vec![mapping]);
    let mut world = company(1);
    world.target.script = vec![None, None, Some(Fault::Status(409)), None, None];
    clean(&mut world, &job);
    assert_eq!(account(&world, &id(0))["nickName"], "Zoë.O'Neil-0");
    assert_eq!(requests(&world), ["GET /Users?", "GET /Users?", "POST /Users", "GET /Users?", "POST /Users"]);
}

#[test]
fn second_matching_attribute_is_tried_when_the_first_finds_nobody() {
    let by_id = AttributeMapping { matching_priority: 2, ..map("externalId", "[employeeId]") };
    let job = scim_job(vec![by_id]);
    let mut world = company(1);
    let existing = world.target.add(json!({"userName": "old@contoso.example", "externalId": "0"}));
    clean(&mut world, &job);
    assert_eq!(world.store.links[&id(0)].target_id.as_str(), existing);
    assert_eq!(account(&world, &id(0))["userName"], "p0@contoso.example");
    assert_eq!(requests(&world), ["GET /Users?", "GET /Users?", "GET /Users?", "PATCH /Users/t1"]);
}

#[test]
fn unticked_create_takes_over_but_creates_nobody() {
    let mut schema = peakon().schema.clone();
    schema.synchronization_rules[0].object_mappings[0].flow_types.add = false;
    let (mut world, job) = (company(2), job(peakon(), &schema).unwrap());
    world.target.add(json!({"userName": "p0@contoso.example"}));
    clean(&mut world, &job);
    assert_eq!(world.target.accounts().len(), 1);
    assert_eq!(world.store.links.len(), 1);
    assert_eq!(code(log_of(&world, &id(1))[0]), Some("ActionDisabled"));
}

#[test]
fn peakons_own_attribute_with_spaces_flows() {
    let mut schema = peakon().schema.clone();
    let target = "urn:ietf:params:scim:schemas:extension:peakon:2.0:User:Business Unit";
    schema.synchronization_rules[0].object_mappings[0].attribute_mappings.push(map(target, "[department]"));
    let (mut world, job) = (company(1), job(peakon(), &schema).unwrap());
    clean(&mut world, &job);
    let pointer = "/urn:ietf:params:scim:schemas:extension:peakon:2.0:User/Business Unit";
    assert_eq!(account(&world, &id(0)).pointer(pointer), Some(&json!("Sales")));
    world.directory.change(&id(0), |person| {
        person.attributes.insert("department".to_owned(), json!("Legal"));
    });
    clean(&mut world, &job);
    assert_eq!(account(&world, &id(0)).pointer(pointer), Some(&json!("Legal")));
    let patch = world.target.requests.iter().find(|request| request.is_write()).unwrap();
    assert_eq!(patch.body.as_ref().unwrap()["Operations"][1]["path"], target);
}
