//! An extension whose attributes an administrator defines while the directory is in use.

use std::fmt;

use super::attribute::{Attribute, AttributeType, Schema};
use crate::filter::{AttributePath, Filter, Term, Test};
use crate::urn;

/// How many characters a string of a custom attribute may have: as many as one of a directory extension of Microsoft
/// Entra, and more than an extension attribute there.
pub const MAX_CUSTOM_STRING: usize = 1_024;

/// The same in the extension of Peakon, which takes no more.
pub const MAX_PEAKON_STRING: usize = 256;

/// How many characters the name of a custom attribute may have: as many as that of a directory extension of
/// Microsoft Entra, `extension_`, 32 digits and the name proper.
pub const MAX_CUSTOM_NAME: usize = 256;

/// The types that an administrator chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustomType {
    /// Text, at most [`MAX_CUSTOM_STRING`] characters, or [`MAX_PEAKON_STRING`].
    String,
    /// A choice, as long as text. To SCIM it is a string: the options are those that people have.
    Option,
    /// A date or date-time in ISO 8601.
    Date,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Another person of the directory, by id, `userName` or e-mail address.
    Employee,
}

impl CustomType {
    /// All types.
    pub const ALL: [CustomType; 6] = [
        CustomType::String,
        CustomType::Option,
        CustomType::Date,
        CustomType::Number,
        CustomType::Boolean,
        CustomType::Employee,
    ];

    /// The name in the management API.
    pub fn as_str(self) -> &'static str {
        match self {
            CustomType::String => "string",
            CustomType::Option => "option",
            CustomType::Date => "date",
            CustomType::Number => "number",
            CustomType::Boolean => "boolean",
            CustomType::Employee => "employee",
        }
    }

    /// Whether values of this type are values of another one too, so that an attribute may change to it.
    pub fn becomes(self, other: CustomType) -> bool {
        let text = |kind| matches!(kind, CustomType::String | CustomType::Option);
        self == other || (text(self) && text(other))
    }

    /// The type with this name in the management API.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A custom attribute whose name has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomAttribute {
    name: String,
    kind: CustomType,
}

/// Why a name cannot be an attribute's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustomAttributeError {
    /// Empty, or longer than [`MAX_CUSTOM_NAME`].
    Length,
    /// Holds a character that separates the parts of a path or filter, a control character, or spaces at its
    /// ends or twice in a row.
    Character,
    /// Reads as part of a filter, such as `rated ge 5`.
    Ambiguous,
}

impl fmt::Display for CustomAttributeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CustomAttributeError::Length => {
                write!(f, "An attribute name has 1 to {MAX_CUSTOM_NAME} characters")
            }
            CustomAttributeError::Character => f.write_str(
                "An attribute name has no : . , \" \\ ( ) [ ] or control characters, and single spaces between words",
            ),
            CustomAttributeError::Ambiguous => {
                f.write_str("This attribute name would be read as a comparison in a filter; choose another")
            }
        }
    }
}

impl std::error::Error for CustomAttributeError {}

