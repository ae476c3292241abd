//! What can be wrong with a file and with a row. Kinds are data; the text is made by `Display` and
//! says what to do.

use std::fmt;

use super::{MAX_COLUMNS, MAX_FIELD_BYTES, MAX_FILE_BYTES, MAX_GROUPS_PER_ROW, MAX_RECORD_BYTES, MAX_ROWS};
use super::{MAX_MEMBERSHIPS, MAX_ROSTER_BYTES, MAX_USER_NAME_BYTES};

/// Why a file as a whole cannot be imported.
///
/// All but [`TooLarge`](Self::TooLarge), [`TooManyRows`](Self::TooManyRows) and
/// [`TooManyNames`](Self::TooManyNames) are known before the first row is given, so nothing has
/// been changed. Those three come when the limit is passed: check the length of the file before
/// it is read, and where nothing may change on a file with too many rows, read it twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileError {
    /// There is nothing in the file.
    Empty,
    /// The file is something else than text.
    NotText(&'static str),
    /// The header is not text that can be read.
    UnreadableHeader(RowError),
    /// No cell of the first line is a known column.
    NoHeader {
        /// What it has.
        texts: Vec<String>,
    },
    /// There is a header, but no `userPrincipalName` in it.
    NoKeyColumn {
        /// The line of the header.
        line: u64,
        /// What it has.
        texts: Vec<String>,
    },
    /// More than [`MAX_COLUMNS`] columns.
    TooManyColumns,
    /// More than [`MAX_FILE_BYTES`].
    TooLarge,
    /// More than [`MAX_ROWS`].
    TooManyRows,
    /// The names of people, managers and groups together exceed [`MAX_ROSTER_BYTES`] or
    /// [`MAX_MEMBERSHIPS`].
    TooManyNames,
}

impl FileError {
    /// A stable word for the kind.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "emptyFile",
            Self::NotText(_) => "notText",
            Self::UnreadableHeader(_) => "unreadableHeader",
            Self::NoHeader { .. } => "noHeader",
            Self::NoKeyColumn { .. } => "noKeyColumn",
            Self::TooManyColumns => "tooManyColumns",
            Self::TooLarge => "fileTooLarge",
            Self::TooManyRows => "tooManyRows",
            Self::TooManyNames => "tooManyNames",
        }
    }

    /// The cells of a header that says too little: what each of them means can be chosen.
    pub fn headers(&self) -> &[String] {
        match self {
            Self::NoHeader { texts } | Self::NoKeyColumn { texts, .. } => texts,
            _ => &[],
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("The file is empty. It needs a header and a row for each person."),
            Self::NotText(what) => {
                write!(f, "The file is not a CSV file but {what}. Save it as \"CSV UTF-8\" and import that.")
            }
            Self::UnreadableHeader(error) => {
                write!(f, "The header in line {} cannot be read: {}", error.line, error.problem)
            }
            Self::NoHeader { .. } => f.write_str(
                "The file has no header: the first line must name the columns, \
                 such as userPrincipalName,displayName,givenName,surname. If it has other names for them, \
                 choose what they mean.",
            ),
            Self::NoKeyColumn { line, .. } => write!(
                f,
                "The header in line {line} has no column userPrincipalName. Add it, or choose the column that \
                 holds it: it says who each row is about."
            ),
            Self::TooManyColumns => {
                write!(f, "The header has more than {MAX_COLUMNS} columns. Remove those that are not needed.")
            }
            Self::TooLarge => {
                write!(f, "The file is larger than {} MB. Split it into several files.", MAX_FILE_BYTES >> 20)
            }
            Self::TooManyRows => {
                write!(f, "The file has more than {MAX_ROWS} rows. Split it into several files.")
            }
            Self::TooManyNames => write!(
                f,
                "The names of people, managers and groups in the file are longer than {} MB, or there are \
                 more than {MAX_MEMBERSHIPS} memberships. Split it into several files.",
                MAX_ROSTER_BYTES / 1_000_000
            ),
        }
    }
}

impl std::error::Error for FileError {}

/// What is wrong in one place of the file. The rest of the file is not affected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// The line of the file, counted from 1.
    pub line: u64,
    /// The column of the table, counted from 1.
    pub column: u64,
    /// What is wrong there.
    pub problem: Problem,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.problem)
    }
}

