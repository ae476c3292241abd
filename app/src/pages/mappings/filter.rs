//! Scoping filters in a schema: groups of clauses, edited as the JSON that they are.

use super::schema;
use crate::api::scim::{object, text};
use serde_json::{Map, Value};

/// The scope of an object mapping; null when there is none.
pub(crate) fn scope(schema: &Value, at: usize) -> Value {
    let object = schema::objects(schema).get(at).copied();
    object.and_then(|object| object.get("scope")).cloned().unwrap_or_default()
}

/// Which filters of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Who is in scope.
    Scope,
    /// Who is looked at at all.
    Input,
}

impl Part {
    /// Its member of a scope.
    pub(crate) const fn member(self) -> &'static str {
        match self {
            Self::Scope => "groups",
            Self::Input => "inputFilterGroups",
        }
    }
}

/// Whether a scope leaves nobody out.
pub(crate) fn is_open(scope: &Value) -> bool {
    [Part::Scope, Part::Input].iter().all(|part| schema::list(scope, part.member()).is_empty())
}

/// The groups of an object mapping, to change; they are made when there are none.
pub(crate) fn groups_mut(schema: &mut Value, at: usize, part: Part) -> Option<&mut Vec<Value>> {
    let mapping = schema::object_mut(schema, at)?.as_object_mut()?;
    let scope = mapping.entry("scope").or_insert(Value::Null);
    if !scope.is_object() {
        *scope = Value::Object(Map::new());
    }
    let groups = scope.as_object_mut()?.entry(part.member()).or_insert(Value::Null);
    if !groups.is_array() {
        *groups = Vec::<Value>::new().into();
    }
    groups.as_array_mut()
}

/// The clauses of a group, to change.
pub(crate) fn clauses_mut(
    schema: &mut Value,
    at: usize,
    part: Part,
    group: usize,
) -> Option<&mut Vec<Value>> {
    let group = groups_mut(schema, at, part)?.get_mut(group)?.as_object_mut()?;
    let clauses = group.entry("clauses").or_insert(Value::Null);
    if !clauses.is_array() {
        *clauses = Vec::<Value>::new().into();
    }
    clauses.as_array_mut()
}

/// A clause as the form has it. Several values stand on lines of their own; one of them must fit.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Clause {
    pub(crate) attribute: String,
    pub(crate) operator: String,
    pub(crate) values: String,
}

impl Clause {
    pub(crate) fn of(clause: &Value) -> Self {
        let values = clause.get("targetOperand").map(|operand| schema::list(operand, "values"));
        let values = values.unwrap_or_default().iter().map(crate::api::scim::plain).collect::<Vec<_>>();
        Self {
            attribute: text(clause, &["sourceOperandName"]),
            operator: text(clause, &["operatorName"]),
            values: values.join("\n"),
        }
    }

    /// As the API takes it; an operator that compares with nothing has no value.
    pub(crate) fn to_value(&self, unary: bool) -> Value {
        let lines = self.values.split('\n').map(Value::from);
        let values: Vec<Value> = if unary { Vec::new() } else { lines.collect() };
        object([
            ("sourceOperandName", self.attribute.as_str().into()),
            ("operatorName", self.operator.as_str().into()),
            ("targetOperand", object([("values", values.into())])),
        ])
    }

    fn words(&self) -> String {
        let words = format!("{} {} {}", self.attribute, self.operator, self.values.replace('\n', ", "));
        words.trim_end().to_owned()
    }
}

/// A new group with one clause.
pub(crate) fn new_group(clause: &Clause) -> Value {
    object([("name", "".into()), ("clauses", vec![clause.to_value(false)].into())])
}

/// A group in one line.
pub(crate) fn words(group: &Value) -> String {
    let clauses = schema::list(group, "clauses").iter().map(|clause| Clause::of(clause).words());
    let clauses = clauses.collect::<Vec<_>>().join(" and ");
    let name = text(group, &["name"]);
    if name.is_empty() { clauses } else { format!("{name}: {clauses}") }
}

/// Source attributes that a filter can read, and their types: those of the schema, and the directory's own.
pub(crate) fn attributes(schema: &Value, at: usize, own: &[Value]) -> Vec<(String, String)> {
    let wanted = schema::objects(schema).get(at).map(|object| text(object, &["sourceObjectName"]));
    let wanted = wanted.unwrap_or_default();
    let directory = schema::list(schema, "directories").first();
    let objects = directory.map(|directory| schema::list(directory, "objects")).unwrap_or_default();
    let mut found = Vec::new();
    for object in objects.iter().filter(|object| text(object, &["name"]) == wanted) {
        for attribute in schema::list(object, "attributes") {
            let (name, kind) = (text(attribute, &["name"]), text(attribute, &["type"]));
            let several = attribute.get("multivalued").and_then(Value::as_bool).unwrap_or_default();
            let computed = matches!(name.as_str(), "IsSoftDeleted" | "appRoleAssignments");
            if !several && !computed && !matches!(kind.as_str(), "Reference" | "DateTime") {
                found.push((name, kind));
            }
        }
    }
    if wanted == "User" {
        let own = own.iter().map(|attribute| text(attribute, &["name"]));
        found.extend(
            own.filter(|name| name.starts_with("extension_")).map(|name| (name, "String".to_owned())),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema() -> Value {
        json!({
            "synchronizationRules": [{"objectMappings": [{"sourceObjectName": "User", "scope": null}]}],
            "directories": [{"objects": [{"name": "User", "attributes": [
                {"name": "department", "type": "String"}, {"name": "manager", "type": "Reference"},
                {"name": "otherMails", "type": "String", "multivalued": true},
                {"name": "IsSoftDeleted", "type": "Boolean"}
            ]}]}]
        })
    }

    #[test]
    fn groups_and_clauses_are_made_where_there_are_none() {
        let mut schema = schema();
        assert!(is_open(&scope(&schema, 0)));
        let clause =
            Clause { attribute: "a".to_owned(), operator: "EQUALS".to_owned(), values: "x\ny".to_owned() };
        groups_mut(&mut schema, 0, Part::Scope).unwrap().push(new_group(&clause));
        clauses_mut(&mut schema, 0, Part::Scope, 0).unwrap().push(clause.to_value(true));
        let filled = scope(&schema, 0);
        assert!(!is_open(&filled));
        let group = &filled["groups"][0];
        assert_eq!(Clause::of(&group["clauses"][0]), clause);
        assert_eq!(group["clauses"][1]["targetOperand"]["values"], json!([]));
        assert_eq!(words(group), "a EQUALS x, y and a EQUALS");
        groups_mut(&mut schema, 0, Part::Input).unwrap().push(new_group(&clause));
        assert_eq!(scope(&schema, 0)["inputFilterGroups"][0], new_group(&clause));
        assert!(clauses_mut(&mut schema, 0, Part::Scope, 1).is_none());
        assert!(groups_mut(&mut schema, 1, Part::Scope).is_none());
    }

    #[test]
    fn only_single_values_can_be_filtered() {
        let own = [json!({"name": "extension_cost"}), json!({"name": "Business Unit"})];
        let found = attributes(&schema(), 0, &own);
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["department", "extension_cost"]);
    }
}
