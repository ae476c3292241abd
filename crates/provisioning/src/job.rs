//! What a cycle is told about its job, and what every step of the machine is told besides.

use serde::{Deserialize, Serialize};

use crate::id::Random;
use crate::log::{Initiator, ProvisioningSystem, ServicePrincipal};
use crate::schema::CompiledSchema;
use crate::template::AppRole;

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
    /// Leave accounts alone whose person was unassigned or went out of scope.
    pub skip_out_of_scope_deletions: bool,
    /// Hold all deletions and disablings of a cycle when they are at least this many. `None`
    /// switches accidental-deletion prevention off.
    pub deletion_threshold: Option<DeletionThreshold>,
    /// Let the held deletions through once (`ForceDeletes`).
    pub force_deletes: bool,
    /// Result of `DefaultDomain()`.
    pub default_domain: String,
    /// Source objects a page. Default 100.
    pub page_size: u32,
}

impl Default for JobSettings {
    fn default() -> Self {
        Self {
            sync_all: false,
            skip_out_of_scope_deletions: false,
            deletion_threshold: None,
            force_deletes: false,
            default_domain: String::new(),
            page_size: 100,
        }
    }
}

/// When accidental-deletion prevention steps in: at the first limit that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletionThreshold {
    /// So many in one cycle. Entra's default is 500.
    pub count: u64,
    /// So many hundredths of the linked accounts, when given.
    pub percent: Option<u8>,
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
