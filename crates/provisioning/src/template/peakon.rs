//! Peakon (Workday Peakon Employee Voice): employee surveys. Users only.
//!
//! The published tutorial gives the attribute list as a picture only; the mappings here are what
//! its vendor says is synchronized out of the box, and the department. Every other attribute of a
//! company lives under [`EXTENSION`] with the name that people gave it, spaces included; an
//! administrator adds a mapping for each.

use super::build::{
    ENTERPRISE, Flow, enterprise, id, map, matching, object, reference, schema, text, typed, user_name,
};
use super::{AppRole, ApplicationTemplate};
use crate::schema::{AttributeMapping, AttributeType};

/// Prefix of a company's own attributes.
#[cfg(test)]
pub(super) const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:peakon:2.0:User";

pub(super) fn template() -> ApplicationTemplate {
    ApplicationTemplate {
        id: "7d1c0f64-3f1e-4c5b-9f0a-5e0b1c9a7a01".to_owned(),
        display_name: "Peakon".to_owned(),
        description: "Employee surveys and the answers to them. Rollcall creates, updates and \
            deactivates the employees who take part."
            .to_owned(),
        publisher: "Peakon".to_owned(),
        categories: vec!["humanResources".to_owned()],
        home_page_url: Some("https://www.peakon.com/".to_owned()),
        logo_url: None,
        supported_provisioning_types: vec!["sync".to_owned()],
        sync_template_id: "peakon".to_owned(),
        tenant_url_hint: "SCIM 2.0 URL of Configuration → Integrations → Employee Provisioning".to_owned(),
        // The tutorial: users with the Default Access role are excluded from provisioning.
        excludes_default_access: true,
        app_roles: vec![
            AppRole::default_access(),
            AppRole {
                id: "c2b4f1de-0f6c-4d0f-8d53-2b1e6a7f9b01".to_owned(),
                display_name: "User".to_owned(),
                description: "Takes part in surveys".to_owned(),
                value: Some("User".to_owned()),
                is_enabled: true,
            },
        ],
        schema: schema(
            "peakon",
            "Peakon",
            vec![object("User", attributes())],
            vec![Flow {
                name: "Provision workforce users to Peakon".to_owned(),
                object: "User",
                enabled: true,
                mappings: mappings(),
            }],
        ),
    }
}

fn mappings() -> Vec<AttributeMapping> {
    vec![
        matching("userName", "[userPrincipalName]", 1),
        map("active", "Not([IsSoftDeleted])"),
        map("name.givenName", "[givenName]"),
        map("name.familyName", "[surname]"),
        enterprise("employeeNumber", "[employeeId]"),
        enterprise("department", "[department]"),
        enterprise("manager", "[manager]"),
    ]
}

fn attributes() -> Vec<crate::schema::AttributeDefinition> {
    let enterprise = |name: &str| format!("{ENTERPRISE}:{name}");
    vec![
        id(),
        user_name(),
        typed("active", AttributeType::Boolean),
        text("externalId"),
        text("displayName"),
        text("title"),
        text("preferredLanguage"),
        text("locale"),
        text("timezone"),
        text("name.givenName"),
        text("name.familyName"),
        text("name.formatted"),
        text("emails[type eq \"work\"].value"),
        text("phoneNumbers[type eq \"work\"].value"),
        text("phoneNumbers[type eq \"mobile\"].value"),
        text(&enterprise("employeeNumber")),
        text(&enterprise("department")),
        text(&enterprise("costCenter")),
        text(&enterprise("division")),
        text(&enterprise("organization")),
        reference(&enterprise("manager"), false, &["User"]),
    ]
}
