//! Which properties of a Graph user are read, and which source attribute each becomes.
//!
//! Mappings are written with the names of the synchronization schema, which differ from Graph's in a few places
//! (`mobilePhone` is `mobile`).

use std::fmt;

use scim::uri::encode;
use serde_json::{Map, Value};

use crate::attributes::{MAX_EXTENSION_NAME, is_extension};
use crate::rules::ALWAYS_THERE;

/// Most extension attributes of one inlet.
const MAX_EXTENSIONS: usize = 50;

/// A property of a Graph user, where in it the value is, and the source attribute.
struct Property {
    graph: &'static str,
    member: Option<&'static str>,
    source: &'static str,
}

const fn same(name: &'static str) -> Property {
    Property { graph: name, member: None, source: name }
}

const fn renamed(graph: &'static str, source: &'static str) -> Property {
    Property { graph, member: None, source }
}

const TABLE: &[Property] = &[
    same("userPrincipalName"),
    same("displayName"),
    same("givenName"),
    same("surname"),
    same("mail"),
    same("mailNickname"),
    same("accountEnabled"),
    same("jobTitle"),
    same("department"),
    same("companyName"),
    same("employeeId"),
    same("employeeType"),
    Property { graph: "employeeOrgData", member: Some("division"), source: "employeeOrgData.division" },
    Property { graph: "employeeOrgData", member: Some("costCenter"), source: "employeeOrgData.costCenter" },
    same("officeLocation"),
    same("streetAddress"),
    same("city"),
    same("state"),
    same("postalCode"),
    same("country"),
    same("usageLocation"),
    same("preferredLanguage"),
    renamed("businessPhones", "telephoneNumber"),
    renamed("mobilePhone", "mobile"),
    renamed("faxNumber", "facsimileTelephoneNumber"),
];

/// Where Graph keeps `extensionAttribute1` to `extensionAttribute15`.
const ON_PREMISES: &str = "onPremisesExtensionAttributes";

/// What a person cannot be without.
const NEEDED: [&str; 2] = ALWAYS_THERE;
/// The one that is a relation.
const MANAGER: &str = "manager";

/// What is read of people: the table, or what is chosen of it, and extension attributes that are named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Names of source attributes; empty: all of the table and the manager.
    chosen: Vec<String>,
    extensions: Vec<String>,
}

/// Why attributes cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectionError {
    /// Not the name of an extension attribute.
    NotAnExtension(String),
    /// Not the name of an attribute that can be chosen.
    NotAnAttribute(String),
    /// More than an inlet reads.
    TooMany,
}

impl fmt::Display for SelectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnExtension(name) => write!(
                f,
                "`{name}` is no extension attribute; name extensionAttribute1 to extensionAttribute15, or extension_… of at most {MAX_EXTENSION_NAME} letters, digits and underscores."
            ),
            Self::NotAnAttribute(name) => {
                let names: Vec<&str> = selectable().collect();
                write!(f, "`{name}` is no attribute that can be chosen; choose of {}.", names.join(", "))
            }
            Self::TooMany => write!(f, "An inlet reads at most {MAX_EXTENSIONS} extension attributes."),
        }
    }
}

impl std::error::Error for SelectionError {}

impl Selection {
    /// The table and these extension attributes.
    pub fn new(extensions: &[String]) -> Result<Self, SelectionError> {
        let mut selection = Self::default();
        for name in extensions {
            if !is_extension(name) {
                return Err(SelectionError::NotAnExtension(name.clone()));
            }
            if !selection.extensions.contains(name) {
                selection.extensions.push(name.clone());
            }
        }
        if selection.extensions.len() > MAX_EXTENSIONS { Err(SelectionError::TooMany) } else { Ok(selection) }
    }

    /// Only these of the table, and what a person cannot be without; all of it when none is named.
    pub fn choosing(mut self, names: &[String]) -> Result<Self, SelectionError> {
        if let Some(unknown) = names.iter().find(|name| !selectable().any(|known| known == name.as_str())) {
            return Err(SelectionError::NotAnAttribute(unknown.clone()));
        }
        self.chosen = names.to_vec();
        Ok(self)
    }

    /// Whether a source attribute is read.
    pub fn reads(&self, source: &str) -> bool {
        self.chosen.is_empty() || NEEDED.contains(&source) || self.chosen.iter().any(|name| name == source)
    }

    fn table(&self) -> impl Iterator<Item = &'static Property> {
        TABLE.iter().filter(|property| self.reads(property.source))
    }

    /// Whether an entry has properties, and not only references.
    pub(super) fn has_properties(entry: &Map<String, Value>) -> bool {
        let is_property = |name: &str| name != "id" && !name.contains('@') && name != MANAGER;
        entry.keys().any(|name| is_property(name))
    }

    /// The extension attributes.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// `$select` of the first request for people. Changes of what it does not name are not reported; a
    /// manager's change is, because `manager` is in it.
    pub(super) fn users(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        let extensions =
            self.extensions.iter().map(|name| if is_on_premises(name) { ON_PREMISES } else { name });
        let manager = self.reads(MANAGER).then_some(MANAGER);
        for name in self.table().map(|property| property.graph).chain(extensions).chain(manager) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.into_iter().map(encode).collect::<Vec<_>>().join(",")
    }

    /// The source attributes that an entry states. In a pass over everything, an entry that has any of its
    /// properties has all that were ever set, so what is missing is stated to be empty.
    pub(super) fn attributes(&self, entry: &Map<String, Value>, full: bool) -> Vec<(String, Option<String>)> {
        let states_absence = full && Self::has_properties(entry);
        let mut found = Vec::new();
        let mut take = |holder: &str, member: Option<&str>, source: &str| {
            let value = match (entry.get(holder), member) {
                (None, _) if !states_absence => return,
                (None, _) => None,
                (Some(value), None) => text(value),
                (Some(value), Some(member)) => value.get(member).and_then(text),
            };
            found.push((source.to_owned(), value));
        };
        for property in self.table() {
            take(property.graph, property.member, property.source);
        }
        for name in &self.extensions {
            if is_on_premises(name) {
                take(ON_PREMISES, Some(name), name);
            } else {
                take(name, None, name);
            }
        }
        // A name is never cleared and an account is never left without a state: what has neither is no statement.
        found.retain(|(name, value)| value.is_some() || !NEEDED.contains(&name.as_str()));
        found
    }
}

