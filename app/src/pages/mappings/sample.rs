//! A person as the test input of an expression.

use crate::api::scim::{self, ENTERPRISE};
use serde_json::Value;

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
    let property = |key: &str, value: String| scim::object([("key", key.into()), ("value", value.into())]);
    let mut properties: Vec<Value> = PATHS
        .iter()
        .map(|(name, path)| (*name, scim::text(person, path)))
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| property(name, value))
        .collect();
    if let Some(mail) = scim::typed(person, "emails", "work") {
        properties.push(property("mail", scim::text(mail, &["value"])));
    }
    properties.push(property("IsSoftDeleted", "False".to_owned()));
    scim::object([("properties", properties.into())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
