use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::*;
use crate::cycle::{ScimResponse, TransportError, TransportErrorKind};
use crate::id::TargetId;
use crate::log::ErrorCode;
use crate::mapping::DesiredAttribute;
use crate::schema::{AttributeType, CompiledAttribute, FlowType, Mutability};

const PEAKON: &str = "urn:ietf:params:scim:schemas:extension:peakon:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn mapping(name: &str, kind: AttributeType) -> CompiledAttribute {
    CompiledAttribute {
        name: name.to_owned(),
        path: TargetPath::parse(name).unwrap(),
        kind,
        many: false,
        required: false,
        case_exact: false,
        mutability: Mutability::ReadWrite,
        source: None,
        default_value: None,
        flow_type: FlowType::Always,
        clear_on_null: false,
        deprovisions: false,
    }
}

fn text(name: &str, value: &str) -> DesiredAttribute {
    want(mapping(name, AttributeType::String), json!(value))
}

fn want(mapping: CompiledAttribute, value: Json) -> DesiredAttribute {
    let value = (!value.is_null()).then_some(value);
    DesiredAttribute { mapping: Arc::new(mapping), value, redacted: false }
}

fn operations(desired: &[DesiredAttribute], current: Json) -> Json {
    compare(desired, &current).patch()["Operations"].clone()
}

#[test]
fn build_resource_nests_and_lists_every_schema() {
    let resource = build_resource(
        "User",
        &[
            text("userName", "ada@x.com"),
            want(mapping("active", AttributeType::Boolean), json!(true)),
            text("name.givenName", "Ada"),
            text("name.familyName", "L"),
            text("emails[type eq \"work\"].value", "ada@x.com"),
            text("addresses[type eq \"work\"].locality", "London"),
            text("addresses[type eq \"work\"].country", "GB"),
            text("addresses[type eq \"home\"].country", "FR"),
            text("roles[primary eq \"True\"].value", "Admin"),
            text(&format!("{ENTERPRISE}:department"), "IT"),
            text(&format!("{PEAKON}:Business Unit"), "Engineering"),
            want(mapping(&format!("{PEAKON}:Salary"), AttributeType::Integer), json!(12)),
        ],
    );
    assert_eq!(
        resource,
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE, PEAKON],
            "userName": "ada@x.com",
            "active": true,
            "name": {"givenName": "Ada", "familyName": "L"},
            "emails": [{"type": "work", "value": "ada@x.com"}],
            "addresses": [
                {"type": "work", "locality": "London", "country": "GB"},
                {"type": "home", "country": "FR"}
            ],
            "roles": [{"primary": true, "value": "Admin"}],
            ENTERPRISE: {"department": "IT"},
            PEAKON: {"Business Unit": "Engineering", "Salary": 12}
        })
    );
}

#[test]
fn compare_sends_only_what_differs() {
    let current = json!({
        "userName": "ADA@x.com",
        "active": "True",
        "Name": {"GivenName": "Ada", "familyName": "L"},
        "emails": [{"type": "WORK", "value": "old@x.com"}, {"type": "home", "value": "h@x.com"}],
        ENTERPRISE: {"department": "IT"},
    });
    assert_eq!(
        operations(
            &[
                text("userName", "ada@x.com"),
                want(mapping("active", AttributeType::Boolean), json!(true)),
                text("name.givenName", "Ada"),
                text("name.familyName", "Lovelace"),
                text("emails[type eq \"work\"].value", "ada@x.com"),
                text("phoneNumbers[type eq \"work\"].value", "1"),
                text("phoneNumbers[type eq \"mobile\"].value", "2"),
                text("addresses[type eq \"work\"].locality", "London"),
                text("addresses[type eq \"work\"].country", "GB"),
                text(&format!("{ENTERPRISE}:department"), "it"),
                text(&format!("{PEAKON}:Business Unit"), "Engineering"),
            ],
            current
        ),
        json!([
            {"op": "replace", "path": "name.familyName", "value": "Lovelace"},
            {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "ada@x.com"},
            {"op": "replace", "path": format!("{PEAKON}:Business Unit"), "value": "Engineering"},
            {"op": "add", "path": "phoneNumbers", "value": [
                {"type": "work", "value": "1"}, {"type": "mobile", "value": "2"}
            ]},
            {"op": "add", "path": "addresses", "value": [
                {"type": "work", "locality": "London", "country": "GB"}
            ]},
        ])
    );
}

