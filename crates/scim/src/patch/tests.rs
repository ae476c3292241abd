use serde_json::{Map, Value, json};

use super::*;
use crate::error::{ScimError, ScimType};
use crate::resource::ResourceType;
use crate::schema::{CustomAttribute, CustomExtension, CustomType, SchemaSet};
use crate::urn;

fn schemas() -> SchemaSet {
    let custom = |name, kind| CustomAttribute::new(name, kind).unwrap();
    SchemaSet::new(Some(&CustomExtension {
        urn: urn::PEAKON_USER.into(),
        name: "Peakon".into(),
        attributes: vec![custom("Business Unit", CustomType::String), custom("Salary", CustomType::Number)],
    }))
}

fn ada() -> Map<String, Value> {
    let json = json!({
        "userName": "ada",
        "name": {"givenName": "Ada", "familyName": "L"},
        "displayName": "Ada L",
        "active": true,
        "emails": [
            {"value": "ada@work", "type": "work", "primary": true},
            {"value": "ada@home", "type": "home"}
        ],
        urn::ENTERPRISE_USER: {"department": "IT", "manager": {"value": "m0"}}
    });
    json.as_object().unwrap().clone()
}

fn run(kind: ResourceType, attributes: &Map<String, Value>, operations: Value) -> Result<Patched, ScimError> {
    let body = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
    apply(kind, attributes, &parse(&body)?, &schemas())
}

/// Applies operations to Ada and compares what changed; applies them again and expects no change.
fn check(operations: Value, expected: Value) {
    let patched = run(ResourceType::User, &ada(), operations.clone()).unwrap();
    let mut found = Map::new();
    for change in changes(&ada(), &patched.attributes) {
        found.insert(change.name, json!([change.old, change.new]));
    }
    assert_eq!(Value::Object(found), expected, "{operations}");
    let again = run(ResourceType::User, &patched.attributes, operations.clone()).unwrap();
    assert_eq!(changes(&patched.attributes, &again.attributes), Vec::new(), "repeated: {operations}");
}

fn check_error(operations: Value, scim_type: ScimType) {
    let error = run(ResourceType::User, &ada(), operations.clone()).unwrap_err();
    assert_eq!((error.status, error.scim_type), (400, Some(scim_type)), "{operations}: {}", error.detail);
}

#[test]
fn add() {
    check(json!([{"op": "add", "path": "nickName", "value": "A"}]), json!({"nickName": [null, "A"]}));
    check(
        json!([{"op": "add", "path": "displayName", "value": "A"}]),
        json!({"displayName": ["Ada L", "A"]}),
    );
    check(json!([{"op": "add", "path": "displayName", "value": "Ada L"}]), json!({}));
    check(
        json!([{"op": "add", "path": "name", "value": {"middleName": "M"}}]),
        json!({"name.middleName": [null, "M"]}),
    );
    check(
        json!([{"op": "add", "path": "name.familyName", "value": "X"}]),
        json!({"name.familyName": ["L", "X"]}),
    );
    check(
        json!([{"op": "add", "path": "emails", "value": [{"value": "a@other", "type": "other"}]}]),
        json!({"emails[type eq \"other\"].value": [null, "a@other"]}),
    );
    check(
        json!([{"op": "add", "path": "emails", "value": {"value": "ada@home", "type": "home"}}]),
        json!({}),
    );
    check(json!([{"op": "add", "path": "emails", "value": "ada@home"}]), json!({}));
    check(
        json!([{"op": "add", "path": "emails", "value": [{"value": "ada@home", "primary": true}]}]),
        json!({
            "emails[type eq \"work\"].primary": [true, false],
            "emails[type eq \"home\"].primary": [null, true]
        }),
    );
    // RFC 7644 section 3.5.2.1, without a path.
    check(
        json!([{"op": "add", "value": {"emails": [{"value": "babs@jensen.org", "type": "other"}], "nickname": "Babs"}}]),
        json!({"emails[type eq \"other\"].value": [null, "babs@jensen.org"], "nickName": [null, "Babs"]}),
    );
}

