//! The one table that relates source attributes to SCIM.
//!
//! Mappings and scoping rules are written with the names that Microsoft Entra ID gives to a
//! user's properties. The workforce directory keeps people as SCIM Users (RFC 7643 section 4.1),
//! with the enterprise extension (section 4.3) and an extension of its own, [`OWN_EXTENSION`], for
//! what has no home in the standard: `usageLocation`, `officeLocation`, `mailNickname` and every
//! directory extension (`extension_…`).
//!
//! [`to_source`] reads a person by source names, [`set`] writes one value.

use serde::Serialize;
use serde_json::{Map, Value};

mod place;

use place::Place;

/// Schema URN of a core SCIM User, RFC 7643 section 4.1.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// Schema URN of the enterprise extension, RFC 7643 section 4.3.
pub const ENTERPRISE_EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// Schema URN of the workforce directory's own extension.
pub const OWN_EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:rollcall:2.0:User";
/// What the name of a directory extension starts with.
pub const EXTENSION_PREFIX: &str = "extension_";
/// Longest name of a directory extension, in characters.
pub const MAX_EXTENSION_NAME: usize = 256;

/// What kind of value an attribute has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Kind {
    /// Text.
    String,
    /// `true` or `false`.
    Boolean,
    /// The id of another object.
    Reference,
}

/// Who gives an attribute its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Origin {
    /// An inlet or a person: the value is kept in the SCIM User and [`set`] changes it.
    Directory,
    /// The directory when it creates the resource; read-only.
    Assigned,
    /// The synchronization job, which knows assignments and scope; never in the SCIM User.
    Job,
}

/// One row of the table: a source attribute and its SCIM home.
#[derive(Debug, Serialize)]
pub struct Attribute {
    /// The name in mappings, in scoping rules and in the header of a CSV file.
    pub name: &'static str,
    /// Another accepted name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<&'static str>,
    /// The kind of value.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Who gives the value.
    pub origin: Origin,
    /// One sentence for the mapping editor.
    pub description: &'static str,
    #[serde(skip)]
    place: Place<'static>,
}

impl Attribute {
    /// The SCIM path of the attribute, or `None` when the SCIM User does not hold it.
    pub fn scim_path(&self) -> Option<String> {
        self.place.path()
    }

    /// The value in a SCIM User.
    pub fn get<'r>(&self, resource: &'r Value) -> Option<&'r Value> {
        self.place.get(resource)
    }
}

/// Why [`set`] did not take a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetError {
    /// No attribute has this name.
    UnknownAttribute(String),
    /// The attribute's value is not given from outside.
    ReadOnly(&'static str),
    /// The attribute is Boolean and the text is neither true nor false.
    NotBoolean(String),
    /// The resource is not a JSON object.
    NotAResource,
}

impl std::fmt::Display for SetError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownAttribute(name) => write!(f, "there is no source attribute {name:?}"),
            Self::ReadOnly(name) => write!(f, "{name} is read-only"),
            Self::NotBoolean(text) => write!(f, "{text:?} is not true, false, yes, no, 1 or 0"),
            Self::NotAResource => f.write_str("the resource is not a JSON object"),
        }
    }
}

impl std::error::Error for SetError {}

const fn text(name: &'static str, place: Place<'static>, description: &'static str) -> Attribute {
    Attribute { name, alias: None, kind: Kind::String, origin: Origin::Directory, description, place }
}

