//! The provisioning log of a job: one entry per object per cycle, kept for 30 days.

use serde::{Deserialize, Serialize};

use super::JobStore;
use super::statistics::bucket;
use crate::sql::{MAX_INTEGER, Row, SqlError, Value};

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPage {
    /// The entries.
    pub entries: Vec<LogRecord>,
    /// Whether there are more.
    pub more: bool,
}

impl LogFilter {
    /// Whether the counters by day know all that it asks for.
    pub(super) fn is_counted(&self) -> bool {
        let LogFilter { action, status, error_code, from, to, .. } = self.clone();
        LogFilter { action, status, error_code, from, to, ..Self::default() } == *self
    }

    pub(super) fn conditions(&self) -> (String, Vec<Value>) {
        let mut conditions = Vec::new();
        let mut parameters = Vec::new();
        let equal = [
            ("id", &self.id),
            ("cycle_id", &self.cycle_id),
            ("change_id", &self.change_id),
            ("action", &self.action),
            ("status", &self.status),
            ("error_code", &self.error_code),
            ("source_id", &self.source_id),
            ("target_id", &self.target_id),
        ];
        for (column, value) in equal {
            if let Some(value) = value {
                conditions.push(format!("{column} = ?"));
                parameters.push(Value::from(value));
            }
        }
        if let Some(part) = &self.name_contains {
            conditions.push("instr(lower(source_name), lower(?)) > 0".to_owned());
            parameters.push(Value::from(part));
        }
        for (path, comparison, value) in &self.members {
            let member = "json_extract(document, '$.' || ?)";
            conditions.push(match comparison {
                Comparison::Equal => format!("{member} = ?"),
                Comparison::Contains => format!("instr(lower({member}), lower(?)) > 0"),
                Comparison::Above => format!("{member} > CAST(? AS INTEGER)"),
                Comparison::Below => format!("{member} < CAST(? AS INTEGER)"),
            });
            parameters.extend([Value::from(path), Value::from(value)]);
        }
        for (comparison, value) in [(">=", self.from), ("<=", self.to)] {
            if let Some(value) = value {
                conditions.push(format!("at {comparison} ?"));
                parameters.push(Value::from(value));
            }
        }
        let text =
            if conditions.is_empty() { String::new() } else { format!(" AND {}", conditions.join(" AND ")) };
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

    /// A page of entries, newest first, before a place in the log (`None`: from the newest).
    pub fn logs(&self, filter: &LogFilter, before: Option<i64>, limit: i64) -> Result<LogPage, SqlError> {
        let (conditions, mut parameters) = filter.conditions();
        parameters.insert(0, before.unwrap_or(MAX_INTEGER).into());
        parameters.push((limit + 1).into());
        let statement =
            format!("SELECT * FROM logs WHERE sequence < ?{conditions} ORDER BY sequence DESC LIMIT ?");
        self.page(&statement, &parameters, limit)
    }

    /// A page of entries, oldest first, after a place in the log.
    pub fn logs_forward(&self, filter: &LogFilter, after: i64, limit: i64) -> Result<LogPage, SqlError> {
        let (conditions, mut parameters) = filter.conditions();
        parameters.insert(0, after.into());
        parameters.push((limit + 1).into());
        let statement =
            format!("SELECT * FROM logs WHERE sequence > ?{conditions} ORDER BY sequence LIMIT ?");
        self.page(&statement, &parameters, limit)
    }

    /// How many entries there are.
    pub fn log_count(&self, filter: &LogFilter) -> Result<i64, SqlError> {
        let (conditions, parameters) = filter.conditions();
        self.count(&format!("SELECT count(*) AS count FROM logs WHERE sequence > 0{conditions}"), &parameters)
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

    fn page(&self, statement: &str, parameters: &[Value], limit: i64) -> Result<LogPage, SqlError> {
        let rows = self.sql.query(statement, parameters)?;
        let mut entries = rows.into_iter().map(|row| record(&row)).collect::<Result<Vec<_>, _>>()?;
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = entries.len() > limit;
        entries.truncate(limit);
        Ok(LogPage { entries, more })
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
