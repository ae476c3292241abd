//! [`Sql`] over `rusqlite`, for tests and native tools. It enforces the platform's limits, so that a statement
//! that passes here passes in a Durable Object.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;

use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement, StatementStatus, ToSql};

use crate::sql::{MAX_INTEGER, MAX_PARAMETERS, Row, Rows, Sql, SqlError, Value};

/// The platform's limits on one statement.
const LIMITS: [(Limit, i32); 8] = [
    (Limit::SQLITE_LIMIT_LENGTH, 2 * 1024 * 1024),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
    (Limit::SQLITE_LIMIT_COLUMN, 100),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 5),
    (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
];

/// What the platform refuses in a statement's text: transactions are [`Sql::transaction`]'s, settings are its own.
const REFUSED: [&str; 8] =
    ["BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE", "ATTACH", "PRAGMA USER_VERSION"];

/// How many different statements are kept prepared.
const PREPARED: usize = 128;

/// A SQLite database in memory or in a file.
pub struct Sqlite {
    connection: Connection,
    depth: Cell<u32>,
    steps: Cell<u64>,
    statements: Cell<u64>,
}

impl Sqlite {
    /// A new, empty database in memory.
    pub fn in_memory() -> Result<Self, SqlError> {
        Self::set_up(Connection::open_in_memory().map_err(convert)?)
    }

    /// The database in this file, created if it is missing.
    pub fn open(path: &Path) -> Result<Self, SqlError> {
        Self::set_up(Connection::open(path).map_err(convert)?)
    }

    fn set_up(connection: Connection) -> Result<Self, SqlError> {
        connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL;").map_err(convert)?;
        for (limit, value) in LIMITS {
            connection.set_limit(limit, value).map_err(convert)?;
        }
        let parameters = i32::try_from(MAX_PARAMETERS).unwrap_or(i32::MAX);
        connection.set_limit(Limit::SQLITE_LIMIT_VARIABLE_NUMBER, parameters).map_err(convert)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        Ok(Sqlite { connection, depth: Cell::new(0), steps: Cell::new(0), statements: Cell::new(0) })
    }

    /// How many instructions SQLite's virtual machine has run: grows with the rows that statements visit, so
    /// tests use it to show that a query costs by what it answers.
    pub fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// How many statements have been run.
    pub fn statements(&self) -> u64 {
        self.statements.get()
    }

    fn run(&self, statement: &str, parameters: &[Value]) -> Result<Rows, SqlError> {
        let mut prepared = self.connection.prepare_cached(statement).map_err(convert)?;
        if prepared.parameter_count() != parameters.len() {
            let wanted = prepared.parameter_count();
            return Err(SqlError::other(format!("{wanted} parameters wanted, {} given", parameters.len())));
        }
        let columns: Arc<[String]> = prepared.column_names().map(str::to_owned).collect();
        let changes_before = self.connection.total_changes();
        let rows = read(&mut prepared, &columns, parameters);
        let scanned = prepared.reset_status(StatementStatus::FullscanStep);
        let steps = prepared.reset_status(StatementStatus::VmStep);
        self.steps.set(self.steps.get() + u64::try_from(steps).unwrap_or(0));
        self.statements.set(self.statements.get() + 1);
        let rows = rows?;
        let rows_read = u64::try_from(scanned).unwrap_or(0).max(rows.len() as u64);
        Ok(Rows { rows, rows_read, rows_written: self.connection.total_changes() - changes_before })
    }
}

impl Sql for Sqlite {
    fn query(&self, statement: &str, parameters: &[Value]) -> Result<Rows, SqlError> {
        let start = statement.trim_start().to_ascii_uppercase();
        if let Some(word) = REFUSED.iter().find(|word| start.starts_with(*word)) {
            return Err(SqlError::other(format!("the platform refuses {word} in a statement")));
        }
        let unsafe_integer = |value: &&Value| match value {
            Value::Integer(integer) => integer.unsigned_abs() > MAX_INTEGER.unsigned_abs(),
            _ => false,
        };
        if let Some(value) = parameters.iter().find(unsafe_integer) {
            return Err(SqlError::other(format!("{value:?} would lose digits on the platform")));
        }
        self.run(statement, parameters)
    }

    fn transaction(&self, body: &mut dyn FnMut() -> Result<(), SqlError>) -> Result<(), SqlError> {
        let depth = self.depth.get();
        self.connection.execute_batch(&format!("SAVEPOINT level{depth}")).map_err(convert)?;
        self.depth.set(depth + 1);
        let result = body();
        self.depth.set(depth);
        let end = match result {
            Ok(()) => format!("RELEASE level{depth}"),
            Err(_) => format!("ROLLBACK TO level{depth}; RELEASE level{depth}"),
        };
        self.connection.execute_batch(&end).map_err(convert)?;
        result
    }
}

