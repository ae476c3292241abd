//! Any SCIM 2.0 service (RFC 7643, RFC 7644): users, and groups when they are switched on.

use super::build::{
    ENTERPRISE, Flow, enterprise, id, map, matching, object, reference, schema, text, typed, user_name,
};
use super::{AppRole, ApplicationTemplate};
use crate::schema::{AttributeDefinition, AttributeMapping, AttributeType};

pub(super) fn template() -> ApplicationTemplate {
    ApplicationTemplate {
        id: "8adf8e6e-67b2-4cf2-a259-e3dc5476c601".to_owned(),
        display_name: "SCIM 2.0 application".to_owned(),
        description: "Any application with a SCIM 2.0 endpoint.".to_owned(),
        publisher: "Rollcall".to_owned(),
        categories: vec!["developerServices".to_owned()],
        home_page_url: None,
        logo_url: None,
        supported_provisioning_types: vec!["sync".to_owned()],
        sync_template_id: "scim".to_owned(),
        tenant_url_hint: "The address that /Users can be appended to, such as https://example.com/scim/v2"
            .to_owned(),
        excludes_default_access: false,
        app_roles: vec![
            AppRole::default_access(),
            AppRole {
                id: "18d14569-c3bd-439b-9a66-3a2aee01d101".to_owned(),
                display_name: "User".to_owned(),
                description: "Uses the application".to_owned(),
                value: Some("User".to_owned()),
                is_enabled: true,
            },
        ],
        schema: schema(
            "scim",
            "SCIM application",
            vec![object("User", user_attributes()), object("Group", group_attributes())],
            vec![
                Flow {
                    name: "Provision workforce users".to_owned(),
                    object: "User",
                    enabled: true,
                    mappings: user_mappings(),
                },
                Flow {
                    name: "Provision workforce groups".to_owned(),
                    object: "Group",
                    enabled: false,
                    mappings: group_mappings(),
                },
            ],
        ),
    }
}

fn user_mappings() -> Vec<AttributeMapping> {
    vec![
        matching("userName", "[userPrincipalName]", 1),
        map("active", "Not([IsSoftDeleted])"),
        map("displayName", "[displayName]"),
        map("title", "[jobTitle]"),
        map("emails[type eq \"work\"].value", "[mail]"),
        map("preferredLanguage", "[preferredLanguage]"),
        map("name.givenName", "[givenName]"),
        map("name.familyName", "[surname]"),
        map("name.formatted", "Join(\" \", [givenName], [surname])"),
        map("addresses[type eq \"work\"].formatted", "[physicalDeliveryOfficeName]"),
        map("addresses[type eq \"work\"].streetAddress", "[streetAddress]"),
        map("addresses[type eq \"work\"].locality", "[city]"),
        map("addresses[type eq \"work\"].region", "[state]"),
        map("addresses[type eq \"work\"].postalCode", "[postalCode]"),
        map("addresses[type eq \"work\"].country", "[country]"),
        map("phoneNumbers[type eq \"work\"].value", "[telephoneNumber]"),
        map("phoneNumbers[type eq \"mobile\"].value", "[mobile]"),
        map("phoneNumbers[type eq \"fax\"].value", "[facsimileTelephoneNumber]"),
        map("externalId", "[mailNickname]"),
        enterprise("employeeNumber", "[employeeId]"),
        enterprise("department", "[department]"),
        enterprise("manager", "[manager]"),
    ]
}

fn group_mappings() -> Vec<AttributeMapping> {
    vec![
        matching("displayName", "[displayName]", 1),
        map("externalId", "[objectId]"),
        map("members", "[members]"),
    ]
}

fn user_attributes() -> Vec<AttributeDefinition> {
    let mut attributes = vec![id(), user_name(), typed("active", AttributeType::Boolean), external_id()];
    for name in [
        "displayName",
        "nickName",
        "profileUrl",
        "title",
        "userType",
        "preferredLanguage",
        "locale",
        "timezone",
    ] {
        attributes.push(text(name));
    }
    for name in ["givenName", "familyName", "middleName", "formatted", "honorificPrefix", "honorificSuffix"] {
        attributes.push(text(&format!("name.{name}")));
    }
    for kind in ["work", "home", "other"] {
        attributes.push(text(&format!("emails[type eq \"{kind}\"].value")));
    }
    for kind in ["work", "mobile", "fax", "home", "pager", "other"] {
        attributes.push(text(&format!("phoneNumbers[type eq \"{kind}\"].value")));
    }
    for kind in ["work", "home", "other"] {
        for part in ["formatted", "streetAddress", "locality", "region", "postalCode", "country"] {
            attributes.push(text(&format!("addresses[type eq \"{kind}\"].{part}")));
        }
    }
    attributes.push(text("roles[primary eq \"True\"].value"));
    attributes.push(AttributeDefinition { multivalued: true, ..text("roles") });
    for name in ["employeeNumber", "costCenter", "organization", "division", "department"] {
        attributes.push(text(&format!("{ENTERPRISE}:{name}")));
    }
    attributes.push(reference(&format!("{ENTERPRISE}:manager"), false, &["User"]));
    attributes
}

fn group_attributes() -> Vec<AttributeDefinition> {
    vec![
        id(),
        AttributeDefinition { required: true, ..text("displayName") },
        external_id(),
        reference("members", true, &["User", "Group"]),
    ]
}

/// RFC 7643, section 3.1: `externalId` is case-exact.
fn external_id() -> AttributeDefinition {
    AttributeDefinition { case_exact: true, ..text("externalId") }
}
