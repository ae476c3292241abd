//! The header: which column is what.

use super::{ColumnNames, FileError, MAX_COLUMNS, Problem, Record, RowError};
use crate::attributes::{self, Attribute, Origin};

/// Columns of the bulk-create template that an import passes over without a word: a password
/// belongs to no directory of ours.
const IGNORED: &[&str] = &["passwordProfile"];

/// The header of our own column.
pub(super) const GROUPS: &str = "groups";

/// What a column holds.
#[derive(Debug, Clone)]
pub enum Column {
    /// `userPrincipalName`: who the row is about.
    Key,
    /// An attribute of the table.
    Attribute(&'static Attribute),
    /// A directory extension, by its name.
    Extension(String),
    /// The manager's `userPrincipalName`.
    Manager,
    /// Display names of groups, separated by semicolons.
    Groups,
    /// The template's `Block sign in (Yes/No) [accountEnabled]`, which says the opposite of
    /// `accountEnabled`.
    BlockSignIn,
    /// Not imported.
    Ignored,
}

impl Column {
    /// What it is called: the name under which it counts as given twice.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Key => Some("userPrincipalName"),
            Self::Attribute(attribute) => Some(attribute.name),
            Self::Extension(name) => Some(name),
            Self::Manager => Some("manager"),
            Self::Groups => Some(GROUPS),
            Self::BlockSignIn => Some("accountEnabled"),
            Self::Ignored => None,
        }
    }
}

/// The columns of a file, and what is wrong with some of them.
#[derive(Debug)]
pub struct Header {
    /// The line of the header, counted from 1.
    pub line: u64,
    /// One entry for each cell.
    pub columns: Vec<Column>,
    /// The texts of the cells.
    pub texts: Vec<String>,
    /// Columns that are unknown, read-only or given twice. They are [`Column::Ignored`] and stop
    /// nothing.
    pub problems: Vec<RowError>,
}

impl Header {
    /// Understands the first record of a file. What was chosen for a header goes before what it says.
    pub fn read(record: &Record, names: &ColumnNames) -> Result<Self, FileError> {
        if record.len() > MAX_COLUMNS {
            return Err(FileError::TooManyColumns);
        }
        let texts = record.texts().map_err(|error| match error.problem {
            Problem::ControlCharacter('\0') => FileError::NotText("binary data"),
            _ => FileError::UnreadableHeader(error),
        })?;
        let mut header =
            Self { line: record.line(), columns: Vec::new(), texts: Vec::new(), problems: Vec::new() };
        for text in texts {
            header.add(text.trim(), names);
        }
        if header.columns.iter().all(|column| matches!(column, Column::Ignored)) {
            return Err(FileError::NoHeader { texts: header.texts });
        }
        if !header.columns.iter().any(|column| matches!(column, Column::Key)) {
            return Err(FileError::NoKeyColumn { line: header.line, texts: header.texts });
        }
        Ok(header)
    }

    fn add(&mut self, text: &str, names: &ColumnNames) {
        let number = self.columns.len() as u64 + 1;
        let (column, problem) = match names.find(text) {
            Some("") => (Column::Ignored, None),
            Some(chosen) => understand(chosen),
            None => understand(text),
        };
        self.texts.push(text.to_owned());
        let first = column.name().and_then(|name| self.number_of(name));
        let (column, problem) = match (first, column.name()) {
            (Some(first), Some(name)) => {
                (Column::Ignored, Some(Problem::DuplicateColumn { name: name.to_owned(), first }))
            }
            _ => (column, problem),
        };
        self.columns.push(column);
        self.problems.extend(problem.map(|problem| RowError { line: self.line, column: number, problem }));
    }

    /// The number of the column with this name, counted from 1.
    pub fn number_of(&self, name: &str) -> Option<u64> {
        let position = self.columns.iter().position(|column| column.name() == Some(name))?;
        Some(position as u64 + 1)
    }
}

