//! Numbered schema changes of a store, applied once each and in order.

use crate::sql::{Sql, SqlError, Value, in_transaction};

/// One step of a store's schema. A step that has shipped is never edited; a later one corrects it.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number: 1, 2, 3 …
    pub number: i64,
    /// One statement each.
    pub statements: &'static [&'static str],
}

/// Brings a database to the newest step and answers its number. All missing steps are one transaction, so a
/// crash leaves the old schema or the new one. The version lives in a table, because the platform refuses
/// `PRAGMA user_version`.
///
/// A database that is newer than the code is an error: an old Worker must not write to it.
pub fn migrate(sql: &dyn Sql, migrations: &[Migration]) -> Result<i64, SqlError> {
    sql.query("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)", &[])?;
    let current = match sql.query("SELECT version FROM schema_version", &[])?.first() {
        Some(row) => row.integer("version")?,
        None => 0,
    };
    let newest = migrations.iter().map(|migration| migration.number).max().unwrap_or(0);
    if current > newest {
        return Err(SqlError::other(format!("the database is at version {current}, the code at {newest}")));
    }
    if current == newest {
        return Ok(current);
    }
    in_transaction(sql, || {
        for migration in migrations.iter().filter(|migration| migration.number > current) {
            for statement in migration.statements {
                sql.query(statement, &[])?;
            }
        }
        sql.query("DELETE FROM schema_version", &[])?;
        sql.query("INSERT INTO schema_version (version) VALUES (?)", &[Value::from(newest)])?;
        Ok(newest)
    })
}
