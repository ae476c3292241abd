//! A person's editable attributes: where they are in the SCIM resource, and what a change comes to.

use crate::api::scim::{self, ENTERPRISE, USER};
use crate::parts::create::follow;
use leptos::prelude::{AnyView, Get, RwSignal};
use serde_json::{Map, Value};

/// Where an attribute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// An attribute of the resource.
    Top(&'static str),
    /// A part of the name.
    Name(&'static str),
    /// An attribute of the enterprise extension.
    Enterprise(&'static str),
    /// A part of the element of a type.
    Typed(&'static str, &'static str, &'static str),
}

/// Labels and places, in the order of the form. The first is required.
const FIELDS: &[(&str, Place)] = &[
    ("User name", Place::Top("userName")),
    ("Display name", Place::Top("displayName")),
    ("First name", Place::Name("givenName")),
    ("Last name", Place::Name("familyName")),
    ("Work e-mail", Place::Typed("emails", "work", "value")),
    ("Job title", Place::Top("title")),
    ("Department", Place::Enterprise("department")),
    ("Employee ID", Place::Enterprise("employeeNumber")),
    ("Company", Place::Enterprise("organization")),
    ("Work phone", Place::Typed("phoneNumbers", "work", "value")),
    ("Mobile phone", Place::Typed("phoneNumbers", "mobile", "value")),
    ("Street address", Place::Typed("addresses", "work", "streetAddress")),
    ("City", Place::Typed("addresses", "work", "locality")),
    ("State or province", Place::Typed("addresses", "work", "region")),
    ("Postal code", Place::Typed("addresses", "work", "postalCode")),
    ("Country", Place::Typed("addresses", "work", "country")),
    ("Preferred language", Place::Top("preferredLanguage")),
];

impl Place {
    fn read(self, person: &Value) -> String {
        match self {
            Self::Top(name) => scim::text(person, &[name]),
            Self::Name(name) => scim::text(person, &["name", name]),
            Self::Enterprise(name) => scim::text(person, &[ENTERPRISE, name]),
            Self::Typed(list, kind, part) => scim::typed(person, list, kind)
                .map(|element| scim::text(element, &[part]))
                .unwrap_or_default(),
        }
    }

    fn path(self) -> String {
        match self {
            Self::Top(name) => name.to_owned(),
            Self::Name(name) => format!("name.{name}"),
            Self::Enterprise(name) => format!("{ENTERPRISE}:{name}"),
            Self::Typed(list, kind, part) => format!("{list}[type eq \"{kind}\"].{part}"),
        }
    }
}

/// The PATCH operations that turn a person into what the form says; none when nothing changed.
pub(crate) fn operations(person: &Value, values: &[String]) -> Vec<Value> {
    let mut operations = Vec::new();
    // Elements that are not there yet are added whole: a filter that finds nothing is an error (RFC 7644 3.5.2.3).
    let mut added: Vec<(&str, &str, Map<String, Value>)> = Vec::new();
    for ((_, place), value) in FIELDS.iter().zip(values) {
        let value = value.trim();
        if value == place.read(person).trim() {
            continue;
        }
        match *place {
            _ if value.is_empty() => operations.push(scim::removal(&place.path())),
            Place::Typed(list, kind, part) if scim::typed(person, list, kind).is_none() => {
                let known = added.iter_mut().find(|(other, same, _)| *other == list && *same == kind);
                match known {
                    Some((.., element)) => {
                        element.insert(part.to_owned(), value.into());
                    }
                    None => added.push((list, kind, element(kind, part, value))),
                }
            }
            _ => operations.push(scim::operation("replace", &place.path(), value.into())),
        }
    }
    operations.extend(
        added
            .into_iter()
            .map(|(list, _, element)| scim::operation("add", list, vec![Value::Object(element)].into())),
    );
    operations
}

fn element(kind: &str, part: &str, value: &str) -> Map<String, Value> {
    [("type".to_owned(), kind.into()), (part.to_owned(), value.into())].into_iter().collect()
}

/// A new person as the form says.
pub(crate) fn new_resource(values: &[String]) -> Value {
    let mut person = Map::new();
    person.insert("schemas".to_owned(), vec![Value::from(USER), ENTERPRISE.into()].into());
    person.insert("active".to_owned(), true.into());
    for ((_, place), value) in FIELDS.iter().zip(values) {
        let value = value.trim();
        if value.is_empty() {
            continue;
        }
        match *place {
            Place::Top(name) => {
                person.insert(name.to_owned(), value.into());
            }
            Place::Name(name) => put(&mut person, "name", name, value),
            Place::Enterprise(name) => put(&mut person, ENTERPRISE, name, value),
            Place::Typed(list, kind, part) => {
                let elements = person.entry(list).or_insert_with(|| Value::Array(Vec::new()));
                if let Some(elements) = elements.as_array_mut() {
                    match elements.iter_mut().find(|element| element.get("type") == Some(&Value::from(kind)))
                    {
                        Some(Value::Object(element)) => {
                            element.insert(part.to_owned(), value.into());
                        }
                        _ => elements.push(Value::Object(element(kind, part, value))),
                    }
                }
            }
        }
    }
    Value::Object(person)
}

fn put(person: &mut Map<String, Value>, outer: &str, inner: &str, value: &str) {
    let outer = person.entry(outer).or_insert_with(|| Value::Object(Map::new()));
    if let Some(outer) = outer.as_object_mut() {
        outer.insert(inner.to_owned(), value.into());
    }
}

/// The form: one text a field.
#[derive(Clone)]
pub(crate) struct Form(Vec<RwSignal<String>>);

impl Form {
    /// For a new person.
    pub(crate) fn empty() -> Self {
        Self::of(&Value::Null)
    }

    /// For a person who is there.
    pub(crate) fn of(person: &Value) -> Self {
        Self(FIELDS.iter().map(|(_, place)| RwSignal::new(place.read(person))).collect())
    }

    /// What the form says.
    pub(crate) fn values(&self) -> Vec<String> {
        self.0.iter().map(Get::get).collect()
    }

    /// Shows the person as they are after a save of `sent`, where nothing else was typed meanwhile.
    pub(crate) fn follow(&self, sent: &[String], person: &Value) {
        for ((field, sent), (_, place)) in self.0.iter().zip(sent).zip(FIELDS) {
            follow(*field, sent, &place.read(person));
        }
    }

    /// The first fields, as inputs.
    pub(crate) fn inputs(&self, most: usize) -> Vec<AnyView> {
        let inputs = FIELDS.iter().zip(&self.0).take(most).enumerate();
        inputs.map(|(at, ((label, _), value))| crate::pages::people::input(label, *value, at == 0)).collect()
    }

    /// How many fields there are.
    pub(crate) fn len() -> usize {
        FIELDS.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn values(changes: &[(&str, &str)], person: &Value) -> Vec<String> {
        let value = |(label, place): &(&str, Place)| {
            changes
                .iter()
                .find(|(name, _)| name == label)
                .map_or_else(|| place.read(person), |(_, value)| (*value).to_owned())
        };
        FIELDS.iter().map(value).collect()
    }

    #[test]
    fn nothing_changed_is_no_operation() {
        let person = json!({"userName": "a", "emails": [{"type": "work", "value": "a@x"}]});
        assert_eq!(operations(&person, &values(&[], &person)), Vec::<Value>::new());
    }

    #[test]
    fn values_are_replaced_and_removed() {
        let person = json!({
            "userName": "a", "title": "Clerk", "emails": [{"type": "work", "value": "a@x"}],
            ENTERPRISE: {"department": "IT"}
        });
        let changed = [("Job title", ""), ("Department", "Sales"), ("Work e-mail", "b@x")];
        assert_eq!(
            operations(&person, &values(&changed, &person)),
            [
                json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "b@x"}),
                json!({"op": "remove", "path": "title"}),
                json!({"op": "replace", "path": format!("{ENTERPRISE}:department"), "value": "Sales"}),
            ]
        );
    }

    #[test]
    fn a_second_save_does_not_undo_what_others_changed() {
        use leptos::prelude::{Owner, Set};
        let owner = Owner::new();
        owner.with(|| {
            let form =
                Form::of(&json!({"userName": "a", "title": "Clerk", ENTERPRISE: {"department": "IT"}}));
            let field = |name: &str| {
                let fields = FIELDS.iter().zip(&form.0);
                fields.filter(|((label, _), _)| *label == name).map(|(_, field)| *field).collect::<Vec<_>>()
            };
            let set = |name: &str, value: &str| field(name).iter().for_each(|one| one.set(value.to_owned()));
            set("Job title", " Boss ");
            let sent = form.values();
            // Typed while the save was on its way.
            set("City", "Oslo");
            let answer = json!({"userName": "a", "title": "Boss", ENTERPRISE: {"department": "Sales"}});
            form.follow(&sent, &answer);
            let expected =
                json!({"op": "add", "path": "addresses", "value": [{"type": "work", "locality": "Oslo"}]});
            assert_eq!(operations(&answer, &form.values()), [expected]);
        });
    }

    #[test]
    fn missing_elements_are_added_whole() {
        let person = json!({"userName": "a"});
        let changed = [("City", "Oslo"), ("Country", "NO")];
        assert_eq!(
            operations(&person, &values(&changed, &person)),
            [
                json!({"op": "add", "path": "addresses", "value": [{"type": "work", "locality": "Oslo", "country": "NO"}]})
            ]
        );
    }

    #[test]
    fn a_new_person_has_what_was_filled_in() {
        let none = Value::Null;
        let person =
            new_resource(&values(&[("User name", "a"), ("First name", "Ada"), ("City", "Oslo")], &none));
        assert_eq!(
            person,
            json!({"schemas": [USER, ENTERPRISE], "active": true, "userName": "a", "name": {"givenName": "Ada"},
                   "addresses": [{"type": "work", "locality": "Oslo"}]})
        );
    }
}
