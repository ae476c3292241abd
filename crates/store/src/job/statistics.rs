//! Statistics of the provisioning log: counters by day, written with the entries, so that reading them costs the
//! days and not the entries.
//!
//! A counter is a day, an action, a status, an error code and a bucket of durations; each batch of entries writes the
//! counters it touches once. What counters do not know (a cycle, a person) is counted from the newest entries, a
//! bounded number of them.

use serde::{Deserialize, Serialize};

use super::search::Search;
use super::{JobStore, LogFilter, LogRecord};
use crate::sql::{Row, SqlError, Value};

/// Milliseconds of a day.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How long counters are kept, in days. They name no person.
pub const STATISTICS_DAYS: i64 = 90;
/// Entries that are counted one by one at most.
pub const COUNTED_ENTRIES: i64 = 10_000;
/// Error codes that are told at most, the most frequent first.
const ERRORS: i64 = 20;
/// The bucket of entries whose duration is not known.
const UNKNOWN: i64 = -1;

/// What the log of a job comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogStatistics {
    /// Day (since 1970), action, status, entries.
    pub days: Vec<(i64, String, String, i64)>,
    /// Error code, entries, the id of one of the newest.
    pub errors: Vec<(String, i64, String)>,
    /// Action, bucket of durations, entries.
    pub durations: Vec<(String, i64, i64)>,
    /// Whether there were more than [`COUNTED_ENTRIES`] to be counted one by one.
    pub truncated: bool,
}

/// The bucket of a duration in milliseconds: four for each doubling, so that the middle of one is at most an eighth
/// off.
pub(super) fn bucket(milliseconds: i64) -> i64 {
    if milliseconds < 4 {
        return milliseconds.max(0);
    }
    let shift = i64::from(milliseconds.ilog2()) - 2;
    shift * 4 + (milliseconds >> shift)
}

/// The middle of a bucket, in milliseconds.
pub fn duration(bucket: i64) -> i64 {
    if bucket < 8 {
        return bucket;
    }
    let shift = bucket / 4 - 1;
    let begin = (bucket - shift * 4) << shift;
    begin + (1 << shift) / 2
}

/// Counters that a batch of entries adds to.
#[derive(Default)]
struct Counter<'a> {
    key: (i64, &'a str, &'a str, &'a str, i64),
    count: i64,
    example: &'a str,
}

impl JobStore<'_> {
    /// Appends entries and counts them. One whose id is there already (a replay) is left as it is.
    pub fn add_logs(&self, entries: &[LogRecord]) -> Result<(), SqlError> {
        let mut counters: Vec<Counter<'_>> = Vec::new();
        for entry in entries {
            if !self.add_log(entry)? {
                continue;
            }
            let code = entry.error_code.as_deref().unwrap_or("");
            let key =
                (entry.at.div_euclid(DAY_MS), &*entry.action, &*entry.status, code, bucket(entry.duration));
            match counters.iter_mut().find(|counter| counter.key == key) {
                Some(counter) => {
                    counter.count += 1;
                    counter.example = &entry.id;
                }
                None => counters.push(Counter { key, count: 1, example: &entry.id }),
            }
        }
        for Counter { key: (day, action, status, code, bucket), count, example } in counters {
            self.run(
                "INSERT INTO log_days (day, action, status, error_code, bucket, count, example)
                 VALUES (?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT DO UPDATE SET count = count + excluded.count, example = excluded.example",
                &[
                    day.into(),
                    action.into(),
                    status.into(),
                    code.into(),
                    bucket.into(),
                    count.into(),
                    example.into(),
                ],
            )?;
        }
        Ok(())
    }

    /// What the log comes to. Times are days: one that a bound lies in is counted whole, unless the filter asks for
    /// what only the entries know.
    pub fn log_statistics(&self, filter: &LogFilter) -> Result<LogStatistics, SqlError> {
        let (source, parameters) = if filter.is_counted() {
            let (conditions, parameters) = filter.counted(DAY_MS);
            (format!("(SELECT * FROM log_days WHERE count > 0{conditions})"), parameters)
        } else {
            let (conditions, mut parameters) = Search::new(filter).conditions();
            parameters.push(COUNTED_ENTRIES.into());
            let source = format!(
                "(SELECT at / {DAY_MS} AS day, action, status, coalesce(error_code, '') AS error_code, bucket,
                    1 AS count, id AS example
                  FROM logs WHERE 1{conditions} ORDER BY at DESC LIMIT ?)"
            );
            (source, parameters)
        };
        let days = self.rows(
            &format!(
                "SELECT day, action, status, sum(count) AS count FROM {source}
                 GROUP BY day, action, status ORDER BY day, action, status"
            ),
            &parameters,
            |row| {
                let text = |name| row.text(name).map(str::to_owned);
                Ok((row.integer("day")?, text("action")?, text("status")?, row.integer("count")?))
            },
        )?;
        // With `max`, the other columns of SQLite's answer are those of the row that has it.
        let errors = self.rows(
            &format!(
                "SELECT error_code, sum(count) AS count, max(day), example FROM {source}
                 WHERE error_code <> '' AND status IN ('failure', 'warning')
                 GROUP BY error_code ORDER BY count DESC, error_code LIMIT {ERRORS}"
            ),
            &parameters,
            |row| {
                let text = |name| row.text(name).map(str::to_owned);
                Ok((text("error_code")?, row.integer("count")?, text("example")?))
            },
        )?;
        let durations = self.rows(
            &format!(
                "SELECT action, bucket, sum(count) AS count FROM {source} WHERE bucket > {UNKNOWN}
                 GROUP BY action, bucket ORDER BY action, bucket"
            ),
            &parameters,
            |row| Ok((row.text("action")?.to_owned(), row.integer("bucket")?, row.integer("count")?)),
        )?;
        let counted: i64 = days.iter().map(|(.., count)| count).sum();
        let truncated = !filter.is_counted() && counted >= COUNTED_ENTRIES;
        Ok(LogStatistics { days, errors, durations, truncated })
    }

    /// Forgets counters that are too old.
    pub fn prune_statistics(&self, now: i64) -> Result<(), SqlError> {
        let first = now.div_euclid(DAY_MS) - STATISTICS_DAYS;
        self.run("DELETE FROM log_days WHERE day < ?", &[first.into()])?;
        Ok(())
    }

    fn rows<T>(
        &self,
        statement: &str,
        parameters: &[Value],
        read: impl Fn(&Row) -> Result<T, SqlError>,
    ) -> Result<Vec<T>, SqlError> {
        self.sql.query(statement, parameters)?.into_iter().map(|row| read(&row)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_each_other_and_their_middle_is_near() {
        let mut before = -1;
        for milliseconds in 0..100_000 {
            let found = bucket(milliseconds);
            assert!(found == before || found == before + 1, "{milliseconds}: {found} after {before}");
            before = found;
            let middle = duration(found);
            assert!((middle - milliseconds).abs() * 8 <= milliseconds.max(8), "{milliseconds}: {middle}");
            assert_eq!(bucket(middle), found);
        }
        assert_eq!(bucket(-5), 0);
        assert!(bucket(i64::MAX) < 260);
    }
}
