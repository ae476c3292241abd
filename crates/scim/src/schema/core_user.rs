//! The core User (RFC 7643 sections 4.1 and 8.7.1).

use super::attribute::{Attribute, AttributeType, MAX_NAME, Mutability, Returned, Schema, Uniqueness};
use crate::urn;

/// The schema of User.
pub(super) fn schema() -> Schema {
    Schema {
        urn: urn::USER.into(),
        name: "User".into(),
        description: "User Account".into(),
        attributes: [singular(), plural()].concat(),
    }
}

fn singular() -> Vec<Attribute> {
    vec![
        Attribute {
            uniqueness: Uniqueness::Server,
            max_length: Some(MAX_NAME),
            ..Attribute::string("userName", "The name by which the person signs in; unique in the directory")
                .required()
        },
        Attribute::complex(
            "name",
            "The parts of the person's name",
            vec![
                Attribute::string("formatted", "The whole name, as it is shown"),
                Attribute::string("familyName", "The family name, or last name"),
                Attribute::string("givenName", "The given name, or first name"),
                Attribute::string("middleName", "The middle names"),
                Attribute::string("honorificPrefix", "Titles before the name"),
                Attribute::string("honorificSuffix", "What follows the name"),
            ],
        ),
        Attribute {
            max_length: Some(MAX_NAME),
            ..Attribute::string("displayName", "The name shown to others")
        },
        Attribute::string("nickName", "The casual name"),
        Attribute::reference("profileUrl", &["external"], "The address of a page about the person"),
        Attribute::string("title", "The job title"),
        Attribute::string("userType", "The relation to the organization, such as Employee or Contractor"),
        Attribute::string("preferredLanguage", "The preferred languages, as in Accept-Language"),
        Attribute::string("locale", "The locale for dates, numbers and currency, such as en-US"),
        Attribute::string("timezone", "The time zone in Olson format, such as Europe/Copenhagen"),
        Attribute::boolean("active", "Whether the account may be used"),
        Attribute {
            mutability: Mutability::WriteOnly,
            returned: Returned::Never,
            case_exact: true,
            ..Attribute::string("password", "Accepted and not kept: people sign in elsewhere")
        },
    ]
}

fn plural() -> Vec<Attribute> {
    vec![
        values("emails", "E-mail addresses", &["work", "home", "other"]),
        values("phoneNumbers", "Telephone numbers", &["work", "home", "mobile", "fax", "pager", "other"]),
        values(
            "ims",
            "Instant messaging addresses",
            &["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"],
        ),
        photos(),
        addresses(),
        groups(),
        values("entitlements", "What the person is entitled to", &[]),
        values("roles", "The person's roles", &[]),
        certificates(),
    ]
}

/// A multi-valued attribute with the sub-attributes of RFC 7643 section 2.4.
fn values(name: &'static str, description: &'static str, types: &'static [&'static str]) -> Attribute {
    let value = Attribute::string("value", "The value");
    Attribute::list(name, description, default_subs(value, types))
}

fn default_subs(value: Attribute, types: &'static [&'static str]) -> Vec<Attribute> {
    vec![
        value,
        Attribute::string("display", "The value for people"),
        Attribute::string("type", "What the value is used for").suggest(types),
        Attribute::boolean("primary", "Whether this is the preferred value; true at most once"),
    ]
}

fn photos() -> Attribute {
    let value = Attribute::reference("value", &["external"], "The address of the photo");
    Attribute::list("photos", "Addresses of photos", default_subs(value, &["photo", "thumbnail"]))
}

fn certificates() -> Attribute {
    let value = Attribute::new("value", AttributeType::Binary, "The certificate, DER in Base64").case_exact();
    Attribute::list("x509Certificates", "X.509 certificates", default_subs(value, &[]))
}

fn addresses() -> Attribute {
    Attribute::list(
        "addresses",
        "Postal addresses",
        vec![
            Attribute::string("formatted", "The whole address, as it is printed"),
            Attribute::string("streetAddress", "Street, house number, post office box"),
            Attribute::string("locality", "The city"),
            Attribute::string("region", "The state or region"),
            Attribute::string("postalCode", "The postal code"),
            Attribute::string("country", "The country, as in ISO 3166-1 alpha 2"),
            Attribute::string("type", "What the address is used for").suggest(&["work", "home", "other"]),
            Attribute::boolean("primary", "Whether this is the preferred address; true at most once"),
        ],
    )
}

fn groups() -> Attribute {
    Attribute::list(
        "groups",
        "The groups that the person belongs to; changed at the groups",
        vec![
            Attribute::string("value", "The id of the group").case_exact().read_only(),
            Attribute::reference("$ref", &["Group"], "The address of the group").read_only(),
            Attribute::string("display", "The name of the group").read_only(),
            Attribute::string("type", "direct, or indirect by a group in the group")
                .suggest(&["direct", "indirect"])
                .read_only(),
        ],
    )
    .read_only()
}
