use serde_json::json;

use super::*;

/// Every attribute that is set from outside, with a value.
fn everything() -> Vec<(&'static str, &'static str)> {
    TABLE
        .iter()
        .filter(|attribute| attribute.origin == Origin::Directory)
        .map(|attribute| match attribute.kind {
            Kind::Boolean => (attribute.name, "false"),
            _ => (attribute.name, attribute.description),
        })
        .chain([("extension_costCenter", "4711"), ("extensionAttribute3", "x")])
        .collect()
}

#[test]
fn the_scim_home_of_each_attribute() {
    let table: Vec<_> = TABLE
        .iter()
        .map(|attribute| (attribute.name, attribute.scim_path().unwrap_or_default()))
        .map(|(name, path)| {
            format!("{name} {}", path.replace(ENTERPRISE_EXTENSION, "ent").replace(OWN_EXTENSION, "own"))
        })
        .collect();
    let expected = [
        "objectId id",
        "userPrincipalName userName",
        "displayName displayName",
        "givenName name.givenName",
        "surname name.familyName",
        "mail emails[type eq \"work\"].value",
        "mailNickname own:mailNickname",
        "accountEnabled active",
        "jobTitle title",
        "department ent:department",
        "companyName ent:organization",
        "employeeId ent:employeeNumber",
        "employeeType userType",
        "employeeOrgData.division ent:division",
        "employeeOrgData.costCenter ent:costCenter",
        "manager ent:manager.value",
        "officeLocation own:officeLocation",
        "streetAddress addresses[type eq \"work\"].streetAddress",
        "city addresses[type eq \"work\"].locality",
        "state addresses[type eq \"work\"].region",
        "postalCode addresses[type eq \"work\"].postalCode",
        "country addresses[type eq \"work\"].country",
        "usageLocation own:usageLocation",
        "preferredLanguage preferredLanguage",
        "telephoneNumber phoneNumbers[type eq \"work\"].value",
        "mobile phoneNumbers[type eq \"mobile\"].value",
        "facsimileTelephoneNumber phoneNumbers[type eq \"fax\"].value",
        "IsSoftDeleted ",
        "appRoleAssignments ",
    ];
    assert_eq!(table, expected);
}

#[test]
fn a_whole_person() {
    let mut resource = new_user("ada@contoso.com");
    for (name, value) in [
        ("displayName", "Ada Lovelace"),
        ("givenName", "Ada"),
        ("surname", "Lovelace"),
        ("mail", "ada@contoso.com"),
        ("accountEnabled", "No"),
        ("department", "Engineering"),
        ("manager", "42"),
        ("city", "London"),
        ("country", "United Kingdom"),
        ("telephoneNumber", "+44 1"),
        ("mobile", "+44 2"),
        ("physicalDeliveryOfficeName", "London 4"),
        ("extension_costCenter", "4711"),
    ] {
        set(&mut resource, name, Some(value)).unwrap();
    }
    let expected = json!({
        "schemas": [USER, ENTERPRISE_EXTENSION, OWN_EXTENSION],
        "userName": "ada@contoso.com",
        "active": false,
        "displayName": "Ada Lovelace",
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"value": "ada@contoso.com", "type": "work", "primary": true}],
        ENTERPRISE_EXTENSION: {"department": "Engineering", "manager": {"value": "42"}},
        "addresses": [{"locality": "London", "type": "work", "country": "United Kingdom"}],
        "phoneNumbers": [{"value": "+44 1", "type": "work"}, {"value": "+44 2", "type": "mobile"}],
        OWN_EXTENSION: {"officeLocation": "London 4", "extension_costCenter": "4711"},
    });
    assert_eq!(resource, expected);
    let source = json!({
        "userPrincipalName": "ada@contoso.com",
        "displayName": "Ada Lovelace",
        "givenName": "Ada",
        "surname": "Lovelace",
        "mail": "ada@contoso.com",
        "accountEnabled": false,
        "department": "Engineering",
        "manager": "42",
        "officeLocation": "London 4",
        "city": "London",
        "country": "United Kingdom",
        "telephoneNumber": "+44 1",
        "mobile": "+44 2",
        "extension_costCenter": "4711",
    });
    assert_eq!(Value::Object(to_source(&resource)), source);
}

