//! What the platform itself costs, for benches to compare with: an empty call of an object, a read of one row by
//! its key, and an insert of one row.

use store::sql::{Sql, SqlError, Value};

/// Rows of the table that is read, loaded by `POST /raw/load`.
const ROWS: i64 = 10_000;

/// What a raw operation answers, or nothing for a name that is none.
pub(crate) fn run(sql: &dyn Sql, operation: &str, key: i64) -> Option<Result<String, SqlError>> {
    match operation {
        "empty" => Some(Ok(String::new())),
        "load" => Some(load(sql)),
        "read" => Some(read(sql, key)),
        "insert" => Some(insert(sql)),
        _ => None,
    }
}

fn load(sql: &dyn Sql) -> Result<String, SqlError> {
    sql.query(
        "CREATE TABLE IF NOT EXISTS raw (id INTEGER PRIMARY KEY, name TEXT NOT NULL, document TEXT NOT NULL)",
        &[],
    )?;
    sql.query("CREATE UNIQUE INDEX IF NOT EXISTS raw_name ON raw (name)", &[])?;
    sql.query(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
            INSERT OR IGNORE INTO raw SELECT i, 'name' || i, printf('%.*c', 700, 'x') FROM n",
        &[Value::from(ROWS)],
    )?;
    Ok(String::new())
}

fn read(sql: &dyn Sql, key: i64) -> Result<String, SqlError> {
    let rows = sql.query(
        "SELECT document FROM raw WHERE name = ?",
        &[Value::from(format!("name{}", key % ROWS + 1))],
    )?;
    Ok(rows.first().map(|row| row.text("document")).transpose()?.unwrap_or_default().to_owned())
}

fn insert(sql: &dyn Sql) -> Result<String, SqlError> {
    sql.query(
        "INSERT INTO raw (name, document) SELECT 'new' || (1 + max(id)), printf('%.*c', 700, 'x') FROM raw",
        &[],
    )?;
    Ok(String::new())
}