#[test]
fn replace() {
    check(
        json!([{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"value": "new@work", "type": "work"}}]),
        json!({
            "emails[type eq \"work\"].value": ["ada@work", "new@work"],
            "emails[type eq \"work\"].primary": [true, null]
        }),
    );
    check(
        json!([{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"value": "new@work", "primary": true}}]),
        json!({"emails[type eq \"work\"].value": ["ada@work", "new@work"]}),
    );
    check(
        json!([{"op": "replace", "path": "emails", "value": [{"value": "only@x", "type": "work"}]}]),
        json!({
            "emails[type eq \"work\"].value": ["ada@work", "only@x"],
            "emails[type eq \"work\"].primary": [true, null],
            "emails[type eq \"home\"].value": ["ada@home", null]
        }),
    );
    check(
        json!([{"op": "replace", "path": "emails", "value": []}]),
        json!({
            "emails[type eq \"work\"].value": ["ada@work", null],
            "emails[type eq \"work\"].primary": [true, null],
            "emails[type eq \"home\"].value": ["ada@home", null]
        }),
    );
    check(
        json!([{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}]),
        json!({
            "emails[type eq \"work\"].primary": [true, false],
            "emails[type eq \"home\"].primary": [null, true]
        }),
    );
    check(
        json!([{"op": "replace", "path": "name", "value": {"familyName": "X"}}]),
        json!({"name.familyName": ["L", "X"]}),
    );
    check(
        json!([{"op": "replace", "path": "name", "value": null}]),
        json!({"name.givenName": ["Ada", null], "name.familyName": ["L", null]}),
    );
    check(
        json!([{"op": "replace", "path": "displayName", "value": null}]),
        json!({"displayName": ["Ada L", null]}),
    );
    check(
        json!([{"op": "replace", "value": {urn::ENTERPRISE_USER: {"department": "HR"}, "id": "x", "meta": {}, "unknown": 1}}]),
        json!({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": ["IT", "HR"]}),
    );
    check(
        json!([{"op": "replace", "path": urn::ENTERPRISE_USER, "value": {"costCenter": "7", "manager.value": "m1"}}]),
        json!({
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter": [null, "7"],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value": ["m0", "m1"]
        }),
    );
    check(
        json!([{"op": "replace", "value": {urn::USER: {"displayName": "X"}}}]),
        json!({"displayName": ["Ada L", "X"]}),
    );
    // An extension that nobody knows is ignored, as in POST and PUT.
    for extension in [json!({"x": "y"}), json!({}), Value::Null] {
        check(
            json!([{"op": "replace", "value": {"urn:okta:custom:1.0:User": extension, "active": false}}]),
            json!({"active": [true, false]}),
        );
    }
    check(json!([{"op": "replace", "path": "password", "value": "secret"}]), json!({}));
    check(json!([{"op": "add", "path": "schemas", "value": [urn::PEAKON_USER]}]), json!({}));
}

#[test]
fn remove() {
    check(json!([{"op": "remove", "path": "displayName"}]), json!({"displayName": ["Ada L", null]}));
    check(json!([{"op": "remove", "path": "title"}]), json!({}));
    check(json!([{"op": "remove", "path": "name.givenName"}]), json!({"name.givenName": ["Ada", null]}));
    check(
        json!([{"op": "remove", "path": "emails[type eq \"work\" and value ew \"work\"]"}]),
        json!({"emails[type eq \"work\"].value": ["ada@work", null], "emails[type eq \"work\"].primary": [true, null]}),
    );
    check(
        json!([{"op": "remove", "path": "emails[type eq \"work\"].primary"}]),
        json!({"emails[type eq \"work\"].primary": [true, null]}),
    );
    check(json!([{"op": "remove", "path": "emails[type eq \"other\"]"}]), json!({}));
    // A value with nothing but its type left goes.
    let home = json!({"emails[type eq \"home\"].value": ["ada@home", null]});
    check(json!([{"op": "remove", "path": "emails[type eq \"home\"].value"}]), home.clone());
    check(json!([{"op": "replace", "path": "emails[type eq \"home\"].value", "value": null}]), home);
    check(json!([{"op": "replace", "path": "emails[type eq \"other\"].value", "value": ""}]), json!({}));
    // So does one that says besides only that it was the primary one.
    let work = json!({
        "emails[type eq \"work\"].value": ["ada@work", null],
        "emails[type eq \"work\"].primary": [true, null]
    });
    for operation in [
        json!({"op": "remove", "path": "emails[type eq \"work\"].value"}),
        json!({"op": "Replace", "path": "emails[type eq \"work\"].value", "value": null}),
        json!({"op": "Replace", "path": "emails[type eq \"work\"].value", "value": ""}),
        json!({"op": "Add", "path": "emails[type eq \"work\"]", "value": {"value": null}}),
        json!({"op": "Replace", "path": "emails[type eq \"work\"]", "value": {"type": "work", "primary": true, "value": ""}}),
        json!({"op": "Replace", "path": "emails[primary eq \"True\"].value", "value": ""}),
    ] {
        check(json!([operation]), work.clone());
    }
    for value in [json!(""), Value::Null] {
        let operation = json!({"op": "Replace", "path": "roles[primary eq \"True\"].value", "value": value});
        check(json!([operation]), json!({}));
    }
    check(
        json!([{"op": "remove", "path": "emails", "value": [{"value": "ada@home"}]}]),
        json!({"emails[type eq \"home\"].value": ["ada@home", null]}),
    );
    check(
        json!([{"op": "remove", "path": urn::ENTERPRISE_USER}]),
        json!({
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": ["IT", null],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value": ["m0", null]
        }),
    );
}

#[test]
fn refused() {
    check_error(json!([{"op": "remove"}]), ScimType::NoTarget);
    check_error(json!([{"op": "remove", "path": "userName"}]), ScimType::Mutability);
    check_error(json!([{"op": "replace", "path": "userName", "value": ""}]), ScimType::InvalidValue);
    check_error(json!([{"op": "replace", "path": "id", "value": "x"}]), ScimType::Mutability);
    check_error(json!([{"op": "replace", "path": "meta.created", "value": "x"}]), ScimType::Mutability);
    check_error(json!([{"op": "add", "path": "groups", "value": [{"value": "g"}]}]), ScimType::Mutability);
    check_error(json!([{"op": "replace", "path": "nonsense", "value": 1}]), ScimType::InvalidPath);
    // An attribute that is not there, with a URN before it, and not an extension.
    for (key, value) in [
        ("urn:x:User:y", json!("z")),
        ("urn:x:User:emails[type eq \"work\"]", json!({"value": "z"})),
        (&format!("{}:managr", urn::ENTERPRISE_USER), json!({"value": "m1"})),
        (&format!("{}:nam", urn::USER.to_lowercase()), json!({"givenName": "A"})),
    ] {
        check_error(
            json!([{"op": "replace", "value": {"active": false, key: value}}]),
            ScimType::InvalidPath,
        );
    }
    check_error(
        json!([{"op": "replace", "path": "urn:okta:custom:1.0:User", "value": {"x": "y"}}]),
        ScimType::InvalidPath,
    );
    check_error(json!([{"op": "replace", "path": "emails[type eq", "value": 1}]), ScimType::InvalidPath);
    check_error(
        json!([{"op": "replace", "path": "emails[value co \"nobody\"].type", "value": "x"}]),
        ScimType::NoTarget,
    );
    check_error(json!([{"op": "replace", "path": "active", "value": "maybe"}]), ScimType::InvalidValue);
    check_error(json!([{"op": "replace", "value": "x"}]), ScimType::InvalidValue);
    check_error(json!([{"op": "replace", "path": "title"}]), ScimType::InvalidValue);
    check_error(json!([{"op": "move", "path": "title"}]), ScimType::InvalidSyntax);
    check_error(json!([]), ScimType::InvalidSyntax);
    check_error(json!({}), ScimType::InvalidSyntax);
    // The first operation is not kept when the second fails.
    check_error(
        json!([{"op": "replace", "path": "title", "value": "x"}, {"op": "remove", "path": "userName"}]),
        ScimType::Mutability,
    );
    let body = json!({"Operations": [{"op": "remove", "path": "title"}]});
    assert_eq!(parse(&body).unwrap_err().scim_type, Some(ScimType::InvalidSyntax));
}

/// The shapes of Entra's client, with and without its compatibility flag.
#[test]
fn entra() {
    const DEPARTMENT: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    const EMPLOYEE_NUMBER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber";
    // P1: several singles.
    check(
        json!([
            {"op": "Replace", "path": "displayName", "value": "x"},
            {"op": "Replace", "path": "name.givenName", "value": "A"}
        ]),
        json!({"displayName": ["Ada L", "x"], "name.givenName": ["Ada", "A"]}),
    );
    check(
        json!([{"op": "replace", "value": {"displayName": "x", "name.givenName": "A", EMPLOYEE_NUMBER: "7"}}]),
        json!({"displayName": ["Ada L", "x"], "name.givenName": ["Ada", "A"], EMPLOYEE_NUMBER: [null, "7"]}),
    );
    check(
        json!([{"op": "replace", "value": {"emails[type eq \"work\"].value": "new@work"}}]),
        json!({"emails[type eq \"work\"].value": ["ada@work", "new@work"]}),
    );
    // P2: add a single.
    check(json!([{"op": "Add", "path": "nickName", "value": "x"}]), json!({"nickName": [null, "x"]}));
    check(json!([{"op": "add", "value": {"nickName": "x"}}]), json!({"nickName": [null, "x"]}));
    // P3: disable. A string that says False is false.
    check(json!([{"op": "Replace", "path": "active", "value": "False"}]), json!({"active": [true, false]}));
    check(json!([{"op": "replace", "path": "active", "value": false}]), json!({"active": [true, false]}));
    check(json!([{"op": "Replace", "path": "active", "value": false}]), json!({"active": [true, false]}));
    check(json!([{"op": "replace", "value": {"active": "False"}}]), json!({"active": [true, false]}));
    // P4: a part of a typed value.
    for op in ["Replace", "replace", "Add", "add"] {
        check(
            json!([{"op": op, "path": "emails[type eq \"work\"].value", "value": "new@work"}]),
            json!({"emails[type eq \"work\"].value": ["ada@work", "new@work"]}),
        );
        // P5: the value is missing and is created, not as primary.
        check(
            json!([{"op": op, "path": "emails[type eq \"other\"].value", "value": "a@other"}]),
            json!({"emails[type eq \"other\"].value": [null, "a@other"]}),
        );
        check(
            json!([{"op": op, "path": "addresses[type eq \"work\"].country", "value": "DK"}]),
            json!({"addresses[type eq \"work\"].country": [null, "DK"]}),
        );
    }
    // P6: an extension's single.
    check(json!([{"op": "Replace", "path": DEPARTMENT, "value": "HR"}]), json!({DEPARTMENT: ["IT", "HR"]}));
    check(json!([{"op": "replace", "value": {DEPARTMENT: "HR"}}]), json!({DEPARTMENT: ["IT", "HR"]}));
    let unit = format!("{}:Business Unit", urn::PEAKON_USER);
    check(json!([{"op": "Add", "path": unit, "value": "R&D"}]), json!({unit.clone(): [null, "R&D"]}));
    check(json!([{"op": "add", "value": {unit.clone(): "R&D"}}]), json!({unit.clone(): [null, "R&D"]}));
    // P7: remove a single.
    check(json!([{"op": "Remove", "path": "displayName"}]), json!({"displayName": ["Ada L", null]}));
    // P12: a quoted boolean in a filter.
    check(
        json!([{"op": "Replace", "path": "emails[primary eq \"True\"].value", "value": "new@work"}]),
        json!({"emails[type eq \"work\"].value": ["ada@work", "new@work"]}),
    );
}

#[test]
fn entra_manager() {
    const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
    let set = json!({format!("{MANAGER}.value"): ["m0", "m1"]});
    let list = json!([{"$ref": "http://x/Users/m1", "value": "m1"}]);
    check(json!([{"op": "Add", "path": "manager", "value": list}]), set.clone());
    check(json!([{"op": "Add", "path": MANAGER, "value": "m1"}]), set.clone());
    check(json!([{"op": "Add", "path": MANAGER, "value": {"value": "m1"}}]), set.clone());
    check(json!([{"op": "replace", "value": {MANAGER: "m1"}}]), set.clone());
    check(
        json!([{"op": "replace", "value": {MANAGER: {"value": "m1", "displayName": "Boss"}}}]),
        set.clone(),
    );
    check(json!([{"op": "replace", "path": format!("{MANAGER}.value"), "value": "m1"}]), set);
    let removed = json!({format!("{MANAGER}.value"): ["m0", null]});
    check(json!([{"op": "Add", "path": MANAGER, "value": ""}]), removed.clone());
    check(json!([{"op": "Add", "path": MANAGER, "value": null}]), removed.clone());
    check(json!([{"op": "Replace", "path": MANAGER, "value": {"value": ""}}]), removed.clone());
    check(json!([{"op": "Remove", "path": "manager"}]), removed.clone());
    check(json!([{"op": "Remove", "path": "manager[value eq \"m0\"]"}]), removed.clone());
    check(json!([{"op": "Remove", "path": MANAGER, "value": [{"value": "m0"}]}]), removed);
    check(json!([{"op": "Remove", "path": "manager[value eq \"m9\"]"}]), json!({}));
}

#[test]
fn entra_roles() {
    let single = json!({"roles": [null, [{"primary": true, "value": "Admin"}]]});
    for op in ["Add", "Replace"] {
        check(
            json!([{"op": op, "path": "roles[primary eq \"True\"].value", "value": "Admin"}]),
            single.clone(),
        );
    }
    check(
        json!([{"op": "Add", "path": "roles", "value": [
            {"value": "{\"id\":\"g\",\"value\":\"Admin\",\"displayName\":\"Administrator\"}"}
        ]}]),
        json!({"roles": [null, [{"value": "Admin", "display": "Administrator"}]]}),
    );
    let objects = json!([
        {"primary": false, "type": "WindowsAzureActiveDirectoryRole", "display": "Admin", "value": "Admin"}
    ]);
    check(
        json!([{"op": "Replace", "path": "roles", "value": objects}]),
        json!({
            "roles[type eq \"WindowsAzureActiveDirectoryRole\"].primary": [null, false],
            "roles[type eq \"WindowsAzureActiveDirectoryRole\"].display": [null, "Admin"],
            "roles[type eq \"WindowsAzureActiveDirectoryRole\"].value": [null, "Admin"]
        }),
    );
}

#[test]
fn members_are_edits() {
    let group = Map::from_iter([("displayName".to_owned(), json!("Eng"))]);
    let check = |operations: Value, expected: &[MemberEdit]| {
        let patched = run(ResourceType::Group, &group, operations.clone()).unwrap();
        assert_eq!(patched.members, expected, "{operations}");
        assert_eq!(patched.attributes, group, "{operations}");
    };
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    // P8, P9.
    let two = json!([{"$ref": null, "value": "u1"}, {"$ref": null, "value": "u2"}]);
    check(json!([{"op": "Add", "path": "members", "value": two}]), &[MemberEdit::Add(ids(&["u1", "u2"]))]);
    check(json!([{"op": "add", "value": {"members": [{"value": "u1"}]}}]), &[MemberEdit::Add(ids(&["u1"]))]);
    let one = json!([{"$ref": null, "value": "u1"}]);
    check(json!([{"op": "Remove", "path": "members", "value": one}]), &[MemberEdit::Remove(ids(&["u1"]))]);
    check(json!([{"op": "remove", "path": "members[value eq \"u1\"]"}]), &[MemberEdit::Remove(ids(&["u1"]))]);
    check(
        json!([{"op": "remove", "path": "members[value eq \"u1\" or value eq \"u2\"]"}]),
        &[MemberEdit::Remove(ids(&["u1", "u2"]))],
    );
    check(json!([{"op": "remove", "path": "members"}]), &[MemberEdit::Replace(vec![])]);
    check(json!([{"op": "replace", "path": "members", "value": null}]), &[MemberEdit::Replace(vec![])]);
    check(json!([{"op": "replace", "path": "members", "value": []}]), &[MemberEdit::Replace(vec![])]);
    check(
        json!([{"op": "replace", "path": "members", "value": [{"value": "u1"}]}]),
        &[MemberEdit::Replace(ids(&["u1"]))],
    );
    // RFC 7644 section 3.5.2.2: remove one and add another.
    check(
        json!([
            {"op": "remove", "path": "members[value eq\"2819c223\"]"},
            {"op": "add", "path": "members", "value": [{"display": "James", "$ref": "https://x/Users/08e1", "value": "08e1"}]}
        ]),
        &[MemberEdit::Remove(ids(&["2819c223"])), MemberEdit::Add(ids(&["08e1"]))],
    );
    let patched =
        run(ResourceType::Group, &group, json!([{"op": "remove", "path": "members[type eq \"Group\"]"}]));
    assert!(matches!(patched.unwrap().members.as_slice(), [MemberEdit::RemoveWhere(_)]));
    for path in ["members[value eq \"u1\"].value", "members.value", "members[value eq \"u1\"]"] {
        let error = run(ResourceType::Group, &group, json!([{"op": "replace", "path": path, "value": "x"}]));
        assert_eq!(error.unwrap_err().scim_type, Some(ScimType::Mutability), "{path}");
    }
}

#[test]
fn names_of_what_changed() {
    let after = json!({
        "userName": "ada",
        "name": {"givenName": "A", "familyName": "M"},
        "emails": [{"value": "x", "type": "work"}],
        urn::ENTERPRISE_USER: {"department": "IT", "manager": {"value": "m1"}}
    });
    let changes = changes(&ada(), after.as_object().unwrap());
    assert_eq!(
        changed_names(&changes),
        [
            "name",
            "displayName",
            "active",
            "emails",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"
        ]
    );
}