impl CustomAttribute {
    /// Checks a name: it may hold spaces, but must be told apart from what surrounds it in paths and filters.
    pub fn new(name: &str, kind: CustomType) -> Result<Self, CustomAttributeError> {
        if name.is_empty() || name.chars().count() > MAX_CUSTOM_NAME {
            return Err(CustomAttributeError::Length);
        }
        let separates =
            |c: char| c.is_control() || ":.,\"\\()[]".contains(c) || (c.is_whitespace() && c != ' ');
        if name.chars().any(separates) || name.trim() != name || name.contains("  ") {
            return Err(CustomAttributeError::Character);
        }
        if !reads_back(name) {
            return Err(CustomAttributeError::Ambiguous);
        }
        Ok(CustomAttribute { name: name.to_owned(), kind })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type.
    pub fn kind(&self) -> CustomType {
        self.kind
    }

    /// The attribute; its text has so many characters at most.
    fn attribute(&self, limit: usize) -> Attribute {
        let name = self.name.clone();
        match self.kind {
            CustomType::String => Attribute { max_length: Some(limit), ..Attribute::string(name, "Text") },
            CustomType::Option => {
                Attribute { max_length: Some(limit), ..Attribute::string(name, "A choice") }
            }
            CustomType::Date => Attribute::new(name, AttributeType::DateTime, "A date in ISO 8601"),
            CustomType::Number => Attribute::new(name, AttributeType::Decimal, "A number"),
            CustomType::Boolean => Attribute::boolean(name, "True or false"),
            CustomType::Employee => Attribute {
                case_exact: false,
                ..Attribute::reference(name, &["User"], "Another person, by id, userName or e-mail address")
            },
        }
    }
}

/// Whether filters with this name are read as meant.
fn reads_back(name: &str) -> bool {
    let wanted = AttributePath { urn: Some("urn:x".to_owned()), name: name.to_owned(), sub: None };
    let pr = Filter::parse(&format!("urn:x:{name} pr"));
    let eq = Filter::parse(&format!("urn:x:{name} eq \"v\" and a pr"));
    let is_wanted = |filter: &Filter| match filter {
        Filter::Term(Term::Test { path, test: Test::Present | Test::Compare { .. }, .. }) => *path == wanted,
        _ => false,
    };
    let first_is_wanted = |filter: &Filter| match filter {
        Filter::And(terms) => terms.len() == 2 && terms.first().is_some_and(is_wanted),
        _ => false,
    };
    pr.is_ok_and(|filter| is_wanted(&filter)) && eq.is_ok_and(|filter| first_is_wanted(&filter))
}

/// The custom extension of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomExtension {
    /// The URN of its schema.
    pub urn: String,
    /// The name of its schema.
    pub name: String,
    /// Its attributes.
    pub attributes: Vec<CustomAttribute>,
}

impl CustomExtension {
    /// The schema of the extension. Of two attributes whose names differ in case only, the first counts.
    pub(super) fn schema(&self) -> Schema {
        let limit = if self.urn == urn::PEAKON_USER { MAX_PEAKON_STRING } else { MAX_CUSTOM_STRING };
        let mut attributes: Vec<Attribute> = Vec::with_capacity(self.attributes.len());
        for custom in &self.attributes {
            if super::attribute::find(&attributes, &custom.name).is_none() {
                attributes.push(custom.attribute(limit));
            }
        }
        Schema {
            urn: self.urn.clone().into(),
            name: self.name.clone().into(),
            description: "Attributes defined by the administrators of the directory".into(),
            attributes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types() {
        let check = |from: CustomType, to: CustomType, expected: bool| {
            assert_eq!(from.becomes(to), expected, "{from:?} becomes {to:?}");
        };
        check(CustomType::String, CustomType::Option, true);
        check(CustomType::Option, CustomType::String, true);
        check(CustomType::Date, CustomType::Date, true);
        check(CustomType::String, CustomType::Number, false);
        check(CustomType::Number, CustomType::Option, false);
        for kind in CustomType::ALL {
            assert_eq!(CustomType::from_name(kind.as_str()), Some(kind));
        }
    }

    #[test]
    fn names() {
        use CustomAttributeError::{Ambiguous, Character, Length};
        let check = |name: &str, expected: Result<(), CustomAttributeError>| {
            assert_eq!(CustomAttribute::new(name, CustomType::String).map(|_| ()), expected, "{name}");
        };
        check("Business Unit", Ok(()));
        check("Date of Birth", Ok(()));
        check("Köln-Büro / 2", Ok(()));
        check("Prix le plus bas", Ok(()));
        check("Not started", Ok(()));
        check("", Err(Length));
        check(&format!("extension_{}_{}", "0".repeat(32), "x".repeat(MAX_CUSTOM_NAME - 43)), Ok(()));
        check(&"x".repeat(MAX_CUSTOM_NAME + 1), Err(Length));
        check("a.b", Err(Character));
        check("a:b", Err(Character));
        check("a [b]", Err(Character));
        check(" a", Err(Character));
        check("a  b", Err(Character));
        check("a\tb", Err(Character));
        check("rated ge 5", Err(Ambiguous));
    }

    #[test]
    fn text_has_the_length_of_its_extension() {
        let check = |urn: &str, expected: usize| {
            let attribute = CustomAttribute::new("Unit", CustomType::String).unwrap();
            let extension =
                CustomExtension { urn: urn.to_owned(), name: "n".to_owned(), attributes: vec![attribute] };
            assert_eq!(extension.schema().attributes[0].max_length, Some(expected), "{urn}");
        };
        check(urn::PEAKON_USER, MAX_PEAKON_STRING);
        check("urn:ietf:params:scim:schemas:extension:rollcall:2.0:User", MAX_CUSTOM_STRING);
    }
}
