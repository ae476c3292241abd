//! The examples of RFC 7644, section after section, with the answers that are expected here. Where an example is
//! not valid JSON or names something that does not exist, the test says what was mended.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod support;

use scim::service::{Method, Request};
use serde_json::{Value, json};
use support::{BASE_URL, Server};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const BABS: &str = "2819c223-7f76-453a-919d-413861904646";
const GUIDES: &str = "acbf3ae7-8463-4692-b4fd-9b4da3f908ce";

fn bjensen() -> Value {
    json!({
        "schemas": [USER],
        "userName": "bjensen",
        "externalId": "bjensen",
        "name": {"formatted": "Ms. Barbara J Jensen III", "familyName": "Jensen", "givenName": "Barbara"}
    })
}

/// A server with Babs.
fn with_babs() -> Server {
    let mut server = Server::new();
    server.ids = vec![BABS.to_owned()];
    server.post(201, "/Users", &bjensen());
    server
}

/// A server with Babs, James and a group of both.
fn with_group() -> Server {
    let mut server = with_babs();
    server.ids = vec![GUIDES.to_owned(), "08e1d05d-121c-4561-8b96-473d93df9210".to_owned()];
    server.post(201, "/Users", &json!({"schemas": [USER], "userName": "jsmith"}));
    let members = json!([{"value": BABS}]);
    server.post(
        201,
        "/Groups",
        &json!({"schemas": [GROUP], "displayName": "Tour Guides", "members": members}),
    );
    server
}