pub(super) fn understand(text: &str) -> (Column, Option<Problem>) {
    let (label, name) =
        match text.rsplit_once('[').and_then(|(label, rest)| Some((label, rest.split_once(']')?.0))) {
            Some((label, name)) => (label.trim(), name.trim()),
            None => ("", text),
        };
    if let Some(attribute) = attributes::find(name) {
        return match (attribute.name, attribute.origin) {
            ("userPrincipalName", _) => (Column::Key, None),
            ("manager", _) => (Column::Manager, None),
            ("accountEnabled", _) if label.to_ascii_lowercase().starts_with("block sign in") => {
                (Column::BlockSignIn, None)
            }
            (_, Origin::Directory) => (Column::Attribute(attribute), None),
            (name, _) => (Column::Ignored, Some(Problem::ReadOnlyColumn(name))),
        };
    }
    if name.eq_ignore_ascii_case(GROUPS) {
        (Column::Groups, None)
    } else if attributes::is_extension(name) {
        (Column::Extension(name.to_owned()), None)
    } else if IGNORED.iter().any(|ignored| ignored.eq_ignore_ascii_case(name)) {
        (Column::Ignored, None)
    } else {
        (Column::Ignored, Some(Problem::UnknownColumn(name.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Decoder;
    use super::*;

    fn read(text: &str) -> Result<Header, FileError> {
        read_with(text, &ColumnNames::default())
    }

    fn read_with(text: &str, names: &ColumnNames) -> Result<Header, FileError> {
        let mut decoder = Decoder::new(None);
        let mut record = Record::default();
        decoder.push(text.as_bytes());
        decoder.finish();
        decoder.next_record(&mut record).unwrap().unwrap();
        Header::read(&record, names)
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str], problems: &[&str]) {
        let header = read(text).unwrap();
        let names: Vec<_> = header.columns.iter().map(|column| column.name().unwrap_or("-")).collect();
        assert_eq!(names, expected);
        let found: Vec<_> =
            header.problems.iter().map(|error| format!("{}:{}", error.line, error.column)).collect();
        assert_eq!(found, problems);
    }

    #[test]
    fn short_and_long_forms_in_any_case() {
        check("userPrincipalName,displayName", &["userPrincipalName", "displayName"], &[]);
        check("USERPRINCIPALNAME, MAIL ", &["userPrincipalName", "mail"], &[]);
        check(
            "Name [displayName] Required,User name [userPrincipalName] Required,Office [physicalDeliveryOfficeName]",
            &["displayName", "userPrincipalName", "officeLocation"],
            &[],
        );
        check("userPrincipalName;groups;Manager", &["userPrincipalName", "groups", "manager"], &[]);
        check(
            "userPrincipalName,extension_costCenter,EXTENSION_x,extensionAttribute7",
            &["userPrincipalName", "extension_costCenter", "EXTENSION_x", "extensionAttribute7"],
            &[],
        );
    }

    #[test]
    fn the_template_of_entra() {
        let header = read(
            "version:v1.0,,\n\
             Name [displayName] Required,User name [userPrincipalName] Required,\
             Initial password [passwordProfile] Required,Block sign in (Yes/No) [accountEnabled] Required",
        )
        .unwrap();
        assert_eq!(header.line, 2);
        assert!(matches!(header.columns.get(2), Some(Column::Ignored)));
        assert!(matches!(header.columns.get(3), Some(Column::BlockSignIn)));
        assert_eq!(header.problems, []);
    }

    #[test]
    fn columns_that_are_not_imported() {
        check("userPrincipalName,shoeSize,", &["userPrincipalName", "-", "-"], &["1:2", "1:3"]);
        check("userPrincipalName,objectId,IsSoftDeleted", &["userPrincipalName", "-", "-"], &["1:2", "1:3"]);
        check("userPrincipalName,mail,Mail [mail]", &["userPrincipalName", "mail", "-"], &["1:3"]);
        check(
            "userPrincipalName,extension_,extension_a b",
            &["userPrincipalName", "-", "-"],
            &["1:2", "1:3"],
        );
    }

    #[test]
    fn chosen_names_go_before_what_the_header_says() {
        let names = [("Login", "userPrincipalName"), ("mail", "mobile"), ("Gehalt", ""), ("Chef", "manager")];
        let names = names.map(|(header, attribute)| super::super::ColumnName {
            header: header.to_owned(),
            attribute: attribute.to_owned(),
        });
        let names = ColumnNames::new(names.to_vec()).unwrap();
        let header = read_with("LOGIN;Mail;Gehalt;Chef;displayName;Schuhe", &names).unwrap();
        let found: Vec<_> = header.columns.iter().map(|column| column.name().unwrap_or("-")).collect();
        assert_eq!(found, ["userPrincipalName", "mobile", "-", "manager", "displayName", "-"]);
        let problems: Vec<_> = header.problems.iter().map(|error| error.column).collect();
        assert_eq!(problems, [6]);
        // Without them the file has no key.
        assert!(matches!(read("LOGIN;Mail").unwrap_err(), FileError::NoKeyColumn { .. }));
    }

    #[test]
    fn files_without_a_usable_header() {
        let texts = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
        assert_eq!(
            read("ada@contoso.com,Ada").unwrap_err(),
            FileError::NoHeader { texts: texts(["ada@contoso.com", "Ada"]) }
        );
        assert_eq!(
            read("\n\ndisplayName,mail").unwrap_err(),
            FileError::NoKeyColumn { line: 3, texts: texts(["displayName", "mail"]) }
        );
        assert_eq!(read("a\0b,c").unwrap_err(), FileError::NotText("binary data"));
        let wide = format!("userPrincipalName{}", ",".repeat(MAX_COLUMNS));
        assert_eq!(read(&wide).unwrap_err(), FileError::TooManyColumns);
    }
}
