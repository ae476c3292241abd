//! What a synchronization job keeps: settings, links, escrows, what is still to be looked at, the
//! provisioning log and its cycles.
//!
//! The engine decides, the Worker's `Job` object drives; this store keeps. What the engine's types mean is
//! not known here: links, escrows, entries and cycles are JSON documents with the columns that they are
//! found by.

mod assignments;
mod cycles;
mod links;
mod logs;
mod members;
mod nested;
mod plans;
mod references;
mod search;
mod staged;
mod statistics;
mod work;

pub use assignments::{AssignmentMirror, Expansion};
pub use cycles::CycleRecord;
pub use links::{LinkPage, LinkRecord};
pub use logs::{Comparison, LOG_RETENTION_MS, LogFilter, LogPage, LogRecord};
pub use members::MemberDifference;
pub use nested::{NestedChange, concerned};
pub use plans::{PlanItems, PlanRecord};
pub use references::{PendingReferenceRecord, ReferencePlace, ReferenceRow};
pub use search::{SEARCHED_DOCUMENTS, SEARCHED_ENTRIES, SEARCHED_NAMES};
pub use staged::StagedRecord;
pub use statistics::{COUNTED_ENTRIES, DAY_MS, LogStatistics, STATISTICS_DAYS, duration};
pub use work::{EscrowRecord, KeptRecord};

use crate::migrations::{Migration, migrate};
use crate::settings::Settings;
use crate::sql::{Sql, SqlError, Value};

const MIGRATIONS: &[Migration] =
    &[FIRST, GROUPS, PLANS, DELETIONS, MEMBERS, DECISIONS, STATISTICS, SEARCH, DRIFT, FORCED];

const FIRST: Migration = Migration {
    number: 1,
    statements: &[
        "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE assignments (
            id TEXT PRIMARY KEY,
            principal_id TEXT NOT NULL,
            principal_type TEXT NOT NULL,
            app_role_id TEXT NOT NULL
        ) WITHOUT ROWID",
        "CREATE INDEX assignments_by_principal ON assignments (principal_id)",
        "CREATE TABLE expansions (group_id TEXT PRIMARY KEY, after TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE dirty (
            object_type TEXT NOT NULL,
            source_id TEXT NOT NULL,
            PRIMARY KEY (object_type, source_id)
        ) WITHOUT ROWID",
        "CREATE TABLE links (
            source_id TEXT PRIMARY KEY,
            object_type TEXT NOT NULL,
            target_id TEXT NOT NULL,
            cycle_id TEXT NOT NULL,
            document TEXT NOT NULL
        ) WITHOUT ROWID",
        "CREATE INDEX links_by_target ON links (target_id)",
        "CREATE TABLE pending_references (
            source_id TEXT NOT NULL,
            path TEXT NOT NULL,
            referenced TEXT NOT NULL,
            reported INTEGER NOT NULL,
            document TEXT NOT NULL,
            PRIMARY KEY (source_id, path, referenced)
        ) WITHOUT ROWID",
        "CREATE INDEX pending_references_by_referenced ON pending_references (referenced)",
        "CREATE TABLE staged (
            source_id TEXT PRIMARY KEY,
            object_type TEXT NOT NULL,
            document TEXT NOT NULL
        ) WITHOUT ROWID",
        "CREATE TABLE creations (
            source_id TEXT PRIMARY KEY,
            object_type TEXT NOT NULL,
            document TEXT NOT NULL
        ) WITHOUT ROWID",
        "CREATE TABLE escrows (
            source_id TEXT PRIMARY KEY,
            object_type TEXT NOT NULL,
            next_attempt INTEGER NOT NULL,
            document TEXT NOT NULL
        ) WITHOUT ROWID",
        "CREATE INDEX escrows_by_attempt ON escrows (next_attempt)",
        "CREATE TABLE logs (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            at INTEGER NOT NULL,
            cycle_id TEXT NOT NULL,
            change_id TEXT NOT NULL,
            action TEXT NOT NULL,
            status TEXT NOT NULL,
            error_code TEXT,
            source_id TEXT NOT NULL,
            source_name TEXT NOT NULL,
            target_id TEXT NOT NULL,
            document TEXT NOT NULL
        )",
        "CREATE INDEX logs_by_cycle ON logs (cycle_id, sequence)",
        "CREATE INDEX logs_by_source ON logs (source_id, sequence)",
        "CREATE INDEX logs_by_status ON logs (status, sequence)",
        "CREATE INDEX logs_by_action ON logs (action, sequence)",
        "CREATE INDEX logs_by_time ON logs (at)",
        "CREATE TABLE cycles (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            state TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            document TEXT NOT NULL
        )",
    ],
};