fn members(server: &mut Server) -> Vec<String> {
    let group = server.get(200, &format!("/Groups/{GUIDES}"));
    let members = group["members"].as_array().unwrap();
    members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn section_3_3_creating() {
    let mut server = Server::new();
    server.ids = vec![BABS.to_owned()];
    let response = server.send(&Request::new(Method::Post, "/Users").body(bjensen().to_string()));
    assert_eq!(response.status, 201);
    let location = format!("{BASE_URL}/Users/{BABS}");
    assert!(response.headers.contains(&("Location", location.clone())));
    assert!(response.headers.contains(&("ETag", "W/\"1\"".to_owned())));
    let mut expected = bjensen();
    expected["id"] = json!(BABS);
    expected["meta"] = json!({
        "resourceType": "User",
        "created": "2011-08-01T18:29:49.793Z",
        "lastModified": "2011-08-01T18:29:49.793Z",
        "location": location,
        "version": "W/\"1\""
    });
    assert_eq!(response.body, Some(expected.clone()));
    let refused = server.post(409, "/Users", &bjensen());
    assert_eq!(refused["scimType"], "uniqueness");
    // Section 3.4.1.
    let response = server.send(&Request::new(Method::Get, &format!("/Users/{BABS}")));
    assert!(response.headers.contains(&("Location", location)));
    assert_eq!(response.body, Some(expected));
}

#[test]
fn section_3_4_2_querying() {
    let mut server = with_group();
    let names = json!({
        "schemas": [LIST], "totalResults": 2, "startIndex": 1, "itemsPerPage": 2,
        "Resources": [
            {"schemas": [USER], "id": BABS, "userName": "bjensen"},
            {"schemas": [USER], "id": "08e1d05d-121c-4561-8b96-473d93df9210", "userName": "jsmith"}
        ]
    });
    assert_eq!(server.get(200, "/Users?attributes=userName"), names);
    let filter = encode("(meta.resourceType eq \"User\") or (meta.resourceType eq \"Group\")");
    assert_eq!(server.get(200, &format!("/?filter={filter}"))["totalResults"], 3);
    let filter = encode("meta.resourceType eq \"Group\"");
    assert_eq!(server.get(200, &format!("/?filter={filter}"))["Resources"][0]["id"], GUIDES);
    // An operator that is not known.
    let refused = server.get(400, &format!("/Users?filter={}", encode("userName regex \"x\"")));
    assert_eq!(refused["scimType"], "invalidFilter");
}

/// Figure 2. `rooms` is not part of the schemas and left out.
#[test]
fn section_3_4_2_2_filters() {
    let mut server = Server::new();
    let body = json!({
        "schemas": [USER, ENTERPRISE], "userName": "Jbjensen", "title": "Tour Guide", "userType": "Employee",
        "name": {"familyName": "O'Malley"},
        "emails": [{"type": "work", "value": "b@example.com"}, {"type": "home", "value": "b@example.org"}],
        "ims": [{"type": "xmpp", "value": "b@foo.com"}],
        ENTERPRISE: {"department": "Tours"}
    });
    server.post(201, "/Users", &body);
    let mut check = |filter: &str, expected: usize| {
        let found = server.get(200, &format!("/Users?filter={}", encode(filter)));
        assert_eq!(found["totalResults"], expected, "{filter}");
    };
    check("userName Eq \"jbjensen\"", 1);
    check("Username eq \"JBJENSEN\"", 1);
    check("name.familyName co \"O'Malley\"", 1);
    check("userName sw \"J\"", 1);
    check("urn:ietf:params:scim:schemas:core:2.0:User:userName sw \"J\"", 1);
    check("title pr", 1);
    check("meta.lastModified gt \"2011-05-13T04:42:34Z\"", 1);
    check("meta.lastModified ge \"2011-05-13T04:42:34Z\"", 1);
    check("meta.lastModified lt \"2011-05-13T04:42:34Z\"", 0);
    check("meta.lastModified le \"2011-05-13T04:42:34Z\"", 0);
    check("title pr and userType eq \"Employee\"", 1);
    check("title pr or userType eq \"Intern\"", 1);
    check("schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"", 1);
    check(
        "userType eq \"Employee\" and (emails co \"example.com\" or\n  emails.value co \"example.org\")",
        1,
    );
    check(
        "userType ne \"Employee\" and not (emails co \"example.com\" or\n  emails.value co \"example.org\")",
        0,
    );
    check("userType eq \"Employee\" and (emails.type eq \"work\")", 1);
    check("userType eq \"Employee\" and emails[type eq \"work\" and\n  value co \"@example.com\"]", 1);
    check(
        "emails[type eq \"work\" and value co \"@example.org\"] or\n  ims[type eq \"xmpp\" and value co \"@foo.com\"]",
        1,
    );
}

#[test]
fn section_3_4_3_searching() {
    let mut server = with_group();
    for (name, display) in [("s1", "Smith, James"), ("s2", "Smith, Berry")] {
        server.post(201, "/Users", &json!({"schemas": [USER], "userName": name, "displayName": display}));
    }
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "attributes": ["displayName", "userName"],
        "filter": "displayName sw \"smith\"",
        "startIndex": 1,
        "count": 10
    });
    let found = server.post(200, "/.search", &search);
    assert_eq!(found["totalResults"], 2);
    assert_eq!(found["itemsPerPage"], 2);
    assert_eq!(found["startIndex"], 1);
    assert_eq!(found["Resources"][0]["displayName"], "Smith, James");
    assert_eq!(found["Resources"][0].get("meta"), None);
}

#[test]
fn section_3_5_1_replacing() {
    let mut server = with_babs();
    let body = json!({
        "schemas": [USER],
        "id": BABS,
        "userName": "bjensen",
        "externalId": "bjensen",
        "name": {
            "formatted": "Ms. Barbara J Jensen III",
            "familyName": "Jensen", "givenName": "Barbara", "middleName": "Jane"
        },
        "roles": [],
        "emails": [{"value": "bjensen@example.com"}, {"value": "babs@jensen.org"}]
    });
    let request = Request::new(Method::Put, &format!("/Users/{BABS}")).header("If-Match", "W/\"1\"");
    let response = server.send(&request.body(body.to_string()));
    assert_eq!(response.status, 200);
    assert!(response.headers.contains(&("ETag", "W/\"2\"".to_owned())));
    let answer = response.body.unwrap();
    assert_eq!(answer["name"], body["name"]);
    assert_eq!(answer["emails"], body["emails"]);
    assert_eq!(answer.get("roles"), None, "an empty list is no value (RFC 7643 section 2.5)");
    server.put(404, "/Users/nobody", &body);
}

