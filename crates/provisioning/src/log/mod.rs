//! What happened to one object in one cycle: Graph's `provisioningObjectSummary`.
//!
//! The same record is the entry of the provisioning log, the answer of on-demand provisioning and
//! the item of a plan. It is built step by step by a [`Recorder`] while the object goes through
//! the machine and holds no secret: values that a mapping marks with `Redact` are replaced before
//! they get here.

#[cfg(test)]
mod documented;
mod enums;
mod error;
mod identity;
mod on_demand;
mod recorder;

use serde::{Deserialize, Serialize};

pub use enums::{Action, ErrorCategory, InitiatorType, Status, StepType};
pub use error::{ErrorCode, ErrorInformation};
pub use identity::{Initiator, ProvisionedIdentity, ProvisioningSystem, ServicePrincipal};
pub use on_demand::OnDemandAnswer;
pub use recorder::Recorder;

use crate::time;

/// Free-form pairs of a step, a system or an identity (Graph's `detailsInfo`).
pub type Details = std::collections::BTreeMap<String, String>;

/// Details of these pairs. One by one: a map that is made from many at once sorts them, for which each kind of
/// iterator gets sorting code of its own.
pub fn details<const N: usize>(pairs: [(&str, String); N]) -> Details {
    let mut details = Details::new();
    for (name, value) in pairs {
        details.insert(name.to_owned(), value);
    }
    details
}

/// One entry of the provisioning log (Graph: `provisioningObjectSummary`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvisioningObjectSummary {
    /// GUID of the entry.
    pub id: String,
    /// When the action ended, ISO 8601 in UTC.
    pub activity_date_time: String,
    /// The organization.
    pub tenant_id: String,
    /// The synchronization job.
    pub job_id: String,
    /// The cycle.
    pub cycle_id: String,
    /// The change of this one object; joins the three CSV files.
    pub change_id: String,
    /// What was done, or tried.
    pub provisioning_action: Action,
    /// From import to the last answer of the target.
    pub duration_in_milliseconds: i64,
    /// The outcome and, for failures and skips, why.
    pub provisioning_status_info: StatusInfo,
    /// Every step in order; the last one decides the outcome.
    pub provisioning_steps: Vec<ProvisioningStep>,
    /// Attributes that were, or would have been, changed.
    pub modified_properties: Vec<ModifiedProperty>,
    /// The application.
    pub service_principal: ServicePrincipal,
    /// Where the object comes from.
    pub source_system: ProvisioningSystem,
    /// Where it goes.
    pub target_system: ProvisioningSystem,
    /// Who caused the change.
    pub initiated_by: Initiator,
    /// The object in the source.
    pub source_identity: ProvisionedIdentity,
    /// The account in the target; its id is empty while there is none.
    pub target_identity: ProvisionedIdentity,
}

/// The outcome of an entry (Graph: `provisioningStatusInfo`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusInfo {
    /// success, failure, skipped or warning.
    pub status: Status,
    /// Present unless the status is success.
    pub error_information: Option<ErrorInformation>,
}

/// One step (Graph: `provisioningStep`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvisioningStep {
    /// Machine name, such as `EntryExportAdd`.
    pub name: String,
    /// The kind of step.
    pub provisioning_step_type: StepType,
    /// How it went.
    pub status: Status,
    /// One sentence for people.
    pub description: String,
    /// Inputs and decision.
    pub details: Details,
}

/// One changed attribute (Graph: `modifiedProperty`). Values are text; anything but a string,
/// number or boolean is written as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModifiedProperty {
    /// The target attribute's path.
    pub display_name: String,
    /// The value before, when there was one.
    pub old_value: Option<String>,
    /// The value after; none when it was removed.
    pub new_value: Option<String>,
}

/// Text of a time in Unix milliseconds as Graph writes it: ISO 8601, UTC.
pub fn date_time(unix_ms: i64) -> String {
    time::iso8601(unix_ms)
}