/// Groups: their members wait in numbers, so what can be worked on is found without reading what cannot.
const GROUPS: Migration = Migration {
    number: 2,
    statements: &[
        "ALTER TABLE pending_references ADD COLUMN ready INTEGER NOT NULL DEFAULT 1",
        "CREATE INDEX pending_references_ready ON pending_references (source_id, path, referenced) WHERE ready = 1",
        "CREATE TABLE member_expansions (group_id TEXT PRIMARY KEY, after TEXT NOT NULL) WITHOUT ROWID",
    ],
};

/// Dry runs.
const PLANS: Migration = Migration {
    number: 3,
    statements: &[
        "CREATE TABLE plans (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            created_at INTEGER NOT NULL,
            progress TEXT,
            document TEXT NOT NULL
        )",
        "CREATE INDEX plans_running ON plans (number) WHERE progress IS NOT NULL",
        "CREATE TABLE plan_items (
            plan INTEGER NOT NULL,
            position INTEGER NOT NULL,
            document TEXT NOT NULL,
            PRIMARY KEY (plan, position)
        ) WITHOUT ROWID",
    ],
};

/// Accounts that are deleted some time after they were disabled.
const DELETIONS: Migration = Migration {
    number: 4,
    statements: &[
        "ALTER TABLE links ADD COLUMN delete_at INTEGER",
        "CREATE INDEX links_by_deletion ON links (delete_at) WHERE delete_at IS NOT NULL",
    ],
};

/// Which members the target was given. Of groups that were linked before, nobody knows: their members are given
/// once more.
const MEMBERS: Migration = Migration {
    number: 5,
    statements: &[
        "CREATE TABLE written_members (
            group_id TEXT NOT NULL,
            member_id TEXT NOT NULL,
            PRIMARY KEY (group_id, member_id)
        ) WITHOUT ROWID",
        "CREATE INDEX written_members_by_member ON written_members (member_id)",
        "CREATE TABLE nested_changes (
            group_id TEXT NOT NULL,
            member_id TEXT NOT NULL,
            PRIMARY KEY (group_id, member_id)
        ) WITHOUT ROWID",
        "CREATE TABLE comparisons (group_id TEXT PRIMARY KEY, after TEXT NOT NULL) WITHOUT ROWID",
        "INSERT OR IGNORE INTO member_expansions (group_id, after)
         SELECT source_id, '' FROM links WHERE object_type = 'Group'",
    ],
};

/// Held deletions that are decided about one by one.
const DECISIONS: Migration = Migration {
    number: 6,
    statements: &[
        "ALTER TABLE staged ADD COLUMN decision TEXT NOT NULL DEFAULT 'held'",
        "CREATE INDEX staged_by_decision ON staged (decision, source_id)",
        "CREATE INDEX staged_waiting ON staged (object_type, source_id) WHERE decision <> 'rejected'",
    ],
};