#[test]
fn section_3_5_2_patching_users() {
    let mut server = with_babs();
    let target = format!("/Users/{BABS}");
    // Section 3.5.2.1, without a path. The example lacks a brace.
    let answer = server.patch(
        200,
        &target,
        json!([{"op": "add", "value": {"emails": [{"value": "babs@jensen.org", "type": "home"}], "nickname": "Babs"}}]),
    );
    assert_eq!(answer["emails"], json!([{"value": "babs@jensen.org", "type": "home"}]));
    assert_eq!(answer["nickName"], "Babs");
    // Section 3.5.2.3, without a path. The example lacks a brace.
    let emails = json!([
        {"value": "bjensen@example.com", "type": "work", "primary": true},
        {"value": "babs@jensen.org", "type": "home"}
    ]);
    let answer = server.patch(
        200,
        &target,
        json!([{"op": "replace", "value": {"emails": emails, "nickname": "Babs"}}]),
    );
    assert_eq!(answer["emails"], emails);
    // Section 3.5.2.2: a value by a filter.
    let answer = server.patch(
        200,
        &target,
        json!([{"op": "remove", "path": "emails[type eq \"work\" and value ew \"example.com\"]"}]),
    );
    assert_eq!(answer["emails"], json!([{"value": "babs@jensen.org", "type": "home"}]));
    // Section 3.5.2.3: a whole value by a filter, and a part of it.
    let home = json!({"type": "home", "locality": "Hollywood", "primary": true});
    server.patch(
        200,
        &target,
        json!([{"op": "add", "path": "addresses", "value": [home, {"type": "work"}]}]),
    );
    let work = json!({
        "type": "work", "streetAddress": "911 Universal City Plaza", "locality": "Hollywood", "region": "CA",
        "postalCode": "91608", "country": "US",
        "formatted": "911 Universal City Plaza\nHollywood, CA 91608 US", "primary": true
    });
    let replace = json!([{"op": "replace", "path": "addresses[type eq \"work\"]", "value": work}]);
    let answer = server.patch(200, &target, replace);
    assert_eq!(answer["addresses"][1], work);
    assert_eq!(answer["addresses"][0]["primary"], false, "one primary value only");
    let answer = server.patch(
        200,
        &target,
        json!([{
            "op": "replace", "path": "addresses[type eq \"work\"].streetAddress", "value": "1010 Broadway Ave"
        }]),
    );
    assert_eq!(answer["addresses"][1]["streetAddress"], "1010 Broadway Ave");
    // The errors that the section names.
    let no_path = server.patch(400, &target, json!([{"op": "remove"}]));
    assert_eq!(no_path["scimType"], "noTarget");
    let required = server.patch(400, &target, json!([{"op": "remove", "path": "userName"}]));
    assert_eq!(required["scimType"], "mutability");
    let no_match = json!([{"op": "replace", "path": "emails[value co \"nobody\"].display", "value": "x"}]);
    assert_eq!(server.patch(400, &target, no_match)["scimType"], "noTarget");
}

#[test]
fn section_3_5_2_patching_groups() {
    let mut server = with_group();
    let target = format!("/Groups/{GUIDES}");
    let james = "08e1d05d-121c-4561-8b96-473d93df9210";
    let member = |display: &str, id: &str| json!({"display": display, "$ref": format!("{BASE_URL}/Users/{id}"), "value": id});
    // Section 3.5.2.1: add; again, no change.
    let add = json!([{"op": "add", "path": "members", "value": [member("James Smith", james)]}]);
    let first = server.patch(200, &target, add.clone());
    assert_eq!(server.patch(200, &target, add)["meta"], first["meta"], "no change is no change");
    assert_eq!(members(&mut server), [BABS, james]);
    // Section 3.5.2.2: remove one, all, and one for another.
    let remove = json!([{"op": "remove", "path": format!("members[value eq \"{BABS}\"]")}]);
    server.patch(200, &target, remove.clone());
    assert_eq!(members(&mut server), [james]);
    server.patch(200, &target, remove);
    server.patch(200, &target, json!([{"op": "remove", "path": "members"}]));
    assert_eq!(members(&mut server), Vec::<String>::new());
    server.patch(200, &target, json!([{"op": "add", "path": "members", "value": [member("Babs", BABS)]}]));
    server.patch(
        200,
        &target,
        json!([
            {"op": "remove", "path": format!("members[value eq\"{BABS}\"]")},
            {"op": "add", "path": "members", "value": [member("James Smith", james)]}
        ]),
    );
    assert_eq!(members(&mut server), [james]);
    let both = json!([member("Babs Jensen", BABS), member("James Smith", james)]);
    server.patch(
        200,
        &target,
        json!([{"op": "remove", "path": "members"}, {"op": "add", "path": "members", "value": both}]),
    );
    let mut found = members(&mut server);
    found.sort();
    assert_eq!(found, [james, BABS]);
    // Section 3.5.2.3: the list at once.
    server.patch(200, &target, json!([{"op": "replace", "path": "members", "value": both}]));
    assert_eq!(members(&mut server).len(), 2);
}