#[test]
fn case_alone_counts_only_where_the_schema_says_so() {
    let current = json!({"externalId": "ADA"});
    assert_eq!(operations(&[text("externalId", "ada")], current.clone()), json!([]));
    let exact = CompiledAttribute { case_exact: true, ..mapping("externalId", AttributeType::String) };
    assert_eq!(
        operations(&[want(exact, json!("ada"))], current),
        json!([{"op": "replace", "path": "externalId", "value": "ada"}])
    );
}

#[test]
fn dates_and_numbers_are_compared_by_value() {
    let start = format!("{PEAKON}:Start Date");
    let current = json!({PEAKON: {"Start Date": "2024-02-01T01:00:00+01:00", "Salary": "12"}});
    let date = |value: &str| want(mapping(&start, AttributeType::DateTime), json!(value));
    assert_eq!(operations(&[date("2024-02-01T00:00:00Z")], current.clone()), json!([]));
    assert_eq!(operations(&[date("2024-02-02T00:00:00Z")], current.clone()).as_array().unwrap().len(), 1);
    let salary = want(mapping(&format!("{PEAKON}:Salary"), AttributeType::Integer), json!(12));
    assert_eq!(operations(&[salary], current), json!([]));
}

#[test]
fn flow_types_restrict_what_is_written() {
    let with = |flow_type: FlowType, value: Json| {
        let many = value.is_array();
        want(CompiledAttribute { flow_type, many, ..mapping("roles", AttributeType::String) }, value)
    };
    let current = json!({"roles": [{"value": "A"}, {"value": "B"}]});
    assert_eq!(operations(&[with(FlowType::AttributeAddOnly, json!("C"))], current.clone()), json!([]));
    assert_eq!(
        operations(
            &[with(FlowType::MultiValueAddOnly, json!([{"value": "A"}, {"value": "C"}]))],
            current.clone()
        ),
        json!([{"op": "add", "path": "roles", "value": [{"value": "C"}]}])
    );
    assert_eq!(
        operations(&[with(FlowType::Always, json!([{"value": "B"}, {"value": "A"}]))], current.clone()),
        json!([]),
        "arrays are sets"
    );
    assert_eq!(
        operations(&[with(FlowType::Always, json!([{"value": "A"}]))], current.clone()),
        json!([{"op": "replace", "path": "roles", "value": [{"value": "A"}]}])
    );
    assert_eq!(
        operations(&[with(FlowType::Always, Json::Null)], current.clone()),
        json!([{"op": "remove", "path": "roles"}])
    );
    assert_eq!(operations(&[with(FlowType::ValueAddOnly, Json::Null)], current), json!([]));
}

#[test]
fn manager_is_written_as_an_object_and_read_in_any_form() {
    let manager = Arc::new(mapping(&format!("{ENTERPRISE}:manager"), AttributeType::Reference));
    for current in [json!({"value": "m1"}), json!("m1"), json!([{"value": "m1"}])] {
        let mut difference = Difference::default();
        difference.set_reference(&manager, &TargetId::from("m1"), Some(&current));
        assert!(difference.is_empty(), "{current}");
        difference.set_reference(&manager, &TargetId::from("m2"), Some(&current));
        assert_eq!(
            difference.patch()["Operations"],
            json!([{"op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": {"value": "m2"}}])
        );
        assert_eq!(difference.modified_properties()[0].old_value.as_deref(), Some("m1"));
    }
}

