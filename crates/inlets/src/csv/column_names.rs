//! What the headers of somebody else's export mean: chosen once, and remembered by the directory.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::MAX_COLUMNS;
use super::header::{Column, understand};

/// Longest header that can be given a meaning, in characters.
pub const MAX_HEADER_CHARACTERS: usize = 256;

/// One header and what its column holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnName {
    /// The text of the header; compared without regard to case and to spaces around it.
    pub header: String,
    /// A name that an import knows: an attribute, `manager`, `groups`, `extension_…`. Empty: the column
    /// is passed over without a word.
    pub attribute: String,
}

/// The meanings of headers. A header that is not among them means what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnNames(Vec<ColumnName>);

impl ColumnNames {
    /// Checks the names: headers at most [`MAX_COLUMNS`], not empty, each once, and every attribute one
    /// that an import takes.
    pub fn new(names: Vec<ColumnName>) -> Result<Self, ColumnNameError> {
        if names.len() > MAX_COLUMNS {
            return Err(ColumnNameError::TooMany);
        }
        let mut checked: Vec<ColumnName> = Vec::with_capacity(names.len());
        for name in names {
            let header = name.header.trim();
            let attribute = name.attribute.trim();
            if header.is_empty() || header.chars().count() > MAX_HEADER_CHARACTERS {
                return Err(ColumnNameError::Header(header.chars().take(MAX_HEADER_CHARACTERS).collect()));
            }
            if checked.iter().any(|other| same(&other.header, header)) {
                return Err(ColumnNameError::Twice(header.to_owned()));
            }
            if !attribute.is_empty() && matches!(understand(attribute).0, Column::Ignored) {
                return Err(ColumnNameError::Attribute {
                    header: header.to_owned(),
                    attribute: attribute.to_owned(),
                });
            }
            checked.push(ColumnName { header: header.to_owned(), attribute: attribute.to_owned() });
        }
        Ok(Self(checked))
    }

    /// What was chosen for a header; an empty text is "pass over".
    pub fn find(&self, header: &str) -> Option<&str> {
        self.0.iter().find(|name| same(&name.header, header.trim())).map(|name| name.attribute.as_str())
    }

    /// All of them, as they were given but for spaces.
    pub fn all(&self) -> &[ColumnName] {
        &self.0
    }
}

fn same(one: &str, other: &str) -> bool {
    one == other || one.to_lowercase() == other.to_lowercase()
}

/// Why meanings of headers cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnNameError {
    /// More than [`MAX_COLUMNS`].
    TooMany,
    /// Empty, or longer than [`MAX_HEADER_CHARACTERS`].
    Header(String),
    /// The same header once more.
    Twice(String),
    /// An attribute that no import takes.
    Attribute {
        /// Of this header.
        header: String,
        /// What was asked for.
        attribute: String,
    },
}

impl fmt::Display for ColumnNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany => write!(f, "There are more than {MAX_COLUMNS} columns. Remove some."),
            Self::Header(header) if header.is_empty() => {
                f.write_str("The header of a column is empty. Write it as the file has it.")
            }
            Self::Header(header) => {
                write!(
                    f,
                    "The header {header:?} is longer than {MAX_HEADER_CHARACTERS} characters. Shorten it."
                )
            }
            Self::Twice(header) => write!(f, "The header {header:?} is there twice. Remove one of them."),
            Self::Attribute { header, attribute } => write!(
                f,
                "{attribute:?}, chosen for the column {header:?}, is no attribute that a file can fill. Choose \
                 one of the list, or start its name with extension_."
            ),
        }
    }
}

impl std::error::Error for ColumnNameError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(header: &str, attribute: &str) -> ColumnName {
        ColumnName { header: header.to_owned(), attribute: attribute.to_owned() }
    }

    #[test]
    fn names_are_found_in_any_case() {
        let names = ColumnNames::new(vec![
            name(" Personalnummer ", "employeeId"),
            name("E-MAIL (BÜRO)", " mail "),
            name("Gehalt", ""),
        ])
        .unwrap();
        for (header, expected) in [
            ("personalnummer", Some("employeeId")),
            (" e-mail (büro)", Some("mail")),
            ("Gehalt", Some("")),
            ("mail", None),
        ] {
            assert_eq!(names.find(header), expected, "{header}");
        }
        assert_eq!(names.all().len(), 3);
    }

    #[track_caller]
    fn refused(names: Vec<ColumnName>, expected: ColumnNameError, text: &str) {
        let error = ColumnNames::new(names).unwrap_err();
        assert_eq!(error, expected);
        assert!(error.to_string().contains(text), "{error}");
    }

    #[test]
    fn what_cannot_be_kept() {
        let attribute = |attribute: &str| ColumnNameError::Attribute {
            header: "x".to_owned(),
            attribute: attribute.to_owned(),
        };
        for unknown in ["shoeSize", "objectId", "IsSoftDeleted", "passwordProfile", "extension_"] {
            refused(vec![name("x", unknown)], attribute(unknown), unknown);
        }
        refused(vec![name("  ", "mail")], ColumnNameError::Header(String::new()), "empty");
        let long = "é".repeat(MAX_HEADER_CHARACTERS);
        assert!(ColumnNames::new(vec![name(&long, "mail")]).is_ok());
        refused(vec![name(&format!("{long}x"), "mail")], ColumnNameError::Header(long), "256");
        refused(
            vec![name("Mail", "mail"), name("MAIL", "mobile")],
            ColumnNameError::Twice("MAIL".to_owned()),
            "twice",
        );
        let many = |count: usize| (0..count).map(|number| name(&number.to_string(), "")).collect();
        assert!(ColumnNames::new(many(MAX_COLUMNS)).is_ok());
        refused(many(MAX_COLUMNS + 1), ColumnNameError::TooMany, "512");
    }
}
