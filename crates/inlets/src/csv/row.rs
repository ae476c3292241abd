//! One row of the table, understood.

use serde::{Deserialize, Serialize};

use super::names::same_name;
use super::{Column, Header, Problem, Record, RowError};
use crate::attributes::{self, Kind, SetError};

/// Longest `userPrincipalName`, in bytes.
pub const MAX_USER_NAME_BYTES: usize = 256;
/// Most groups in one cell.
pub const MAX_GROUPS_PER_ROW: usize = 100;
/// What stands between two groups in a cell.
pub(super) const GROUP_SEPARATOR: char = ';';

/// What a file says about one property of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Cell<T> {
    /// The file has no such column: leave it alone.
    #[default]
    Absent,
    /// The cell is empty: clear it.
    Empty,
    /// The cell has a value.
    Value(T),
}

/// A person as the file describes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// The line on which the row starts, counted from 1.
    pub line: u64,
    /// The `userPrincipalName`, as written.
    pub user_name: String,
    /// Source attributes with their values in the order of the columns; `None` clears one. Not in
    /// here: `userPrincipalName`, `manager`, groups.
    pub attributes: Vec<(String, Option<String>)>,
    /// The manager's `userPrincipalName`.
    pub manager: Cell<String>,
    /// Display names of groups, each once.
    pub groups: Cell<Vec<String>>,
}

/// A row that cannot be used, and whose it is if that is certain.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) error: RowError,
    pub(super) user_name: Option<String>,
}

impl Row {
    pub(super) fn read(record: &Record, header: &Header) -> Result<Self, Refusal> {
        let refuse = |error, user_name| Err(Refusal { error, user_name });
        let line = record.line();
        let key_column = header.columns.iter().position(|column| matches!(column, Column::Key)).unwrap_or(0);
        // With a cell too many or too few only the first column is where it should be.
        let key_is_certain = record.len() == header.columns.len() || key_column == 0;
        let key = record.cells().nth(key_column).filter(|_| key_is_certain);
        let key = key.and_then(|(_, bytes)| std::str::from_utf8(bytes).ok()).map(str::trim);
        let key = key.filter(|key| !key.is_empty()).map(str::to_owned);

        if record.len() != header.columns.len() {
            let (found, expected) = (record.len(), header.columns.len());
            let column = found.min(expected) as u64 + 1;
            return refuse(
                RowError { line, column, problem: Problem::WrongColumnCount { found, expected } },
                key,
            );
        }
        let texts = match record.texts() {
            Ok(texts) => texts,
            Err(error) => return refuse(error, key),
        };
        let mut row = Self {
            line,
            user_name: String::new(),
            attributes: Vec::with_capacity(texts.len()),
            manager: Cell::Absent,
            groups: Cell::Absent,
        };
        for ((text, column), number) in texts.into_iter().zip(&header.columns).zip(1..) {
            if let Err(problem) = row.take(column, text.trim()) {
                return refuse(RowError { line, column: number, problem }, key);
            }
        }
        Ok(row)
    }

    fn take(&mut self, column: &Column, text: &str) -> Result<(), Problem> {
        let given = || Some(text.to_owned()).filter(|text| !text.is_empty());
        match column {
            Column::Key if text.is_empty() => return Err(Problem::MissingKey),
            Column::Key if text.len() > MAX_USER_NAME_BYTES => return Err(Problem::KeyTooLong),
            Column::Key => self.user_name = text.to_owned(),
            Column::Attribute(attribute) => {
                let value = match attribute.kind {
                    Kind::Boolean => Some(boolean(attribute.name, text)?.to_string()),
                    Kind::String | Kind::Reference => given(),
                };
                self.attributes.push((attribute.name.to_owned(), value));
            }
            Column::BlockSignIn => {
                let enabled = text.is_empty() || !boolean("accountEnabled", text)?;
                self.attributes.push(("accountEnabled".to_owned(), Some(enabled.to_string())));
            }
            Column::Extension(name) => self.attributes.push((name.clone(), given())),
            Column::Manager => {
                self.manager = match given() {
                    Some(name) if name.len() > MAX_USER_NAME_BYTES => return Err(Problem::KeyTooLong),
                    Some(name) => Cell::Value(name),
                    None => Cell::Empty,
                };
            }
            Column::Groups => self.groups = groups(text)?,
            Column::Ignored => {}
        }
        Ok(())
    }
}

fn boolean(column: &str, text: &str) -> Result<bool, Problem> {
    attributes::parse_boolean(text).map_err(|error| match error {
        SetError::NotBoolean(value) => Problem::NotBoolean { column: column.to_owned(), value },
        other => Problem::Refused(other.to_string()),
    })
}

fn groups(text: &str) -> Result<Cell<Vec<String>>, Problem> {
    let mut groups: Vec<String> = Vec::new();
    for name in text.split(GROUP_SEPARATOR).map(str::trim).filter(|name| !name.is_empty()) {
        if groups.iter().any(|group| same_name(group, name)) {
            continue;
        }
        if groups.len() == MAX_GROUPS_PER_ROW {
            return Err(Problem::TooManyGroups);
        }
        groups.push(name.to_owned());
    }
    Ok(if groups.is_empty() { Cell::Empty } else { Cell::Value(groups) })
}
