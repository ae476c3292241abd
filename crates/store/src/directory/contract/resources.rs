//! Single resources.

use scim::service::{Method, Request};
use scim::urn;
use serde_json::{Value as Json, json};

use super::super::Profile;
use super::{BASE_URL, Directory, Failure, same, text};
use crate::sql::Sql;

pub(super) fn life(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Application)?;
    let body = json!({
        "schemas": [urn::USER, urn::ENTERPRISE_USER],
        "userName": "Ada@Example.com",
        "externalId": "x-1",
        "active": "True",
        "title": null,
        "emails": [{"type": "work", "value": "Ada@Example.com", "primary": true}],
        urn::ENTERPRISE_USER: {"department": "IT"},
        urn::PEAKON_USER: {"Business Unit": "R&D"},
    });
    let created = directory.request(Method::Post, "/Users", &body);
    same(created.status, 201, "status of POST")?;
    let location = format!("{BASE_URL}/Users/id-1");
    same(created.headers.contains(&("Location", location.clone())), true, "Location")?;
    let expected = json!({
        "schemas": [urn::USER, urn::ENTERPRISE_USER, urn::PEAKON_USER],
        "id": "id-1",
        "userName": "Ada@Example.com",
        "externalId": "x-1",
        "active": true,
        "emails": [{"type": "work", "value": "Ada@Example.com", "primary": true}],
        urn::ENTERPRISE_USER: {"department": "IT"},
        urn::PEAKON_USER: {"Business Unit": "R&D"},
        "meta": {
            "resourceType": "User",
            "created": "1970-01-01T00:00:02.000Z",
            "lastModified": "1970-01-01T00:00:02.000Z",
            "version": "W/\"1\"",
            "location": location,
        },
    });
    same(created.body.as_ref(), Some(&expected), "body of POST")?;
    same(directory.get("/Users/id-1")?, expected, "body of GET")?;

    let patched =
        directory.patch("/Users/id-1", json!([{"op": "Replace", "path": "active", "value": "False"}]))?;
    same(patched.get("active"), Some(&json!(false)), "PATCH of active")?;
    same(patched.pointer("/meta/version"), Some(&json!("W/\"2\"")), "version after PATCH")?;
    same(patched.pointer("/meta/created"), Some(&json!("1970-01-01T00:00:02.000Z")), "created after PATCH")?;
    let find = "/Users?filter=userName+eq+%22ada@example.COM%22";
    same(directory.column(find, "id")?, ["id-1"], "a disabled user is found")?;

    let body = json!({"schemas": [urn::USER], "userName": "ada2", "id": "other"});
    let replaced = directory.expect(200, Method::Put, "/Users/id-1", &body)?;
    same(replaced.get("emails"), None, "PUT removes what it leaves out")?;
    same(text(&replaced, "id"), "id-1", "PUT keeps the id")?;
    same(directory.column(find, "id")?, Vec::<String>::new(), "the old name finds nothing")?;
    let find = "/Users?filter=emails.value+eq+%22ada@example.com%22";
    same(directory.column(find, "id")?, Vec::<String>::new(), "the old address finds nothing")?;

    directory.expect(204, Method::Delete, "/Users/id-1", &Json::Null)?;
    directory.expect(404, Method::Delete, "/Users/id-1", &Json::Null)?;
    directory.expect(404, Method::Get, "/Users/id-1", &Json::Null)?;
    directory.expect(404, Method::Get, "/Groups/id-1", &Json::Null)?;
    Ok(())
}

