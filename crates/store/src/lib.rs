//! What is kept and how it is found: SQL behind a trait, migrations, stores for directories, inlets, jobs and the organization.

pub mod directory;
pub mod inlet;
pub mod job;
pub mod migrations;
pub mod organization;
mod settings;
pub mod sql;
#[cfg(any(test, feature = "sqlite"))]
pub mod sqlite;

pub use settings::Settings;