fn read(
    prepared: &mut Statement<'_>,
    columns: &Arc<[String]>,
    parameters: &[Value],
) -> Result<Vec<Row>, SqlError> {
    let mut answer = prepared.query(rusqlite::params_from_iter(parameters)).map_err(convert)?;
    let mut rows = Vec::new();
    while let Some(row) = answer.next().map_err(convert)? {
        let values = (0..columns.len())
            .map(|index| column_value(row.get_ref(index).map_err(convert)?))
            .collect::<Result<Vec<_>, _>>()?;
        rows.push(Row::new(Arc::clone(columns), values));
    }
    Ok(rows)
}

fn column_value(value: ValueRef<'_>) -> Result<Value, SqlError> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(integer) => Ok(Value::Integer(integer)),
        ValueRef::Real(real) => Ok(Value::Real(real)),
        ValueRef::Text(text) => String::from_utf8(text.to_vec())
            .map(Value::Text)
            .map_err(|error| SqlError::other(format!("a text column is not UTF-8: {error}"))),
        ValueRef::Blob(bytes) => Ok(Value::Blob(bytes.to_vec())),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Integer(integer) => ValueRef::Integer(*integer),
            Value::Real(real) => ValueRef::Real(*real),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn convert(error: rusqlite::Error) -> SqlError {
    SqlError::from_message(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations::{Migration, migrate};
    use crate::sql::{SqlErrorKind, in_transaction};

    fn database() -> Sqlite {
        let sql = Sqlite::in_memory().unwrap();
        sql.query("CREATE TABLE people (id TEXT PRIMARY KEY, age INTEGER)", &[]).unwrap();
        sql
    }

    fn insert(sql: &Sqlite, id: &str) -> Result<(), SqlError> {
        sql.query("INSERT INTO people (id, age) VALUES (?, 1)", &[Value::from(id)]).map(|_| ())
    }

    fn count(sql: &Sqlite) -> i64 {
        sql.query("SELECT count(*) AS n FROM people", &[]).unwrap().first().unwrap().integer("n").unwrap()
    }

    #[test]
    fn failed_transaction_leaves_nothing() {
        let sql = database();
        let failed: Result<(), SqlError> = in_transaction(&sql, || {
            insert(&sql, "a")?;
            insert(&sql, "a")
        });
        assert_eq!(failed.unwrap_err().kind, SqlErrorKind::Unique("people.id".into()));
        assert_eq!(count(&sql), 0);
    }

    #[test]
    fn inner_transaction_fails_alone() {
        let sql = database();
        in_transaction(&sql, || {
            insert(&sql, "a")?;
            let inner: Result<(), SqlError> = in_transaction(&sql, || {
                insert(&sql, "b")?;
                Err(SqlError::other("no"))
            });
            assert!(inner.is_err());
            insert(&sql, "c")
        })
        .unwrap();
        assert_eq!(count(&sql), 2);
    }

    #[test]
    fn limits_of_the_platform() {
        let sql = database();
        let check = |statement: &str, parameters: &[Value]| {
            assert!(
                sql.query(statement, parameters).is_err(),
                "{}",
                statement.get(..40).unwrap_or(statement)
            );
        };
        check("BEGIN", &[]);
        check("savepoint a", &[]);
        check("PRAGMA user_version = 3", &[]);
        check(&format!("SELECT 1 WHERE 1 IN ({})", crate::sql::placeholders(101)), &vec![Value::Null; 101]);
        check("SELECT ?", &[Value::Integer(1 << 53)]);
        check("SELECT ? LIKE ?", &[Value::from("a"), Value::from("x".repeat(51))]);
        check(&format!("SELECT 1 -- {}", "x".repeat(100_000)), &[]);
        check("SELECT ?", &[]);
        let large = sql.query("SELECT ?", &[Value::from("x".repeat(3 * 1024 * 1024))]);
        assert_eq!(large.unwrap_err().kind, SqlErrorKind::TooLarge);
    }

    #[test]
    fn migrations_run_once_and_whole() {
        const FIRST: Migration =
            Migration { number: 1, statements: &["CREATE TABLE a (x)", "CREATE INDEX a_x ON a (x)"] };
        const BAD: Migration =
            Migration { number: 2, statements: &["CREATE TABLE b (x)", "CREATE nonsense"] };
        const SECOND: Migration = Migration { number: 2, statements: &["CREATE TABLE b (x)"] };
        let sql = Sqlite::in_memory().unwrap();
        assert_eq!(migrate(&sql, &[FIRST]), Ok(1));
        assert!(migrate(&sql, &[FIRST, BAD]).is_err());
        assert_eq!(migrate(&sql, &[FIRST, SECOND]), Ok(2));
        assert_eq!(migrate(&sql, &[FIRST, SECOND]), Ok(2));
        assert!(migrate(&sql, &[FIRST]).is_err(), "older code on a newer database");
    }
}