pub(super) fn unique_names(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Application)?;
    let ada = directory.user("Søren", json!({}))?;
    let bob = directory.user("bob", json!({}))?;
    let body = json!({"schemas": [urn::USER], "userName": "SØREN"});
    let refused = directory.expect(409, Method::Post, "/Users", &body)?;
    same(text(&refused, "scimType"), "uniqueness", "scimType of POST")?;
    let refused = directory.expect(409, Method::Put, &format!("/Users/{bob}"), &body)?;
    same(text(&refused, "scimType"), "uniqueness", "scimType of PUT")?;
    let before = directory.get(&format!("/Users/{bob}"))?;
    let latest = directory.store.latest_sequence()?;
    let operations = json!([
        {"op": "add", "path": "emails", "value": [{"value": "bob@x"}]},
        {"op": "replace", "path": "userName", "value": "søren"},
    ]);
    let body = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
    directory.expect(409, Method::Patch, &format!("/Users/{bob}"), &body)?;
    same(directory.get(&format!("/Users/{bob}"))?, before, "a refused PATCH changes nothing")?;
    same(directory.store.latest_sequence()?, latest, "a refused PATCH logs nothing")?;
    same(directory.store.counts()?.users, 2, "a refused POST counts nothing")?;
    // The own name in another case is no conflict.
    directory
        .patch(&format!("/Users/{ada}"), json!([{"op": "replace", "path": "userName", "value": "SØREN"}]))?;
    // Groups may share names.
    directory.group("Eng", &[])?;
    directory.group("Eng", &[])?;
    directory.expect(204, Method::Delete, &format!("/Users/{ada}"), &Json::Null)?;
    directory.user("søren", json!({})).map(|_| ())
}

pub(super) fn no_change(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Application)?;
    let ada = directory.user("ada", json!({"title": "Dr", "emails": [{"value": "a@x", "type": "work"}]}))?;
    let group = directory.group("Eng", &[&ada])?;
    let before = (directory.get(&format!("/Users/{ada}"))?, directory.get(&format!("/Groups/{group}"))?);
    let latest = directory.store.latest_sequence()?;
    directory.patch(
        &format!("/Users/{ada}"),
        json!([
            {"op": "add", "path": "title", "value": "Dr"},
            {"op": "add", "path": "emails", "value": [{"value": "a@x", "type": "work"}]},
            {"op": "remove", "path": "nickName"},
        ]),
    )?;
    directory.patch(
        &format!("/Groups/{group}"),
        json!([
            {"op": "add", "path": "members", "value": [{"value": ada}]},
            {"op": "remove", "path": "members", "value": [{"value": "nobody"}]},
            {"op": "replace", "path": "members", "value": [{"value": ada}]},
        ]),
    )?;
    let after = (directory.get(&format!("/Users/{ada}"))?, directory.get(&format!("/Groups/{group}"))?);
    same(after, before, "resources after requests that change nothing")?;
    same(directory.store.latest_sequence()?, latest, "change log")
}

pub(super) fn versions(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Application)?;
    let ada = directory.user("ada", json!({}))?;
    let target = format!("/Users/{ada}?excludedAttributes=groups");
    let put = json!({"schemas": [urn::USER], "userName": "ada", "title": "Dr"}).to_string();
    let mut check = |method: Method, header: &str, tag: &str, body: &str, expected: u16| {
        let request = Request::new(method, &target).header(header, tag).body(body);
        same(directory.send(&request).status, expected, &format!("{method:?} {header}: {tag}"))
    };
    check(Method::Get, "If-None-Match", "W/\"1\"", "", 304)?;
    check(Method::Get, "If-None-Match", "W/\"2\"", "", 200)?;
    check(Method::Put, "If-Match", "W/\"2\"", &put, 412)?;
    check(Method::Put, "If-Match", "W/\"1\"", &put, 200)?;
    check(Method::Put, "If-Match", "W/\"1\"", &put, 412)?;
    check(Method::Put, "If-None-Match", "*", &put, 412)?;
    check(Method::Delete, "If-Match", "W/\"1\"", "", 412)?;
    check(Method::Delete, "If-Match", "W/\"2\"", "", 204)
}

