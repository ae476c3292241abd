//! SQL as the stores see it: a synchronous, object-safe trait over the SQLite of the platform.
//!
//! Two adapters implement it: the Durable Object's `SqlStorage` (in the Worker) and `rusqlite`
//! (module `sqlite`, for tests and native tools). Both are SQLite, so statements are SQLite's;
//! the platform's limits apply to all of them: at most [`MAX_PARAMETERS`] parameters, no
//! `BEGIN`/`COMMIT`/`SAVEPOINT` text, `LIKE` patterns of at most 50 bytes.

use std::fmt;
use std::sync::Arc;

/// How many parameters one statement may bind on the platform.
pub const MAX_PARAMETERS: usize = 100;

/// The largest integer that survives the platform, which binds and reads integers as JavaScript numbers.
pub const MAX_INTEGER: i64 = (1 << 53) - 1;

/// A value that is bound to a parameter or read from a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `NULL`.
    Null,
    /// An integer whose magnitude is at most [`MAX_INTEGER`]; larger numbers are kept as text.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes that need not be text: parts of a file.
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Integer(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Value::Integer(i64::from(value))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Integer(i64::from(value))
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Real(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::Text(value)
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Value::Text(value.clone())
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Value::Blob(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// One row of an answer. Getters answer an error, never a panic, when the column is missing or of another type.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    columns: Arc<[String]>,
    values: Vec<Value>,
}

impl Row {
    /// A row with the answer's shared column names.
    pub fn new(columns: Arc<[String]>, values: Vec<Value>) -> Self {
        Row { columns, values }
    }

    /// The value of a column.
    pub fn value(&self, column: &str) -> Result<&Value, SqlError> {
        self.columns
            .iter()
            .position(|name| name == column)
            .and_then(|index| self.values.get(index))
            .ok_or_else(|| SqlError::other(format!("the answer has no column {column}")))
    }

    /// The text of a column.
    pub fn text(&self, column: &str) -> Result<&str, SqlError> {
        match self.value(column)? {
            Value::Text(text) => Ok(text),
            other => Err(wrong_type(column, "text", other)),
        }
    }

    /// The bytes of a column.
    pub fn bytes(&self, column: &str) -> Result<&[u8], SqlError> {
        match self.value(column)? {
            Value::Blob(bytes) => Ok(bytes),
            other => Err(wrong_type(column, "bytes", other)),
        }
    }

    /// The text of a column that may be `NULL`.
    pub fn optional_text(&self, column: &str) -> Result<Option<&str>, SqlError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            other => Err(wrong_type(column, "text", other)),
        }
    }

    /// The integer of a column. The platform reads all numbers as floating point, so a whole one counts.
    pub fn integer(&self, column: &str) -> Result<i64, SqlError> {
        self.optional_integer(column)?.ok_or_else(|| wrong_type(column, "an integer", &Value::Null))
    }

    /// The integer of a column that may be `NULL`.
    pub fn optional_integer(&self, column: &str) -> Result<Option<i64>, SqlError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Integer(integer) => Ok(Some(*integer)),
            Value::Real(real) if real.fract() == 0.0 && real.abs() <= MAX_INTEGER as f64 => {
                Ok(Some(*real as i64))
            }
            other => Err(wrong_type(column, "an integer", other)),
        }
    }

    /// The number of a column.
    pub fn real(&self, column: &str) -> Result<f64, SqlError> {
        match self.value(column)? {
            Value::Real(real) => Ok(*real),
            Value::Integer(integer) => Ok(*integer as f64),
            other => Err(wrong_type(column, "a number", other)),
        }
    }

    /// The truth value of a column that holds 0 or 1.
    pub fn boolean(&self, column: &str) -> Result<bool, SqlError> {
        self.integer(column).map(|integer| integer != 0)
    }
}

fn wrong_type(column: &str, wanted: &str, found: &Value) -> SqlError {
    let found = match found {
        Value::Null => "NULL",
        Value::Integer(_) => "an integer",
        Value::Real(_) => "a number",
        Value::Text(_) => "text",
        Value::Blob(_) => "bytes",
    };
    SqlError::other(format!("column {column} holds {found} instead of {wanted}"))
}

/// The answer to a statement, with what it cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// How many rows SQLite looked at, indexes included. Billed by the platform.
    pub rows_read: u64,
    /// How many rows SQLite wrote, indexes included. Billed by the platform.
    pub rows_written: u64,
}

impl Rows {
    /// The first row, if there is one.
    pub fn first(&self) -> Option<&Row> {
        self.rows.first()
    }
}

impl IntoIterator for Rows {
    type Item = Row;
    type IntoIter = std::vec::IntoIter<Row>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
    }
}

