use serde_json::{Map, Value as Json, json};

use super::*;
use crate::cycle::{Assignment, SourceEntry, SourceObject};
use crate::id::{DEFAULT_ACCESS, SourceId};
use crate::job::Job;
use crate::schema::{FilterClause, FilterOperand};
use crate::simulate::job;
use crate::template;

fn clause(attribute: &str, operator: &str, values: &[&str]) -> CompiledClause {
    let clause = FilterClause {
        operator_name: operator.to_owned(),
        source_operand_name: attribute.to_owned(),
        target_operand: FilterOperand { values: values.iter().map(|value| (*value).to_owned()).collect() },
    };
    CompiledClause::compile(&clause).unwrap()
}

fn person() -> Map<String, Json> {
    json!({"department": "Sales", "empty": "", "employeeId": "120", "level": 6, "accountEnabled": true, "mail": "a@domain.com"})
        .as_object()
        .unwrap()
        .clone()
}

#[test]
fn every_operator() {
    for (attribute, operator, values, holds) in [
        ("department", "EQUALS", vec!["Sales"], true),
        ("department", "EQUALS", vec!["sales"], false),
        ("department", "EQUALS", vec!["x", "Sales"], true),
        ("nothing", "EQUALS", vec![""], false),
        ("department", "NOT EQUALS", vec!["sales"], true),
        ("department", "NOT EQUALS", vec!["x", "Sales"], false),
        ("nothing", "NOT EQUALS", vec!["x"], false),
        ("accountEnabled", "IS TRUE", vec![], true),
        ("accountEnabled", "IS FALSE", vec![], false),
        ("nothing", "IS FALSE", vec![], false),
        ("nothing", "IS NULL", vec![], true),
        ("empty", "IS NULL", vec![], true),
        ("department", "IS NULL", vec![], false),
        ("department", "IS NOT NULL", vec![], true),
        ("empty", "IS NOT NULL", vec![], false),
        ("employeeId", "REGEX MATCH", vec!["([1-9][0-9])"], false),
        ("employeeId", "REGEX MATCH", vec!["([1-9][0-9]{2})"], true),
        ("mail", "REGEX MATCH", vec![".*\\@domain.com"], true),
        ("department", "REGEX MATCH", vec!["sales"], false),
        ("nothing", "REGEX MATCH", vec![".*"], false),
        ("department", "NOT REGEX MATCH", vec!["S.*"], false),
        ("department", "NOT REGEX MATCH", vec!["x"], true),
        ("nothing", "NOT REGEX MATCH", vec!["x"], false),
        ("employeeId", "Greater_Than", vec!["119"], true),
        ("level", "Greater_Than", vec!["6"], false),
        ("level", "Greater_Than_OR_EQUALS", vec!["6"], true),
        ("department", "Greater_Than", vec!["1"], false),
        ("department", "Includes", vec!["ale"], true),
        ("department", "Includes", vec!["ALE"], false),
        ("department", "ENDS_WITH", vec!["es"], true),
        ("level", "&", vec!["4"], true),
        ("level", "&", vec!["1"], false),
        ("level", "!&", vec!["1"], true),
        ("nothing", "!&", vec!["1"], false),
        ("department", "equals", vec!["Sales"], true),
        ("department", "ENDS WITH", vec!["es"], true),
    ] {
        assert_eq!(
            clause(attribute, operator, &values).holds(&person()),
            holds,
            "{attribute} {operator} {values:?}"
        );
    }
}

#[test]
fn clauses_are_anded_and_groups_ored() {
    let group = |clauses: Vec<CompiledClause>| CompiledGroup { name: "g".to_owned(), clauses };
    let yes = || clause("department", "EQUALS", &["Sales"]);
    let no = || clause("department", "EQUALS", &["x"]);
    let passes = |groups| CompiledFilter { groups, input_groups: Vec::new() }.passes(&person());
    assert!(passes(vec![]));
    assert!(passes(vec![group(vec![yes(), yes()])]));
    assert!(!passes(vec![group(vec![yes(), no()])]));
    assert!(passes(vec![group(vec![no()]), group(vec![yes()])]));
}

fn peakon() -> Job {
    let template = template::search("peakon").remove(0);
    job(&template, &template.schema).unwrap()
}

fn decision(job: &Job, roles: &[&str], change: impl FnOnce(&mut SourceObject)) -> ScopeDecision {
    let assignments = roles
        .iter()
        .map(|role| Assignment {
            role_id: (*role).to_owned(),
            principal_id: SourceId::from("p"),
            via_group: None,
        })
        .collect();
    let mut object = SourceObject { attributes: person(), account_enabled: true, ..SourceObject::default() };
    change(&mut object);
    let entry = SourceEntry { assignments, ..SourceEntry::default() };
    decide(&entry, &object, &object.attributes, &job.schema.mappings[0], job)
}

#[test]
fn decision_table() {
    let mut job = peakon();
    let user = job.roles[1].id.clone();
    let broken = "11111111-1111-1111-1111-111111111111";
    for (roles, failure) in [
        (vec![user.as_str()], None),
        (vec![], Some(ScopeFailure::NotAssigned)),
        (vec![DEFAULT_ACCESS], Some(ScopeFailure::NotEntitled)),
        (vec![broken], Some(ScopeFailure::NotEntitled)),
        (vec![DEFAULT_ACCESS, user.as_str()], None),
    ] {
        assert_eq!(decision(&job, &roles, |_| {}).failure, failure, "{roles:?}");
    }
    let roles = [user.as_str()];
    assert_eq!(decision(&job, &roles, |o| o.account_enabled = false).failure, Some(ScopeFailure::NotActive));
    assert_eq!(decision(&job, &roles, |o| o.soft_deleted = true).failure, Some(ScopeFailure::NotActive));
    job.schema.mappings[0].scope.groups = vec![CompiledGroup {
        name: "Marketing".to_owned(),
        clauses: vec![clause("department", "EQUALS", &["Marketing"])],
    }];
    let filtered = decision(&job, &roles, |_| {});
    assert_eq!(filtered.failure, Some(ScopeFailure::FilteredOut));
    assert!(filtered.is_soft_deleted() && filtered.active && !filtered.in_scope);
    for (key, value) in [
        ("IsActive", "True"),
        ("Assigned", "True"),
        ("IsEffectivelyEntitledForProvisioning", "True"),
        ("ScopeEvaluationResult", "False"),
        ("Marketing department EQUALS Marketing", "False"),
    ] {
        assert_eq!(filtered.details.get(key).map(String::as_str), Some(value), "{key}");
    }
    job.schema.mappings[0].scope.groups.clear();
    job.settings.sync_all = true;
    assert_eq!(decision(&job, &[], |_| {}).failure, None);
    job.settings.sync_all = false;
    job.excludes_default_access = false;
    assert_eq!(decision(&job, &[DEFAULT_ACCESS], |_| {}).failure, None);
}
