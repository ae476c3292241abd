//! What an inlet keeps: its record, its place at the source, and a log of its own.

use serde::{Deserialize, Serialize};

use crate::migrations::{Migration, migrate};
use crate::settings::Settings;
use crate::sql::{MAX_INTEGER, Row, Sql, SqlError, Value};

/// How long entries of the log are kept: 30 days.
pub const LOG_RETENTION_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// How many entries of the log are kept at most.
pub const MAX_LOG_ENTRIES: i64 = 10_000;

const MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    statements: &[
        "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE log (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            level TEXT NOT NULL,
            code TEXT NOT NULL,
            message TEXT NOT NULL,
            source_id TEXT
        )",
        "CREATE INDEX log_by_time ON log (at)",
    ],
}];

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InletLogRecord {
    /// Its place in the log; 0 for one that is to be added.
    pub sequence: i64,
    /// Unix milliseconds.
    pub at: i64,
    /// `information`, `warning` or `error`.
    pub level: String,
    /// What kind of thing it is.
    pub code: String,
    /// What happened.
    pub message: String,
    /// The object that it concerns: its id at the source.
    pub source_id: Option<String>,
}

/// A page of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InletLogPage {
    /// The entries, newest first.
    pub entries: Vec<InletLogRecord>,
    /// Whether there are older ones.
    pub more: bool,
}

/// The store of one inlet.
pub struct InletStore<'a> {
    sql: &'a dyn Sql,
}

impl<'a> InletStore<'a> {
    /// Opens the store and brings its schema up to date.
    pub fn open(sql: &'a dyn Sql) -> Result<Self, SqlError> {
        migrate(sql, MIGRATIONS)?;
        Ok(Self { sql })
    }

    /// A store whose schema [`InletStore::open`] has brought up to date before.
    pub fn opened(sql: &'a dyn Sql) -> Self {
        Self { sql }
    }

    /// Appends an entry to the log.
    pub fn add_log(&self, entry: &InletLogRecord) -> Result<(), SqlError> {
        self.sql.query(
            "INSERT INTO log (at, level, code, message, source_id) VALUES (?, ?, ?, ?, ?)",
            &[
                entry.at.into(),
                (&entry.level).into(),
                (&entry.code).into(),
                (&entry.message).into(),
                entry.source_id.as_deref().into(),
            ],
        )?;
        Ok(())
    }

    /// A page of the log, newest first, before a place in it (`None`: from the newest).
    pub fn log(&self, before: Option<i64>, limit: i64) -> Result<InletLogPage, SqlError> {
        let rows = self.sql.query(
            "SELECT * FROM log WHERE sequence < ? ORDER BY sequence DESC LIMIT ?",
            &[before.unwrap_or(MAX_INTEGER).into(), (limit + 1).into()],
        )?;
        let mut entries = rows.into_iter().map(|row| record(&row)).collect::<Result<Vec<_>, _>>()?;
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = entries.len() > limit;
        entries.truncate(limit);
        Ok(InletLogPage { entries, more })
    }

    /// Removes entries that are too old or too many.
    pub fn prune_log(&self, now: i64) -> Result<(), SqlError> {
        self.sql.query("DELETE FROM log WHERE at < ?", &[Value::from(now - LOG_RETENTION_MS)])?;
        self.sql.query(
            "DELETE FROM log WHERE sequence <= (SELECT max(sequence) FROM log) - ?",
            &[MAX_LOG_ENTRIES.into()],
        )?;
        Ok(())
    }
}

impl Settings for InletStore<'_> {
    fn sql(&self) -> &dyn Sql {
        self.sql
    }
}

fn record(row: &Row) -> Result<InletLogRecord, SqlError> {
    Ok(InletLogRecord {
        sequence: row.integer("sequence")?,
        at: row.integer("at")?,
        level: row.text("level")?.to_owned(),
        code: row.text("code")?.to_owned(),
        message: row.text("message")?.to_owned(),
        source_id: row.optional_text("source_id")?.map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::Sqlite;

    fn entry(at: i64, message: &str) -> InletLogRecord {
        InletLogRecord {
            sequence: 0,
            at,
            level: "warning".into(),
            code: "Resync".into(),
            message: message.into(),
            source_id: None,
        }
    }

    #[test]
    fn settings_and_log_are_kept_and_the_log_has_an_end() {
        let sql = Sqlite::in_memory().unwrap();
        let store = InletStore::open(&sql).unwrap();
        store.set_setting("state", "1").unwrap();
        store.set_setting("state", "2").unwrap();
        assert_eq!(store.setting("state").unwrap().as_deref(), Some("2"));
        store.remove_setting("state").unwrap();
        assert_eq!(store.setting("state").unwrap(), None);

        for number in 0..5 {
            store.add_log(&entry(number, &number.to_string())).unwrap();
        }
        let page = store.log(None, 2).unwrap();
        let messages: Vec<&str> = page.entries.iter().map(|entry| entry.message.as_str()).collect();
        assert_eq!((messages, page.more), (vec!["4", "3"], true));
        let page = store.log(Some(page.entries[1].sequence), 10).unwrap();
        assert_eq!((page.entries.len(), page.more), (3, false));
        store.prune_log(LOG_RETENTION_MS + 3).unwrap();
        assert_eq!(store.log(None, 10).unwrap().entries.len(), 2);
        for _ in 0..MAX_LOG_ENTRIES {
            store.add_log(&entry(LOG_RETENTION_MS, "x")).unwrap();
        }
        store.prune_log(LOG_RETENTION_MS).unwrap();
        assert_eq!(store.log(None, MAX_LOG_ENTRIES * 2).unwrap().entries.len() as i64, MAX_LOG_ENTRIES);
    }
}