#[test]
fn section_3_6_deleting() {
    let mut server = with_babs();
    let target = format!("/Users/{BABS}");
    let request = Request::new(Method::Delete, &target).header("If-Match", "W/\"c310cd84f0281b7\"");
    assert_eq!(server.send(&request).status, 412);
    assert_eq!(server.send(&Request::new(Method::Delete, &target)).status, 204);
    let gone = server.get(404, &target);
    assert_eq!(gone["status"], "404");
    assert_eq!(gone["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
}

fn bulk(server: &mut Server, body: Value) -> Vec<Value> {
    server.post(200, "/Bulk", &body)["Operations"].as_array().unwrap().clone()
}

const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

#[test]
fn section_3_7_2_bulk_ids() {
    let mut server = Server::new();
    let alice = json!({"method": "POST", "path": "/Users", "bulkId": "qwerty", "data": {"schemas": [USER], "userName": "Alice"}});
    let guides = json!({
        "schemas": [GROUP], "displayName": "Tour Guides",
        "members": [{"type": "User", "value": "bulkId:qwerty"}]
    });
    let guides = json!({"method": "POST", "path": "/Groups", "bulkId": "ytrewq", "data": guides});
    let results = bulk(&mut server, json!({"schemas": [BULK], "Operations": [alice, guides]}));
    let expected = |id: &str, endpoint: &str, bulk_id: &str| {
        json!({
            "method": "POST", "bulkId": bulk_id, "version": "W/\"1\"",
            "location": format!("{BASE_URL}/{endpoint}/{id}"), "status": "201"
        })
    };
    assert_eq!(results, [expected("id-1", "Users", "qwerty"), expected("id-2", "Groups", "ytrewq")]);
    let group = server.get(200, "/Groups/id-2");
    let member = json!([{"value": "id-1", "$ref": format!("{BASE_URL}/Users/id-1"), "type": "User"}]);
    assert_eq!(group["members"], member);
    // The same in an extension.
    let mut server = Server::new();
    let bob = json!({
        "schemas": [USER, ENTERPRISE], "userName": "Bob",
        ENTERPRISE: {"employeeNumber": "11250", "manager": {"value": "bulkId:qwerty"}}
    });
    let bob = json!({"method": "POST", "path": "/Users", "bulkId": "ytrewq", "data": bob});
    bulk(&mut server, json!({"schemas": [BULK], "Operations": [alice, bob]}));
    assert_eq!(server.get(200, "/Users/id-2")[ENTERPRISE]["manager"]["value"], "id-1");
}

/// The example's PATCH data is not JSON and its POST names a schema that does not exist; both are mended.
#[test]
fn section_3_7_3_bulk_results() {
    let mut server = Server::new();
    let (bob, dave, gone) = (
        "b7c14771-226c-4d05-8860-134711653041",
        "5d8d29d3-342c-4b5f-8683-a3cb6763ffcc",
        "e9025315-6bea-44e1-899c-1e07454e468b",
    );
    server.ids = [gone, dave, bob].map(str::to_owned).to_vec();
    for name in ["bob", "dave", "gone"] {
        server.post(201, "/Users", &json!({"schemas": [USER], "userName": name}));
    }
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "remove", "path": "nickName"}, {"op": "add", "path": "userName", "value": "Dave"}]
    });
    let operations = |user_schema: &str, version: &str| {
        json!([
            {"method": "POST", "path": "/Users", "bulkId": "qwerty", "data": {"schemas": [user_schema], "userName": "Alice"}},
            {"method": "PUT", "path": format!("/Users/{bob}"), "version": version,
             "data": {"schemas": [USER], "id": bob, "userName": "Bob"}},
            {"method": "PATCH", "path": format!("/Users/{dave}"), "version": version, "data": patch},
            {"method": "DELETE", "path": format!("/Users/{gone}"), "version": version}
        ])
    };
    let located = |method: &str, id: &str, more: Value| {
        let mut result = json!({"method": method, "location": format!("{BASE_URL}/Users/{id}")});
        result.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        result
    };
    // An error stops the rest if the client says so.
    let message = "urn:ietf:params:scim:api:messages:2.0:User";
    let results = bulk(
        &mut server,
        json!({"schemas": [BULK], "failOnErrors": 1, "Operations": operations(message, "W/\"9\"")}),
    );
    assert_eq!(results.len(), 1);
    assert_eq!((&results[0]["status"], &results[0]["bulkId"]), (&json!("400"), &json!("qwerty")));
    assert_eq!(results[0]["response"]["status"], "400");
    assert_eq!(results[0].get("location"), None, "what was not created has no address");
    // All fail.
    let results = bulk(&mut server, json!({"schemas": [BULK], "Operations": operations(message, "W/\"9\"")}));
    for (result, (method, id)) in results[1..].iter().zip([("PUT", bob), ("PATCH", dave), ("DELETE", gone)]) {
        let expected = located(method, id, json!({"status": "412", "response": result["response"]}));
        assert_eq!(result, &expected);
        assert_eq!(result["response"]["status"], "412");
    }
    // All succeed.
    let results = bulk(
        &mut server,
        json!({"schemas": [BULK], "failOnErrors": 1, "Operations": operations(USER, "W/\"1\"")}),
    );
    assert_eq!(results[0]["status"], "201");
    assert_eq!(results[1], located("PUT", bob, json!({"version": "W/\"2\"", "status": "200"})));
    assert_eq!(results[2], located("PATCH", dave, json!({"version": "W/\"2\"", "status": "200"})));
    assert_eq!(results[3], located("DELETE", gone, json!({"status": "204"})));
}

