use serde_json::{Value, json};

use super::*;
use crate::error::ScimError;
use crate::resource::ResourceType;
use crate::schema::{CustomAttribute, CustomExtension, CustomType, SchemaSet};
use crate::urn;

fn schemas() -> SchemaSet {
    let custom = |name, kind| CustomAttribute::new(name, kind).unwrap();
    SchemaSet::new(Some(&CustomExtension {
        urn: urn::PEAKON_USER.into(),
        name: "Peakon".into(),
        attributes: vec![
            custom("Business Unit", CustomType::String),
            custom("Prix le plus bas", CustomType::Number),
            custom("Start Date", CustomType::Date),
        ],
    }))
}

fn ada() -> Value {
    json!({
        "schemas": [urn::USER, urn::ENTERPRISE_USER, urn::PEAKON_USER],
        "id": "u1",
        "externalId": "Ext-1",
        "userName": "Ada.Lovelace@Example.com",
        "name": {"givenName": "Ada", "familyName": "O'Malley"},
        "displayName": "Søren \"Æ\" Å",
        "title": "",
        "active": true,
        "emails": [
            {"value": "ada@example.com", "type": "work", "primary": true},
            {"value": "ada@home.example.org", "type": "home"}
        ],
        "groups": [{"value": "g1", "type": "direct"}],
        urn::ENTERPRISE_USER: {"employeeNumber": "701984", "manager": {"value": "m1"}},
        urn::PEAKON_USER: {"Business Unit": "R&D", "Prix le plus bas": 12.5, "Start Date": "2024-02-01"},
        "meta": {"resourceType": "User", "lastModified": "2011-05-13T04:42:34.000Z", "version": "W/\"7\""}
    })
}

#[test]
fn prints_what_it_read() {
    let check = |text: &str, expected: &str| {
        let filter = Filter::parse(text).unwrap();
        assert_eq!(filter.to_string(), expected, "{text}");
        assert_eq!(Filter::parse(expected).unwrap().to_string(), expected, "{text}");
    };
    check("userName eq \"bjensen\"", "userName eq \"bjensen\"");
    check("userName EQ \"bjensen\"", "userName eq \"bjensen\"");
    check("value eq\"2819c223\"", "value eq \"2819c223\"");
    check("  title   pr  ", "title pr");
    check("a pr and b pr or c pr", "a pr and b pr or c pr");
    check("a pr or b pr and c pr", "a pr or b pr and c pr");
    check("(a pr or b pr) and c pr", "(a pr or b pr) and c pr");
    check("a pr and (b pr and c pr)", "a pr and (b pr and c pr)");
    check("((a pr))", "a pr");
    check("NOT (a pr) AND b pr", "not (a pr) and b pr");
    check("not(a pr)", "not (a pr)");
    check("emails[type eq \"work\" and value co \"@\"]", "emails[type eq \"work\" and value co \"@\"]");
    check("emails[type eq \"work\"].value eq \"x\"", "emails[type eq \"work\"].value eq \"x\"");
    check("a eq -1.5e3", "a eq -1500.0");
    check("a eq TRUE or b ne Null", "a eq true or b ne null");
    check("a eq \"\\u00e9 \\\"x\\\" \\\\\"", "a eq \"é \\\"x\\\" \\\\\"");
    check("urn:x:2.0:User:Business Unit eq \"a\"", "urn:x:2.0:User:Business Unit eq \"a\"");
    check("urn:x:2.0:User:Prix le plus bas le 3 and b pr", "urn:x:2.0:User:Prix le plus bas le 3 and b pr");
    check("urn:x:2.0:User:manager.value pr", "urn:x:2.0:User:manager.value pr");
    check("$ref eq \"x\"", "$ref eq \"x\"");
}

#[test]
fn errors_have_a_place() {
    let check = |text: &str, expected: &str| {
        let error =
            Filter::parse(text).and_then(|filter| resolve(&filter, ResourceType::User, &[], &schemas()));
        assert_eq!(error.unwrap_err().to_string(), expected, "{text}");
    };
    check("", "at position 1: an attribute was expected");
    check("userName", "at position 9: an operator was expected");
    check(
        "userName is \"x\"",
        "at position 10: one of the operators eq, ne, co, sw, ew, gt, ge, lt, le, pr was expected",
    );
    check(
        "userName eq",
        "at position 12: a value: a string in double quotes, a number, true, false, null was expected",
    );
    check(
        "userName eq x",
        "at position 13: a value: a string in double quotes, a number, true, false, null was expected",
    );
    check(
        "userName eq 'x'",
        "at position 13: a value: a string in double quotes, a number, true, false, null was expected",
    );
    check("userName eq \"x", "at position 13: the closing quote is missing");
    check("userName eq \"\\x\"", "at position 13: this is not a JSON string");
    check("userName eq \"x\" title pr", "at position 17: and, or, or the end was expected");
    check("(userName pr", "at position 13: and, or, or ) was expected");
    check("userName pr)", "at position 12: and, or, or the end was expected");
    check("not userName pr", "at position 5: ( after not was expected");
    check("userName pr and", "at position 16: an attribute was expected");
    check("1a pr", "at position 1: this is not the name of an attribute");
    check("name.given.x pr", "at position 1: this is not the name of an attribute");
    check("emails[phones[a pr]]", "at position 14: brackets cannot stand in brackets");
    check("emails[type pr", "at position 15: and, or, or ] was expected");
    check("title pr and nonsense eq 1", "at position 14: there is no attribute nonsense");
    check("name.nonsense pr", "at position 1: there is no attribute name.nonsense");
    check("emails[nonsense pr]", "at position 8: there is no attribute nonsense");
    check("password pr", "at position 1: there is no attribute password");
    check("members pr", "at position 1: there is no attribute members");
    check("urn:x:userName pr", "at position 1: there is no attribute urn:x:userName");
    check("name eq \"x\"", "at position 1: name has sub-attributes; name one of them, as in name.type");
    check("title[a pr]", "at position 1: title has no sub-attributes");
    check("active gt true", "at position 1: gt does not go with an attribute of type boolean");
    check("active eq \"yes\"", "at position 1: a value of type boolean was expected");
    check("userName eq 1", "at position 1: a value of type string was expected");
    check("meta.lastModified gt \"soon\"", "at position 1: a value of type dateTime was expected");
}