const fn work(sub: &'static str) -> Place<'static> {
    Place::Element { list: "addresses", kind: "work", sub }
}

const fn phone(kind: &'static str) -> Place<'static> {
    Place::Element { list: "phoneNumbers", kind, sub: "value" }
}

static TABLE: &[Attribute] = &[
    Attribute {
        alias: Some("id"),
        origin: Origin::Assigned,
        ..text("objectId", Place::Top("id"), "The object's id in the directory.")
    },
    text("userPrincipalName", Place::Top("userName"), "The sign-in name; unique in the directory."),
    text("displayName", Place::Top("displayName"), "The name shown to others."),
    text("givenName", Place::Name("givenName"), "The first name."),
    text("surname", Place::Name("familyName"), "The last name."),
    text("mail", Place::Element { list: "emails", kind: "work", sub: "value" }, "The work e-mail address."),
    text("mailNickname", Place::Own("mailNickname"), "The part of the e-mail address before the at sign."),
    Attribute {
        kind: Kind::Boolean,
        ..text("accountEnabled", Place::Top("active"), "Whether the person may sign in.")
    },
    text("jobTitle", Place::Top("title"), "The job title."),
    text("department", Place::Enterprise("department"), "The department."),
    text("companyName", Place::Enterprise("organization"), "The company."),
    text("employeeId", Place::Enterprise("employeeNumber"), "The number that the company gave the person."),
    text("employeeType", Place::Top("userType"), "The kind of employment, such as Employee or Contractor."),
    text("employeeOrgData.division", Place::Enterprise("division"), "The division."),
    text("employeeOrgData.costCenter", Place::Enterprise("costCenter"), "The cost center."),
    Attribute {
        kind: Kind::Reference,
        ..text("manager", Place::Manager, "The manager: the id of another person in the directory.")
    },
    Attribute {
        alias: Some("physicalDeliveryOfficeName"),
        ..text("officeLocation", Place::Own("officeLocation"), "The office where the person works.")
    },
    text("streetAddress", work("streetAddress"), "The street of the work address."),
    text("city", work("locality"), "The city of the work address."),
    text("state", work("region"), "The state or province of the work address."),
    text("postalCode", work("postalCode"), "The postal code of the work address."),
    text("country", work("country"), "The country of the work address."),
    text("usageLocation", Place::Own("usageLocation"), "The two-letter country in which services are used."),
    text("preferredLanguage", Place::Top("preferredLanguage"), "The preferred language, such as en-US."),
    text("telephoneNumber", phone("work"), "The work telephone number."),
    text("mobile", phone("mobile"), "The mobile telephone number."),
    text("facsimileTelephoneNumber", phone("fax"), "The fax number."),
    Attribute {
        kind: Kind::Boolean,
        origin: Origin::Job,
        ..text(
            "IsSoftDeleted",
            Place::Nowhere,
            "True when the person is deleted, disabled, unassigned or out of scope.",
        )
    },
    Attribute {
        origin: Origin::Job,
        ..text(
            "appRoleAssignments",
            Place::Nowhere,
            "The roles that the person is assigned in the application.",
        )
    },
];

/// All source attributes with a fixed name, in the order of the table. Directory extensions
/// (`extension_…`) come on top of these.
pub fn source_attributes() -> &'static [Attribute] {
    TABLE
}

/// The attribute of this name or other name, in any case.
pub fn find(name: &str) -> Option<&'static Attribute> {
    TABLE.iter().find(|attribute| {
        attribute.name.eq_ignore_ascii_case(name)
            || attribute.alias.is_some_and(|alias| alias.eq_ignore_ascii_case(name))
    })
}

/// Whether this is the name of a directory extension: `extension_` in any case, then a letter or
/// digit, then letters, digits and underscores; at most [`MAX_EXTENSION_NAME`] long. The rest of
/// the name is case-sensitive. `extensionAttribute1` to `extensionAttribute15` count as well.
pub fn is_extension(name: &str) -> bool {
    let Some((prefix, rest)) = name.split_at_checked(EXTENSION_PREFIX.len()) else { return false };
    if prefix.eq_ignore_ascii_case(EXTENSION_PREFIX) {
        return name.len() <= MAX_EXTENSION_NAME
            && rest.starts_with(|c: char| c.is_ascii_alphanumeric())
            && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    }
    let number = name.strip_prefix("extensionAttribute").filter(|digits| !digits.starts_with('0'));
    number.and_then(|digits| digits.parse::<u8>().ok()).is_some_and(|n| (1..=15).contains(&n))
}

