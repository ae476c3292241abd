//! A person as the test input of an expression.

use crate::api::scim::{self, ENTERPRISE};
use serde_json::{Value, json};

/// Source attributes and where a person has them.
const PATHS: &[(&str, &[&str])] = &[
    ("objectId", &["id"]),
    ("userPrincipalName", &["userName"]),
    ("displayName", &["displayName"]),
    ("givenName", &["name", "givenName"]),
    ("surname", &["name", "familyName"]),
    ("jobTitle", &["title"]),
    ("department", &[ENTERPRISE, "department"]),
    ("companyName", &[ENTERPRISE, "organization"]),
    ("employeeId", &[ENTERPRISE, "employeeNumber"]),
    ("preferredLanguage", &["preferredLanguage"]),
    ("accountEnabled", &["active"]),
];

/// `testInputObject` of `parseExpression` for a person.
pub(crate) fn test_input(person: &Value) -> Value {
    let mut properties: Vec<Value> = PATHS
        .iter()
        .map(|(name, path)| (*name, scim::text(person, path)))
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| json!({ "key": name, "value": value }))
        .collect();
    if let Some(mail) = scim::typed(person, "emails", "work") {
        properties.push(json!({ "key": "mail", "value": scim::text(mail, &["value"]) }));
    }
    properties.push(json!({ "key": "IsSoftDeleted", "value": "False" }));
    json!({ "properties": properties })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_becomes_source_attributes() {
        let person = json!({"userName": "a@x", "active": true, "emails": [{"type": "work", "value": "m@x"}]});
        assert_eq!(
            test_input(&person),
            json!({"properties": [
                {"key": "userPrincipalName", "value": "a@x"},
                {"key": "accountEnabled", "value": "true"},
                {"key": "mail", "value": "m@x"},
                {"key": "IsSoftDeleted", "value": "False"}
            ]})
        );
    }
}
