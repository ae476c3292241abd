//! Another order of the inlets for single attributes: `jobTitle` from the one, everything else from the other.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::attributes::{self, Origin};

/// Attributes at most that have an order of their own.
pub const MAX_ORDERS: usize = 100;
/// Inlets at most that one of these orders names.
pub const MAX_NAMED: usize = 20;

/// Orders by attribute: the inlets that come first, in this order. Those that are not named follow in the order of
/// the directory. An attribute that is not in it has that order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Orders(BTreeMap<String, Vec<String>>);

/// Why orders were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderError {
    /// More attributes than [`MAX_ORDERS`].
    TooManyAttributes(usize),
    /// More inlets than [`MAX_NAMED`] for an attribute.
    TooManyInlets(String, usize),
    /// No inlet has an attribute of this name.
    UnknownAttribute(String),
    /// The attribute is there, and no inlet says anything about it.
    NotSaid(&'static str),
    /// The attribute comes twice.
    AttributeTwice(String),
    /// No inlet is named for the attribute.
    NoInlet(String),
    /// The directory has no such inlet; the attribute comes first.
    UnknownInlet(String, String),
    /// The inlet is named twice; the attribute comes first.
    InletTwice(String, String),
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyAttributes(count) => {
                write!(f, "{count} attributes have an order of their own; at most {MAX_ORDERS} can.")
            }
            Self::TooManyInlets(attribute, count) => {
                write!(f, "{attribute} names {count} inlets; at most {MAX_NAMED} are taken.")
            }
            Self::UnknownAttribute(name) => write!(
                f,
                "`{name}` is no attribute that inlets of this directory can have: give a name of sourceAttributes, or an extension attribute that an inlet reads."
            ),
            Self::NotSaid(name) => {
                write!(f, "{name} is given by Rollcall, not by inlets; it has no order.")
            }
            Self::AttributeTwice(attribute) => {
                write!(f, "{attribute} comes twice; give each attribute once.")
            }
            Self::NoInlet(attribute) => {
                write!(f, "{attribute} names no inlet; leave it out to give it the order of the directory.")
            }
            Self::UnknownInlet(attribute, inlet) => {
                write!(f, "{attribute}: there is no inlet with the id `{inlet}` in this directory.")
            }
            Self::InletTwice(attribute, inlet) => write!(f, "{attribute} names the inlet {inlet} twice."),
        }
    }
}

impl std::error::Error for OrderError {}

impl Orders {
    /// Orders as a person gives them, checked: pairs of an attribute and its inlets. `inlets` are those of the
    /// directory, `extensions` the extension attributes that it or one of its inlets knows.
    pub fn new(
        given: Vec<(String, Vec<String>)>,
        inlets: &[String],
        extensions: &[String],
    ) -> Result<Self, OrderError> {
        if given.len() > MAX_ORDERS {
            return Err(OrderError::TooManyAttributes(given.len()));
        }
        let mut orders = BTreeMap::new();
        for (name, named) in given {
            let attribute = canonical(name.trim(), extensions)?;
            if named.is_empty() {
                return Err(OrderError::NoInlet(attribute));
            }
            if named.len() > MAX_NAMED {
                return Err(OrderError::TooManyInlets(attribute, named.len()));
            }
            for (place, inlet) in named.iter().enumerate() {
                if !inlets.contains(inlet) {
                    return Err(OrderError::UnknownInlet(attribute, inlet.clone()));
                }
                if named.iter().take(place).any(|earlier| earlier == inlet) {
                    return Err(OrderError::InletTwice(attribute, inlet.clone()));
                }
            }
            if orders.insert(attribute.clone(), named).is_some() {
                return Err(OrderError::AttributeTwice(attribute));
            }
        }
        Ok(Self(orders))
    }

    /// Whether no attribute has an order of its own.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Attributes and their inlets, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(attribute, inlets)| (attribute.as_str(), inlets.as_slice()))
    }

    /// The place of an inlet for an attribute. Those that the attribute does not name share the last one: among
    /// them the order of the directory decides.
    pub fn place(&self, attribute: &str, inlet: &str) -> usize {
        let named = self.0.get(attribute);
        named.and_then(|named| named.iter().position(|one| one == inlet)).unwrap_or(usize::MAX)
    }

    /// Attributes whose inlets are others, or in another order, than in `before`.
    pub fn changed<'a>(&'a self, before: &'a Self) -> Vec<&'a str> {
        let all = self.0.keys().chain(before.0.keys().filter(|name| !self.0.contains_key(*name)));
        all.filter(|name| self.0.get(*name) != before.0.get(*name)).map(String::as_str).collect()
    }

    /// Takes an inlet out everywhere; an attribute that named nobody else has no order of its own any more.
    /// Whether it was named.
    pub fn forget(&mut self, inlet: &str) -> bool {
        let mut named = false;
        for inlets in self.0.values_mut() {
            let count = inlets.len();
            inlets.retain(|one| one != inlet);
            named |= inlets.len() < count;
        }
        self.0.retain(|_, inlets| !inlets.is_empty());
        named
    }
}