#[test]
fn redacted_values_are_not_logged() {
    let secret = DesiredAttribute { redacted: true, ..text("nickName", "secret") };
    let difference = compare(std::slice::from_ref(&secret), &json!({"nickName": "older secret"}));
    let shown = format!("{:?}{:?}", difference.modified_properties(), created_properties(&[secret]));
    assert!(!shown.contains("secret") && shown.contains("[Redact]"));
    assert_eq!(difference.patch()["Operations"][0]["value"], "secret");
}

#[test]
fn search_is_escaped_and_encoded() {
    let search =
        |name: &str, value: &str| uri::search("/Users", &TargetPath::parse(name).unwrap(), &json!(value));
    assert_eq!(search("userName", "a@x.com"), "/Users?filter=userName%20eq%20%22a%40x.com%22");
    assert_eq!(
        search("userName", "O\"N\\e&+#ö"),
        "/Users?filter=userName%20eq%20%22O%5C%22N%5C%5Ce%26%2B%23%C3%B6%22"
    );
    assert_eq!(
        filter::equals(&TargetPath::parse("emails[type eq \"work\"].value").unwrap(), &json!("a@x")),
        "emails[type eq \"work\" and value eq \"a@x\"]"
    );
    assert_eq!(
        filter::equals(&TargetPath::parse(&format!("{ENTERPRISE}:employeeNumber")).unwrap(), &json!("7")),
        format!("{ENTERPRISE}:employeeNumber eq \"7\"")
    );
    assert_eq!(uri::resource("/Users", &TargetId::from("a/b c")), "/Users/a%2Fb%20c");
    assert!(
        uri::search("/Groups", &TargetPath::parse("displayName").unwrap(), &json!("x"))
            .contains("excludedAttributes=members")
    );
}

fn answer(status: u16, body: &str) -> Outcome {
    Ok(ScimResponse { status, body: body.to_owned(), ..ScimResponse::default() })
}

#[test]
fn every_refusal_has_its_code() {
    use ErrorCode::*;
    for (status, body, code, fatal) in [
        (401, "", Unauthorized, true),
        (403, "", InsufficientRights, false),
        (404, "", InvalidAnchor, false),
        (405, "", MethodNotAllowed, false),
        (408, "", Timeout, false),
        (409, "", Conflict, false),
        (400, "{\"scimType\":\"uniqueness\"}", Conflict, false),
        (400, "{\"scimType\":\"invalidPath\"}", SchemaAttributeNotFound, false),
        (400, "{\"scimType\":\"invalidValue\"}", InvalidRequest, false),
        (422, "", UnprocessableEntity, false),
        (429, "", TooManyRequests, false),
        (500, "", InternalServerError, false),
        (503, "", InternalServerError, false),
        (501, "", NotImplemented, false),
        (302, "", WebExceptionProtocolError, false),
        (418, "", InvalidRequest, false),
    ] {
        let failure = accepted(&answer(status, body), Purpose::Update).unwrap_err();
        assert_eq!((failure.code, failure.fatal), (code, fatal), "{status} {body}");
        assert!(failure.reason.ends_with(&format!("({}).", failure.status.unwrap())), "{}", failure.reason);
    }
    let denied = accepted(&answer(403, ""), Purpose::Read).unwrap_err();
    assert!(denied.fatal, "a token that cannot read can do nothing");
}

#[test]
fn what_the_target_says_is_kept_and_cut() {
    let said = accepted(&answer(400, "{\"detail\":\"userName is bad\"}"), Purpose::Create).unwrap_err();
    assert_eq!(said.details.as_deref(), Some("userName is bad"));
    let long = accepted(&answer(500, &"ö".repeat(2_000)), Purpose::Create).unwrap_err();
    assert_eq!(long.details.unwrap().chars().count(), 501);
}

