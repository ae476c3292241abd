//! What Entra's provisioning client sends, in order and in both of its dialects, and what it must get.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod support;

use serde_json::{Value, json};
use support::{Server, list};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PEAKON: &str = "urn:ietf:params:scim:schemas:extension:peakon:2.0:User";

/// Test Connection: a random id as the value of the matching attribute, form-encoded.
#[test]
fn test_connection() {
    let mut server = Server::new();
    let empty = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []
    });
    for filter in [
        "userName+eq+%2255b5e2b0-0000-4000-8000-3a1c9b7d1111%22",
        "externalId+eq+%2255b5e2b0-0000-4000-8000-3a1c9b7d1111%22",
        "emails%5Btype+eq+%22work%22%5D.value+eq+%2255b5e2b0-0000-4000-8000-3a1c9b7d1111%22",
        "id+eq+%22u1%22+and+manager+eq+%22m1%22&attributes=id",
    ] {
        assert_eq!(server.get(200, &format!("/Users?filter={filter}")), empty, "{filter}");
    }
    let target = "/Users?aadOptscim062020&filter=userName+eq+%22x%22";
    assert_eq!(server.get(200, target), empty, "unknown parameters are ignored");
    server.get(404, "/Users/55b5e2b0-0000-4000-8000-3a1c9b7d1111");
}

#[test]
fn user_flow() {
    let mut server = Server::new();
    let body = json!({
        "schemas": [CORE, ENTERPRISE],
        "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
        "userName": "ada@example.test",
        "active": true,
        "emails": [{"primary": true, "type": "work", "value": "ada@example.test"}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "Ada L", "familyName": "L", "givenName": "Ada"},
        "roles": []
    });
    let created = server.post(201, "/Users", &body);
    let id = created["id"].as_str().unwrap().to_owned();
    assert_eq!(created["meta"]["resourceType"], "User");
    assert_eq!(created["schemas"], json!([CORE]), "an extension without values is not listed");
    for (name, value) in body.as_object().unwrap() {
        if !["schemas", "meta", "roles"].contains(&name.as_str()) {
            assert_eq!(&created[name], value, "{name} is echoed as it was sent");
        }
    }
    // Match.
    for filter in [
        "userName+eq+%22ADA%40example.test%22",
        "externalId+eq+%220a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef%22",
        "emails%5Btype+eq+%22work%22%5D.value+eq+%22ada%40example.test%22",
    ] {
        assert_eq!(
            list(&server.get(200, &format!("/Users?filter={filter}"))),
            std::slice::from_ref(&created),
            "{filter}"
        );
    }
    let refused = server.post(409, "/Users", &body);
    assert_eq!(refused["scimType"], "uniqueness");
    assert_eq!(refused["status"], "409");
    // Disable, still there, enable.
    let target = format!("/Users/{id}");
    for (value, active) in
        [(json!("False"), false), (json!("True"), true), (json!(false), false), (json!(true), true)]
    {
        let answer = server.patch(200, &target, json!([{"op": "Replace", "path": "active", "value": value}]));
        assert_eq!(answer["active"], active, "{value}");
        let found = list(&server.get(200, "/Users?filter=userName+eq+%22ada%40example.test%22"));
        assert_eq!(found[0]["active"], active, "found while active is {active}");
    }
    // Delete.
    server.delete(204, &target);
    server.delete(404, &target);
    server.get(404, &target);
    server.post(201, "/Users", &body);
}

#[test]
fn variations_of_post() {
    let mut server = Server::new();
    let body = json!({
        "schemas": [CORE],
        "userName": "a",
        "active": "True",
        "title": null, "addresses": null, "phoneNumbers": null, "manager": null,
        ENTERPRISE: null,
        PEAKON: {"Business Unit": "R&D", "unknown": 1},
        "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/User": {}
    });
    let created = server.post(201, "/Users", &body);
    assert_eq!(created["active"], true);
    assert_eq!(created["schemas"], json!([CORE, PEAKON]), "an extension in the body is listed");
    assert_eq!(created[PEAKON], json!({"Business Unit": "R&D"}));
    assert_eq!(created.get("title"), None);
}