#[test]
fn limits() {
    let kind = |text: &str| Filter::parse(text).unwrap_err().kind;
    let nested = |depth: usize| format!("{}a pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(kind(&nested(MAX_DEPTH + 1)), FilterErrorKind::TooDeep);
    assert_eq!(kind(&"(".repeat(MAX_LENGTH)), FilterErrorKind::TooDeep);
    let terms = |count: usize| vec!["a pr"; count].join(" or ");
    assert!(Filter::parse(&terms(MAX_TERMS)).is_ok());
    assert_eq!(kind(&terms(MAX_TERMS + 1)), FilterErrorKind::TooManyTerms);
    let long = |length: usize| format!("a eq \"{}\"", "x".repeat(length - 7));
    assert!(Filter::parse(&long(MAX_LENGTH)).is_ok());
    assert_eq!(kind(&long(MAX_LENGTH + 1)), FilterErrorKind::TooLong);
    let error: ScimError = Filter::parse("a").unwrap_err().into();
    assert_eq!(error.detail, "The filter is not understood at position 2: an operator was expected");
}

#[test]
fn evaluation() {
    let check = |text: &str, expected: bool| {
        let filter = Filter::parse(text).unwrap();
        let condition = resolve(&filter, ResourceType::User, &[], &schemas()).unwrap();
        assert_eq!(matches(&condition, ada().as_object().unwrap()), expected, "{text}");
    };
    // Case follows caseExact.
    check("userName eq \"ada.lovelace@example.com\"", true);
    check("USERNAME sw \"ADA\"", true);
    check("externalId eq \"Ext-1\"", true);
    check("externalId eq \"ext-1\"", false);
    check("id eq \"U1\"", false);
    check("displayName eq \"SØREN \\\"æ\\\" å\"", true);
    // Operators.
    check("name.familyName co \"O'Malley\"", true);
    check("name.familyName ew \"malley\"", true);
    check("userName ne \"x\"", true);
    check("userName gt \"abc\"", true);
    check("userName lt \"abc\"", false);
    check("urn:ietf:params:scim:schemas:core:2.0:User:userName sw \"ada\"", true);
    // Presence: empty is not present, complex counts by its parts.
    check("title pr", false);
    check("name pr", true);
    check("emails pr", true);
    check("nickName pr", false);
    check("nickName eq null", true);
    check("nickName ne \"x\"", true);
    check("userName ne null", true);
    // Booleans as strings.
    check("active eq true", true);
    check("active eq \"True\"", true);
    check("active eq \"false\"", false);
    check("active ne false", true);
    // Logic.
    check("title pr or active eq true and userName sw \"x\"", false);
    check("(title pr or active eq true) and userName sw \"a\"", true);
    check("not (title pr)", true);
    check("not (title pr or userName pr)", false);
    // Values and elements: brackets ask one and the same element.
    check("emails co \"home.example.org\"", true);
    check("emails.type eq \"home\" and emails.primary eq true", true);
    check("emails[type eq \"home\" and primary eq true]", false);
    check("emails[type eq \"work\" and not (value ew \"org\")]", true);
    check("emails[type eq \"work\"].value eq \"ADA@example.com\"", true);
    check("emails[type eq \"home\"].value eq \"ada@example.com\"", false);
    check("emails[primary eq \"True\"].value pr", true);
    // Extensions.
    check("employeeNumber eq \"701984\"", true);
    check("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"m1\"", true);
    check("manager eq \"m1\"", true);
    check("id eq \"u1\" and manager eq \"m2\"", false);
    check("urn:ietf:params:scim:schemas:extension:peakon:2.0:User:Business Unit eq \"r&d\"", true);
    check("urn:ietf:params:scim:schemas:extension:peakon:2.0:User:Prix le plus bas le 12.5", true);
    check("urn:ietf:params:scim:schemas:extension:peakon:2.0:User:Prix le plus bas gt \"12.5\"", false);
    check(
        "urn:ietf:params:scim:schemas:extension:peakon:2.0:User:Start Date eq \"2024-02-01T00:00:00Z\"",
        true,
    );
    // Instants, computed attributes, schemas.
    check("meta.lastModified gt \"2011-05-13T06:42:33+02:00\"", true);
    check("meta.lastModified eq \"2011-05-13T04:42:34Z\"", true);
    check("meta.resourceType eq \"User\"", true);
    check("groups.value eq \"g1\"", true);
    check("groups[value eq \"g1\" and type eq \"indirect\"]", false);
    check("schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"", true);
}

#[test]
fn one_filter_over_several_types() {
    let filter = Filter::parse("displayName sw \"a\" and userName pr").unwrap();
    let group = resolve(&filter, ResourceType::Group, &ResourceType::ALL, &schemas()).unwrap();
    assert!(!matches(&group, json!({"displayName": "abc"}).as_object().unwrap()));
    let unknown = Filter::parse("nonsense pr").unwrap();
    assert!(resolve(&unknown, ResourceType::Group, &ResourceType::ALL, &schemas()).is_err());
}