/// The name under which inlets have an attribute.
fn canonical(name: &str, extensions: &[String]) -> Result<String, OrderError> {
    match attributes::find(name) {
        Some(found) if found.origin == Origin::Directory => Ok(found.name.to_owned()),
        Some(found) => Err(OrderError::NotSaid(found.name)),
        None if attributes::is_extension(name) && extensions.iter().any(|known| known == name) => {
            Ok(name.to_owned())
        }
        None => Err(OrderError::UnknownAttribute(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn orders(given: &[(&str, &[&str])]) -> Result<Orders, OrderError> {
        let given = given.iter().map(|(name, inlets)| ((*name).to_owned(), names(inlets))).collect();
        Orders::new(given, &names(&["a", "b", "c"]), &names(&["extension_0_badge"]))
    }

    #[test]
    fn attributes_have_their_own_names() {
        let found = orders(&[
            ("JOBTITLE", &["b"]),
            ("physicalDeliveryOfficeName", &["c", "a"]),
            (" manager ", &["a"]),
            ("extension_0_badge", &["b"]),
        ])
        .expect("orders");
        let seen: Vec<&str> = found.iter().map(|(name, _)| name).collect();
        assert_eq!(seen, ["extension_0_badge", "jobTitle", "manager", "officeLocation"]);
        assert_eq!(["c", "a", "b"].map(|inlet| found.place("officeLocation", inlet)), [0, 1, usize::MAX]);
        assert_eq!(found.place("city", "a"), usize::MAX);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let check = |given: &[(&str, &[&str])], part: &str| {
            let error = orders(given).expect_err(part).to_string();
            assert!(error.contains(part), "{error}");
        };
        check(&[("shoeSize", &["a"])], "`shoeSize` is no attribute");
        check(&[("extension_0_other", &["a"])], "`extension_0_other` is no attribute");
        check(&[("objectId", &["a"])], "objectId is given by Rollcall");
        check(&[("IsSoftDeleted", &["a"])], "IsSoftDeleted is given by Rollcall");
        check(&[("city", &[])], "city names no inlet");
        check(&[("city", &["a", "x"])], "city: there is no inlet with the id `x`");
        check(&[("city", &["a", "b", "a"])], "city names the inlet a twice");
        check(&[("city", &["a"]), ("City", &["b"])], "city comes twice");
    }

    #[test]
    fn there_are_limits() {
        let extensions: Vec<String> = (0..=MAX_ORDERS).map(|number| format!("extension_{number}")).collect();
        let given = |count: usize| -> Vec<(String, Vec<String>)> {
            extensions.iter().take(count).map(|name| (name.clone(), names(&["a"]))).collect()
        };
        assert!(Orders::new(given(MAX_ORDERS), &names(&["a"]), &extensions).is_ok());
        let error = Orders::new(given(MAX_ORDERS + 1), &names(&["a"]), &extensions).expect_err("too many");
        assert_eq!(error, OrderError::TooManyAttributes(MAX_ORDERS + 1));
        let inlets: Vec<String> = (0..=MAX_NAMED).map(|number| number.to_string()).collect();
        let city = |count: usize| vec![("city".to_owned(), inlets.iter().take(count).cloned().collect())];
        assert!(Orders::new(city(MAX_NAMED), &inlets, &[]).is_ok());
        let error = Orders::new(city(MAX_NAMED + 1), &inlets, &[]).expect_err("too many");
        assert_eq!(error, OrderError::TooManyInlets("city".to_owned(), MAX_NAMED + 1));
        assert!(error.to_string().contains("at most 20"), "{error}");
    }

    #[test]
    fn differences_are_found() {
        let before = orders(&[("city", &["a", "b"]), ("state", &["a"]), ("mail", &["c"])]).expect("orders");
        let after = orders(&[("city", &["b", "a"]), ("state", &["a"]), ("surname", &["b"])]).expect("orders");
        assert_eq!(after.changed(&before), ["city", "surname", "mail"]);
        assert_eq!(after.changed(&after), Vec::<&str>::new());
    }

    #[test]
    fn an_inlet_that_is_gone_is_forgotten() {
        let mut found = orders(&[("city", &["a", "b"]), ("state", &["a"])]).expect("orders");
        assert!(!found.forget("c"));
        assert!(found.forget("a"));
        assert_eq!(found, orders(&[("city", &["b"])]).expect("orders"));
        assert!(found.forget("b") && found.is_empty());
        let text = serde_json::to_string(&orders(&[("city", &["a"])]).expect("orders")).expect("JSON");
        assert_eq!(text, r#"{"city":["a"]}"#);
    }
}
