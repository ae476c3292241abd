use serde_json::{Value as Json, json};

use super::*;
use crate::template;

/// Peakon's default schema as JSON.
fn peakon() -> Json {
    serde_json::to_value(template::search("peakon").remove(0).schema).unwrap()
}

/// Problems of the schema after a change of its JSON, as `path: message`.
fn problems(change: impl FnOnce(&mut Json)) -> Vec<String> {
    let mut json = peakon();
    change(&mut json);
    let schema: SynchronizationSchema = serde_json::from_value(json).unwrap();
    let problems = validate(&schema);
    let failed = problems.iter().any(|problem| problem.severity == Severity::Error);
    assert_eq!(compile(&schema).is_err(), failed, "a schema without errors compiles");
    problems.into_iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect()
}

const MAPPINGS: &str = "/synchronizationRules/0/objectMappings/0/attributeMappings";

fn at<'a>(json: &'a mut Json, path: &str) -> &'a mut Json {
    json.pointer_mut(path).unwrap()
}

#[track_caller]
fn check(change: impl FnOnce(&mut Json), expected: &[&str]) {
    let found = problems(change);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        let found = found.replace("synchronizationRules[0].objectMappings[0].", "…");
        assert!(found.starts_with(expected), "{found}");
    }
}

#[test]
fn validate_names_the_place_of_every_problem() {
    let mapping = |index: usize| format!("{MAPPINGS}/{index}");
    check(|_| {}, &[]);
    check(
        |json| at(json, &mapping(2))["source"] = json!({"expression": "Nope([x])"}),
        &["…attributeMappings[2].source.expression: there is no function Nope"],
    );
    check(|json| at(json, &mapping(2))["source"] = json!({"expression": "[givenname]"}), &[]);
    check(
        |json| at(json, &mapping(2))["source"] = json!({"expression": "[nickname]"}),
        &[
            "…attributeMappings[2].source.expression: the source has no attribute nickname; it counts as empty",
        ],
    );
    check(|json| at(json, &mapping(2))["source"] = json!({"expression": "[extension_a_b]"}), &[]);
    check(
        |json| at(json, &mapping(2))["targetAttributeName"] = json!("name."),
        &[
            "…attributeMappings[2].targetAttributeName: \"name.\" is not an attribute path: expected an attribute name",
        ],
    );
    check(
        |json| at(json, &mapping(2))["targetAttributeName"] = json!("shoeSize"),
        &["…attributeMappings[2].targetAttributeName: the target's attribute list has no shoeSize"],
    );
    check(
        |json| at(json, &mapping(2))["targetAttributeName"] = json!("name.familyName"),
        &["…attributeMappings[3].targetAttributeName: name.familyName is mapped twice"],
    );
    check(
        |json| at(json, &mapping(2))["targetAttributeName"] = json!("id"),
        &["…attributeMappings[2].targetAttributeName: id is set by the target"],
    );
    check(
        |json| at(json, &mapping(0))["matchingPriority"] = json!(0),
        &["…attributeMappings: no matching attribute"],
    );
    check(
        |json| at(json, &mapping(0))["targetAttributeName"] = json!("title"),
        &["…attributeMappings: the target requires userName"],
    );
    check(
        |json| at(json, &mapping(1))["source"] = json!({"expression": "\"yes\""}),
        &[
            "…attributeMappings[1].source.expression: \"yes\" is not True or False",
            "…attributeMappings: no mapping reads IsSoftDeleted",
        ],
    );
    check(
        |json| at(json, &mapping(1))["defaultValue"] = json!("maybe"),
        &["…attributeMappings[1].defaultValue: \"maybe\" is not True or False"],
    );
    check(
        |json| at(json, &mapping(2))["source"] = json!({"expression": "Split([surname], \",\")"}),
        &["…attributeMappings[2].source.expression: Split gives several values, name.givenName takes one"],
    );
    check(
        |json| at(json, &mapping(2))["source"] = json!({"expression": "[proxyAddresses]"}),
        &["…attributeMappings[2].source.expression: proxyAddresses holds several values"],
    );
    check(
        |json| at(json, &mapping(6))["source"] = json!({"expression": "ToLower([manager])"}),
        &[
            "…attributeMappings[6].source.expression: urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager refers to another object",
        ],
    );
    check(
        |json| at(json, &mapping(6))["matchingPriority"] = json!(2),
        &["…attributeMappings[6].matchingPriority: accounts cannot be matched by"],
    );
    check(
        |json| at(json, &mapping(0))["source"] = json!({"expression": "Guid()"}),
        &["…attributeMappings[0].matchingPriority: a matching value must be the same in every cycle"],
    );
    check(
        |json| *at(json, "/synchronizationRules/0/objectMappings/0/enabled") = json!(false),
        &["synchronizationRules: no object mapping is enabled"],
    );
    check(
        |json| *at(json, "/synchronizationRules/0/targetDirectoryName") = json!("Nowhere"),
        &[
            "synchronizationRules[0].targetDirectoryName: there is no directory named \"Nowhere\"",
            "synchronizationRules: no object mapping is enabled",
        ],
    );
}