#[test]
fn section_3_7_4_bulk_limits() {
    let mut server = Server::new();
    let body = vec![b' '; 8 * 1024 * 1024 + 1];
    let response = server.send(&Request::new(Method::Post, "/Bulk").body(body));
    assert_eq!(response.status, 413);
    assert_eq!(response.body.unwrap()["detail"], "The body exceeds maxPayloadSize (8388608)");
    let delete = json!({"method": "DELETE", "path": "/Users/x"});
    let refused = server.post(413, "/Bulk", &json!({"schemas": [BULK], "Operations": vec![delete; 1_001]}));
    assert_eq!(refused["detail"], "The number of operations exceeds maxOperations (1000)");
}

#[test]
fn sections_3_9_to_3_14() {
    let mut server = with_babs();
    let target = format!("/Users/{BABS}");
    assert_eq!(
        server.get(200, &format!("{target}?attributes=userName")),
        json!({"schemas": [USER], "id": BABS, "userName": "bjensen"})
    );
    // Section 3.11.
    server.get(501, "/Me");
    // Section 3.12.
    let error = server.patch(400, &target, json!([{"op": "replace", "path": "id", "value": "x"}]));
    let expected = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "scimType": "mutability",
        "detail": "id is read-only",
        "status": "400"
    });
    assert_eq!(error, expected);
    // Section 3.14.
    let request = Request::new(Method::Get, &format!("{target}?attributes=displayName"));
    let response = server.send(&request.header("If-None-Match", "W/\"1\""));
    assert_eq!((response.status, response.body), (304, None));
}
