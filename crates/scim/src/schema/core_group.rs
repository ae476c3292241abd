//! The core Group (RFC 7643 sections 4.2 and 8.7.1).

use super::attribute::{Attribute, MAX_NAME, Mutability, Returned, Schema};
use crate::urn;

/// The schema of Group.
pub(super) fn schema() -> Schema {
    let immutable = |attribute| Attribute { mutability: Mutability::Immutable, ..attribute };
    Schema {
        urn: urn::GROUP.into(),
        name: "Group".into(),
        description: "Group".into(),
        attributes: vec![
            Attribute {
                max_length: Some(MAX_NAME),
                ..Attribute::string("displayName", "The name of the group").required()
            },
            Attribute::list(
                "members",
                "The people and groups in the group",
                vec![
                    immutable(Attribute::string("value", "The id of the member").case_exact()),
                    immutable(Attribute::reference("$ref", &["User", "Group"], "The address of the member")),
                    immutable(Attribute::string("type", "User or Group").suggest(&["User", "Group"])),
                    // On request only: a client that compares what it wrote with what it reads finds them equal.
                    Attribute {
                        returned: Returned::Request,
                        ..Attribute::string("display", "The name of the member").read_only()
                    },
                ],
            ),
        ],
    }
}
