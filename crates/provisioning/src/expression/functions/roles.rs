//! App roles that the person holds.

use serde_json::{Value as Json, json};

use super::arguments::Arguments;
use super::{Function, Kind, Run, required};
use crate::expression::Value;

/// `type` of a role value, as the original service sends it.
const ROLE_TYPE: &str = "WindowsAzureActiveDirectoryRole";

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "AppRoleAssignmentsComplex",
        description: "All roles as complex values. Roles are added in the application, never removed.",
        parameters: &[required("appRoleAssignments", Kind::Complex)],
        repeats: 0,
        returns: Kind::Complex,
        example: "AppRoleAssignmentsComplex([appRoleAssignments])",
        run: Run::Values(complex),
        check: None,
    },
    Function {
        name: "AssertiveAppRoleAssignmentsComplex",
        description: "All roles as complex values. Roles that the person does not hold are removed in the application.",
        parameters: &[required("appRoleAssignments", Kind::Complex)],
        repeats: 0,
        returns: Kind::Complex,
        example: "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])",
        run: Run::Values(complex),
        check: None,
    },
    Function {
        name: "SingleAppRoleAssignment",
        description: "One role; which one is not defined when the person holds several.",
        parameters: &[required("appRoleAssignments", Kind::Complex)],
        repeats: 0,
        returns: Kind::String,
        example: "SingleAppRoleAssignment([appRoleAssignments]) → Admin",
        run: Run::Values(single),
        check: None,
    },
];

fn roles<'a>(arguments: &'a Arguments<'_>) -> &'a [Json] {
    match arguments.value(0) {
        Value::Objects(items) => items,
        _ => &[],
    }
}

fn text(role: &Json, member: &str) -> String {
    role.get(member).and_then(Json::as_str).unwrap_or_default().to_owned()
}

fn complex(arguments: &Arguments<'_>) -> Result<Value, String> {
    let values: Vec<Json> = roles(arguments)
        .iter()
        .map(|role| {
            let (value, display) = (text(role, "value"), text(role, "displayName"));
            json!({"primary": false, "type": ROLE_TYPE, "display": display, "value": value})
        })
        .collect();
    Ok(if values.is_empty() { Value::Null } else { Value::Objects(values) })
}

fn single(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(roles(arguments).first().map_or(Value::Null, |role| Value::Text(text(role, "value"))))
}