/// Each shape of the PATCH catalogue over HTTP, without and with the compatibility flag, and twice.
#[test]
fn patch_catalogue() {
    let department = format!("{ENTERPRISE}:department");
    let number = format!("{ENTERPRISE}:employeeNumber");
    let unit = format!("{PEAKON}:Business Unit");
    let work = "emails[type eq \"work\"].value";
    let other = "emails[type eq \"other\"].value";
    let cases: Vec<(&str, Value, Value)> = vec![
        (
            "P1",
            json!([
                {"op": "Replace", "path": "displayName", "value": "x"},
                {"op": "Replace", "path": "name.givenName", "value": "A"},
                {"op": "Replace", "path": number, "value": "7"}
            ]),
            json!({"/displayName": "x", "/name/givenName": "A", format!("/{ENTERPRISE}/employeeNumber"): "7"}),
        ),
        (
            "P1 flag",
            json!([{"op": "replace", "value": {"displayName": "x", "name.givenName": "A", number.clone(): "7"}}]),
            json!({"/displayName": "x", "/name/givenName": "A", format!("/{ENTERPRISE}/employeeNumber"): "7"}),
        ),
        ("P2", json!([{"op": "Add", "path": "nickName", "value": "x"}]), json!({"/nickName": "x"})),
        ("P2 flag", json!([{"op": "add", "value": {"nickName": "x"}}]), json!({"/nickName": "x"})),
        ("P3", json!([{"op": "Replace", "path": "active", "value": "False"}]), json!({"/active": false})),
        ("P3 flag", json!([{"op": "replace", "path": "active", "value": false}]), json!({"/active": false})),
        ("P4", json!([{"op": "Replace", "path": work, "value": "b@x"}]), json!({"/emails/0/value": "b@x"})),
        (
            "P4 flag",
            json!([{"op": "replace", "path": work, "value": "b@x"}]),
            json!({"/emails/0/value": "b@x"}),
        ),
        (
            "P5 Add",
            json!([{"op": "Add", "path": other, "value": "c@x"}]),
            json!({"/emails/1": {"type": "other", "value": "c@x"}}),
        ),
        (
            "P5 Replace",
            json!([{"op": "Replace", "path": other, "value": "c@x"}]),
            json!({"/emails/1": {"type": "other", "value": "c@x"}}),
        ),
        (
            "P6",
            json!([{"op": "Add", "path": unit, "value": "R&D"}]),
            json!({format!("/{PEAKON}/Business Unit"): "R&D"}),
        ),
        (
            "P6 flag",
            json!([{"op": "add", "value": {department.clone(): "HR", unit.clone(): "R&D"}}]),
            json!({format!("/{ENTERPRISE}/department"): "HR", format!("/{PEAKON}/Business Unit"): "R&D"}),
        ),
        ("P7", json!([{"op": "Remove", "path": "title"}]), json!({"/title": null})),
        ("P7 flag", json!([{"op": "remove", "path": "title"}]), json!({"/title": null})),
        (
            "P11 single",
            json!([{"op": "Add", "path": "roles[primary eq \"True\"].value", "value": "Admin"}]),
            json!({"/roles": [{"primary": true, "value": "Admin"}]}),
        ),
        (
            "P11 complex",
            json!([{"op": "Add", "path": "roles", "value": [
                {"value": "{\"id\":\"g\",\"value\":\"Admin\",\"displayName\":\"Admin\"}"}
            ]}]),
            json!({"/roles": [{"value": "Admin", "display": "Admin"}]}),
        ),
        (
            "P12",
            json!([{"op": "Replace", "path": "emails[primary eq \"True\"].value", "value": "b@x"}]),
            json!({"/emails/0/value": "b@x"}),
        ),
    ];
    for (name, operations, expected) in cases {
        let mut server = Server::new();
        let body = json!({
            "schemas": [CORE], "userName": "ada", "title": "Dr", "active": true,
            "emails": [{"type": "work", "value": "a@x", "primary": true}]
        });
        let created = server.post(201, "/Users", &body);
        let target = format!("/Users/{}", created["id"].as_str().unwrap());
        let first = server.patch(200, &target, operations.clone());
        for (pointer, value) in expected.as_object().unwrap() {
            let found = first.pointer(pointer).cloned().unwrap_or(Value::Null);
            assert_eq!(&found, value, "{name}: {pointer}");
        }
        assert_eq!(first["meta"]["version"], "W/\"2\"", "{name}");
        let second = server.patch(200, &target, operations);
        assert_eq!(second, first, "{name}: repeated");
        assert_eq!(server.get(200, &target), first, "{name}: read back");
    }
}

