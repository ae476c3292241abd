//! The provisioning log of a job: one entry per object per cycle, kept for 30 days.

use serde::{Deserialize, Serialize};

use super::JobStore;
use super::search::Search;
use super::statistics::bucket;
use crate::sql::{Row, SqlError, Value};

/// How long entries are kept: 30 days.
pub const LOG_RETENTION_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// An entry. The document is the engine's; the columns are what entries are found by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRecord {
    /// Its place in the log; 0 for one that is to be added.
    pub sequence: i64,
    /// Its id.
    pub id: String,
    /// Unix milliseconds.
    pub at: i64,
    /// The cycle.
    pub cycle_id: String,
    /// The change.
    pub change_id: String,
    /// `create`, `update`, …
    pub action: String,
    /// `success`, `failure`, …
    pub status: String,
    /// The error's code.
    pub error_code: Option<String>,
    /// Source object.
    pub source_id: String,
    /// Its name.
    pub source_name: String,
    /// Target object; empty when there is none.
    pub target_id: String,
    /// How long it took, in milliseconds. Written only.
    pub duration: i64,
    /// The engine's entry.
    pub document: String,
}

/// Which entries; all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFilter {
    /// This entry.
    #[serde(default)]
    pub id: Option<String>,
    /// Members of the entry's document: a path such as `targetIdentity.displayName`, how it is compared, a value.
    #[serde(default)]
    pub members: Vec<(String, Comparison, String)>,
    /// This cycle.
    pub cycle_id: Option<String>,
    /// This change.
    pub change_id: Option<String>,
    /// This action.
    pub action: Option<String>,
    /// This status.
    pub status: Option<String>,
    /// This error code.
    pub error_code: Option<String>,
    /// This source object.
    pub source_id: Option<String>,
    /// This target object.
    pub target_id: Option<String>,
    /// The source object's name contains this; ASCII letters match without case.
    pub name_contains: Option<String>,
    /// At or after, in Unix milliseconds.
    pub from: Option<i64>,
    /// At or before, in Unix milliseconds.
    pub to: Option<i64>,
}

/// How a member of an entry is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// Equal text.
    Equal,
    /// Contained text; ASCII letters match without case.
    Contains,
    /// A larger number.
    Above,
    /// A smaller number.
    Below,
}

/// A page of entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPage {
    /// The entries.
    pub entries: Vec<LogRecord>,
    /// Before (or after) which place there may be more; none at the end.
    pub next: Option<i64>,
}

impl LogFilter {
    /// Whether the counters by day know all that it asks for.
    pub(super) fn is_counted(&self) -> bool {
        let LogFilter { action, status, error_code, from, to, .. } = self.clone();
        LogFilter { action, status, error_code, from, to, ..Self::default() } == *self
    }

