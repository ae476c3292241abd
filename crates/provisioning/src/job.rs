//! What a cycle is told about its job, and what every step of the machine is told besides.

use serde::{Deserialize, Serialize};

use crate::id::Random;
use crate::log::{Initiator, ProvisioningSystem, ServicePrincipal};
use crate::schema::CompiledSchema;
use crate::target::Quirks;
use crate::template::AppRole;
use crate::time::DAY;

/// Everything about the job that stays the same during a cycle. A changed schema or setting takes
/// effect with the next cycle.
#[derive(Debug, Clone)]
pub struct Job {
    /// Id of the synchronization job.
    pub job_id: String,
    /// Id of the organization; `tenantId` of the log.
    pub tenant_id: String,
    /// The application.
    pub service_principal: ServicePrincipal,
    /// The workforce directory.
    pub source_system: ProvisioningSystem,
    /// The application's side.
    pub target_system: ProvisioningSystem,
    /// Who asked for this run.
    pub initiated_by: Initiator,
    /// Roles of the application; an assignment names one of them.
    pub roles: Vec<AppRole>,
    /// Whether people who hold nothing but Default Access are left out. The template's property.
    pub excludes_default_access: bool,
    /// Switches of the job.
    pub settings: JobSettings,
    /// Mappings and scoping filters, ready to run.
    pub schema: CompiledSchema,
}

/// Switches of a job, from its secrets (`SyncAll`, …) and `synchronizationJobSettings`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobSettings {
    /// Everybody in the directory instead of those assigned.
    pub sync_all: bool,
    /// An assignment of a group reaches people in groups within it. The driver hands over assignments accordingly.
    pub nested_groups: bool,
    /// Leave accounts alone whose person was unassigned or went out of scope.
    pub skip_out_of_scope_deletions: bool,
    /// What becomes of the account of an object that is no longer to be provisioned.
    pub deprovisioning: Deprovisioning,
    /// Hold all deletions and disablings of a cycle when they are at least this many. `None`
    /// switches accidental-deletion prevention off.
    pub deletion_threshold: Option<DeletionThreshold>,
    /// The target's dialect.
    pub quirks: Quirks,
    /// Result of `DefaultDomain()`.
    pub default_domain: String,
    /// Source objects a page. Default 100.
    pub page_size: u32,
    /// Source objects under way at a time. Default [`crate::cycle::WINDOW`].
    pub window: u32,
}

impl Default for JobSettings {
    fn default() -> Self {
        Self {
            sync_all: false,
            nested_groups: false,
            skip_out_of_scope_deletions: false,
            deprovisioning: Deprovisioning::Disable,
            deletion_threshold: None,
            quirks: Quirks::default(),
            default_domain: String::new(),
            page_size: 100,
            window: crate::cycle::WINDOW as u32,
        }
    }
}

/// What becomes of the account of an object that is unassigned, out of scope, disabled or in the recycle bin. An
/// object that is gone for good is deleted, unless nothing is to be done. Groups cannot be disabled and are deleted
/// in the place of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Deprovisioning {
    /// It is disabled, as Entra does.
    #[default]
    Disable,
    /// It is disabled, and deleted when it was disabled for so many days.
    DisableThenDelete {
        /// Days; 0 is the next cycle.
        days: u32,
    },
    /// It is left alone.
    Nothing,
}

impl Deprovisioning {
    /// When an account is deleted that was disabled at a time (Unix milliseconds), if it is.
    pub fn delete_at(self, disabled: i64) -> Option<i64> {
        match self {
            Self::DisableThenDelete { days } => Some(disabled.saturating_add(i64::from(days) * DAY)),
            Self::Disable | Self::Nothing => None,
        }
    }
}

/// When accidental-deletion prevention steps in: at the first limit that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletionThreshold {
    /// So many in one cycle; 0 is no limit by number.
    pub count: u64,
    /// So many hundredths of the linked accounts, when given.
    pub percent: Option<u8>,
}

impl Default for DeletionThreshold {
    /// Entra's.
    fn default() -> Self {
        Self { count: 500, percent: None }
    }
}

/// What each step of the machine may look at besides its own state. It carries the clock and the
/// randomness that the machine does not have.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Now, in Unix milliseconds.
    pub now: i64,
    /// The job.
    pub job: &'a Job,
    /// Source of ids and of `RandomString`.
    pub random: &'a dyn Random,
}