/// A SCIM User as source attributes: only those that have a value, in the order of the table, then
/// what else the own extension holds (directory extensions, custom attributes) as it is stored.
///
/// `accountEnabled` is always a Boolean and true when the resource does not say; `manager` is the
/// manager's id. Attributes of [`Origin::Job`] are left to the job.
pub fn to_source(resource: &Value) -> Map<String, Value> {
    let mut source = Map::new();
    for attribute in TABLE {
        let value = attribute.get(resource);
        let value = match attribute.kind {
            Kind::Boolean if attribute.origin == Origin::Directory => {
                Some(Value::Bool(value.and_then(boolean).unwrap_or(true)))
            }
            _ => value.filter(|value| !is_empty(value)).cloned(),
        };
        if let Some(value) = value {
            source.insert(attribute.name.to_owned(), value);
        }
    }
    let own = resource.get(OWN_EXTENSION).and_then(Value::as_object);
    for (name, value) in own.into_iter().flatten() {
        if !is_empty(value) && find(name).is_none() {
            source.insert(name.clone(), value.clone());
        }
    }
    source
}

/// The value of one source attribute, extensions included, in a SCIM User.
pub fn get<'r>(resource: &'r Value, name: &str) -> Option<&'r Value> {
    match find(name) {
        Some(attribute) => attribute.get(resource),
        None => Place::Extension(name).get(resource),
    }
    .filter(|value| !is_empty(value))
}

/// A new SCIM User without id, metadata or any attribute but its name: the start of a create.
pub fn new_user(user_name: &str) -> Value {
    serde_json::json!({"schemas": [USER], "userName": user_name, "active": true})
}

/// Sets one source attribute in a SCIM User; `None` and empty text remove it.
///
/// What the value needs is made (the `work` element of `emails`, the extension's object and its
/// entry in `schemas`), and what a removal leaves empty is taken away, so that setting and
/// removing ends where it began. An empty `accountEnabled` means true.
pub fn set(resource: &mut Value, name: &str, value: Option<&str>) -> Result<(), SetError> {
    let value = value.filter(|text| !text.is_empty());
    let Some(attribute) = find(name) else {
        if !is_extension(name) {
            return Err(SetError::UnknownAttribute(name.to_owned()));
        }
        return place::set(resource, &Place::Extension(name), value.map(Value::from));
    };
    if attribute.origin != Origin::Directory {
        return Err(SetError::ReadOnly(attribute.name));
    }
    let value = match (attribute.kind, value) {
        (Kind::Boolean, text) => Some(Value::Bool(parse_boolean(text.unwrap_or_default())?)),
        (_, text) => text.map(Value::from),
    };
    place::set(resource, &attribute.place, value)
}

/// Whether a stored value already is what [`set`] would make of `wanted`.
pub fn says(name: &str, stored: Option<&Value>, wanted: Option<&str>) -> bool {
    let wanted = wanted.filter(|text| !text.is_empty());
    if find(name).is_some_and(|attribute| attribute.kind == Kind::Boolean) {
        return stored.and_then(Value::as_bool) == parse_boolean(wanted.unwrap_or_default()).ok();
    }
    match (stored, wanted) {
        (Some(Value::String(stored)), Some(wanted)) => stored == wanted,
        (stored, wanted) => stored.is_none() && wanted.is_none(),
    }
}

/// `true`, `yes`, `1` and nothing are true, `false`, `no` and `0` are false, in any case.
pub fn parse_boolean(text: &str) -> Result<bool, SetError> {
    let text = text.trim();
    let is_one_of = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_one_of(&["true", "yes", "1", ""]) {
        Ok(true)
    } else if is_one_of(&["false", "no", "0"]) {
        Ok(false)
    } else {
        Err(SetError::NotBoolean(text.to_owned()))
    }
}

/// Clients also send `"False"`, so a stored text counts as what it says.
fn boolean(value: &Value) -> Option<bool> {
    value.as_bool().or_else(|| parse_boolean(value.as_str()?).ok())
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests;
