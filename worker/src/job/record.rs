//! The job's record: what it is and whether it is switched on.

use provisioning::schedule::DEFAULT_INTERVAL_MS;
use serde::{Deserialize, Serialize};
use store::job::JobStore;

use super::keys;
use crate::error::ApiError;
use crate::platform::settings::{save_setting, setting};

/// Whether the job runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScheduleState {
    /// Never started, or switched off after 28 days of quarantine.
    Disabled,
    /// Runs.
    Active,
    /// Stopped by a person; keeps its place.
    Paused,
}

/// What the job is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobRecord {
    /// Its id.
    pub job_id: String,
    /// The organization.
    pub organization_id: String,
    /// The application.
    pub service_principal_id: String,
    /// Its name.
    pub display_name: String,
    /// Its template.
    pub template_id: String,
    /// The source.
    pub workforce_directory_id: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Whether it runs.
    pub state: ScheduleState,
    /// The time between two cycles in milliseconds, if it was set.
    #[serde(default)]
    pub interval: Option<i64>,
}

impl JobRecord {
    /// The record, or `None` when there is no job.
    pub fn load(store: &JobStore<'_>) -> Result<Option<Self>, ApiError> {
        setting(store, keys::RECORD)
    }

    /// Writes the record.
    pub fn save(&self, store: &JobStore<'_>) -> Result<(), ApiError> {
        save_setting(store, keys::RECORD, self)
    }

    /// The time between two cycles, in milliseconds.
    pub fn interval(&self) -> i64 {
        self.interval.unwrap_or(DEFAULT_INTERVAL_MS)
    }
}
