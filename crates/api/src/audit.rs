//! `GET /auditLogs/directoryAudits`: who changed the configuration.

use serde::{Deserialize, Serialize};

/// Graph's `directoryAudit`, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DirectoryAudit {
    /// Its id.
    pub id: String,
    /// RFC 3339, UTC.
    pub activity_date_time: String,
    /// What was done, e.g. `Update attribute mappings or scope`.
    pub activity_display_name: String,
    /// `ApplicationManagement`, `DirectoryManagement`, `ProvisioningManagement`, …
    pub category: String,
    /// `success` or `failure`.
    pub result: String,
    /// Who did it.
    pub initiated_by: AuditInitiator,
    /// What it was done to.
    pub target_resources: Vec<AuditTarget>,
}

/// Who did it: an API key or a signed-in person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditInitiator {
    /// `apiKey`, `session` or `system`.
    pub kind: String,
    /// Name or e-mail address.
    pub display_name: String,
}

/// What it was done to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditTarget {
    /// Object id.
    pub id: String,
    /// Name.
    pub display_name: String,
    /// `ServicePrincipal`, `Directory`, `Token`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Old and new values; secrets never appear here.
    pub modified_properties: Vec<crate::log::ModifiedProperty>,
}