/// Names of source attributes that can be chosen.
fn selectable() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|property| property.source).chain([MANAGER])
}

fn is_on_premises(name: &str) -> bool {
    name.starts_with("extensionAttribute")
}

/// A value as the directory keeps it: the first of a list, numbers and Booleans as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => items.first().and_then(text),
        Value::Null | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::attributes::{Origin, find};

    #[test]
    fn every_property_becomes_an_attribute_that_can_be_set() {
        for property in TABLE {
            let attribute = find(property.source).unwrap_or_else(|| panic!("{}", property.source));
            assert_eq!((attribute.name, attribute.origin), (property.source, Origin::Directory));
        }
    }

    #[test]
    fn everything_that_mappings_know_is_read() {
        for attribute in crate::attributes::source_attributes() {
            let read = TABLE.iter().any(|property| property.source == attribute.name);
            assert!(
                read || attribute.origin != Origin::Directory || attribute.name == "manager",
                "{}",
                attribute.name
            );
        }
    }

    #[test]
    fn select_names_each_property_once_and_the_manager() {
        let extensions =
            ["extensionAttribute1", "extensionAttribute15", "extension_0a_badge", "extension_0a_badge"];
        let selection = Selection::new(&extensions.map(str::to_owned)).unwrap();
        let select = selection.users();
        let names: Vec<&str> = select.split(',').collect();
        for name in ["userPrincipalName", "employeeOrgData", ON_PREMISES, "extension_0a_badge", "manager"] {
            assert_eq!(names.iter().filter(|found| **found == name).count(), 1, "{name} in {select}");
        }
        assert!(!names.contains(&"id"), "always there: {select}");
    }

    #[test]
    fn attributes_can_be_chosen() {
        let chosen = ["mail", "employeeOrgData.division", "mobile"].map(str::to_owned);
        let selection = Selection::default().choosing(&chosen).unwrap();
        assert_eq!(selection.users(), "userPrincipalName,mail,accountEnabled,employeeOrgData,mobilePhone");
        let entry = json!({"id": "1", "mail": "a@b.c", "employeeOrgData": {"division": "N", "costCenter": "7"}, "city": "Bonn"});
        let found = selection.attributes(entry.as_object().unwrap(), true);
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["mail", "employeeOrgData.division", "mobile"]);
        assert!(selection.reads("accountEnabled") && !selection.reads("manager"));
        let error = Selection::default().choosing(&["mobilePhone".to_owned()]).unwrap_err();
        assert!(
            error.to_string().contains("`mobilePhone`") && error.to_string().contains("mobile, "),
            "{error}"
        );
    }

    #[test]
    fn entries_are_understood() {
        let selection = Selection::new(&["extensionAttribute2".into(), "extension_0a_level".into()]).unwrap();
        let entry = json!({
            "id": "1", "userPrincipalName": "ada@contoso.com", "accountEnabled": false, "mail": null,
            "businessPhones": ["+1 555", "+1 556"], "mobilePhone": " ", "jobTitle": "Analyst",
            "employeeOrgData": {"division": "North", "costCenter": null},
            "onPremisesExtensionAttributes": {"extensionAttribute1": "a", "extensionAttribute2": "b"},
            "extension_0a_level": 7
        });
        let found = selection.attributes(entry.as_object().unwrap(), false);
        let value = |name: &str| found.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_deref());
        assert_eq!(value("userPrincipalName"), Some(Some("ada@contoso.com")));
        assert_eq!(value("accountEnabled"), Some(Some("false")));
        assert_eq!(value("mail"), Some(None), "null clears");
        assert_eq!(value("telephoneNumber"), Some(Some("+1 555")));
        assert_eq!(value("mobile"), Some(None));
        assert_eq!(value("employeeOrgData.division"), Some(Some("North")));
        assert_eq!(value("employeeOrgData.costCenter"), Some(None));
        assert_eq!(value("extensionAttribute2"), Some(Some("b")));
        assert_eq!(value("extension_0a_level"), Some(Some("7")));
        assert_eq!(value("city"), None, "not mentioned: not changed");
        let whole = selection.attributes(entry.as_object().unwrap(), true);
        assert!(whole.contains(&("city".to_owned(), None)), "a pass over everything states what is empty");
    }

    #[test]
    fn an_entry_of_references_only_states_no_absence() {
        let selection = Selection::default();
        let entry = json!({"id": "1", "manager@delta": [{"id": "2"}]});
        assert_eq!(selection.attributes(entry.as_object().unwrap(), true), []);
    }

    #[test]
    fn names_are_checked() {
        let check = |name: &str| Selection::new(&[name.to_owned()]).unwrap_err();
        assert_eq!(check("displayName"), SelectionError::NotAnExtension("displayName".into()));
        assert_eq!(check("extension_a&b"), SelectionError::NotAnExtension("extension_a&b".into()));
        let many: Vec<String> = (0..=MAX_EXTENSIONS).map(|n| format!("extension_a{n}")).collect();
        assert_eq!(Selection::new(&many), Err(SelectionError::TooMany));
    }
}