    /// The columns that have to be equal to something.
    pub(super) fn equal(&self) -> [(&'static str, Option<&str>); 8] {
        [
            ("id", self.id.as_deref()),
            ("cycle_id", self.cycle_id.as_deref()),
            ("change_id", self.change_id.as_deref()),
            ("action", self.action.as_deref()),
            ("status", self.status.as_deref()),
            ("error_code", self.error_code.as_deref()),
            ("source_id", self.source_id.as_deref()),
            ("target_id", self.target_id.as_deref()),
        ]
    }

    /// What no index knows the place of: names that contain something, and members of documents.
    pub(super) fn scanned(&self) -> (String, Vec<Value>) {
        let mut text = String::new();
        let mut parameters = Vec::new();
        if let Some(part) = &self.name_contains {
            text.push_str(" AND instr(lower(source_name), lower(?)) > 0");
            parameters.push(Value::from(part));
        }
        for (path, comparison, value) in &self.members {
            let member = "json_extract(document, '$.' || ?)";
            text.push_str(&match comparison {
                Comparison::Equal => format!(" AND {member} = ?"),
                Comparison::Contains => format!(" AND instr(lower({member}), lower(?)) > 0"),
                Comparison::Above => format!(" AND {member} > CAST(? AS INTEGER)"),
                Comparison::Below => format!(" AND {member} < CAST(? AS INTEGER)"),
            });
            parameters.extend([Value::from(path), Value::from(value)]);
        }
        (text, parameters)
    }

    /// What the counters by day know of it, in words of SQL; times are days.
    pub(super) fn counted(&self, day: i64) -> (String, Vec<Value>) {
        let mut text = String::new();
        let mut parameters = Vec::new();
        for (column, value) in self.equal() {
            if let Some(value) = value {
                text.push_str(&format!(" AND {column} = ?"));
                parameters.push(Value::from(value));
            }
        }
        for (comparison, value) in [(">=", self.from), ("<=", self.to)] {
            if let Some(value) = value {
                text.push_str(&format!(" AND day {comparison} ?"));
                parameters.push(value.div_euclid(day).into());
            }
        }
        (text, parameters)
    }
}

impl JobStore<'_> {
    /// Appends an entry, and answers whether it is new: one whose id is there already (a replay) is left as it is.
    pub(super) fn add_log(&self, entry: &LogRecord) -> Result<bool, SqlError> {
        let written = self.run(
            "INSERT OR IGNORE INTO logs (id, at, cycle_id, change_id, action, status, error_code, source_id,
                source_name, target_id, bucket, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            &[
                (&entry.id).into(),
                entry.at.into(),
                (&entry.cycle_id).into(),
                (&entry.change_id).into(),
                (&entry.action).into(),
                (&entry.status).into(),
                entry.error_code.as_deref().into(),
                (&entry.source_id).into(),
                (&entry.source_name).into(),
                (&entry.target_id).into(),
                bucket(entry.duration).into(),
                (&entry.document).into(),
            ],
        )?;
        Ok(written > 0)
    }

    /// How many entries there are.
    pub fn log_count(&self, filter: &LogFilter) -> Result<i64, SqlError> {
        let (conditions, parameters) = Search::new(filter).conditions();
        // Whichever column comes first, its index is read and not the entries.
        self.count(&format!("SELECT count(*) AS count FROM logs WHERE 1{conditions}"), &parameters)
    }

    /// Failures of a cycle by error code, most frequent first.
    pub fn error_counts(&self, cycle_id: &str) -> Result<Vec<(String, i64)>, SqlError> {
        let rows = self.sql.query(
            "SELECT error_code, count(*) AS count FROM logs
             WHERE cycle_id = ? AND status = 'failure' AND error_code IS NOT NULL
             GROUP BY error_code ORDER BY count DESC, error_code",
            &[cycle_id.into()],
        )?;
        rows.into_iter().map(|row| Ok((row.text("error_code")?.to_owned(), row.integer("count")?))).collect()
    }

    /// Removes some entries that are older than the retention, and answers whether any were found.
    pub fn prune_logs(&self, now: i64, limit: i64) -> Result<bool, SqlError> {
        let written = self.run(
            "DELETE FROM logs WHERE sequence IN (SELECT sequence FROM logs WHERE at < ? ORDER BY at LIMIT ?)",
            &[(now - LOG_RETENTION_MS).into(), limit.into()],
        )?;
        Ok(written > 0)
    }

    pub(super) fn log_records(
        &self,
        statement: &str,
        parameters: &[Value],
    ) -> Result<Vec<LogRecord>, SqlError> {
        self.sql.query(statement, parameters)?.into_iter().map(|row| record(&row)).collect()
    }
}

fn record(row: &Row) -> Result<LogRecord, SqlError> {
    Ok(LogRecord {
        sequence: row.integer("sequence")?,
        id: row.text("id")?.to_owned(),
        at: row.integer("at")?,
        cycle_id: row.text("cycle_id")?.to_owned(),
        change_id: row.text("change_id")?.to_owned(),
        action: row.text("action")?.to_owned(),
        status: row.text("status")?.to_owned(),
        error_code: row.optional_text("error_code")?.map(str::to_owned),
        source_id: row.text("source_id")?.to_owned(),
        source_name: row.text("source_name")?.to_owned(),
        target_id: row.text("target_id")?.to_owned(),
        duration: 0,
        document: row.text("document")?.to_owned(),
    })
}