#[test]
fn manager_forms() {
    let manager = format!("{ENTERPRISE}:manager");
    let mut server = Server::new();
    let person = |name: &str| json!({"schemas": [CORE], "userName": name});
    let boss = server.post(201, "/Users", &person("boss"))["id"].as_str().unwrap().to_owned();
    let ada = server.post(201, "/Users", &person("ada"))["id"].as_str().unwrap().to_owned();
    let target = format!("/Users/{ada}");
    let kept = json!({"manager": {"value": boss, "$ref": format!("{}/Users/{boss}", Server::BASE_URL)}});
    let sets = [
        json!([{"op": "Add", "path": "manager", "value": [{"$ref": format!("http://x/Users/{boss}"), "value": boss}]}]),
        json!([{"op": "Add", "path": manager, "value": boss}]),
        json!([{"op": "Add", "path": manager, "value": {"value": boss}}]),
        json!([{"op": "replace", "value": {manager.clone(): boss}}]),
        json!([{"op": "Replace", "path": manager, "value": {"value": boss, "displayName": "The boss"}}]),
    ];
    let removals = [
        json!([{"op": "Add", "path": manager, "value": ""}]),
        json!([{"op": "Replace", "path": manager, "value": null}]),
        json!([{"op": "Remove", "path": format!("manager[value eq \"{boss}\"]")}]),
        json!([{"op": "Remove", "path": "manager"}]),
        json!([{"op": "remove", "path": manager}]),
    ];
    for (set, removal) in sets.into_iter().zip(removals) {
        let answer = server.patch(200, &target, set.clone());
        assert_eq!(answer[ENTERPRISE], kept, "{set}");
        let check = format!("/Users?filter=id+eq+%22{ada}%22+and+manager+eq+%22{boss}%22&attributes=id");
        let found = list(&server.get(200, &check));
        assert_eq!(found, [json!({"schemas": [CORE, ENTERPRISE], "id": ada})], "the reference check");
        let check = format!("/Users?filter=manager+eq+%22{boss}%22+and+id+eq+%22{ada}%22&attributes=id");
        assert_eq!(list(&server.get(200, &check)).len(), 1, "in the other order");
        let answer = server.patch(200, &target, removal.clone());
        assert_eq!(answer.get(ENTERPRISE), None, "{removal}");
    }
    let refused = server.patch(400, &target, json!([{"op": "Add", "path": manager, "value": "nobody"}]));
    assert_eq!(refused["scimType"], "invalidValue");
    assert_eq!(refused["detail"], "manager names what does not exist: nobody; create it first");
}

#[test]
fn group_flow() {
    let mut server = Server::new();
    let mut user = |name: &str| {
        let created = server.post(201, "/Users", &json!({"schemas": [CORE], "userName": name}));
        created["id"].as_str().unwrap().to_owned()
    };
    let (u1, u2, u3) = (user("u1"), user("u2"), user("u3"));
    let body = json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:Group",
            "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
        ],
        "externalId": "e1", "displayName": "Eng", "meta": {"resourceType": "Group"}
    });
    let created = server.post(201, "/Groups", &body);
    assert_eq!(created["members"], json!([]));
    assert_eq!(created["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]));
    let target = format!("/Groups/{}", created["id"].as_str().unwrap());
    let found = list(&server.get(200, "/Groups?excludedAttributes=members&filter=displayName+eq+%22Eng%22"));
    assert_eq!((found.len(), found[0].get("members")), (1, None));
    let found = list(&server.get(200, "/Groups?excludedAttributes=members&filter=externalId+eq+%22e1%22"));
    assert_eq!(found.len(), 1);
    assert_eq!(server.get(200, &format!("{target}?excludedAttributes=members")).get("members"), None);
    let renamed =
        server.patch(200, &target, json!([{"op": "Replace", "path": "displayName", "value": "Engineers"}]));
    assert_eq!(renamed["displayName"], "Engineers");

    let members = |server: &mut Server| -> Vec<String> {
        let group = server.get(200, &target);
        let members = group["members"].as_array().unwrap();
        members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
    };
    let all = json!([{"$ref": null, "value": u1}, {"$ref": null, "value": u2}, {"$ref": null, "value": u3}]);
    server.patch(200, &target, json!([{"op": "Add", "path": "members", "value": all}]));
    assert_eq!(members(&mut server), [u1.clone(), u2.clone(), u3.clone()]);
    let again = server.patch(200, &target, json!([{"op": "add", "path": "members", "value": all}]));
    assert_eq!(again["meta"]["version"], "W/\"3\"", "adding who is there changes nothing");
    // P9 takes away exactly those that it lists.
    let one = json!([{"$ref": null, "value": u1}]);
    server.patch(200, &target, json!([{"op": "Remove", "path": "members", "value": one}]));
    assert_eq!(members(&mut server), [u2.clone(), u3.clone()]);
    server.patch(200, &target, json!([{"op": "remove", "path": format!("members[value eq \"{u2}\"]")}]));
    assert_eq!(members(&mut server), std::slice::from_ref(&u3));
    server.patch(200, &target, json!([{"op": "Remove", "path": "members", "value": one}]));
    assert_eq!(members(&mut server), [u3], "removing who is not there is a success");
    server.patch(200, &target, json!([{"op": "replace", "path": "members", "value": null}]));
    assert_eq!(members(&mut server), Vec::<String>::new());
    server.delete(204, &target);
    server.delete(404, &target);
}
