//! `GET /auditLogs/provisioning`: Graph's `provisioningObjectSummary`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One object in one cycle: what was done and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvisioningObjectSummary {
    /// Its id.
    pub id: String,
    /// RFC 3339, UTC.
    pub activity_date_time: String,
    /// The organization.
    pub tenant_id: String,
    /// The synchronization job.
    pub job_id: String,
    /// The cycle.
    pub cycle_id: String,
    /// The change; joins the parts of a download.
    pub change_id: String,
    /// `create`, `update`, `delete`, `stageddelete`, `disable` or `other`.
    pub provisioning_action: String,
    /// How long it took.
    pub duration_in_milliseconds: i64,
    /// Outcome.
    pub provisioning_status_info: ProvisioningStatusInfo,
    /// Steps, in order.
    pub provisioning_steps: Vec<ProvisioningStep>,
    /// What changed in the target.
    pub modified_properties: Vec<ModifiedProperty>,
    /// The application.
    pub service_principal: NamedObject,
    /// Where it came from.
    pub source_system: NamedObject,
    /// Where it went.
    pub target_system: NamedObject,
    /// What started it.
    pub initiated_by: Initiator,
    /// The person or group in the directory.
    pub source_identity: Identity,
    /// The account in the application; its id is empty when there is none.
    pub target_identity: Identity,
}

/// Outcome of an entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvisioningStatusInfo {
    /// `success`, `warning`, `failure` or `skipped`.
    pub status: String,
    /// Why, when it is not a plain success.
    pub error_information: Option<ProvisioningErrorInfo>,
}

/// Graph's `provisioningErrorInfo`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvisioningErrorInfo {
    /// A code of the documented list.
    pub error_code: String,
    /// What happened.
    pub reason: String,
    /// More, e.g. the target's own words.
    pub additional_details: Option<String>,
    /// `failure`, `nonServiceFailure` or `success`.
    pub error_category: String,
    /// What to do.
    pub recommended_action: Option<String>,
}

/// Graph's `provisioningStep`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvisioningStep {
    /// Machine name, e.g. `EntryExportAdd`.
    pub name: String,
    /// `import`, `scoping`, `matching`, `processing`, `referenceResolution` or `export`.
    pub provisioning_step_type: String,
    /// As the entry's.
    pub status: String,
    /// One sentence.
    pub description: String,
    /// Inputs and decisions.
    pub details: Map<String, Value>,
}

/// A property that changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModifiedProperty {
    /// Its name in the target.
    pub display_name: String,
    /// Before.
    pub old_value: Option<String>,
    /// After.
    pub new_value: Option<String>,
}

/// An object with a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedObject {
    /// Its id.
    pub id: String,
    /// Its name.
    pub display_name: String,
    /// More.
    #[serde(default)]
    pub details: Map<String, Value>,
}

/// What started it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Initiator {
    /// `system`, `user` or `application`.
    pub initiator_type: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub display_name: String,
}

/// A person, group or account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// Its id.
    pub id: String,
    /// Its name.
    pub display_name: String,
    /// `User` or `Group`.
    pub identity_type: String,
    /// More.
    #[serde(default)]
    pub details: Map<String, Value>,
}
