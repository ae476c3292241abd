//! The source directory's attributes, under Entra's names.

use super::{
    AttributeDefinition, AttributeType, DirectoryDefinition, Mutability, ObjectDefinition, ReferencedObject,
};

/// Attributes that the engine computes; a source never delivers them.
///
/// `IsSoftDeleted` is true when the object is not assigned, fails the scoping filters, is in the
/// recycle bin or is disabled. `appRoleAssignments` are the roles it holds. `objectId` is its id.
pub const COMPUTED_ATTRIBUTES: &[&str] = &["IsSoftDeleted", "appRoleAssignments", "objectId"];

/// Texts of a person.
const USER_TEXTS: &[&str] = &[
    "userPrincipalName",
    "originalUserPrincipalName",
    "displayName",
    "givenName",
    "surname",
    "mail",
    "mailNickname",
    "jobTitle",
    "department",
    "companyName",
    "employeeId",
    "employeeType",
    "officeLocation",
    "physicalDeliveryOfficeName",
    "streetAddress",
    "city",
    "state",
    "postalCode",
    "country",
    "usageLocation",
    "telephoneNumber",
    "mobile",
    "facsimileTelephoneNumber",
    "preferredLanguage",
    "costCenter",
    "division",
];

/// The workforce directory as a source, under this name.
pub fn source_directory(name: &str) -> DirectoryDefinition {
    let mut user: Vec<AttributeDefinition> = USER_TEXTS.iter().map(|name| text(name)).collect();
    user.extend([
        AttributeDefinition { kind: AttributeType::Boolean, ..text("accountEnabled") },
        AttributeDefinition { kind: AttributeType::DateTime, ..text("employeeHireDate") },
        AttributeDefinition { kind: AttributeType::DateTime, ..text("employeeLeaveDateTime") },
        AttributeDefinition { multivalued: true, ..text("proxyAddresses") },
        AttributeDefinition { multivalued: true, ..text("otherMails") },
        reference("manager", false, &["User"]),
        AttributeDefinition { kind: AttributeType::Boolean, ..text("IsSoftDeleted") },
        AttributeDefinition { multivalued: true, ..text("appRoleAssignments") },
        object_id(),
    ]);
    let group = vec![
        text("displayName"),
        text("description"),
        text("mail"),
        text("mailNickname"),
        reference("members", true, &["User", "Group"]),
        AttributeDefinition { kind: AttributeType::Boolean, ..text("IsSoftDeleted") },
        object_id(),
    ];
    DirectoryDefinition {
        id: "66eb0102-5d86-4d2a-a3f6-0a5a8d0c1a01".to_owned(),
        name: name.to_owned(),
        objects: vec![object("User", user), object("Group", group)],
        read_only: true,
        ..DirectoryDefinition::default()
    }
}

fn object(name: &str, attributes: Vec<AttributeDefinition>) -> ObjectDefinition {
    ObjectDefinition { name: name.to_owned(), attributes, ..ObjectDefinition::default() }
}

fn text(name: &str) -> AttributeDefinition {
    AttributeDefinition { name: name.to_owned(), case_exact: true, ..AttributeDefinition::default() }
}

fn object_id() -> AttributeDefinition {
    AttributeDefinition { anchor: true, mutability: Mutability::ReadOnly, ..text("objectId") }
}

fn reference(name: &str, multivalued: bool, objects: &[&str]) -> AttributeDefinition {
    let referenced_objects = objects
        .iter()
        .map(|object| ReferencedObject {
            referenced_object_name: (*object).to_owned(),
            referenced_property: None,
        })
        .collect();
    AttributeDefinition { kind: AttributeType::Reference, multivalued, referenced_objects, ..text(name) }
}
