//! The enterprise extension of User (RFC 7643 sections 4.3 and 8.7.1).

use super::attribute::{Attribute, Schema};
use crate::urn;

/// The schema of the extension. `manager.displayName` is not kept: the manager is one request away.
pub(super) fn schema() -> Schema {
    Schema {
        urn: urn::ENTERPRISE_USER.into(),
        name: "EnterpriseUser".into(),
        description: "Enterprise User".into(),
        attributes: vec![
            Attribute::string("employeeNumber", "The number that the organization gave the person"),
            Attribute::string("costCenter", "The cost center"),
            Attribute::string("organization", "The organization"),
            Attribute::string("division", "The division"),
            Attribute::string("department", "The department"),
            Attribute::complex(
                "manager",
                "The person's manager",
                vec![
                    Attribute::string("value", "The id of the manager, a User of the directory").case_exact(),
                    Attribute::reference(
                        "$ref",
                        &["User"],
                        "The address of the manager; names it like the id",
                    ),
                ],
            ),
        ],
    }
}
