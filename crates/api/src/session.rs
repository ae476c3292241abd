//! Signing in to the portal (not in Graph).

use serde::{Deserialize, Serialize};

use crate::organization::Role;

/// Body of `POST /signInLinks`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignInLinkRequest {
    /// Whose link it is: a member of the organization. Without one it signs in the installation's administrator.
    pub email: Option<String>,
}

/// Answer of `POST /signInLinks`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignInLink {
    /// Open it once in a browser.
    pub url: String,
    /// RFC 3339, UTC; 15 minutes from now.
    pub expires_date_time: String,
}

/// Answer of `GET /session`: who is signed in, and where to start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Who; `administrator` when the link named nobody.
    pub display_name: String,
    /// What they may do.
    pub role: Role,
    /// The organization.
    pub organization_id: String,
    /// Its name.
    pub organization_display_name: String,
    /// Its workforce directory.
    pub workforce_directory_id: String,
    /// RFC 3339, UTC: when the session ends. Absent for an API key.
    pub expires_date_time: Option<String>,
}