/// Why a statement failed, as far as a store can act on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SqlErrorKind {
    /// A UNIQUE or PRIMARY KEY constraint: the columns as SQLite names them, such as
    /// `resources.type, resources.user_name_key`.
    Unique(String),
    /// A value or a row is larger than the platform stores.
    TooLarge,
    /// Everything else: a bug in a statement, a full disk, an interrupted object.
    Other,
}

/// A statement that failed. The message is for the log, not for a caller of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlError {
    /// What can be acted on.
    pub kind: SqlErrorKind,
    /// SQLite's own words.
    pub message: String,
}

impl SqlError {
    /// An error that no store can act on.
    pub fn other(message: impl Into<String>) -> Self {
        SqlError { kind: SqlErrorKind::Other, message: message.into() }
    }

    /// Reads SQLite's message, which on the platform is all that there is:
    /// `UNIQUE constraint failed: users.id: SQLITE_CONSTRAINT (extended: …)`.
    pub fn from_message(message: impl Into<String>) -> Self {
        let message = message.into();
        let kind = if let Some((_, rest)) = message.split_once("UNIQUE constraint failed: ") {
            let columns = rest.split_once(": SQLITE_").map_or(rest, |(columns, _)| columns);
            SqlErrorKind::Unique(columns.trim().to_owned())
        } else if message.contains("too big") || message.contains("SQLITE_TOOBIG") {
            SqlErrorKind::TooLarge
        } else {
            SqlErrorKind::Other
        };
        SqlError { kind, message }
    }

    /// Whether a UNIQUE constraint over this column failed (`column` without its table).
    pub fn is_unique_violation_of(&self, column: &str) -> bool {
        match &self.kind {
            SqlErrorKind::Unique(columns) => {
                columns.split(", ").any(|name| name.rsplit('.').next() == Some(column))
            }
            _ => false,
        }
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SqlError {}

/// A SQLite database with one writer, used synchronously.
///
/// Statements hold one command each. Parameters are `?` or `?1`. Writes outside of a transaction commit by
/// themselves.
pub trait Sql {
    /// Runs one statement and reads its whole answer, so statements that can answer much carry a `LIMIT`.
    fn query(&self, statement: &str, parameters: &[Value]) -> Result<Rows, SqlError>;

    /// Runs `body` as one transaction: committed if it answers `Ok`, else rolled back and its error answered.
    /// `body` runs exactly once. Calls nest: an inner transaction that fails takes back its own writes only.
    fn transaction(&self, body: &mut dyn FnMut() -> Result<(), SqlError>) -> Result<(), SqlError>;
}

/// [`Sql::transaction`] for any result: whatever error `body` answers rolls its writes back and is handed out.
pub fn in_transaction<T, E: From<SqlError>>(
    sql: &dyn Sql,
    body: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let mut body = Some(body);
    let mut outcome = None;
    let ended = sql.transaction(&mut || {
        let Some(body) = body.take() else {
            return Err(SqlError::other("the body of a transaction was run twice"));
        };
        let result = body();
        let failed = result.is_err();
        outcome = Some(result);
        if failed { Err(SqlError::other("rolled back")) } else { Ok(()) }
    });
    match (ended, outcome) {
        (_, Some(Err(error))) => Err(error),
        (Ok(()), Some(result)) => result,
        (Err(error), _) => Err(error.into()),
        (Ok(()), None) => Err(SqlError::other("the body of a transaction was not run").into()),
    }
}

/// `?, ?, ?`: placeholders for an `IN` list or a row of values.
pub fn placeholders(count: usize) -> String {
    let mut text = "?, ".repeat(count);
    text.truncate(text.len().saturating_sub(2));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraint_is_read_from_both_message_forms() {
        let check = |message: &str, column: &str, expected: bool| {
            assert_eq!(SqlError::from_message(message).is_unique_violation_of(column), expected, "{message}");
        };
        check(
            "UNIQUE constraint failed: users.id: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_PRIMARYKEY)",
            "id",
            true,
        );
        check("UNIQUE constraint failed: resources.type, resources.user_name_key", "user_name_key", true);
        check("UNIQUE constraint failed: resources.type, resources.user_name_key", "name_key", false);
        check("no such table: id", "id", false);
        assert_eq!(SqlError::from_message("string or blob too big").kind, SqlErrorKind::TooLarge);
    }

    #[test]
    fn getters_answer_errors() {
        let row = Row::new(
            Arc::from(["a".to_owned(), "b".to_owned()]),
            vec![Value::Text("x".into()), Value::Real(3.0)],
        );
        assert_eq!(row.text("a"), Ok("x"));
        assert_eq!(row.integer("b"), Ok(3));
        assert!(row.integer("a").is_err());
        assert!(row.text("c").is_err());
    }

    #[test]
    fn placeholder_lists() {
        assert_eq!(placeholders(0), "");
        assert_eq!(placeholders(1), "?");
        assert_eq!(placeholders(3), "?, ?, ?");
    }
}