#[test]
fn validate_checks_scoping_filters() {
    let filter = |clause: Json| {
        move |json: &mut Json| {
            *at(json, "/synchronizationRules/0/objectMappings/0/scope") =
                json!({"groups": [{"name": "f", "clauses": [clause]}]});
        }
    };
    let clause = |attribute: &str, operator: &str, values: &[&str]| json!({"sourceOperandName": attribute, "operatorName": operator, "targetOperand": {"values": values}});
    check(filter(clause("department", "EQUALS", &["Sales"])), &[]);
    for (attribute, operator, values, problem) in [
        ("department", "LIKE", vec!["x"], "operatorName: there is no operator \"LIKE\""),
        ("department", "EQUALS", vec![], "targetOperand: EQUALS takes a value"),
        ("department", "IS NULL", vec!["x"], "targetOperand: IS NULL takes no value"),
        ("department", "REGEX MATCH", vec!["("], "targetOperand: the regular expression cannot be used"),
        ("department", "Greater_Than", vec!["x"], "targetOperand: \"x\" is not a whole number"),
        ("nickname", "EQUALS", vec!["x"], "sourceOperandName: the source has no attribute \"nickname\""),
        ("manager", "EQUALS", vec!["x"], "sourceOperandName: manager is a reference"),
        ("employeeHireDate", "EQUALS", vec!["x"], "sourceOperandName: employeeHireDate is a date"),
        ("proxyAddresses", "EQUALS", vec!["x"], "sourceOperandName: proxyAddresses holds several values"),
        ("IsSoftDeleted", "IS TRUE", vec![], "sourceOperandName: IsSoftDeleted is computed"),
    ] {
        let expected = format!("…scope.groups[0].clauses[0].{problem}");
        check(filter(clause(attribute, operator, &values)), &[&expected]);
    }
}

#[test]
fn graphs_nulls_and_unknown_members_are_read() {
    let schema: SynchronizationSchema = serde_json::from_value(json!({
        "id": "x", "version": null, "provisioningTaskIdentifier": "unknown to us",
        "directories": null,
        "synchronizationRules": [{
            "id": "r", "name": "n", "priority": 1, "editable": null, "metadata": null,
            "sourceDirectoryName": "a", "targetDirectoryName": "b",
            "objectMappings": [{
                "name": null, "enabled": true, "flowTypes": "Add, Update", "metadata": [],
                "sourceObjectName": "User", "targetObjectName": "User", "scope": null,
                "attributeMappings": [{
                    "defaultValue": null, "exportMissingReferences": false, "flowBehavior": "FlowWhenChanged",
                    "flowType": "Always", "matchingPriority": 0, "targetAttributeName": "title", "source": null
                }]
            }]
        }]
    }))
    .unwrap();
    let mapping = &schema.synchronization_rules[0].object_mappings[0];
    assert!(!mapping.flow_types.delete);
    assert_eq!(mapping.attribute_mappings[0].source, None);
    assert_eq!(filter_operators().len(), 14);
}

#[test]
fn source_attributes_are_those_that_are_read() {
    let compiled = compile(&template::search("peakon").remove(0).schema).unwrap();
    assert_eq!(
        source_attributes(&compiled, ObjectType::User),
        ["department", "employeeId", "givenName", "manager", "surname", "userPrincipalName"]
    );
    assert!(source_attributes(&compiled, ObjectType::Group).is_empty());
}