#[test]
fn probe_says_what_to_change() {
    let empty = "{\"schemas\":[],\"totalResults\":0,\"Resources\":[]}";
    assert_eq!(probe::verdict(&answer(200, empty)), Ok(()));
    assert_eq!(probe::verdict(&answer(200, "{\"totalResults\":0}")), Ok(()));
    let transport = |kind| Err(TransportError { kind, message: "low-level words".to_owned() });
    let token = |text: &str, kind| Err(TransportError { kind, message: text.to_owned() });
    let mut seen = std::collections::BTreeSet::new();
    for (outcome, word, transient) in [
        (answer(401, ""), "credentials", false),
        (answer(403, ""), "do not allow", false),
        (answer(404, ""), "no SCIM endpoint", false),
        (answer(200, "<html></html>"), "web page", false),
        (answer(200, "hello"), "not JSON", false),
        (answer(200, "[]"), "no SCIM object", false),
        (answer(200, "{\"users\":[]}"), "ListResponse", false),
        (answer(200, "{\"totalResults\":1,\"Resources\":[{\"id\":\"1\"}]}"), "disregards the filter", false),
        (answer(301, ""), "redirects", false),
        (answer(500, ""), "internal error", true),
        (answer(429, ""), "limits", true),
        (transport(TransportErrorKind::Timeout), "in time", true),
        (transport(TransportErrorKind::Dns), "host name", true),
        (transport(TransportErrorKind::Refused), "accepts connections", true),
        (transport(TransportErrorKind::Tls), "TLS", true),
        (token("gave no access token", TransportErrorKind::Credentials), "gave no access token", false),
        (token("cannot be used", TransportErrorKind::TokenEndpoint), "cannot be used", true),
    ] {
        let problem = probe::verdict(&outcome).unwrap_err();
        assert!(problem.message.contains(word), "{problem:?}");
        assert_eq!(problem.transient, transient, "{problem:?}");
        assert!(seen.insert(problem.message.clone()), "each has its own message: {}", problem.message);
        assert!(problem.recommended_action.ends_with('.'));
    }
}

#[test]
fn resources_are_read_leniently() {
    assert_eq!(read_resource(&answer(201, "{\"id\":7}"), Purpose::Create).unwrap().id.as_str(), "7");
    let located = Ok(ScimResponse {
        status: 201,
        location: Some("https://x/scim/v2/Users/abc".to_owned()),
        ..ScimResponse::default()
    });
    assert_eq!(read_resource(&located, Purpose::Create).unwrap().id.as_str(), "abc");
    let code = |outcome: Outcome| read_resource(&outcome, Purpose::Read).unwrap_err().code;
    assert_eq!(
        code(answer(200, "{\"Resources\":[{\"id\":\"1\"}]}")),
        ErrorCode::SystemForCrossDomainIdentityManagementMultipleEntriesInResponse
    );
    assert_eq!(code(answer(200, "{}")), ErrorCode::SystemForCrossDomainIdentityManagementServiceIncompatible);
}

#[test]
fn values_take_the_targets_type() {
    use crate::expression::Value;
    let single = |text: &str, kind| typed(&Value::from(text), kind, false).map_err(|error| error.code);
    assert_eq!(single("True", AttributeType::Boolean), Ok(json!(true)));
    assert_eq!(single("0", AttributeType::Boolean), Ok(json!(false)));
    assert_eq!(single("x", AttributeType::Boolean), Err(ErrorCode::InvalidValue));
    assert_eq!(single("12", AttributeType::Integer), Ok(json!(12)));
    assert_eq!(single("1.5", AttributeType::Integer), Err(ErrorCode::InvalidValue));
    assert_eq!(single("2024-02-01", AttributeType::DateTime), Ok(json!("2024-02-01T00:00:00Z")));
    let list = Value::List(vec!["a".to_owned(), "b".to_owned()]);
    assert_eq!(typed(&list, AttributeType::String, true), Ok(json!(["a", "b"])));
    assert_eq!(
        typed(&list, AttributeType::String, false).unwrap_err().code,
        ErrorCode::SchemaPropertyCanOnlyAcceptValue
    );
    assert_eq!(typed(&Value::from("a"), AttributeType::String, true), Ok(json!(["a"])));
}
