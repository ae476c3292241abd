//! Systems and identities of a log entry.

use serde::{Deserialize, Serialize};

use super::{Details, InitiatorType};

/// The application (Graph: `provisioningServicePrincipal`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServicePrincipal {
    /// Object id of the service principal.
    pub id: String,
    /// Its name in the portal.
    pub display_name: String,
}

/// Source or target system (Graph: `provisioningSystem`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvisioningSystem {
    /// Id of the directory or application.
    pub id: String,
    /// Its name.
    pub display_name: String,
    /// More about it.
    #[serde(default)]
    pub details: Details,
}

/// Who caused the change (Graph: `initiator`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Initiator {
    /// Person, application or the service.
    pub initiator_type: InitiatorType,
    /// Id of the person or application; empty for the service.
    pub id: String,
    /// Its name.
    pub display_name: String,
}

impl Initiator {
    /// The service itself: every cycle that nobody asked for by hand.
    pub fn service() -> Self {
        Self {
            initiator_type: InitiatorType::System,
            id: String::new(),
            display_name: "Rollcall Provisioning Service".to_owned(),
        }
    }
}

/// The object in one of the two systems (Graph: `provisionedIdentity`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProvisionedIdentity {
    /// Id in that system; empty when there is none yet.
    pub id: String,
    /// Name of the person or group.
    pub display_name: String,
    /// `User` or `Group`.
    pub identity_type: String,
    /// More about it, such as the matching value.
    #[serde(default)]
    pub details: Details,
}
