use serde_json::json;

use super::super::Cell;
use super::*;

fn row(attributes: &[(&str, &str)]) -> Row {
    Row {
        line: 2,
        user_name: "Ada@contoso.com".to_owned(),
        attributes: attributes
            .iter()
            .map(|(name, value)| {
                ((*name).to_owned(), Some((*value).to_owned()).filter(|value| !value.is_empty()))
            })
            .collect(),
        manager: Cell::Absent,
        groups: Cell::Absent,
    }
}

fn stored() -> Value {
    let Outcome::Created(mut resource) =
        apply_row(None, &row(&[("displayName", "Ada"), ("mail", "a@x"), ("city", "London")])).unwrap()
    else {
        panic!("a person without a resource is created")
    };
    resource["id"] = json!("1");
    resource["meta"] = json!({"resourceType": "User"});
    resource
}

#[track_caller]
fn check(attributes: &[(&str, &str)], expected: &[(&str, Value, Value)]) {
    let before = stored();
    let outcome = apply_row(Some(&before), &row(attributes)).unwrap();
    let Outcome::Updated { resource, changed } = outcome else {
        assert_eq!((outcome, expected), (Outcome::Unchanged, [].as_slice()));
        return;
    };
    let null = |value: Option<Value>| value.unwrap_or_default();
    let found: Vec<_> =
        changed.into_iter().map(|change| (change.attribute, null(change.old), null(change.new))).collect();
    let expected: Vec<_> =
        expected.iter().map(|(name, old, new)| ((*name).to_owned(), old.clone(), new.clone())).collect();
    assert_eq!(found, expected);
    assert_eq!((&resource["id"], &resource["meta"]), (&before["id"], &before["meta"]));
    assert_eq!(apply_row(Some(&resource), &row(attributes)).unwrap(), Outcome::Unchanged);
}

#[test]
fn a_new_person() {
    let outcome = apply_row(None, &row(&[("displayName", "Ada"), ("mail", ""), ("accountEnabled", "false")]));
    let expected = json!({
        "schemas": [attributes::USER], "userName": "Ada@contoso.com", "active": false, "displayName": "Ada",
    });
    assert_eq!(outcome, Ok(Outcome::Created(expected)));
}

#[test]
fn absent_columns_leave_alone_and_empty_cells_clear() {
    check(&[], &[]);
    check(&[("displayName", "Ada"), ("mail", "a@x")], &[]);
    check(&[("mail", "b@x")], &[("mail", json!("a@x"), json!("b@x"))]);
    check(&[("mail", "")], &[("mail", json!("a@x"), Value::Null)]);
    check(&[("jobTitle", "")], &[]);
    check(
        &[("jobTitle", "Countess"), ("city", "")],
        &[("jobTitle", Value::Null, json!("Countess")), ("city", json!("London"), Value::Null)],
    );
    check(&[("accountEnabled", "true")], &[]);
    check(&[("accountEnabled", "false")], &[("accountEnabled", json!(true), json!(false))]);
    check(&[("extension_x", "1")], &[("extension_x", Value::Null, json!("1"))]);
}

#[test]
fn the_spelling_of_the_name_follows_the_file() {
    let mut before = stored();
    before["userName"] = json!("ada@contoso.com");
    let Outcome::Updated { changed, .. } = apply_row(Some(&before), &row(&[])).unwrap() else {
        panic!("the spelling is different")
    };
    assert_eq!(changed[0].attribute, "userPrincipalName");
}

#[test]
fn managers_are_set_and_cleared() {
    let before = stored();
    assert_eq!(apply_manager(&before, None), Ok(Outcome::Unchanged));
    let Ok(Outcome::Updated { resource, changed }) = apply_manager(&before, Some("7")) else {
        panic!("the manager is new")
    };
    assert_eq!(changed[0].new, Some(json!("7")));
    assert_eq!(apply_manager(&resource, Some("7")), Ok(Outcome::Unchanged));
    let Ok(Outcome::Updated { resource, .. }) = apply_manager(&resource, None) else {
        panic!("the manager goes")
    };
    assert_eq!(resource, before);
}