/// A user's version does not count what happens to groups, so what shows them is never said to be unchanged.
pub(super) fn conditional_groups(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Application)?;
    let ada = directory.user("ada", json!({}))?;
    let group = directory.group("Eng", &[])?;
    let (user, target) = (format!("/Users/{ada}"), format!("/Groups/{group}"));
    let mut read = |target: &str, change: Option<Json>| -> Result<(u16, Json), Failure> {
        if let Some(operation) = change {
            directory.patch(&format!("/Groups/{group}"), json!([operation]))?;
        }
        let response = directory.send(&Request::new(Method::Get, target).header("If-None-Match", "W/\"1\""));
        let names = response.body.as_ref().and_then(|body| body.get("groups")).and_then(Json::as_array);
        let names = names.into_iter().flatten().map(|group| text(group, "display")).collect();
        Ok((response.status, names))
    };
    let member = json!([{"value": ada}]);
    same(read(&user, None)?, (200, json!([])), "before")?;
    let add = json!({"op": "add", "path": "members", "value": member});
    same(read(&user, Some(add))?, (200, json!(["Eng"])), "after joining a group")?;
    let rename = json!({"op": "replace", "path": "displayName", "value": "R&D"});
    same(read(&user, Some(rename))?, (200, json!(["R&D"])), "after the group's new name")?;
    same(read(&format!("{user}?attributes=userName,groups.display"), None)?, (200, json!(["R&D"])), "named")?;
    same(read(&format!("{user}?attributes=userName"), None)?.0, 304, "without groups")?;
    same(read(&format!("{user}?excludedAttributes=groups"), None)?.0, 304, "groups excluded")?;
    let remove = json!({"op": "remove", "path": "members", "value": member});
    same(read(&user, Some(remove))?, (200, json!([])), "after leaving the group")?;
    same(read(&target, None)?.0, 200, "the group has changed")?;
    let current = Request::new(Method::Get, &target).header("If-None-Match", "W/\"4\"");
    same(directory.send(&current).status, 304, "a group's version counts its members")
}

pub(super) fn references(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Application)?;
    let boss = directory.user("boss@x", json!({"emails": [{"value": "The.Boss@x"}]}))?;
    let manager = |id: &str| json!({urn::ENTERPRISE_USER: {"manager": {"value": id}}});
    let ada = directory.user("ada", manager(&boss))?;
    let expected = json!({"value": boss, "$ref": format!("{BASE_URL}/Users/{boss}")});
    let found = directory.get(&format!("/Users/{ada}"))?;
    let found = found.get(urn::ENTERPRISE_USER).and_then(|extension| extension.get("manager"));
    same(found, Some(&expected), "manager")?;
    for unknown in [manager("nobody"), manager(&directory.group("Eng", &[])?)] {
        let body = super::with(json!({"schemas": [urn::USER], "userName": "bob"}), unknown);
        let refused = directory.expect(400, Method::Post, "/Users", &body)?;
        same(text(&refused, "scimType"), "invalidValue", "unknown manager")?;
    }
    for buddy in [boss.as_str(), "BOSS@X", "the.boss@X", &format!("{BASE_URL}/Users/{boss}")] {
        let path = format!("{}:Buddy", urn::PEAKON_USER);
        directory.patch(&format!("/Users/{ada}"), json!([{"op": "add", "path": path, "value": buddy}]))?;
        let found = directory.get(&format!("/Users/{ada}"))?;
        let found = found.get(urn::PEAKON_USER).and_then(|extension| extension.get("Buddy")).cloned();
        same(found, Some(json!(buddy)), "an employee is kept as it was sent")?;
    }
    let unknown = json!({"schemas": [urn::USER], "userName": "bob", urn::PEAKON_USER: {"Buddy": "nobody@x"}});
    directory.expect(400, Method::Post, "/Users", &unknown).map(|_| ())
}

pub(super) fn too_large(sql: &dyn Sql) -> Result<(), Failure> {
    let mut directory = Directory::new(sql, Profile::Application)?;
    let ada = directory.user("ada", json!({}))?;
    let latest = directory.store.latest_sequence()?;
    let roles: Json =
        (0..40).map(|index| json!({"value": format!("{index}{}", "x".repeat(60_000))})).collect();
    let body = json!({"schemas": [urn::USER], "userName": "big", "roles": roles});
    directory.expect(413, Method::Post, "/Users", &body)?;
    directory.expect(413, Method::Put, &format!("/Users/{ada}"), &body)?;
    same(directory.column("/Users", "userName")?, ["ada"], "nothing is half stored")?;
    same(directory.store.latest_sequence()?, latest, "nothing is logged")
}
