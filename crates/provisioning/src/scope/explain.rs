//! Why a filter holds for an object or not: every clause with its result and the value that it saw.

use serde_json::{Map, Value as Json};

use super::CompiledFilter;
use crate::expression::Value;

/// One clause and what it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClauseResult {
    /// Member of the filter that the group stands in: `groups` or `inputFilterGroups`.
    pub member: &'static str,
    /// Place of the group in that member.
    pub group: usize,
    /// Title of the group.
    pub name: String,
    /// The clause for people: `department EQUALS Sales`.
    pub clause: String,
    /// Whether it holds.
    pub result: bool,
    /// The object's value as text; none when it has none.
    pub value: Option<String>,
}

/// Every clause of a filter, in order. `attributes` are the object's source attributes.
pub fn explain(filter: &CompiledFilter, attributes: &Map<String, Json>) -> Vec<ClauseResult> {
    let mut results = Vec::new();
    for (member, groups) in [("groups", &filter.groups), ("inputFilterGroups", &filter.input_groups)] {
        for (index, group) in groups.iter().enumerate() {
            results.extend(group.clauses.iter().map(|clause| {
                ClauseResult {
                    member,
                    group: index,
                    name: group.name.clone(),
                    clause: clause.describe(),
                    result: clause.holds(attributes),
                    value: attributes
                        .get(&clause.attribute)
                        .map(Value::from_json)
                        .filter(|value| !value.is_empty())
                        .and_then(|value| value.as_text()),
                }
            }));
        }
    }
    results
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{Filter, source_directory};
    use crate::scope::compile;

    #[test]
    fn every_clause_is_told_with_the_value_that_it_saw() {
        let clause = |name: &str, operator: &str, value: &str| json!({"sourceOperandName": name, "operatorName": operator, "targetOperand": {"values": [value]}});
        let filter: Filter = serde_json::from_value(json!({
            "groups": [
                {"name": "Sales", "clauses": [
                    clause("department", "EQUALS", "Sales"), clause("city", "EQUALS", "Oslo")
                ]},
                {"name": "", "clauses": [clause("accountEnabled", "IS TRUE", "")]}
            ],
            "inputFilterGroups": [{"name": "In", "clauses": [clause("mail", "IS NULL", "")]}]
        }))
        .unwrap();
        let directory = source_directory("source");
        let compiled = compile(&filter, directory.object("User").unwrap(), |at, why| panic!("{at}: {why}"));
        let attributes = json!({"department": "Sales", "accountEnabled": false, "mail": ""});
        let told = explain(&compiled, attributes.as_object().unwrap());
        let told: Vec<_> = told
            .iter()
            .map(|one| (one.member, one.group, one.clause.as_str(), one.result, one.value.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("groups", 0, "department EQUALS Sales", true, Some("Sales")),
                ("groups", 0, "city EQUALS Oslo", false, None),
                ("groups", 1, "accountEnabled IS TRUE", false, Some("False")),
                ("inputFilterGroups", 0, "mail IS NULL", true, None),
            ]
        );
    }
}
