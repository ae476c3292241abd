//! A directory: users and groups with their memberships, change log, tokens, custom attributes and settings, in
//! the SQLite of one object.
//!
//! [`DirectoryStore`] is the [`Repository`](scim::repository::Repository) of the SCIM service and serves the
//! synchronization engine and the portal besides. It reads no clock and makes no ids. Every write is one
//! transaction that appends to the change log.

mod attributes;
mod changes;
pub mod clients;
mod columns;
mod deleted;
mod filter;
pub mod import;
mod list;
mod members;
pub mod mirror;
mod nested;
mod people;
mod repository;
pub mod requests;
mod schema;
mod sorted;
pub mod tokens;
mod write;

#[cfg(any(test, feature = "contract"))]
pub mod contract;

pub use attributes::{AttributeError, AttributeRecord};
pub use changes::{ChangeEntry, ChangeKind, HISTORY_SCAN, History};
pub use columns::MAX_DOCUMENT_BYTES;
pub use deleted::DeletedRecord;
pub use nested::{MAX_NESTING, Way};
pub use people::UserRecord;

use scim::ResourceType;
use scim::repository::RepositoryError;

use crate::migrations::migrate;
use crate::settings::Settings;
use crate::sql::{Sql, SqlError, Value};

/// How long a deleted resource of a workforce directory can be restored: 30 days.
pub const RESTORABLE_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// What a directory is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The company's people. What is deleted can be restored until it is purged.
    Workforce,
    /// An application's accounts. What is deleted is gone.
    Application,
}

/// How many live and deleted resources there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Live users.
    pub users: usize,
    /// Live groups.
    pub groups: usize,
    /// Users that can be restored.
    pub deleted_users: usize,
    /// Groups that can be restored.
    pub deleted_groups: usize,
}

/// The store of one directory.
#[derive(Clone, Copy)]
pub struct DirectoryStore<'a> {
    sql: &'a dyn Sql,
    profile: Profile,
    ignores_unknown_members: bool,
    client: Option<&'a str>,
}

impl Settings for DirectoryStore<'_> {
    fn sql(&self) -> &dyn Sql {
        self.sql
    }
}

impl<'a> DirectoryStore<'a> {
    /// The store over a database that [`DirectoryStore::migrate`] has been called for.
    pub fn new(sql: &'a dyn Sql, profile: Profile) -> Self {
        DirectoryStore { sql, profile, ignores_unknown_members: false, client: None }
    }

    /// Whether ids of nobody are passed over when members are added, instead of refused. Some clients send
    /// memberships before the people, and mean it.
    #[must_use]
    pub fn ignoring_unknown_members(self, ignores: bool) -> Self {
        DirectoryStore { ignores_unknown_members: ignores, ..self }
    }

    /// Whose writes these are: the change log says so.
    #[must_use]
    pub fn by(self, client: &'a str) -> Self {
        DirectoryStore { client: Some(client), ..self }
    }

    /// Creates or updates the tables. Costs two reads if there is nothing to do.
    pub fn migrate(sql: &dyn Sql) -> Result<(), SqlError> {
        migrate(sql, schema::MIGRATIONS).map(|_| ())
    }

    /// How many resources there are, without counting them.
    pub fn counts(&self) -> Result<Counts, SqlError> {
        Ok(Counts {
            users: self.live(ResourceType::User)?,
            groups: self.live(ResourceType::Group)?,
            deleted_users: self.counter(&counter_name(ResourceType::User, true))?,
            deleted_groups: self.counter(&counter_name(ResourceType::Group, true))?,
        })
    }

    fn live(&self, kind: ResourceType) -> Result<usize, SqlError> {
        self.counter(&counter_name(kind, false))
    }

    fn counter(&self, name: &str) -> Result<usize, SqlError> {
        let rows = self.sql.query("SELECT value FROM counters WHERE name = ?", &[Value::from(name)])?;
        let value = rows.first().map(|row| row.integer("value")).transpose()?.unwrap_or(0);
        Ok(usize::try_from(value).unwrap_or(0))
    }

    fn count_by(&self, kind: ResourceType, deleted: bool, by: i64) -> Result<(), SqlError> {
        self.sql.query(
            "INSERT INTO counters (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = value + ?2",
            &[Value::from(counter_name(kind, deleted)), Value::from(by)],
        )?;
        Ok(())
    }
}

fn counter_name(kind: ResourceType, deleted: bool) -> String {
    let state = if deleted { "deleted" } else { "live" };
    format!("{state}{}", kind.name())
}

impl From<SqlError> for RepositoryError {
    fn from(error: SqlError) -> Self {
        columns::failure(error)
    }
}
