//! The representations of RFC 7643 section 8: a client may send them, and reads back what it sent.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod support;

use serde_json::{Value, json};
use support::Server;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// What is answered is what was sent, but for what the directory says itself.
fn check(mut sent: Value, mut answered: Value) {
    for name in ["id", "meta", "groups", "password"] {
        sent.as_object_mut().unwrap().shift_remove(name);
        answered.as_object_mut().unwrap().shift_remove(name);
    }
    if let Some(manager) = sent.pointer_mut(&format!("/{ENTERPRISE}/manager")).and_then(Value::as_object_mut)
    {
        manager.shift_remove("displayName");
        let id = manager["value"].as_str().unwrap();
        manager["$ref"] = json!(format!("{}/Users/{id}", support::BASE_URL));
    }
    assert_eq!(answered, sent);
}

#[test]
fn minimal_user() {
    let mut server = Server::new();
    let sent = read(include_str!("rfc7643/minimal_user.json"));
    check(sent.clone(), server.post(201, "/Users", &sent));
}

#[test]
fn full_user() {
    let mut server = Server::new();
    let sent = read(include_str!("rfc7643/full_user.json"));
    let created = server.post(201, "/Users", &sent);
    check(sent, created.clone());
    assert_eq!(created.get("password"), None, "never returned");
    assert_eq!(created.get("groups"), None, "said by the directory");
    let target = format!("/Users/{}", created["id"].as_str().unwrap());
    assert_eq!(server.put(200, &target, &created), created, "a PUT of what was read changes nothing");
}

#[test]
fn enterprise_user() {
    let mut server = Server::new();
    server.ids = vec!["26118915-6090-4610-87e4-49d8ca9f808d".to_owned()];
    let manager = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "jsmith"});
    server.post(201, "/Users", &manager);
    let sent = read(include_str!("rfc7643/enterprise_user.json"));
    check(sent.clone(), server.post(201, "/Users", &sent));
}

#[test]
fn group() {
    let mut server = Server::new();
    server.ids = ["902c246b-6245-4190-8e05-00816be7344a", "2819c223-7f76-453a-919d-413861904646"]
        .map(str::to_owned)
        .to_vec();
    for name in ["babs", "mandy"] {
        let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name});
        server.post(201, "/Users", &user);
    }
    let sent = read(include_str!("rfc7643/group.json"));
    let created = server.post(201, "/Groups", &sent);
    assert_eq!(created["displayName"], sent["displayName"]);
    let values = |group: &Value| -> Vec<Value> {
        group["members"].as_array().unwrap().iter().map(|member| member["value"].clone()).collect()
    };
    assert_eq!(values(&created), values(&sent));
}