/// The kinds of [`RowError`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A quoted cell has no end.
    UnclosedQuote,
    /// A quote in a cell that does not start with one.
    StrayQuote,
    /// Something else than a separator after the closing quote.
    TextAfterQuote,
    /// A cell longer than [`MAX_FIELD_BYTES`].
    FieldTooLong,
    /// A row longer than [`MAX_RECORD_BYTES`].
    RecordTooLong,
    /// A row that has not as many cells as the header.
    WrongColumnCount {
        /// Cells in the row.
        found: usize,
        /// Cells in the header.
        expected: usize,
    },
    /// Bytes that are not UTF-8.
    NotUtf8 {
        /// The first such byte.
        byte: u8,
        /// Its place in the cell, counted in characters from 1.
        character: usize,
    },
    /// A character of UTF-8 in a file that is Windows-1252 otherwise.
    MixedEncodings,
    /// A control character in a cell.
    ControlCharacter(char),
    /// The cell of `userPrincipalName` is empty.
    MissingKey,
    /// A `userPrincipalName` longer than [`MAX_USER_NAME_BYTES`].
    KeyTooLong,
    /// The same `userPrincipalName` was in an earlier row.
    DuplicateKey {
        /// The name.
        user_name: String,
        /// The line of the earlier row.
        first_line: u64,
    },
    /// A Boolean column with another word than the accepted ones.
    NotBoolean {
        /// The column.
        column: String,
        /// What the cell holds.
        value: String,
    },
    /// More than [`MAX_GROUPS_PER_ROW`] groups.
    TooManyGroups,
    /// A column that the import does not know.
    UnknownColumn(String),
    /// A column whose values are not given by a file.
    ReadOnlyColumn(&'static str),
    /// A second column of the same name.
    DuplicateColumn {
        /// The name.
        name: String,
        /// The first column of that name, counted from 1.
        first: u64,
    },
    /// The manager is neither in the file nor in the directory.
    UnknownManager(String),
    /// The manager's own row was refused and the manager is not in the directory.
    RefusedManager {
        /// The manager's name.
        user_name: String,
        /// The line of the refused row.
        line: u64,
    },
    /// Somebody is their own manager.
    OwnManager,
    /// A chain of managers that comes back to its start.
    ManagerLoop(Vec<String>),
    /// Who is missing cannot be told, since a row without a readable key was refused.
    RemovalWithheld,
    /// The directory did not take the row, for a reason that the caller words.
    Refused(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnclosedQuote => f.write_str(
                "A double quote opens this cell and none closes it. Close it, or double each quote that \
                 is part of the text.",
            ),
            Self::StrayQuote => f.write_str(
                "A double quote stands inside a cell that is not quoted. Put the whole cell in double \
                 quotes and double the quote inside.",
            ),
            Self::TextAfterQuote => f.write_str(
                "Text follows the closing double quote. End the cell at the quote, or double each quote \
                 that is part of the text.",
            ),
            Self::FieldTooLong => write!(f, "The cell is longer than {MAX_FIELD_BYTES} bytes. Shorten it."),
            Self::RecordTooLong => write!(f, "The row is longer than {MAX_RECORD_BYTES} bytes. Shorten it."),
            Self::WrongColumnCount { found, expected } if found < expected => write!(
                f,
                "The row has {}, the header {expected}. Add what is missing; an empty cell still needs its \
                 separator.",
                cells(*found)
            ),
            Self::WrongColumnCount { found, expected } => write!(
                f,
                "The row has {}, the header {expected}. Put cells that contain the separator in double quotes.",
                cells(*found)
            ),
            Self::NotUtf8 { byte, character } => write!(
                f,
                "Byte {byte:02X} at character {character} of the cell is not UTF-8. Save the file as \"CSV UTF-8\"."
            ),
            Self::MixedEncodings => f.write_str(
                "The cell is UTF-8, but the rest of the file is Windows-1252 (Latin-1). Save the file as \
                 \"CSV UTF-8\".",
            ),
            Self::ControlCharacter(character) => {
                write!(f, "The cell contains the control character U+{:04X}. Remove it.", u32::from(*character))
            }
            Self::MissingKey => f.write_str("The userPrincipalName is missing. Fill it in."),
            Self::KeyTooLong => {
                write!(f, "The userPrincipalName is longer than {MAX_USER_NAME_BYTES} bytes. Shorten it.")
            }
            Self::DuplicateKey { user_name, first_line } => {
                write!(f, "{user_name} is already in line {first_line}. Keep one row for each person.")
            }
            Self::NotBoolean { column, value } => {
                write!(f, "{value:?} is not a value for {column}. Write true or false (also yes, no, 1, 0).")
            }
            Self::TooManyGroups => {
                write!(f, "The cell names more than {MAX_GROUPS_PER_ROW} groups. Remove some.")
            }
            Self::UnknownColumn(name) => write!(
                f,
                "The column {name:?} is not known and was not imported. Rename it, start its name with \
                 extension_, or remove it."
            ),
            Self::ReadOnlyColumn(name) => {
                write!(f, "The column {name} is given by the directory and was not imported. Remove it.")
            }
            Self::DuplicateColumn { name, first } => write!(
                f,
                "The column {name} is already column {first}; this one was not imported. Remove one of them."
            ),
            Self::UnknownManager(name) => write!(
                f,
                "The manager {name} is neither in the file nor in the directory. Correct the name or add the \
                 person; the manager was left as it was."
            ),
            Self::RefusedManager { user_name, line } => write!(
                f,
                "The manager {user_name} is not in the directory, since line {line} was not imported. Correct \
                 that line; the manager was left as it was."
            ),
            Self::OwnManager => f.write_str(
                "A person cannot be their own manager. Name another or leave the cell empty; the manager was \
                 left as it was.",
            ),
            Self::ManagerLoop(chain) => write!(
                f,
                "The chain of managers comes back to its start: {}. Correct one of them; the manager was left \
                 as it was.",
                chain.join(" > ")
            ),
            Self::RemovalWithheld => f.write_str(
                "Nobody was removed: the userPrincipalName of this row could not be read, so it is not certain \
                 who is missing. Correct the row and import again.",
            ),
            Self::Refused(reason) => f.write_str(reason),
        }
    }
}

fn cells(count: usize) -> String {
    if count == 1 { "1 cell".to_owned() } else { format!("{count} cells") }
}