#[test]
fn each_attribute_is_read_as_it_was_set_and_removal_undoes_it() {
    let empty = new_user("ada@contoso.com");
    for (name, value) in everything() {
        let mut resource = empty.clone();
        set(&mut resource, name, Some(value)).unwrap();
        let read = get(&resource, name).unwrap();
        assert_eq!(read.as_str().map_or_else(|| read.to_string(), str::to_owned), value, "{name}");
        assert!(says(name, Some(read), Some(value)), "{name}");
        assert!(!says(name, Some(read), None), "{name}");
        assert_eq!(to_source(&resource).get(name), Some(read), "{name}");
        if name != "userPrincipalName" {
            set(&mut resource, name, None).unwrap();
            assert_eq!(resource, empty, "{name}");
        }
    }
}

#[test]
fn what_others_stored_is_kept_and_found() {
    let mut resource = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "UserName": "ada",
        "active": "False",
        "emails": [{"value": "home@x", "type": "home", "primary": true}, {"value": "w@x", "type": "Work"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user": {"manager": "42", "costCenter": "1"},
        OWN_EXTENSION: {"shoeSize": 43, "empty": null},
    });
    let expected = json!({
        "userPrincipalName": "ada",
        "mail": "w@x",
        "accountEnabled": false,
        "employeeOrgData.costCenter": "1",
        "manager": "42",
        "shoeSize": 43,
    });
    assert_eq!(Value::Object(to_source(&resource)), expected);

    set(&mut resource, "mail", Some("new@x")).unwrap();
    set(&mut resource, "userPrincipalName", Some("grace")).unwrap();
    assert_eq!(resource["emails"][1], json!({"value": "new@x", "type": "Work"}));
    assert_eq!(resource["UserName"], "grace");
    set(&mut resource, "mail", None).unwrap();
    assert_eq!(resource["emails"], json!([{"value": "home@x", "type": "home", "primary": true}]));
}

#[test]
fn what_cannot_be_set() {
    let mut resource = new_user("ada");
    let before = resource.clone();
    let mut check = |name: &str, value, expected| {
        assert_eq!(set(&mut resource, name, value), Err(expected));
        assert_eq!(resource, before);
    };
    check("shoeSize", Some("43"), SetError::UnknownAttribute("shoeSize".to_owned()));
    check("extension_", Some("43"), SetError::UnknownAttribute("extension_".to_owned()));
    check("objectId", Some("1"), SetError::ReadOnly("objectId"));
    check("IsSoftDeleted", Some("true"), SetError::ReadOnly("IsSoftDeleted"));
    check("accountEnabled", Some("maybe"), SetError::NotBoolean("maybe".to_owned()));
    assert_eq!(set(&mut Value::Null, "mail", Some("x")), Err(SetError::NotAResource));
}

#[test]
fn booleans() {
    let check = |text, expected| assert_eq!(parse_boolean(text).ok(), expected, "{text:?}");
    for text in ["true", "TRUE", "Yes", "1", "", " "] {
        check(text, Some(true));
    }
    for text in ["false", "False", "no", "0", " NO "] {
        check(text, Some(false));
    }
    check("2", None);
    check("enabled", None);
}

#[test]
fn names_of_extensions() {
    let check = |name: &str, expected| assert_eq!(is_extension(name), expected, "{name}");
    check("extension_costCenter", true);
    check("EXTENSION_a1b2_x", true);
    check("extensionAttribute1", true);
    check("extensionAttribute15", true);
    check("extensionAttribute16", false);
    check("extensionAttribute0", false);
    check("extensionAttribute01", false);
    check("extension", false);
    check("extension__x", false);
    check("extension_a b", false);
    check("ëxtension_a", false);
    let longest = format!("extension_{}", "x".repeat(MAX_EXTENSION_NAME - EXTENSION_PREFIX.len()));
    check(&longest, true);
    check(&format!("{longest}x"), false);
}

#[test]
fn the_list_for_the_mapping_editor() {
    let list = serde_json::to_value(source_attributes()).unwrap();
    let expected = json!({
        "name": "objectId", "alias": "id", "type": "String", "origin": "Assigned",
        "description": "The object's id in the directory.",
    });
    assert_eq!(list[0], expected);
    let mut names: Vec<_> = TABLE.iter().flat_map(|a| [Some(a.name), a.alias]).flatten().collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}