/// Counters of the log by day. Durations of entries from before are not known.
const STATISTICS: Migration = Migration {
    number: 7,
    statements: &[
        "ALTER TABLE logs ADD COLUMN bucket INTEGER NOT NULL DEFAULT -1",
        "CREATE TABLE log_days (
            day INTEGER NOT NULL,
            action TEXT NOT NULL,
            status TEXT NOT NULL,
            error_code TEXT NOT NULL,
            bucket INTEGER NOT NULL,
            count INTEGER NOT NULL,
            example TEXT NOT NULL,
            PRIMARY KEY (day, action, status, error_code, bucket)
        ) WITHOUT ROWID",
        "INSERT INTO log_days (day, action, status, error_code, bucket, count, example)
         SELECT at / 86400000, action, status, coalesce(error_code, ''), -1, count(*), max(id)
         FROM logs GROUP BY 1, 2, 3, 4",
    ],
};

/// The log is searched by time, whatever else is asked for: each index has it, and the one of times has names as well.
const SEARCH: Migration = Migration {
    number: 8,
    statements: &[
        "DROP INDEX logs_by_cycle",
        "DROP INDEX logs_by_source",
        "DROP INDEX logs_by_status",
        "DROP INDEX logs_by_action",
        "DROP INDEX logs_by_time",
        "CREATE INDEX logs_by_cycle ON logs (cycle_id, at)",
        "CREATE INDEX logs_by_source ON logs (source_id, at)",
        "CREATE INDEX logs_by_status ON logs (status, at)",
        "CREATE INDEX logs_by_action ON logs (action, at)",
        "CREATE INDEX logs_by_time ON logs (at, source_name)",
        "CREATE INDEX logs_by_change ON logs (change_id)",
        "CREATE INDEX logs_by_target ON logs (target_id, at) WHERE target_id <> ''",
        "CREATE INDEX logs_by_error ON logs (error_code, at) WHERE error_code IS NOT NULL",
    ],
};

/// Members of groups that somebody else changed in the target.
const DRIFT: Migration = Migration {
    number: 9,
    statements: &[
        "CREATE TABLE member_repairs (group_id TEXT PRIMARY KEY, after TEXT NOT NULL) WITHOUT ROWID",
        "CREATE INDEX links_of_groups ON links (source_id) WHERE object_type = 'Group'",
    ],
};

/// A restart with `ForceDeletes` approves what is held. Before, it set a flag for the next cycle that succeeds, which
/// let through whatever came until then.
const FORCED: Migration =
    Migration { number: 10, statements: &["DELETE FROM settings WHERE key = 'forceDeletes'"] };

/// The store of one synchronization job.
pub struct JobStore<'a> {
    sql: &'a dyn Sql,
}

impl Settings for JobStore<'_> {
    fn sql(&self) -> &dyn Sql {
        self.sql
    }
}

impl<'a> JobStore<'a> {
    /// Opens the store and brings its schema up to date.
    pub fn open(sql: &'a dyn Sql) -> Result<Self, SqlError> {
        migrate(sql, MIGRATIONS)?;
        Ok(Self { sql })
    }

    /// A store whose schema [`JobStore::open`] has brought up to date before.
    pub fn opened(sql: &'a dyn Sql) -> Self {
        Self { sql }
    }

    fn run(&self, statement: &str, parameters: &[Value]) -> Result<u64, SqlError> {
        Ok(self.sql.query(statement, parameters)?.rows_written)
    }

    fn count(&self, statement: &str, parameters: &[Value]) -> Result<i64, SqlError> {
        let rows = self.sql.query(statement, parameters)?;
        rows.first().map_or(Ok(0), |row| row.integer("count"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::Sqlite;

    #[test]
    fn a_flag_of_an_older_version_lets_nothing_through() {
        let sql = Sqlite::in_memory().expect("a database");
        let before: Vec<Migration> =
            MIGRATIONS.iter().filter(|step| step.number < FORCED.number).copied().collect();
        migrate(&sql, &before).expect("the older schema");
        JobStore::opened(&sql).set_setting("forceDeletes", "true").expect("a setting");
        JobStore::opened(&sql).set_setting("health", "{}").expect("a setting");
        let store = JobStore::open(&sql).expect("the newest schema");
        let kept = |name: &str| store.setting(name).expect("a setting");
        assert_eq!((kept("forceDeletes"), kept("health")), (None, Some("{}".to_owned())));
    }
}
