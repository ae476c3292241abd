//! What an organization keeps: its directories, enterprise applications, assignments, members, API keys,
//! sign-in links and the audit log of its configuration.
//!
//! Directories and jobs keep their own data in their own objects; here is only the list of them. Assignments
//! have a change log of their own, from which a job mirrors what concerns it ([`changes_since`]).
//!
//! [`changes_since`]: OrganizationStore::assignment_changes_since

mod applications;
mod assignments;
mod audits;
mod directories;
mod inlets;
mod members;
mod mirrored;
mod sign_in;

pub use applications::ServicePrincipalRecord;
pub use assignments::{AssignmentChange, AssignmentChanges, AssignmentRecord, PrincipalType};
pub use audits::{AUDIT_RETENTION_MS, AuditPage};
pub use directories::DirectoryRecord;
pub use inlets::InletRecord;
pub use members::{Added, ApiKeyRecord, MAX_API_KEYS, MAX_MEMBERS, MemberRecord};
pub use sign_in::{SIGN_IN_LINK_LIFETIME_MS, SignInOutcome};

use crate::migrations::{Migration, migrate};
use crate::settings::Settings;
use crate::sql::{Sql, SqlError, Value};

const MIGRATIONS: &[Migration] = &[FIRST, INLETS, MEMBERS, MADE_ASSIGNMENTS, AUDIT_KEYS];

const FIRST: Migration = Migration {
    number: 1,
    statements: &[
        "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE directories (
            id TEXT PRIMARY KEY,
            display_name TEXT NOT NULL,
            profile TEXT NOT NULL,
            enabled INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        ) WITHOUT ROWID",
        "CREATE TABLE service_principals (
            id TEXT PRIMARY KEY,
            app_id TEXT NOT NULL UNIQUE,
            application_id TEXT NOT NULL UNIQUE,
            template_id TEXT NOT NULL,
            display_name TEXT NOT NULL,
            account_enabled INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        ) WITHOUT ROWID",
        "CREATE TABLE assignments (
            id TEXT PRIMARY KEY,
            service_principal_id TEXT NOT NULL,
            principal_id TEXT NOT NULL,
            principal_type TEXT NOT NULL,
            principal_display_name TEXT NOT NULL,
            app_role_id TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            UNIQUE (service_principal_id, principal_id, app_role_id)
        )",
        "CREATE TABLE assignment_changes (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            service_principal_id TEXT NOT NULL,
            assignment_id TEXT NOT NULL,
            principal_id TEXT NOT NULL,
            principal_type TEXT NOT NULL
        )",
        "CREATE INDEX assignment_changes_by_application
            ON assignment_changes (service_principal_id, sequence)",
        "CREATE TABLE sign_in_links (
            digest TEXT PRIMARY KEY,
            email TEXT,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID",
        "CREATE TABLE audits (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            document TEXT NOT NULL
        )",
        "CREATE INDEX audits_by_time ON audits (at)",
    ],
};

const INLETS: Migration = Migration {
    number: 2,
    statements: &["CREATE TABLE inlets (
            id TEXT PRIMARY KEY,
            directory_id TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) WITHOUT ROWID"],
};

const MEMBERS: Migration = Migration {
    number: 3,
    statements: &[
        "CREATE TABLE members (
            id TEXT PRIMARY KEY,
            email TEXT NOT NULL UNIQUE,
            role TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            last_sign_in_at INTEGER
        ) WITHOUT ROWID",
        "CREATE TABLE api_keys (
            id TEXT PRIMARY KEY,
            digest TEXT NOT NULL UNIQUE,
            label TEXT NOT NULL,
            role TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            last_used_at INTEGER
        ) WITHOUT ROWID",
    ],
};

const MADE_ASSIGNMENTS: Migration = Migration {
    number: 4,
    statements: &[
        "ALTER TABLE assignments ADD COLUMN inlet_id TEXT",
        "CREATE INDEX assignments_by_inlet ON assignments (inlet_id, service_principal_id, id)
            WHERE inlet_id IS NOT NULL",
    ],
};

const AUDIT_KEYS: Migration = Migration {
    number: 5,
    statements: &[
        "ALTER TABLE audits ADD COLUMN key TEXT",
        "CREATE UNIQUE INDEX audits_by_key ON audits (key) WHERE key IS NOT NULL",
    ],
};

/// The store of one organization.
pub struct OrganizationStore<'a> {
    sql: &'a dyn Sql,
}

impl Settings for OrganizationStore<'_> {
    fn sql(&self) -> &dyn Sql {
        self.sql
    }
}

impl<'a> OrganizationStore<'a> {
    /// Opens the store and brings its schema up to date.
    pub fn open(sql: &'a dyn Sql) -> Result<Self, SqlError> {
        migrate(sql, MIGRATIONS)?;
        Ok(Self { sql })
    }

    /// A store whose schema [`OrganizationStore::open`] has brought up to date before.
    pub fn opened(sql: &'a dyn Sql) -> Self {
        Self { sql }
    }

    fn run(&self, statement: &str, parameters: &[Value]) -> Result<u64, SqlError> {
        Ok(self.sql.query(statement, parameters)?.rows_written)
    }
}
